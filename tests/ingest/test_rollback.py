"""Going back to an older generation, and on from there."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.synthetic import text, write
from ingest.pipeline import Locked, _locked, ingest, remove_releases, rollback
from ingest.reading import Readers
from ingest.report import Report
from ledger.store import Ledger
from vectorstore.embeddings import load_embeddings
from vectorstore.errors import DamagedGeneration, NoGeneration, NoSuchGeneration
from vectorstore.generations import Generations, LiveGeneration

_MODEL = load_embeddings()
_SHARED: list[Readers] = []


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Five releases in generation 1, a sixth one and a changed first one in generation 2."""
    write(tmp_path / "source", 5)
    _again(tmp_path)
    (tmp_path / "source" / "000" / "000000.txt").write_text(text(77), "utf-8")
    (tmp_path / "source" / "000" / "bad.txt").write_text(text(99), "utf-8")
    _again(tmp_path)
    return tmp_path


@pytest.fixture(scope="module", autouse=True)
def _shared_readers() -> Iterator[None]:
    """One reading process for all tests."""
    with Readers(1) as pool:
        _SHARED.append(pool)
        yield
    _SHARED.clear()


def _live(corpus: Path) -> set[str]:
    folder = Generations(corpus / "data" / "generations").current()
    assert folder is not None
    ledger = Ledger(folder / "ledger.db")
    try:
        return set(ledger.ids())
    finally:
        ledger.close()


def _again(corpus: Path, *, rebuild: bool = False) -> Report:
    return ingest([corpus / "source"], data_dir=corpus / "data", embeddings=_MODEL, readers=_SHARED[0], rebuild=rebuild)


def test_a_rollback_serves_the_former_generation_and_says_what_changed(corpus: Path) -> None:
    """A reader that runs through it sees the former releases; those that left or changed are named."""
    reader = LiveGeneration(corpus / "data" / "generations", _MODEL, poll_seconds=0)
    with reader.lease() as generation:
        assert generation.manifest.number == 2
    done = rollback(corpus / "data")
    assert (done.left, done.to, done.gone, done.back, done.other) == (2, 1, ("bad.txt",), (), ("000000.txt",))
    with reader.lease() as generation:
        assert generation.manifest.number == 1
    reader.close()
    assert "bad.txt" not in _live(corpus)


def test_an_unchanged_ingest_does_not_undo_a_rollback(corpus: Path) -> None:
    """It publishes nothing, serves on, and says why."""
    rollback(corpus / "data")
    report = _again(corpus)
    assert (report.published, report.generation, report.held) == (False, 1, 2)
    assert "bad.txt" not in _live(corpus)
    assert "put back" in report.render()


def test_a_changed_source_publishes_on_and_says_what_comes_back(corpus: Path) -> None:
    """The catalogue is the truth: nothing is skipped, and what the rollback had taken back is named."""
    rollback(corpus / "data")
    (corpus / "source" / "000" / "000001.txt").write_text(text(55), "utf-8")
    report = _again(corpus)
    assert (report.published, report.generation, report.held) == (True, 3, None)
    assert report.changed == ("000001.txt",)
    assert report.resumed == ("000000.txt", "bad.txt")
    assert "bad.txt" in _live(corpus)
    assert Generations(corpus / "data" / "generations").numbers() == [1, 3]
    assert not _again(corpus).published


def test_the_bad_release_is_removed_for_good_after_a_rollback(corpus: Path) -> None:
    """Removing it publishes the rest and never it."""
    rollback(corpus / "data")
    report = remove_releases(["bad.txt"], data_dir=corpus / "data", embeddings=_MODEL)
    assert report.published
    assert report.resumed == ("000000.txt",)
    assert "bad.txt" not in _live(corpus)


def test_a_rollback_is_undone_by_number_or_by_rebuilding(corpus: Path) -> None:
    """Forward to 2 is as before; --rebuild publishes the catalogue."""
    rollback(corpus / "data")
    assert rollback(corpus / "data", to=2).back == ("bad.txt",)
    assert _again(corpus).held is None
    rollback(corpus / "data", to=1)
    assert _again(corpus, rebuild=True).published
    assert "bad.txt" in _live(corpus)


def test_there_must_be_something_to_go_back_to(corpus: Path, tmp_path: Path) -> None:
    """Each case says what there is."""
    with pytest.raises(NoGeneration):
        rollback(tmp_path / "empty")
    rollback(corpus / "data")
    with pytest.raises(NoSuchGeneration, match="live is 1, others on disk: 2"):
        rollback(corpus / "data")
    with pytest.raises(NoSuchGeneration):
        rollback(corpus / "data", to=9)
    with pytest.raises(NoSuchGeneration):
        rollback(corpus / "data", to=1)


def test_a_damaged_generation_is_never_made_live(corpus: Path) -> None:
    """The pointer stays where it was."""
    (corpus / "data" / "generations" / "1" / "passages.db").write_bytes(b"SQLite format 3\x00 cut short")
    with pytest.raises(DamagedGeneration):
        rollback(corpus / "data")
    current = Generations(corpus / "data" / "generations").current()
    assert current is not None
    assert current.name == "2"


def test_a_rollback_waits_for_nobody(corpus: Path) -> None:
    """While an ingest writes it is refused with the reason."""
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with _locked(corpus / "data"):
            entered.set()
            leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    try:
        with pytest.raises(Locked):
            rollback(corpus / "data")
    finally:
        leave.set()
        holder.join()
