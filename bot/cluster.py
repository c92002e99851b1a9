"""Replicas: any number of bots that answer as one, on one PostgreSQL (`SANAD_DATABASE_URL`).

* **Updates.** Every replica commits what it receives, with a claim that is nobody's yet, before Telegram is told that it
  came. Every replica claims what is free (bot/store/claims.py: FOR UPDATE SKIP LOCKED), of each conversation only the
  oldest that is not done, so that order holds across replicas. It looks at once when something came or ended here, and
  twice a second anyway; it holds no more than `_IN_HAND`, so that the others get their share.
* **Leases.** A replica beats once a second. One that did not for `LEASE_SECONDS` is dead to the others, which then may
  claim what it held. It knows by its own clock, a little earlier: it drops what is in hand, and makes no call to
  Telegram until it has joined anew (`may_send` is asked right before a request is written). So does one that was stopped
  and wakes up. What is left is a process that stands still in the instant between that question and the first byte.
  Messages whose outcome is not known then are settled as after a kill, by whoever claims the update (bot/delivery.py).
* **Telegram's limits** are the token's, so the pace (bot/pace.py) is divided by the replicas that are alive, that of a
  group too. What a 429 stops, it stops in the replica that got it.
* **Questions a minute** (bot/limits.py): a user's are counted in the database; those of all users are divided.
* **Conversations, answers, votes, languages** are in the database; users are read anew for each update. The clocks of
  replicas must agree within seconds (NTP), for turns are ordered by time.
* **feedback.jsonl** is each replica's own, of the votes that it handled: collect them, or share the data folder.
* **Changes of the corpus** (documents and addresses of administrators, /reingest, /remove, /rollback, their buttons) are
  claimed by replicas that can write alone; a job is one replica's at a time, by a lease of its own. Where none that can
  write is alive for a while, another one says so.
* **Polling** is the role of one replica, by a lease again: the others answer what it fetches, and take over when it ends.
  By webhook every replica listens.
* **SIGTERM**: nothing more is claimed, what is in hand is finished, and the lease given up, so that the rest is free.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import uuid4

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, Update
from telegram.error import NetworkError

from bot.access import Access
from bot.metrics import Metrics
from bot.processor import conversation
from bot.store import claims, sent, updates
from bot.store.claims import LEASE_SECONDS, Arrived, Standing
from bot.store.database import Store
from bot.updates import RECENT_SECONDS, DurableQueue

_BEAT_SECONDS = 1.0
_SAFE_SECONDS = LEASE_SECONDS - 1.5
"""After so long without a beat what is in hand is dropped."""
_DROP_SECONDS = 60.0
"""So long a call that was under way may take; what belongs to an old lease must have ended before a new one begins."""
_LOOK_SECONDS = 0.5
_IN_HAND = 64
_TAKE_SECONDS = 4.0
"""So long a webhook waits for the database; Telegram delivers again what was not taken."""
_CHANGES = re.compile(r"/(reingest|remove|rollback)\b")
_ADDRESS = re.compile(r"^\s*https?://\S+\s*$")

_log = structlog.get_logger("sanad.bot.cluster")


class Replica:
    """This process among the replicas: its lease, and what it claims. Used by the event loop alone."""

    def __init__(self, store: Store, *, writer: bool) -> None:
        self._store = store
        self.writer = writer
        """Whether this replica can change the corpus."""
        self.id = ""
        self.standing = Standing(1, int(writer))
        self.on_change: Callable[[Standing], None] = lambda _: None
        """Called when replicas came or went."""
        self.on_lost: Callable[[], list[asyncio.Task[None]]] = list
        """Called when the lease has run out: drops what is in hand, and gives the tasks that are being cancelled."""
        self._alive_until = float("inf")  # not joined yet: nothing can be another's
        self._jobs: dict[str, asyncio.Task[None] | None] = {}
        self._beats: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether no other replica can have taken what this one holds."""
        return time.monotonic() < self._alive_until

    async def join(self) -> None:
        """Begin to live."""
        await self._join()
        self._beats = asyncio.create_task(self._beat())

    async def leave(self) -> None:
        """Live no more; what is not done is free for the others."""
        if self._beats is not None:
            self._beats.cancel()
            await asyncio.wait({self._beats})
            me, self._alive_until = self.id, 0.0
            try:
                async with asyncio.timeout(_SAFE_SECONDS):
                    await self._store.run(lambda connection: claims.leave(connection, me))
            except (TimeoutError, SQLAlchemyError):
                _log.warning("left_without_notice")

    async def holds(self, name: str) -> bool:
        """Whether a role is this replica's, now or from now on."""
        me = self.id
        return self.alive and await self._store.run(lambda connection: claims.take(connection, name, me))

    async def begin_job(self, key: str) -> bool:
        """Whether this replica is to do a job; it is this replica's until `end_job`."""
        if not self.writer or key in self._jobs:
            return False
        self._jobs[key] = None
        mine = False
        try:
            mine = await self.holds(f"job:{key}")
        finally:
            if not mine:
                del self._jobs[key]
        if mine:
            self._jobs[key] = asyncio.current_task()
        return mine

    async def end_job(self, key: str) -> None:
        """The job is over."""
        self._jobs.pop(key, None)
        me = self.id
        await self._store.run(lambda connection: claims.drop(connection, f"job:{key}", me))

    async def _join(self) -> None:
        while True:
            began, me = time.monotonic(), uuid4().hex
            await self._store.run(partial(claims.join, me=me, writer=self.writer, before=self.id))
            if time.monotonic() < began + _BEAT_SECONDS:  # else the database was away: join again, in time
                self.id, self._alive_until = me, began + _SAFE_SECONDS
                return

    async def _beat(self) -> None:
        while True:
            began = time.monotonic()
            standing = None
            try:
                async with asyncio.timeout(max(0.0, self._alive_until - began)):
                    standing = await self._store.run(partial(claims.beat, me=self.id))
            except TimeoutError:
                pass
            except Exception:
                _log.exception("no_beat")
                if self.alive:
                    await asyncio.sleep(_BEAT_SECONDS)
                    continue
            if standing is None or not self.alive:
                await self._lost()
                continue
            self._alive_until = began + _SAFE_SECONDS
            if standing != self.standing:
                _log.info("replicas", alive=standing.replicas, writers=standing.writers)
                self.standing = standing
                self.on_change(standing)
            await asyncio.sleep(_BEAT_SECONDS)

    async def _lost(self) -> None:
        self._alive_until = 0.0
        dropped = self.on_lost() + [task for task in self._jobs.values() if task is not None]
        _log.warning("lease_lost", dropped=len(dropped))
        for task in dropped:
            task.cancel()
        self._jobs.clear()
        if dropped:
            await asyncio.wait(dropped, timeout=_DROP_SECONDS)
        while True:
            try:
                await self._join()
            except Exception:
                _log.exception("not_joined")
                await asyncio.sleep(_BEAT_SECONDS)
            else:
                _log.info("joined_anew")
                return


