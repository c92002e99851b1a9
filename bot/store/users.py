"""Who has written to the bot: their language and whether they can be written to; no names."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from bot.store.database import upsert
from bot.store.schema import users


@dataclass(frozen=True, slots=True)
class User:
    """A user as the bot knows one."""

    id: int
    language: str | None
    active: bool


def see(connection: Connection, user_id: int) -> User:
    """Note that the user wrote just now, and so is active."""
    now = time.time()
    row = {"id": user_id, "active": True, "first_seen": now, "last_seen": now}
    insert = upsert(connection, users).values(**row)
    connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"active": True, "last_seen": now}))
    found = connection.execute(select(users.c.language).where(users.c.id == user_id)).scalar()
    return User(user_id, found, True)


def find(connection: Connection, user_id: int) -> User | None:
    """The user, if known."""
    row = connection.execute(select(users.c.id, users.c.language, users.c.active).where(users.c.id == user_id)).first()
    return User(*row) if row else None


def choose_language(connection: Connection, user_id: int, language: str | None) -> None:
    """Keep the language that the user chose; None: as Telegram says."""
    connection.execute(update(users).where(users.c.id == user_id).values(language=language))


def deactivate(connection: Connection, user_id: int) -> None:
    """The user has blocked the bot or is gone."""
    connection.execute(update(users).where(users.c.id == user_id).values(active=False))
