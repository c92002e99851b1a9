"""The turns of conversations, for as long as a follow-up may lean on them."""

import json
import time

from sqlalchemy import Connection, delete, select

from answering.answer import Turn
from bot.store.database import replace
from bot.store.schema import turns

_TURNS = 6
"""How many turns a question is understood with."""


def history(connection: Connection, scope: str, since: float, update_id: int) -> tuple[Turn, ...]:
    """The last turns of a conversation newer than `since`, oldest first, without this update's own."""
    query = (
        select(turns.c.question, turns.c.releases)
        .where(turns.c.scope == scope, turns.c.at >= since, turns.c.update_id != update_id)
        .order_by(turns.c.at.desc())
        .limit(_TURNS)
    )
    found = [Turn(question, tuple(json.loads(releases))) for question, releases in connection.execute(query)]
    return tuple(reversed(found))


def remember(connection: Connection, update_id: int, scope: str, turn: Turn) -> None:
    """Add a turn; the same update again replaces it."""
    row = {"update_id": update_id, "scope": scope, "question": turn.question, "at": time.time()}
    replace(connection, turns, row | {"releases": json.dumps(turn.releases, ensure_ascii=False)})


def forget(connection: Connection, scope: str) -> None:
    """Drop a conversation."""
    connection.execute(delete(turns).where(turns.c.scope == scope))


def expire(connection: Connection, before: float) -> None:
    """Drop the turns that no follow-up may lean on any more."""
    connection.execute(delete(turns).where(turns.c.at < before))
