"""Nothing is lost and nothing is sent twice: kills, faults of the network and of Telegram, shutdown, start."""

import time
from pathlib import Path

import pytest
from bot_process import BotProcess

from tests.telegram_server import TelegramServer

NORWAY = "كم قدمت النرويج لإزالة الألغام في الموصل؟"
ITALY = "كم خصصت إيطاليا لصيادي غزة؟"


@pytest.fixture
def bot(telegram: TelegramServer, data_dir: Path) -> BotProcess:
    """A bot that is not started yet, with answers that can be slowed down."""
    return BotProcess(telegram, data_dir, slow=True)


def answered(server: TelegramServer, chat: int) -> list[str]:
    """The texts of the messages in a chat that the bot has sent, once it has been quiet for a moment."""
    server.quiet(1.0)
    return [message.text for message in server.answers(chat)]


def test_killed_in_mid_answer(telegram: TelegramServer, bot: BotProcess) -> None:
    """Killed while it works on a question, with others waiting and some sent while it is down: each is answered once."""
    telegram.add_group(-1001300, "مجموعة")
    with bot:
        telegram.user_says(1, None, f"بطيء 3 {NORWAY}")
        telegram.user_says(1, None, ITALY)
        telegram.user_says(2, None, ITALY)
        telegram.user_says(-1001300, 5, f"/ask@sanad_local_bot ينمو 30 {NORWAY}")
        telegram.wait_answers(2, 1)
        telegram.wait_answers(-1001300, 1)
        bot.kill()
        telegram.user_says(3, None, NORWAY)
        telegram.user_says(2, None, NORWAY)
        # The answer that was growing in the group is quick this time: what counts is that its message is gone on with.
        bot.start()
        telegram.wait_answers(3, 1)
        telegram.wait_answers(2, 2)
        telegram.wait_answers(1, 2, seconds=20)
        first, second = answered(telegram, 1)
        assert "7.5" in first
        assert "1.2" in second
        assert len(answered(telegram, 2)) == 2
        assert len(answered(telegram, 3)) == 1
        assert len(answered(telegram, -1001300)) == 1


def test_killed_when_telegram_had_the_answer(telegram: TelegramServer, bot: BotProcess) -> None:
    """Killed between Telegram's taking of an answer and the news of it: it is found again, not sent again."""
    with bot:
        telegram.fault("sendMessage", "none", delay=20.0, late=True)
        telegram.user_says(1, None, NORWAY)
        telegram.wait_answers(1, 1)
        bot.kill()
        telegram.clear_faults()
        bot.start()
        telegram.wait_for(lambda: any(e["event"] == "doubt_settled" for e in bot.events()), 20)
        telegram.user_says(1, None, ITALY)
        telegram.wait_answers(1, 2, seconds=20)
        first, second = answered(telegram, 1)
        assert "7.5" in first
        assert "1.2" in second


def test_shutdown_drains(telegram: TelegramServer, bot: BotProcess) -> None:
    """SIGTERM ends the process with 0 when what it had begun is answered, what waited behind it too."""
    with bot:
        telegram.user_says(1, None, f"بطيء 2 {NORWAY}")
        telegram.user_says(1, None, ITALY)
        telegram.wait_for(lambda: not telegram.pending(), 10)
        assert bot.stop() == 0
        assert len(telegram.answers(1)) == 2


def test_what_cannot_be_drained_is_left_for_the_next_start(telegram: TelegramServer, data_dir: Path) -> None:
    """A shutdown that has no time left leaves a question pending; the next start answers it."""
    with BotProcess(telegram, data_dir, slow=True, shutdown_seconds=0.5) as bot:
        telegram.user_says(1, None, f"ينمو 4 {NORWAY}")
        telegram.wait_for(lambda: not telegram.pending(), 10)
        assert bot.stop() == 0
        assert not telegram.answers(1)
        bot.start()
        telegram.wait_answers(1, 1, seconds=20)
        assert len(answered(telegram, 1)) == 1


def test_the_start_waits_for_the_network(telegram: TelegramServer, bot: BotProcess) -> None:
    """Started without Telegram in reach, the bot waits, and then answers what was written meanwhile."""
    telegram.user_says(1, None, NORWAY)
    telegram.pause()
    try:
        bot.start(wait=False)
        time.sleep(3)
        telegram.resume()
        telegram.wait_answers(1, 1, seconds=30)
    finally:
        bot.kill()
