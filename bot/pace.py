"""How fast Telegram is asked, and what is asked again.

python-telegram-bot's AIORateLimiter stops every chat when one is told to wait, counts typing and drafts as messages, and
repeats nothing else; so this one takes its place, on the same limiter library.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import structlog
from aiolimiter import AsyncLimiter
from telegram._utils.types import JSONDict
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.metrics import Metrics

Result = bool | JSONDict | list[JSONDict]

FLEETING = frozenset({"sendChatAction", "sendMessageDraft"})
"""Worth nothing later: not waited for, not repeated."""
_GROUP_PER_MINUTE = 20
TURN_TAKEN = 1
"""As `rate_limit_args`: the caller has waited for `turn`, and looks after what goes wrong itself."""
UNPACED = 2
"""As `rate_limit_args`: makes no message, whatever its name says (an edit that looks for one)."""
_ATTEMPTS = 6
_BUSY = 8
"""Calls under way at the same time; each costs as much processor time as a fifth of an answer."""
_LONGEST_PAUSE = 30.0
_GROUPS_REMEMBERED = 1000

_log = structlog.get_logger("sanad.bot.pace")


class LeaseLost(httpx.ConnectError):
    """A call was not made, for the work that it belongs to may be another replica's by now (bot/cluster.py)."""


def is_message(endpoint: str) -> bool:
    """Whether a call makes or changes a message, which is what Telegram counts."""
    return endpoint.startswith(("send", "edit", "copy", "forward")) and endpoint not in FLEETING


def may_repeat(endpoint: str) -> bool:
    """Whether a call whose outcome is not known may be made again: all but those that make a message each time."""
    return not endpoint.startswith(("send", "copy", "forward"))


def is_passing(error: Exception) -> bool:
    """Whether an error is trouble on the way or at Telegram's, not an answer (BadRequest is a NetworkError there).

    What is no JSON is told as a bare TelegramError.
    """
    if isinstance(error.__cause__, LeaseLost):
        return False
    return type(error) is TelegramError or (
        isinstance(error, NetworkError) and not isinstance(error, BadRequest | Forbidden | InvalidToken | Conflict)
    )


class Pace(BaseRateLimiter[int]):
    """Keeps Telegram's limits, waits as long as a 429 says in the chat that it concerns, repeats what may be repeated."""

    def __init__(self, per_second: float, metrics: Metrics) -> None:
        self._per_second = per_second
        self._replicas = 1
        self._all = _smooth(per_second)
        self._groups: dict[int | str, AsyncLimiter] = {}
        self._metrics = metrics
        self._under_way = 0
        self._free_at: dict[int | str | None, float] = {}
        """When a chat (None: every chat) may be written to again, by the loop's clock."""

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""

    def divide(self, replicas: int) -> None:
        """So many replicas send with the same token, this one included: the limits are theirs together."""
        if replicas != self._replicas:
            self._replicas = max(1, replicas)
            self._all = _smooth(self._per_second / self._replicas)
            self._groups.clear()

    @property
    def is_busy(self) -> bool:
        """Whether so much is under way that typing and drafts had better be left out."""
        return self._under_way >= _BUSY

    def has_room(self, chat: int | str) -> bool:
        """Whether a message could go to the chat now; what can be left out is left out otherwise."""
        return (
            self._all.has_capacity()
            and (not _is_group(chat) or self._group(chat).has_capacity(min(2, self._group(chat).max_rate)))
            and not self._pause(chat)
        )

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Result:
        """Make the call when its turn has come, again after a 429 or, where that is harmless, after passing trouble."""
        chat = data.get("chat_id")
        attempt = 0
        while True:
            if rate_limit_args is None:
                await self.turn(endpoint, chat)
            attempt += 1
            pause = 0.0
            self._under_way += 1
            try:
                result = await callback(*args, **kwargs)
            except RetryAfter as error:
                self._count(endpoint, "429")
                if endpoint in FLEETING:
                    raise
                if chat is not None:
                    self._halt(chat, _seconds(error))
                if rate_limit_args == TURN_TAKEN:
                    raise
                if chat is None or rate_limit_args == UNPACED:  # of menus and the like: no chat has to wait for them
                    pause = _seconds(error)
            except TelegramError as error:
                self._count(endpoint, type(error).__name__)
                if not (is_passing(error) and may_repeat(endpoint)) or attempt >= _ATTEMPTS:
                    raise
                pause = pause_after(attempt)
            else:
                self._count(endpoint, "ok")
                return result
            finally:
                self._under_way -= 1
            await asyncio.sleep(pause)

    async def turn(self, endpoint: str, chat: int | str | None) -> None:
        """Wait until a call may be made; the call counts as made."""
        if endpoint in FLEETING:
            return
        while wait := self._pause(chat):
            await asyncio.sleep(wait)
        if is_message(endpoint) and chat is not None:
            if _is_group(chat):
                await self._group(chat).acquire()
            await self._all.acquire()

    def _pause(self, chat: int | str | None) -> float:
        now = asyncio.get_running_loop().time()
        return max(0.0, *(self._free_at.get(key, 0.0) - now for key in (chat, None)))

    def _halt(self, chat: int | str, seconds: float) -> None:
        """Pause the chat; every chat when a second one is told to wait meanwhile, for then the bot as a whole is too fast."""
        now = asyncio.get_running_loop().time()
        self._free_at = {key: at for key, at in self._free_at.items() if at > now}
        whole = any(key not in {chat, None} for key in self._free_at)
        key = None if whole else chat
        if key not in self._free_at:
            _log.warning("told_to_wait", seconds=round(seconds, 1), every_chat=whole)
        self._free_at[key] = max(self._free_at.get(key, 0.0), now + seconds)

    def _group(self, chat: int | str) -> AsyncLimiter:
        if len(self._groups) > _GROUPS_REMEMBERED:
            self._groups = {
                key: limiter for key, limiter in self._groups.items() if not limiter.has_capacity(limiter.max_rate)
            }
        return self._groups.setdefault(chat, AsyncLimiter(max(1, _GROUP_PER_MINUTE // self._replicas), 60))

    def _count(self, endpoint: str, outcome: str) -> None:
        self._metrics.calls.labels(endpoint, outcome).inc()


def pause_after(attempt: int) -> float:
    """Seconds before the next attempt: half a second, then twice as long each time, thirty at most."""
    return min(_LONGEST_PAUSE, 0.25 * 2.0**attempt)


def _smooth(per_second: float) -> AsyncLimiter:
    """A limiter that passes no more than that in any second: a tenth at once, and the rest spread out."""
    burst = max(1.0, per_second // 10)
    rate = per_second - burst if per_second >= 10 else per_second
    return AsyncLimiter(burst, burst / rate)


def _is_group(chat: int | str) -> bool:
    return isinstance(chat, str) or chat < 0


def _seconds(error: RetryAfter) -> float:
    # PTB_TIMEDELTA decides which of the two it is.
    after = error.retry_after
    return 0.1 + (float(after) if isinstance(after, int | float) else after.total_seconds())
