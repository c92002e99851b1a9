"""The lexical side: BM25 over the tokens of `arabic.analyzer`, built by bm25s and read memory-mapped."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from arabic.analyzer import analyze

K1, B = 0.9, 0.6
"""BM25's parameters, tuned on the development sets of ../benchmarks/retrieval.py."""

_WEIGHTS = "data.csc.index.npy"

Scores = npt.NDArray[np.float32]


class LexicalIndex:
    """Positions 0…n-1 are the texts in the order in which they were added."""

    def __init__(self, index: Any, size: int) -> None:
        self._scores = index.scores
        self._vocabulary: Mapping[str, int] = index.vocab_dict
        self._index = index
        self.size = size

    @classmethod
    def build(cls, texts: Iterable[str], *, k1: float = K1, b: float = B) -> "LexicalIndex":
        """Index the texts. Raises ValueError if there are none."""
        import bm25s

        tokens = [analyze(text) for text in texts]
        if not tokens:
            raise ValueError("a lexical index needs at least one text")
        index = bm25s.BM25(k1=k1, b=b, backend="numpy")
        index.index(tokens, show_progress=False)
        return cls(index, len(tokens))

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self._index.save(str(folder), corpus=None, show_progress=False)
        weights = folder / _WEIGHTS
        np.save(weights, np.load(weights).astype(np.float16))  # half the memory; no order changes that matters
        (folder / "size").write_text(str(self.size), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open a saved index, memory-mapped."""
        import bm25s

        index = bm25s.BM25.load(str(folder), mmap=True, load_corpus=False, backend="numpy")
        return cls(index, int((folder / "size").read_text("utf-8")))

    def attainable(self, query: str) -> float:
        """The score of a text that held each word of the query where it counts most; unknown words count as rare ones."""
        data, indptr = self._scores["data"], self._scores["indptr"]
        unknown = 0.5 * math.log(1 + self.size)  # about what a word of one text is worth
        total = 0.0
        for token, times in Counter(analyze(query)).items():
            position = self._vocabulary.get(token)
            span = slice(int(indptr[position]), int(indptr[position + 1])) if position is not None else slice(0, 0)
            total += times * (float(data[span].max()) if span.stop > span.start else unknown)
        return total

    def scores(self, query: str, expansions: Sequence[tuple[str, float]] = ()) -> Scores:
        """The BM25 score of every text; `expansions` are further (words, weight) pairs."""
        weights: Counter[str] = Counter()
        for text, weight in ((query, 1.0), *expansions):
            for token in analyze(text):
                weights[token] += weight  # type: ignore[assignment]
        scores = np.zeros(self.size, dtype=np.float32)
        data, indices, indptr = (self._scores[key] for key in ("data", "indices", "indptr"))
        for token, weight in weights.items():
            position = self._vocabulary.get(token)
            if position is None:
                continue
            start, end = int(indptr[position]), int(indptr[position + 1])
            scores[indices[start:end]] += np.float32(weight) * data[start:end].astype(
                np.float32
            )  # a text stands once in a token's list
        return scores
