"""Answers that were given, with their quotes: for their buttons, for votes, and for an update that is handled again."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from answering.answer import Answer, Citation, Turn
from bot.store.database import Store, replace
from bot.store.schema import answers


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer with what it answered; `id` is the id of the update that asked."""

    id: int
    chat: int
    user_id: int
    question: str
    history: tuple[Turn, ...]
    answer: Answer
    generation: int
    at: float


async def find(store: Store, answer_id: int) -> StoredAnswer | None:
    """The answer with this id, if it is still kept."""
    return await store.run(lambda connection: load(connection, answer_id))


def load(connection: Connection, answer_id: int) -> StoredAnswer | None:
    """The same within a transaction."""
    row = connection.execute(select(answers).where(answers.c.id == answer_id)).first()
    if row is None:
        return None
    past = tuple(Turn(question, tuple(releases)) for question, releases in json.loads(row.history))
    answer = _answer(json.loads(row.answer))
    return StoredAnswer(row.id, row.chat, row.user, row.question, past, answer, row.generation, row.at)


def save(
    connection: Connection,
    answer_id: int,
    chat: int,
    user_id: int,
    history: tuple[Turn, ...],
    answer: Answer,
    generation: int,
) -> None:
    """Keep an answer before it is sent."""
    row = {
        "id": answer_id,
        "chat": chat,
        "user": user_id,
        "question": answer.question,
        "history": json.dumps([[turn.question, turn.releases] for turn in history], ensure_ascii=False),
        "answer": json.dumps({k: v for k, v in asdict(answer).items() if k != "trace"}, ensure_ascii=False),
        "generation": generation,
        "at": time.time(),
    }
    replace(connection, answers, row)


def expire(connection: Connection, before: float) -> None:
    """Drop answers from before a time; their buttons then say so."""
    connection.execute(delete(answers).where(answers.c.at < before))


def _answer(stored: Mapping[str, Any]) -> Answer:
    plain: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in stored.items() if k in Answer.__dataclass_fields__
    }
    plain["citations"] = tuple(Citation(**citation) for citation in stored["citations"])
    return Answer(**plain)
