"""Hybrid search over a generation: BM25 and vectors, fused."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vectorstore.errors import EndpointChanged, EndpointError
from vectorstore.fusion import DENSE_CANDIDATES, LEXICAL_CANDIDATES, dense_weight, fuse
from vectorstore.generations import Generation
from vectorstore.lexical import best
from vectorstore.passage import Passage

_log = logging.getLogger("sanad.embedding")

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
        top = best(scores, max(limit, LEXICAL_CANDIDATES))
        names = generation.ids_at(top[scores[top] > 0].tolist())
        lexical = {name: float(scores[position]) for position, name in names.items()}
    dense: list[tuple[str, float]] = []
    weight = 1.0
    if mode == "fused":
        weight = dense_weight(max(lexical.values(), default=0.0), generation.lexical.attainable(query))
    if mode != "lexical" and weight > 0:
        try:
            dense = _nearest(generation, query, max(limit, DENSE_CANDIDATES))
        except EndpointError:  # which the endpoint has logged: the words alone answer better than nobody
            if mode == "dense":
                raise
    return fuse(lexical, dense, weight)[:limit]


def _nearest(generation: Generation, query: str, limit: int) -> list[tuple[str, float]]:
    """The dense side. Raises EndpointError where the question has no vector, or one of another length."""
    vector = generation.embeddings.embed_query(query)
    try:
        return generation.nearest(vector, limit)
    except Exception as error:
        length = generation.dense.dimension
        if length in {None, len(vector)}:
            raise
        told = f"{len(vector)} dimensions instead of {length}"
        _log.warning("a question's vector has %s; its words alone count", told)
        raise EndpointChanged(generation.manifest.embedding, told) from error


def search(
    generation: Generation,
    query: str,
    limit: int,
    *,
    mode: Mode = "fused",
    expansions: Sequence[tuple[str, float]] = (),
) -> list[Hit]:
    """The best passages with their scores."""
    ranked = rank(generation, query, limit, mode=mode, expansions=expansions)
    passages = generation.passages([name for name, _ in ranked])
    return [Hit(p, score) for p, (_, score) in zip(passages, ranked, strict=True)]
