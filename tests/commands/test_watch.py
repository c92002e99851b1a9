"""How `sanad watch` tells of its runs, over HTTP and by its status."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest

from commands.watch_health import WatchHealth
from ingest.report import Failure, Report
from tests.in_process import Sanad

ROOT = Path(__file__).parents[2]
TEXT = "قطر تدعم مدارس حلب\n\nالدوحة، 3 آذار 2021 – قدمت قطر لليونيسف 3 ملايين دولار أمريكي لترميم مدارس حلب.\n"


def test_once_ends_with_how_it_went(sanad: Sanad, tmp_path: Path) -> None:
    """0, 1 where files failed, 2 where the run was refused: a timer has to learn of it."""
    sources, releases = tmp_path / "sources.yaml", tmp_path / "releases"
    sources.write_text("sources: [releases]\n", "utf-8")
    releases.mkdir()
    at = {"SANAD_SOURCES": str(sources)}
    assert sanad(tmp_path / "data", "watch", "--once", **at).returncode == 2
    (releases / "qatar.txt").write_text(TEXT, "utf-8")
    assert sanad(tmp_path / "data", "watch", "--once", **at).returncode == 0
    (releases / "empty.txt").write_text("", "utf-8")
    assert sanad(tmp_path / "data", "watch", "--once", **at).returncode == 1


def test_what_is_told_follows_the_runs() -> None:
    """Not ready before the first end of a run and after a refused one; a run that goes on and on is no longer alive."""
    health = WatchHealth(60)
    assert health.ready()["checks"]["run"]["reason"] == "no run has ended yet"
    health.begin()
    assert health.alive()["alive"]
    health.end(Report(published=True, failed=(Failure("a", "b", "c"),)))
    assert health.ready()["ready"]
    health.refuse("TooMuchRemoved")
    assert health.ready()["checks"]["run"]["reason"] == "TooMuchRemoved"
    text = generate_latest(health.registry).decode()
    for line in ('runs_total{outcome="published"} 1.0', 'runs_total{outcome="refused"} 1.0', "failed_files 1.0"):
        assert f"sanad_ingest_{line}" in text


def test_a_run_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """After six hours, or twice the time between two runs."""
    health = WatchHealth(60)
    health.begin()
    now = time.monotonic()
    monkeypatch.setattr("commands.watch_health.time.monotonic", lambda: now + 7 * 3600)
    assert not health.alive()["alive"]
    patient = WatchHealth(8 * 3600)
    patient._began = now
    assert patient.alive()["alive"]


def test_a_watch_that_runs_is_asked(tmp_path: Path) -> None:
    """/healthz, /readyz and /metrics of the real process; `sanad health` reads them; a taken port is told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (tmp_path / "sources.yaml").write_text("sources: [releases]\n", "utf-8")
    (tmp_path / "releases").mkdir()
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "SANAD_DATA_DIR": "data"}
    sanad = [sys.executable, str(ROOT / "cli.py")]
    with subprocess.Popen(
        [*sanad, "watch", "--port", str(port)], cwd=tmp_path, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            until(port, lambda told: told["checks"]["run"]["reason"] == "EmptySource")
            (tmp_path / "releases" / "qatar.txt").write_text(TEXT, "utf-8")
            until(port, lambda told: bool(told["ready"]))
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").json() == {"alive": True, "reason": "ok"}
            assert "sanad_ingest_runs_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
            assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 404
            asked = subprocess.run(
                [*sanad, "health", "--ready", "--port", str(port)],
                cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert (asked.returncode, "✓ run: ended" in asked.stdout) == (0, True)
            second = subprocess.run(
                [*sanad, "watch", "--port", str(port)],
                cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert second.returncode == 2
            assert str(port) in second.stderr
        finally:
            process.terminate()


def until(port: int, holds: Callable[[dict[str, Any]], bool]) -> None:
    deadline, told = time.monotonic() + 60, {}
    while time.monotonic() < deadline:
        try:
            told = json.loads(httpx.get(f"http://127.0.0.1:{port}/readyz").text)
        except httpx.TransportError:
            told = {}
        if told and holds(told):
            return
        time.sleep(0.2)
    raise AssertionError(told)
