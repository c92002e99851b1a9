"""The control API over HTTP, for other processes and for the developer's page.

POST /_control/do/<deed>      JSON arguments of a deed of Control (bytes in base64), e.g. user_says {"chat", "user", "text"}
POST /_control/upload         multipart: chat, user, caption, file
POST /_control/fault          JSON fields of a Fault; DELETE takes all faults back
GET  /_control/calls          ?method=sendMessage (several allowed) &last=50
GET  /_control/messages       ?chat=7&thread=…
GET  /_control/query          ?id=…
GET  /_control/view           ?since=VERSION waits up to 25 s for a change: all chats as people see them
GET  /_control/file/<id>      the bytes of a file
GET  /                        the developer's page
"""

import asyncio
import base64
import time
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from .control import Control
from .faults import Call, Fault
from .http import BotApi
from .queries import Query
from .state import Chat, Message, User

DEEDS = (
    "add_user", "add_group", "add_topic", "user_says", "edit", "delete", "upload", "photo", "sticker", "voice",
    "forward", "guest", "press", "press_inline", "press_data", "inline", "choose", "react", "block", "kick", "invite",
    "migrate",
)  # fmt: skip
PATIENCE = 25.0
PAGE = Path(__file__).parent / "page"


class ControlApi:
    """Routes under /_control."""

    def __init__(self, control: Control, api: BotApi) -> None:
        self.control = control
        self.rooms = control.rooms
        self.api = api

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.post("/_control/do/{deed}", self.do),
            web.post("/_control/upload", self.upload),
            web.post("/_control/fault", self.add_fault),
            web.delete("/_control/fault", self.clear_faults),
            web.get("/_control/calls", self.calls),
            web.get("/_control/messages", self.messages),
            web.get("/_control/query", self.query),
            web.get("/_control/view", self.view),
            web.get("/_control/file/{id}", self.file),
            web.get(r"/{name:|page\.css|page\.js}", self.page),
        ]

    async def do(self, request: web.Request) -> web.Response:
        """One deed; 400 with the reason where it cannot be done."""
        deed = request.match_info["deed"]
        if deed not in DEEDS:
            return web.json_response({"error": f"no deed {deed}; there are {', '.join(DEEDS)}"}, status=404)
        arguments = await request.json()
        if isinstance(arguments.get("data"), str) and deed in {"upload", "photo"}:
            arguments["data"] = base64.b64decode(arguments["data"])
        try:
            return web.json_response(shown(getattr(self.control, deed)(**arguments)))
        except (KeyError, TypeError, ValueError, StopIteration) as error:
            return web.json_response({"error": str(error)}, status=400)

    async def upload(self, request: web.Request) -> web.Response:
        """A file that a person sends with a form."""
        form = await request.post()
        sent = form["file"]
        assert isinstance(sent, web.FileField)
        data = sent.file.read()
        thread = int(str(form["thread"])) if form.get("thread") else None
        caption = str(form.get("caption", ""))
        chat, user = int(str(form["chat"])), int(str(form["user"]))
        if form.get("as") == "photo":
            message = self.control.photo(chat, user, data, caption=caption, thread=thread)
        else:
            mime = sent.content_type
            message = self.control.upload(chat, user, data, sent.filename, caption=caption, mime=mime, thread=thread)
        return web.json_response(shown(message))

    async def add_fault(self, request: web.Request) -> web.Response:
        """A fault from now on."""
        try:
            self.api.faults.insert(0, Fault(**await request.json()))
        except TypeError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(True)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """All faults end."""
        self.api.faults.clear()
        return web.json_response(True)

    async def calls(self, request: web.Request) -> web.Response:
        """The log of calls."""
        rows = self.api.calls.of(request.query.getall("method", []))
        return web.json_response([c.to_json() for c in rows[-int(request.query.get("last", 10**9)) :]])

    async def messages(self, request: web.Request) -> web.Response:
        """A chat as a user sees it."""
        thread = request.query.get("thread")
        known = self.rooms.world.chats.get(int(request.query["chat"]))
        rows = known.shown(int(thread) if thread else None) if known else []
        return web.json_response([shown(message) for message in rows])

    async def query(self, request: web.Request) -> web.Response:
        """A query, with its answer once there is one."""
        found = self.rooms.queries.rows.get(request.query["id"])
        return web.json_response(shown(found), status=200 if found else 404)

    async def view(self, request: web.Request) -> web.Response:
        """Everything that people see, when it is newer than `since`."""
        world, deadline = self.rooms.world, time.monotonic() + PATIENCE
        since = int(request.query.get("since", -1))
        while world.version == since and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        return web.json_response(
            {
                "version": world.version,
                "bot": world.bot.to_json(),
                "users": [user.to_json() for user in world.users.values()],
                "description": self.rooms.bot.texts.get(("description", "ar")),
                "commands": {f"{scope}|{code}": rows for (scope, code), rows in self.rooms.bot.commands.items()},
                "chats": [_chat(chat) for chat in world.chats.values()],
            }
        )

    async def page(self, request: web.Request) -> web.FileResponse:
        """The developer's page; it loads nothing from elsewhere."""
        name = request.match_info["name"] or "index.html"
        policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
        return web.FileResponse(PAGE / name, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})

    async def file(self, request: web.Request) -> web.Response:
        """A file for the page, under its own type."""
        stored = self.rooms.files.by_id.get(request.match_info["id"])
        if stored is None:
            raise web.HTTPNotFound
        kind = stored.mime if stored.mime.startswith("image/") else "application/octet-stream"
        return web.Response(body=stored.data, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})


def _chat(chat: Chat) -> dict[str, Any]:
    now = time.monotonic()
    draft = chat.live_draft()
    typing = chat.actions[-1][1] if chat.actions and now - chat.actions[-1][0] < 5 else None
    last = next((m for m in reversed(chat.messages.values()) if m.from_bot), None)
    if typing and last is not None and last.sent_at > chat.actions[-1][0]:
        typing = None
    return {
        **chat.to_json(),
        "topics": chat.topics,
        "blocked": chat.blocked,
        "draft": {"text": draft.text, "entities": draft.entities, "thread": draft.thread_id} if draft else None,
        "typing": typing,
        "messages": [shown(message) for message in chat.shown()],
    }


def shown(value: Any) -> Any:
    """JSON of what a deed gives: messages and queries in full, users and chats as Telegram writes them."""
    if isinstance(value, Message):
        row = value.to_json()
        return row | {"reactions": value.reactions, "inline_message_id": value.inline_id}
    if isinstance(value, Query | Call | User | Chat):
        row = value.to_json()
        if isinstance(value, Query) and value.answer and "results" in value.answer:
            results = [{k: v for k, v in r.items() if not k.startswith("_")} for r in value.answer["results"]]
            for row_, result in zip(results, value.answer["results"], strict=True):
                row_["text"], row_["entities"] = result["_shown"].text, result["_shown"].entities
            row["answer"] = value.answer | {"results": results}
        return row
    if is_dataclass(value):
        raise TypeError(f"no JSON for {type(value).__name__}")
    return value
