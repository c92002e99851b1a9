"""Releases that repeat another: the same facts in nearly the same words, so that totals count them once."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
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

_KEYED = "SELECT release FROM facts WHERE role = 'grant' AND value = ? AND unit = ?"


def mark(connection: sqlite3.Connection, changed: Iterable[str] | None = None) -> None:
    """Find the originals of the `changed` releases, and of those that share their announced sum, anew; else of all.

    The original is the earliest release that is told again and tells nothing again itself, whatever the order in which
    they were ingested. Sets releases.original (NULL for an original) and facts.repost; the caller's transaction.
    """
    place = cache(partial(_place, connection))
    read = lru_cache(maxsize=_KEPT)(partial(_Read, connection))
    announcing = lru_cache(maxsize=_KEPT)(partial(_announcing, connection))
    shared = lru_cache(maxsize=_KEPT)(partial(_sharing, connection, announcing))
    if changed is None:
        near = {row[0] for row in connection.execute("SELECT id FROM releases")}
    else:
        near = set(changed)
        near = near.union(*map(shared, near))
    pending = [(at, name) for name in near if (at := place(name))]
    heapify(pending)
    done: set[str] = set()
    while pending:
        own, name = heappop(pending)
        if name in done:
            continue
        done.add(name)
        others = shared(name)
        if len(others) > _MOST:
            continue
        found = None
        for _, other in sorted((at, o) for o in others if (at := place(o)) and at < own and own[1] - at[1] <= WINDOW):
            if _original(connection, other) is None and read(name).repeats(read(other)):
                found = other
                break
        was = _original(connection, name)
        if was != found:
            connection.execute("UPDATE releases SET original = ? WHERE id = ?", (found, name))
        if (was is None) != (found is None):
            connection.execute("UPDATE facts SET repost = ? WHERE release = ?", (int(found is not None), name))
            # Those after it may repeat it now, or no longer.
            for other in others:
                if (at := place(other)) and at > own and at[1] - own[1] <= WINDOW:
                    heappush(pending, (at, other))


_Order = tuple[bool, int, int, str]


def _place(connection: sqlite3.Connection, name: str) -> _Order | None:
    """Where a release stands: by day, undated ones last; of a day the longest first. None for one that is gone.

    Days are numbers whose difference tells how far apart they are; one without a date comes after all and far from none.
    """
    found = connection.execute("SELECT date, length(text) FROM releases WHERE id = ?", (name,)).fetchone()
    if not found:
        return None
    day, length = found
    return day is None, date.fromisoformat(day).toordinal() if day else 0, -length, name


def _original(connection: sqlite3.Connection, name: str) -> str | None:
    found: tuple[str | None] = connection.execute("SELECT original FROM releases WHERE id = ?", (name,)).fetchone()
    return found[0]


def sharing(connection: sqlite3.Connection, release: str) -> set[str]:
    """The other releases that announce one of the sums that a release announces, or one misprinted by a power of ten."""
    return _sharing(connection, partial(_announcing, connection), release)


def _sharing(connection: sqlite3.Connection, announcing: Callable[[str, str], Sequence[str]], release: str) -> set[str]:
    sums = connection.execute("SELECT DISTINCT value, unit FROM facts WHERE release = ? AND role = 'grant'", (release,))
    found: set[str] = set()
    for value, unit in sums.fetchall():
        for power in _POWERS:
            found.update(announcing(plain(Decimal(value) * power), unit))
    return found - {release}


def _announcing(connection: sqlite3.Connection, value: str, unit: str) -> list[str]:
    """The releases that announce a sum."""
    return [row[0] for row in connection.execute(_KEYED, (value, unit))]


_POWERS = (Decimal(1), Decimal(10), Decimal("0.1"), Decimal(1000), Decimal("0.001"))
"""What a lost comma («3,4» told as «34») or a lost «ألف» makes of a sum."""


_MOST = 400
"""A sum that more releases announce tells nothing about any of them."""
_KEPT = 2000
"""Releases in memory at once; they are gone through by day, and reposts are near."""


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
