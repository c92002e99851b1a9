"""Sums that look misprinted: a package of «41 dollars» is told with the sum that another release prints."""

from collections.abc import Iterable
from decimal import Decimal

from answering.answer import Answer, Ask
from answering.candidates import Candidate, Wanted
from answering.compose import cite, shown
from answering.evidence import Evidence, Scored
from answering.question import Question
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


def _figures(evidence: Evidence) -> Iterable[tuple[Scored, Figure]]:
    for scored in evidence.statements():
        for figure in scored.statement.figures:
            if figure.kind == "amount":
                yield scored, figure
