"""What people search for in lists, so that the buttons of a page find it again: they carry a key of 12 digits."""

import hashlib
import time

from sqlalchemy import Column, Connection, Float, String, Table, Text, delete, select

from bot.store.database import replace
from bot.store.schema import metadata

queries = Table(
    "queries",
    metadata,
    Column("key", String(12), primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Float, nullable=False, index=True),
)
_KEPT_SECONDS = 90 * 86_400


def remember(connection: Connection, text: str) -> str:
    """The key of a text, which is kept for 90 days after its last use; "-" for the empty text."""
    if not text:
        return "-"
    key = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    now = time.time()
    connection.execute(delete(queries).where(queries.c.at < now - _KEPT_SECONDS))
    replace(connection, queries, {"key": key, "text": text, "at": now})
    return key


def recall(connection: Connection, key: str) -> str | None:
    """The text of a key; None if it is not kept any more."""
    if key == "-":
        return ""
    return connection.execute(select(queries.c.text).where(queries.c.key == key)).scalar()
