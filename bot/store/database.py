"""The bot's database: one thread writes, and what waits at the same time is committed together.

So an update costs a share of one fsync however many are in flight, the event loop never waits for a disk, and SQLite's
single writer is no limit. SQLAlchemy Core throughout: `SANAD_DATABASE_URL` may name PostgreSQL, which several replicas then
share. A server can be away for a while, or decline for a moment (a deadlock, a lock that is held too long); what waits is
then tried until it is committed, so operations must bear being done again. No session keeps locks while its process stands
still: the server ends it.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError

from bot.store.schema import metadata

T = TypeVar("T")
_TOGETHER = 256
"""How many operations share a transaction at most."""
_START_SECONDS = 30.0
"""So long a start waits for a database server."""
_END_SECONDS = 5.0
"""So long an ending waits for one."""
_PAUSE_SECONDS = 0.25
_ATTEMPTS = 20
"""So often operations are tried which the server declines for a moment; while it is away, for as long as that takes."""
_SCHEMA_LOCK = 0x53616E6164  # "Sanad"
_SERVER = {
    "connect_timeout": 3, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000,
    "application_name": "sanad",
    "options": "-c idle_in_transaction_session_timeout=3000 -c lock_timeout=3000 -c statement_timeout=30000",
}  # fmt: skip
"""For libpq."""

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
        self._closing = threading.Event()
        self._away = False

    @property
    def shared(self) -> bool:
        """Whether other replicas may work on the same database."""
        return self._engine.dialect.name == "postgresql"

    @property
    def away(self) -> bool:
        """Whether the database cannot be reached at the moment."""
        return self._away

    def open(self) -> None:
        """Create what tables there are not and begin to work. Raises sqlalchemy.exc.SQLAlchemyError if it cannot."""
        import bot.store.tables  # every module with tables, so that they are known by now

        began = time.monotonic()
        while True:
            try:
                with self._engine.begin() as connection:
                    if self.shared:  # replicas may start at the same time
                        connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
                        bot.store.tables.shared.create_all(connection)
                    metadata.create_all(connection)
            except OperationalError as error:
                if not self.shared or time.monotonic() > began + _START_SECONDS:
                    raise
                _log.warning("database_unreachable", why=_why(error))
                time.sleep(1)
            else:
                break
        self._thread.start()

    def close(self) -> None:
        """Finish all that waits, then let go of the database."""
        self._closing.set()
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
        began, attempts = time.monotonic(), 0
        while True:
            try:
                results = self._attempt(batch)
            except Exception as error:
                attempts += 1
                if self._is_passing(error) and (attempts < _ATTEMPTS or _is_away(error)) and not self._given_up(began):
                    if _is_away(error) and not self._away:
                        self._away = True
                        _log.warning("database_away", why=_why(error))
                    time.sleep(_PAUSE_SECONDS)
                    continue
                _log.exception("database")
                results = [(operation, None, error) for operation in batch]
            break
        if self._away:
            self._away = False
            _log.info("database_back", seconds=round(time.monotonic() - began, 1))
        for operation, result, failure in results:
            # A caller that was cancelled has cancelled its future; what it asked for was done all the same.
            with contextlib.suppress(Exception):
                if failure is None:
                    operation.outcome.set_result(result)
                else:
                    operation.outcome.set_exception(failure)

    def _attempt(self, batch: list[_Operation]) -> list[tuple[_Operation, Any, Exception | None]]:
        results: list[tuple[_Operation, Any, Exception | None]] = []
        with self._engine.begin() as connection:
            for operation in batch:
                try:
                    with connection.begin_nested():
                        results.append((operation, operation.function(connection), None))
                except Exception as error:  # its own transaction alone is rolled back
                    if self._is_passing(error):
                        raise
                    results.append((operation, None, error))
        return results

    def _is_passing(self, error: Exception) -> bool:
        if not self.shared:
            return False
        if isinstance(error, DBAPIError) and error.connection_invalidated:  # ended for standing still, for one
            return True
        return isinstance(error, OperationalError | InterfaceError | PendingRollbackError)

    def _given_up(self, began: float) -> bool:
        return self._closing.is_set() and time.monotonic() > began + _END_SECONDS


def _why(error: Exception) -> str:
    """What the server or the driver says, without details."""
    return (str(getattr(error, "orig", None) or type(error).__name__).splitlines() or [""])[0][:200]


def _is_away(error: Exception) -> bool:
    """Whether the server was not reached, or ended the session."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state is None or state.startswith(("08", "57P", "25P"))


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
    insert = upsert(connection, table).values(**row).on_conflict_do_nothing()
    return connection.execute(insert.returning(*table.primary_key)).first() is not None


def _engine(url: str) -> Engine:
    # hide_parameters: errors of SQLAlchemy would else tell, in logs, what people wrote.
    server = {} if url.startswith("sqlite") else {"pool_pre_ping": True, "connect_args": _SERVER}
    engine = create_engine(url, hide_parameters=True, **server)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions itself: sqlite3's own way breaks savepoints
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
        connection.execute(f"PRAGMA {pragma}")
