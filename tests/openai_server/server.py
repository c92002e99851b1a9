"""POST /v1/chat/completions on loopback: streaming and whole replies, structured output, a fault a call."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal

from tests.openai_server.loopback import LoopbackServer


@dataclass(frozen=True)
class Reply:
    """A completion; streamed in pieces of `piece` letters with `pause` seconds between them if the request wants it."""

    text: str
    piece: int = 40
    pause: float = 0.0
    usage: tuple[int, int] | None = (100, 20)
    finish: str = "stop"
    cut_after: int | None = None
    """Pieces after which the connection breaks, in a stream."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a call."""

    kind: Literal["status", "hang", "close", "garbage", "event"]
    status: int = 500
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Request:
    """What was asked."""

    body: dict[str, Any]
    authorization: str

    @property
    def structured(self) -> bool:
        """Whether a form of the reply was demanded."""
        return "response_format" in self.body or "tools" in self.body

    @property
    def text(self) -> str:
        """All messages."""
        return "\n".join(str(m["content"]) for m in self.body["messages"])


Step = Reply | Fault | Callable[[Request], Reply | Fault]


class ScriptedServer(LoopbackServer):
    """Serves its steps in order, the last one again and again; `requests` is what came."""

    def __init__(self, steps: Iterable[Step] = (), *, takes_schema: bool = True) -> None:
        self.steps = list(steps)
        self.takes_schema = takes_schema
        self.requests: list[Request] = []
        super().__init__()

    def script(self, *steps: Step) -> None:
        """Begin a new script."""
        with self._lock:
            self.steps, self.requests = list(steps), []

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        request = Request(body, handler.headers.get("Authorization", ""))
        with self._lock:
            self.requests.append(request)
            if request.structured and not self.takes_schema:
                step: Step = Fault("status", 400)
            else:
                step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if callable(step):
            step = step(request)
        if isinstance(step, Fault):
            self._fail(handler, step)
        elif body.get("stream"):
            self._stream(handler, step, body)
        else:
            self._whole(handler, step, body)

    def _fail(self, handler: BaseHTTPRequestHandler, fault: Fault) -> None:
        if fault.kind == "hang":
            self._stop.wait(fault.seconds)
        if fault.kind in {"hang", "close"}:
            handler.close_connection = True
            return
        if fault.kind == "garbage":
            self._send(handler, 200, b"<html>proxy</html>", (("Content-Type", "text/html"),))
            return
        if fault.kind == "event":
            data = b'data: {"error": {"message": "overloaded", "type": "server_error", "code": null}}\n\n'
            self._send(handler, 200, data, (("Content-Type", "text/event-stream"),))
            return
        data = json.dumps({"error": {"message": f"fault {fault.status}", "type": "x", "code": None}}).encode()
        self._send(handler, fault.status, data, (("Content-Type", "application/json"), *fault.headers))

    def _send(
        self, handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: Iterable[tuple[str, str]]
    ) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _whole(self, handler: BaseHTTPRequestHandler, reply: Reply, body: dict[str, Any]) -> None:
        message = {"role": "assistant", "content": reply.text}
        answer: dict[str, Any] = {
            "id": "x", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        }  # fmt: skip
        if reply.usage:
            answer["usage"] = _usage(reply.usage)
        self._send(handler, 200, json.dumps(answer).encode(), (("Content-Type", "application/json"),))

    def _stream(self, handler: BaseHTTPRequestHandler, reply: Reply, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()

        def write(data: bytes) -> None:
            handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            handler.wfile.flush()

        def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> None:
            chunk = {
                "id": "x", "object": "chat.completion.chunk", "created": 0, "model": body["model"],
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more,
            }  # fmt: skip
            write(f"data: {json.dumps(chunk)}\n\n".encode())

        event({"role": "assistant", "content": ""})
        for number, at in enumerate(range(0, len(reply.text), reply.piece), 1):
            event({"content": reply.text[at : at + reply.piece]})
            if reply.pause:
                time.sleep(reply.pause)
            if reply.cut_after is not None and number >= reply.cut_after:
                write(b'data: {"id": "x", "obj')
                handler.close_connection = True  # in the middle of a chunked body
                return
        event({}, reply.finish)
        if reply.usage and (body.get("stream_options") or {}).get("include_usage"):
            event({}, None, usage=_usage(reply.usage), choices=[])
        write(b"data: [DONE]\n\n")
        handler.wfile.write(b"0\r\n\r\n")


def _usage(tokens: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
