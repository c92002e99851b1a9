"""The update queue of the Application, kept in the database.

An update is committed before Telegram learns that it was received (python-telegram-bot confirms updates as soon as they
are in its queue, long before their handlers end), and is pending until its handler has ended. What is pending when the
bot starts is handled again; an update that Telegram offers again is known by its id and not handled twice.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, Update
from telegram.error import NetworkError

from bot.metrics import Metrics
from bot.store import sent, updates
from bot.store.database import Store

RECENT_SECONDS = 3600
"""What was sent since is known at the start."""

_log = structlog.get_logger("sanad.bot.updates")


class DurableQueue(asyncio.Queue[object]):
    """Given to the Application and its Updater in place of their own queue."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        super().__init__()
        self._store = store
        self._metrics = metrics
        self._taken: set[int] = set()
        self._note: Callable[[Update], None] = lambda _: None
        self._note_sent: Callable[[int, int], None] = lambda _chat, _message: None
        self.replayed: set[int] = set()
        """Ids of the updates that were pending when the process before this one ended."""
        self.arrivals: dict[int, float] = {}
        """When each update in hand came, by the monotonic clock."""

    def noted_by(self, note: Callable[[Update], None], note_sent: Callable[[int, int], None]) -> None:
        """Call `note` with every update before anything else is done with it, `note_sent` with what the last process sent."""
        self._note = note
        self._note_sent = note_sent

    async def replay(self, bot: Bot) -> int:
        """Put in what was pending when the bot ended; how many that was."""
        since = time.time() - RECENT_SECONDS
        for chat, message in await self._store.run(lambda connection: sent.known(connection, since)):
            self._note_sent(chat, message)
        waiting = await self._store.run(updates.pending)
        replayed = [Update.de_json(json.loads(received.payload), bot) for received in waiting]
        for update in replayed:
            self._note(update)
        for update in replayed:
            self.replayed.add(update.update_id)
            self._hand_over(update)
        return len(waiting)

    async def take(self, batch: Sequence[Update]) -> None:
        """Commit a batch as one and put in what is new. Raises NetworkError, so that polling tries again, if it cannot."""
        received = [updates.Received(update.update_id, update.to_json()) for update in batch]
        try:
            new = set(await self._store.run(lambda connection: updates.add(connection, received)))
        except SQLAlchemyError as error:
            _log.error("updates_not_stored", count=len(batch))
            self._metrics.errors.labels("updates_not_stored").inc()
            raise NetworkError("updates could not be stored") from error
        for update in batch:
            self._note(update)
        for update in batch:
            self._taken.add(update.update_id)
            if update.update_id in new:
                new.discard(update.update_id)
                self._hand_over(update)

    async def put(self, item: object) -> None:
        """Put in what has not been taken with its batch: an update of a webhook, or the Application's end mark."""
        if not isinstance(item, Update):
            await super().put(item)
        elif item.update_id in self._taken:
            self._taken.discard(item.update_id)
        else:
            await self.take([item])
            self._taken.discard(item.update_id)

    @property
    def may_send(self) -> bool:
        """Whether what is in hand is still this process's, so that its messages may go out."""
        return True

    def guard(self, update_id: int) -> Callable[[Connection], None]:  # noqa: ARG002  replicas (bot/cluster.py) do
        """What is run in the transaction that notes an intent to send; it raises Fenced if the update is another's."""
        return lambda _connection: None

    def holds(self, update: Update) -> bool:
        """Whether the update is in this process's hand, to be handled."""
        return update.update_id in self.arrivals

    async def end(self, update: Update, state: str) -> None:
        """Commit that the update has been handled."""
        await self._store.run(lambda connection: updates.end(connection, update.update_id, state))

    def done(self, update: Update) -> None:
        """The update is out of hand, handled or not."""
        if self.arrivals.pop(update.update_id, None) is not None:
            self._metrics.queue.dec()
        self.replayed.discard(update.update_id)

    def _hand_over(self, update: Update) -> None:
        self._metrics.updates.inc()
        self._metrics.queue.inc()
        self.arrivals[update.update_id] = time.monotonic()
        self.put_nowait(update)
