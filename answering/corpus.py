"""The live corpus: the newest generation with its ledger and its search, for as long as a question needs them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from langchain_core.embeddings import Embeddings

from ledger.store import Ledger
from vectorstore.chroma_server import ChromaServer
from vectorstore.embeddings import fingerprint
from vectorstore.generations import Generation, LiveGeneration
from vectorstore.manifest import Manifest
from vectorstore.search import Hit, search

_PASSAGES_A_RELEASE = 4
"""How many passages are fetched for each release that is wanted; a long release takes several of the best places."""


class Reranks(Protocol):
    """What orders the best passages anew (vectorstore.reranker.Reranker)."""

    def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits in a better order."""


@dataclass(frozen=True, slots=True)
class View:
    """One generation, open: what is read from it within a question belongs together."""

    manifest: Manifest
    ledger: Ledger
    generation: Generation
    reranker: Reranks | None = None

    @property
    def number(self) -> int:
        """The number of the generation."""
        return self.manifest.number

    def search(self, query: str, limit: int) -> list[tuple[str, float]]:
        """(release id, score in 0…1) of the releases with the best passages, best first."""
        best: dict[str, float] = {}
        for hit in self.passages(query, _PASSAGES_A_RELEASE * limit):
            best.setdefault(hit.passage.release, hit.score)
        return list(best.items())[:limit]

    def passages(self, query: str, limit: int) -> list[Hit]:
        """The best passages, best first."""
        hits = search(self.generation, query, limit)
        return self.reranker.rerank(query, hits) if self.reranker else hits


class Corpus:
    """The corpus of a data folder; takes up each newly published generation by itself. Safe to share between threads."""

    def __init__(
        self,
        data_dir: Path,
        embeddings: Embeddings,
        reranker: Reranks | None = None,
        *,
        server: ChromaServer | None = None,
        poll_seconds: float = 1.0,
    ) -> None:
        self._live = LiveGeneration(data_dir / "generations", embeddings, server=server, poll_seconds=poll_seconds)
        self._embeddings, self._reranker, self._server = embeddings, reranker, server
        self._ledgers: dict[int, Ledger] = {}
        self._lock = threading.Lock()

    @property
    def embedding(self) -> str:
        """The fingerprint of the model that the generations have to be built with."""
        return fingerprint(self._embeddings)

    def without_vectors(self) -> int:
        """How many searches words alone had to answer since this was last asked, the Chroma server being away."""
        return self._server.missed() if self._server else 0

    @contextmanager
    def view(self) -> Iterator[View]:
        """The newest generation, kept open until the block ends.

        Raises NoGeneration, StaleGeneration, VectorsElsewhere or DamagedGeneration (vectorstore.errors) while there is none to open.
        """
        with self._live.lease() as generation:
            yield View(generation.manifest, self._ledger(generation), generation, self._reranker)

    def close(self) -> None:
        """Let go of all files."""
        self._live.close()

    def _ledger(self, generation: Generation) -> Ledger:
        with self._lock:
            key = id(generation)
            if key not in self._ledgers:
                ledger = Ledger(generation.ledger_path)
                self._ledgers[key] = ledger
                generation.close_with(lambda: self._forget(key))
            return self._ledgers[key]

    def _forget(self, key: int) -> None:
        with self._lock:
            self._ledgers.pop(key).close()
