"""Releases that repeat another: the same facts in nearly the same words, so that totals count them once."""

import re
import sqlite3
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from arabic.normalize import normalize
from ledger.gazetteer import related

WINDOW = 60
"""Within how many days a repost follows, or precedes, the release that it repeats."""
_SAME_FACTS = 0.5
_SAME_WORDS = 0.25
"""The least overlap (Jaccard) of the figures and of the neighbouring word pairs of a release and its repost."""
_WORD = re.compile(r"\w+")

_KEYED = (
    "SELECT DISTINCT f.release FROM facts f WHERE f.role = 'grant' AND f.value = ? AND f.unit = ? AND f.release <> ?"
)


def mark(connection: sqlite3.Connection, changed: Iterable[str]) -> None:
    """Find the originals of the `changed` releases, and of those that share their announced sum, anew.

    Sets releases.original (NULL for an original) and facts.repost; the caller's transaction.
    """
    for group in _groups(connection, set(changed)):
        releases = {name: _Read(connection, name) for name in group}
        first = min((r.day for r in releases.values() if r.day), default=date.min)
        ordered = sorted(group, key=lambda name: (releases[name].day or first, -len(releases[name].text), name))
        originals: list[str] = []
        for name in ordered:
            own = releases[name]
            original = next((o for o in originals if own.repeats(releases[o])), None)
            if original is None:
                originals.append(name)
            connection.execute("UPDATE releases SET original = ? WHERE id = ?", (original, name))
            connection.execute(
                "UPDATE facts SET repost = ? WHERE release = ? AND repost <> ?",
                (int(original is not None), name, int(original is not None)),
            )


def sharing(connection: sqlite3.Connection, release: str) -> set[str]:
    """The other releases that announce one of the sums that a release announces."""
    sums = connection.execute("SELECT DISTINCT value, unit FROM facts WHERE release = ? AND role = 'grant'", (release,))
    found: set[str] = set()
    for value, unit in sums.fetchall():
        found |= {row[0] for row in connection.execute(_KEYED, (value, unit, release))}
    return found


def _groups(connection: sqlite3.Connection, changed: set[str]) -> Iterable[set[str]]:
    """The changed releases that still exist, each with all that share an announced sum with it."""
    done: set[str] = set()
    for name in sorted(changed):
        known = connection.execute("SELECT 1 FROM releases WHERE id = ?", (name,)).fetchone()
        if known and name not in done:
            group = {name} | sharing(connection, name)
            if len(group) <= _MOST:
                done |= group
                yield group


_MOST = 400
"""A sum that more releases announce tells nothing about any of them."""


class _Read:
    """What of a release is compared."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        day, self.text = connection.execute("SELECT date, text FROM releases WHERE id = ?", (name,)).fetchone()
        self.day = date.fromisoformat(day) if day else None
        words = _WORD.findall(normalize(self.text))
        self.pairs = frozenset(pairwise(words))
        rows = connection.execute(
            "SELECT value, unit, donor, role = 'grant' FROM facts WHERE release = ? AND kind IN ('funding', 'outcome')",
            (name,),
        ).fetchall()
        self.figures = frozenset((value, unit) for value, unit, _, _ in rows)
        self.donors = frozenset(donor for _, _, donor, grant in rows if grant and donor)

    def repeats(self, other: "_Read") -> bool:
        """Whether this release tells the other's news again."""
        if self.day and other.day and abs((self.day - other.day).days) > WINDOW:
            return False
        if self.donors and other.donors and not any(related(a, b) for a in self.donors for b in other.donors):
            return False
        return _overlap(self.figures, other.figures) >= _SAME_FACTS or _overlap(self.pairs, other.pairs) >= _SAME_WORDS


def _overlap(a: frozenset[object], b: frozenset[object]) -> float:
    """The shared part of the smaller set: a repost is often shortened."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
