"""Updates as a durable queue: here before Telegram is told that they were received, done when their handler ended."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update

from bot.store.database import upsert
from bot.store.schema import sent, updates

_KEPT_SECONDS = 48 * 3600
"""How long what is done is remembered: Telegram offers an unconfirmed update for 24 hours."""


@dataclass(frozen=True, slots=True)
class Received:
    """An update as it came."""

    id: int
    payload: str


def add(connection: Connection, received: Sequence[Received]) -> list[int]:
    """Keep the updates; the ids of those that were not known, in order."""
    known = select(updates.c.id).where(updates.c.id.in_([r.id for r in received]))
    before = set(connection.execute(known).scalars())
    new = {r.id: r for r in received if r.id not in before}
    if new:
        rows = [
            {"id": r.id, "payload": r.payload, "state": "pending", "starts": 0, "received": time.time()}
            for r in new.values()
        ]
        connection.execute(upsert(connection, updates).on_conflict_do_nothing(), rows)
    return list(new)


def pending(connection: Connection) -> list[Received]:
    """What is not done, oldest first."""
    query = select(updates.c.id, updates.c.payload).where(updates.c.state == "pending").order_by(updates.c.id)
    return [Received(id_, payload) for id_, payload in connection.execute(query)]


def start(connection: Connection, update_id: int) -> int:
    """Note that a handler begins; how often one has begun on this update by now."""
    connection.execute(update(updates).where(updates.c.id == update_id).values(starts=updates.c.starts + 1))
    return connection.execute(select(updates.c.starts).where(updates.c.id == update_id)).scalar() or 1


def end(connection: Connection, update_id: int, state: str) -> None:
    """The handler ended: forget what the update said."""
    connection.execute(
        update(updates).where(updates.c.id == update_id).values(state=state, payload=None, ended=time.time())
    )


def depth(connection: Connection) -> int:
    """How many updates are not done."""
    return int(connection.execute(select(func.count()).where(updates.c.state == "pending")).scalar_one())


def prune(connection: Connection) -> None:
    """Forget what was done long ago."""
    before = time.time() - _KEPT_SECONDS
    connection.execute(delete(updates).where(updates.c.state != "pending", updates.c.received < before))
    connection.execute(delete(sent).where(sent.c.at < before))
