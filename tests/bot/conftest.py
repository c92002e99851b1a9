"""A corpus ingested once, and for each module that asks for them a Telegram server and a bot that runs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bot_process import BotProcess
from corpus import build

from bot.store.database import Store
from tests.postgres_server import PostgresServer, programs
from tests.telegram_server import TelegramServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of the tests' own; each takes a database of its own."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    pytest.importorskip("psycopg", reason="psycopg is not installed (the extra postgres)")
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A new store, in each kind of database."""
    opened = Store(database_url)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def corpus_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with tests/bot/corpus.py ingested; copy it, do not write to it."""
    return build(tmp_path_factory.mktemp("corpus") / "data")


@pytest.fixture
def data_dir(corpus_dir: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own."""
    return Path(shutil.copytree(corpus_dir, tmp_path / "data"))


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """A Telegram of the test's own."""
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def shared_telegram() -> Iterator[TelegramServer]:
    """A Telegram that the module's tests share; each takes chats and users of its own."""
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def shared_bot(
    corpus_dir: Path, shared_telegram: TelegramServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BotProcess]:
    """A bot with an answerer that can be slowed down (slow_bot.py); 900 is an administrator."""
    folder = Path(shutil.copytree(corpus_dir, tmp_path_factory.mktemp("bot") / "data"))
    with BotProcess(shared_telegram, folder, slow=True, admins="900") as bot:
        yield bot
