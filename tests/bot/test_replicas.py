"""Replicas on one PostgreSQL: each question is answered once and in order, whoever dies, stands still or is away."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from bot_process import BotProcess
from corpus import UNDATED

from ingest.pipeline import open_catalogue
from ingest.pushing import push
from tests.nginx_server import NginxServer, free_port, program
from tests.postgres_server import PostgresServer
from tests.telegram_server import TelegramServer
from vectorstore.replication.storage import Storage

pytestmark = pytest.mark.postgres

NORWAY = "كم قدمت النرويج لإزالة الألغام في الموصل؟"
ITALY = "كم خصصت إيطاليا لصيادي غزة؟"
Start = Callable[..., BotProcess]


@pytest.fixture
def start(telegram: TelegramServer, data_dir: Path, postgres: PostgresServer) -> Iterator[Start]:
    """Starts a replica of a new database, over the same data folder; what still runs is killed."""
    url, names = postgres.create(), iter("abcdef")
    with ExitStack() as stack:

        def start(*arguments: str, **more: object) -> BotProcess:
            options = {"slow": True, "database_url": url, "webhook_secret": "only-telegram"} | more
            folder = options.pop("data_dir", data_dir)
            bot = BotProcess(telegram, folder, *arguments, name=f"-{next(names)}", **options)  # type: ignore[arg-type]
            return stack.enter_context(bot)

        yield start


@pytest.fixture
def pair(start: Start) -> Iterator[tuple[NginxServer, BotProcess, BotProcess]]:
    """nginx before two replicas that listen."""
    if program() is None:
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    ports = free_port(), free_port()
    with NginxServer(ports) as nginx:
        first, second = (start("--webhook", nginx.url, "--port", str(port)) for port in ports)
        yield nginx, first, second


def answered(server: TelegramServer, chat: int) -> list[str]:
    """The texts that the bot has sent to a chat, once it has been quiet for a moment."""
    server.quiet(1.5, within=40)
    return [message.text for message in server.answers(chat)]


def test_one_polls_and_another_takes_over(telegram: TelegramServer, start: Start) -> None:
    """Without a webhook one replica fetches. Killed in mid-answer, its question and its role are the other's in seconds."""
    first = start()
    telegram.user_says(1, None, ITALY)
    telegram.wait_answers(1, 1)
    second = start()
    assert not any(e["event"] == "polls" for e in second.events())
    telegram.user_says(2, None, f"بطيء 6 {NORWAY}")
    telegram.user_says(2, None, ITALY)
    telegram.wait_for(lambda: telegram.actions(2), 20)
    first.kill()
    telegram.user_says(3, None, NORWAY)
    telegram.wait_answers(3, 1, 30)
    telegram.wait_answers(2, 2, 40)
    slow, quick = answered(telegram, 2)
    assert "7.5" in slow
    assert "1.2" in quick
    assert len(telegram.answers(3)) == 1
    conflicts = [c for c in telegram.calls("getUpdates") if c.status == 409]
    assert len(conflicts) <= 1


def test_a_replica_that_stood_still_sends_nothing(telegram: TelegramServer, start: Start) -> None:
    """Stopped in mid-answer until another has answered, a replica wakes up, sends nothing of it, and works on."""
    first = start()
    telegram.user_says(1, None, f"بطيء 3 {NORWAY}")
    telegram.wait_for(lambda: telegram.actions(1), 20)
    first.pause()
    second = start()
    telegram.wait_answers(1, 1, 30)
    before = len(telegram.calls("sendMessage"))
    first.resume()
    telegram.wait_for(lambda: any(e["event"] == "joined_anew" for e in first.events()), 20)
    time.sleep(4)
    assert len(telegram.calls("sendMessage")) == before
    assert len(answered(telegram, 1)) == 1
    second.kill()
    telegram.user_says(1, None, ITALY)
    telegram.wait_answers(1, 2, 40)
    assert "1.2" in answered(telegram, 1)[1]


def test_a_message_in_doubt_is_not_mistaken_for_another(telegram: TelegramServer, start: Start) -> None:
    """Killed when Telegram had the answer, which nobody acknowledged: the other replica finds it among its own."""
    first = start()
    second = start()
    telegram.user_says(1, None, ITALY)
    telegram.wait_answers(1, 1)
    telegram.fault("sendMessage", "none", delay=20.0, late=True, where={"chat_id": 1})
    telegram.user_says(1, None, NORWAY)
    telegram.wait_answers(1, 2)
    first.kill()
    telegram.clear_faults()
    telegram.user_says(2, None, NORWAY)
    telegram.wait_for(lambda: any(e["event"] == "doubt_settled" for e in second.events()), 40)
    telegram.user_says(1, None, ITALY)
    telegram.wait_answers(1, 3, 20)
    italy, norway, again = answered(telegram, 1)
    assert "1.2" in italy
    assert "7.5" in norway
    assert "1.2" in again
    assert len(telegram.answers(2)) == 1


def test_the_database_restarts(telegram: TelegramServer, start: Start, postgres: PostgresServer) -> None:
    """Away for longer than the lease, the database loses nothing and nothing is sent twice; the bot lives on."""
    bot = start()
    telegram.user_says(1, None, f"بطيء 2 {NORWAY}")
    telegram.user_says(1, None, ITALY)
    telegram.wait_for(lambda: telegram.actions(1), 20)
    postgres.stop()
    try:
        telegram.user_says(2, None, NORWAY)
        time.sleep(8)
    finally:
        postgres.start()
    telegram.wait_answers(1, 2, 40)
    telegram.wait_answers(2, 1, 40)
    first, second = answered(telegram, 1)
    assert "7.5" in first
    assert "1.2" in second
    assert len(telegram.answers(2)) == 1
    events = [e["event"] for e in bot.events()]
    assert events.count("database_away") <= 3
    assert "database_back" in events
    assert bot.stop() == 0


