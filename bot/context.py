"""What a handler is given beside its update: the services, the user's language, and ways to answer exactly once."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, cast

import structlog
from telegram import Chat, Message, Update, User
from telegram.error import BadRequest, TelegramError
from telegram.ext import Application, CallbackContext

from bot.delivery import Delivery, File, Target, Text
from bot.part import Part
from bot.services import Services
from bot.store import sent
from bot.store.users import User as Known
from bot.texts import Language, language_of
from bot.transport import SanadBot

T = TypeVar("T")
_INSTEAD, _FAILURE = 900, 901
"""Numbers of messages outside of a handler's order of sends."""


class Context(CallbackContext[SanadBot, dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """One for each update, shared by the handlers that it passes."""

    incoming: Update
    known: Known | None = None
    """What is known of the user; set before any handler but the first runs."""

    @classmethod
    def from_update(cls, update: object, application: "Application[Any, Any, Any, Any, Any, Any]") -> "Context":
        """Called by the Application."""
        context = super().from_update(update, application)
        if isinstance(update, Update):
            context.incoming = update
            context.log = structlog.get_logger("sanad.bot").bind(request=update.update_id)
        context._sends = 0
        context._placeholder = None
        context._before = None
        return context

    log: Any
    _sends: int
    _placeholder: int | None
    _before: Mapping[int, sent.Sent] | None

    @property
    def services(self) -> Services:
        """What the handlers share."""
        return cast("Services", self.bot_data["services"])

    @property
    def delivery(self) -> Delivery:
        """What sends."""
        return cast("Delivery", self.bot_data["delivery"])

    @property
    def replayed(self) -> bool:
        """Whether the process before this one had begun, or was about to begin, on this update."""
        return self.incoming.update_id in self.bot_data["replayed"]

    @property
    def arrived(self) -> float:
        """When the update came, by the monotonic clock."""
        return float(self.bot_data["arrivals"].get(self.incoming.update_id, time.monotonic()))

    @property
    def user(self) -> User | None:
        """Who caused the update."""
        return self.incoming.effective_user

    @property
    def chat(self) -> Chat | None:
        """Where it happened; None for inline queries."""
        return self.incoming.effective_chat

    @property
    def in_group(self) -> bool:
        """Whether others read along."""
        return self.chat is not None and self.chat.type != Chat.PRIVATE

    @property
    def language(self) -> Language:
        """The language to speak to the user: chosen, or Telegram's, or Arabic."""
        if self.known is not None and self.known.language is not None:
            return cast("Language", self.known.language)
        return language_of(self.user.language_code if self.user else None)

    @property
    def is_admin(self) -> bool:
        """Whether the user may change the corpus."""
        return self.services.access.may_change(self.user.id if self.user else None)

    def say(self, key: str, **values: object) -> str:
        """The text of that key in the user's language, as HTML."""
        return self.services.texts.say(key, self.language, **values)

    async def send(self, part: Part, *, reply: bool | None = None) -> int:
        """Send the handler's next message, exactly once; its message id. `reply` to the user's message: in groups, if not told.

        Raises bot.delivery.Gone where the chat cannot be written to; the error handler takes that quietly.
        """
        return await self._deliver(Text(part), reply)

    async def send_first(self, part: Part) -> int:
        """Send a placeholder for the first of the messages that `send_all` will send."""
        self._sends = 1
        self._placeholder = await self._deliver(Text(part), None, 0)
        return self._placeholder

    async def send_all(self, parts: Sequence[Part]) -> None:
        """Send the messages of an answer, the first in place of its placeholder if there is one, of this run or an earlier.

        So a half-sent answer is completed, not doubled.
        """
        before = await self.sent_before()
        placed = self._placeholder or (before[0].message if 0 in before else None)
        if placed is None:
            await self.send(parts[0])
        else:
            self._sends = 1
            if not await self.edit(placed, parts[0]):
                await self._deliver(Text(parts[0]), None, _INSTEAD)
        for part in parts[1:]:
            await self.send(part)

    async def send_failure(self, part: Part) -> None:
        """Tell that a handler failed, whatever it has sent."""
        await self._deliver(Text(part), None, _FAILURE)

    async def send_file(self, name: str, data: bytes, caption: Part) -> int:
        """Send a document, exactly once."""
        return await self._deliver(File(name, data, caption), None)

    async def send_photo(self, name: str, data: bytes, caption: Part) -> int:
        """Send a picture, exactly once."""
        return await self._deliver(File(name, data, caption, photo=True), None)

    async def edit(self, message_id: int, part: Part) -> bool:
        """Make an earlier message of the bot in this chat have this content; False where it is not there any more."""
        return await self.delivery.edit(self.target(None), message_id, Text(part))

    async def sent_before(self) -> Mapping[int, sent.Sent]:
        """What was sent for this update before the process was killed, by number; the next `send` has number `sends`."""
        if self._before is None:
            update_id = self.incoming.update_id
            self._before = (
                await self.services.store.run(lambda connection: sent.of_update(connection, update_id))
                if self.replayed
                else {}
            )
        return self._before

    async def answer_callback(self, text: str = "", *, alert: bool = False) -> None:
        """Answer a button's press; that it is too old by now is no fault."""
        if self.incoming.callback_query is not None:
            try:
                await self.incoming.callback_query.answer(text or None, show_alert=alert)
            except BadRequest:
                self.log.info("callback_too_old")
            except TelegramError as error:
                self.log.warning("callback_unanswered", error=type(error).__name__)

    async def in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """The result of blocking work, off the event loop."""
        return await self.services.in_thread(function, *arguments)

    async def choose_language(self, language: Language | None) -> None:
        """Keep the language that the user chose; None: as Telegram says."""
        if self.user is not None:
            self.known = await self.services.people.choose_language(self.user.id, language)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Work that outlives the handler; a stopping bot waits for it."""
        return self.application.create_task(work, self.incoming)

    def target(self, reply: bool | None) -> Target:
        """Where answers to this update go."""
        chat, message = self.chat, self.incoming.effective_message
        if chat is None:
            raise ValueError("this update has no chat to answer in")
        thread = None
        reply_to = None
        if isinstance(message, Message):
            thread = message.message_thread_id if message.is_topic_message else None
            wanted = self.in_group and self.incoming.callback_query is None if reply is None else reply
            reply_to = message.message_id if wanted else None
        return Target(chat.id, thread, reply_to, self.user.id if self.user else None)

    async def _deliver(self, content: Text | File, reply: bool | None, number: int | None = None) -> int:
        if number is None:
            number = self._sends
            self._sends += 1
        before = await self.sent_before()
        return await self.delivery.send(self.incoming.update_id, number, self.target(reply), content, before)
