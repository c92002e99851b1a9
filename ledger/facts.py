"""What a release states, each with the span that states it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

LEAD = 3
"""How many statements at the start announce the news; the inverted pyramid of a release puts it there."""

FigureKind = Literal["amount", "count", "percent"]
Role = Literal[
    "grant", "component", "package", "cumulative", "need", "equivalent", "subgrant", "background", "target", "outcome"
]


class Named(NamedTuple):
    """An entity of the gazetteer as a sentence names it; offsets are into the release's text."""

    entity: str
    start: int
    end: int


class Figure(NamedTuple):
    """An amount of money, a count or a share.

    `value` is in units of `unit`: an ISO 4217 code for amounts, a unit of arabic/data/units.yaml for counts, "percent".
    `upper` closes a range. `role` says what an amount is: this grant, a part of it, the package that holds it, a total
    over years, a need, the same sum in another currency, a grant passed on, or background. For counts it is
    "target" or "outcome" where the words tell. `donor` and `recipient` are gazetteer ids; `years` the years that the
    words themselves give to the figure, empty where only the release's date dates it. `main` marks the sum that the
    release announces.
    """

    kind: FigureKind
    value: Decimal
    unit: str
    noun: str
    start: int
    end: int
    upper: Decimal | None = None
    qualifier: str | None = None
    role: Role = "background"
    donor: str | None = None
    recipient: str | None = None
    years: tuple[int, ...] = ()
    main: bool = False


class Time(NamedTuple):
    """A date (kind "date") or a period as printed; `first` and `last` are (year, month or 0, day or 0)."""

    kind: str
    start: int
    end: int
    first: tuple[int, int, int] | None = None
    last: tuple[int, int, int] | None = None
    months: int | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """Every year that it touches."""
        if self.first and self.last:
            return tuple(range(self.first[0], self.last[0] + 1))
        point = self.first or self.last
        return (point[0],) if point and point[0] else ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, a list item or a table row of a release's body, and what it states."""

    start: int
    end: int
    kind: Literal["sentence", "item", "row"]
    section: str
    figures: tuple[Figure, ...] = ()
    times: tuple[Time, ...] = ()
    named: tuple[Named, ...] = ()
    cues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one release: who gives, who receives and where, by its headline and lead; its statements."""

    release: str
    donors: tuple[str, ...]
    recipients: tuple[str, ...]
    country: str | None
    statements: tuple[Statement, ...]
