"""Sending exactly once, over a network that loses answers and in a process that may be killed.

Telegram has no idempotence keys and no way to read a chat back, so a message is sent in three steps: the intent is
committed, with the highest message ids known; the message is handed to Telegram; the id it got is committed. Where the
third step is missing (the answer to the call was lost, or the process was killed) the message is *in doubt*, and the
doubt is settled by what is idempotent: the few ids that the message can have got are edited to its very content. «Not
modified», or a successful edit, means that it is there, for the bot can edit only its own messages and every other id
is known; «not found» for all of them means that it never arrived, and it is sent again.

Replicas on one PostgreSQL keep to the same with what is in the database: an intent is committed only while the update is
the replica's own (else Fenced is raised), and only while no other message to the chat is under way or in doubt (an index
sees to that), so that the one in doubt is the only one of the bot's in its chat that is not known; what other replicas
sent is read before an id is tried. A replica whose lease has run out makes no call at all (bot/transport.py).
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from telegram import LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.keyed_locks import KeyedLocks
from bot.metrics import Metrics
from bot.pace import TURN_TAKEN, UNPACED, is_passing, pause_after
from bot.part import Part
from bot.store import sent, users
from bot.store.database import Store
from bot.transport import SanadBot

_BEYOND = 4
"""How many ids above the highest known one are tried for a message in doubt; a busy bot's other messages lie between."""
_CANDIDATES = 100
_LOOKED_BACK = 120.0
"""Seconds before a message came into doubt of which other messages are read before it is looked for."""
_SETTLES = 5.0
"""Seconds after which a call that was under way has reached Telegram or never will."""
_CHAT_BUSY_SECONDS = 0.1
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

_log = structlog.get_logger("sanad.bot.delivery")


