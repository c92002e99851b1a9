"""How often each text holds each token, kept beside the BM25 weights: a changed corpus is not analysed anew.

Weights change with every text (they hold the number of texts and their mean length), counts only with their own text.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from arabic.analyzer import analyze

_TEXTS = 20_000
"""Texts counted at once: bounds the memory of sorting."""
_ENTRIES = 1 << 22
"""Entries weighed or moved at once."""
_MOST = 65_535
"""What a count is kept as that is larger."""
_DEAD = 0.1
"""Tokens that no text holds any more are dropped when they are a larger share of the vocabulary."""


@dataclass(frozen=True, slots=True)
class Postings:
    """`rows[starts[t]:starts[t + 1]]` are the texts that hold token t, `counts` how often; `lengths` are in tokens."""

    vocabulary: dict[str, int]
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def empty(cls) -> "Postings":
        """Of no text."""
        return cls({}, np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.uint16), np.empty(0, np.int32))

    def kept(self, places: npt.NDArray[np.int32], size: int) -> "Postings":
        """Of the texts whose new place among `size` texts is not negative; `places` has one for each text of now."""
        rows, counts = [np.empty(0, np.int32)], [np.empty(0, np.uint16)]
        held = np.zeros(len(self.starts) - 1, np.int64)
        for part in self._parts():
            moved = places[part.rows]
            staying = moved >= 0
            before, ends = np.concatenate(([0], np.cumsum(staying))), np.cumsum(part.sizes)
            held[part.tokens] = before[ends] - before[ends - part.sizes]
            rows.append(moved[staying])
            counts.append(part.counts[staying])
        lengths = np.zeros(size, np.int32)
        lengths[places[places >= 0]] = self.lengths[places >= 0]
        starts = np.concatenate(([0], np.cumsum(held)))
        left = Postings(self.vocabulary, starts, np.concatenate(rows), np.concatenate(counts), lengths)
        return left._without_dead()

    def with_texts(self, places: Sequence[int], texts: Iterable[str]) -> "Postings":
        """And of further texts, whose places lie within the size and are not taken."""
        vocabulary, lengths, waiting = dict(self.vocabulary), self.lengths.copy(), iter(texts)
        parts = [
            _counted(places[start : start + _TEXTS], waiting, vocabulary, lengths)
            for start in range(0, len(places), _TEXTS)
        ]
        holders = np.zeros(len(vocabulary), np.int64)
        holders[: len(self.starts) - 1] = np.diff(self.starts)
        for part in parts:
            holders[part.tokens] += part.sizes
        starts = np.concatenate(([0], np.cumsum(holders)))
        rows, counts, free = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.uint16), starts[:-1].copy()
        parts.reverse()
        for part in chain(self._parts(), (parts.pop() for _ in range(len(parts)))):  # each is let go once it is written
            target = np.repeat(free[part.tokens] - np.cumsum(part.sizes) + part.sizes, part.sizes)
            target += np.arange(len(target))
            rows[target], counts[target] = part.rows, part.counts
            free[part.tokens] += part.sizes
        return Postings(vocabulary, starts, rows, counts, lengths)

    def weights(self, k1: float, b: float) -> npt.NDArray[np.float16]:
        """The BM25 weight of each entry (Lucene's variant), in half precision: no order changes that matters."""
        size, holders = len(self.lengths), np.diff(self.starts)
        rarity = np.log1p((size - holders + 0.5) / (holders + 0.5)).astype(np.float32)
        mean = float(self.lengths.mean()) if self.lengths.any() else 1.0
        norm = (k1 * (1 - b + b * self.lengths / mean)).astype(np.float32)
        found = np.empty(len(self.rows), np.float16)
        for part in self._parts():
            times = part.counts.astype(np.float32)
            each = np.repeat(rarity[part.tokens], part.sizes)
            begin = self.starts[part.tokens[0]]
            found[begin : begin + len(times)] = each * times / (norm[part.rows] + times)
        return found

    def _parts(self) -> Iterator["_Part"]:
        """All entries, some millions at a time."""
        cuts = np.unique(np.searchsorted(self.starts, np.arange(0, self.starts[-1], _ENTRIES)))
        for first, last in pairwise([*cuts.tolist(), len(self.starts) - 1]):
            entries = slice(self.starts[first], self.starts[last])
            tokens, sizes = np.arange(first, last), np.diff(self.starts[first : last + 1])
            yield _Part(tokens, sizes, self.rows[entries], self.counts[entries])

    def save(self, folder: Path) -> None:
        """Write what the weights' own files do not hold."""
        np.save(folder / "counts.npy", self.counts)
        np.save(folder / "lengths.npy", self.lengths)

    def _without_dead(self) -> "Postings":
        alive = np.diff(self.starts) > 0
        if alive.sum() >= (1 - _DEAD) * len(alive):
            return self
        numbers = (np.cumsum(alive) - 1).tolist()
        words = {token: numbers[t] for token, t in self.vocabulary.items() if alive[t]}
        starts = np.concatenate(([0], self.starts[1:][alive]))
        return Postings(words, starts, self.rows, self.counts, self.lengths)


@dataclass(frozen=True, slots=True)
class _Part:
    """Entries in order of their tokens, of which each has so many (`sizes`)."""

    tokens: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint16]


def _counted(
    places: Sequence[int], texts: Iterable[str], vocabulary: dict[str, int], total: npt.NDArray[np.int32]
) -> _Part:
    """The entries of the texts; new tokens go into the vocabulary, the lengths of the texts into `total`."""
    tokens, counts, sizes = array("i"), array("H"), array("i")
    for place, text in zip(places, texts, strict=False):  # the texts of further parts wait in the iterator
        held = Counter(analyze(text))
        tokens.extend([vocabulary.setdefault(token, len(vocabulary)) for token in held])
        times = held.values()
        counts.extend(times if max(times, default=0) <= _MOST else [min(n, _MOST) for n in times])
        sizes.append(len(held))
        total[place] = held.total()
    each = np.array(tokens, np.int32)
    order = np.argsort(each, kind="stable")
    found, holders = np.unique(each, return_counts=True)
    rows = np.repeat(np.array(places, np.int32), np.array(sizes, np.int32))
    return _Part(found.astype(np.int64), holders, rows[order], np.array(counts, np.uint16)[order])
