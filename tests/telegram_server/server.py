"""The server in a thread of its own, with everything that a test does to it and reads from it."""

import asyncio
import copy
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from aiohttp import web

from .control import Control
from .control_http import ControlApi
from .faults import Action, Call, Fault
from .files import Files
from .http import BotApi, application
from .limits import Limits
from .methods import Bot, Rooms
from .methods_bot import scope_key
from .queries import Queries, Query
from .state import Draft, Message, User, World
from .updates import Pending, Updates

TOKEN = "7000000001:made-up-for-the-local-server"  # noqa: S105  # opens nothing
USERNAME = "sanad_local_bot"
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def _deed(function: Callable[Concatenate[Control, P], R]) -> Callable[Concatenate["TelegramServer", P], R]:
    """A deed of Control, done on the server's loop and waited for."""

    def do(self: "TelegramServer", /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.on_loop(lambda: function(self.control, *args, **kwargs))

    do.__doc__ = function.__doc__
    return do


class TelegramServer:
    """A Telegram for one bot on 127.0.0.1, for `with`. Everything it gives out is a copy as of the call.

    With `limits` it declines, as Telegram does, what comes too fast (limits.py).
    """

    def __init__(self, *, token: str = TOKEN, username: str = USERNAME, port: int = 0, limits: bool = False) -> None:
        self.token = token
        self.port = port
        self._limits = limits
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="telegram-server", daemon=True)
        self._bot = User(int(token.partition(":")[0]), "سند", username, is_bot=True)
        self._runner: web.AppRunner | None = None

    # life

    def start(self) -> Self:
        """Listen; `url` and `file_url` are right from then on."""
        self._thread.start()
        self.on_loop(self._build)
        self.resume()
        return self

    def _build(self) -> None:
        self.rooms = Rooms(World(self._bot), Updates(), Files(), Queries(), Bot())
        self.control = Control(self.rooms)
        self.api = BotApi(self.rooms, self.token)
        self.api.limits = Limits() if self._limits else None

    def resume(self) -> None:
        """Listen (again, on the same port)."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def pause(self) -> None:
        """Be unreachable: connections end, new ones are refused; nothing is forgotten."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)

    async def _listen(self) -> None:
        control = ControlApi(self.control, self.api)
        app = application(*control.routes(), *self.api.routes())
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def stop(self) -> None:
        """Close for good."""
        self.on_loop(self.rooms.updates.stop)
        self.pause()
        asyncio.run_coroutine_threadsafe(self._loop.shutdown_asyncgens(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def on_loop(self, function: Callable[[], T]) -> T:
        """Run something short on the server's event loop."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    @property
    def root(self) -> str:
        """http://127.0.0.1:PORT"""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What python-telegram-bot calls base_url."""
        return f"{self.root}/bot"

    @property
    def file_url(self) -> str:
        """What python-telegram-bot calls base_file_url."""
        return f"{self.root}/file/bot"

    # what people do

    add_user = _deed(Control.add_user)
    add_group = _deed(Control.add_group)
    add_topic = _deed(Control.add_topic)
    user_says = _deed(Control.user_says)
    user_edits = _deed(Control.edit)
    user_deletes = _deed(Control.delete)
    upload = _deed(Control.upload)
    photo = _deed(Control.photo)
    sticker = _deed(Control.sticker)
    voice = _deed(Control.voice)
    forward = _deed(Control.forward)
    guest = _deed(Control.guest)
    press = _deed(Control.press)
    press_inline = _deed(Control.press_inline)
    press_data = _deed(Control.press_data)
    inline = _deed(Control.inline)
    choose = _deed(Control.choose)
    react = _deed(Control.react)
    block = _deed(Control.block)
    kick = _deed(Control.kick)
    invite = _deed(Control.invite)
    migrate = _deed(Control.migrate)

    # faults

    def fault(self, method: str, action: Action = "reject", **more: Any) -> Fault:
        """Let calls of a method go wrong: see Fault. Later faults are asked first."""
        fault = Fault(method, action, **more)
        self.on_loop(lambda: self.api.faults.insert(0, fault))
        return fault

    def clear_faults(self) -> None:
        """Let everything go well again."""
        self.on_loop(self.api.faults.clear)

    def expire(self, query: Query) -> None:
        """Make a query too old to be answered."""
        self.on_loop(lambda: setattr(self.rooms.queries.rows[query.id], "expired", True))

    # what is to be seen

    def messages(self, chat: int, *, thread: int | None = None, bot: bool | None = None) -> list[Message]:
        """A chat as a user sees it now, edits and deletions done; only the bot's or only people's with `bot`."""

        def look() -> list[Message]:
            known = self.rooms.world.chats.get(chat)
            shown = known.shown(thread) if known else []
            return [copy.copy(m) for m in shown if bot is None or m.from_bot == bot]

        return self.on_loop(look)

    def answers(self, chat: int, *, thread: int | None = None) -> list[Message]:
        """The messages of the bot in a chat, as they are now."""
        return self.messages(chat, thread=thread, bot=True)

    def edits(self, chat: int, message: int) -> list[tuple[float, str]]:
        """(monotonic seconds, text) of each state of a message, the first one included."""
        return self.on_loop(lambda: list(self.rooms.world.chats[chat].messages[message].versions))

    def drafts(self, chat: int) -> list[Draft]:
        """All drafts that were shown in a private chat."""
        return self.on_loop(lambda: list(self.rooms.world.chat(chat).drafts))

    def actions(self, chat: int) -> list[tuple[float, str]]:
        """(monotonic seconds, action) of each chat action."""
        return self.on_loop(lambda: list(self.rooms.world.chat(chat).actions))

    def query(self, query: Query) -> Query:
        """A query as it stands now, with its answer if there is one."""
        return self.on_loop(lambda: copy.copy(self.rooms.queries.rows[query.id]))

    def calls(self, *methods: str) -> list[Call]:
        """The calls of these methods so far; without names all but getUpdates."""
        return self.on_loop(lambda: [copy.copy(c) for c in self.api.calls.of(methods)])

    def updates(self) -> list[Pending]:
        """All updates that were ever queued."""
        return self.on_loop(lambda: list(self.rooms.updates.history))

    def pending(self) -> list[Pending]:
        """The updates that the bot has not confirmed."""
        return self.on_loop(lambda: list(self.rooms.updates.pending))

    def commands(self, scope: dict[str, Any] | None = None, language: str = "") -> list[dict[str, str]]:
        """What the bot registered for exactly this scope and language."""
        return self.on_loop(lambda: self.rooms.bot.commands.get((scope_key(scope), language), []))

    def texts(self, field: str, language: str = "") -> str | None:
        """The bot's description, short_description or name in a language."""
        return self.on_loop(lambda: self.rooms.bot.texts.get((field, language)))

    # waiting

    def wait_for(self, predicate: Callable[[], T], seconds: float = 10.0) -> T:
        """What the predicate gives once it is true; it is asked after every change. Raises TimeoutError."""
        world, deadline = self.rooms.world, time.monotonic() + seconds
        while True:
            version = world.version
            if found := predicate():
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                last = "\n".join(f"  {c.method} {c.parameters} → {c.outcome}"[:200] for c in self.calls()[-8:])
                raise TimeoutError(f"not within {seconds} s; the bot's last calls:\n{last or '  none'}")
            with world.condition:
                world.condition.wait_for(lambda v=version: world.version != v, timeout=min(left, 0.25))  # type: ignore[misc]

    def wait_answers(self, chat: int, count: int, seconds: float = 10.0, *, thread: int | None = None) -> list[Message]:
        """The bot's messages in a chat once there are at least so many."""

        def enough() -> list[Message] | None:
            shown = self.answers(chat, thread=thread)
            return shown if len(shown) >= count else None

        found = self.wait_for(enough, seconds)
        assert found is not None
        return found

    def wait_query(self, query: Query, seconds: float = 10.0) -> dict[str, Any]:
        """The bot's answer to a press, an inline query or a guest message."""
        found = self.wait_for(lambda: self.query(query).answer, seconds)
        assert found is not None
        return found

    def quiet(self, seconds: float = 0.5, *, within: float = 20.0) -> None:
        """Return once the bot has called nothing but getUpdates for so long."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            calls: Sequence[Call] = self.calls()
            ended = max((c.at + (c.seconds or 0) for c in calls), default=0.0)
            if all(c.seconds is not None for c in calls) and time.monotonic() - ended >= seconds:
                return
            time.sleep(0.05)
        raise TimeoutError(f"the bot was never quiet for {seconds} s")

    def __iter__(self) -> Iterator[Message]:
        """Every message ever posted, deleted ones too."""
        return iter(self.on_loop(lambda: [copy.copy(m) for m in self.rooms.world.all_messages()]))
