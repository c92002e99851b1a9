"""Whether a figure is said of those of whom its quote says it: moved between donors, recipients, places or years.

Names and figures may all stand in the quotes and the sentence be wrong: «Norway gave 3 million and Sweden 5» does not
support that Norway gave 5. Where a sentence holds several figures and several names of a kind, each figure belongs to
the names between it and its neighbours: those before it if the sentence puts names first, else those after it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from answering.verify_claims import Found, occurrences
from answering.verify_quotes import Piece
from answering.verify_reading import Quantity, Reading, read
from arabic.normalize import normalize
from ledger.gazetteer import entity, find_mentions, related
from ledger.parties import is_giver, is_receiver

_NEAR = 40
"""Characters within which a name behind a figure, with its preposition, belongs to it."""
_PREPOSITION = re.compile(r"(?:^|\s)(?:من|قدمت\w*|منحت\w*|الي|لصالح|لفائده|في|ل|لل|ب|from|by|to|for|in)\s*(?:the\s+)?$")


@dataclass(frozen=True, slots=True)
class _Item:
    """A name or a year at [start, end)."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Kind:
    items: Callable[[Reading], list[_Item]]
    alike: Callable[[str, str], bool]
    ordered: bool
    """Whether word order tells to which of several a figure belongs."""
    alone: bool
    """Whether a figure whose sentence names only others is refused."""


def _named(wanted: Callable[[str], bool]) -> Callable[[Reading], list[_Item]]:
    return lambda reading: [_Item(n.entity, n.start, n.end) for n in reading.names if wanted(n.entity)]


def _years(reading: Reading) -> list[_Item]:
    ranges = {(s.start, s.end): f"{s.first[0]}-{s.last[0]}" for s in reading.stretches}
    items = [_Item(key, a, b) for (a, b), key in ranges.items()]
    for date in reading.dates:
        if date.point[0] and not any(a <= date.start < b for a, b in ranges):
            items.append(_Item(str(date.point[0]), date.start, date.end))
    return sorted(items, key=lambda i: i.start)


def _same_years(a: str, b: str) -> bool:
    (first, last), (low, high) = ([int(y) for y in (k.split("-") * 2)[:2]] for k in (a, b))
    return first <= high and low <= last


_KINDS = (
    _Kind(_named(lambda e: is_giver(entity(e))), related, True, True),
    _Kind(_named(lambda e: is_receiver(entity(e)) and not is_giver(entity(e))), related, True, False),
    _Kind(_named(lambda e: entity(e).kind == "place"), related, False, False),
    _Kind(_years, _same_years, False, False),
)


def moved_faults(text: str, quoted: Sequence[Piece]) -> Iterator[Found]:
    """The figures that the sentence says of somebody, somewhere or some year of which the quotes do not say them."""
    claims = read(text)
    for kind in _KINDS:
        items = kind.items(claims)
        if not items:
            continue
        for claim in claims.quantities:
            if claim.kind not in {"amount", "count", "percent"}:
                continue
            mine = _of(claim, claims.quantities, items, text, kind.ordered)
            where = list(occurrences(claim, quoted))
            if not mine or not where:
                continue
            if not any(_allows(kind, piece, quantity, mine, quoted) for piece, quantity in where):
                yield "moved", f"{text[claim.start : claim.end]} – {text[mine[0].start : mine[0].end]}"
                break


def _of(figure: Quantity, figures: Sequence[Quantity], items: list[_Item], text: str, ordered: bool) -> list[_Item]:
    """The items to which a figure may belong, by what stands between it and the comparable figures beside it."""
    alike = sorted((q for q in figures if q.kind == figure.kind), key=lambda q: q.start)
    if len(alike) < 2 or len(items) < 2:
        return items
    low = max((q.end for q in alike if q.end <= figure.start), default=0)
    high = min((q.start for q in alike if q.start >= figure.end), default=len(text))
    before = [i for i in items if low <= i.start and i.end <= figure.start]
    after = [i for i in items if figure.end <= i.start and i.end <= high]
    if not ordered:
        return before + after or items
    if any(i.start < alike[0].start for i in items):
        close = [
            i
            for i in after
            if i.start - figure.end <= _NEAR and _PREPOSITION.search(normalize(text[figure.end : i.start]) or " ")
        ]
        if before:
            return [*before, *close]
        earlier = [i for i in items if i.end <= figure.start]
        return close or earlier[-1:]
    return after or [i for i in items if i.start >= figure.end][:1] or before


def _allows(kind: _Kind, piece: Piece, quantity: Quantity, mine: list[_Item], quoted: Sequence[Piece]) -> bool:
    there = kind.items(piece.reading)
    keys = [i.key for i in mine]
    if any(kind.alike(k, i.key) for k in keys for i in there):
        of = _of(quantity, piece.quantities, there, piece.text, kind.ordered)
        return any(kind.alike(k, i.key) for k in keys for i in of)
    if there and kind.alone:
        return False
    return any(_known(kind, k, piece, quoted) for k in keys)


def _known(kind: _Kind, key: str, piece: Piece, quoted: Sequence[Piece]) -> bool:
    """Whether the figure's own release names it: in its title, in another of its quotes, or by its date."""
    source = piece.source
    if key[0].isdigit():
        if source.day is not None and kind.alike(key, str(source.day.year)):
            return True
    elif any(related(key, n) for n in source.names) or any(
        related(key, m.entity.id) for m in find_mentions(source.title)
    ):
        return True
    return any(
        kind.alike(key, i.key) for p in quoted if p.source.release == source.release for i in kind.items(p.reading)
    )
