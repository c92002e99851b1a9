"""A report held against an earlier one."""

from dataclasses import replace

from evaluation.baseline import compare
from evaluation.report import Cell, Column
from tests.evaluation.prompt_samples import cell, report


def test_only_what_became_worse_is_worse() -> None:
    """What failed before may fail, what passes now is better, what is new is unknown."""
    before = report(("a", [cell("c", True)]), ("b", [cell("c", False)]), ("c", [cell("c", False)]))
    after = report(
        ("a", [cell("c", False)]), ("b", [cell("c", False)]), ("c", [cell("c", True)]), ("d", [cell("c", False)])
    )
    found = compare(after, before)
    assert [(w.case, w.why) for w in found.worse] == [("a", "pass → fail: lacks 3.63")]
    assert [b.case for b in found.better] == ["c"]
    assert found.unknown == (("d", "c"),)


def test_a_share_of_answers_that_falls_is_worse() -> None:
    """Two of three where there were three of three."""
    found = compare(report(("a", [cell("c", True, True, False)])), report(("a", [cell("c", True, True, True)])))
    assert found.worse[0].why.startswith("3 of 3 → 2 of 3")


def test_a_failing_case_that_breaks_another_rule_is_worse() -> None:
    """From an answer that was too long to one with a wrong figure."""
    long, right = cell("c", False, check="length").tries[0], cell("c", True).tries[0]
    old = Cell("c", (replace(long, checks=long.checks + right.checks),))
    found = compare(report(("a", [cell("c", False)])), report(("a", [old])))
    assert found.worse[0].why == "has held before: lacks 3.63"


def test_an_error_where_there_was_an_answer_is_worse() -> None:
    """Even where the answer was wrong."""
    found = compare(report(("a", [cell("c", error="no key")])), report(("a", [cell("c", False)])))
    assert found.worse[0].why == "fail → error: no key"
    assert compare(report(("a", [cell("c", error="no key")])), report(("a", [cell("c", error="x")]))).worse == ()


def test_a_case_that_was_changed_is_not_compared() -> None:
    """Its old result was to another question."""
    before, after = report(("a", [cell("c", True)])), report(("a", [cell("c", False)]))
    found = compare(replace(after, rows=(replace(after.rows[0], digest="e"),)), before)
    assert (found.worse, found.unknown) == ((), (("a", "c"),))


def test_a_new_version_is_held_against_the_newest_of_its_model() -> None:
    """So that the version that a change brings is tested, not passed over."""
    columns = [Column(f"answer/v{n} · m", "m", (f"answer/v{n}",)) for n in (2, 10, 11)]
    before = report(("a", [cell("answer/v2 · m", False), cell("answer/v10 · m", True)]), columns=columns[:2])
    after = report(("a", [cell("answer/v11 · m", False)]), columns=columns[2:])
    found = compare(after, before)
    assert found.marks == {"answer/v11 · m": "answer/v10 · m"}
    assert len(found.worse) == 1
    assert compare(report(("a", [cell("other", False)])), before).unknown == (("a", "other"),)
