"""Whether two generations hold the same: passages, vectors, facts, and the files of the lexical index."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from vectorstore.dense import DenseIndex
from vectorstore.embeddings import Vectors


def differences(one: Path, other: Path, *, tolerance: float = 0.0) -> list[str]:
    """The parts in which two folders of generations differ; numbers of vectors may by `tolerance`."""
    parts = {"passages": _passages, "facts": _facts, "lexical index": _lexical}
    found = [name for name, read in parts.items() if read(one) != read(other)]
    (ids, vectors), (other_ids, other_vectors) = _vectors(one), _vectors(other)
    if ids != other_ids or not np.allclose(vectors, other_vectors, rtol=0, atol=tolerance):
        found.append("vectors")
    return found


def _passages(folder: Path) -> object:
    return _rows(folder / "passages.db", "SELECT * FROM passages ORDER BY position")


def _vectors(folder: Path) -> tuple[list[str], Vectors]:
    """The ids in order, and their vectors."""
    index = DenseIndex(folder / "chroma")
    try:
        ids: list[str] = []
        rows: list[Vectors] = []
        for offset in range(0, index.count(), 10_000):
            part = index._collection.get(limit=10_000, offset=offset, include=["embeddings"])
            ids += part["ids"]
            rows.append(np.asarray(part["embeddings"], np.float32))
        order = np.argsort(ids)
        return [ids[i] for i in order], np.concatenate(rows)[order]
    finally:
        index.close()


def _facts(folder: Path) -> object:
    tables = _rows(folder / "ledger.db", "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {name: sorted(map(repr, _rows(folder / "ledger.db", f"SELECT * FROM {name}"))) for (name,) in tables}  # noqa: S608


def _lexical(folder: Path) -> object:
    return {path.name: path.read_bytes() for path in (folder / "lexical").iterdir()}


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()