class Gone(Exception):
    """The chat cannot be written to any more: the user blocked the bot, or it was removed."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes; `reply_to` is the message that it answers, `user` whom a Forbidden makes inactive."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None
    user: int | None = None


class Content(Protocol):
    """Something that can be sent, and by whose editing it is known again."""

    async def send(self, bot: SanadBot, target: Target, *, plain: bool) -> Message:
        """Make a new message."""

    async def edit(self, bot: SanadBot, chat: int, message: int, *, plain: bool, pace: int | None) -> None:
        """Make that message have this content; `pace` is a rate_limit_args."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text message."""

    part: Part

    async def send(self, bot: SanadBot, target: Target, *, plain: bool) -> Message:
        """As HTML, or as plain text."""
        return await bot.send_message(
            target.chat, self.part.plain if plain else self.part.html, parse_mode=None if plain else ParseMode.HTML,
            reply_markup=self.part.keyboard, link_preview_options=_NO_PREVIEW, rate_limit_args=TURN_TAKEN, **_place(target),
        )  # fmt: skip

    async def edit(self, bot: SanadBot, chat: int, message: int, *, plain: bool, pace: int | None) -> None:
        """As HTML, or as plain text."""
        await bot.edit_message_text(
            self.part.plain if plain else self.part.html, chat, message, parse_mode=None if plain else ParseMode.HTML,
            reply_markup=self.part.keyboard, link_preview_options=_NO_PREVIEW, rate_limit_args=pace,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A document, or a picture if `photo`, with a caption by which it is known again."""

    name: str
    data: bytes
    caption: Part
    photo: bool = False

    async def send(self, bot: SanadBot, target: Target, *, plain: bool) -> Message:
        """Upload it."""
        caption = {
            "caption": self.caption.plain if plain else self.caption.html,
            "parse_mode": None if plain else ParseMode.HTML,
        }
        place: dict[str, Any] = {
            **caption,
            "reply_markup": self.caption.keyboard,
            "rate_limit_args": TURN_TAKEN,
            **_place(target),
        }
        if self.photo:
            return await bot.send_photo(target.chat, self.data, filename=self.name, **place)
        return await bot.send_document(target.chat, self.data, filename=self.name, **place)

    async def edit(self, bot: SanadBot, chat: int, message: int, *, plain: bool, pace: int | None) -> None:
        """Set the caption; the file stays as it is."""
        await bot.edit_message_caption(
            chat, message, caption=self.caption.plain if plain else self.caption.html,
            parse_mode=None if plain else ParseMode.HTML, reply_markup=self.caption.keyboard, rate_limit_args=pace,
        )  # fmt: skip


class Delivery:
    """Sends and edits until it has succeeded or Telegram has declined for good."""

    def __init__(self, bot: SanadBot, store: Store, metrics: Metrics) -> None:
        self._bot = bot
        self._store = store
        self._metrics = metrics
        self._locks = KeyedLocks()
        self._probing = asyncio.Semaphore(1)
        """Probes go one by one beside the pace: they make no message, yet many at once would be told to wait."""

    async def send(
        self, update_id: int, number: int, target: Target, content: Content, before: Mapping[int, sent.Sent]
    ) -> int:
        """Send the update's message `number` unless `before`, what was sent for it earlier, holds it; its message id.

        Raises Gone where the chat cannot be written to, TelegramError where Telegram declines the message itself, Fenced
        where another replica has taken the update.
        """
        earlier = before.get(number)
        if earlier is not None and earlier.message is not None:
            return earlier.message
        async with self._locks.hold(target.chat):  # so that an unknown id in the chat can only be this message's
            return await self._deliver(update_id, number, target, content, earlier)

    async def edit(self, target: Target, message: int, content: Content, pace: int | None = None) -> bool:
        """Make the message have this content; False where it is not there any more. Raises as `send`."""
        plain, attempt = False, 0
        while True:
            attempt += 1
            try:
                await content.edit(self._bot, target.chat, message, plain=plain, pace=pace)
            except BadRequest as error:
                if is_unmodified(error):
                    return True
                if _is_unparsable(error) and not plain:
                    plain = self._unparsable()
                elif _is_missing(error):
                    return False
                else:
                    raise
            except TelegramError as error:
                await self._endure(error, target, attempt)
            else:
                return True

    async def _deliver(
        self, update_id: int, number: int, target: Target, content: Content, doubt: sent.Sent | None
    ) -> int:
        if doubt is not None:
            await asyncio.sleep(min(_SETTLES, max(0.0, doubt.at + _SETTLES - time.time())))
            late = (await self._store.run(lambda connection: sent.of_update(connection, update_id))).get(number)
            if late is not None and late.message is not None:  # acknowledged after all, by a replica that stood still
                return late.message
            found = await self._search(target, content, doubt.chat_top, doubt.box_top, doubt.at)
            if found is not None:
                return self._confirmed(update_id, number, found)
        plain, attempt = False, 0
        while True:
            attempt += 1
            # First the turn, then the intent: what merely waits for its turn when the process is killed is not in doubt.
            await self._bot.pace.turn("sendMessage", target.chat)
            chat_top, box_top = await self._intended(update_id, number, target.chat)
            try:
                message = await content.send(self._bot, target, plain=plain)
                return self._confirmed(update_id, number, message.message_id)
            except BadRequest as error:
                self._withdraw(update_id, number)
                if _is_unparsable(error) and not plain:
                    plain = self._unparsable()
                elif "thread not found" in str(error).lower() and target.thread is not None:
                    target = Target(target.chat, None, target.reply_to, target.user)
                elif _is_closed(error):
                    raise await self._gone(target) from None
                else:
                    raise
            except ChatMigrated as error:
                target = Target(error.new_chat_id, target.thread, None, target.user)
            except TelegramError as error:
                if never := _never_sent(error):
                    self._withdraw(update_id, number)
                await self._endure(error, target, attempt)
                if not never:
                    found = await self._search(target, content, chat_top, box_top, time.time())
                    if found is not None:
                        return self._confirmed(update_id, number, found)

    async def _intended(self, update_id: int, number: int, chat: int) -> tuple[int, int]:
        """Commit the intent to send; the highest ids known before (of the chat, of those that share a count)."""
        guard = self._bot.queue.guard(update_id)
        while True:
            tops = self._bot.ids.chat_top(chat), self._bot.ids.box_top(chat)
            intent = (update_id, number, chat, *tops)

            def intend(connection: Connection, intent: tuple[int, int, int, int, int] = intent) -> None:
                guard(connection)
                sent.intend(connection, *intent)

            try:
                await self._store.run(intend)
            except IntegrityError:  # another replica's message to the chat is under way or in doubt
                await asyncio.sleep(_CHAT_BUSY_SECONDS)
            else:
                return tops

    async def _search(self, target: Target, content: Content, chat_top: int, box_top: int, at: float) -> int | None:
        """The id of a message in doubt since a time, None if it is not there."""
        self._metrics.errors.labels("in_doubt").inc()
        since = at - _LOOKED_BACK
        low, ids = min(chat_top, box_top), self._bot.ids
        others = await self._store.run(
            lambda connection: (sent.known(connection, since), sent.known_above(connection, target.chat, low))
        )
        for chat, message in (*others[0], *others[1]):
            ids.note(chat, message)
        in_doubt, top = await self._store.run(lambda connection: sent.doubts(connection, since))
        ids.raise_box_top(top)
        candidates = ids.unknown(target.chat, chat_top, box_top, _BEYOND + in_doubt)[:_CANDIDATES]
        for candidate in candidates:
            try:
                async with self._probing:
                    found = await self.edit(target, candidate, content, UNPACED)
                if found:
                    _log.info("doubt_settled", there=True)
                    return candidate
            except BadRequest:  # somebody else's message, or one that has no text
                continue
        _log.info("doubt_settled", there=False, tried=len(candidates))
        return None

    async def _endure(self, error: TelegramError, target: Target, attempt: int) -> None:
        """Wait before the next attempt; raise what no attempt will cure."""
        if isinstance(error, Forbidden):
            raise await self._gone(target) from None
        if not (is_passing(error) or isinstance(error, RetryAfter | InvalidToken)):
            raise error
        # A token that was revoked in mid-life looks like any 401 of a proxy: the update stays pending and is tried on.
        self._metrics.errors.labels("network").inc()
        _log.warning("telegram_unreachable", attempt=attempt, error=type(error).__name__)
        if not isinstance(error, RetryAfter):  # that wait is the pace's
            await asyncio.sleep(pause_after(attempt + 1))

    async def _gone(self, target: Target) -> Gone:
        if target.user is not None and target.chat == target.user:
            user = target.user
            await self._store.run(lambda connection: users.deactivate(connection, user))
        return Gone()

    def _confirmed(self, update_id: int, number: int, message: int) -> int:
        # Not waited for: if the process is killed before it is committed, the message is merely in doubt.
        self._store.submit(lambda connection: sent.confirm(connection, update_id, number, message))
        return message

    def _withdraw(self, update_id: int, number: int) -> None:
        self._store.submit(lambda connection: sent.withdraw(connection, update_id, number))

    def _unparsable(self) -> bool:
        self._metrics.errors.labels("unparsable").inc()
        _log.error("unparsable_markup")
        return True


def is_unmodified(error: BadRequest) -> bool:
    """Whether an edit was declined because the message is like that already."""
    return "not modified" in str(error).lower()


def _is_unparsable(error: BadRequest) -> bool:
    return "parse entities" in str(error).lower()


def _is_missing(error: BadRequest) -> bool:
    said = str(error).lower()
    return any(
        reason in said
        for reason in ("to edit not found", "can't be edited", "message_id_invalid", "no text in the message")
    )


def _is_closed(error: BadRequest) -> bool:
    said = str(error).lower()
    return any(
        reason in said
        for reason in (
            "chat not found",
            "not enough rights",
            "write_forbidden",
            "topic_closed",
            "have no rights",
            "need administrator rights",
        )
    )


def _never_sent(error: TelegramError) -> bool:
    """Whether the call cannot have reached Telegram, or was declined there."""
    if isinstance(error, RetryAfter | InvalidToken | Forbidden):
        return True
    return isinstance(error, NetworkError) and isinstance(
        error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
    )


def _place(target: Target) -> dict[str, Any]:
    reply = ReplyParameters(target.reply_to, allow_sending_without_reply=True) if target.reply_to else None
    return {"message_thread_id": target.thread, "reply_parameters": reply}
