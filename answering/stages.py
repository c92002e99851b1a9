"""Which time, grant or phase a statement and its figures are of: planned or reached, this one or the one before it."""

import re
from functools import lru_cache

from answering.evidence import Scored, Source
from answering.question import Question, When
from answering.updates import is_revision
from arabic.cues import load_cues
from arabic.dates import find_dates
from arabic.normalize import normalize
from arabic.numbers import find_numbers
from ledger.facts import Figure, Statement

_FUTURE = re.compile(r"(?<!\w)[وف]?س[يتن]\w{3,}")
_SENTENCES = 5
"""How far a paragraph's topic reaches."""
_LAST_YEAR = re.compile(
    r"(?<!\w)(?:ال)?(?:عام|سنه)\s+(?:ال)?(?:ماضي|سابق|منصرم|فائت|فايت)\w?(?!\w)|(?<!\w)last year(?!\w)"
)
_NUMBERED = re.compile(
    r"(?<!\w)[وفبل]?(?:ال|لل)?(?:منح[هت]|تبرع|مساهم[هت]|هب[هت]|قرض|اتفاق\w?|دفع[هت]|مرحل[هت]|دور[هت]|grant|phase|contribution)\s+(?:(?:ال)?\w+ي[هة]?\s+)?(?:ال)?(\w+)"
    r"|(?<!\w)(first|second|third|fourth|fifth|ثاني|ثالث|رابع|خامس)\s+(?:\w+\s+)?(?:منح[هت]|تبرع|مساهم[هت]|هب[هت]|قرض|اتفاق|مرحل[هت]|grant|phase|contribution)"
)
_NEW = re.compile(r"(?<!\w)[وفبل]?(?:(?:ال|لل)(?:جديد|حالي|راهن|مقبل)\w*|new|current|coming|نوي)(?!\w)")
_NEW_TOPIC = re.compile(
    r"^\W*(?:اما|وفي المقابل|في المقابل|بينما|وستشمل|(?:وفي |في )?(?:ال)?(?:مرحله|دوره|منحه|مشروع) (?:ال)?(?:جديد\w*|حالي\w*))(?!\w)"
)
_ACTUALLY = re.compile(r"(?<!\w)(?:فعلا|فعليا|بالفعل|حقا|حقيقه|actually|in fact|really)(?!\w)")


def planned(question: Question) -> bool:
    """Whether a question asks for what was planned rather than for what came about."""
    return "negation_plan" not in question.asks and asks_planned(question)


def asks_planned(question: Question) -> bool:
    """Whether its words are about a plan, whatever else they say."""
    return "planned" in question.asks or _FUTURE.search(question.standard) is not None


def asks_reached(question: Question) -> bool:
    """Whether its verbs are about what came about."""
    return "reached" in question.asks and _FUTURE.search(question.standard) is None


def insists_on_fact(question: Question) -> bool:
    """Whether it says «فعلاً» or the like."""
    return _ACTUALLY.search(question.standard) is not None


def asks_new(question: Question) -> bool:
    """Whether it says that it means the new grant or phase."""
    return _NEW.search(question.standard) is not None


def tense(question: Question, scored: Scored, figure: Figure | None = None) -> dict[str, float]:
    """Whether what was planned or what was reached is asked for, and told: by a figure's own role, else by its statement."""
    plan = planned(question)
    reached = "negation_plan" in question.asks or (not plan and asks_reached(question))
    if plan == reached:
        return {}
    ahead = bool(scored.statement.cues & {"future", "goal"}) or _FUTURE.search(normalize(scored.text)) is not None
    behind = "outcome" in scored.statement.cues
    if figure is not None and figure.role in {"target", "outcome"}:
        ahead, behind = figure.role == "target", figure.role == "outcome"
    right, wrong = (ahead, behind) if plan else (behind, ahead)
    return {"tense:match": float(right and not wrong), "tense:clash": float(wrong and not right)}


_PAID_OUT = re.compile(
    r"(?<!\w)[وف]?(?:(?:صرف|انفق|دفع|سدد|وصل|سلم|تسلم|استلم|ورد)(?:ت|وا|ها)?|[يت]صل\w*|حول(?:ت|وا)|disbursed|paid|spent|received|arrived)(?!\w)"
    r"(?!\s+(?:ال)?صح[ين])"
)
_PLEDGED = re.compile(r"(?<!\w)[وف]?(?:ال|لل|ب)?(?:[يتم]?ت?عهد|وعد|[اي]?لتزم|pledg|promis)\w*(?!\w)")
_CLAUSE = re.compile(r"[،؛:,;]")


def paid_out(scored: Scored, figure: Figure) -> dict[str, float]:
    """Whether a sum was paid out or only pledged, by the words of its clause after the figure before it."""
    own = _CLAUSE.split(normalize(scored.before(figure)))[-1]
    paid = _PAID_OUT.search(own) is not None
    pledged = not paid and _PLEDGED.search(own) is not None
    return {"paid:match": float(paid), "paid:missed": float(not paid), "paid:pledged": float(pledged)}


