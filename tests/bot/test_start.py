"""What a start that cannot succeed says."""

from pathlib import Path

import pytest
from bot_process import BotProcess
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

import bot.store.tables  # noqa: F401  every table is known by this
from bot.store.schema import metadata
from tests.telegram_server import TelegramServer


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("telegram_token", "1234:not-the-token", "SANAD_TELEGRAM_TOKEN"),
        ("telegram_token", "رمز غير صالح", "SANAD_TELEGRAM_TOKEN"),
        ("telegram_token", "", "SANAD_TELEGRAM_TOKEN"),
        ("database_url", "sqlite:////nowhere/at/all/bot.db", "SANAD_DATABASE_URL"),
        ("telegram_api_url", "127.0.0.1:80", "SANAD_TELEGRAM_API_URL"),
    ],
    ids=[
        "a token that Telegram declines",
        "no token at all in form",
        "an empty token",
        "a database out of reach",
        "no URL",
    ],
)
def test_a_start_that_cannot_succeed_says_why(
    telegram: TelegramServer, tmp_path: Path, setting: str, value: str, named: str
) -> None:
    """One line in Arabic, one in English, each naming the setting; never the token."""
    process = BotProcess(telegram, tmp_path / "data", **{setting: value})
    try:
        process.start(wait=False)
        assert process.ended() == 2
    finally:
        process.kill()
    said = [line for line in process.text().splitlines() if not line.startswith("{")]
    assert len(said) == 2
    assert all(named in line for line in said)
    assert "Traceback" not in process.text()
    if setting == "telegram_token" and value:
        assert value not in process.text()


def test_nothing_ingested_yet(telegram: TelegramServer, tmp_path: Path) -> None:
    """Without releases the bot starts, says so in the user's language, and answers as soon as there are some."""
    from corpus import build

    data = tmp_path / "data"
    with BotProcess(telegram, data):
        telegram.add_user(7, "هدى", language_code="ar")
        telegram.user_says(7, None, "كم خصصت إيطاليا لصيادي غزة؟")
        assert "لم تُحمَّل" in telegram.wait_answers(7, 1)[-1].text
        build(data)
        telegram.user_says(7, None, "كم خصصت إيطاليا لصيادي غزة؟")
        assert "1.2" in telegram.wait_answers(7, 2, seconds=15)[-1].text


def test_tables_are_known_to_postgresql() -> None:
    """Every table can be created there."""
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
