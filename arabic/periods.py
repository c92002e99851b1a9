"""Periods: from-to ranges, durations, starts and ends, as releases and questions print them."""

import itertools
import re
from functools import lru_cache
from typing import Literal, NamedTuple

from arabic.counts import TIME_UNITS, find_counts, unit_of
from arabic.dates import DateMention, find_dates
from arabic.normalize import fold

PeriodKind = Literal["range", "duration", "end", "start", "since"]


class PartialDate(NamedTuple):
    """A date known to the year, the month or the day."""

    year: int
    month: int | None = None
    day: int | None = None


class Period(NamedTuple):
    """A period as printed at [start, end); `months` is its length where it is stated or follows from both ends."""

    start: int
    end: int
    text: str
    kind: PeriodKind
    first: PartialDate | None = None
    last: PartialDate | None = None
    months: int | None = None


_DASH = re.compile(r"\s*[-–—/]\s*")
_TO = re.compile(
    r"\s*(?:،\s*)?(?:الي|حتي|لغايه|ولغايه|وحتي|to|until|till|through|بو|تا)\s+(?:نهايه\s+|اواخر\s+|اخر\s+|ختام\s+|غايه\s+|مطلع\s+|بدايه\s+|منتصف\s+|اول\s+|اوائل\s+|شهر\s+|عام\s+|سنه\s+)*"
)
_AND = re.compile(r"\s*و\s*(?:عام\s+|نهايه\s+)?|\s+and\s+")
_BETWEEN = re.compile(
    r"(?:بين|ما بين|between|عامي|لعامي|العامين|للعامين|سنتي|لسنتي|الاعوام|للاعوام|للفتره|اعوام|للسنوات)\s*(?:عامي\s+|شهري\s+|العامين\s+)?$"
)
_SINCE = re.compile(
    r"(?:منذ|since|لهوهتي)\s*(?:عام\s+|سنه\s+|شهر\s+|بدايه\s+|مطلع\s+|نهايه\s+|انطلاقه\s+|انطلاقها\s+|في\s+)*$"
)
_END = re.compile(
    r"(?:[يت]قفل|[يت]غلق|[يت]نقضي|قبل|ساري[اه]?|[يت]نجز|[يت]سلم|[يت]ستمر\w*|[يت]متد\w*|ينتهي\w*|تنتهي\w*|انتها\w*|انتهت|انتهي|ينقضي|يختتم|تختتم|يكتمل|تكتمل|حتي|لغايه|بحلول|ends?|until|till|by|تا)\s*(?:\S+\s+){0,2}?(?:في\s+|عند\s+|مع\s+|الي\s+)?(?:نهايه\s+|اواخر\s+|شهر\s+|مطلع\s+|عام\s+|سنه\s+|منتصف\s+)*$"
)
_START = re.compile(
    r"(?:يبدا|تبدا|بدا|بدات|انطلق\w*|ينطلق|تنطلق|اطلق\w*|اعتبارا من|ابتداء من|starts?|began|begins?|launched)\s*(?:\S+\s+){0,2}?(?:في\s+|من\s+|مطلع\s+|شهر\s+|عام\s+|سنه\s+)*$"
)
_AGE = re.compile(r"(?:اعمار\w*|عمر\w*|سن|يبلغ\w* من العمر|aged?)\s*(?:\S+\s+){0,3}$|بين\s+\S+\s+و$")


def find_periods(text: str) -> list[Period]:
    """Every period, in order. A point in time that neither starts nor ends anything is left to `find_dates`."""
    return list(_find(text))


