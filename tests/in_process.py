"""The command within the tests' own process, which saves its start."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import cli
from settings import settings


@dataclass(frozen=True)
class Done:
    """How a command ended, as subprocess tells it."""

    returncode: int
    stdout: str
    stderr: str


Sanad = Callable[..., Done]


@pytest.fixture
def sanad(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Sanad]:
    """The command within this process; every call reads the settings anew."""

    def run(data: Path, *arguments: str, **options: str) -> Done:
        with monkeypatch.context() as patched:
            for name, value in {"COLUMNS": "160", "SANAD_DATA_DIR": str(data), **options}.items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["sanad", *arguments])
            settings.cache_clear()
            capsys.readouterr()
            code: object = 0
            try:
                cli.main()
            except SystemExit as end:
                code = end.code
            out, err = capsys.readouterr()
            return Done(code if isinstance(code, int) else int(code is not None), out, err)

    yield run
    settings.cache_clear()
