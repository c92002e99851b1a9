"""The Bot API client: python-telegram-bot's, taking updates into the durable queue and noting the ids of messages."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import httpx
import structlog
from telegram import Update
from telegram._utils.types import JSONDict
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.pace import LeaseLost, Pace, may_repeat
from bot.standing import Standing
from bot.updates import DurableQueue

_OWN_SPACE = -1_000_000_000_000
"""Supergroups and channels (ids below) number their messages by themselves; private chats and basic groups share one count.

Servers other than Telegram's may give supergroups other ids: for groups both are looked at.
"""
_CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=16)
"""Few are kept: for every call httpcore polls each that is idle (at sixty, three milliseconds of processor time)."""
_log = structlog.get_logger("sanad.bot.transport")
_REMEMBERED = 20_000
"""Chats, and ids."""


class MessageIds:
    """The message ids seen of late: they tell which ids a message may have got whose sending was not acknowledged."""

    def __init__(self) -> None:
        self._tops: OrderedDict[int, int] = OrderedDict()
        self._seen: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._box: OrderedDict[int, int] = OrderedDict()  # the chat of each id that the chats share
        self._box_top = 0
        self._shared = True
        """Until two private chats have been seen to use the same id, as those of a server of one's own may."""

    def note(self, chat: int, message: int, *, accounted: bool = True) -> None:
        """This message is there.

        It is accounted for if a user wrote it, or the sending of it was acknowledged; not if it is known only as the
        one whose button was pressed or which was edited: such may be the very message in doubt.
        """
        self._tops[chat] = max(message, self._tops.pop(chat, 0))
        if chat > 0:
            self._box_top = max(self._box_top, message)
        if accounted:
            self._seen[chat, message] = None
            if chat > 0:
                self._shared = self._shared and self._box.get(message, chat) == chat
                self._box[message] = chat
        for remembered in (self._tops, self._seen, self._box):
            if len(remembered) > _REMEMBERED:
                remembered.popitem(last=False)

    def raise_box_top(self, message: int) -> None:
        """So high an id is known where the chats share a count."""
        self._box_top = max(self._box_top, message)

    def chat_top(self, chat: int) -> int:
        """The highest id known in the chat, 0 if none."""
        return self._tops.get(chat, 0)

    def box_top(self, chat: int) -> int:
        """The highest id known where the chat shares its count with others, 0 if it does not."""
        return self._box_top if chat > _OWN_SPACE else 0

    def unknown(self, chat: int, chat_top: int, box_top: int, beyond: int) -> list[int]:
        """The ids that a message to the chat may have got after these tops were noted, up to `beyond` above what is known."""
        ids = range(box_top + 1, max(box_top, self._box_top) + 1 + beyond)
        far = [i for i in ids if i not in self._box] if chat > _OWN_SPACE and self._shared else []
        if chat > 0 and self._shared:
            return far
        ids = range(chat_top + 1, max(chat_top, self.chat_top(chat)) + 1 + beyond)
        return list(dict.fromkeys([i for i in ids if (chat, i) not in self._seen] + far))


class SanadBot(ExtBot[int]):
    """One for the process. `ids` is kept up to date by every call."""

    def __init__(
        self,
        token: str,
        api_url: str,
        queue: DurableQueue,
        pace: Pace,
        standing: Standing,
        *,
        webhook: bool = False,
    ) -> None:
        self._queue = queue
        super().__init__(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            base_file_url=f"{api_url.rstrip('/')}/file/bot",
            # A message whose sending times out may still arrive, so its outcome is waited for long (delivery.py).
            request=HTTPXRequest(
                read_timeout=45,
                write_timeout=45,
                connect_timeout=10,
                pool_timeout=120,
                httpx_kwargs={"limits": _CONNECTIONS, "event_hooks": {"request": [self._fenced]}},
            ),
            get_updates_request=None
            if webhook
            else HTTPXRequest(connection_pool_size=2, read_timeout=15, connect_timeout=10),
            rate_limiter=pace,
        )
        self._pace = pace
        self._standing = standing
        self._ids = MessageIds()
        queue.noted_by(self.note, self._ids.note)
        self._newest_inline: dict[int, int] = {}  # few type at a time, and ids are small

    @property
    def queue(self) -> DurableQueue:
        """What is in hand."""
        return self._queue

    @property
    def pace(self) -> Pace:
        """What keeps Telegram's limits."""
        return self._pace

    @property
    def ids(self) -> MessageIds:
        """The ids of messages that are known."""
        return self._ids

    @property
    def newest_inline(self) -> Mapping[int, int]:
        """By user, the inline query that was typed last."""
        return self._newest_inline

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:
        """As the library's; what it returns is committed, so that the next call may confirm it."""
        try:
            received = await super().get_updates(*args, **kwargs)
        except InvalidToken:
            # Revoked, or a proxy's 401: polling would end for good and in silence.
            _log.error("token_declined")
            self._standing.miss("token declined", token_accepted=False)
            raise NetworkError("token declined") from None
        except TelegramError as error:
            self._standing.miss(f"getUpdates: {type(error).__name__}")
            raise
        if received:
            try:
                await self._queue.take(received)
            except NetworkError:
                self._standing.miss("updates could not be stored")
                raise
        self._standing.hear()
        return received

    def note(self, update: Update) -> None:
        """Note the id of an update's message, and which of a user's inline queries is the newest."""
        if update.inline_query is not None:
            self._newest_inline[update.inline_query.from_user.id] = update.update_id
        message = update.effective_message
        if message is not None:
            self._ids.note(message.chat_id, message.message_id, accounted=update.callback_query is None)

    async def _fenced(self, _request: httpx.Request) -> None:
        """The last step before a request: nothing goes out of a replica whose work may be another's by now."""
        if not self._queue.may_send:
            raise LeaseLost("the lease has run out")

    async def _do_post(self, endpoint: str, data: JSONDict, **timeouts: Any) -> bool | JSONDict | list[JSONDict]:
        result = await super()._do_post(endpoint, data, **timeouts)
        if isinstance(result, dict) and isinstance(chat := result.get("chat"), dict) and "message_id" in result:
            self._ids.note(int(chat["id"]), int(result["message_id"]), accounted=not may_repeat(endpoint))
        return result
