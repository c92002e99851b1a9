"""The HTTP face: /bot<token>/<method> and /file/bot<token>/<path>, with the faults of tests in between."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from . import methods_bot, methods_messages, methods_queries  # noqa: F401  # they register their methods
from .errors import ApiError
from .faults import Call, Calls, Fault
from .files import MOST_UPLOADED
from .limits import Limits
from .methods import METHODS, Rooms
from .parameters import Parameters, read


class _Dropped(Exception):
    """The connection is to be closed without an answer."""


class BotApi:
    """Answers the calls of one bot."""

    def __init__(self, rooms: Rooms, token: str) -> None:
        self.rooms = rooms
        self.token = token
        self.calls = Calls()
        self.faults: list[Fault] = []
        self.limits: Limits | None = None
        rooms.updates.answered = self._webhook_reply

    def routes(self) -> list[web.RouteDef]:
        """The routes of the Bot API."""
        return [
            web.route("*", r"/bot{token:[^/]*}/{method:[^/]*}", self.handle),
            web.get(r"/file/bot{token:[^/]*}/{path:.*}", self.download),
        ]

    def check_token(self, token: str) -> None:
        """Raises ApiError: 404 for what is no token at all, 401 for one that is not this bot's."""
        if token == self.token:
            return
        raise ApiError(401, "Unauthorized") if re.fullmatch(r"\d+:[\w-]{3,}", token) else ApiError(404, "Not Found")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: read, hit by a fault or not, done, answered, logged."""
        name = request.match_info["method"]
        try:
            self.check_token(request.match_info["token"])
            given = await read(request)
        except ApiError as error:
            return _answer(error.code, error.to_json())
        call = self.calls.begin(name, given.plain())
        fault = next((f for f in list(self.faults) if f.matches(name, call.parameters)), None)
        try:
            status, body = await self._outcome(call, given, fault)
        except _Dropped:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        except asyncio.CancelledError:
            self.calls.end(call, "client went away")
            raise
        finally:
            self.rooms.world.changed()
        if fault is not None and fault.action == "garble":
            return web.Response(text='{"ok":true,"result":{"message_', content_type="application/json")
        return _answer(status, body)

    async def _outcome(self, call: Call, given: Parameters, fault: Fault | None) -> tuple[int, dict[str, Any]]:
        action = fault.action if fault else "none"
        if fault is not None and fault.delay and not fault.late:
            await asyncio.sleep(fault.delay)
        if action == "garble":
            self.calls.end(call, "garbled", 200)
            return 200, {}
        if action == "drop":
            self.calls.end(call, "dropped")
            raise _Dropped
        if action == "reject":
            assert fault is not None
            body = fault.answer()
            self.calls.end(call, body["description"], body["error_code"])
            return body["error_code"], body
        status, body = await self._perform(call, given)
        if fault is not None and fault.delay and fault.late:
            await asyncio.sleep(fault.delay)
        if action == "accept_then_drop":
            self.calls.end(call, "accepted, answer dropped", status, body.get("result"))
            raise _Dropped
        return status, body

    async def _perform(self, call: Call, given: Parameters) -> tuple[int, dict[str, Any]]:
        try:
            if self.limits and (wait := self.limits.retry_after(call.method, given.text("chat_id"))):
                raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
            result = await self._result(call.method, given)
        except ApiError as error:
            self.calls.end(call, error.description, error.code)
            return error.code, error.to_json()
        self.calls.end(call, "ok", 200, result)
        return 200, {"ok": True, "result": result}

    async def _result(self, name: str, given: Parameters) -> Any:
        if self.rooms.bot.logged_out:
            raise ApiError(400, "Logged out")
        if name.lower() == "getupdates":
            self.rooms.updates.allow(given.json("allowed_updates", "allowed updates"))
            timeout = float(given.text("timeout") or 0)
            return await self.rooms.updates.poll(
                given.number("offset", 0) or 0, given.number("limit", 100) or 100, timeout
            )
        if name.lower() not in METHODS:
            raise ApiError(404, "Not Found: method not found")
        return METHODS[name.lower()](self.rooms, given)

    def _webhook_reply(self, name: str, values: dict[str, Any]) -> None:
        """A call that came as the response to a webhook's POST; its outcome is told to nobody."""
        call = self.calls.begin(name, values)
        try:
            self.calls.end(call, "ok", 200, METHODS[name.lower()](self.rooms, Parameters(values)))
        except (ApiError, KeyError) as error:
            self.calls.end(call, str(error), 400)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file."""
        stored = self.rooms.files.by_path.get(request.match_info["path"])
        try:
            self.check_token(request.match_info["token"])
            if stored is None:
                raise ApiError(404, "Not Found")
        except ApiError as error:
            return _answer(error.code, error.to_json())
        call = self.calls.begin("download", {"path": stored.path})
        fault = next((f for f in self.faults if f.matches("download", call.parameters)), None)
        if fault is not None:
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.action == "reject":
                self.calls.end(call, "rejected", fault.status)
                return _answer(fault.status, fault.answer())
            if fault.action in {"drop", "accept_then_drop"}:
                self.calls.end(call, "dropped")
                assert request.transport is not None
                request.transport.abort()
        self.calls.end(call, "ok", 200)
        return web.Response(body=stored.data, content_type="application/octet-stream")


def _answer(status: int, body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json")


@web.middleware
async def _loopback_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse names that a foreign page could have pointed at this machine."""
    if request.url.host not in {"127.0.0.1", "localhost"}:
        return _answer(403, {"ok": False, "error_code": 403, "description": "Forbidden: loopback only"})
    return await handler(request)


def application(*routes: web.RouteDef) -> web.Application:
    """The web application; requests may be as large as the largest upload."""
    app = web.Application(client_max_size=MOST_UPLOADED + 2**20, middlewares=[_loopback_only])
    app.add_routes(routes)
    return app
