"""Data on disk, even poisoned, runs no code."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks.synthetic import write
from ingest.pipeline import ingest
from vectorstore.dense import DenseIndex
from vectorstore.embeddings import load_embeddings

_ROOT = Path(__file__).parents[2]
_MODEL = load_embeddings()
_ROOMS = (
    "answering",
    "arabic",
    "bot",
    "commands",
    "evaluation",
    "ingest",
    "ledger",
    "prompts",
    "security",
    "vectorstore",
)
_UNSAFE = re.compile(
    r"\bimport (?:pickle|cPickle|dill|shelve|marshal|joblib)\b|\bfrom (?:pickle|dill|shelve|joblib) import|pickle\.loads?\(|"
    r"torch\.load\(|allow_pickle\s*=\s*True|yaml\.(?:unsafe_load|full_load)|trust_remote_code\s*=\s*True|(?<![\w.])(?:eval|exec)\("
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus, ingested."""
    root = tmp_path_factory.mktemp("corpus")
    write(root / "source", 4)
    ingest([root / "source"], data_dir=root / "data", embeddings=_MODEL)
    return root / "data"


def test_no_room_reads_pickles_or_runs_strings() -> None:
    """As its source shows."""
    for room in _ROOMS:
        for path in (_ROOT / room).rglob("*.py"):
            found = _UNSAFE.search(path.read_text("utf-8"))
            assert found is None, f"{path.name}: {found and found[0]}"


_WATCHED = """
import sys, json
from pathlib import Path
seen = []
def hook(event, args):
    if event == "pickle.find_class":
        seen.append(".".join(map(str, args)))
sys.addaudithook(hook)
from benchmarks.synthetic import write
from ingest.pipeline import ingest
from vectorstore.embeddings import load_embeddings
from answering.corpus import Corpus
from answering.extractive import answer_from
from answering.answer import Ask
data = Path(sys.argv[1])
write(data.parent / "more", 3, seed=5)
ingest([data.parent / "more"], data_dir=data, embeddings=load_embeddings())
corpus = Corpus(data, load_embeddings())
answer_from(corpus, Ask("كم قدمت اليابان إلى اليونيسف؟"))
with corpus.view() as view:
    view.generation.dense.search([0.1] * 192, 3)
corpus.close()
sys.stdout.write(json.dumps(seen))
"""


def test_no_pickle_is_read_in_an_ingest_and_an_answer(data: Path) -> None:
    """No class is looked up for one in the whole process, whichever library is at work."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _WATCHED, str(data)],
        cwd=_ROOT, env={**os.environ, "SANAD_DATA_DIR": str(data)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_a_poisoned_chroma_configuration_builds_no_model(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored function that would load a model with code of its own is never built; the vectors are searched."""
    import chromadb.utils.embedding_functions as functions

    chroma = next(data.glob("generations/*/chroma"))
    poison = {
        "type": "known",
        "name": "sentence_transformer",
        "config": {"model_name": "evil/model", "device": "cpu", "normalize_embeddings": False, "kwargs": {"trust_remote_code": True}},
    }  # fmt: skip
    with closing(sqlite3.connect(chroma / "chroma.sqlite3")) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(collections)")]
        stored = [c for c in columns if c in ("config_json_str", "schema_str")]
        assert "config_json_str" in stored
        (text,) = connection.execute("SELECT config_json_str FROM collections").fetchone()
        poisoned = json.dumps({**json.loads(text), "embedding_function": poison})
        connection.execute("UPDATE collections SET config_json_str = ?", (poisoned,))
    built: list[str] = []
    for name, kind in functions.known_embedding_functions.items():
        monkeypatch.setattr(kind, "build_from_config", staticmethod(lambda _c, n=name: built.append(n)))
        monkeypatch.setattr(kind, "__init__", lambda *_, n=name, **__: built.append(n))
    index = DenseIndex(chroma)
    try:
        assert index.search(np.ones(192, np.float32).tolist(), 2)
        index.add(["new"], np.ones((1, 192), np.float32))
        assert index.count() > 0
    finally:
        index.close()
    assert built == []


def test_a_pickle_in_place_of_an_index_is_refused(data: Path, tmp_path: Path) -> None:
    """numpy is never allowed to load objects."""
    import pickle

    trace = tmp_path / "code-ran"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str, int]]:
            return (os.mkdir, (str(trace), 0o700))

    from vectorstore.lexical import LexicalIndex, read_postings

    def load(folder: Path) -> None:
        LexicalIndex.load(folder)
        read_postings(folder)

    folder = next(data.glob("generations/*/lexical"))
    for path in sorted(folder.glob("*.npy")):
        kept = path.read_bytes()
        np.save(path, np.array([Evil()], dtype=object), allow_pickle=True)
        with pytest.raises(ValueError, match=r"[Pp]ickle|allow_pickle|Object|object"):
            load(folder)
        path.write_bytes(pickle.dumps(Evil()))
        with pytest.raises((ValueError, OSError)):
            load(folder)
        path.write_bytes(kept)
    assert not trace.exists()
