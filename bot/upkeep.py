"""What goes on beside the handlers: the standing of the corpus, and forgetting what has had its time."""

import asyncio
import time

import structlog

from answering.answer import Ask
from answering.extractive import answer_from
from bot.services import Services
from bot.store import answers, conversations, updates
from vectorstore.errors import VectorStoreError

_LOOK_SECONDS = 2.0
_TIDY_SECONDS = 600.0
_ANSWERS_KEPT_SECONDS = 180 * 86400.0

_WARMING = ("كم بلغ تمويل اليابان للعراق عام 2020؟", "How much did Japan give to Iraq?", "ژاپۆن چەندی بە عێراق دا؟")

_log = structlog.get_logger("sanad.bot.upkeep")


async def warm_up(services: Services) -> None:
    """Ask one question in each language, so that no user waits for what is read only then; calls no chat model."""
    for question in _WARMING:
        try:
            await services.in_thread(answer_from, services.corpus, Ask(question))
        except VectorStoreError:
            return


async def keep_up(services: Services) -> None:
    """Until cancelled."""
    tidied = float("-inf")
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await look(services)
            if time.monotonic() - tidied >= _TIDY_SECONDS:
                tidied = time.monotonic()
                await tidy(services)
        except Exception:  # the next round may fare better, and answers do not depend on it
            _log.exception("upkeep")


async def look(services: Services) -> None:
    """Take up what was published, so that no question has to wait for it, and note its number."""
    number = await services.in_thread(_number, services)
    if number != services.standing.generation:
        _log.info("generation", number=number)
    services.standing.generation = number
    services.metrics.generation.set(number)


async def tidy(services: Services) -> None:
    """Forget expired conversations, done updates, and answers of half a year ago."""
    now = time.time()
    contexts = now - 60 * services.settings.context_minutes
    await services.store.run(lambda connection: conversations.expire(connection, contexts))
    await services.store.run(lambda connection: answers.expire(connection, now - _ANSWERS_KEPT_SECONDS))
    await services.store.run(updates.prune)


def _number(services: Services) -> int:
    try:
        with services.corpus.view() as view:
            return view.number
    except VectorStoreError as error:
        _log.warning("no_corpus", error=type(error).__name__)
        return 0
