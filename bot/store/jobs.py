"""Changes of the corpus that administrators asked for: first they wait for a yes, then they run, whatever happens to the bot."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Connection, Float, String, Table, Text, select, update

from bot.store.database import insert_new
from bot.store.schema import metadata

Kind = Literal["publish", "remove", "rollback", "reingest"]
State = Literal["waiting", "running", "done", "failed", "cancelled"]

jobs = Table(
    "jobs",
    metadata,
    Column("key", String(24), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("payload", Text, nullable=False),  # JSON: what the ingest process is told
    Column("chat", BigInteger, nullable=False),
    Column("message", BigInteger, nullable=False),  # which is edited as the work goes on
    Column("language", String(3), nullable=False),
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Job:
    """One change; `message` in `chat` shows how it goes."""

    key: str
    kind: Kind
    state: State
    payload: Mapping[str, Any]
    chat: int
    message: int
    language: str
    at: float


def put(
    connection: Connection,
    key: str,
    kind: Kind,
    payload: Mapping[str, Any],
    place: tuple[int, int],
    language: str,
    state: State,
) -> bool:
    """Add a job; False if there is one of that key (the handler ran before). `place` is its chat and message."""
    row = {
        "key": key, "kind": kind, "state": state, "payload": json.dumps(payload, ensure_ascii=False),
        "chat": place[0], "message": place[1], "language": language, "at": time.time(),
    }  # fmt: skip
    return insert_new(connection, jobs, row)


def key_of(update_id: int) -> str:
    """The key of the job that an update asks for, the same when its handler runs again; 16 hex digits."""
    return f"{update_id:016x}"


def find(connection: Connection, key: str) -> Job | None:
    """The job, if it is known."""
    row = connection.execute(select(jobs).where(jobs.c.key == key)).first()
    return _job(row) if row else None


def move(
    connection: Connection, key: str, before: State, after: State, changes: Mapping[str, Any] | None = None
) -> bool:
    """Take a job from one state to another; False if it is not in that state (any more). `changes` go into its payload."""
    query = select(jobs).where(jobs.c.key == key, jobs.c.state == before)
    row = connection.execute(query.with_for_update()).first()  # on two replicas two administrators may press at once
    if row is None:
        return False
    payload = json.dumps(json.loads(row.payload) | dict(changes or {}), ensure_ascii=False)
    connection.execute(update(jobs).where(jobs.c.key == key).values(state=after, payload=payload, at=time.time()))
    return True


def in_state(connection: Connection, state: State) -> list[Job]:
    """The jobs in a state, oldest first."""
    return [_job(row) for row in connection.execute(select(jobs).where(jobs.c.state == state).order_by(jobs.c.at))]


def _job(row: Any) -> Job:
    return Job(row.key, row.kind, row.state, json.loads(row.payload), row.chat, row.message, row.language, row.at)
