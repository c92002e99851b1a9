"""From a question to an answer: the conversation before it, the answerer, and what is kept of it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from sqlalchemy import Connection

from answering.answer import Answer, Ask, Turn
from bot.services import Services
from bot.store import answers, conversations


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a user, in a conversation (`scope`: chat, topic and user)."""

    update_id: int
    chat: int
    user: int
    scope: str
    question: str


class TooSlow(Exception):
    """No answer within the time that is allowed."""


async def answer(asked: Asked, services: Services, show: Callable[[Answer], None]) -> Answer:
    """The answer, kept for its buttons and for the case that the process is killed before it is sent.

    `show` is called with what there is of it so far. Raises NoGeneration where nothing has been ingested yet, TooSlow.
    """
    history = await services.store.run(lambda connection: _history(asked, services, connection))
    final = await found(services, Ask(asked.question, history), show)
    generation = services.standing.generation
    await services.store.run(
        lambda connection: answers.save(connection, asked.update_id, asked.chat, asked.user, history, final, generation)
    )
    return final


async def found(services: Services, ask: Ask, show: Callable[[Answer], None]) -> Answer:
    """The answer itself. Raises as `answer`."""
    final: Answer | None = None
    try:
        async with asyncio.timeout(services.settings.answer_seconds):
            async with aclosing(services.answerer.astream(ask)) as growing_answers:  # type: ignore[type-var]
                async for growing in growing_answers:
                    final = growing
                    show(growing)
    except TimeoutError:
        raise TooSlow from None
    assert final is not None, "an answerer yields at least one answer"
    return final


def remember(asked: Asked, given: Answer, services: Services) -> None:
    """Make the answered question a turn of its conversation. Not waited for: whatever asks next is behind it in line."""
    turn = Turn(asked.question, tuple(dict.fromkeys(c.release for c in given.citations)))
    services.store.submit(lambda connection: conversations.remember(connection, asked.update_id, asked.scope, turn))


def _history(asked: Asked, services: Services, connection: Connection) -> tuple[Turn, ...]:
    since = time.time() - 60 * services.settings.context_minutes
    return conversations.history(connection, asked.scope, since, asked.update_id)
