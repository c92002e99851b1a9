"""What a question asks for: kinds of candidates, with the unit of a count and the sort of a time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from answering.question import Question

Kind = Literal["amount", "count", "percent", "time", "place", "actor", "statement"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that a question asks for: a kind of candidate, the unit and noun of a count, the sort of a time."""

    kind: Kind
    sort: str = ""
    unit: str = ""
    noun: str = ""


def wanted(question: Question) -> list[Wanted]:
    """What the question asks for, in its order; several for «كم بئراً وكم جمعية»."""
    first = _first_wanted(question)
    more = [_FIELDS[kind] for kind in question.further if kind in _FIELDS]
    known = {_kind_of(want) for want in first}
    return list(dict.fromkeys([*first, *(want for want in more if _kind_of(want) not in known)]))[:_MOST_WANTED]


def _kind_of(want: Wanted) -> str:
    """What tells one wanted thing from another: how long something takes is not when it ends."""
    return want.sort if want.kind == "time" else want.kind


_MOST_WANTED = 4


def _first_wanted(question: Question) -> list[Wanted]:
    asks, leads = question.asks, question.leads
    if leads and leads[0] == "count":
        counts = [Wanted("count", unit=u, noun=n) for u, n in question.counted if u not in _TIME_UNITS]
        if counts and "of_them" in asks:  # «كم متدرباً …، وكم منهم …؟»
            return [replace(counts[0], sort="subset")]
        if counts:
            return counts
        return [Wanted("time", "duration")]
    order = [k for k in leads if k != "count"]
    if not order and "open" in asks:  # «ماذا سيفعلون بأموال …؟»
        order = [next((k for k in ("goal", "outcome") if k in asks), "text")]
    if not order and asks & {"cumulative", "aggregate", "count"}:
        order = ["amount"]
    order += [k for k in _BY_WEIGHT if k in asks]
    if not order and (question.givers or question.receivers) and question.fillers:
        order = ["amount"]  # «منحة اليابان 2020», with no question word at all
    first = order[0] if order else "amount" if asks & {"package", "need"} else "text"
    if first in _TIME_SORTS:
        told = [k for k in _TIME_SORTS if k != "date"]
        sorts = [k for k in leads if k in told] or [k for k in told if k in asks] or [first]
        if len(sorts) > 1 and "duration" not in sorts and "period" in sorts:
            sorts = ["duration" if s == "period" else s for s in sorts]
        if _FROM_TO.search(question.standard):
            sorts = ["span"]
        elif _LENGTH.search(question.standard):
            sorts = ["duration" if s == "period" else s for s in sorts]
        if sorts == ["date"] and _ENDS.search(question.standard):
            sorts = ["end"]
        elif sorts == ["date"] and _BEGINS.search(question.standard):
            sorts = ["start"]
        return [Wanted("time", s) for s in dict.fromkeys(sorts)][:2]
    if first in {"goal", "outcome", "text"}:
        return [Wanted("statement", first)]
    kinds: dict[str, Kind] = {"amount": "amount", "percent": "percent", "place": "place", "actor": "actor"}
    return [Wanted(kinds.get(first, "statement"), first)]


_FROM_TO = re.compile(
    r"(?<!\w)من\s+(?:اي|متي)\s.{0,20}?(?<!\w)(?:الي|حتي|لغايه)\s+(?:اي|متي)(?!\w)|from when (?:to|until)|between which"
)
_ENDS = re.compile(
    r"(?<!\w)(?:س)?[يت](?:نته\w+|ختتم\w*|كتمل\w*|نقضي|خلص\w*|جهز\w*|نجز\w*|غلق\w*|قفل\w*|فرغ\w*|سلم\w*|توقف\w*|تم)(?!\w)|(?<!\w)(?:end|close|finish|complete\w*|expire)s?(?!\w)"
)
_BEGINS = re.compile(
    r"(?<!\w)(?:س)?[يت](?:بدا\w*|نطلق\w*|باشر\w*|شرع\w*)(?!\w)|(?<!\w)(?:بدا|بدات|انطلق\w*|شرع\w*)(?!\w)|(?<!\w)(?:start|begin|launch)\w*(?!\w)"
)
_FIELDS: Mapping[str, Wanted] = {
    "amount": Wanted("amount", "amount"),
    "end": Wanted("time", "end"),
    "start": Wanted("time", "start"),
    "period": Wanted("time", "period"),
    "place": Wanted("place", "place"),
    "actor": Wanted("actor", "actor"),
    "goal": Wanted("statement", "goal"),
    "outcome": Wanted("statement", "outcome"),
}
_LENGTH = re.compile(
    r"(?<!\w)كم\s+(?:شهر\w*|سن[هو]\w*|عام\w*|اسبوع\w*|يوم\w*)|(?<!\w)(?:كم|لاي|ما|اي)\s+(?:مد[هت]\w*|طول|تستغرق|يستغرق|[يت]دوم|[يت]طول|[يت]ستمر|[يت]متد|سيستمر|ستستمر)|how long|"
    r"how many (?:months|years|weeks|days)|duration|چهند (?:مانك|سال|ههفته|روژ)|ماوهي"
)
_TIME_UNITS = frozenset({"months", "years", "weeks", "days"})
_TIME_SORTS = ("end", "start", "period", "date")
_BY_WEIGHT = ("percent", "end", "start", "period", "amount", "place", "goal", "outcome", "actor", "date")
