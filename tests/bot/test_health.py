"""/healthz, /readyz and /metrics of the real process, `sanad health`, and what systemd is told."""

import asyncio
import json
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from bot_process import ROOT, BotProcess
from corpus import build

from bot import health
from bot.store.database import Store
from tests.telegram_server import TelegramServer

QUESTION = "كم خصصت إيطاليا لصيادي غزة؟"


@pytest.fixture
def port() -> int:
    """One that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def ask(port: int, path: str, seconds: float = 60) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=seconds, trust_env=False)


def until(port: int, holds: Callable[[dict[str, Any]], bool], seconds: float = 40) -> dict[str, Any]:
    """The answer of /readyz, as soon as that holds of it."""
    deadline, told = time.monotonic() + seconds, {}
    while time.monotonic() < deadline:
        try:
            told = ask(port, "/readyz").json()
        except httpx.TransportError:
            told = {}
        if told and holds(told):
            return told
        time.sleep(0.1)
    raise AssertionError(f"never came: {told}")


def until_hung(port: int) -> None:
    """Until the event loop does not turn for a while."""
    for _ in range(200):
        try:
            ask(port, "/healthz", 1.5)  # a busy machine alone is not so slow
        except httpx.ReadTimeout:
            return
        time.sleep(0.05)
    raise AssertionError("it always answered")


def is_ready(told: dict[str, Any]) -> bool:
    return bool(told["ready"])


def fails(check: str, words: str = "") -> Callable[[dict[str, Any]], bool]:
    """Whether that check, and not the whole alone, fails for a reason with these words."""
    return lambda told: (
        not told["ready"] and not told["checks"][check]["ok"] and words in told["checks"][check]["reason"]
    )


def sanad_health(port: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "cli.py"), "health", "--port", str(port), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_from_the_start_to_the_end(telegram: TelegramServer, data_dir: Path, port: int) -> None:
    """Alive all the time; ready neither before Telegram is reached nor while what was begun is finished."""
    telegram.pause()
    bot = BotProcess(telegram, data_dir, slow=True, metrics_port=port)
    try:
        bot.start(wait=False)
        told = until(port, fails("token", "not reached"))
        assert told["checks"]["running"] == {"ok": False, "reason": "starting"}
        assert told["checks"]["updates"]["ok"] is False
        assert ask(port, "/readyz").status_code == 503
        assert ask(port, "/healthz").status_code == 200
        telegram.resume()
        told = until(port, is_ready)
        assert ask(port, "/readyz").status_code == 200
        assert told["checks"]["generation"]["number"] == 1
        assert told["checks"]["generation"]["age_seconds"] >= 0
        assert "generation: open 1" in sanad_health(port, "--ready").stdout
        telegram.user_says(7, None, f"بطيء 4 {QUESTION}")
        telegram.wait_for(lambda: not telegram.pending())
        stopping = threading.Thread(target=bot.stop)
        stopping.start()
        until(port, fails("running", "stopping"))
        assert ask(port, "/healthz").status_code == 200
        stopping.join()
        assert len(telegram.answers(7)) == 1
        assert sanad_health(port).returncode == 1
    finally:
        bot.kill()


def test_a_loop_that_hangs_answers_nothing(telegram: TelegramServer, data_dir: Path, port: int) -> None:
    """So that whoever asks with a time limit sees it; once the loop turns again, all is well."""
    with BotProcess(telegram, data_dir, slow=True, metrics_port=port):
        assert sanad_health(port).returncode == 0
        telegram.user_says(7, None, f"يعلق 8 {QUESTION}")
        until_hung(port)
        asked = sanad_health(port, "--seconds", "0.5")
        assert asked.returncode == 1
        assert "no answer" in asked.stdout
        telegram.wait_answers(7, 1, 20)
        assert until(port, is_ready)


def test_what_makes_it_unready(telegram: TelegramServer, tmp_path: Path, port: int) -> None:
    """Nothing ingested; a database that is locked, or whose disk is full; Telegram silent; the token revoked: each is
    told by its own check, and passes by itself when its cause has gone. None of them makes the bot look dead."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    with BotProcess(telegram, data_dir, metrics_port=port, ready_seconds=2) as bot:
        until(port, fails("generation", "NoGeneration"))
        build(data_dir)
        assert until(port, is_ready)["checks"]["generation"]["number"] == 1

        with closing(sqlite3.connect(data_dir / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            until(port, fails("database", "not written within"))
            assert ask(port, "/healthz").status_code == 200
            other.execute("ROLLBACK")
        until(port, is_ready)

        assert bot.pid is not None
        before = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        until(port, fails("database", "cannot be written"))
        assert ask(port, "/healthz").status_code == 200
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, before)
        until(port, is_ready)

        telegram.pause()
        until(port, fails("updates", "getUpdates"))
        telegram.resume()
        until(port, is_ready)

        telegram.fault("getUpdates", times=1000, status=401, description="Unauthorized")
        until(port, fails("token", "declined"))
        assert ask(port, "/healthz").status_code == 200
        telegram.clear_faults()
        until(port, is_ready)


def test_by_webhook(telegram: TelegramServer, data_dir: Path, port: int) -> None:
    """Silence is no fault by itself: Telegram is asked whether its posts arrive."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        hook = int(free.getsockname()[1])
    url = f"http://127.0.0.1:{hook}/telegram"
    with BotProcess(
        telegram, data_dir, "--webhook", url, "--port", str(hook), metrics_port=port, ready_seconds=2
    ):  # fmt: skip
        until(port, is_ready)
        time.sleep(3)
        assert is_ready(ask(port, "/readyz").json())
        telegram.fault("getWebhookInfo", times=1000, status=401, description="Unauthorized")
        until(port, fails("token", "declined"))
        telegram.clear_faults()
        until(port, is_ready)
        httpx.post(f"{telegram.url}{telegram.token}/deleteWebhook", json={})
        until(port, fails("updates", "another address"))


def test_metrics_tell_the_checks(telegram: TelegramServer, data_dir: Path, port: int) -> None:
    """Prometheus sees each check, the generation's time, the disk, the process; other paths are not found."""
    with BotProcess(telegram, data_dir, metrics_port=port):
        until(port, is_ready)
        response = ask(port, "/metrics")
        assert response.headers["content-type"].startswith("text/plain")
        for name in ("running", "token", "database", "generation", "updates"):
            assert f'sanad_ready{{check="{name}"}} 1.0' in response.text
        for name in ("sanad_generation_created_timestamp_seconds", "sanad_telegram_heard_timestamp_seconds"):
            value = next(line for line in response.text.splitlines() if line.startswith(f"{name} ")).split()[1]
            assert abs(float(value) - time.time()) < 3600
        assert "process_resident_memory_bytes" in response.text
        assert "sanad_disk_free_bytes" in response.text
        openmetrics = {"Accept": "application/openmetrics-text; version=1.0.0"}
        assert httpx.get(f"http://127.0.0.1:{port}/metrics", headers=openmetrics).text.endswith("# EOF\n")
        assert ask(port, "/").status_code == 404


def test_a_port_that_is_taken_ends_the_start(telegram: TelegramServer, data_dir: Path) -> None:
    """With the reason, and not half-started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bot = BotProcess(telegram, data_dir, metrics_port=taken.getsockname()[1])
        bot.start(wait=False)
        assert bot.ended() == 2
    assert "cannot run the bot" in bot.text()


def test_systemd_is_told(telegram: TelegramServer, data_dir: Path, tmp_path: Path, port: int) -> None:
    """READY when updates are fetched, the watchdog while the loop turns and only then, STOPPING at SIGTERM."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20)
        given = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1500000"}
        with BotProcess(telegram, data_dir, slow=True, environment=given, metrics_port=port) as bot:
            heard = [systemd.recv(99)]
            while heard[-1] != b"READY=1":
                heard.append(systemd.recv(99))
            assert systemd.recv(99) == b"WATCHDOG=1"
            telegram.user_says(7, None, f"يعلق 8 {QUESTION}")
            silence, last, deadline = 0.0, time.monotonic(), time.monotonic() + 60
            while silence < 6:  # of the 8 seconds; it is told twice a second otherwise
                assert last < deadline
                assert systemd.recv(99) == b"WATCHDOG=1"
                silence, last = time.monotonic() - last, time.monotonic()
            telegram.wait_answers(7, 1)
            assert bot.stop() == 0
            while (told := systemd.recv(99)) != b"STOPPING=1":
                assert told == b"WATCHDOG=1"


def test_a_database_thread_that_hangs_is_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that answers, be it with an error, is alive."""
    monkeypatch.setattr(health, "_HUNG_SECONDS", 0.2)
    store, freed = Store(f"sqlite:///{tmp_path / 'bot.db'}"), threading.Event()
    services: Any = SimpleNamespace(store=store)
    store.open()
    try:
        assert asyncio.run(health.is_alive(services))
        store.submit(lambda _: freed.wait())
        assert not asyncio.run(health.is_alive(services))
        freed.set()
        assert asyncio.run(health.is_alive(services))
    finally:
        freed.set()
        store.close()


def test_health_without_a_port_says_what_to_set(tmp_path: Path) -> None:
    """As for every wrong setting, status 2."""
    command = [sys.executable, str(ROOT / "cli.py"), "health", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "SANAD_METRICS_PORT" in done.stderr
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        at = {"SANAD_METRICS_PORT": str(closed.getsockname()[1]), "SANAD_METRICS_HOST": "0.0.0.0"}  # noqa: S104
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=at)
    assert done.returncode == 1
    assert json.loads(done.stdout)["alive"] is False
