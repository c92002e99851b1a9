"""Fusing the lexical and the dense ranking of one question.

The bundled static vectors are far weaker than BM25 where a question shares words with its passage, and all there is
where it shares none. So the dense side counts by how badly the lexical side knows the question: by the share of the
attainable score that the best passage reaches. Weighted sums with a fixed weight and reciprocal ranks lost up to three
points of R@1 on the development sets; this loses none.
"""

from collections.abc import Mapping, Sequence

import numpy as np

DENSE_WEIGHT = 0.5
"""How much the best dense score counts beside the best lexical one of 1 where the lexical side is at a loss."""
AT_A_LOSS, AT_HOME = 0.10, 0.25
"""Shares of the attainable lexical score: below the first the dense side counts in full, above the second not at all."""

LEXICAL_CANDIDATES, DENSE_CANDIDATES = 100, 50


def dense_weight(best: float, attainable: float) -> float:
    """The weight (0…DENSE_WEIGHT) of the dense side for a question whose best lexical score is `best`."""
    share = best / attainable if attainable > 0 else 0.0
    return DENSE_WEIGHT * float(np.clip((AT_HOME - share) / (AT_HOME - AT_A_LOSS), 0.0, 1.0))


def fuse(lexical: Mapping[str, float], dense: Sequence[tuple[str, float]], weight: float) -> list[tuple[str, float]]:
    """(id, score in 0…1) best first.

    Lexical scores are divided by the best one. Dense similarities count from the similarity of the last candidate
    upwards (min-max), so that a flat dense ranking changes nothing.
    """
    top = max(lexical.values(), default=0.0) or 1.0
    scores = {name: value / top for name, value in lexical.items()}
    if dense and weight > 0:
        similarities = np.array([s for _, s in dense])
        low, high = float(similarities.min()), float(similarities.max())
        spread = (high - low) or 1.0
        for name, similarity in dense:
            scores[name] = scores.get(name, 0.0) + weight * (similarity - low) / spread
    whole = 1.0 + (weight if dense else 0.0)
    return sorted(((n, s / whole) for n, s in scores.items()), key=lambda item: (-item[1], item[0]))
