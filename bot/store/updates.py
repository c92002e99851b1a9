"""Updates as a durable queue: here before Telegram is told that they were received, done when their handler ended."""

import hashlib
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

    @property
    def digest(self) -> str:
        """By which the same update is known again."""
        return hashlib.blake2b(self.payload.encode(), digest_size=16).hexdigest()


def add(connection: Connection, received: Sequence[Received]) -> list[int]:
    """Keep the updates; the ids of those that were not known, in order.

    A known id with other contents is a new update: another bot's, after the token was changed, or of a server that counts
    from the beginning again. What was sent for the old one is forgotten.
    """
    query = select(updates.c.id, updates.c.digest).where(updates.c.id.in_([r.id for r in received]))
    known = {row.id: row.digest for row in connection.execute(query)}
    new = {r.id: r for r in received if known.get(r.id) != r.digest}
    if again := [id_ for id_ in new if id_ in known]:
        connection.execute(delete(updates).where(updates.c.id.in_(again)))
        connection.execute(delete(sent).where(sent.c.update_id.in_(again)))
    if new:
        common = {"state": "pending", "starts": 0, "received": time.time()}
        rows = [{"id": r.id, "digest": r.digest, "payload": r.payload} | common for r in new.values()]
        added = upsert(connection, updates).on_conflict_do_nothing().returning(updates.c.id)
        new_ids = set(connection.execute(added, rows).scalars())  # another replica may have been quicker
        return [id_ for id_ in new if id_ in new_ids]
    return []


def pending(connection: Connection) -> list[Received]:
    """What is not done, oldest first."""
    query = select(updates.c.id, updates.c.payload).where(updates.c.state == "pending").order_by(updates.c.id)
    return [Received(id_, payload) for id_, payload in connection.execute(query)]


def start(connection: Connection, update_id: int, count: int = 1) -> int:
    """Note that a handler begins (or, with -1, has not begun after all); how often one has by now."""
    connection.execute(update(updates).where(updates.c.id == update_id).values(starts=updates.c.starts + count))
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
