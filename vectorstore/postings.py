"""How often each text holds each token, kept beside the BM25 weights: a changed corpus is not analysed anew.

Weights change with every text (they hold the number of texts and their mean length), counts only with their own text.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from arabic.analyzer import analyze

_TEXTS = 20_000
"""Texts counted at once: bounds the memory of sorting."""
_ENTRIES = 1 << 22
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
        moved = places[self.rows]
        staying = moved >= 0
        before = np.concatenate(([0], np.cumsum(staying, dtype=np.int64)))
        lengths = np.zeros(size, np.int32)
        lengths[places[places >= 0]] = self.lengths[places >= 0]
        left = Postings(self.vocabulary, before[self.starts], moved[staying], self.counts[staying], lengths)
        return left._without_dead()

    def with_texts(self, places: Sequence[int], texts: Iterable[str]) -> "Postings":
        """And of further texts, whose places lie within the size and are not taken."""
        result, waiting = self, iter(texts)
        for start in range(0, len(places), _TEXTS):
            part = places[start : start + _TEXTS]
            result = result._joined(*_counted(part, waiting, result.vocabulary))
        return result

    def weights(self, k1: float, b: float) -> npt.NDArray[np.float16]:
        """The BM25 weight of each entry (Lucene's variant), in half precision: no order changes that matters."""
        size, holders = len(self.lengths), np.diff(self.starts)
        rarity = np.log1p((size - holders + 0.5) / (holders + 0.5)).astype(np.float32)
        mean = float(self.lengths.mean()) if self.lengths.any() else 1.0
        norm = (k1 * (1 - b + b * self.lengths / mean)).astype(np.float32)
        found = np.empty(len(self.rows), np.float16)
        each = np.repeat(rarity, holders)
        for start in range(0, len(found), _ENTRIES):
            part = slice(start, start + _ENTRIES)
            times = self.counts[part].astype(np.float32)
            found[part] = each[part] * times / (norm[self.rows[part]] + times)
        return found

    def save(self, folder: Path) -> None:
        """Write what the weights' own files do not hold."""
        np.save(folder / "counts.npy", self.counts)
        np.save(folder / "lengths.npy", self.lengths)

    def _joined(
        self, vocabulary: dict[str, int], tokens: npt.NDArray[np.int32], rows: npt.NDArray[np.int32],
        counts: npt.NDArray[np.uint16], lengths: dict[int, int],
    ) -> "Postings":  # fmt: skip
        """Entries sorted by token are put behind those that the token has; tokens new to the vocabulary follow."""
        added = np.bincount(tokens, minlength=len(vocabulary))
        starts = np.concatenate((self.starts, np.full(len(vocabulary) + 1 - len(self.starts), self.starts[-1])))
        behind = np.repeat(starts[1:], added)
        total = self.lengths.copy()
        total[list(lengths)] = list(lengths.values())
        return Postings(
            vocabulary,
            starts + np.concatenate(([0], np.cumsum(added))),
            np.insert(self.rows, behind, rows),
            np.insert(self.counts, behind, counts),
            total,
        )

    def _without_dead(self) -> "Postings":
        alive = np.diff(self.starts) > 0
        if alive.sum() >= (1 - _DEAD) * len(alive):
            return self
        numbers = (np.cumsum(alive) - 1).tolist()
        words = {token: numbers[t] for token, t in self.vocabulary.items() if alive[t]}
        starts = np.concatenate(([0], self.starts[1:][alive]))
        return Postings(words, starts, self.rows, self.counts, self.lengths)


def _counted(
    places: Sequence[int], texts: Iterable[str], known: dict[str, int]
) -> tuple[dict[str, int], npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.uint16], dict[int, int]]:
    """The vocabulary grown by the texts; their entries sorted by token (token, row, count); their lengths by place."""
    vocabulary = dict(known)
    tokens, counts, sizes = array("i"), array("H"), []
    lengths: dict[int, int] = {}
    for place, text in zip(places, texts, strict=False):  # the texts of further parts wait in the iterator
        held = Counter(analyze(text))
        tokens.extend([vocabulary.setdefault(token, len(vocabulary)) for token in held])
        times = held.values()
        counts.extend(times if max(times, default=0) <= _MOST else [min(n, _MOST) for n in times])
        sizes.append(len(held))
        lengths[place] = held.total()
    each = np.frombuffer(tokens, np.int32) if tokens else np.empty(0, np.int32)
    often = np.frombuffer(counts, np.uint16) if counts else np.empty(0, np.uint16)
    order = np.argsort(each, kind="stable")
    rows = np.repeat(np.fromiter(lengths, np.int32, len(lengths)), sizes)
    return vocabulary, each[order], rows[order], often[order], lengths
