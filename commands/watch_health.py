"""How a running `sanad watch` does, over HTTP: the same paths that the bot has (bot/health.py)."""

import json
import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, make_wsgi_app

if TYPE_CHECKING:
    from ingest.report import Report

_LONGEST = 6 * 3600.0
"""Seconds after which a run counts as stuck, unless runs are still further apart."""


class WatchHealth:
    """Told of every run; safe to be asked from another thread."""

    def __init__(self, every_seconds: float) -> None:
        self._every = every_seconds
        self._began: float | None = None
        self._succeeded: float | None = None
        self._refused = ""
        self.registry = CollectorRegistry()
        self._runs = Counter("sanad_ingest_runs", "Ingest runs, by outcome", ["outcome"], registry=self.registry)
        self._files = Gauge(
            "sanad_ingest_failed_files", "Files that the last run could not read", registry=self.registry
        )
        self._begun = Gauge(
            "sanad_ingest_begun_timestamp_seconds",
            "When the run that goes on began; 0 between runs",
            registry=self.registry,
        )
        self._success = Gauge(
            "sanad_ingest_success_timestamp_seconds", "When a run last came to its end", registry=self.registry
        )
        ProcessCollector(registry=self.registry)

    def begin(self) -> None:
        """A run begins."""
        self._began = time.monotonic()
        self._begun.set_to_current_time()

    def end(self, report: "Report") -> None:
        """It came to its end."""
        self._began, self._succeeded, self._refused = None, time.monotonic(), ""
        self._begun.set(0)
        self._success.set_to_current_time()
        self._files.set(len(report.failed))
        self._runs.labels("published" if report.published else "unchanged").inc()

    def refuse(self, reason: str) -> None:
        """It was refused or given up, for that reason (the name of an error)."""
        self._began, self._refused = None, reason
        self._begun.set(0)
        self._runs.labels("refused").inc()

    def alive(self) -> dict[str, Any]:
        """`alive` is false where a run goes on for so long that it must hang."""
        began = self._began
        stuck = began is not None and time.monotonic() - began > max(_LONGEST, 2 * self._every)
        return {"alive": not stuck, "reason": "a run does not end" if stuck else "ok"}

    def ready(self) -> dict[str, Any]:
        """`ready` is false before the first run has ended, and after a run that was refused."""
        run: dict[str, Any] = {"ok": self._succeeded is not None and not self._refused}
        run["reason"] = self._refused or ("no run has ended yet" if self._succeeded is None else "ended")
        if self._succeeded is not None:
            run["age_seconds"] = round(time.monotonic() - self._succeeded, 1)
        return {"ready": run["ok"], "checks": {"run": run}}

    def serve(self, host: str, port: int) -> None:
        """Answer from a thread until the process ends. Raises OSError where the port is taken."""
        server = make_server(host, port, self._answer, handler_class=_Silent)
        Thread(target=server.serve_forever, name="health", daemon=True).start()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            served: Iterable[bytes] = make_wsgi_app(self.registry)(environ, start)
            return served
        told = {"/healthz": self.alive, "/readyz": self.ready}.get(path, dict[str, Any])()
        status = (
            "404 Not Found" if not told else "200 OK" if told.get("alive") or told.get("ready") else "503 Unavailable"
        )
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Probes come every few seconds."""
