"""The dense side: vectors in a Chroma collection on disk, several a passage, found again as passages."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from arabic.sentences import split_sentences
from vectorstore.embeddings import Vectors
from vectorstore.errors import DamagedGeneration
from vectorstore.passage import Passage

_COLLECTION = "passages"
_SPACE = "cosine"
_BATCH = 5000
"""Chroma takes at most 5,461 entries at once."""

_WINDOW, _MOST = 80, 4


def embedding_units(passage: Passage) -> list[str]:
    """The texts that stand for a passage: its sentences, short ones joined, at most four; static vectors do better so."""
    units: list[str] = []
    for sentence in split_sentences(passage.text):
        if units and (len(units[-1]) < _WINDOW or len(units) >= _MOST):
            units[-1] += " " + sentence.text
        else:
            units.append(sentence.text)
    return units or [passage.text]


class DenseIndex:
    """A Chroma collection whose entries are named «passage:k»; vectors are always our own, no function is configured."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        client: Any = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        self._client = client
        self._collection: Any
        names = {c.name for c in self._client.list_collections()}
        if _COLLECTION in names:
            self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
        else:
            self._collection = self._client.create_collection(
                _COLLECTION, embedding_function=None, configuration={"hnsw": {"space": _SPACE, "ef_search": 100}}
            )
        space = (self._collection.configuration.get("hnsw") or {}).get("space")
        if space != _SPACE:
            self.close()
            raise DamagedGeneration(folder.parent.name, f"vector space {space}, expected {_SPACE}")

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    def count(self) -> int:
        """How many vectors there are."""
        return int(self._collection.count())

    def ids(self) -> set[str]:
        """The passages that have vectors."""
        found: set[str] = set()
        total, step = self.count(), 20_000
        for offset in range(0, total, step):
            got = self._collection.get(limit=step, offset=offset, include=[])
            found.update(entry.rpartition(":")[0] for entry in got["ids"])
        return found

    def add(self, entries: Sequence[tuple[str, int]], vectors: Vectors) -> None:
        """Add vectors; an entry is (passage id, number of the vector within the passage)."""
        for start in range(0, len(entries), _BATCH):
            part = slice(start, start + _BATCH)
            self._collection.add(ids=[f"{p}:{k}" for p, k in entries[part]], embeddings=vectors[part])

    def delete(self, passages: Iterable[str]) -> None:
        """Drop all vectors of the passages."""
        entries = [f"{p}:{k}" for p in passages for k in range(_MOST)]
        for start in range(0, len(entries), _BATCH):
            self._collection.delete(ids=entries[start : start + _BATCH])

    def search(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        """The passages nearest to a vector with their cosine similarity, best first."""
        total = self.count()
        if not total:
            return []
        got = self._collection.query(
            query_embeddings=[list(vector)], n_results=min(2 * limit, total), include=["distances"]
        )
        best: dict[str, float] = {}
        for entry, distance in zip(got["ids"][0], got["distances"][0], strict=True):
            best.setdefault(entry.rpartition(":")[0], 1.0 - float(distance))
        return list(best.items())[:limit]
