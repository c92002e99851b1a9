"""Releases that take an earlier one further: an appeal that is raised, a count that is corrected, a term that is extended."""

from collections.abc import Iterable
from functools import lru_cache

from arabic.cues import load_cues
from arabic.dates import find_dates
from arabic.normalize import normalize
from ledger.facts import LEAD, Facts, Statement
from ledger.release import Release

_DAYS = 183
"""Within how many days a story goes on; after that a donor's next grant begins."""


def takes_up(later: Release, later_facts: Facts, earlier: Release, earlier_facts: Facts) -> bool:
    """Whether a release revises an earlier one of the same bodies in the same country.

    It says that something was changed, and names the day of the earlier release or prints a sum that was announced there.
    """
    if later.date is None or earlier.date is None or not 0 < (later.date - earlier.date).days <= _DAYS:
        return False
    parties = [set(f.donors) | set(f.recipients) for f in (later_facts, earlier_facts)]
    if not parties[0] & parties[1] or _apart(later_facts.country, earlier_facts.country):
        return False
    changed = [s for s in later_facts.statements if is_revision(later.text[s.start : s.end])]
    if not is_revision(later.title) and not any(s in changed for s in later_facts.statements[:LEAD]):
        return False
    day = earlier.date
    named = ((d.year or day.year, d.month, d.day) for d in find_dates(later.text))
    if (day.year, day.month, day.day) in named:
        return True
    announced = _sums(earlier_facts.statements[:LEAD])
    return bool(announced & _sums(changed))


@lru_cache(maxsize=65536)
def is_revision(text: str) -> bool:
    """Whether a text says that something was raised, corrected or extended."""
    return load_cues("answering", "stories.yaml")["revised"].search(normalize(text)) is not None


def _apart(a: str | None, b: str | None) -> bool:
    return a is not None and b is not None and a != b


def _sums(statements: Iterable[Statement]) -> set[tuple[object, str]]:
    return {(f.value, f.unit) for s in statements for f in s.figures if f.kind == "amount"}
