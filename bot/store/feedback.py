"""Votes: one a user and answer, which may be changed; and which complaints stand in the file of cases."""

import time
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Float, String, Table, func, select

from bot.store.database import replace
from bot.store.schema import metadata

votes = Table(
    "votes",
    metadata,
    Column("answer", BigInteger, primary_key=True, autoincrement=False),
    Column("user", BigInteger, primary_key=True, autoincrement=False),
    Column("vote", String(4), nullable=False),  # up, down
    Column("reason", String(12)),  # of a 👎: figure, source, unanswered; null: not told (yet)
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Vote:
    """What a user thinks of an answer."""

    vote: str
    reason: str | None


def cast(connection: Connection, answer: int, user: int, vote: str, reason: str | None) -> Vote | None:
    """Set a user's vote on an answer; what it was before. A 👎 pressed again keeps its reason until another is given."""
    row = connection.execute(
        select(votes.c.vote, votes.c.reason).where(votes.c.answer == answer, votes.c.user == user)
    ).first()
    if row is not None and vote == row.vote == "down" and reason is None:
        reason = row.reason
    replace(connection, votes, {"answer": answer, "user": user, "vote": vote, "reason": reason, "at": time.time()})
    return Vote(*row) if row else None


def complaints(connection: Connection, answer: int, reason: str) -> int:
    """How many users complain of an answer for that reason."""
    query = select(func.count()).select_from(votes).where(votes.c.answer == answer, votes.c.reason == reason)
    return int(connection.execute(query).scalar() or 0)
