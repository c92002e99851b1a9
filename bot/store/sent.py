"""What was sent in answer to an update, part by part: so that an update handled again after a kill is not answered twice."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update

from bot.store.database import replace
from bot.store.schema import sent


@dataclass(frozen=True, slots=True)
class Sent:
    """One message handed to Telegram; `message` is None as long as the outcome is not known."""

    chat: int
    message: int | None
    chat_top: int
    box_top: int
    at: float


def of_update(connection: Connection, update_id: int) -> dict[int, Sent]:
    """By part, what was handed over for the update."""
    query = select(sent.c.part, sent.c.chat, sent.c.message, sent.c.chat_top, sent.c.box_top, sent.c.at)
    return {part: Sent(*rest) for part, *rest in connection.execute(query.where(sent.c.update_id == update_id))}


def intend(connection: Connection, update_id: int, part: int, chat: int, chat_top: int, box_top: int) -> None:
    """Note that a message is about to be handed over, and the highest message ids known before.

    On PostgreSQL raises sqlalchemy.exc.IntegrityError while another update's message to the chat is under way or in doubt.
    """
    if connection.dialect.name == "postgresql":  # what an earlier run left in doubt and this one does not send
        rest = delete(sent).where(sent.c.update_id == update_id, sent.c.part != part, sent.c.message.is_(None))
        connection.execute(rest)
    row = {"update_id": update_id, "part": part, "chat": chat, "message": None, "chat_top": chat_top}
    replace(connection, sent, row | {"box_top": box_top, "at": time.time()})


def confirm(connection: Connection, update_id: int, part: int, message: int) -> None:
    """Note the id that Telegram gave the message."""
    connection.execute(update(sent).where(sent.c.update_id == update_id, sent.c.part == part).values(message=message))


def withdraw(connection: Connection, update_id: int, part: int) -> None:
    """The message was not taken: it is in no doubt."""
    connection.execute(delete(sent).where(sent.c.update_id == update_id, sent.c.part == part, sent.c.message.is_(None)))


def settle(connection: Connection, update_id: int) -> None:
    """The update is done: whatever of it is in doubt does not matter any more."""
    connection.execute(delete(sent).where(sent.c.update_id == update_id, sent.c.message.is_(None)))


def known(connection: Connection, since: float) -> list[tuple[int, int]]:
    """(chat, message) of what was sent and acknowledged since a time."""
    query = select(sent.c.chat, sent.c.message).where(sent.c.at >= since, sent.c.message.is_not(None))
    return [(chat, message) for chat, message in connection.execute(query)]


def known_above(connection: Connection, chat: int, message: int) -> list[tuple[int, int]]:
    """The same for one chat above a message id, whenever that was."""
    query = select(sent.c.chat, sent.c.message).where(sent.c.chat == chat, sent.c.message > message)
    return [(chat, message) for chat, message in connection.execute(query)]


def doubts(connection: Connection, since: float) -> tuple[int, int]:
    """Of what was handed over since a time: how many are under way or in doubt, and the highest box_top."""
    in_doubt = func.count().filter(sent.c.message.is_(None))
    row = connection.execute(select(in_doubt, func.max(sent.c.box_top)).where(sent.c.at >= since)).one()
    return int(row[0]), int(row[1] or 0)
