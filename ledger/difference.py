"""What changed between the facts of a release as it was and as it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.rows import Row


@dataclass(frozen=True, slots=True)
class Difference:
    """Facts as printed: those that are new, those with another value (old, new), those that are gone."""

    release: str
    added: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Printed:
    """A row with its words in the release."""

    row: Row
    text: str


def difference(release: str, before: Sequence[Printed], after: Sequence[Printed]) -> Difference:
    """Compare facts by what they say, wherever they stand in the text; a new figure in an old one's place is a change."""
    gone, new = _minus(before, after), _minus(after, before)
    changed: list[tuple[str, str]] = []
    for old in list(gone):
        twin = next((n for n in new if _place(n.row) == _place(old.row)), None)
        if twin is not None:
            changed.append((old.text, twin.text))
            gone.remove(old)
            new.remove(twin)
    return Difference(release, tuple(n.text for n in new), tuple(changed), tuple(o.text for o in gone))


def _minus(these: Sequence[Printed], those: Sequence[Printed]) -> list[Printed]:
    """Those of the first that the second does not state, as often as it states them."""
    left = Counter(_said(p) for p in those)
    found = []
    for printed in these:
        key = _said(printed)
        if left[key]:
            left[key] -= 1
        else:
            found.append(printed)
    return found


def _said(printed: Printed) -> tuple[Row, str]:
    """The fact without where it stands; a goal is its words."""
    row = printed.row._replace(start=0, end=0, quote_start=0, quote_end=0, main=False, repost=False)
    return row, " ".join(printed.text.split()) if row.kind == "goal" else ""


def _place(row: Row) -> tuple[object, ...]:
    """What a changed figure keeps: its kind, role, unit and parties."""
    return (row.kind, row.role, row.unit, row.noun, row.donor, row.recipient, row.entity)
