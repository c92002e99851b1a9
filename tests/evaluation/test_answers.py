"""Judging answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.answers import BadSet, Case, Expected, comparable, judge, load_questions, release_texts, score, states

_RELEASE = "قدمت اليابان ٣٫٦٣ مليون دولار، وانتفع بها 8,500 شخص منذ 2014."
_TEXTS = {"a.txt": comparable(_RELEASE)}
_CASE = Case("q", "funding", "ar", ("كم؟",), Expected((("3.63", "3,63"),), (("41 مليون",),), frozenset({"a.txt"})))


def _answer(text: str = "3.63 مليون دولار [1]", **more: Any) -> dict[str, Any]:
    quote = {"release": "a.txt", "quote": "قدمت اليابان ٣٫٦٣ مليون دولار"}
    return {"answer": text, "refused": False, "citations": [quote]} | more


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        (_answer(), []),
        (_answer("٣٫٦٣ مليون"), []),
        (_answer("13.63 مليون"), ["lacks 3.63"]),
        (_answer("3.63 من حزمة 41 مليون"), ["says 41 مليون"]),
        (_answer(refused=True), ["refused"]),
        (None, ["no answer"]),
        (_answer(citations=[]), ["cites nothing, not ['a.txt']", "3.63 is in no quote"]),
        (_answer(citations=[{"release": "a.txt", "quote": "قدمت ألمانيا 3.63"}]), ["quote is not in a.txt"]),
        (_answer("3.63 " + "ا" * 800), ["805 characters"]),
    ],
)
def test_each_fault_is_told(answer: dict[str, Any] | None, faults: list[str]) -> None:
    """Right figures in any digits, foreign figures, sources, verbatim quotes, length."""
    assert judge(_CASE, answer, _TEXTS) == faults


def test_an_unanswerable_question_must_be_refused() -> None:
    """Whatever else the answer says."""
    case = Case("q", "unanswerable", "ar", ("كم؟",), Expected(refuse=True))
    assert judge(case, {"answer": "لا يذكر", "refused": True}, {}) == []
    assert judge(case, _answer(), {}) == ["should have been refused"]


def test_a_list_cites_every_source_and_a_total_needs_no_quote() -> None:
    """One release of two is not enough for a list; the sum of a total stands in no quote."""
    expected = Expected((("7.3",),), (), frozenset({"a.txt", "b.txt"}))
    assert judge(Case("q", "aggregate", "ar", ("؟",), expected), _answer("7.3 مليون"), _TEXTS) == [
        "cites ['a.txt'], not ['a.txt', 'b.txt']"
    ]


@pytest.mark.parametrize(
    ("text", "wanted", "held"),
    [("8,500 شخص", "8500", True), ("18500", "8500", False), ("8500.5", "8500", False), ("أُسَر", "اسر", True)],
)
def test_numbers_are_held_as_whole_numbers(text: str, wanted: str, held: bool) -> None:
    """Separators, diacritics and spelling do not matter; digits beside a number do."""
    assert states(comparable(text), wanted) is held


def test_a_report_counts_refusals_of_both_sorts() -> None:
    """Refused unanswerable ones are right, refused answerable ones wrong."""
    cases = [_CASE, Case("u", "unanswerable", "ar", ("؟",), Expected(refuse=True))]
    report = score(
        cases, {"q": {"answer": "", "refused": True}, "u": {"answer": "", "refused": True, "seconds": 0.02}}, {}
    )
    assert (report.refused_unanswerable, report.refused_answerable) == (1, 1)
    assert report.to_dict()["categories"]["ALL"] == {"right": 1, "of": 2, "share": 0.5}


def test_a_broken_set_names_its_line(tmp_path: Path) -> None:
    """The file and the line that cannot be read."""
    with pytest.raises(BadSet, match=r"questions\.jsonl"):
        load_questions(tmp_path)
    (tmp_path / "questions.jsonl").write_text(json.dumps({"id": "x"}) + "\n", "utf-8")
    with pytest.raises(BadSet, match="line 1"):
        load_questions(tmp_path)


def test_the_sample_set_is_one(tmp_path: Path) -> None:
    """The bundled samples are a question set whose releases are all there."""
    folder = Path(__file__).parents[2] / "samples"
    names = {p.name for p in (folder / "releases").iterdir()}
    assert len(load_questions(folder)) >= 100
    assert release_texts(folder)
    assert all(case.expected.sources <= names for case in load_questions(folder))
