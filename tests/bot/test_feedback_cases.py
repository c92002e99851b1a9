"""Complaints as prompt cases; votes, jobs and remembered words in the database."""

import json
from pathlib import Path

from sqlalchemy import create_engine, func, select

from answering.answer import Answer, Citation, Turn
from bot import cases
from bot.store import feedback, jobs, queries
from bot.store.answers import StoredAnswer
from bot.store.schema import metadata


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


def test_a_vote_may_change_and_keeps_its_reason(database_url: str) -> None:
    """One vote a user and answer: the last one counts; 👎 pressed again keeps the reason that was given."""
    engine = create_engine(database_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        assert feedback.cast(connection, 5, 1, "down", None) is None
        feedback.cast(connection, 5, 1, "down", "figure")
        assert feedback.cast(connection, 5, 1, "down", None) == feedback.Vote("down", "figure")
        assert feedback.cast(connection, 5, 1, "down", "source") == feedback.Vote("down", "figure")
        assert feedback.complaints(connection, 5, "figure") == 0
        assert feedback.complaints(connection, 5, "source") == 1
        feedback.cast(connection, 5, 1, "up", None)
        assert feedback.cast(connection, 5, 1, "up", None) == feedback.Vote("up", None)
        assert feedback.complaints(connection, 5, "source") == 0
        feedback.cast(connection, 5, 2, "down", "source")
        assert connection.execute(select(func.count()).select_from(feedback.votes)).scalar() == 2
    engine.dispose()


def test_jobs_move_once(database_url: str) -> None:
    """A job is confirmed by the first press; what asks for it again is the same job; a key recalls its words."""
    engine = create_engine(database_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        key = jobs.key_of(77)
        assert jobs.put(connection, key, "remove", {"release": "a"}, (1, 2), "ar", "waiting")
        assert not jobs.put(connection, key, "remove", {"release": "b"}, (1, 2), "ar", "waiting")
        assert jobs.move(connection, key, "waiting", "running", {"target": "x"})
        assert not jobs.move(connection, key, "waiting", "running")
        (job,) = jobs.in_state(connection, "running")
        assert (job.payload, job.chat, job.message) == ({"release": "a", "target": "x"}, 1, 2)
        assert jobs.find(connection, "unknown") is None
        words = queries.remember(connection, "اليابان 2021")
        assert queries.remember(connection, "اليابان 2021") == words
        assert queries.recall(connection, words) == "اليابان 2021"
        assert queries.remember(connection, "") == "-"
        assert (queries.recall(connection, "-"), queries.recall(connection, "000000000000")) == ("", None)
    engine.dispose()
