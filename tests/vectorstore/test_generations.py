"""Generations: built from the one before, checked, published by a pointer, read while the next one comes."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from arabic.analyzer import ANALYZER_VERSION
from tests.vectorstore.replicas import MODEL, Hashed, embed
from vectorstore import dense, postings
from vectorstore import generations as module
from vectorstore.embeddings import Vectors
from vectorstore.errors import DamagedGeneration, NoGeneration, StaleGeneration
from vectorstore.generations import Generation, Generations, LiveGeneration, open_generation
from vectorstore.manifest import Manifest
from vectorstore.passage import Passage
from vectorstore.search import search

_TEXTS = (
    "منحة يابانية للعراق",
    "مدارس جديدة في الموصل",
    "مياه الشرب في البصرة",
    "لقاحات لأطفال تعز",
    "بذور لمزارعي حلب",
)


def _passages(*texts: str, title: str = "عنوان") -> list[Passage]:
    return [Passage(f"{i:02}{hash_(t)}", f"{i}.txt", 0, len(t), t, title) for i, t in enumerate(texts)]


def hash_(text: str) -> str:
    """A short name for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _publish(
    root: Path,
    inserts: list[Passage],
    deletes: tuple[str, ...] = (),
    *,
    expected: set[str] | None = None,
    embed: Callable[[list[str]], Vectors] = embed,
    rebuild: bool = False,
) -> Manifest:
    generations = Generations(root)
    kept = set() if rebuild else generations.passages().keys() - set(deletes)
    return generations.publish(
        deletes=deletes,
        inserts=inserts,
        embed=embed,
        embedding="hashed",
        facts="1",
        revision="r",
        releases=1,
        expected=kept | {p.id for p in inserts} if expected is None else expected,
        extra=lambda folder: (folder / "ledger.db").touch(),
        rebuild=rebuild,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    _publish(tmp_path / "g", _passages(*_TEXTS))
    return tmp_path / "g"


def _found(generation: Generation, query: str) -> list[str]:
    return [hit.passage.text for hit in search(generation, query, 3, mode="lexical")]


def test_a_generation_tells_what_it_holds(root: Path) -> None:
    """Counts, versions and number in its manifest; one vector a passage."""
    manifest = Generations(root).manifest()
    assert manifest is not None
    assert (manifest.number, manifest.passages, manifest.vectors) == (1, 5, 5)
    assert (manifest.embedding, manifest.analyzer, manifest.facts) == ("hashed", ANALYZER_VERSION, "1")
    assert Manifest.read(root / "1") == manifest


def test_the_next_generation_holds_the_change_alone(root: Path) -> None:
    """Deleted passages are gone from words and vectors, inserted ones are found, the others stay."""
    old, new = _passages(*_TEXTS), Passage("zz", "new.txt", 0, 9, "مستشفى في عدن", "عنوان")
    _publish(root, [new], (old[0].id,))
    generation = open_generation(root, MODEL)
    try:
        assert generation.manifest.number == 2
        assert generation.dense.ids() == {p.id for p in old[1:]} | {"zz"}
        assert _found(generation, "مستشفى عدن")[:1] == ["مستشفى في عدن"]
        assert old[0].text not in _found(generation, "منحة يابانية للعراق")
        assert _found(generation, "مدارس الموصل")[:1] == [_TEXTS[1]]
    finally:
        generation.close()


def test_only_what_is_new_is_analysed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing a change reads no word of the passages that stay."""
    analysed: list[str] = []
    analyze = postings.analyze
    monkeypatch.setattr(postings, "analyze", lambda text: analysed.append(text) or analyze(text))
    _publish(root, [Passage("zz", "new.txt", 0, 9, "مستشفى في عدن", "عنوان")])
    assert analysed == ["عنوان\nعنوان\nمستشفى في عدن"]


def test_a_passage_inserted_again_takes_the_place_of_the_old_one(root: Path) -> None:
    """The same text under another title or elsewhere in its release is stored and indexed as it is now."""
    old = _passages(*_TEXTS)[2]
    now = Passage(old.id, old.release, 40, 40 + len(old.text), old.text, "محطات التحلية")
    _publish(root, [now], (old.id,))
    generation = open_generation(root, MODEL)
    try:
        assert generation.passages([old.id]) == [now]
        assert _found(generation, "التحلية") == [old.text]
    finally:
        generation.close()


def test_counts_that_cannot_be_read_are_made_anew(root: Path) -> None:
    """A live generation with a damaged lexical index does not spoil the next one."""
    (root / "1" / "lexical" / "counts.npy").unlink()
    _publish(root, [Passage("zz", "new.txt", 0, 9, "مستشفى في عدن", "عنوان")])
    generation = open_generation(root, MODEL)
    try:
        assert _found(generation, "مدارس الموصل")[:1] == [_TEXTS[1]]
    finally:
        generation.close()


@pytest.mark.parametrize("wrong", ["too many", "too few"])
def test_what_fails_its_checks_is_never_published(root: Path, wrong: str) -> None:
    """Passages other than the expected ones: the pointer stays, and the next run clears what was left."""
    ids = {p.id for p in _passages(*_TEXTS)}
    expected = ids | {"ghost"} if wrong == "too few" else ids - {min(ids)}
    with pytest.raises(DamagedGeneration, match=r"passages, expected"):
        _publish(root, [], expected=expected)
    assert Generations(root).current() == root / "1"
    _publish(root, [])
    assert not list(root.glob("*.building"))


def test_vectors_that_do_not_find_their_passage_are_never_published(root: Path) -> None:
    """A model that answers otherwise on the second call has built a useless index."""
    calls = 0

    def fickle(texts: list[str]) -> Vectors:
        nonlocal calls
        calls += 1
        return embed(texts if calls == 1 else [t + str(calls) for t in texts])

    many = [Passage(f"p{i:03}", "m.txt", 0, 1, f"{_TEXTS[1]} {i}", "t") for i in range(200)]
    with pytest.raises(DamagedGeneration, match="does not find itself"):
        _publish(root, many, embed=fickle)
    assert Generations(root).current() == root / "1"


def test_two_generations_are_kept(root: Path) -> None:
    """The live one and the one before, for readers that still use it."""
    for _ in range(3):
        _publish(root, [])
    assert sorted(p.name for p in root.iterdir() if p.is_dir()) == ["3", "4"]


def test_a_rebuild_starts_from_nothing(root: Path) -> None:
    """Nothing of the generation before is left in the new one."""
    _publish(root, _passages("بيان وحيد"), rebuild=True)
    assert set(Generations(root).passages().values()) == {"0.txt"}


def test_without_a_generation_there_is_a_hint(tmp_path: Path) -> None:
    """What to type first, in both languages."""
    with pytest.raises(NoGeneration) as caught:
        open_generation(tmp_path, MODEL)
    assert "sanad ingest" in caught.value.message_ar
    assert "sanad ingest" in caught.value.message_en


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "manifest.json").write_text("{", "utf-8"),
        lambda folder: (folder / "manifest.json").write_text('{"number": 1}', "utf-8"),
        lambda folder: shutil.rmtree(folder / "lexical"),
        lambda folder: _cut(folder / "lexical" / "indices.csc.index.npy"),
        lambda folder: _cut(folder / "lexical" / "tokens.npy"),
        lambda folder: shutil.rmtree(folder / "chroma"),
        lambda folder: (folder / "passages.db").unlink(),
        lambda folder: (folder / "passages.db").write_bytes(b"no database at all"),
        lambda folder: sqlite3.connect(folder / "passages.db").executescript("DELETE FROM passages WHERE position = 4"),
        shutil.rmtree,
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed database")
def test_damage_is_told_in_both_languages(root: Path, damage: Callable[[Path], object]) -> None:
    """Any missing or broken part: which generation, and how to build it anew."""
    damage(root / "1")
    with pytest.raises(DamagedGeneration) as caught:
        open_generation(root, MODEL)
    assert "1" in caught.value.message_ar
    assert "sanad ingest --rebuild" in caught.value.message_ar
    assert "sanad ingest --rebuild" in caught.value.message_en


def test_another_model_or_analyser_is_never_mixed_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A generation of another fingerprint or analyser is refused, with both names."""
    other = Hashed()
    other.fingerprint = "other"
    with pytest.raises(StaleGeneration, match="hashed, not other"):
        open_generation(root, other)
    monkeypatch.setattr(module, "ANALYZER_VERSION", "next")
    with pytest.raises(StaleGeneration, match="analyser next"):
        open_generation(root, MODEL)


def test_a_reader_keeps_its_generation_until_it_is_done(root: Path) -> None:
    """A query that began before the swap ends on the old one; the next sees the new one; then the old one closes."""
    live = LiveGeneration(root, MODEL, poll_seconds=0)
    try:
        with live.lease() as before:
            _publish(root, [Passage("zz", "new.txt", 0, 9, "مستشفى في عدن", "عنوان")])
            with live.lease() as after:
                assert (before.manifest.number, after.manifest.number) == (1, 2)
                assert _found(after, "مستشفى عدن")[:1] == ["مستشفى في عدن"]
            assert _found(before, "مدارس الموصل")[:1] == [_TEXTS[1]]
        with pytest.raises(sqlite3.ProgrammingError):
            _found(before, "مدارس الموصل")
    finally:
        live.close()


def test_a_reader_may_start_before_anything_is_ingested(tmp_path: Path) -> None:
    """It says so, and serves as soon as a first generation is published."""
    live = LiveGeneration(tmp_path / "g", MODEL, poll_seconds=0)
    try:
        with pytest.raises(NoGeneration), live.lease():
            pass
        _publish(tmp_path / "g", [Passage("zz", "new.txt", 0, 9, "مستشفى في عدن", "عنوان")])
        with live.lease() as generation:
            assert _found(generation, "مستشفى عدن") == ["مستشفى في عدن"]
    finally:
        live.close()


def test_a_reader_stays_with_the_old_generation_when_the_new_one_is_damaged(root: Path) -> None:
    """Answers go on; the fault is the next ingest's to mend."""
    live = LiveGeneration(root, MODEL, poll_seconds=0)
    try:
        with live.lease() as generation:
            assert generation.manifest.number == 1
        _publish(root, [])
        shutil.rmtree(root / "2" / "lexical")
        with live.lease() as generation:
            assert generation.manifest.number == 1
            assert _found(generation, "مدارس الموصل")[:1] == [_TEXTS[1]]
    finally:
        live.close()


def test_many_vectors_are_written_in_few_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma writes its files ten to thirty times however many are added, and in its own steps afterwards; all are found
    after the folder was opened anew."""
    monkeypatch.setattr(dense, "_SYNCED", 10)
    vectors = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)
    ids = [f"p{i:03}" for i in range(400)]
    index = dense.DenseIndex(tmp_path)
    steps: list[int] = []
    monkeypatch.setattr(index, "_sync_every", lambda n, real=index._sync_every: steps.append(n) or real(n))
    with index.many(400):
        for start in range(0, 400, 10):
            index.add(ids[start : start + 10], vectors[start : start + 10])
    index.close()
    assert steps == [40, 10]
    index = dense.DenseIndex(tmp_path)
    try:
        assert index.ids() == set(ids)
        assert [index.search(v.tolist(), 1)[0][0] for v in vectors[::50]] == ids[::50]
    finally:
        index.close()
