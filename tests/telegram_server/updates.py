"""Updates on their way to the bot: offsets, long polling, allowed_updates, and the webhook that retries."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .errors import ApiError

# Not delivered unless they are asked for: https://core.telegram.org/bots/api#getupdates
OPT_IN = {"chat_member", "message_reaction", "message_reaction_count"}
FIRST_UPDATE = 500_000_001
MOST_UPDATES = 100
TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass
class Pending:
    """An update that the bot has not confirmed."""

    update_id: int
    kind: str
    lane: str  # updates of one lane reach a webhook one after another
    body: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Telegram's Update."""
        return {"update_id": self.update_id, self.kind: self.body}


@dataclass
class Webhook:
    """Where updates are posted, and how that goes."""

    url: str
    secret: str | None = None
    max_connections: int = 40
    last_error_date: int | None = None
    last_error_message: str | None = None
    busy: set[str] = field(default_factory=set)  # lanes with a request under way


class Updates:
    """The queue of one bot. Made and used on the server's event loop."""

    def __init__(self) -> None:
        self.pending: list[Pending] = []
        self.history: list[Pending] = []
        self.allowed: frozenset[str] | None = None
        self.webhook: Webhook | None = None
        self.retry_seconds = 0.2  # doubled up to 5 s; Telegram's own pauses are longer
        self.answered: Any = None  # called with (method, parameters) that a webhook's response holds
        self._next = FIRST_UPDATE
        self._arrived = asyncio.Event()
        self._poll: asyncio.Future[str] | None = None
        self._sender: asyncio.Task[None] | None = None
        self._posts: set[asyncio.Task[None]] = set()

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for this kind."""
        return kind in self.allowed if self.allowed else kind not in OPT_IN

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Keep the kinds of allowed_updates for what comes from now on; an empty list restores the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def put(self, kind: str, body: dict[str, Any], lane: str) -> Pending | None:
        """Queue an update, if its kind is wanted."""
        if not self.wants(kind):
            return None
        update = Pending(self._next, kind, lane, body)
        self._next += 1
        self.pending.append(update)
        self.history.append(update)
        self._arrived.set()
        return update

    def confirm(self, before: int) -> None:
        """Forget all updates below an id."""
        self.pending = [u for u in self.pending if u.update_id >= before]

    async def poll(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:
        """getUpdates. Raises ApiError 409 with a webhook set, and in the older of two polls."""
        if self.webhook is not None:
            raise ApiError(409, WEBHOOK_ACTIVE)
        self.end_poll(TERMINATED)
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.confirm(offset)
        mine = self._poll = asyncio.get_running_loop().create_future()
        deadline = time.monotonic() + min(timeout, 50.0)
        try:
            while not self.pending and (left := deadline - time.monotonic()) > 0:
                self._arrived.clear()
                arrived = asyncio.ensure_future(self._arrived.wait())
                try:
                    await asyncio.wait({arrived, mine}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    arrived.cancel()
                if mine.done():
                    raise ApiError(409, mine.result())
        finally:
            if self._poll is mine:
                self._poll = None
        return [u.to_json() for u in self.pending[: max(1, min(limit, MOST_UPDATES))]]

    def end_poll(self, why: str) -> None:
        """Let a poll that waits end with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)

    def set_webhook(self, webhook: Webhook | None) -> None:
        """Post to a webhook from now on, or stop it."""
        self.end_poll("Conflict: terminated by setWebhook request")
        self.stop()
        self.webhook = webhook
        if webhook is not None:
            self._sender = asyncio.get_running_loop().create_task(self._send(webhook))

    def stop(self) -> None:
        """End all deliveries."""
        for task in (*self._posts, *([self._sender] if self._sender else [])):
            task.cancel()
        self._sender = None

    async def _send(self, hook: Webhook) -> None:
        """Post what waits: lanes side by side, each in order, each update until it is taken."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while True:
                self._arrived.clear()
                for update in list(self.pending):
                    if update.lane not in hook.busy and len(hook.busy) < hook.max_connections:
                        hook.busy.add(update.lane)
                        post = asyncio.create_task(self._post(session, hook, update))
                        self._posts.add(post)
                        post.add_done_callback(self._posts.discard)
                await self._arrived.wait()

    async def _post(self, session: aiohttp.ClientSession, hook: Webhook, update: Pending) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        pause = self.retry_seconds
        while True:
            try:
                async with session.post(hook.url, json=update.to_json(), headers=headers) as response:
                    if response.status < 300:
                        reply = None
                        with suppress(ValueError, aiohttp.ClientError):
                            reply = await response.json(content_type=None)
                        break
                    error = f"Wrong response from the webhook: {response.status} {response.reason}"
            except (aiohttp.ClientError, TimeoutError) as problem:
                error = (
                    "Connection refused" if isinstance(problem, aiohttp.ClientConnectorError) else "Connection closed"
                )
            hook.last_error_date, hook.last_error_message = int(time.time()), error
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5.0)
        self.pending = [u for u in self.pending if u.update_id != update.update_id]
        hook.busy.discard(update.lane)
        self._arrived.set()
        if isinstance(reply, dict) and isinstance(reply.get("method"), str) and self.answered is not None:
            self.answered(reply.pop("method"), reply)
