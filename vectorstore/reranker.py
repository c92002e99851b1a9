"""An optional cross-encoder that reads question and passage together and orders the best passages anew."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vectorstore.errors import RerankerModelError
from vectorstore.search import Hit

CANDIDATES = 30
"""How many passages are read; a cross-encoder takes some milliseconds for each."""


class Reranker:
    """A sentence-transformers CrossEncoder by name or folder. Raises RerankerModelError if it cannot be loaded."""

    def __init__(self, name: str, device: str = "cpu") -> None:
        try:
            from sentence_transformers import CrossEncoder

            self._model: Any = CrossEncoder(name, device=device, trust_remote_code=False)
        except Exception as error:
            raise RerankerModelError(name, str(error).splitlines()[0] if str(error) else repr(error)) from error

    def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits by the model's score, which takes the place of theirs as a number in 0…1; those beyond follow."""
        head = list(hits[:CANDIDATES])
        if not head:
            return []
        pairs = [(query, f"{h.passage.title}\n{h.passage.text}") for h in head]
        scores = self._model.predict(pairs, show_progress_bar=False)
        scored = [replace(h, score=_unit(float(s))) for h, s in zip(head, scores, strict=True)]
        scored.sort(key=lambda h: -h.score)
        floor = scored[-1].score
        return scored + [replace(h, score=floor * h.score) for h in hits[CANDIDATES:]]


def _unit(score: float) -> float:
    """Models with one label answer in 0…1 already, others in logits."""
    return score if 0 <= score <= 1 else 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))
