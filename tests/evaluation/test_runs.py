"""Cases asked of columns."""

import asyncio
import threading
from dataclasses import replace

from answering.answer import Answer, Ask
from answering.corpus import View
from evaluation.cases import Case
from evaluation.checks import Check
from evaluation.cost import Price, Prices
from evaluation.report import Report
from evaluation.runs import Contestant, run
from tests.evaluation.prompt_samples import answer, case, contestant, refusal, trace

_PRICES = Prices("2026-01", {"openai:m": Price(2.0, 10.0)})


def _run(view: View, columns: list[Contestant], cases: list[Case], **more: object) -> Report:
    return asyncio.run(run(cases, columns, {None: view}, _PRICES, **more))  # type: ignore[arg-type]


def test_every_case_is_asked_of_every_column_as_often_as_wanted(view: View) -> None:
    """Side by side, in the order of cases and columns."""
    heard: list[tuple[str, str]] = []
    found = _run(
        view,
        [contestant("one", lambda _: answer()), contestant("two", lambda _: refusal())],
        [case("a", has=(("2.5",),)), case("b", refuse=True)],
        repeat=2,
        done=lambda c, column, _: heard.append((c.id, column.name)),
    )
    assert [[(c.column, c.status, len(c.tries)) for c in row.cells] for row in found.rows] == [
        [("one", "pass", 2), ("two", "fail", 2)],
        [("one", "fail", 2), ("two", "pass", 2)],
    ]
    assert len(heard) == 8


def test_answers_that_differ_from_time_to_time_are_flaky(view: View) -> None:
    """Neither passed nor failed."""
    replies = iter([answer(), refusal(), answer()])
    found = _run(view, [contestant("c", lambda _: next(replies))], [case(has=(("2.5",),))], repeat=3, concurrency=1)
    cell = found.rows[0].cells[0]
    assert (cell.status, round(cell.share, 2), cell.faults) == ("flaky", 0.67, ("refused",))
    assert cell.shown.answer == refusal()


def test_one_answer_that_fails_ends_no_other(view: View) -> None:
    """Its error is told in its cell."""

    def reply(ask: Ask) -> Answer:
        if "اليمن" in ask.question:
            return answer()
        raise ValueError("no such model")

    found = _run(view, [contestant("c", reply)], [case("a"), case("b", "كم؟")])
    assert [row.cells[0].status for row in found.rows] == ["pass", "error"]
    assert found.rows[1].cells[0].faults == ("ValueError: no such model",)


def test_a_conversation_is_held_with_the_column_itself(view: View) -> None:
    """Each turn knows the turns before it, with the releases that this column cited."""
    asked: list[Ask] = []

    def reply(ask: Ask) -> Answer:
        asked.append(ask)
        return answer(trace=trace())

    found = _run(view, [contestant("c", reply)], [case("a", "كم قدمت كندا؟", "ومتى تنتهي؟", "وأين؟")])
    assert [len(ask.history) for ask in asked] == [0, 1, 2]
    assert asked[2].history[0].releases == ("canada.txt",)
    assert found.rows[0].cells[0].tries[0].usage.calls == 3


def test_no_more_answers_are_asked_for_at_a_time_than_allowed(view: View) -> None:
    """A provider's rate limit is kept."""
    lock, at_once, most = threading.Lock(), 0, 0
    gate = threading.Barrier(3, timeout=5)

    def reply(_: Ask) -> Answer:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        gate.wait()
        with lock:
            at_once -= 1
        return answer()

    _run(view, [contestant("c", reply)], [case(str(n)) for n in range(9)], concurrency=3)
    assert most == 3


def test_tokens_cost_what_the_prices_say(view: View) -> None:
    """A model without a price has no cost, an answer without a model costs nothing."""
    used = answer(trace=trace(input_tokens=1_000_000, output_tokens=100_000))
    columns = [
        contestant("priced", lambda _: used),
        contestant("unpriced", lambda _: used, "openai:other"),
        contestant("extractive", lambda _: answer(), "extractive"),
    ]
    found = _run(view, columns, [case()])
    assert [found.summaries[c.name].cost for c in found.columns] == [3.0, None, 0.0]


def test_each_quote_is_kept_with_the_words_around_it(view: View) -> None:
    """So that a report can show it in its place without the corpus."""
    found = _run(view, [contestant("c", lambda _: answer())], [case()])
    assert found.rows[0].cells[0].tries[0].passages[0].after == " ويمتد المشروع حتى أيلول 2022."


def test_an_interrupted_run_reports_what_it_has(view: View) -> None:
    """Cases without any answer are left out, and the report says so."""

    async def interrupted() -> Report:
        task: asyncio.Task[Report]

        def done(which: Case, *_: object) -> None:
            if which.id == "b":
                task.cancel()

        columns = [contestant("c", lambda _: answer())]
        cases = [case(name) for name in "abcd"]
        task = asyncio.create_task(run(cases, columns, {None: view}, _PRICES, concurrency=1, done=done))
        return await task

    found = asyncio.run(interrupted())
    assert [row.id for row in found.rows] == ["a", "b"]
    assert found.notes == ("interrupted after 2 of 4 answers",)


def test_a_grader_is_asked_about_answers_only(view: View) -> None:
    """Its verdict is one more check; a refusal is judged by the rules alone."""
    graded: list[str] = []

    async def grade(which: Case, _: Answer) -> Check:
        graded.append(which.id)
        return Check("grader", False, "too long")

    def reply(ask: Ask) -> Answer:
        return answer() if "اليمن" in ask.question else refusal()

    found = _run(view, [contestant("c", reply)], [case("a"), case("b", "كم؟")], grade=grade)
    assert graded == ["a"]
    assert [row.cells[0].faults for row in found.rows] == [("too long",), ()]


def test_a_report_of_another_generation_says_so(view: View) -> None:
    """What was wrong then may be right now because the releases changed."""
    found = _run(
        view, [contestant("c", lambda _: answer())], [replace(case(has=(("2.5",),)), generation=view.number + 7)]
    )
    assert found.rows[0].remark == f"reported on generation {view.number + 7}, asked on generation {view.number}"


def test_a_case_that_nobody_has_judged_says_so(view: View) -> None:
    """Its pass means less than that of others."""
    found = _run(view, [contestant("c", lambda _: answer())], [case()])
    assert "nobody has said yet" in found.rows[0].remark