@lru_cache(maxsize=1024)
def _find(text: str) -> tuple[Period, ...]:
    dates = find_dates(text)
    folded = fold(text)
    periods: list[Period] = []
    used: set[int] = set()
    for i, (a, b) in enumerate(itertools.pairwise(dates)):
        if i in used:
            continue
        between = folded.between(a.end, b.start)
        before = folded.between(max(0, a.start - 30), a.start)
        dash = _DASH.fullmatch(between) and not a.day and (a.year or b.year)
        worded = _TO.fullmatch(between) or (_AND.fullmatch(between) and _BETWEEN.search(before))
        if (dash or worded) and (b.year or a.year):
            first, last = _ends(a, b)
            if first and last and (first.year, first.month or 0) <= (last.year, last.month or 12):
                used |= {i, i + 1}
                periods.append(_range(text, a.start, b.end, first, last))
    for i, date in enumerate(dates):
        if i in used or not date.year:
            continue
        before = folded.between(max(0, date.start - 50), date.start)
        kind: PeriodKind | None = (
            "since"
            if _SINCE.search(before)
            else "end"
            if _END.search(before)
            else "start"
            if _START.search(before)
            else None
        )
        if kind:
            point = PartialDate(date.year, date.month, date.day)
            first_, last_ = (None, point) if kind == "end" else (point, None)
            periods.append(Period(date.start, date.end, date.text, kind, first_, last_))
    periods.extend(_durations(text, periods))
    return tuple(sorted(periods, key=lambda p: p.start))


def _ends(a: DateMention, b: DateMention) -> tuple[PartialDate | None, PartialDate | None]:
    year = a.year or b.year
    other = b.year or a.year
    if not year or not other:
        return None, None
    return PartialDate(year, a.month, a.day), PartialDate(other, b.month, b.day)


def _range(text: str, start: int, end: int, first: PartialDate, last: PartialDate) -> Period:
    months = None
    if first.month and last.month:
        months = (last.year - first.year) * 12 + last.month - first.month
        whole_months = first.day == 1 and (last.day or 0) >= 28
        if whole_months or (not first.day and months % 12 == 11):  # April to March is a year
            months += 1
    return Period(start, end, text[start:end], "range", first, last, months)


_TWO = ("سنتين", "سنتان", "عامين", "عامان", "شهرين", "شهران", "اسبوعين")
_SINGLE = re.compile(rf"(?<!\w)(?:و|ف)?(?:ل|ب)?(?P<noun>{'|'.join(_TWO)})(?P<half>\s+ونصف)?(?!\w)")
_ONE = re.compile(
    r"(?<!\w)(?:سنه واحده|عام واحد|عام كامل|سنه كامله|لمده عام|لمده سنه|مدته عام|مدتها عام|مدته سنه|مدتها سنه|one year|a year)(?!\w)"
)
_AND_HALF = re.compile(r"(?<!\w)(?:و|ف)?(?:ل|ب)?(?:سنه|عام|عاما)\s+ونصفا?(?!\w)")
_LASTING = TIME_UNITS - {"hours"}
_FACTOR = {"years": 12.0, "months": 1.0, "weeks": 0.25, "days": 1 / 30, "hours": 0.0}


def _durations(text: str, taken: list[Period]) -> list[Period]:
    found = []
    folded = fold(text)

    def add(start: int, end: int, months: int | None) -> None:
        first, last = folded.span(start, end)
        found.append(Period(first, last, text[first:last], "duration", months=months or None))

    for count in find_counts(text):
        if count.unit not in _LASTING:
            continue
        before = folded.between(max(0, count.start - 40), count.start)
        ages = _AGE.search(before) or (count.upper and before.endswith("بين "))
        if not ages:
            value = float(count.upper or count.value)
            found.append(
                Period(
                    count.start, count.end, count.text, "duration", months=round(value * _FACTOR[count.unit]) or None
                )
            )
    for match in _SINGLE.finditer(folded.text) if any(map(folded.text.__contains__, _TWO)) else ():
        unit = (
            unit_of(match["noun"].replace("تان", "تين").replace("عامان", "عامين").replace("شهران", "شهرين")) or "years"
        )
        months = round(2 * _FACTOR[unit]) + (round(_FACTOR[unit] / 2) if match["half"] else 0)
        add(match.start("noun"), match.end(), months)
    for match in _AND_HALF.finditer(folded.text) if "ونصف" in folded.text else ():
        add(match.start(), match.end(), 18)
    for match in _ONE.finditer(folded.text) if any(map(folded.text.__contains__, ("سنه", "عام", "year"))) else ():
        add(match.start(), match.end(), 12)
    result: list[Period] = []
    for period in found:
        if not any(period.start < p.end and p.start < period.end for p in (*taken, *result)):
            result.append(period)
    return result
