"""Who is served, how often, and what the logs and metrics say of it."""

import re
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from bot_process import BotProcess

from tests.telegram_server import TelegramServer

QUESTION = "كم خصصت إيطاليا لصيادي غزة؟"
LISTED, ADMIN, STRANGER = 11, 900, 13
SURNAME = "الكاظمي"
WORDS = "سرّ لا يُكتب"
A_MINUTE = 3


@pytest.fixture(scope="module")
def metrics_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def bot(
    corpus_dir: Path, shared_telegram: TelegramServer, tmp_path_factory: pytest.TempPathFactory, metrics_port: int
) -> Iterator[BotProcess]:
    """A bot for one listed user and one administrator, which logs everything it may."""
    import shutil

    folder = Path(shutil.copytree(corpus_dir, tmp_path_factory.mktemp("access") / "data"))
    with BotProcess(
        shared_telegram, folder, slow=True, allowed_users=f"{LISTED},12", admins=ADMIN, log_level="debug",
        user_questions_per_minute=A_MINUTE, metrics_port=metrics_port,
    ) as running:  # fmt: skip
        yield running


def asked(server: TelegramServer, chat: int, text: str = QUESTION) -> str:
    before = len(server.answers(chat))
    server.user_says(chat, None, text)
    return server.wait_answers(chat, before + 1)[-1].text


def metric(port: int, name: str) -> float:
    """The sum of a metric over its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        lines = response.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}(\{{|\s)", line))


def test_an_unlisted_user_is_told_so(shared_telegram: TelegramServer, bot: BotProcess, metrics_port: int) -> None:
    """An unlisted user gets one line, whatever is sent; nothing is looked up for them and nothing is kept."""
    before = metric(metrics_port, "sanad_questions_total")
    line = asked(shared_telegram, STRANGER)
    assert "\n" not in line
    assert "1.2" not in line
    sent = shared_telegram.upload(STRANGER, None, b"x", "a.txt")
    assert shared_telegram.wait_answers(STRANGER, 2)[-1].text == line
    inline = shared_telegram.inline(STRANGER, QUESTION)
    assert shared_telegram.wait_query(inline)["results"] == []
    shared_telegram.quiet()
    assert metric(metrics_port, "sanad_questions_total") == before
    assert not [
        c for c in shared_telegram.calls("getFile") if c.parameters["file_id"] == sent.media["document"]["file_id"]
    ]
    assert not [e for e in bot.events() if e.get("event") == "answered"]


def test_listed_users_and_administrators_are_served(shared_telegram: TelegramServer, bot: BotProcess) -> None:
    """The listed user and the administrator, who need not be listed, get answers."""
    assert "1.2" in asked(shared_telegram, 12)
    assert "1.2" in asked(shared_telegram, ADMIN)


def test_membership_of_a_group_lets_nobody_in(shared_telegram: TelegramServer, bot: BotProcess) -> None:
    """In a group only the listed are answered."""
    shared_telegram.add_group(-100_500, "مجموعة")
    shared_telegram.user_says(-100_500, STRANGER, f"/ask@sanad_local_bot {QUESTION}")
    shared_telegram.user_says(-100_500, ADMIN, f"/ask@sanad_local_bot {QUESTION}")
    shared_telegram.wait_for(lambda: any("1.2" in m.text for m in shared_telegram.answers(-100_500)))
    shared_telegram.quiet()
    assert len([m for m in shared_telegram.answers(-100_500) if "1.2" in m.text]) == 1


def test_too_many_questions_wait(shared_telegram: TelegramServer, bot: BotProcess) -> None:
    """Beyond the user's questions a minute comes a message that says how long to wait; others are not held up."""
    for _ in range(A_MINUTE):
        assert "1.2" in asked(shared_telegram, LISTED)
    waiting = asked(shared_telegram, LISTED)
    assert "1.2" not in waiting
    assert re.search(r"\d", waiting)


def test_logs_hold_no_secret(shared_telegram: TelegramServer, bot: BotProcess, metrics_port: int) -> None:
    """Even at the level debug, and in the traceback of a fault, no token, text, name or user name is logged."""
    shared_telegram.add_user(12, "زينب", last_name=SURNAME, username="zaynab_k", language_code="ar")
    failed = asked(shared_telegram, 12, f"عطل 0 {WORDS}")
    assert failed
    shared_telegram.fault("sendMessage", status=502)
    shared_telegram.user_says(12, None, f"/ask {WORDS}")
    shared_telegram.wait_answers(12, 3)
    shared_telegram.quiet()
    log = bot.text()
    assert '"level": "error"' in log
    assert '"level": "debug"' in log
    for secret in (
        shared_telegram.token,
        shared_telegram.token.partition(":")[2],
        WORDS,
        QUESTION,
        SURNAME,
        "zaynab_k",
    ):
        assert secret not in log
    assert metric(metrics_port, "sanad_errors_total") >= 1


def test_metrics_count(shared_telegram: TelegramServer, bot: BotProcess, metrics_port: int) -> None:
    """Questions, refusals, times, queue and generation are there for Prometheus."""
    questions, refused = (metric(metrics_port, f"sanad_{name}_total") for name in ("questions", "refusals"))
    asked(shared_telegram, ADMIN, "كم منحت اليابان للصليب الأحمر في كينيا؟")
    shared_telegram.wait_for(lambda: metric(metrics_port, "sanad_questions_total") == questions + 1)
    assert metric(metrics_port, "sanad_refusals_total") == refused + 1
    assert metric(metrics_port, "sanad_answer_seconds_count") == questions + 1
    assert metric(metrics_port, "sanad_generation") == 1
    shared_telegram.wait_for(lambda: metric(metrics_port, "sanad_queue_depth") == 0)
