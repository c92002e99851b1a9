"""In which order updates are handled: one conversation's one after the other, different conversations' side by side."""

import asyncio
from collections.abc import Awaitable, Coroutine, Hashable
from typing import Any, cast

import structlog
from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.keyed_locks import KeyedLocks
from bot.metrics import Metrics
from bot.store import updates
from bot.store.database import Store
from bot.updates import DurableQueue

_AT_ONCE = 10_000
"""Updates in the hands of the processor; what works on them is bounded elsewhere (threads, connections)."""
_STARTS = 10
"""An update whose handling has ended the process so often is given up."""

_log = structlog.get_logger("sanad.bot.processor")


class Ordered(BaseUpdateProcessor):
    """Handles each user's updates of a chat in order and notes in the store when each began and ended."""

    def __init__(self, store: Store, queue: DurableQueue, metrics: Metrics) -> None:
        super().__init__(_AT_ONCE)
        self._store = store
        self._queue = queue
        self._metrics = metrics
        self._turns = KeyedLocks()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the conversation's turn, then for the handler."""
        if not isinstance(update, Update):
            await coroutine
            return
        try:
            async with self._turns.hold(conversation(update)):
                if self._queue.holds(update):
                    await self._handle(update, coroutine)
        finally:
            self._queue.done(update)
            cast("Coroutine[Any, Any, Any]", coroutine).close()  # if it was cancelled before its turn

    async def _handle(self, update: Update, coroutine: Awaitable[Any]) -> None:
        starts = self._store.submit(lambda connection: updates.start(connection, update.update_id))
        state = "done"
        if update.update_id in self._queue.replayed and await asyncio.wrap_future(starts) > _STARTS:
            _log.error("update_given_up", request=update.update_id)
            self._metrics.errors.labels("given_up").inc()
            state = "failed"
        else:
            try:
                await coroutine
            except asyncio.CancelledError:  # a shutdown is no fault of the update's
                self._store.submit(lambda connection: updates.start(connection, update.update_id, -1))
                raise
        await self._queue.end(update, state)

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


def conversation(update: Update) -> tuple[Hashable, Hashable]:
    """What is handled in order: a user's messages in a chat; a user's button presses; a user's inline queries."""
    user = update.effective_user.id if update.effective_user else None
    if update.callback_query:
        return "callback", user
    if update.inline_query or update.chosen_inline_result:
        return "inline", user
    return update.effective_chat.id if update.effective_chat else None, user
