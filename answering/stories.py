"""One story told by several releases: reposts give way to the release that they repeat."""

from collections.abc import Sequence

from answering.candidates import Candidate
from ledger.facts import Time
from ledger.gazetteer import related
from ledger.store import Ledger

_REPOST_DAYS = 45


def originals(ledger: Ledger, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Candidates, the best first; where the first stands in a repost, the one that says the same in the original leads."""
    first = ranked[0]
    original = ledger.original(first.source.release.id)
    twin = next((c for c in ranked[1:] if c.source.release.id == original and _says_the_same(c, first)), None)
    return [twin, *(c for c in ranked if c is not twin)] if twin else list(ranked)


def same_story(a: Candidate, b: Candidate) -> bool:
    """The same sum by the same giver within some weeks: a repost of the news."""
    x, y = a.figure, b.figure
    if x is None or y is None or (x.value, x.unit) != (y.value, y.unit):
        return False
    if x.donor and y.donor and not related(x.donor, y.donor):
        return False
    days = a.source.release.date, b.source.release.date
    return days[0] is None or days[1] is None or abs((days[0] - days[1]).days) <= _REPOST_DAYS


def _says_the_same(a: Candidate, b: Candidate) -> bool:
    if a.figure is not None and b.figure is not None:
        if a.figure.main and b.figure.main and a.figure.unit == b.figure.unit:
            return True  # where a repost prints another sum, the original is right
        return (a.figure.kind, a.figure.value, a.figure.unit) == (b.figure.kind, b.figure.value, b.figure.unit)
    x, y = _time(a), _time(b)
    if x is not None and y is not None:
        return (x.first, x.last, x.months) == (y.first, y.last, y.months) or x.months == y.months is not None
    return a.wanted.kind in {"place", "actor", "statement"} and a.figure is b.figure is None and x is y is None


def _time(candidate: Candidate) -> Time | None:
    return next((t for t in candidate.statement.times if (t.start, t.end) == candidate.spans[0]), None)
