"""What a text states that can be checked: quantities, dates, names, shares in words, denials."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from arabic.amounts import find_amounts, find_currencies
from arabic.analyzer import words as words_of
from arabic.counts import TIME_UNITS, find_counts, unit_of
from arabic.cues import load_yaml
from arabic.dates import find_dates
from arabic.normalize import fold, normalize
from arabic.numbers import find_numbers
from arabic.periods import PartialDate, find_periods
from ledger.gazetteer import find_mentions

QuantityKind = Literal["amount", "count", "percent", "number", "ordinal"]
Point = tuple[int, int, int]
"""(year, month, day), 0 for what is not stated."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at [start, end): `unit` is an ISO 4217 code for amounts, a unit of arabic/data/units.yaml for counts."""

    kind: QuantityKind
    value: Decimal
    upper: Decimal | None
    unit: str
    start: int
    end: int
    qualifier: str | None = None
    money: str = ""
    """The currency's noun where an amount names no more than that («كرونة»), folded."""


@dataclass(frozen=True, slots=True)
class Date:
    """A date as printed at [start, end)."""

    point: Point
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A from-to range at [start, end)."""

    first: Point
    last: Point
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Length:
    """A duration of `months`, stated or the length of a range, at [start, end)."""

    months: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """An entity of the gazetteer, named at [start, end)."""

    entity: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a group of answering/data/verify.yaml at [start, end)."""

    group: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything of a text that can be checked, each kind in order."""

    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    stretches: tuple[Stretch, ...]
    lengths: tuple[Length, ...]
    names: tuple[Name, ...]
    shares: tuple[Word, ...]
    crowds: tuple[Word, ...]
    negations: tuple[Word, ...]


_POSSESSIVE = re.compile(r"(?<=[A-Za-z])['’]s(?![A-Za-z])")


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """Read a text once; amounts win over counts, counts over shares, dates over bare numbers."""
    dates = _dates(text)
    periods = find_periods(text)
    quantities = _quantities(text, dates)
    money = [(q.start, q.end) for q in quantities if q.kind == "amount"]
    names = tuple(
        Name(m.entity.id, m.start, m.end)
        for m in find_mentions(_POSSESSIVE.sub("  ", text))
        if not _touches(m.start, m.end, money)  # the American of «دولار أمريكي» names nobody
    )
    folded = fold(text)
    words = {
        group: tuple(Word(key, *folded.span(*m.span())) for key, p in found.items() for m in p.finditer(folded.text))
        for group, found in _words().items()
    }
    return Reading(
        quantities=quantities,
        dates=dates,
        stretches=tuple(
            Stretch(_point(p.first), _point(p.last), p.start, p.end)
            for p in periods
            if p.kind == "range" and p.first and p.last
        ),
        lengths=tuple(Length(p.months, p.start, p.end) for p in periods if p.months),
        names=names,
        shares=tuple(
            w for w in words["shares"] if not _touches(w.start, w.end, [(q.start, q.end) for q in quantities])
        ),
        crowds=tuple(
            w for w in words["crowds"] if not _touches(w.start, w.end, [(q.start, q.end) for q in quantities])
        ),
        negations=tuple(sorted(words["negations"], key=lambda w: w.start)),
    )


def _point(date: PartialDate | None) -> Point:
    return (date.year, date.month or 0, date.day or 0) if date else (0, 0, 0)


def _touches(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in spans)


def _dates(text: str) -> tuple[Date, ...]:
    """Dates as printed; a month of a range takes its year from the range («من آذار إلى كانون الأول 2019»)."""
    ends = [
        (p, _point(p.first), _point(p.last)) for p in find_periods(text) if p.kind == "range" and p.first and p.last
    ]
    found = []
    for date in find_dates(text):
        point = (date.year or 0, date.month or 0, date.day or 0)
        for period, first, last in ends:
            if not point[0] and period.start <= date.start < period.end:
                point = first if point[1] == first[1] else last
        found.append(Date(point, date.start, date.end))
    return tuple(found)


_ONE_PERCENT = re.compile(r"(?<!\w)واحدا?\s+(?:في|ب)\s?(?:ال)?(?:مئه|مائه|ميه)(?!\w)")
_LESS = re.compile(r"(?:دون|اقل من)\s*$")
_FOREIGN_MONEY = re.compile(r"\s+([A-Za-z]+)\s+([A-Za-z]+)")


_MORE = re.compile(r"\b(?:(more than|over|above|exceeding)|(less than|under|below|fewer than))\s*$", re.IGNORECASE)


def _bare_money(words: str) -> str:
    """The noun of money without a country's name beside it; «دولار» alone is the American one everywhere."""
    last = normalize(words).split()[-1:]
    noun = last[0].rstrip("ا") if last and find_currencies(last[0]) and last[0][:1] >= "\u0621" else ""
    return "" if noun.startswith("دولار") else noun


