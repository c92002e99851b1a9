"""Sums that look misprinted: a package of «41 dollars» is told with the sum that another release prints."""

from collections.abc import Iterable
from decimal import Decimal

from answering.answer import Answer, Ask
from answering.candidates import Candidate
from answering.compose import cite, shown
from answering.evidence import Evidence, Scored
from answering.question import Question
from answering.wanted import Wanted
from ledger.facts import Figure
from ledger.gazetteer import related

_SMALL = Decimal(1000)
"""No package or total of years is smaller than this in any currency."""
_ROLES = frozenset({"package", "cumulative"})

_TEXT = {
    "ar": "{printed} [1]\nيبدو أن الرقم المطبوع هنا ناقص؛ وفي موضع آخر: {other} [2]",
    "en": "{printed} [1]\nThe printed figure looks incomplete; elsewhere: {other} [2]",
    "ckb": "{printed} [1]\nژمارە چاپکراوەکە ناتەواو دیارە؛ لە شوێنێکی تر: {other} [2]",
}


def correct_twin(evidence: Evidence, candidate: Candidate) -> Candidate | None:
    """The figure that says in thousands, millions or billions what a candidate prints in single units."""
    figure = candidate.figure
    if figure is None or figure.kind != "amount" or figure.value >= _SMALL or figure.role not in _ROLES:
        return None
    for scored, other in _figures(evidence):
        grown = other.value / figure.value if figure.value else Decimal(0)
        same = other.unit == figure.unit and other.role in _ROLES and grown in {10**3, 10**6, 10**9}
        if same and (not other.donor or not figure.donor or related(other.donor, figure.donor)):
            return Candidate(scored, Wanted("amount", "amount"), ((other.start, other.end),), other)
    return None


def with_correction(ask: Ask, question: Question, candidate: Candidate, twin: Candidate) -> Answer:
    """The figure as printed, and beside it the one that it seems to mean."""
    citations, _ = cite([candidate, twin])
    text = _TEXT[question.language].format(printed=shown(candidate), other=shown(twin))
    return Answer(ask.question, text, False, "fact", question.language, citations, notes=("misprint",))


_CORRECT = {
    "ar": "{right} [1]\nأما الرقم الذي يُسأل عنه فمطبوع هكذا: {printed} [2]",
    "en": "{right} [1]\nThe figure in question is printed as: {printed} [2]",
    "ckb": "{right} [1]\nژمارە پرسیارکراوەکە وا چاپ کراوە: {printed} [2]",
}


def corrected(ask: Ask, question: Question, evidence: Evidence) -> Answer | None:
    """Where a question calls a figure wrong: the one that another release prints for the same giver, a slip away from it."""
    if "misprint" not in question.asks or not question.given:
        return None
    wrong = question.given[0]
    figures = [
        (scored, f) for scored, f in _figures(evidence) if not question.currencies or f.unit in question.currencies
    ]
    printed = next(((scored, f) for scored, f in figures if f.value == wrong), None)
    if printed is None:
        return None
    giver = printed[1].donor
    others = [
        (scored, f)
        for scored, f in figures
        if scored.source is not printed[0].source and is_slip(wrong, f.value) and _same_giver(f.donor, giver)
    ]
    best = max(others, key=lambda row: (row[1].main, row[1].role == "grant"), default=None)
    if best is None:
        return None
    right, found = (
        Candidate(scored, Wanted("amount", "amount"), ((f.start, f.end),), f) for scored, f in (best, printed)
    )
    citations, _ = cite([right, found])
    text = _CORRECT[question.language].format(
        right=shown(right, question.language), printed=shown(found, question.language)
    )
    return Answer(ask.question, text, False, "fact", question.language, citations, notes=("misprint",))


def is_slip(a: Decimal, b: Decimal) -> bool:
    """Whether two figures differ as slips of the pen make them differ: digits that changed places, or zeros and points."""
    x, y = (str(int(v.normalize().scaleb(-min(0, int(v.normalize().as_tuple().exponent))))).rstrip("0") for v in (a, b))
    return a != b and bool(x) and (x == y or (len(x) == len(y) and sorted(x) == sorted(y)))


def _same_giver(a: str | None, b: str | None) -> bool:
    return a is None or b is None or related(a, b)


def _figures(evidence: Evidence) -> Iterable[tuple[Scored, Figure]]:
    for scored in evidence.statements():
        for figure in scored.statement.figures:
            if figure.kind == "amount":
                yield scored, figure
