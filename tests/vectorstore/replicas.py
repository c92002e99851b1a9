"""A writer and a replica with small generations, for tests of what lies between them."""

import hashlib
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from vectorstore.embeddings import Vectors
from vectorstore.generations import Generations
from vectorstore.manifest import Manifest
from vectorstore.passage import Passage
from vectorstore.replication.pull import Pulled, pull
from vectorstore.replication.push import Pushed, push
from vectorstore.replication.storage import Storage


class Hashed(Embeddings):
    """Vectors from the bytes of a text: equal texts, equal vectors."""

    fingerprint = "hashed"
    dimension = 16

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(t) for t in texts]

    def embed_query(self, text: str) -> list[float]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=16)
        return [float(x) for x in vector / np.linalg.norm(vector)]


MODEL = Hashed()


def embed(texts: list[str]) -> Vectors:
    """Vectors as a writer makes them."""
    return np.asarray(MODEL.embed_documents(texts), np.float32)


class Writer:
    """A data folder whose generations hold one more passage each, and what its catalogue remembers of pushes."""

    def __init__(self, data: Path, lineage: str = "a" * 32, first: str = "منحة") -> None:
        self.data, self.lineage, self.first = data, lineage, first
        self.base: str | None = None
        self.generations = Generations(data / "generations")

    def publish(self) -> Manifest:
        """The next generation."""
        place = len(self.generations.passages())
        words = f"{self.first} {place} لقرى الأهوار"
        passage = Passage(
            f"{place:02}{hashlib.sha256(words.encode()).hexdigest()[:8]}", f"{place}.txt", 0, len(words), words, ""
        )
        return self.generations.publish(
            deletes=(),
            inserts=[passage],
            embed=embed,
            embedding="hashed",
            facts="1",
            revision=f"{self.first}{place}",
            releases=place + 1,
            expected={*self.generations.passages(), passage.id},
            extra=lambda folder: (folder / "ledger.db").touch(),
        )

    def push(self, storage: Storage, *, force: bool = False, grace: float = 3600) -> Pushed:
        """As `sanad snapshots push` does."""
        done = push(self.generations, storage, lineage=self.lineage, base=self.base, force=force, grace=grace)
        self.base = done.manifest
        return done


def passages(data: Path) -> int:
    """How many a folder serves; 0 before the first."""
    return len(Generations(data / "generations").passages())


def follow(data: Path, storage: Storage) -> Pulled | None:
    """As a replica's bot does."""
    return pull(data, storage, embedding="hashed")
