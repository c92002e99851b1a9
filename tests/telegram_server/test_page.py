"""The developer's page and the command that opens it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from commands import dev
from tests.telegram_server import TelegramServer

ROOT = Path(__file__).parents[2]


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """Page, style and script come from the server, name no other host, and may load from nowhere else."""
    with TelegramServer() as server:
        for name in ("", "page.css", "page.js"):
            answer = httpx.get(f"{server.root}/{name}")
            assert answer.status_code == 200
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", answer.text)
        assert httpx.get(f"{server.root}/../server.py").status_code == 404
        foreign = httpx.get(f"{server.root}/_control/view", headers={"Host": "example.org"})
        assert foreign.status_code == 403


def test_messages_are_set_as_text() -> None:
    """The page's script never makes HTML of what a message holds."""
    script = (ROOT / "tests" / "telegram_server" / "page" / "page.js").read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


def test_without_a_checkout_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From an installed package, which has no tests, the command ends with a line that names what it needs."""
    monkeypatch.setattr(dev, "CHECKOUT", tmp_path)
    with pytest.raises(SystemExit) as ended:
        dev.telegram(port=0, data_dir=tmp_path, no_open=True)
    assert ended.value.code == 2
    assert "checkout" in capsys.readouterr().err


def test_a_developer_chats(tmp_path: Path) -> None:
    """`sanad dev telegram` ingests the samples, serves the page, answers in it, and ends with its bot."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "dev", "telegram", "--no-open", "--port", "0"],
        env={**inherited, "SANAD_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"},
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        question = {"chat": dev.USER, "user": dev.USER, "text": "شكد شركة حصلت على دعم مالي في تلعفر والنجف؟"}
        httpx.post(f"{address}/_control/do/user_says", json=question)
        shown: list[dict[str, str]] = []
        deadline = time.monotonic() + 60
        while len(shown) < 2 and time.monotonic() < deadline:
            shown = httpx.get(f"{address}/_control/messages?chat={dev.USER}").json()
            time.sleep(0.1)
        assert "28 شركة" in shown[-1]["text"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0  # the bot's own status: it is not left behind
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    assert (tmp_path / "data" / "dev" / "bot.db").exists()
