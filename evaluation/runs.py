"""Prompt tests: every case asked of every column, several at a time, each answer checked as it comes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from langchain_core.runnables import Runnable

from answering.answer import Answer, Ask, Turn
from answering.corpus import View
from answering.extractive import answer as answer_by_rules
from evaluation.cases import LIVE, NOTHING, Case
from evaluation.checks import Check, check
from evaluation.cost import Prices
from evaluation.report import Cell, Column, Passage, Report, Row, Try, Usage
from evaluation.responses import Calls, calls
from vectorstore.search import rank

_CONTEXT = 300
"""Characters of a paragraph that are kept on each side of a quote."""
_UNRECORDED = "no recorded response for this prompt and question; record it without --replay"

Grade = Callable[[Case, Answer], Awaitable[Check]]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A column with what makes its answerer over one generation, anew for each repeated attempt (from 0)."""

    column: Column
    build: Callable[[View, int], "Runnable[Ask, Answer]"]


@dataclass(frozen=True, slots=True)
class _Job:
    case: Case
    contestant: Contestant
    attempt: int


async def run(
    cases: Sequence[Case],
    contestants: Sequence[Contestant],
    views: Mapping[Path | None, View],
    prices: Prices,
    *,
    repeat: int = 1,
    concurrency: int = 4,
    grade: Grade | None = None,
    done: Callable[[Case, Column, Try], None] = lambda *_: None,
) -> Report:
    """Ask and check everything; `views` holds the opened corpus of each case, `done` hears of each answer.

    Never raises for an answer: an exception becomes the error of its try. Cancelled, it reports what it has.
    """
    for corpus, view in views.items():
        await asyncio.to_thread(_warm, view, next((c.question for c in cases if c.corpus == corpus), ""))
    began, clock = datetime.now(UTC), time.monotonic()
    answerers = {
        (c.column.name, corpus, attempt): c.build(view, attempt)
        for c in contestants
        for corpus, view in views.items()
        for attempt in range(repeat)
    }
    tries: dict[tuple[str, str, int], Try] = {}
    places = asyncio.Semaphore(concurrency)

    async def one(job: _Job) -> None:
        name = job.contestant.column.name
        async with places:
            answerer = answerers[name, job.case.corpus, job.attempt]
            found = await _try(job, answerer, views[job.case.corpus], prices, grade)
        tries[job.case.id, name, job.attempt] = found
        done(job.case, job.contestant.column, found)

    jobs = [_Job(case, c, attempt) for case in cases for attempt in range(repeat) for c in contestants]
    notes: tuple[str, ...] = ()
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(one(job))
    except asyncio.CancelledError:
        notes = (f"interrupted after {len(tries)} of {len(jobs)} answers",)
    rows = [_row(case, contestants, tries, repeat, views[case.corpus]) for case in cases]
    return Report(
        columns=tuple(c.column for c in contestants),
        rows=tuple(row for row in rows if row.cells),
        began=began.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        repeat=repeat,
        prices=prices.as_of,
        notes=notes,
    )


def _warm(view: View, question: str) -> None:
    """Load what all answers share, vectors too, so that it does not count as the time of the first ones."""
    rank(view.generation, question, 1, mode="dense")
    answer_by_rules(Ask(question), view.ledger, view.search)


def _row(
    case: Case,
    contestants: Sequence[Contestant],
    tries: Mapping[tuple[str, str, int], Try],
    repeat: int,
    view: View,
) -> Row:
    cells = []
    for c in contestants:
        own = [t for n in range(repeat) if (t := tries.get((case.id, c.column.name, n)))]
        if own:
            cells.append(Cell(c.column.name, tuple(own)))
    remarks = []
    if case.generation is not None and case.generation != view.number:
        remarks.append(f"reported on generation {case.generation}, asked on generation {view.number}")
    if case.expect == NOTHING:
        remarks.append("nobody has said yet what is right: only quotes and verification were checked")
    return Row(
        id=case.id,
        turns=case.turns,
        tags=case.tags,
        file=Path(case.file).name,
        corpus=case.corpus.name if case.corpus else LIVE,
        digest=case.digest,
        cells=tuple(cells),
        note=case.note,
        remark="; ".join(remarks),
        reported=case.reported,
        expect=case.expect,
    )


async def _try(job: _Job, answerer: "Runnable[Ask, Answer]", view: View, prices: Prices, grade: Grade | None) -> Try:
    """The conversation, turn by turn as a user would have had it, and the checks of its last answer."""
    counter = Calls()
    calls.set(counter)
    usage, began = Usage(), time.monotonic()
    history: tuple[Turn, ...] = ()
    answer: Answer | None = None
    try:
        for question in job.case.turns:
            began = time.monotonic()
            answer = await answerer.ainvoke(Ask(question, history))
            usage += _usage(answer)
            history = (*history, Turn(question, tuple(dict.fromkeys(c.release for c in answer.citations))))
        seconds = time.monotonic() - began
        assert answer is not None  # a case has a turn
        usage = replace(usage, cached=min(counter.cached, usage.calls))
        cost = prices.cost(job.contestant.column.model, usage)
        if counter.missing:
            return Try(None, error=_UNRECORDED, seconds=round(seconds, 4), usage=usage, written=tuple(counter.written))
        checks = check(job.case, answer, view.ledger)
        if grade is not None and not answer.refused:
            checks = (*checks, await grade(job.case, answer))
    except Exception as error:  # one answer that fails must not end the others
        return Try(None, error=f"{type(error).__name__}: {error}"[:500], seconds=round(time.monotonic() - began, 4))
    return Try(answer, checks, None, round(seconds, 4), usage, cost, _passages(answer, view), tuple(counter.written))


def _usage(answer: Answer) -> Usage:
    trace = answer.trace
    return Usage(trace.calls, 0, trace.input_tokens, trace.output_tokens) if trace else Usage()


def _passages(answer: Answer, view: View) -> tuple[Passage, ...]:
    found = []
    for citation in answer.citations:
        try:
            text = view.ledger.release(citation.release).text
        except KeyError:
            continue
        before = text[max(0, citation.start - _CONTEXT) : citation.start].rpartition("\n")[2]
        after = text[citation.end : citation.end + _CONTEXT].partition("\n")[0]
        found.append(Passage(citation.n, before, after))
    return tuple(found)
