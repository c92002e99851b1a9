"""Faults on the way and at Telegram's: an answer arrives all the same, once."""

import itertools
import sqlite3
import time
from contextlib import closing

import pytest
from bot_process import BotProcess

from tests.telegram_server import TelegramServer

pytestmark = pytest.mark.usefixtures("shared_bot")

NORWAY = "كم قدمت النرويج لإزالة الألغام في الموصل؟"
ITALY = "كم خصصت إيطاليا لصيادي غزة؟"
CANNOT_PARSE = "Bad Request: can't parse entities: Unsupported start tag"
CHATS = itertools.count(201)


def answered(server: TelegramServer, chat: int) -> list[str]:
    """The texts of the messages in a chat that the bot has sent, once it has been quiet for a moment."""
    server.quiet(1.0)
    return [message.text for message in server.answers(chat)]


def activity(bot: BotProcess, user: int) -> bool | None:
    """Whether the store has the user as one who can be written to."""
    with closing(sqlite3.connect(bot.data_dir / "bot.db")) as store:
        row = store.execute("SELECT active FROM users WHERE id = ?", (user,)).fetchone()
    return None if row is None else bool(row[0])


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "accept_then_drop"},
        {"action": "drop", "times": 2},
        {"status": 502, "times": 2},
        {"action": "garble"},
        {"retry_after": 1, "times": 2},
    ],
    ids=["taken and not acknowledged", "dropped", "502", "no JSON", "429"],
)
def test_faults_delay_an_answer_and_do_not_double_it(shared_telegram: TelegramServer, fault: dict[str, object]) -> None:
    """Whatever happens to sendMessage, the answer arrives, once, and so does the next one."""
    chat = next(CHATS)
    shared_telegram.fault("sendMessage", where={"chat_id": chat}, **fault)
    shared_telegram.user_says(chat, None, NORWAY)
    shared_telegram.wait_answers(chat, 1, seconds=30)
    shared_telegram.user_says(chat, None, ITALY)
    shared_telegram.wait_answers(chat, 2, seconds=30)
    first, second = answered(shared_telegram, chat)
    assert "7.5" in first
    assert "1.2" in second


def test_markup_that_does_not_parse_goes_as_plain_text(shared_telegram: TelegramServer) -> None:
    """On «can't parse entities» the same words are sent once as plain text."""
    chat = next(CHATS)
    shared_telegram.fault("sendMessage", where={"chat_id": chat}, status=400, description=CANNOT_PARSE)
    shared_telegram.user_says(chat, None, NORWAY)
    (answer,) = shared_telegram.wait_answers(chat, 1, seconds=30)
    assert "7.5" in answer.text
    assert "<b>" not in answer.text
    assert "parse_mode" not in shared_telegram.calls("sendMessage")[-1].parameters


def test_a_chat_that_waits_holds_up_no_other(shared_telegram: TelegramServer) -> None:
    """A 429 of four seconds in one chat does not keep another waiting."""
    chat, other = next(CHATS), next(CHATS)
    shared_telegram.fault("sendMessage", retry_after=4, where={"chat_id": chat})
    shared_telegram.user_says(chat, None, NORWAY)
    time.sleep(0.5)
    shared_telegram.user_says(other, None, ITALY)
    shared_telegram.wait_answers(other, 1, seconds=3)
    assert not shared_telegram.answers(chat)
    shared_telegram.wait_answers(chat, 1, seconds=20)


def test_who_blocks_the_bot_is_left_in_peace(shared_telegram: TelegramServer, shared_bot: BotProcess) -> None:
    """Forbidden is taken quietly: one attempt, no traceback; who comes back is served."""
    chat = next(CHATS)
    shared_telegram.user_says(chat, None, f"بطيء 1 {NORWAY}")
    time.sleep(0.4)
    shared_telegram.block(chat)
    shared_telegram.wait_for(lambda: any(e["event"] == "chat_gone" for e in shared_bot.events()), 15)
    calls = [c for c in shared_telegram.calls("sendMessage") if str(c.parameters["chat_id"]) == str(chat)]
    assert len(calls) == 1
    assert "Forbidden" not in str([e.get("exception") for e in shared_bot.events()])
    assert activity(shared_bot, chat) is False
    shared_telegram.block(chat, blocked=False)
    shared_telegram.user_says(chat, None, ITALY)
    assert "1.2" in shared_telegram.wait_answers(chat, 1)[-1].text
    assert activity(shared_bot, chat) is True
