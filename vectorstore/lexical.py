"""The lexical side: BM25 over the tokens of `arabic.analyzer`, in bm25s's format, read memory-mapped."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from arabic.analyzer import analyze
from vectorstore.postings import Postings

K1, B = 0.9, 0.6
"""BM25's parameters, tuned on the development sets of `sanad eval retrieval`."""

Scores = npt.NDArray[np.float32]


class LexicalIndex:
    """Positions 0…n-1 are the texts in the order in which they were added."""

    def __init__(self, scores: Mapping[str, Any], vocabulary: Mapping[str, int], size: int) -> None:
        self._scores = scores
        self._vocabulary = vocabulary
        self.size = size

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open a saved index, memory-mapped. Raises OSError or ValueError if it is missing or damaged."""
        import bm25s

        index = bm25s.BM25.load(str(folder), mmap=True, load_corpus=False, backend="numpy")
        return cls(index.scores, index.vocab_dict, int(index.scores["num_docs"]))

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


def write(postings: Postings, folder: Path, *, k1: float = K1, b: float = B) -> None:
    """Save the index of counted texts. Raises ValueError if there are none."""
    import bm25s

    if not len(postings.lengths):
        raise ValueError("a lexical index needs at least one text")
    folder.mkdir(parents=True, exist_ok=True)
    index = bm25s.BM25(k1=k1, b=b, backend="numpy")
    index.vocab_dict, index.nonoccurrence_array = postings.vocabulary, None
    index.scores = {
        "data": postings.weights(k1, b),
        "indices": postings.rows,
        "indptr": postings.starts,
        "num_docs": len(postings.lengths),
    }
    index.save(str(folder), corpus=None, show_progress=False)
    postings.save(folder)


def read_postings(folder: Path) -> Postings:
    """The counts that a saved index was written from. Raises OSError or ValueError if it is missing or damaged."""
    return Postings(
        json.loads((folder / "vocab.index.json").read_text("utf-8")),
        np.load(folder / "indptr.csc.index.npy"),
        np.load(folder / "indices.csc.index.npy"),
        np.load(folder / "counts.npy"),
        np.load(folder / "lengths.npy"),
    )


def build(folder: Path, texts: Sequence[str]) -> None:
    """Count and save texts. Raises ValueError if there are none."""
    blank = Postings.empty().kept(np.empty(0, np.int32), len(texts))
    write(blank.with_texts(range(len(texts)), texts), folder)
