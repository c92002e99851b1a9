"""Reports as JSON, as JUnit XML and at a terminal."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from arabic.bidi import strip_controls
from evaluation.baseline import compare
from evaluation.junit import to_junit
from evaluation.report import BadReport, Report, Try, Usage, read_report, to_json
from evaluation.responses import Written
from evaluation.terminal import duration, money, rendered
from tests.evaluation.prompt_samples import answer, cell, report, trace

_REPORT = report(
    ("a", [cell("extractive", True), cell("answer/v1 · m", False, text="قدمت <b>كندا</b> 2.5")]),
    ("b", [cell("extractive", True, False, True), cell("answer/v1 · m", error="TimeoutError: late")]),
)


def _shown(found: Report, width: int = 100, **more: object) -> str:
    console = Console(width=width, record=True, highlight=False, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    with console.file:
        console.print(rendered(found, **more))  # type: ignore[arg-type]
    return console.export_text()


def test_a_report_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    """Answers, traces, checks and what the model wrote; the JSON is readable."""
    one = Try(
        answer(trace=trace("repaired", faults=("amount: ٣",), steps=(("model", 1.5),))),
        usage=Usage(1, 1, 2, 3),
        cost=0.1,
        written=(Written("{", "f.json"),),
    )
    made = replace(_REPORT, rows=(replace(_REPORT.rows[0], cells=(replace(cell("extractive", True), tries=(one,)),)),))
    path = tmp_path / "r.json"
    path.write_text(to_json(made), "utf-8")
    assert read_report(path) == made
    assert "قدمت كندا" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "not a report"), ('{"x": 1}', "columns"), (None, "No such file")],
)
def test_what_is_no_report_is_named(tmp_path: Path, text: str | None, told: str) -> None:
    """Another JSON file, or none."""
    path = tmp_path / "x.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(BadReport, match=told):
        read_report(path)


def test_a_report_of_another_format_is_refused(tmp_path: Path) -> None:
    """Rather than misread."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**json.loads(to_json(_REPORT)), "format": 99}), "utf-8")
    with pytest.raises(BadReport, match="format 99"):
        read_report(path)


def test_summaries_count_cases_by_status() -> None:
    """Passed, failed, flaky and error, and shares by tag."""
    first, second = (_REPORT.summaries[c.name] for c in _REPORT.columns)
    assert (first.passed, first.flaky, first.total) == (1, 1, 2)
    assert (second.failed, second.errors, second.total) == (1, 1, 2)
    assert _REPORT.tags() == {"funding": {"extractive": (1, 2), "answer/v1 · m": (0, 2)}}


def test_junit_has_a_suite_a_column_and_tells_failures() -> None:
    """Counts at the top, the answer in the body; whatever a model writes, it stays XML."""
    odd = cell("extractive", False, text="\x00\x0b]]> & <x> \ufffe قدمت")
    root = ElementTree.fromstring(
        to_junit(replace(_REPORT, rows=(*_REPORT.rows, replace(_REPORT.rows[0], id="c", cells=(odd,)))))
    )
    assert root.attrib | {"time": ""} == {
        "name": "sanad prompts test", "time": "", "tests": "5", "failures": "3", "errors": "1", "skipped": "0",
    }  # fmt: skip
    assert [s.get("name") for s in root] == ["extractive", "answer/v1 · m"]
    failure = root.find("./testsuite/testcase[@name='c']/failure")
    assert failure is not None
    assert failure.get("message") == "lacks 3.63"
    assert "]]> & <x>" in (failure.text or "")


def test_junit_against_a_baseline_fails_only_on_what_became_worse() -> None:
    """What was wrong before is skipped."""
    before = report(("a", [cell("c", True)]), ("b", [cell("c", False)]))
    after = report(("a", [cell("c", False)]), ("b", [cell("c", False)]), ("d", [cell("c", True)]))
    root = ElementTree.fromstring(to_junit(after, compare(after, before)))
    assert (root.get("failures"), root.get("skipped"), root.get("tests")) == ("1", "1", "3")


def test_the_terminal_shows_matrix_faults_and_totals() -> None:
    """Marks by case and column, what is wrong, what each column comes to."""
    text = _shown(_REPORT)
    for words in ("✔", "✘", "~ 2/3", "!", "lacks 3.63", "TimeoutError: late", "1/2", "funding", "extractive"):
        assert words in text, words


def test_answers_may_look_like_markup_of_the_terminal() -> None:
    """They are shown, not interpreted."""
    shown = strip_controls(
        _shown(report(("a [b]", [cell("c", False, text="[red]قدمت[/red] [1] [/nothing]\x1b]0;title\x07")])))
    )
    assert "[red]قدمت[/red] [1] [/nothing]]0;title" in shown
    assert "a [b]" in shown
    assert "\x1b" not in shown


def test_columns_that_answered_alike_are_told_once() -> None:
    """Ten versions with one fault are one paragraph."""
    many = report(("a", [cell(f"answer/v{n} · m", False) for n in range(1, 8)]))
    assert _shown(many, width=160).count("lacks 3.63") == 1


def test_a_comparison_tells_what_changed_in_which_direction() -> None:
    """And ends with a verdict."""
    before = report(("a", [cell("c", True)]), ("b", [cell("c", False)]))
    after = report(("a", [cell("c", False)]), ("b", [cell("c", True)]))
    text = _shown(after, comparison=compare(after, before))
    for words in ("✘▼", "✔▲", "pass → fail", "1 worse, 1 better than the baseline"):
        assert words in text, words


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_any_width_will_do(width: int) -> None:
    """A phone's terminal, a wide screen."""
    assert "✘" in _shown(_REPORT, width=width)


@pytest.mark.parametrize(("value", "text"), [(0.0123, "12 ms"), (1.44, "1.4 s")])
def test_durations_are_short(value: float, text: str) -> None:
    """Milliseconds below a second."""
    assert duration(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "?"), (0.0, "$0"), (0.00123, "$0.0012"), (12.345, "$12.35")])
def test_money_has_the_digits_that_tell_something(value: float | None, text: str) -> None:
    """An unknown price is a question mark."""
    assert money(value) == text
