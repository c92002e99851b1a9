"""How much each user may still ask, where several replicas count together (PostgreSQL)."""

from sqlalchemy import BigInteger, Column, Connection, Float, Table, delete, select, update

from bot.limits import Bucket
from bot.store.claims import metadata
from bot.store.database import insert_new

_KEPT_SECONDS = 3600
"""A bucket is full again after a minute, and then as good as none."""

buckets = Table(
    "buckets",
    metadata,
    Column("user", BigInteger, primary_key=True, autoincrement=False),
    Column("tokens", Float, nullable=False),
    Column("at", Float, nullable=False),
    Column("told_until", Float, nullable=False),
)


def take(connection: Connection, user: int, size: int, now: float) -> float:
    """Take a token of the user's; 0, or the seconds after which there will be one."""
    insert_new(connection, buckets, {"user": user, "tokens": size, "at": now, "told_until": 0.0})
    row = connection.execute(select(buckets).where(buckets.c.user == user).with_for_update()).one()
    bucket = Bucket(size, row.tokens, row.at)
    seconds = bucket.take(now)
    changed = update(buckets).where(buckets.c.user == user).values(tokens=bucket.tokens, at=bucket.at)
    connection.execute(changed)
    return seconds


def tell(connection: Connection, user: int, now: float, seconds: int) -> bool:
    """Whether to tell a user to wait: once for each wait."""
    due = update(buckets).where(buckets.c.user == user, buckets.c.told_until <= now)
    return connection.execute(due.values(told_until=now + seconds)).rowcount > 0


def expire(connection: Connection, now: float) -> None:
    """Drop what has been full for long."""
    connection.execute(delete(buckets).where(buckets.c.at < now - _KEPT_SECONDS))
