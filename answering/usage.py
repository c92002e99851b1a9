"""What chat models cost: limits for an answer, and the day's calls and tokens in a small SQLite file of its own.

Processes share the file: a call is booked with what it may cost at most before it is made, and corrected afterwards, so
that two processes cannot both spend the last of a day's budget, and a process that is killed has paid for its call.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spent (day TEXT PRIMARY KEY, calls INTEGER NOT NULL, tokens INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outcomes (
    day TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (day, outcome, reason)
);
"""
_WAIT = 5.0
"""Seconds to wait for another process that writes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one answer: seconds in all, calls of the model (retries among them), tokens in and out."""

    seconds: float = 30.0
    calls: int = 4
    tokens: int = 24_000


@dataclass(frozen=True, slots=True)
class Spent:
    """A day's calls and tokens."""

    calls: int = 0
    tokens: int = 0


class Usage:
    """The usage file at `path`; at most `calls` and `tokens` a day (UTC), None for no limit. Safe between processes."""

    def __init__(self, path: Path, *, calls: int | None = None, tokens: int | None = None) -> None:
        self._path, self._calls, self._tokens = path, calls, tokens

    def book(self, tokens: int) -> bool:
        """Book a call that costs at most `tokens`; False, and nothing booked, where the day's budget has no room."""
        with self._write() as connection:
            calls, spent = _spent(connection, _today())
            if self._calls is not None and calls + 1 > self._calls:
                return False
            if self._tokens is not None and spent + tokens > self._tokens:
                return False
            _add(connection, _today(), 1, tokens)
            return True

    def correct(self, tokens: int) -> None:
        """Add what a booked call cost beyond (or, negative, below) what was booked."""
        with self._write() as connection:
            _add(connection, _today(), 0, tokens)

    def count(self, outcome: str, reason: str | None) -> None:
        """Count what became of an answer."""
        with self._write() as connection:
            connection.execute(
                "INSERT INTO outcomes VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (_today(), outcome, reason or ""),
            )

    def spent(self) -> Spent:
        """Today's calls and tokens."""
        with self._write() as connection:
            return Spent(*_spent(connection, _today()))

    def outcomes(self) -> dict[tuple[str, str], int]:
        """How often each (outcome, reason or "") came today."""
        with self._write() as connection:
            rows = connection.execute("SELECT outcome, reason, count FROM outcomes WHERE day = ?", (_today(),))
            return {(outcome, reason): count for outcome, reason, count in rows}

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            yield connection
            connection.execute("COMMIT")  # an error closes the connection, which rolls back


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _spent(connection: sqlite3.Connection, day: str) -> tuple[int, int]:
    found = connection.execute("SELECT calls, tokens FROM spent WHERE day = ?", (day,)).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _add(connection: sqlite3.Connection, day: str, calls: int, tokens: int) -> None:
    connection.execute(
        "INSERT INTO spent VALUES (?, ?, max(0, ?)) "
        "ON CONFLICT DO UPDATE SET calls = calls + ?, tokens = max(0, tokens + ?)",
        (day, calls, tokens, calls, tokens),
    )
