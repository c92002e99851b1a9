"""A question in its conversation: what it takes over from the turns before it, and which releases it is about."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from answering.answer import Ask, Citation
from answering.question import Question, When, understand
from answering.survey import asks_all
from ledger.gazetteer import related
from ledger.rows import Filter
from ledger.store import Ledger

_AFTER = r"(?:التي|الذي|اللي)?\s*(?:تلتها|تلاها|تلته|تلاه|تليها|يليها|يليه|بعدها|بعده|وراها)|التالي[هة]?|اللاحق[هة]?|القادم[هة]?|(?:next|following) (?:one|grant|year)"
_BEFORE = r"(?:التي|الذي|اللي)?\s*(?:قبلها|قبله|سبقتها|سبقته|سبقها)|(?:previous|earlier) (?:one|grant|year)|the (?:one|year) before"
_NEXT, _LAST = (re.compile(rf"(?<!\w)(?:{words})(?!\w)") for words in (_AFTER, _BEFORE))
_YEAR = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:سن[هة]|عام|year)(?!\w)")
_GRANT = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:منح[هة]|مساهم[هة]|تبرع|هب[هة]|دفع[هة]|قرض|اتفاق|grant|one)(?!\w)")
_STAGES = frozenset({"original", "updated", "current", "previous"})
_SHARE = re.compile(
    r"\W*(?:و|ف|and\s|what about\s)+\s*(?:(?:كم|ما|ماذا عن|what|how much)\s+)*(?:is\s|was\s|the\s)*(?:عن\s+)?(?:ال)?(?:نصيب|حصه|مخصص\w*|share|portion)"
)
_EVERYBODY = re.compile(
    r"(?:جميع|كل|كافه)\s+(?:ال)?(?:مانح|جهات|متبرع|اطراف)|مانح\w+\s+(?:جميعا|كافه|كلهم)|all (?:the )?donors"
)
"""Whoever asks what all donors gave asks of none that was spoken of."""
_NEW = frozenset({"places", "countries", "ministries"})


@dataclass(frozen=True, slots=True)
class InContext:
    """The completed question, the releases that the conversation is about (none where it moves on), and what the answer
    before quoted of them."""

    question: Question
    focus: tuple[str, ...] = ()
    told: tuple[Citation, ...] = ()


def in_context(ask: Ask, ledger: Ledger, cited: Callable[[Ask], Sequence[Citation]]) -> InContext:
    """Complete a follow-up; `cited` tells what the answer to an earlier question quoted."""
    question = understand(ask.question)
    shared = _SHARE.match(question.standard) is not None and not question.times
    if not ask.history or question.givers or (question.receivers and not shared) or asks_all(question):
        return InContext(question)
    last = ask.history[-1]
    earlier = understand(last.question)
    named = earlier
    if not (named.givers or named.receivers) and len(ask.history) > 1:
        named = understand(ask.history[0].question)
    told = tuple(cited(Ask(last.question, ask.history[:-1])))
    releases = tuple(last.releases) or tuple(dict.fromkeys(quoted.release for quoted in told))
    if _moved_on(question, releases, ledger):
        return InContext(question)
    if question.receivers:  # «ونصيب اليونيسف؟» is of the grant that was spoken of, if that names the body
        known = tuple(name for name in releases if ledger.names(name, question.receivers))
        return InContext(replace(question, givers=named.givers), known) if known else InContext(question)
    bare = not (question.leads or question.counted or question.asks - {"interrogative", "count"})
    asks = question.asks | (earlier.asks - _STAGES) if bare else question.asks  # «وكم صار في أكتوبر؟»
    givers = () if _EVERYBODY.search(question.standard) else named.givers
    question = replace(question, asks=asks, givers=givers, receivers=named.receivers)
    question = _in_its_year(_with_noun(question, earlier), earlier, releases, ledger)
    step = 1 if _NEXT.search(question.standard) else -1 if _LAST.search(question.standard) else 0
    if step and _YEAR.search(question.standard):
        return InContext(_in_other_year(question, earlier, releases, ledger, step))
    if step < 0 and question.counted and _tells_of_past(releases, ledger):
        return InContext(
            replace(question, asks=question.asks | {"previous"}), releases
        )  # what it reached is told there
    if step and _GRANT.search(question.standard) and (neighbour := _neighbour(releases, ledger, step)):
        return InContext(replace(question, times=()), (neighbour,))
    if question.times or _elsewhere(question, releases, ledger):
        return InContext(question)
    return InContext(question, releases, told)


def _in_its_year(question: Question, earlier: Question, releases: Sequence[str], ledger: Ledger) -> Question:
    """«وكم صار في أكتوبر؟»: a month without a year is one of the year that was spoken of."""
    days = [ledger.release(name).date for name in releases]
    years = earlier.years or tuple(day.year for day in days if day)
    if not question.months or not years:
        return question
    points = [(years[-1], month) for month in question.months]
    return replace(question, times=tuple(When(point, point) for point in points), months=())


def _elsewhere(question: Question, releases: Sequence[str], ledger: Ledger) -> bool:
    """Whether a question names a place that the releases spoken of do not name."""
    own = [name for part in _NEW for name in getattr(question, part)]
    return bool(own) and not any(ledger.names(release, [name]) for name in own for release in releases)


def _moved_on(question: Question, releases: Sequence[str], ledger: Ledger) -> bool:
    """Whether a question names places or ministries that the releases spoken of do not name."""
    if not question.words and not question.asks - {"interrogative", "place"}:
        return False  # «وفي الصومال؟» asks the same of another country
    return _elsewhere(question, releases, ledger)


def _with_noun(question: Question, earlier: Question) -> Question:
    """«وكم اشتُري …؟» counts what the question before it counted."""
    bare = "count" in question.asks and not question.counted and not question.asks & {"amount", "percent", "period"}
    if bare and earlier.counted and not question.leads and not question.currencies:
        return replace(question, counted=earlier.counted, leads=("count",))
    return question


def _tells_of_past(releases: Sequence[str], ledger: Ledger) -> bool:
    """Whether releases count what an earlier grant reached."""
    statements = [s for name in releases for s in ledger.facts(name).statements]
    return any("previous" in s.cues and any(f.kind == "count" for f in s.figures) for s in statements)


def _in_other_year(
    question: Question, earlier: Question, releases: Sequence[str], ledger: Ledger, step: int
) -> Question:
    """The question for the year after, or before, the one that was spoken of; with what was asked then."""
    days = [ledger.release(name).date for name in releases]
    year = earlier.times[0].last[0] if earlier.times else next((d.year for d in days if d), None)
    if year is None:
        return question
    asks = question.asks - {"previous"}
    point = (year + step, 0)
    moved = replace(question, times=(When(point, point),), asks=asks if asks - {"interrogative"} else earlier.asks)
    return (
        moved
        if moved.leads or moved.asks & {"amount", "count"}
        else replace(moved, asks=earlier.asks, leads=earlier.leads)
    )


def _neighbour(releases: Sequence[str], ledger: Ledger, step: int) -> str | None:
    """The release that announces the donor's next, or last, grant to the same body."""
    wanted = Filter(kinds=("funding",), roles=("grant",), main=True, reposts=False)
    rows = [(ledger.release(row.release).date, row) for row in ledger.rows(wanted)]
    dated = sorted(((day, row) for day, row in rows if day), key=lambda pair: pair[0])
    for name in releases:
        at = next((i for i, (_, row) in enumerate(dated) if row.release == name), None)
        if at is None:
            continue
        own = dated[at][1]
        others = dated[at + 1 :] if step > 0 else dated[:at][::-1]
        for _, row in others:
            same = own.donor and row.donor and related(own.donor, row.donor)
            if same and (not own.recipient or not row.recipient or related(own.recipient, row.recipient)):
                return row.release
    return None