def _spoken(before: str) -> str | None:
    """The qualifier before a currency sign («more than US$2 million»)."""
    match = _MORE.search(before)
    return None if match is None else "more_than" if match[1] else "less_than"


def _quantities(text: str, dates: tuple[Date, ...]) -> tuple[Quantity, ...]:
    found = [Quantity("amount", a.value, a.upper, a.currency, a.start, a.end, a.qualifier) for a in find_amounts(text)]
    found = [
        replace(q, qualifier=q.qualifier or _spoken(text[: q.start]), money=_bare_money(text[q.start : q.end]))
        for q in found
    ]
    taken = [(q.start, q.end) for q in found]
    dated = [(d.start, d.end) for d in dates]
    numbers = find_numbers(text)
    for number in numbers:  # «45 million Swedish kronor»: English puts the country before the noun
        after = _FOREIGN_MONEY.match(text, number.end)
        if after and not _touches(number.start, number.end, taken):
            money = find_amounts(f"1 {after[2]} {after[1]}")
            if money and money[0].end == len(after[2]) + len(after[1]) + 3:
                found.append(
                    Quantity(
                        "amount",
                        number.value,
                        number.upper,
                        money[0].currency,
                        number.start,
                        after.end(),
                        number.qualifier,
                    )
                )
                taken.append((number.start, after.end()))
    for count in find_counts(text):
        if not _touches(count.start, count.end, taken + dated):
            kind: QuantityKind = "percent" if count.unit == "percent" else "count"
            found.append(Quantity(kind, count.value, count.upper, count.unit, count.start, count.end, count.qualifier))
            taken.append((count.start, count.end))
    for number in numbers:
        if _touches(number.start, number.end, taken + dated):
            continue
        kind = {"percent": "percent", "ordinal": "ordinal"}.get(number.kind, "number")  # type: ignore[assignment]
        unit = "percent" if kind == "percent" else ""
        found.append(Quantity(kind, number.value, number.upper, unit, number.start, number.end, number.qualifier))
    folded = fold(text)
    for match in _ONE_PERCENT.finditer(folded.text):
        start, end = folded.span(*match.span())
        if not _touches(start, end, [(q.start, q.end) for q in found]):
            less = _LESS.search(folded.text[: match.start()])
            found.append(Quantity("percent", Decimal(1), None, "percent", start, end, "less_than" if less else None))
    return tuple(sorted(found, key=lambda q: q.start))


@lru_cache(maxsize=2048)
def units_named(text: str) -> frozenset[str]:
    """The units of everything that a text names and that can be counted."""
    return frozenset(unit for word in words_of(text) for form in (word, word[1:]) if (unit := unit_of(form)))


def is_duration(quantity: Quantity) -> bool:
    """Whether a count counts time."""
    return quantity.unit in TIME_UNITS


@cache
def table() -> dict[str, object]:
    """answering/data/verify.yaml."""
    loaded = load_yaml("answering", "verify.yaml")
    assert isinstance(loaded, dict)
    return loaded


@cache
def share_percent(group: str) -> Decimal:
    """What a share in words is of a hundred."""
    shares = table()["shares"]
    assert isinstance(shares, dict)
    return Decimal(shares[group]["percent"])


@cache
def _words() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    data = table()
    shares, crowds, negations, lacks = (data[key] for key in ("shares", "crowds", "negations", "lacks"))
    assert isinstance(shares, dict)
    assert isinstance(crowds, dict)
    assert isinstance(negations, list)
    assert isinstance(lacks, list)
    return {
        "shares": {key: _pattern(row["words"]) for key, row in shares.items()},
        "crowds": {key: _pattern(row) for key, row in crowds.items()},
        "negations": {"no": _pattern(negations, r"(?!\s+[يت]?زال)"), "lack": _pattern(lacks)},  # «لا تزال» affirms
    }


def _pattern(words: list[str], unless: str = "") -> re.Pattern[str]:
    """Whole words, with the usual one-letter proclitics."""
    body = "|".join(sorted((re.escape(normalize(w)) for w in words), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:[وف])?[بلك]?(?:{body})(?!\w){unless}")
