"""The parameters of a call, however they came: query string, form, multipart or JSON."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from .errors import bad_request


@dataclass(frozen=True)
class Sent:
    """A file inside a multipart request."""

    name: str
    content_type: str
    data: bytes


@dataclass
class Parameters:
    """Values by name. JSON within strings is read where a method expects an object."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Sent] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A string, or None."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def number(self, name: str, default: int | None = None) -> int | None:
        """An integer, or the default."""
        value = self.values.get(name)
        if value in (None, ""):
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """A boolean; absent is False."""
        return str(self.values.get(name, "")).lower() in {"true", "1", "yes"}

    def json(self, name: str, what: str = "object") -> Any:
        """A JSON value, or None. Raises ApiError as Telegram words it."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def plain(self) -> dict[str, Any]:
        """For the log of calls: JSON read, files as their size."""
        shown: dict[str, Any] = {}
        for name, value in self.values.items():
            shown[name] = value
            if isinstance(value, str) and value[:1] in "[{":
                try:
                    shown[name] = json.loads(value)
                except ValueError:
                    continue
        for name, sent in self.files.items():
            shown[name] = f"<{sent.name}, {len(sent.data)} bytes>"
        return shown


async def read(request: web.Request) -> Parameters:
    """The parameters of an HTTP request. Raises ApiError for a body that is no JSON object."""
    given = Parameters(dict(request.query))
    if request.method != "POST":
        return given
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise bad_request("can't parse request: JSON object expected")
        given.values |= body
    elif request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)  # parts are not nested
            name, data = part.name or "", bytes(await part.read())
            if part.filename is None:
                given.values[name] = data.decode()
            else:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                given.files[name] = Sent(part.filename, kind, data)
    else:
        given.values |= dict(await request.post())
    return given