class SharedQueue(DurableQueue):
    """The queue of one replica: it commits what comes in, and hands over what it has claimed."""

    def __init__(self, store: Store, metrics: Metrics, replica: Replica, access: Access) -> None:
        super().__init__(store, metrics)
        self._replica = replica
        self._access = access
        self._held: dict[int, str] = {}
        """Of each update in hand, the id under which it was claimed."""
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._bot: Bot | None = None
        replica.on_lost = self._drop

    async def replay(self, bot: Bot) -> int:
        """Note what was sent of late; what is pending is claimed (`claim_on`), whoever left it."""
        self._bot = bot
        since = time.time() - RECENT_SECONDS
        for chat, message in await self._store.run(lambda connection: sent.known(connection, since)):
            self._note_sent(chat, message)
        return 0

    async def take(self, batch: Sequence[Update]) -> None:
        """Commit a batch as one. Raises NetworkError, so that it is delivered again, if it cannot."""
        received = [updates.Received(update.update_id, update.to_json()) for update in batch]
        arrived = {
            update.update_id: Arrived(update.update_id, _name(update), needs_writer(update, self._access))
            for update in batch
        }

        def add(connection: Connection) -> None:
            claims.add(connection, [arrived[id_] for id_ in updates.add(connection, received)])

        try:
            if self._store.away:
                raise TimeoutError
            async with asyncio.timeout(_TAKE_SECONDS):
                await self._store.run(add)
        except (TimeoutError, SQLAlchemyError) as error:
            _log.error("updates_not_stored", count=len(batch))
            raise NetworkError("updates could not be stored") from error
        for update in batch:
            self._note(update)
            self._taken.add(update.update_id)
        self._wake.set()

    async def claim_on(self) -> None:
        """Claim and hand over, until cancelled."""
        assert self._bot is not None
        while True:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                await self._claim(self._bot)
            except Exception:
                _log.exception("nothing_claimed")
                await asyncio.sleep(_BEAT_SECONDS)

    async def _claim(self, bot: Bot) -> None:
        room = _IN_HAND - len(self._held)
        if room <= 0 or not self._replica.alive:
            return
        me, held, writer = self._replica.id, list(self._held), self._replica.writer
        claimed = await self._store.run(lambda c: claims.claim(c, me, room, held, writer=writer))
        if me != self._replica.id or not self._replica.alive:  # the lease was lost meanwhile
            return
        if len(claimed) == room:
            self._wake.set()
        for one in claimed:
            update = Update.de_json(json.loads(one.payload), bot)
            self._held[one.id] = me
            self._note(update)
            if one.again:
                self.replayed.add(one.id)
            self._hand_over(update)

    @property
    def may_send(self) -> bool:
        """Whether the lease stands."""
        return self._replica.alive

    def guard(self, update_id: int) -> Callable[[Connection], None]:
        """Raises Fenced if the update is another replica's by now."""
        me = self._held.get(update_id, "")
        return lambda connection: claims.check(connection, update_id, me)

    def holds(self, update: Update) -> bool:
        """Whether the update is in hand still. The task that asks is the one that handles it, and is cancelled if need be."""
        held = update.update_id in self._held
        task = asyncio.current_task()
        if held and task is not None:
            self._tasks[update.update_id] = task
        return held

    async def end(self, update: Update, state: str) -> None:
        """Commit that the update has been handled, unless it is another replica's by now."""
        id_ = update.update_id
        me = self._held.get(id_, "")
        if not self._replica.alive:  # its messages may have been held back
            return

        def end(connection: Connection) -> None:
            if claims.end(connection, id_, me):
                updates.end(connection, id_, state)
                sent.settle(connection, id_)

        await self._store.run(end)

    def done(self, update: Update) -> None:
        """The update is out of hand. If it has not ended, and is this replica's still, it is claimed again."""
        super().done(update)
        self._held.pop(update.update_id, None)
        self._tasks.pop(update.update_id, None)
        self._wake.set()

    def _drop(self) -> "list[asyncio.Task[None]]":
        """Let go of everything: the lease has run out."""
        others = []
        while not self.empty():
            item = self.get_nowait()
            if not isinstance(item, Update):
                others.append(item)
            self.task_done()
        for item in others:  # the Application's end mark
            self.put_nowait(item)
        self._metrics.queue.dec(len(self._held))
        tasks = list(self._tasks.values())
        for kept in (self._held, self._tasks, self.arrivals, self.replayed):
            kept.clear()
        return tasks


def needs_writer(update: Update, access: Access) -> bool:
    """Whether handling the update may change the corpus, or begins what will."""
    user = update.effective_user
    if user is None or not access.may_change(user.id):
        return False
    if update.callback_query is not None:
        return (update.callback_query.data or "").startswith("a:")
    message = update.message
    if message is None:
        return False
    text = message.text or ""
    return message.document is not None or bool(_ADDRESS.match(text) or _CHANGES.match(text))


def _name(update: Update) -> str:
    """Of its conversation."""
    return ":".join(map(str, conversation(update)))
