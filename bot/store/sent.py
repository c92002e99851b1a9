"""What was sent in answer to an update, part by part: so that an update handled again after a kill is not answered twice."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

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
    """Note that a message is about to be handed over, and the highest message ids known before."""
    row = {"update_id": update_id, "part": part, "chat": chat, "message": None, "chat_top": chat_top}
    replace(connection, sent, row | {"box_top": box_top, "at": time.time()})


def confirm(connection: Connection, update_id: int, part: int, message: int) -> None:
    """Note the id that Telegram gave the message."""
    connection.execute(update(sent).where(sent.c.update_id == update_id, sent.c.part == part).values(message=message))


def withdraw(connection: Connection, update_id: int, part: int) -> None:
    """The message was not taken: it is in no doubt."""
    connection.execute(delete(sent).where(sent.c.update_id == update_id, sent.c.part == part, sent.c.message.is_(None)))


def known(connection: Connection, since: float) -> list[tuple[int, int]]:
    """(chat, message) of what was sent and acknowledged since a time."""
    query = select(sent.c.chat, sent.c.message).where(sent.c.at >= since, sent.c.message.is_not(None))
    return [(chat, message) for chat, message in connection.execute(query)]
