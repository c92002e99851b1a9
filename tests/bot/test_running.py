"""Webhooks, a second bot, an unreachable or unfriendly Telegram, presses that lead nowhere."""

import socket
from pathlib import Path

import httpx
import pytest
from bot_process import BotProcess

from tests.telegram_server import TelegramServer

QUESTION = "كم خصصت إيطاليا لصيادي غزة؟"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_updates_by_webhook(telegram: TelegramServer, data_dir: Path) -> None:
    """By webhook the bot answers what Telegram posts, and refuses what comes without the secret.

    What was posted in vain while it was down is answered after its start.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    with BotProcess(telegram, data_dir, "--webhook", url, "--port", str(port), webhook_secret="only-telegram") as bot:
        hook = telegram.wait_for(lambda: telegram.rooms.updates.webhook)
        assert hook is not None
        telegram.user_says(7, None, QUESTION)
        assert "1.2" in telegram.wait_answers(7, 1)[0].text
        forged = telegram.updates()[0].to_json() | {"update_id": 1}
        for headers in ({}, {HEADER: "x"}):
            assert httpx.post(hook.url, json=forged, headers=headers).status_code in {401, 403}
        telegram.quiet()
        assert len(telegram.answers(7)) == 1
        bot.kill()
        telegram.user_says(7, None, QUESTION)
        bot.start()
        telegram.wait_answers(7, 2)
        telegram.wait_for(lambda: not telegram.pending())
        telegram.quiet()
        assert len(telegram.answers(7)) == 2
        assert bot.stop() == 0


def test_a_second_bot_waits_for_the_first(telegram: TelegramServer, data_dir: Path) -> None:
    """Of two bots over one data folder one answers; the other takes over when the first has ended.

    Started for polling, a bot takes away the webhook that was set before.
    """
    old = {"url": f"http://127.0.0.1:{free_port()}/old"}
    httpx.post(f"{telegram.url}{telegram.token}/setWebhook", json=old)
    with BotProcess(telegram, data_dir) as first:
        second = BotProcess(telegram, data_dir)
        second.start(wait=False)
        try:
            telegram.wait_for(lambda: "another_bot_runs_on_this_folder" in second.text(), 30)
            telegram.user_says(7, None, QUESTION)
            telegram.wait_answers(7, 1)
            assert first.stop() == 0
            telegram.user_says(7, None, QUESTION)
            telegram.wait_answers(7, 2, 20)
            telegram.quiet()
            assert len(telegram.answers(7)) == 2
        finally:
            second.kill()


def test_a_declined_token_ends_the_start(telegram: TelegramServer, data_dir: Path) -> None:
    """A token that Telegram does not know ends the start at once, with a reason that does not name it."""
    bot = BotProcess(telegram, data_dir, telegram_token="123456:not-the-token-of-any-bot")
    bot.start(wait=False)
    assert bot.ended() == 2
    assert "SANAD_TELEGRAM_TOKEN" in bot.text()
    assert "not-the-token" not in bot.text()


@pytest.mark.usefixtures("shared_bot")
@pytest.mark.parametrize(
    ("chat", "fault"),
    [
        (401, {"action": "drop"}),
        (402, {"status": 502}),
        (403, {"action": "garble"}),
        (404, {"retry_after": 1}),
        (405, {"status": 409, "description": "Conflict: terminated by other getUpdates request"}),
    ],
)
def test_polling_survives(shared_telegram: TelegramServer, chat: int, fault: dict[str, object]) -> None:
    """Polls that fail are made again, even after another bot has polled with the same token, and no update is lost."""
    injected = shared_telegram.fault("getUpdates", times=2, **fault)  # type: ignore[arg-type]
    shared_telegram.user_says(chat, None, QUESTION)
    shared_telegram.wait_answers(chat, 1, 30)
    shared_telegram.wait_for(lambda: injected.hit == 2, 30)
    shared_telegram.quiet()
    assert len(shared_telegram.answers(chat)) == 1


@pytest.mark.usefixtures("shared_bot")
def test_presses_that_lead_nowhere(shared_telegram: TelegramServer) -> None:
    """Whatever a press holds it is answered, so that no button spins; one that is too late still does its work."""
    shared_telegram.user_says(406, None, QUESTION)
    answer = shared_telegram.wait_answers(406, 1)[0]
    for data in ("s:1:1", "s:x", "f:999:up", "b:r:000000000000", "x", "a:ok:0000000000000000", "l:xx"):
        shared_telegram.wait_query(shared_telegram.press_data(406, answer.id, data))
    why = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    shared_telegram.fault("answerCallbackQuery", status=400, description=why)
    before = len(shared_telegram.answers(406))
    shared_telegram.press(406, answer.id, "[1]")
    assert "إيطاليا" in shared_telegram.wait_answers(406, before + 1)[-1].text
