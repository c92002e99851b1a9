"""A bot without a catalogue follows what is pushed, while it answers."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bot_process import BotProcess
from corpus import RELEASES

from bot.metrics import Metrics
from bot.replica import Follower
from ingest.pipeline import open_catalogue, remove_releases
from ingest.pushing import push
from settings import Settings
from tests.telegram_server import TelegramServer
from vectorstore.embeddings import fingerprint, load_embeddings
from vectorstore.generations import Generations
from vectorstore.replication.index import POINTER
from vectorstore.replication.storage import Storage

_QUESTION = "كم قدمت إيطاليا لصيادي غزة؟"


@pytest.fixture
def url(data_dir: Path, tmp_path: Path) -> str:
    """Where the corpus is pushed to."""
    at = f"file://{tmp_path}/storage"
    with open_catalogue(data_dir) as catalogue:
        push(catalogue, data_dir, Storage(at))
    return at


def _until(true: Callable[[], bool], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def _numbers(data: Path) -> list[int]:
    return Generations(data / "generations").numbers()


def test_a_replica_answers_from_what_is_pushed_and_takes_up_the_next(
    telegram: TelegramServer, data_dir: Path, url: str, tmp_path: Path
) -> None:
    """Started with an empty folder it answers soon; a release that the writer removes is gone from its answers."""
    replica = tmp_path / "replica"
    replica.mkdir()
    with BotProcess(telegram, replica, snapshot_url=url, snapshot_seconds=1) as bot:
        telegram.wait_for(lambda: any(e["event"] == "snapshot_pulled" for e in bot.events()), 40)
        telegram.user_says(7, None, _QUESTION)
        assert "1.2" in telegram.wait_answers(7, 1)[0].text
        remove_releases(
            [n for n in RELEASES if n.startswith("italy")],
            data_dir=data_dir,
            embeddings=load_embeddings(None),
            snapshots=url,
        )
        telegram.wait_for(lambda: any(e.get("number") == 2 and e["event"] == "generation" for e in bot.events()), 40)
        telegram.user_says(7, None, _QUESTION)
        assert "1.2" not in telegram.wait_answers(7, 2)[1].text
        assert not (replica / "catalogue.db").exists()
        assert bot.stop() == 0


def test_faults_are_counted_and_the_next_look_may_fare_better(data_dir: Path, url: str, tmp_path: Path) -> None:
    """A damaged pointer is no end; what was live stays so meanwhile, and its repair is taken up."""
    replica, storage, metrics = tmp_path / "replica", Storage(url), Metrics()
    good = storage.read(POINTER, 1 << 16)
    assert good is not None
    storage.write(POINTER, b"{")
    settings = Settings(_env_file=None, data_dir=replica, snapshot_url=url, snapshot_seconds=1)  # type: ignore[call-arg]
    follower = Follower(settings, url, metrics, fingerprint(load_embeddings(None)))
    follower.start()

    def counted(outcome: str) -> float:
        return metrics.registry.get_sample_value("sanad_snapshot_pulls_total", {"outcome": outcome}) or 0

    try:
        _until(lambda: counted("failed") >= 1)
        assert not _numbers(replica)
        storage.write(POINTER, good)
        _until(lambda: counted("pulled") == 1)
        assert _numbers(replica) == [1]
        assert metrics.registry.get_sample_value("sanad_snapshot_pull_seconds_count") == 1
    finally:
        follower.end()
        follower.join(40)
    assert not follower.is_alive()
    assert (data_dir / "catalogue.db").exists()


def test_a_writers_bot_leaves_its_generations_alone(data_dir: Path, url: str) -> None:
    """Though the storage names another generation."""
    shutil.rmtree(data_dir / "generations")
    settings = Settings(_env_file=None, data_dir=data_dir, snapshot_url=url, snapshot_seconds=1)  # type: ignore[call-arg]
    follower = Follower(settings, url, Metrics(), fingerprint(load_embeddings(None)))
    assert follower._look()
    assert not _numbers(data_dir)
