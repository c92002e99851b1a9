"""Fusing the lexical and the dense ranking of one question."""

from collections.abc import Mapping, Sequence

import numpy as np

DENSE_WEIGHT = 0.15
"""How much a dense score counts beside a lexical one of 1; tuned so that fused ≥ lexical on every development set."""

LEXICAL_CANDIDATES, DENSE_CANDIDATES = 100, 50


def fuse(
    lexical: Mapping[str, float], dense: Sequence[tuple[str, float]], weight: float = DENSE_WEIGHT
) -> list[tuple[str, float]]:
    """(id, score in 0…1) best first.

    Lexical scores are divided by the best one. Dense similarities count from the similarity of the last candidate
    upwards (min-max), so that a flat dense ranking changes nothing.
    """
    top = max(lexical.values(), default=0.0) or 1.0
    scores = {name: value / top for name, value in lexical.items()}
    if dense:
        similarities = np.array([s for _, s in dense])
        low, high = float(similarities.min()), float(similarities.max())
        spread = (high - low) or 1.0
        for name, similarity in dense:
            scores[name] = scores.get(name, 0.0) + weight * (similarity - low) / spread
    whole = 1.0 + (weight if dense else 0.0)
    return sorted(((n, s / whole) for n, s in scores.items()), key=lambda item: (-item[1], item[0]))
