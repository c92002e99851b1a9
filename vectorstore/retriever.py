"""Hybrid retrieval: BM25 and vectors, fused, as a LangChain retriever."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from vectorstore.fusion import DENSE_CANDIDATES, LEXICAL_CANDIDATES, fuse
from vectorstore.generations import Generation
from vectorstore.passage import Passage

Mode = Literal["fused", "lexical", "dense"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage and its score in 0…1."""

    passage: Passage
    score: float


def rank(
    generation: Generation,
    query: str,
    limit: int,
    *,
    mode: Mode = "fused",
    expansions: Sequence[tuple[str, float]] = (),
) -> list[tuple[str, float]]:
    """(passage id, score in 0…1) for a question, best first; `expansions` are further words with their weights."""
    lexical: dict[str, float] = {}
    if mode != "dense":
        scores = generation.lexical.scores(query, expansions)
        wanted = min(max(limit, LEXICAL_CANDIDATES), len(scores))
        top = np.argpartition(-scores, wanted - 1)[:wanted]
        lexical = {generation.id_at(int(i)): float(scores[i]) for i in top if scores[i] > 0}
    dense: list[tuple[str, float]] = []
    if mode != "lexical":
        vector = generation.embeddings.embed_query(query)
        dense = generation.dense.search(vector, max(limit, DENSE_CANDIDATES))
    return fuse(lexical, dense)[:limit]


class HybridRetriever(BaseRetriever):
    """Passages of a generation as Documents; metadata holds passage, release, start, end, title and score."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    generation: Generation
    limit: int = 10
    mode: Mode = "fused"

    def search(
        self, query: str, limit: int | None = None, *, expansions: Sequence[tuple[str, float]] = ()
    ) -> list[Hit]:
        """The best passages with their scores."""
        ranked = rank(self.generation, query, limit or self.limit, mode=self.mode, expansions=expansions)
        passages = self.generation.passages([name for name, _ in ranked])
        return [Hit(p, score) for p, (_, score) in zip(passages, ranked, strict=True)]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        return [
            Document(
                page_content=hit.passage.text,
                id=hit.passage.id,
                metadata={
                    "passage": hit.passage.id,
                    "release": hit.passage.release,
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                    "title": hit.passage.title,
                    "score": hit.score,
                },
            )
            for hit in self.search(query)
        ]
