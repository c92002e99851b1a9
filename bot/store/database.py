"""The bot's database: one thread writes, and what waits at the same time is committed together.

So an update costs a share of one fsync however many are in flight, the event loop never waits for a disk, and SQLite's
single writer is no limit. SQLAlchemy Core throughout: `SANAD_DATABASE_URL` may name PostgreSQL.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.schema import metadata

T = TypeVar("T")
_TOGETHER = 256
"""How many operations share a transaction at most."""

_log = structlog.get_logger("sanad.bot.store")


@dataclass(frozen=True, slots=True)
class _Operation:
    function: Callable[[Connection], Any]
    outcome: "Future[Any]"


class Store:
    """Runs functions of a connection, in order, each all or nothing, in one thread of its own."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._waiting: SimpleQueue[_Operation | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)

    def open(self) -> None:
        """Create what tables there are not and begin to work. Raises sqlalchemy.exc.SQLAlchemyError if it cannot."""
        import bot.store.tables  # noqa: F401  every module with tables, so that they are known by now

        metadata.create_all(self._engine)
        self._thread.start()

    def close(self) -> None:
        """Finish all that waits, then let go of the database."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()
        self._engine.dispose()

    async def run(self, function: Callable[[Connection], T]) -> T:
        """The function's result, once it is committed. Raises what the function or the database raises."""
        return await asyncio.wrap_future(self.submit(function))

    def submit(self, function: Callable[[Connection], T]) -> "Future[T]":
        """The same without waiting; operations are committed in the order of submission."""
        outcome: Future[T] = Future()
        self._waiting.put(_Operation(function, outcome))
        return outcome

    def _work(self) -> None:
        ending = False
        while not ending:
            batch = []
            operation = self._waiting.get()
            while operation is not None:
                batch.append(operation)
                if len(batch) == _TOGETHER or self._waiting.empty():
                    break
                operation = self._waiting.get()
            ending = operation is None
            if batch:
                self._commit(batch)

    def _commit(self, batch: list[_Operation]) -> None:
        results: list[tuple[_Operation, Any, Exception | None]] = []
        try:
            with self._engine.begin() as connection:
                for operation in batch:
                    try:
                        with connection.begin_nested():
                            results.append((operation, operation.function(connection), None))
                    except Exception as error:  # its own transaction alone is rolled back
                        results.append((operation, None, error))
        except Exception as error:
            _log.exception("database")
            results = [(operation, None, error) for operation in batch]
        for operation, result, failure in results:
            # A caller that was cancelled has cancelled its future; what it asked for was done all the same.
            with contextlib.suppress(Exception):
                if failure is None:
                    operation.outcome.set_result(result)
                else:
                    operation.outcome.set_exception(failure)


def upsert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that knows ON CONFLICT, in the database's dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def replace(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert the row, or overwrite the one with its primary key."""
    keys = [column.name for column in table.primary_key]
    insert = upsert(connection, table).values(**row)
    connection.execute(
        insert.on_conflict_do_update(index_elements=keys, set_={k: v for k, v in row.items() if k not in keys})
    )


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert the row unless its primary key is there; whether it was new."""
    insert: Insert = upsert(connection, table).values(**row).on_conflict_do_nothing()
    return connection.execute(insert).rowcount > 0


def _engine(url: str) -> Engine:
    # hide_parameters: errors of SQLAlchemy would else tell, in logs, what people wrote.
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions itself: sqlite3's own way breaks savepoints
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
        connection.execute(f"PRAGMA {pragma}")
