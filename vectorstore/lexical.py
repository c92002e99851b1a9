"""The lexical side: BM25 over the tokens of `arabic.analyzer`, in bm25s's format, read memory-mapped."""

import hashlib
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
    """Positions 0…n-1 are the texts in the order in which they were added. Nothing of it is held in memory.

    `tokens` are the sorted hashes of the vocabulary, `numbers` the places of these tokens in `scores` and `tops`.
    """

    def __init__(self, scores: Mapping[str, Any], tokens: Any, numbers: Any, tops: Any) -> None:
        self._scores = scores
        self._tokens, self._numbers, self._tops = tokens, numbers, tops
        self.size = int(scores["num_docs"])

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open a saved index, memory-mapped. Raises OSError or ValueError if it is missing or damaged."""
        import bm25s

        index = bm25s.BM25.load(str(folder), mmap=True, load_corpus=False, load_vocab=False, backend="numpy")
        return cls(index.scores, *(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _LOOKUP))

    def _number(self, token: str) -> int | None:
        """The place of a token, None if no text ever held it."""
        wanted = _hashed(token)
        at = int(np.searchsorted(self._tokens, wanted))
        return int(self._numbers[at]) if at < len(self._tokens) and self._tokens[at] == wanted else None

    def attainable(self, query: str) -> float:
        """The score of a text that held each word of the query where it counts most; unknown words count as rare ones."""
        unknown = 0.5 * math.log(1 + self.size)  # about what a word of one text is worth
        total = 0.0
        for token, times in Counter(analyze(query)).items():
            number = self._number(token)
            top = -1.0 if number is None else float(self._tops[number])
            total += times * (top if top >= 0 else unknown)
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
            number = self._number(token)
            if number is None:
                continue
            start, end = int(indptr[number]), int(indptr[number + 1])
            worth = np.float32(weight) * data[start:end].astype(np.float32)
            np.add.at(scores, indices[start:end].astype(np.intp), worth)  # twice as fast as += over an index
        return scores


def best(scores: Scores, wanted: int) -> npt.NDArray[np.intp]:
    """The places of so many best scores, in no order."""
    wanted = min(wanted, len(scores))
    whole = len(scores) - len(scores) % _BLOCK
    if whole < _BLOCK * max(wanted, _BLOCK):
        return np.argpartition(-scores, wanted - 1)[:wanted]
    # So many blocks hold a score of at least this one: only what reaches it is looked at.
    floor = np.partition(scores[:whole].reshape(-1, _BLOCK).max(axis=1), -wanted)[-wanted]
    places = np.flatnonzero(scores >= floor)
    return places[np.argpartition(-scores[places], wanted - 1)[:wanted]]


_BLOCK = 256


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
    _save_lookup(folder, postings, index.scores["data"])


def _save_lookup(folder: Path, postings: Postings, data: npt.NDArray[np.float16]) -> None:
    """What a reader needs of the vocabulary: bm25s's own is a dictionary in JSON, of gigabytes for a million real texts."""
    hashes = np.fromiter(map(_hashed, postings.vocabulary), np.uint64, len(postings.vocabulary))
    order = np.argsort(hashes)
    tops = np.full(len(hashes), -1, np.float32)  # of a token without a text
    held = np.flatnonzero(np.diff(postings.starts))
    if len(held):
        tops[held] = np.maximum.reduceat(data, postings.starts[held])
    numbers = np.fromiter(postings.vocabulary.values(), np.int32, len(hashes))
    lookup: tuple[npt.NDArray[Any], ...] = (hashes[order], numbers[order], tops)
    for name, values in zip(_LOOKUP, lookup, strict=True):
        np.save(folder / f"{name}.npy", values)


_LOOKUP = ("tokens", "numbers", "tops")


def _hashed(token: str) -> np.uint64:
    """64 bits: among twenty million tokens two share theirs once in a hundred thousand corpora."""
    return np.uint64(int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little"))


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
