"""The bot as a process of its own, against the tests' Telegram server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.telegram_server import TelegramServer

ROOT = Path(__file__).parents[2]
SLOW = Path(__file__).with_name("slow_bot.py")
STARTING_SECONDS = 40.0
"""Generous: the machines that run the tests may be busy."""


class BotProcess:
    """`sanad bot` over a data folder; for `with`, which kills what still runs. Logs of all its runs are in one file."""

    def __init__(
        self,
        server: TelegramServer,
        data_dir: Path,
        *arguments: str,
        slow: bool = False,
        name: str = "",
        environment: Mapping[str, str] | None = None,
        **settings: object,
    ) -> None:
        self._server = server
        script = SLOW if slow else ROOT / "cli.py"
        self._command = [sys.executable, str(script), *([] if slow else ["bot"]), *arguments]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
        self._environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "SANAD_TELEGRAM_API_URL": server.root,
            "SANAD_TELEGRAM_TOKEN": server.token,
            "SANAD_DATA_DIR": str(data_dir),
            **{f"SANAD_{name.upper()}": str(value) for name, value in settings.items()},
            **(environment or {}),
        }
        self.data_dir = data_dir
        self.log = data_dir.with_name(f"{data_dir.name}{name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self, *, wait: bool = True) -> None:
        """Start it (again); wait until it fetches updates."""
        begun = len(self._lines())
        with self.log.open("ab") as log:
            # In the data folder's parent: a developer's .env must not be read.
            self._process = subprocess.Popen(
                self._command, env=self._environment, stderr=log, stdout=log, cwd=self.data_dir.parent
            )
        if wait:
            self._server.wait_for(lambda: self._started(begun), STARTING_SECONDS)

    def _started(self, begun: int) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the bot ended with {self._process.returncode}:\n{self.text()[-3000:]}")
        return any('"event": "started"' in line for line in self._lines()[begun:])

    @property
    def pid(self) -> int | None:
        """Of the process that was started last."""
        return self._process.pid if self._process else None

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """Let it stand still, as a machine does that is out of memory."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """SIGTERM, and the status that it ends with."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STARTING_SECONDS)

    def ended(self) -> int:
        """The status of a process that ends by itself."""
        assert self._process is not None
        return self._process.wait(STARTING_SECONDS)

    def text(self) -> str:
        """All that it wrote to its log."""
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def events(self) -> list[dict[str, Any]]:
        """Its log as objects."""
        return [json.loads(line) for line in self._lines() if line.startswith("{")]

    def _lines(self) -> list[str]:
        return self.text().splitlines()
