"""Answers, cases and reports that the tests of prompt tests share."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda

from answering.answer import Answer, Ask, Citation, Trace
from answering.corpus import View
from evaluation.cases import Case, Expect
from evaluation.checks import Check
from evaluation.report import Cell, Column, Report, Row, Try
from evaluation.runs import Contestant
from tests.evaluation.conftest import CANADA

QUESTION = "كم قدمت كندا لليونيسف في اليمن؟"
TEXT = "كندا تدعم عدن\n\n"


def citation(n: int = 1, quote: str = CANADA, start: int = len(TEXT), release: str = "canada.txt") -> Citation:
    """A quote of the Canadian release."""
    return Citation(n, release, "كندا تدعم عدن", "2021-03-03", None, quote, start, start + len(quote))


def answer(text: str = "قدمت كندا 2.5 مليون دولار كندي [1]", *citations: Citation, **more: Any) -> Answer:
    """A right answer, unless it is told otherwise."""
    found = Answer(QUESTION, text, False, "fact", "ar", citations or (citation(),))
    return replace(found, **more)


def refusal() -> Answer:
    """A refusal."""
    return Answer(QUESTION, "لا تذكر البيانات المتاحة ما سألت عنه.", True, "refuse", "ar")


def trace(outcome: Any = "written", **more: Any) -> Trace:
    """How a model's answer came about."""
    return Trace("answer/v1", "openai:m", outcome, **{"input_tokens": 100, "output_tokens": 20, "calls": 1} | more)


def case(name: str = "a", *turns: str, **expect: Any) -> Case:
    """A case over the live corpus."""
    return Case(name, turns or (QUESTION,), None, Expect(**expect), tags=("funding",), file="cases.yaml")


def contestant(name: str, reply: Callable[[Ask], Answer], model: str = "openai:m") -> Contestant:
    """A column that answers by a function."""

    def build(_: View, __: int) -> "Runnable[Ask, Answer]":
        return RunnableLambda(reply)

    return Contestant(Column(name, model, ("answer/v1",)), build)


def cell(column: str, *held: bool, check: str = "has", error: str | None = None, text: str = "نص [1]") -> Cell:
    """A cell whose tries held or did not."""
    detail = "lacks 3.63"
    tries = (Try(answer(text), (Check(check, h, "" if h else detail),), seconds=0.5) for h in held)
    return Cell(column, (Try(None, error=error),) if error else tuple(tries))


def report(*rows: tuple[str, Sequence[Cell]], columns: Sequence[Column] = ()) -> Report:
    """A report of cells by case."""
    made = tuple(Row(name, (QUESTION,), ("funding",), "c.yaml", "live", "d", tuple(cells)) for name, cells in rows)
    names = dict.fromkeys(c.column for row in made for c in row.cells)
    return Report(tuple(columns) or tuple(Column(n, n) for n in names), made, "2026-01-02T03:04:05+00:00", 1.5)
