"""How well a candidate answers: a linear model over its features, learned by training/fit_answering.py.

The chance of a candidate is the softmax of its score among all candidates of the question and the refusal, which
competes with a score of its own.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache

from answering.candidates import Candidate
from answering.wanted import Wanted
from arabic.cues import load_yaml


def score(candidate: Candidate) -> float:
    """The candidate's score; 0 is the refusal's."""
    weights = _weights()
    group = weights.get(family(candidate.wanted), {})
    shared = weights["all"]
    total = shared.get("bias", 0.0) + group.get("bias", 0.0)
    for name, value in candidate.features.items():
        if value:
            total += value * (shared.get(name, 0.0) + group.get(name, 0.0))
    return total


def family(want: Wanted) -> str:
    """The group of weights of what is wanted."""
    return want.kind


def chances(scores: Sequence[float]) -> list[float]:
    """Softmax of the scores beside the refusal's 0."""
    high = max(0.0, *scores) if scores else 0.0
    powers = [math.exp(s - high) for s in scores]
    total = sum(powers) + math.exp(-high)
    return [p / total for p in powers]


@cache
def _weights() -> Mapping[str, Mapping[str, float]]:
    groups = load_yaml("answering", "weights.yaml")
    if not isinstance(groups, dict):
        raise TypeError("answering/data/weights.yaml: expected groups of weights")
    return groups
