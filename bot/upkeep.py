"""What goes on beside the handlers: the standing of the corpus, and forgetting what has had its time."""

import asyncio
import time
from datetime import datetime

import structlog
from telegram.error import InvalidToken, TelegramError

from answering.answer import Ask
from answering.extractive import answer_from
from bot.services import Services
from bot.store import answers, buckets, conversations, updates
from bot.transport import SanadBot
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
    before = services.standing.generation
    await services.in_thread(_take_up, services)
    standing = services.standing
    if standing.generation != before:
        _log.info("generation", number=standing.generation)
    services.metrics.generation.set(standing.generation)
    services.metrics.generation_made.set(standing.generation_made)
    services.metrics.without_vectors.inc(services.corpus.without_vectors())


async def tidy(services: Services) -> None:
    """Forget expired conversations, done updates, and answers of half a year ago."""
    now = time.time()
    contexts = now - 60 * services.settings.context_minutes
    await services.store.run(lambda connection: conversations.expire(connection, contexts))
    await services.store.run(lambda connection: answers.expire(connection, now - _ANSWERS_KEPT_SECONDS))
    await services.store.run(updates.prune)
    if services.replica is not None:
        await services.store.run(lambda connection: buckets.expire(connection, now))


async def watch_webhook(bot: SanadBot, url: str, services: Services) -> None:
    """Until cancelled, ask Telegram whether its posts arrive: silence may also mean that nobody writes."""
    standing, seconds = services.standing, services.settings.ready_seconds
    while True:
        try:
            found = await bot.get_webhook_info()
        except InvalidToken:
            _log.error("token_declined")
            standing.miss("token declined", token_accepted=False)
        except TelegramError as error:
            standing.miss(f"getWebhookInfo: {type(error).__name__}")
        else:
            failed = found.last_error_date.timestamp() if found.last_error_date else 0.0
            if found.url != url:
                standing.miss("the webhook is set to another address", token_accepted=True)
            elif found.pending_update_count and time.time() - failed < seconds:
                standing.miss("Telegram cannot reach the webhook", token_accepted=True)
            else:
                standing.hear()
        await asyncio.sleep(seconds / 4)


def _take_up(services: Services) -> None:
    standing = services.standing
    try:
        with services.corpus.view() as view:
            made = datetime.fromisoformat(view.manifest.created).timestamp()
            standing.generation, standing.generation_made, standing.generation_trouble = view.number, made, ""
    except VectorStoreError as error:
        _log.warning("no_corpus", error=type(error).__name__)
        standing.generation, standing.generation_made = 0, 0.0
        standing.generation_trouble = f"none ({type(error).__name__})"
