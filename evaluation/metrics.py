"""Measures of a ranking (Manning et al., Introduction to Information Retrieval, chapter 8), as fractions of 1."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metrics:
    """Means over the questions of a set; `milliseconds` is the median time of one question."""

    ndcg_at_10: float
    recall_at_1: float
    recall_at_5: float
    mrr_at_10: float
    milliseconds: float


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain with linear gains, as trec_eval counts it."""
    gains = (relevant.get(name, 0) / math.log2(place + 2) for place, name in enumerate(ranked[:depth]))
    best = sorted(relevant.values(), reverse=True)[:depth]
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(best))
    return sum(gains) / ideal if ideal else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, int], depth: int) -> float:
    """The share of the relevant passages among the first `depth`."""
    wanted = {name for name, gain in relevant.items() if gain > 0}
    return len(wanted & set(ranked[:depth])) / len(wanted) if wanted else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, int], depth: int = 10) -> float:
    """One over the place of the first relevant passage, 0 if none is among the first `depth`."""
    return next((1 / (i + 1) for i, name in enumerate(ranked[:depth]) if relevant.get(name, 0) > 0), 0.0)