def too_early(question: Question, source: Source, when: When) -> bool:
    """Whether a release came out before the time in which, or by whose end, something is asked to have come about."""
    day = source.release.date
    if day is None or planned(question) or not asks_reached(question):
        return False
    if not when.until:
        return (day.year, day.month if when.first[1] else 0) < when.first
    month = when.last[1] or (12 if when.until == "end" else 0)
    return (day.year, day.month if month else 0, day.day if when.day else 0) < (when.last[0], month, when.day)


def day_fit(source: Source, when: When, statement: Statement) -> float:
    """1 where the day that is asked for is the release's own or told, -1 where the release is of another of that month."""
    day = source.release.date
    if not when.day or when.until or day is None:
        return 0.0
    wanted_day = (*when.first, when.day)
    if (day.year, day.month, day.day) == wanted_day or any(t.first == wanted_day for t in statement.times):
        return 1.0
    return -1.0 if (day.year, day.month) == when.first else 0.0


def story_fit(question: Question, scored: Scored) -> float:
    """How well the stage of a story fits (-1…1) where its first or its newest figures are asked for."""
    source, asks = scored.source, question.asks
    stage = float(source.updates is not None) - float(source.updated)
    if "original" in asks:
        return -stage
    if "updated" in asks:
        return stage or 0.5 * is_revision(scored.around)
    return 0.5 * stage if "current" in asks else 0.0


def is_of(scored: Scored, when: When) -> bool:
    """Whether a statement, or the sentence that its paragraph began with, names a time that is asked for."""
    opening = _opening(scored)
    times = (*scored.statement.times, *(opening.times if opening else ()))
    return any(set(t.years) & set(when.years) for t in times)


def is_past(scored: Scored) -> bool:
    """Whether a statement tells of an earlier grant or phase: by its own words, its heading, or what its paragraph began with."""
    statement = scored.statement
    if "previous" in statement.cues:
        return True
    if statement.cues & {"future", "goal"} and "outcome" not in statement.cues:
        return False
    if _tells_of_past(statement.section):
        return True
    opening = _opening(scored)
    return opening is not None and "previous" in opening.cues and _NEW_TOPIC.match(normalize(scored.text)) is None


@lru_cache(maxsize=4096)
def _tells_of_past(text: str) -> bool:
    return load_cues("ledger", "roles.yaml")["previous"].search(normalize(text)) is not None


def _opening(scored: Scored) -> Statement | None:
    """The sentence before in the same paragraph that names a time or an earlier phase, nearest first."""
    source = scored.source
    statements, text = source.facts.statements, source.release.text
    if scored.statement.kind == "row":
        return None
    for i in range(scored.index - 1, max(-1, scored.index - _SENTENCES), -1):
        if "\n" in text[statements[i].end : statements[i + 1].start] and statements[i + 1].kind == "sentence":
            return None
        if "previous" in statements[i].cues or any(t.kind in {"range", "date"} for t in statements[i].times):
            return statements[i]
    return None


def stage(question: Question, scored: Scored) -> float:
    """1 where a statement is of the grant or phase whose number is asked for, -1 where of another; 0 where none is told.

    What the release of a third grant says of the one before it is of the second.
    """
    asked = _numbered(question.standard)
    if not asked:
        return 0.0
    told = _numbered(normalize(scored.text)) or _numbered(normalize(scored.statement.section))
    announced = told or frozenset(n - is_past(scored) for n in _announced_number(scored.source))
    if not announced:
        return 0.0
    return 1.0 if asked & announced else -1.0


def _announced_number(source: Source) -> frozenset[int]:
    """Which of a series of grants a release announces, by its title or its first statements."""
    lead = (source.release.text[s.start : s.end] for s in source.facts.statements[:2] if "previous" not in s.cues)
    return next((found for text in (source.release.title, *lead) if (found := _numbered(normalize(text)))), frozenset())


@lru_cache(maxsize=65536)
def _numbered(text: str) -> frozenset[int]:
    """The ordinals of grants and phases in a text: «المنحة النرويجية الثالثة» is 3."""
    words = (match.group(1) or match.group(2) for match in _NUMBERED.finditer(text))
    return frozenset(int(n.value) for word in words for n in find_numbers(word) if n.kind == "ordinal")


def years_told(scored: Scored, figure: Figure) -> tuple[int, ...]:
    """The years that the count before it, its heading or the sentence before gives to a count that has none of its own."""
    if figure.main or figure.kind == "amount":
        return ()
    statement, day = scored.statement, scored.source.release.date
    if beside := [f.years for f in statement.figures if f.kind == "count" and f.years and f.end <= figure.start]:
        return beside[-1]  # «خلال 2021 …، منهم 21,300 فتى و24,600 فتاة»
    if statement.times:
        return ()
    if dates := [d.year for d in find_dates(statement.section) if d.year]:
        return tuple(sorted(set(dates)))
    if day is not None and _LAST_YEAR.search(normalize(statement.section)):
        return (day.year - 1,)
    if scored.source.before is not None and is_past(scored):
        return (scored.source.before,)
    opening = _opening(scored)
    times = [t for t in opening.times if t.kind in {"range", "date"}] if opening else []
    if day is None or len(times) != 1 or max(times[0].years, default=day.year) >= day.year:
        return ()  # the day of an event in the release's own year dates nothing after it
    return times[0].years
