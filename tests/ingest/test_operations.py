"""Checking, moving, watching a corpus: what `sanad generations`, `export`, `import`, `watch` and `doctor` stand on."""

import json
import sqlite3
import threading
import time
import zipfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from benchmarks.synthetic import text, write
from commands.doctor import CHECKS, run_checks
from ingest.errors import BadCorpusFile, CorpusExists, EmptySource, IngestError
from ingest.pipeline import ingest, list_releases, rollback
from ingest.reading import Readers
from ingest.report import Report
from ingest.standing import Web
from ingest.transfer import export_corpus, import_corpus
from ingest.verify import list_generations, verify
from ingest.watch import folders, watch
from settings import Settings
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import Generations

_MODEL = load_embeddings()


@pytest.fixture
def corpus(tmp_path: Path, readers: Readers) -> Path:
    """Four releases in generation 1, five in generation 2."""
    for count in (4, 5):
        write(tmp_path / "source", count)
        _ingest(tmp_path, readers)
    return tmp_path


def _ingest(root: Path, readers: Readers) -> Report:
    return ingest([root / "source"], data_dir=root / "data", embeddings=_MODEL, readers=readers)


def test_generations_are_listed_with_the_live_one(corpus: Path) -> None:
    """And with the one that a rollback left."""
    assert [
        (g.number, g.live, g.manifest.releases if g.manifest else 0) for g in list_generations(corpus / "data")
    ] == [
        (1, False, 4),
        (2, True, 5),
    ]
    rollback(corpus / "data")
    assert [(g.live, g.rolled_back_from) for g in list_generations(corpus / "data")] == [(True, 2), (False, None)]


def test_a_whole_generation_is_verified(corpus: Path) -> None:
    """In step with the catalogue is the newest one alone."""
    one, two = (verify(corpus / "data", n) for n in (1, 2))
    assert (one.fault, one.in_step, two.fault, two.in_step) == (None, False, None, True)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM passages WHERE position = 0", "passages, expected"),
        ("UPDATE passages SET text = text || '0' WHERE position = 0", "does not stand in its release"),
        ("UPDATE passages SET start = start + 1 WHERE position = 0", "does not stand in its release"),
    ],
)
def test_a_changed_quote_is_found(corpus: Path, damage: str, said: str) -> None:
    """A passage that is not its release's text to the letter."""
    with closing(sqlite3.connect(corpus / "data" / "generations" / "2" / "passages.db")) as connection, connection:
        connection.execute(damage)
    assert said in (verify(corpus / "data", 2).fault or "")


