"""What a user sees while a question is worked on: nothing if it is quick, else typing, then the answer as it grows.

In private chats the growing answer is a draft (sendMessageDraft), which is no message and vanishes by itself; in groups
it is a message that is edited. The last edit makes it the answer.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError

from answering.answer import Answer
from bot.context import Context
from bot.delivery import Gone
from bot.part import Part

QUICK_SECONDS = 0.4
"""Answers that are ready sooner are sent without further ado."""
_TYPING_SECONDS = 4.0  # Telegram shows typing for five
_LAST_SECONDS = 0.1  # so soon after the last of a growing answer its work is over, and it is sent itself
_DRAFT_SECONDS = 1.0
_DRAFT_KEPT_SECONDS = 20.0  # Telegram keeps a draft for thirty
_EDIT_SECONDS = 3.0
_FLEETING_TIMEOUT = 5.0

Drawn = Callable[[Answer], Part]


class Progress:
    """An async context manager around the work; `show` what there is so far; leave it before the answer is sent."""

    def __init__(self, context: Context, draw: Drawn) -> None:
        self._context = context
        self._draw = draw
        self._newest: Answer | None = None
        self._changed = asyncio.Event()
        self._placeholder: int | None = None
        self._drafts = not context.in_group
        self._under_way: asyncio.Task[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Progress":
        """Begin to show progress."""
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it. A draft or edit under way is waited for, lest it arrive after the answer and overwrite it."""
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._under_way is not None and not self._under_way.done():
            await self._finish(self._under_way)

    def show(self, answer: Answer) -> None:
        """The answer as far as it is known; shown when its time has come."""
        self._newest = answer
        self._changed.set()

    async def _run(self) -> None:
        await asyncio.sleep(QUICK_SECONDS)
        clock = asyncio.get_running_loop().time
        typed = shown = float("-inf")
        drawn: Part | None = None
        pause = _EDIT_SECONDS if self._context.in_group else _DRAFT_SECONDS
        while True:
            now = clock()
            visible = shown > float("-inf")
            if self._context.bot.pace.is_busy:
                pass  # left out, and looked at again in a moment
            elif self._changed.is_set() and now - shown >= pause and self._newest is not None:
                self._changed.clear()
                part = self._draw(self._newest)
                if part.html and part != drawn and await self._shown(part):
                    drawn, shown = part, clock()
            elif drawn is not None and self._drafts and now - shown >= _DRAFT_KEPT_SECONDS:
                await self._shown(drawn)
                shown = clock()
            elif not (visible and self._drafts) and now - typed >= _TYPING_SECONDS:
                typed = now
                await self._type()
            due = shown + pause if self._changed.is_set() else now + 1.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.05, min(1.0, due - clock()))):
                    if self._changed.is_set():
                        await asyncio.sleep(1.0)
                    await self._changed.wait()
                    await asyncio.sleep(_LAST_SECONDS)

    async def _shown(self, part: Part) -> bool:
        """Show it in the chat's way; whether that was done."""
        if not self._context.in_group:
            if self._drafts:
                await self._unbroken(self._draft(part))
            return self._drafts
        if not self._context.bot.pace.has_room(self._context.target(None).chat):
            return False
        if self._placeholder is None:
            self._placeholder = await self._unbroken(self._context.send_first(part))
        else:
            await self._unbroken(self._context.edit(self._placeholder, part))
        return True

    async def _unbroken(self, work: Awaitable[Any]) -> Any:
        """Do work that the end of the progress must not cut off, only wait for."""
        self._under_way = asyncio.ensure_future(work)
        return await asyncio.shield(self._under_way)

    @staticmethod
    async def _finish(work: "asyncio.Task[Any]") -> None:
        with contextlib.suppress(TelegramError, Gone):
            await work

    async def _draft(self, part: Part) -> None:
        target = self._context.target(None)
        try:
            await self._context.bot.send_message_draft(
                target.chat, self._context.incoming.update_id, part.html, message_thread_id=target.thread,
                parse_mode=ParseMode.HTML, read_timeout=_FLEETING_TIMEOUT,
            )  # fmt: skip
        except TelegramError as error:
            # A server that does not know drafts (it answers 404, which reads as InvalidToken), a chat that takes none:
            # typing goes on, and the answer comes whole.
            self._context.log.info("no_draft", error=type(error).__name__)
            self._drafts = False

    async def _type(self) -> None:
        target = self._context.target(None)
        try:
            await self._context.bot.send_chat_action(
                target.chat, ChatAction.TYPING, message_thread_id=target.thread, read_timeout=_FLEETING_TIMEOUT
            )
        except TelegramError as error:
            self._context.log.info("no_typing", error=type(error).__name__)
