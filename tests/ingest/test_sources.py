"""What is found where a command points, and what becomes of it in the corpus."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.synthetic import text, write
from ingest.errors import EmptySource, TooMuchRemoved
from ingest.pipeline import ingest, list_releases
from ingest.reading import Readers
from ingest.report import Report
from ingest.sources import expand, free_name, listed_urls, shown
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import open_generation
from vectorstore.search import search

_MODEL = load_embeddings()
_SUFFIXES = (".txt", ".md")


class _Corpus:
    """A source folder and the data folder beside it."""

    def __init__(self, root: Path, readers: Readers) -> None:
        self.source, self.data, self._readers = root / "source", root / "data", readers
        self.source.mkdir()

    def add(self, name: str, number: int) -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(number), "utf-8")
        return path

    def ingest(self, *paths: Path, **options: bool) -> Report:
        return ingest(
            list(paths) or [self.source], data_dir=self.data, embeddings=_MODEL, readers=self._readers, **options
        )

    def names(self) -> list[str]:
        return [entry.id for entry in list_releases(self.data)]


@pytest.fixture
def corpus(tmp_path: Path, readers: Readers) -> _Corpus:
    return _Corpus(tmp_path, readers)


def _zip(path: Path, entries: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_only_new_texts_are_embedded_and_a_removed_release_is_gone(corpus: _Corpus) -> None:
    """Of a hundred releases one changes, one goes, one comes: nothing else is encoded again, the search follows."""
    write(corpus.source, 100)
    first = corpus.ingest()
    assert first.embedded <= first.passages
    folder = corpus.source / "000"
    changed = folder / "000001.txt"
    changed.write_text(changed.read_text("utf-8").replace("وقال سفير", "وأضاف سفير"), "utf-8")
    (folder / "000002.txt").unlink()
    (folder / "new.txt").write_text(
        "قطر تموّل مكتبة الموصل\n\nالموصل، 4 أيار 2022 – قدمت قطر 3 ملايين يورو لمكتبة جامعة الموصل.\n", "utf-8"
    )
    report = corpus.ingest()
    assert (report.changed, report.removed, report.added) == (("000001.txt",), ("000002.txt",), ("new.txt",))
    assert 1 <= report.embedded <= 4
    generation = open_generation(corpus.data / "generations", _MODEL)
    try:
        hits = search(generation, "مشروع رقم 2 " + text(2)[:200], 50)
        assert "000002.txt" not in {hit.passage.release for hit in hits}
        assert search(generation, "مكتبة جامعة الموصل", 1)[0].passage.release == "new.txt"
    finally:
        generation.close()


def test_a_deleted_index_is_built_again_without_the_model(corpus: _Corpus) -> None:
    """generations/ holds nothing that the catalogue does not."""
    import shutil

    write(corpus.source, 10)
    before = corpus.ingest()
    shutil.rmtree(corpus.data / "generations")
    report = corpus.ingest()
    assert (report.published, report.embedded, report.passages) == (True, 0, before.passages)


def test_a_moved_file_is_neither_removed_nor_added(corpus: _Corpus, tmp_path: Path) -> None:
    """Within a folder, and to another folder that is ingested alone: the same release, its facts untouched."""
    corpus.add("a.txt", 1)
    corpus.add("b.txt", 2)
    corpus.ingest()
    (corpus.source / "a.txt").rename(corpus.source / "c.txt")
    report = corpus.ingest()
    assert (report.renamed, report.added, report.removed, report.published) == (("a.txt → c.txt",), (), (), False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (corpus.source / "c.txt").rename(elsewhere / "d.txt")
    report = corpus.ingest(elsewhere)
    assert (report.renamed, report.added, report.embedded) == (("a.txt → d.txt",), (), 0)
    assert corpus.names() == ["a.txt", "b.txt"]


def test_the_same_bytes_twice_are_one_release(corpus: _Corpus) -> None:
    """In one run and in the next."""
    corpus.add("a.txt", 1)
    corpus.add("b.txt", 1)
    report = corpus.ingest()
    assert (report.added, report.duplicates) == (("a.txt",), ("b.txt = a.txt",))
    corpus.add("c.txt", 1)
    assert set(corpus.ingest().duplicates) == {"b.txt = a.txt", "c.txt = a.txt"}


def test_a_twin_of_what_cannot_be_read_is_read(corpus: _Corpus) -> None:
    """The same bytes under a suffix that fits."""
    (corpus.source / "a.docx").write_text(text(1), "utf-8")
    corpus.add("b.txt", 1)
    report = corpus.ingest()
    assert report.added == ("b.txt",)
    assert [f.path for f in report.failed] == ["a.docx"]


def test_the_documents_of_an_archive_are_releases(corpus: _Corpus) -> None:
    """Unchanged ones are not read again, changed, added and removed ones are told; an archive that vanished takes
    its releases along."""
    archive = corpus.source / "all.zip"
    _zip(
        archive, {"a.txt": text(1), "in/b.txt": text(2), "picture.png": "x", "__MACOSX/c.txt": "x", "keep.txt": text(5)}
    )
    corpus.add("other.txt", 9)
    assert corpus.ingest().added == ("a.txt", "b.txt", "keep.txt", "other.txt")
    assert corpus.ingest().unchanged == ("a.txt", "b.txt", "keep.txt", "other.txt")
    _zip(archive, {"a.txt": text(3), "in/d.txt": text(4), "keep.txt": text(5)})
    report = corpus.ingest(archive)
    assert (report.changed, report.added, report.removed) == (("a.txt",), ("d.txt",), ("b.txt",))
    archive.unlink()
    assert corpus.ingest(force=True).removed == ("a.txt", "d.txt", "keep.txt")


def test_names_in_an_archive_are_names_only(corpus: _Corpus, tmp_path: Path) -> None:
    """Nothing is written outside the data folder, whatever they say; what is shown of them cannot deceive."""
    long = "ب" * 300 + ".txt"
    names = ["../../../up.txt", "/etc/abs.txt", "C:\\win\\d.txt", "gpj.\u202etxt.txt", "nul\x00.txt", "a\nb.txt", long]
    with zipfile.ZipFile(corpus.source / "evil.zip", "w") as out:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo("x")
            info.filename = name
            out.writestr(info, text(number))
    before = {p for p in tmp_path.rglob("*") if corpus.data not in p.parents}
    report = corpus.ingest()
    assert len(report.added) == len(names) - 1  # a name ends at its NUL, and then has no suffix that is known
    assert {p for p in tmp_path.rglob("*") if corpus.data not in p.parents} - {corpus.data} == before
    for name in report.added:
        assert len(name) <= 300
        assert not any(c in name for c in "\u202e\x00\n")
        assert ".." not in name.split("/")
    assert corpus.ingest().unchanged == tuple(sorted(corpus.names(), key=report.added.index))


def test_files_of_odd_names_are_ingested_and_known_again(corpus: _Corpus) -> None:
    """Marks that turn the reading order, line ends, bytes that are no UTF-8, the longest name that the disk takes."""
    names = [
        "\u202eabc.txt".encode(), "س".encode() * 125 + b".txt", b"line\nend.txt", b"bytes-\xff\xfe.txt", "م .txt".encode(), b"-rf.txt",
    ]  # fmt: skip
    for number, name in enumerate(names):
        (Path(os.fsdecode(os.fsencode(corpus.source) + b"/" + name))).write_text(text(number), "utf-8")
    report = corpus.ingest()
    assert not report.failed
    assert len(report.added) == len(names)
    assert not any("\u202e" in name or "\n" in name for name in report.added)
    again = corpus.ingest()
    assert (len(again.unchanged), again.added, again.removed) == (len(names), (), ())
    assert again.render().isprintable() or "\n" in again.render()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "holds no text"),
        ("blank.txt", b" \n\t\xef\xbb\xbf", "no text"),
        ("binary.txt", bytes(range(256)) * 40, "binary"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "binary"),
        ("program.md", b"\x7fELF" + b"\x01" * 50, "binary"),
        ("archive.txt", b"PK\x03\x04" + b"\x00" * 50, "binary"),
        ("pdf.html", b"%PDF-1.4 ...", "binary"),
        ("broken.zip", b"PK\x03\x04 nothing", "archive"),
    ],
)
def test_what_is_no_release_is_told_and_the_rest_goes_on(corpus: _Corpus, name: str, content: bytes, said: str) -> None:
    """With a reason in both languages, at every run again."""
    corpus.add("good.txt", 1)
    (corpus.source / name).write_bytes(content)
    for _ in range(2):
        report = corpus.ingest()
        assert [f.path for f in report.failed] == [name]
        assert said in report.failed[0].reason_en
        assert any("\u0600" <= c <= "\u06ff" for c in report.failed[0].reason_ar)
        assert corpus.names() == ["good.txt"]


def test_mixed_encodings_are_read_or_refused_but_never_garbled(corpus: _Corpus) -> None:
    """Windows-1256 in a file of UTF-8: what could not be decoded is no amount."""
    good = text(1)
    (corpus.source / "cp1256.txt").write_bytes(good.encode("cp1256", errors="replace"))
    (corpus.source / "mixed.txt").write_bytes(good.encode() + "منحة قدرها 5 ملايين دولار\n".encode("cp1256"))
    (corpus.source / "cut.txt").write_bytes(good.encode()[:-1])
    report = corpus.ingest()
    for name in report.added:
        generation = open_generation(corpus.data / "generations", _MODEL)
        try:
            rows = [p for p in generation.passages(sorted(generation.dense.ids())) if p.release == name]
            assert rows
            assert any("المشروع" in p.text for p in rows)
        finally:
            generation.close()


def test_a_folder_that_cannot_be_opened_loses_nothing(corpus: _Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mount that is gone for a moment must not empty the corpus."""
    corpus.add("a.txt", 1)
    corpus.add("in/b.txt", 2)
    corpus.ingest()
    walk = os.walk

    def failing(top: Path, onerror: object = None, **_: object) -> Iterator[object]:
        for folder, folders, files in walk(top):
            if Path(folder).name == "in":
                onerror(OSError(5, "Input/output error", folder))  # type: ignore[operator]
            else:
                yield folder, folders, files

    monkeypatch.setattr(os, "walk", failing)
    report = corpus.ingest()
    assert report.removed == ()
    assert "Input/output error" in report.failed[0].reason_en
    assert corpus.names() == ["a.txt", "b.txt"]


