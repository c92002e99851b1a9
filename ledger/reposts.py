"""Releases that repeat another: the same facts in nearly the same words, so that totals count them once."""

import re
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, lru_cache, partial
from heapq import heapify, heappop, heappush
from itertools import pairwise

from arabic.normalize import normalize
from ledger.gazetteer import related
from ledger.rows import plain

WINDOW = 60
"""Within how many days a repost follows, or precedes, the release that it repeats."""
_SAME_FACTS = 0.5
_SAME_WORDS = 0.25
"""The least overlap (Jaccard) of the figures and of the neighbouring word pairs of a release and its repost."""
_WORD = re.compile(r"\w+")

_MOST = 400
"""A sum that more releases announce tells nothing about any of them."""
_KEYED = f"SELECT DISTINCT release FROM facts WHERE role = 'grant' AND value = ? AND unit = ? LIMIT {_MOST + 1}"  # noqa: S608


def mark(connection: sqlite3.Connection, changed: Iterable[str] | None = None) -> None:
    """Find the originals of the `changed` releases, and of those that share their announced sum, anew; else of all.

    The original is the earliest release that is told again and tells nothing again itself, whatever the order in which
    they were ingested. Sets releases.original (NULL for an original) and facts.repost; the caller's transaction.
    """
    place = cache(partial(_place, connection))
    read = lru_cache(maxsize=_KEPT)(partial(_Read, connection))

    @lru_cache(maxsize=_KEPT)
    def announcing(value: str, unit: str) -> list[_Order]:
        return sorted(at for name in _announcing(connection, value, unit) if (at := place(name)))

    if changed is None:
        near = {row[0] for row in connection.execute("SELECT id FROM releases")}
    else:
        near = set(changed)
        near = near.union(*(sharing(connection, name) for name in near))
    pending = [at for name in near if (at := place(name))]
    heapify(pending)
    done: set[str] = set()
    while pending:
        own = heappop(pending)
        name = own[-1]
        if name in done:
            continue
        done.add(name)
        others = [announcing(*key) for key in _keys(connection, name)]
        found = None
        for *_, other in sorted(set().union(*(_before(own, places) for places in others))):
            if _original(connection, other) is None and read(name).repeats(read(other)):
                found = other
                break
        was = _original(connection, name)
        if was != found:
            connection.execute("UPDATE releases SET original = ? WHERE id = ?", (found, name))
        if (was is None) != (found is None):
            connection.execute("UPDATE facts SET repost = ? WHERE release = ?", (int(found is not None), name))
            for places in others:  # those after it may repeat it now, or no longer
                for at in _after(own, places):
                    heappush(pending, at)


_Order = tuple[bool, int, int, str]


def _place(connection: sqlite3.Connection, name: str) -> _Order | None:
    """Where a release stands: by day, undated ones last; of a day the longest first. None for one that is gone."""
    found = connection.execute("SELECT date, length(text) FROM releases WHERE id = ?", (name,)).fetchone()
    if not found:
        return None
    day, length = found
    return day is None, date.fromisoformat(day).toordinal() if day else 0, -length, name


def _before(own: _Order, places: list[_Order]) -> list[_Order]:
    """The sorted places before one, near enough for a repost where both days are known."""
    undated, day, *_ = own
    return places[0 if undated else bisect_left(places, (False, day - WINDOW)) : bisect_left(places, own)]


def _after(own: _Order, places: list[_Order]) -> list[_Order]:
    """The same after it."""
    undated, day, *_ = own
    first, without_day = bisect_right(places, own), bisect_left(places, (True,))
    return (
        places[first:]
        if undated
        else places[first : bisect_left(places, (False, day + WINDOW + 1))] + places[without_day:]
    )


def _original(connection: sqlite3.Connection, name: str) -> str | None:
    found: tuple[str | None] = connection.execute("SELECT original FROM releases WHERE id = ?", (name,)).fetchone()
    return found[0]


def sharing(connection: sqlite3.Connection, release: str) -> set[str]:
    """The other releases that announce one of the sums that a release announces, or one misprinted by a power of ten."""
    return {name for key in _keys(connection, release) for name in _announcing(connection, *key)} - {release}


def _keys(connection: sqlite3.Connection, release: str) -> Iterator[tuple[str, str]]:
    """The sums (value, unit) by which those releases are found."""
    sums = connection.execute("SELECT DISTINCT value, unit FROM facts WHERE release = ? AND role = 'grant'", (release,))
    for value, unit in sums.fetchall():
        for power in _POWERS:
            yield plain(Decimal(value) * power), unit


def _announcing(connection: sqlite3.Connection, value: str, unit: str) -> list[str]:
    """The releases that announce a sum, none if these are too many."""
    found = connection.execute(_KEYED, (value, unit)).fetchall()
    return [name for (name,) in found] if len(found) <= _MOST else []


_POWERS = (Decimal(1), Decimal(10), Decimal("0.1"), Decimal(1000), Decimal("0.001"))
"""What a lost comma («3,4» told as «34») or a lost «ألف» makes of a sum."""


_KEPT = 2000
"""Releases, or sums, in memory at once; they are gone through by day, and reposts are near."""


class _Read:
    """What of a release is compared."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection, self._name = connection, name
        (self.country,) = connection.execute(
            "SELECT json_extract(facts, '$[2]') FROM releases WHERE id = ?", (name,)
        ).fetchone()
        rows = connection.execute(
            "SELECT value, unit, donor, recipient, role = 'grant' FROM facts "
            "WHERE release = ? AND kind IN ('funding', 'outcome')",
            (name,),
        ).fetchall()
        self.figures = frozenset((value, unit) for value, unit, *_ in rows)
        self.sums = frozenset((value, unit) for value, unit, _, _, grant in rows if grant)
        self.donors = frozenset(donor for _, _, donor, _, grant in rows if grant and donor)
        self.recipients = frozenset(body for _, _, _, body, grant in rows if grant and body)

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Its neighbouring words."""
        (text,) = self._connection.execute("SELECT text FROM releases WHERE id = ?", (self._name,)).fetchone()
        return frozenset(pairwise(_WORD.findall(normalize(text))))

    def repeats(self, other: "_Read") -> bool:
        """Whether this release tells the other's news again."""
        if _strangers(self.donors, other.donors) or _strangers(self.recipients, other.recipients):
            return False
        if self.country and other.country and self.country != other.country:
            return False
        if _overlap(self.figures, other.figures) >= _SAME_FACTS:
            return True
        return bool(self.sums & other.sums) and _overlap(self.pairs, other.pairs) >= _SAME_WORDS


def _strangers(these: frozenset[str], those: frozenset[str]) -> bool:
    """Whether both name bodies, and none of them belong together."""
    return bool(these and those) and not any(related(a, b) for a in these for b in those)


def _overlap(a: frozenset[object], b: frozenset[object]) -> float:
    """The shared part of the smaller set: a repost is often shortened."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
