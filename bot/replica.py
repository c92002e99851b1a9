"""A replica's bot follows what the writer pushes, in a thread of its own: slow storage never keeps an answer waiting."""

import random
import threading

import structlog

from bot.metrics import Metrics
from settings import Settings
from vectorstore.errors import SnapshotError
from vectorstore.replication.pull import Pulled, pull
from vectorstore.replication.role import role
from vectorstore.replication.storage import Storage

_LONGEST_PAUSE = 300.0
"""Seconds between two tries when all fail."""

_log = structlog.get_logger("sanad.bot.replica")


class Follower(threading.Thread):
    """Looks for a new generation again and again; a fault is logged, and the next look comes later and later.

    A folder with a catalogue is left alone for as long as it has one.
    """

    def __init__(self, settings: Settings, url: str, metrics: Metrics, embedding: str) -> None:
        super().__init__(name="replica", daemon=True)  # a request that hangs does not keep the process from ending
        self._settings, self._url, self._metrics, self._embedding = settings, url, metrics, embedding
        self._ended = threading.Event()
        self._storage: Storage | None = None

    def run(self) -> None:
        """Until ended."""
        failed = 0
        while not self._ended.is_set():
            failed = 0 if self._look() else failed + 1
            pause = min(_LONGEST_PAUSE, self._settings.snapshot_seconds * 2.0 ** min(failed, 10))
            self._ended.wait(pause * random.uniform(0.9, 1.1))  # noqa: S311

    def end(self) -> None:
        """Begin nothing more; what was fetched of a generation is kept for the next start."""
        self._ended.set()

    def _look(self) -> bool:
        if role(self._settings.data_dir, self._url) == "writer":
            return True
        try:
            done = self._pull()
        except SnapshotError as error:
            _log.warning("snapshot_not_pulled", error=type(error).__name__, why=error.message_en)
        except Exception:  # the next look may fare better, and answers do not depend on it
            _log.exception("snapshot_not_pulled")
        else:
            if done is not None:
                self._metrics.pulls.labels("pulled").inc()
                self._metrics.pull_seconds.observe(done.seconds)
                _log.info(
                    "snapshot_pulled", number=done.number, files=done.files, bytes=done.bytes,
                    seconds=round(done.seconds, 2),
                )  # fmt: skip
            return True
        self._metrics.pulls.labels("failed").inc()
        return False

    def _pull(self) -> Pulled | None:
        if self._storage is None:
            self._storage = Storage(self._url)
        return pull(self._settings.data_dir, self._storage, embedding=self._embedding, stop=self._ended)