def test_a_missing_path_removes_nothing_without_saying_so(corpus: _Corpus, tmp_path: Path) -> None:
    """It is reported as a failure."""
    corpus.add("a.txt", 1)
    corpus.ingest()
    report = corpus.ingest(corpus.source, tmp_path / "gone")
    assert report.exit_code == 1
    assert corpus.names() == ["a.txt"]
    (corpus.source / "a.txt").unlink()
    with pytest.raises(EmptySource):
        corpus.ingest()
    assert corpus.names() == ["a.txt"]


def test_a_corpus_is_not_emptied_by_accident(corpus: _Corpus) -> None:
    """More than a fifth goes only with force."""
    for number in range(6):
        corpus.add(f"{number}.txt", number)
    corpus.ingest()
    for number in range(3):
        (corpus.source / f"{number}.txt").unlink()
    with pytest.raises(TooMuchRemoved):
        corpus.ingest()
    assert len(corpus.names()) == 6
    assert len(corpus.ingest(force=True).removed) == 3


def test_a_list_of_urls_is_told_from_a_release(tmp_path: Path) -> None:
    """Nothing but URLs and comments."""
    urls = tmp_path / "urls.txt"
    urls.write_text("# agencies\nhttps://example.org/a\n\nhttps://example.org/b\n", "utf-8")
    release = tmp_path / "release.txt"
    release.write_text("الرابط: https://example.org/a\n", "utf-8")
    assert listed_urls(urls) == ["https://example.org/a", "https://example.org/b"]
    assert listed_urls(release) == []
    found = expand([urls, release], _SUFFIXES)
    assert (found.urls, [item.name for item in found.items]) == (tuple(listed_urls(urls)), ["release.txt"])


def test_names_are_short_clean_and_unique() -> None:
    """Whatever they are made from."""
    taken = {"a.txt": "/x/a.txt"}
    assert free_name(("/", "x", "b.txt"), "/x/b.txt", taken) == "b.txt"
    assert free_name(("/", "y", "a.txt"), "/y/a.txt", taken) == "y/a.txt"
    assert shown("\u202egpj.exe") == "_gpj.exe"
    assert len(shown("ا" * 400 + ".pdf")) <= 150
    assert shown("ا" * 400 + ".pdf").endswith(".pdf")
    assert shown("ا" * 400) != shown("ا" * 401)
    assert shown("") == "_"
