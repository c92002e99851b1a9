"""Complaints as prompt cases."""

import json
from pathlib import Path

from answering.answer import Answer, Citation, Turn
from bot import cases
from bot.store.answers import StoredAnswer


def stored(number: int = 5) -> StoredAnswer:
    quote = Citation(1, "a.txt", "عنوان", None, None, "نص", 0, 2)
    answer = Answer("ومتى؟", "في 2023 [1]", False, "fact", "ar", (quote,))
    return StoredAnswer(number, 77, 88, "ومتى؟", (Turn("كم قدمت النرويج؟", ("a.txt",)),), answer, 4, 0.0)


def test_a_case_is_ready_and_names_nobody(tmp_path: Path) -> None:
    """A complaint is one JSON line in the prompt-case format, without ids of users or chats."""
    cases.add(tmp_path / "data" / "feedback.jsonl", cases.case_of(stored(), "wrong_figure"))
    (line,) = (tmp_path / "data" / "feedback.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "id": "feedback-5-wrong_figure",
        "question": "ومتى؟",
        "turns": ["كم قدمت النرويج؟"],
        "corpus": 4,
        "expect": {"has": [], "lacks": [], "sources": [], "refuse": None},
        "tags": ["feedback", "wrong_figure"],
        "note": "",
        "answer": "في 2023 [1]",
    }
    assert "77" not in line
    assert "88" not in line


def test_the_same_complaint_stands_once(tmp_path: Path) -> None:
    """Two users who complain of the same make one case; what is withdrawn goes, what people wrote by hand stays."""
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"id": "mine"}\nnot json\n', "utf-8")
    for number in (5, 5, 6):
        cases.add(path, cases.case_of(stored(number), "wrong_source"))
    cases.withdraw(path, cases.case_id(5, "wrong_source"))
    left = path.read_text("utf-8").splitlines()
    assert left[:2] == ['{"id": "mine"}', "not json"]
    assert [json.loads(line)["id"] for line in left[2:]] == ["feedback-6-wrong_source"]
    cases.withdraw(tmp_path / "missing.jsonl", "x")
