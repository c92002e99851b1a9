"""The dense side: one vector a passage in a Chroma collection on disk.

Four vectors a passage, one for each of its sentences, found no more on the development sets and took four times the
memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

from vectorstore.embeddings import Vectors
from vectorstore.errors import DamagedGeneration, StoreNotWritten

_COLLECTION = "passages"
SPACE = "cosine"
_BATCH = 5000
"""Chroma takes at most 5,461 entries at once."""
_SYNCED, _STEPS = 1000, range(10, 31)
"""After so many additions Chroma writes its files; in how many steps it shall where there are many."""
_PAGE = 20_000
"""Ids that are asked for at once; it fails for some more."""


@contextmanager
def _writing() -> Iterator[None]:
    """Faults of Chroma's own storage as StoreNotWritten."""
    from chromadb.errors import ChromaError

    try:
        yield
    except ChromaError as error:
        raise StoreNotWritten((str(error) or type(error).__name__).splitlines()[0]) from error


class DenseIndex:
    """A Chroma collection of passages by id; vectors are always our own, no function is configured."""

    _page = _PAGE

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        try:
            with _writing():
                client: Any = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        except StoreNotWritten:
            # Chroma keeps a client that did not start, and would hand it out again for the same folder.
            SharedSystemClient._identifier_to_system.pop(str(folder), None)
            raise
        self._client = client
        self._total: int | None = None
        self._collection: Any
        names = {c.name for c in self._client.list_collections()}
        if _COLLECTION in names:
            self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
        else:
            with _writing():
                self._collection = self._client.create_collection(
                    _COLLECTION, embedding_function=None, configuration={"hnsw": {"space": SPACE, "ef_search": 100}}
                )
        space = (self._collection.configuration_json.get("hnsw") or {}).get("space")
        if space != SPACE:
            self.close()
            raise DamagedGeneration(folder.parent.name, f"vector space {space}, expected {SPACE}")

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    def _guarded(self) -> AbstractContextManager[None]:
        """What turns faults of reading into ours; those of a folder are told as they come."""
        return nullcontext()

    def _writing(self) -> AbstractContextManager[None]:
        """The same for writing."""
        return _writing()

    def _step(self, dimension: int) -> int:  # noqa: ARG002
        """How many vectors are written at once."""
        return _BATCH

    def count(self) -> int:
        """How many vectors there are; counted once, and anew after a change."""
        if self._total is None:
            with self._guarded():
                self._total = int(self._collection.count())
        return self._total

    @cached_property
    def dimension(self) -> int | None:
        """The length of the vectors, None while there are none."""
        return len(self.first()) or None

    def warm(self) -> None:
        """Load what a first search would have to load."""
        if self.dimension:
            self.search([0.0] * self.dimension, 1)

    def ids(self) -> set[str]:
        """The passages that have vectors."""
        found: set[str] = set()
        for offset in range(0, self.count(), self._page):
            with self._guarded():
                found.update(self._collection.get(limit=self._page, offset=offset, include=[])["ids"])
        return found

    def first(self) -> list[float]:
        """Any one of the vectors, empty where there is none."""
        with self._guarded():
            got = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
        return [float(x) for x in got[0]] if len(got) else []

    @contextmanager
    def many(self, count: int) -> Iterator[None]:
        """While so many are added Chroma writes its files in few steps: every one writes tables of all vectors anew, and
        a million in steps of Chroma's own thousand wrote 114 GB."""
        settings = self._collection.configuration_json.get("hnsw")
        parts = count // _SYNCED
        if not settings or parts < _STEPS[0]:
            yield
            return
        steps = min(_STEPS, key=lambda steps: parts % steps)  # so that the last one takes nearly all: the rest waits
        self._sync_every(parts // steps * _SYNCED)
        yield
        self._sync_every(_SYNCED)

    def _sync_every(self, entries: int) -> None:
        with self._writing():
            self._collection.modify(configuration={"hnsw": {"sync_threshold": entries}})

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add the vectors of passages."""
        step = self._step(vectors.shape[1])
        for start in range(0, len(ids), step):
            part = slice(start, start + step)
            with self._writing():
                self._collection.add(ids=list(ids[part]), embeddings=vectors[part])
        self._total = None

    def delete(self, ids: Iterable[str]) -> None:
        """Drop the vectors of passages."""
        entries = list(ids)
        for start in range(0, len(entries), _BATCH):
            with self._writing():
                self._collection.delete(ids=entries[start : start + _BATCH])
        self._total = None

    def search(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        """The passages nearest to a vector with their cosine similarity, best first."""
        if not self.count():
            return []
        with self._guarded():
            got = self._collection.query(
                query_embeddings=[list(vector)], n_results=min(limit, self.count()), include=["distances"]
            )
        return [(name, 1.0 - float(d)) for name, d in zip(got["ids"][0], got["distances"][0], strict=True)]
