"""Quotes: where in its source each one stands, and what the whole sentences that it touches state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from answering.verify_reading import Quantity, Reading, read
from answering.verify_types import Quote, Source
from arabic.normalize import normalize
from arabic.sentences import split_sentences

_EDGES = " \t\n\r\"'«»“”„‹›…."
_LEAST = 8
"""Characters (without white space) below which a quote points nowhere."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One quoted sentence of a source: [start, end) of the source's text."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The sentence, to the letter."""
        return self.source.text[self.start : self.end]

    @property
    def reading(self) -> Reading:
        """What it states; offsets are into `text`."""
        return read(self.text)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What it counts, with the currency that the ledger knows for a bare number of a table."""
        read_here = self.reading.quantities
        known = []
        for figure in self.source.figures:
            at = figure.start - self.source.start - self.start
            if figure.kind == "amount" and at >= 0 and at + figure.end - figure.start <= self.end - self.start:
                known.append(
                    Quantity("amount", figure.value, figure.upper, figure.unit, at, at + figure.end - figure.start)
                )
        taken = {(q.start, q.value, q.unit) for q in read_here}
        return (*read_here, *(q for q in known if (q.start, q.value, q.unit) not in taken))


def locate(quote: str, source: Source) -> Quote | None:
    """The quote in its source, widened to whole sentences; None where it is not the source's text to the letter.

    White space, directional marks, vowel signs and the quotation marks around it may differ: no letter and no digit.
    """
    wanted, _ = _bare(quote.strip(_EDGES))
    if len(wanted.replace(" ", "")) < _LEAST:
        return None
    have, origins = _bare(source.text)
    at = have.find(wanted)
    if at < 0:
        return None
    first, last = origins[at], origins[at + len(wanted) - 1] + 1
    spans = [(s, e) for s, e in sentence_spans(source.text) if s < last and first < e]
    if not spans:
        return None
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    return Quote(source.id, source.release, source.start + start, source.start + end, source.text[start:end])


def pieces(quotes: Sequence[Quote], sources: dict[str, Source]) -> Iterator[Piece]:
    """The sentences of located quotes, each once."""
    seen: set[tuple[str, int]] = set()
    for quote in quotes:
        source = sources[quote.source]
        for start, end in sentence_spans(source.text):
            inside = quote.start <= source.start + start and source.start + end <= quote.end
            if inside and (source.release, source.start + start) not in seen:
                seen.add((source.release, source.start + start))
                yield Piece(source, start, end)


@lru_cache(maxsize=512)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """The sentences of a source."""
    return tuple((s.start, s.end) for s in split_sentences(text))


@lru_cache(maxsize=512)
def _bare(text: str) -> tuple[str, tuple[int, ...]]:
    """The text without marks and with single spaces, and where each of its characters comes from."""
    kept: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        if character.isspace():
            if kept and kept[-1] != " ":
                kept.append(" ")
                origins.append(index)
        elif normalize(character):  # harakat, tatweel and directional marks vanish when normalised
            kept.append(character)
            origins.append(index)
    return "".join(kept), tuple(origins)
