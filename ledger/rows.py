"""The ledger's table: one row a fact, with the span that states it, and exact totals over any number of rows."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from arabic.counts import TIME_UNITS
from ledger.facts import Facts, Figure, Statement, Time
from ledger.gazetteer import Entity, descendants, entity
from ledger.release import Release

FactKind = Literal["funding", "outcome", "share", "period", "place", "goal", "actor"]
KINDS: tuple[FactKind, ...] = ("funding", "outcome", "share", "period", "place", "goal", "actor")

TABLE = """
CREATE TABLE facts (
    release TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    quote_start INTEGER NOT NULL, quote_end INTEGER NOT NULL, value TEXT, upper TEXT, hundredths INTEGER, unit TEXT,
    noun TEXT, donor TEXT, recipient TEXT, entity TEXT, main INTEGER NOT NULL, first TEXT, last TEXT, months INTEGER,
    first_year INTEGER, last_year INTEGER, own_years INTEGER NOT NULL, repost INTEGER NOT NULL DEFAULT 0
)
"""
INDICES = (
    "CREATE INDEX facts_release ON facts (release)",
    "CREATE INDEX facts_parties ON facts (kind, role, repost, donor, recipient, unit, hundredths)",
    "CREATE INDEX facts_sums ON facts (value, unit, release) WHERE role = 'grant'",
    "CREATE INDEX facts_entity ON facts (entity, release)",
)

_COLUMNS = (
    "release, kind, role, start, end, quote_start, quote_end, value, upper, unit, noun, donor, recipient, entity, main, "
    "first, last, months, first_year, last_year, own_years, repost"
)


class Row(NamedTuple):
    """A fact: where it is stated (offsets into the release's text), its normalised value, who and when.

    `value` (to `upper`) counts `unit`s: an ISO 4217 code for funding, a unit of arabic/data/units.yaml for outcomes,
    "percent" for shares. `entity` is the gazetteer id of a place or an actor. `first` and `last` are ISO dates as far
    as they are known (2020, 2020-04, 2020-04-13); `first_year` to `last_year` is when the fact belongs, by its own
    words where `own_years`, else by the release's date. `repost` marks a release that repeats another.
    """

    release: str
    kind: FactKind
    role: str
    start: int
    end: int
    quote_start: int
    quote_end: int
    value: Decimal | None = None
    upper: Decimal | None = None
    unit: str = ""
    noun: str = ""
    donor: str | None = None
    recipient: str | None = None
    entity: str | None = None
    main: bool = False
    first: str | None = None
    last: str | None = None
    months: int | None = None
    first_year: int | None = None
    last_year: int | None = None
    own_years: bool = False
    repost: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted; what is empty does not restrict. Entities match with all that belongs to them."""

    kinds: tuple[FactKind, ...] = ()
    roles: tuple[str, ...] = ()
    donors: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    units: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    main: bool = False
    reposts: bool = True


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the amounts of one unit, and how many rows it adds."""

    unit: str
    value: Decimal
    rows: int


def rows_of(release: Release, facts: Facts) -> Iterator[Row]:
    """All rows of a release, in the order of its text."""
    year = release.date.year if release.date else None
    seen: set[str] = set()
    periods: set[str] = set()
    for statement in facts.statements:
        for figure in statement.figures:
            if figure.unit in TIME_UNITS or (figure.unit == "other" and not figure.noun):
                continue  # lengths of time are periods; a number that counts nothing nameable is no fact
            yield _figure_row(release.id, statement, figure, year)
        for time in statement.times:
            if time.kind in {"range", "duration", "start", "end"}:
                news = _is_of_the_project(statement, time, release, periods)
                yield _period_row(release.id, statement, time, year, main=news)
        if "goal" in statement.cues:
            yield Row(
                release.id, "goal", "target", statement.start, statement.end, statement.start, statement.end,
                first_year=year, last_year=year,
            )  # fmt: skip
        for named in statement.named:
            if named.entity in seen:
                continue
            seen.add(named.entity)
            item = entity(named.entity)
            kind: FactKind = "place" if item.kind == "place" else "actor"
            yield Row(
                release.id, kind, _part(item, facts), named.start, named.end, statement.start, statement.end,
                entity=named.entity, first_year=year, last_year=year,
            )  # fmt: skip


def _part(item: Entity, facts: Facts) -> str:
    if item.kind == "place":
        return "place"
    if item.id in facts.donors:
        return "donor"
    return "recipient" if item.id in facts.recipients else "named"


_KIND: dict[str, FactKind] = {"amount": "funding", "count": "outcome", "percent": "share"}


def _figure_row(release: str, statement: Statement, figure: Figure, year: int | None) -> Row:
    return Row(
        release, _KIND[figure.kind], figure.role, figure.start, figure.end, statement.start, statement.end,
        value=figure.value, upper=figure.upper, unit=figure.unit, noun=figure.noun, donor=figure.donor,
        recipient=figure.recipient, main=figure.main,
        first_year=min(figure.years, default=year), last_year=max(figure.years, default=year),
        own_years=bool(figure.years),
    )  # fmt: skip


def _is_of_the_project(statement: Statement, time: Time, release: Release, told: set[str]) -> bool:
    """Whether a period is that of the announced project: the first of its sort that is neither earlier nor over."""
    if time.kind in told or "previous" in statement.cues:
        return False
    years = time.years
    if years and release.date and years[-1] < release.date.year:
        return False
    day, last = release.date, time.last
    if time.kind == "end" and day and last and last[1] > 0 and last[:2] < (day.year, day.month):
        return False  # «أنهى حتى حزيران 328 مشروعاً», told in July
    told.add(time.kind)
    return True


def _period_row(release: str, statement: Statement, time: Time, year: int | None, *, main: bool) -> Row:
    years = time.years
    return Row(
        release, "period", time.kind, time.start, time.end, statement.start, statement.end,
        first=_iso(time.first), last=_iso(time.last), months=time.months, main=main,
        first_year=min(years, default=year), last_year=max(years, default=year), own_years=bool(years),
    )  # fmt: skip


def _iso(point: tuple[int, int, int] | None) -> str | None:
    if not point or not point[0]:
        return None
    return "-".join([f"{point[0]:04}", *(f"{p:02}" for p in point[1:] if p)])


def insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Add rows to the table; the caller's transaction."""
    connection.executemany(
        f"INSERT INTO facts ({_COLUMNS}, hundredths) VALUES ({', '.join('?' * 23)})",  # noqa: S608  only constants
        [
            (*r[:7], None if r.value is None else plain(r.value), None if r.upper is None else plain(r.upper),
             *r[9:14], int(r.main), *r[15:20], int(r.own_years), int(r.repost), _hundredths(r.value))
            for r in rows
        ],
    )  # fmt: skip


def plain(value: Decimal) -> str:
    """The one way to write a value in the table, so that «3.40 مليون» and «3.4 مليون» are found as the same."""
    whole, point, fraction = f"{value:f}".partition(".")
    return f"{whole}{point}{fraction}".rstrip("0").rstrip(".") if point else whole


def _hundredths(value: Decimal | None) -> int | None:
    """A value in hundredths, None where the column cannot hold it exactly; `totals` then adds the value itself."""
    if value is None or abs(value) > _MOST or value * 100 != (whole := int(value * 100)):
        return None
    return whole


_MOST = Decimal(2**63 // 100 - 1)
"""The most that an SQLite integer holds in hundredths."""
_HALF = 10**9
"""Hundredths are added in two halves, so that no sum of them exceeds an SQLite integer either."""


def select(connection: sqlite3.Connection, wanted: Filter) -> list[Row]:
    """The rows that match, by release and place in its text."""
    where, values = _where(wanted)
    query = f"SELECT {_COLUMNS} FROM facts {where} ORDER BY release, start, kind"  # noqa: S608
    return [_row(found) for found in connection.execute(query, values)]


def totals(connection: sqlite3.Connection, wanted: Filter) -> list[Total]:
    """The exact sum of the matching amounts for each unit, the largest number of rows first.

    Sums are taken in hundredths as integers, so that no rounding enters; the few values that are finer or larger than
    these hold are added one by one.
    """
    where, values = _where(wanted)
    both = f"sum(hundredths / {_HALF}), sum(hundredths % {_HALF}), count(hundredths)"
    found: dict[str, tuple[Decimal, int]] = {}
    for unit, high, low, count in connection.execute(f"SELECT unit, {both} FROM facts {where} GROUP BY unit", values):  # noqa: S608
        if count:
            found[unit] = Decimal(int(high) * _HALF + int(low)) / 100, count
    beyond = f"{where} {'AND' if where else 'WHERE'} hundredths IS NULL AND value IS NOT NULL"
    for unit, value in connection.execute(f"SELECT unit, value FROM facts {beyond}", values):  # noqa: S608
        total, count = found.get(unit, (Decimal(0), 0))
        found[unit] = total + Decimal(value), count + 1
    sums = (Total(unit, total, count) for unit, (total, count) in found.items())
    return sorted(sums, key=lambda t: (-t.rows, t.unit))


def _where(wanted: Filter) -> tuple[str, list[object]]:
    parts: list[str] = []
    values: list[object] = []

    def among(column: str, allowed: Sequence[object]) -> None:
        if allowed:
            parts.append(f"{column} IN ({', '.join('?' * len(allowed))})")
            values.extend(allowed)

    among("kind", wanted.kinds)
    among("role", wanted.roles)
    among("unit", wanted.units)
    among("release", wanted.releases)
    among("donor", [n for d in wanted.donors for n in descendants(d)])
    among("recipient", [n for r in wanted.recipients for n in descendants(r)])
    for place in wanted.places:
        parts.append("release IN (SELECT release FROM mentions WHERE entity = ?)")
        values.append(place)
    if wanted.first_year is not None:
        parts.append("last_year >= ?")
        values.append(wanted.first_year)
    if wanted.last_year is not None:
        parts.append("first_year <= ?")
        values.append(wanted.last_year)
    if wanted.main:
        parts.append("main = 1")
    if not wanted.reposts:
        parts.append("repost = 0")
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def _row(found: Sequence[object]) -> Row:
    r: list[Any] = list(found)
    return Row(
        r[0], r[1], r[2], r[3], r[4], r[5], r[6],
        value=None if r[7] is None else Decimal(r[7]), upper=None if r[8] is None else Decimal(r[8]),
        unit=r[9] or "", noun=r[10] or "", donor=r[11], recipient=r[12], entity=r[13], main=bool(r[14]),
        first=r[15], last=r[16], months=r[17], first_year=r[18], last_year=r[19], own_years=bool(r[20]),
        repost=bool(r[21]),
    )  # fmt: skip
