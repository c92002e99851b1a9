"""Dates in text: days, months and years in all month-name families of Arabic, in English and in Sorani."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from arabic.cues import load_yaml
from arabic.normalize import fold, normalize
from arabic.number_words import number_words


class DateMention(NamedTuple):
    """A date as printed at [start, end); what it does not state is None."""

    start: int
    end: int
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class _Months:
    number: dict[str, int]
    context: frozenset[str]
    named: re.Pattern[str]
    first: frozenset[str]
    """The first words of the names, with and without proclitics."""


_CLITICS = tuple(a + b for a in ("", "و", "ف") for b in ("", "ب", "ل", "لل"))
_YEAR = r"(?P<year>(?:19[5-9]|20[0-4])\d)(?!\d|[.,،٬]\d|\s*(?:%|٪))"
_YEAR_WORD = r"(?:(?:من|ل|ب)?\s*(?:ال)?(?:عام|سنه|السنه|العام|لعام|لسنه)\s+)?"
_ISO = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>0?[1-9]|1[0-2])[-/.](?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)
_NUMERIC = re.compile(
    r"(?<!\d)(?P<day>0?[1-9]|[12]\d|3[01])[-/.](?P<month>0?[1-9]|1[0-2])[-/.](?P<year>(?:19|20)\d\d)(?!\d)"
)
_NUMBERED = re.compile(
    rf"(?<!\w)(?:و|ف)?(?:ب|ل)?(?:ال)?شهر\s+(?P<month>\d{{1,2}}|[^\W\d_]{{3,}})(?!\w)(?:\s*[/،-]?\s*(?:من\s+)?{_YEAR_WORD}{_YEAR})?"
)
"""«شهر 5», «شهر خمسة 2023»."""
_SEPARATED = re.compile(r"[-/.]\d\d?[-/.]")
"""What a date in digits cannot do without."""
_YEAR_BEFORE = re.compile(r"(?<!\d)(?:19|20)\d\d\s*(?:و|and|to|الي|[-–])\s*$")
"""Before the second of two years: «بين 2018 و2020 مشروعاً» counts no projects."""
_ANY_YEAR = re.compile(r"(?:19|20)\d\d")
_BARE_YEAR = re.compile(rf"(?<![\d.,،٬/+])(?:(?<!\d[-–])|(?<=(?:19|20)\d\d[-–])){_YEAR}")
_CONTEXT_BEFORE = re.compile(
    r"(?:^|\s)(?:و|ف)?(?:شهر|لشهر|بشهر|نهايه|اواخر|اوائل|مطلع|منتصف|بدايه|بين|من|حتي|الي|منذ|in|since|until|of|from|to|by)\s+(?:شهر\s+)?$"
)
_IN_BEFORE = re.compile(r"(?<!\w)(?:و|ف)?(?:في|عام|العام|لعام|بعام|سنه|منذ|خلال|مطلع|نهايه|اواخر|in|since)$")
"""«نفذا في 2020 مشروعاً» counts no projects."""
_IN_LENGTH = 20
"""Characters in which it stands."""
_COUNTED_AFTER = re.compile(
    r"\s*(?:مليون|الف|مليار|دولار|يورو|دينار|ريال|جنيه|شخص\w*|نازح\w*|لاجي\w*|لاجئ\w*|طفل\w*|اسره|عائله|وظيفه|متر\w*|شاب\w*|مشروع\w*|امراه|منزل\w*|طن\w*|people|million)(?!\w)"
)


def find_dates(text: str) -> list[DateMention]:
    """Every date that gives a year or a month, in order; a year that counts something («2020 شخص») is none."""
    return list(_find(text))


@lru_cache(maxsize=1024)
def _find(text: str) -> tuple[DateMention, ...]:
    folded = fold(text)
    table = _months()
    by_name = not table.first.isdisjoint(folded.words)
    if not by_name and not folded.has_digits:
        return ()
    by_year = folded.has_digits and _ANY_YEAR.search(folded.text) is not None
    found: list[DateMention] = []
    taken: list[tuple[int, int]] = []

    def add(start: int, end: int, year: int | None, month: int | None, day: int | None) -> None:
        if any(start < b and a < end for a, b in taken):
            return
        taken.append((start, end))
        first, last = folded.span(start, end)
        found.append(DateMention(first, last, text[first:last], year, month, day))

    for pattern in (_ISO, _NUMERIC) if by_year and _SEPARATED.search(folded.text) else ():
        for match in pattern.finditer(folded.text):
            add(match.start(), match.end(), int(match["year"]), int(match["month"]), int(match["day"]))
    for match in table.named.finditer(folded.text) if by_name else ():
        name = " ".join(match["month"].split())
        day, year = match["day"] or match["day2"], match["year"]
        word_day = _day(match["dayword"])
        if name in table.context and not (year or day or _CONTEXT_BEFORE.search(folded.text[: match.start("month")])):
            continue
        start = match.start() if day or word_day else match.start("month")
        add(start, match.end(), int(year) if year else None, table.number[name], int(day) if day else word_day)
    for match in _NUMBERED.finditer(folded.text) if "شهر" in folded.text else ():
        month = int(match["month"]) if match["month"].isdigit() else number_words().cardinals.get(match["month"], 0)
        if 1 <= month <= 12 and (match["year"] or match["month"].isdigit()):
            add(match.start("month"), match.end(), int(match["year"]) if match["year"] else None, month, None)
    for like in _ANY_YEAR.finditer(folded.text) if by_year else ():
        year_only = _BARE_YEAR.match(folded.text, like.start())
        if year_only is None:
            continue
        start, end = year_only.span()
        told = _IN_BEFORE.search(folded.text[:start].rstrip()[-_IN_LENGTH:])
        paired = _YEAR_BEFORE.search(folded.text, max(0, start - 12), start)
        if told or paired or not _COUNTED_AFTER.match(folded.text, end):
            add(start, end, int(year_only["year"]), None, None)
    return tuple(sorted(found, key=lambda d: d.start))


def _day(word: str | None) -> int | None:
    if not word:
        return None
    return number_words().ordinals.get(word.removeprefix("ال"))


@cache
def _months() -> _Months:
    table = load_yaml("arabic", "months.yaml")
    assert isinstance(table, dict)
    number = {normalize(name): month for month, names in table["months"].items() for name in names}
    names = "|".join(re.escape(n).replace(r"\ ", r"\s+") for n in sorted(number, key=len, reverse=True))
    ordinals = "|".join(re.escape("ال" + o) for o in number_words().ordinals if o[0] > "z")
    named = re.compile(
        rf"(?=\d|ال|(?<!\w)\w)"  # a name or its day can begin here
        rf"(?:(?:(?<!\d)(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)?|(?P<dayword>{ordinals}))\s+(?:من\s+|of\s+)?(?:شهر\s+)?)?"
        rf"(?<!\w)(?:و|ف)?(?:ب|ل|لل)?(?P<month>{names})(?!\w)"
        rf"(?:\s*[/(،-]\s*(?:{names})\)?)?"
        rf"(?:\s+(?P<day2>[12]?\d|3[01])(?:st|nd|rd|th)?,)?"
        rf"(?:(?:\s+|\s*[,،/-]\s*){_YEAR_WORD}{_YEAR})?"
    )
    first = frozenset(clitics + name.split()[0] for name in number for clitics in _CLITICS)
    return _Months(number, frozenset(map(normalize, table["context"])), named, first)