@pytest.mark.parametrize(
    "name", ["ledger.db", "passages.db", "lexical/lengths.npy", "manifest.json", "chroma/chroma.sqlite3"]
)
def test_a_damaged_file_is_found(corpus: Path, name: str) -> None:
    """Cut short."""
    path = corpus / "data" / "generations" / "2" / name
    path.write_bytes(path.read_bytes()[: max(20, path.stat().st_size // 3)])
    assert verify(corpus / "data", 2).fault is not None


def test_a_corpus_travels_as_one_file(corpus: Path, readers: Readers) -> None:
    """Nothing is embedded again, the same is served, and the sources are known again where they now lie."""
    about = export_corpus(corpus / "data", corpus / "all.sanad")
    assert about.releases == 5
    other = corpus / "other"
    other.mkdir()
    report = import_corpus(corpus / "all.sanad", data_dir=other / "data", embeddings=_MODEL)
    assert (report.releases, report.passages, report.embedded, report.published) == (5, about.passages, 0, True)
    assert verify(other / "data", 1).fault is None
    (corpus / "source").rename(other / "source")
    moved = _ingest(other, readers)
    assert (moved.added, moved.removed, len(moved.renamed), moved.published) == ((), (), 5, False)


def test_an_import_replaces_only_when_told(corpus: Path) -> None:
    """Releases that are there are not lost by accident."""
    export_corpus(corpus / "data", corpus / "all.sanad")
    with pytest.raises(CorpusExists, match="5 releases"):
        import_corpus(corpus / "all.sanad", data_dir=corpus / "data", embeddings=_MODEL)
    report = import_corpus(corpus / "all.sanad", data_dir=corpus / "data", embeddings=_MODEL, force=True)
    assert (report.added, report.removed, report.published) == ((), (), False)


def test_nothing_is_exported_of_nothing(tmp_path: Path) -> None:
    """No empty file appears."""
    with pytest.raises(EmptySource):
        export_corpus(tmp_path / "data", tmp_path / "all.sanad")
    assert not (tmp_path / "all.sanad").exists()


def _changed(source: Path, target: Path, *statements: str, manifest: dict[str, object] | None = None) -> Path:
    """A corpus file whose catalogue was worked on, its digest made right."""
    import hashlib

    with zipfile.ZipFile(source) as archive:
        about = json.loads(archive.read("manifest.json"))
        data = target.with_suffix(".db")
        data.write_bytes(archive.read("catalogue.db"))
    with closing(sqlite3.connect(data)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    about["digest"] = hashlib.sha256(data.read_bytes()).hexdigest()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("manifest.json", json.dumps(about | (manifest or {})))
        archive.write(data, "catalogue.db")
    return target


def test_a_foreign_or_damaged_file_is_refused(corpus: Path) -> None:
    """No zip, another zip, flipped bytes, a newer version, a database with a trigger: each told, nothing changed."""
    good = corpus / "all.sanad"
    export_corpus(corpus / "data", good)
    bad = corpus / "bad.sanad"
    files = [corpus / "missing.sanad", corpus / "text.sanad", corpus / "zip.sanad", bad]
    files[1].write_text("nothing", "utf-8")
    with zipfile.ZipFile(files[2], "w") as archive:
        archive.writestr("a", "b")
    with zipfile.ZipFile(good) as archive:
        data, about = archive.read("catalogue.db"), archive.read("manifest.json")
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("manifest.json", about)
        archive.writestr("catalogue.db", data[:-1] + b"\x01")
    trigger = "CREATE TRIGGER t AFTER DELETE ON releases BEGIN DELETE FROM passages; END"
    files += [
        _changed(good, corpus / "trigger.sanad", trigger),
        _changed(good, corpus / "table.sanad", "CREATE TABLE more (a)"),
        _changed(good, corpus / "newer.sanad", manifest={"schema": 99}),
        _changed(good, corpus / "format.sanad", manifest={"format": 9}),
    ]
    for file in files:
        with pytest.raises(BadCorpusFile):
            import_corpus(file, data_dir=corpus / "data", embeddings=_MODEL, force=True)
    assert len(list_releases(corpus / "data")) == 5
    assert verify(corpus / "data", 2).in_step


def test_a_changed_folder_is_ingested_soon_and_everything_at_intervals(tmp_path: Path) -> None:
    """Runs over all sources at the start and when due, over files when something changed, none after the stop."""
    (tmp_path / "in").mkdir()
    runs: list[bool] = []
    stop, ran = threading.Event(), threading.Event()

    def run(everything: bool) -> None:
        runs.append(everything)
        ran.set()

    watching = threading.Thread(
        target=watch, args=([tmp_path / "in"], 3600.0, run, stop), kwargs={"tick": 20, "quiet": 50}
    )
    watching.start()
    try:
        assert ran.wait(10)
        ran.clear()
        deadline = time.monotonic() + 10
        while not ran.wait(0.3) and time.monotonic() < deadline:
            (tmp_path / "in" / "a.txt").write_text(str(time.monotonic()), "utf-8")
        assert runs[:2] == [True, False]
    finally:
        stop.set()
        watching.join(10)
    assert not watching.is_alive()
    due: list[bool] = []
    stop = threading.Event()

    def three_times(everything: bool) -> None:
        due.append(everything)
        if len(due) == 3:
            stop.set()

    watch([], 0.01, three_times, stop, tick=5)
    assert due == [True, True, True]


def test_the_folders_of_sources_are_watched(tmp_path: Path) -> None:
    """A file is watched by its folder, for it may be replaced; pages are not."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b.zip").touch()
    found = folders([tmp_path / "a", tmp_path / "b.zip", Web("https://example.org"), tmp_path / "none" / "c.txt"])
    assert found == (tmp_path / "a", tmp_path)


def _checked(data: Path, **options: object) -> dict[str, tuple[str, str]]:
    config = Settings(_env_file=None, data_dir=data, sources=data / "none.yaml", **options)  # type: ignore[call-arg, arg-type]
    return {check.name: (check.state, check.found + check.advice) for check in run_checks(config)}


def test_the_doctor_finds_a_sound_set_up_sound(corpus: Path) -> None:
    """Every check is named."""
    found = _checked(corpus / "data")
    assert {state for state, _ in found.values()} == {"ok"}, found
    assert set(found) >= {"data", "disk", "model", "catalogue", "generation", "writer", "reader", "sources", "token"}


def test_the_doctor_says_what_to_do(corpus: Path, tmp_path: Path) -> None:
    """Before the first ingest, after a rollback, when the catalogue is ahead, when files are damaged."""
    assert _checked(tmp_path / "new")["generation"][0] == "warning"
    rollback(corpus / "data")
    assert "put back in place of 2" in _checked(corpus / "data")["generation"][1]
    rollback(corpus / "data", to=2)
    with closing(sqlite3.connect(corpus / "data" / "catalogue.db")) as connection, connection:
        connection.execute("UPDATE releases SET hash = 'x' WHERE id = '000001.txt'")
    assert "run sanad ingest again" in _checked(corpus / "data")["generation"][1]
    live = Generations(corpus / "data" / "generations").current()
    assert live is not None
    (live / "ledger.db").write_bytes(b"")
    state, said = _checked(corpus / "data")["generation"]
    assert (state, "--rebuild" in said) == ("fault", True)
    (corpus / "data" / "catalogue.db").write_bytes(b"no database" * 100)
    assert _checked(corpus / "data")["catalogue"][0] == "fault"


def test_the_doctor_checks_sources_and_token(corpus: Path) -> None:
    """A missing folder, ReliefWeb without a name; the form of a token."""
    file = corpus / "sources.yaml"
    for content, state in (
        ("- source", "ok"),
        ("- missing", "warning"),
        ("- reliefweb: {}", "warning"),
    ):
        file.write_text(content, "utf-8")
        config = Settings(_env_file=None, data_dir=corpus / "data", sources=file)  # type: ignore[call-arg]
        assert CHECKS["sources"](config).state == state
    for token, state in (("12:" + "x" * 35, "ok"), ("none", "fault"), ("12:short", "fault")):
        assert CHECKS["token"](SimpleNamespace(telegram_token=SecretStr(token))).state == state  # type: ignore[arg-type]


def test_every_error_speaks_both_languages() -> None:
    """Each class of the tree names what is wrong in Arabic and in English."""
    from ingest import errors

    made = {
        "UnknownFileType": ("a", "b"), "UnreadableFile": ("a", "ب", "b"), "EmptyDocument": ("a",), "ScannedDocument": ("a", 1),
        "TooLarge": ("a", 1, 2), "TooLong": ("a", 1, 2), "TooCostly": ("a", "ب", "b"), "BadArchive": ("a", "ب", "b"),
        "FetchError": ("a", "ب", "b"), "FetchRefused": ("a", "ب", "b"), "FetchFailed": ("a", "ب", "b"),
        "BadSources": ("a", "ب", "b"), "Locked": (), "Replica": (), "EmptySource": ("a", "b"), "TooMuchRemoved": (1, 2),
        "DiskFault": ("a", "b"), "BadCorpusFile": ("a", "ب", "b"), "CorpusExists": (1,),
        "RayMissing": (), "ClusterFault": ("ب", "b"),
    }  # fmt: skip
    classes = {n: c for n, c in vars(errors).items() if isinstance(c, type) and issubclass(c, IngestError)}
    assert set(made) == set(classes) - {"IngestError"}
    for name, arguments in made.items():
        error = classes[name](*arguments)
        assert any("\u0600" <= c <= "\u06ff" for c in error.message_ar)
        assert error.message_en.isascii() or "ب" in error.message_en


def test_a_rebuild_needs_no_sources(corpus: Path, readers: Readers) -> None:
    """The catalogue is enough."""
    report = ingest([], data_dir=corpus / "data", embeddings=_MODEL, rebuild=True, readers=readers)
    assert (report.published, report.embedded, report.releases) == (True, 0, 5)
    assert text(0)