def test_sigterm_releases_what_is_not_begun(telegram: TelegramServer, start: Start) -> None:
    """A replica told to end finishes what it works on; what waits behind it is another's at once."""
    first = start()
    second = start()
    telegram.user_says(1, None, f"بطيء 3 {NORWAY}")
    telegram.user_says(1, None, ITALY)
    telegram.wait_for(lambda: telegram.actions(1), 20)
    assert first.stop() == 0
    telegram.wait_answers(1, 2, 20)
    slow, quick = answered(telegram, 1)
    assert "7.5" in slow
    assert "1.2" in quick
    assert not any(e["event"] == "lease_lost" for e in second.events())


def test_a_webhook_of_replicas_needs_a_secret(start: Start) -> None:
    """Without a secret in common, what one replica set would be declined by another."""
    with pytest.raises(AssertionError, match="SANAD_WEBHOOK_SECRET"):
        start("--webhook", "http://127.0.0.1:1/telegram", "--port", str(free_port()), webhook_secret="", slow=False)


@pytest.mark.nginx
def test_behind_nginx(
    telegram: TelegramServer, pair: tuple[NginxServer, BotProcess, BotProcess], postgres: PostgresServer
) -> None:
    """Two replicas share what comes; while one is down or told to end, the other answers all; nothing else is let in.

    What cannot be stored is declined, so that Telegram delivers it again.
    """
    nginx, first, second = pair
    for round_ in range(3):
        for chat in range(1, 7):
            telegram.user_says(chat, None, ITALY if round_ % 2 else NORWAY)
        if round_ == 0:
            telegram.wait_answers(6, 1)
            first.kill()
        if round_ == 1:
            telegram.wait_answers(6, 2, 40)
            first.start()
            assert second.stop() == 0
    for chat in range(1, 7):
        telegram.wait_answers(chat, 3, 40)
        texts = answered(telegram, chat)
        assert [bool(re.search("7.5", text)) for text in texts] == [True, False, True]
    postgres.stop()
    try:
        telegram.user_says(7, None, ITALY)
        telegram.wait_for(
            lambda: "response from the webhook: 50" in (telegram.rooms.updates.webhook.last_error_message or ""), 30
        )  # type: ignore[union-attr]
    finally:
        postgres.start()
    telegram.wait_answers(7, 1, 40)
    assert len(answered(telegram, 7)) == 1
    assert httpx.post(nginx.url, json={}, headers={}).status_code == 403
    assert httpx.get(nginx.url).status_code == 403
    assert httpx.post(nginx.url.replace("/telegram", "/other"), json={}).status_code == 404
    assert httpx.post(nginx.url, content=b"x" * 2_000_000).status_code == 413


def test_changes_go_to_the_writer(telegram: TelegramServer, start: Start, data_dir: Path, tmp_path: Path) -> None:
    """What an administrator changes is done by the replica that can write; where there is none, the user is told.

    A replica that only copies snapshots may fetch the updates all the same.
    """
    storage = f"file://{tmp_path / 'storage'}"
    with open_catalogue(data_dir) as catalogue:
        push(catalogue, data_dir, Storage(storage))
    copies = tmp_path / "copies"
    copies.mkdir()
    options = {"admins": "900", "snapshot_url": storage, "snapshot_seconds": 1}
    reader = start(data_dir=copies, **options)
    telegram.wait_for(lambda: any(e["event"] == "generation" and e["number"] for e in reader.events()), 40)
    telegram.user_says(900, None, "/reingest")
    assert "لا تعمل الآن نسخة" in telegram.wait_answers(900, 1, 60)[0].text
    start(data_dir=data_dir, **options)
    telegram.upload(900, None, UNDATED.encode(), "كندا.txt")
    shown = telegram.wait_answers(900, 2, 30)[1]
    telegram.wait_for(lambda: "هل يُنشر" in telegram.answers(900)[1].text, 60)
    telegram.press(900, shown.id, "✅ نشر")
    telegram.wait_for(lambda: "✅ تم" in telegram.answers(900)[1].text, 90)
    assert len(telegram.answers(900)) == 2
    telegram.wait_for(lambda: any(e.get("number") == 2 for e in reader.events() if e["event"] == "generation"), 40)
    telegram.user_says(1, None, "كم خصصت كندا لقرى الأهوار؟")
    assert "900" in telegram.wait_answers(1, 1, 20)[0].text


def test_a_job_outlives_its_writer(telegram: TelegramServer, start: Start) -> None:
    """Killed in the middle of an ingest, a writer's job is done by another, and told in the same message."""
    first = start(admins="900")
    telegram.user_says(1, None, ITALY)
    telegram.wait_answers(1, 1)
    telegram.user_says(900, None, "/reingest")
    telegram.wait_answers(900, 1, 20)
    first.kill()
    start(admins="900")
    telegram.wait_for(lambda: telegram.answers(900)[0].text.startswith(("✅", "لا جديد")), 90)
    assert len(answered(telegram, 900)) == 1
