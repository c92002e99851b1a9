"""The live corpus: what a question sees belongs together, and what is done with is let go of."""

import gc
import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from answering.answer import Ask
from answering.corpus import Corpus
from answering.extractive import answer_from
from ingest.pipeline import ingest
from vectorstore.embeddings import load_embeddings
from vectorstore.errors import NoGeneration

_TEXT = "إيرلندا تدعم كسلا\n\nكسلا، 4 أيار 2021 – قدمت أيرلندا لليونيسف في السودان {sum} ملايين يورو لمدارس كسلا.\n"
_QUESTION = Ask("كم قدمت أيرلندا لليونيسف في السودان؟")


class _Folder:
    """A data folder with one release, whose sum each publishing changes."""

    def __init__(self, path: Path) -> None:
        self.data = path / "data"
        self._source = path / "releases"
        self._source.mkdir()
        self._embeddings = load_embeddings()

    def publish(self, sum_: int) -> None:
        (self._source / "ireland.txt").write_text(_TEXT.format(sum=sum_), "utf-8")
        assert ingest([self._source], data_dir=self.data, embeddings=self._embeddings).published

    def open(self) -> Corpus:
        return Corpus(self.data, self._embeddings, poll_seconds=0)


@pytest.fixture
def folder(tmp_path: Path) -> _Folder:
    return _Folder(tmp_path)


@pytest.fixture
def corpus(folder: _Folder) -> Iterator[Corpus]:
    opened = folder.open()
    yield opened
    opened.close()


def _open_files(under: Path) -> list[str]:
    """What this process holds open below a folder; memory maps are let go of with their arrays."""
    gc.collect()
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if target.startswith(str(under)):
            found.append(target)
    return found


def test_a_view_keeps_its_generation_while_a_new_one_is_published(folder: _Folder, corpus: Corpus) -> None:
    """Ledger, search and manifest stay those of the beginning; the next question sees the new ones."""
    with pytest.raises(NoGeneration), corpus.view():
        pass
    folder.publish(3)
    with corpus.view() as old:
        folder.publish(4)
        assert "4 ملايين يورو" in answer_from(corpus, _QUESTION).text
        assert "3 ملايين" in old.ledger.release("ireland.txt").text
        assert "3 ملايين" in old.passages("أيرلندا كسلا", 1)[0].passage.text
        with corpus.view() as new:
            assert new.number == old.number + 1
            assert new.ledger is not old.ledger


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_a_generation_that_is_done_with_leaves_no_file_open(folder: _Folder, corpus: Corpus) -> None:
    """Neither after its last view, whatever threads read it, nor after the corpus is closed."""
    folder.publish(3)
    with ThreadPoolExecutor(4) as threads:
        barrier = threading.Barrier(4)

        def asked(_: int) -> str:
            barrier.wait(timeout=30)
            return answer_from(corpus, _QUESTION).text

        assert all("3 ملايين" in text for text in threads.map(asked, range(4)))
        with corpus.view() as view:
            first = view.generation.folder
        del view  # it holds the maps of its lexical index
        assert any(name.endswith("ledger.db") for name in _open_files(first))
        folder.publish(4)
        assert "4 ملايين" in answer_from(corpus, _QUESTION).text
        assert _open_files(first) == []
    corpus.close()
    assert _open_files(folder.data) == []


def test_a_closed_generation_s_ledger_is_closed(folder: _Folder, corpus: Corpus) -> None:
    """A reader that outlives its view is told so, instead of reading files that may be gone."""
    folder.publish(3)
    with corpus.view() as view:
        ledger = view.ledger
        assert ledger.count() == 1
    folder.publish(4)
    answer_from(corpus, _QUESTION)
    with pytest.raises(sqlite3.ProgrammingError):
        ledger.count()
