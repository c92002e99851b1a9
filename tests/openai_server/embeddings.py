"""POST /v1/embeddings on loopback: vectors of a real model, and what can go wrong with them."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tests.openai_server.loopback import LoopbackServer

Encode = Callable[[list[str]], npt.NDArray[np.float32]]

Kind = Literal["status", "hang", "drop", "short body", "broken json", "count", "nan", "ragged", "shuffled", "words"]


@dataclass(frozen=True)
class Trouble:
    """What happens to a request instead of an ordinary reply."""

    kind: Kind
    status: int = 500
    said: str = "trouble"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """A request; `under_way` counts it and the others at its time."""

    texts: tuple[str, ...]
    body: dict[str, Any]
    headers: dict[str, str]
    under_way: int


class EmbeddingServer(LoopbackServer):
    """Embeds by `encode`. `troubles` are spent one a request, `for_good` befalls all after them."""

    def __init__(self, encode: Encode, *troubles: Trouble, port: int = 0) -> None:
        self.encode = encode
        self.troubles = list(troubles)
        self.for_good: Trouble | None = None
        self.fail_after = 0
        """Ordinary replies after which `for_good` begins."""
        self.most_texts: int | None = None
        self.most_letters: int | None = None
        self.takes_base64 = True
        self.pause = 0.0
        self.asked: list[Asked] = []
        self._under_way = self._served = 0
        super().__init__(port)

    @property
    def texts(self) -> list[str]:
        """All texts that were asked for, in order."""
        return [text for asked in self.asked for text in asked.texts]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self._under_way += 1
            trouble = self.troubles.pop(0) if self.troubles else None
            if trouble is None and self._served >= self.fail_after:
                trouble = self.for_good
            if trouble is None:
                self._served += 1
            headers = {name.lower(): value for name, value in handler.headers.items()}
            self.asked.append(Asked(tuple(body["input"]), body, headers, self._under_way))
        try:
            if self.pause:
                self._stop.wait(self.pause)
            self._answer(handler, body, trouble)
        finally:
            with self._lock:
                self._under_way -= 1

    def _answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any], trouble: Trouble | None) -> None:
        kind = trouble.kind if trouble else None
        if kind == "hang":
            self._stop.wait(30)
        if kind in {"hang", "drop"}:
            handler.close_connection = True
            return
        if trouble is not None and kind == "status":
            self._refuse(handler, trouble.status, trouble.said, trouble.headers)
            return
        texts: list[str] = body["input"]
        if self.most_texts and len(texts) > self.most_texts:
            said = f"batch size {len(texts)} > maximum allowed batch size {self.most_texts}"
            self._refuse(handler, 422, said)
            return
        if self.most_letters and (longest := max(map(len, texts))) > self.most_letters:
            self._refuse(handler, 400, f"maximum context length is {self.most_letters}, requested {longest}")
            return
        if body.get("encoding_format") == "base64" and not self.takes_base64:
            self._refuse(handler, 400, "encoding_format base64 is not supported")
            return
        rows: list[Any] = [
            3.0 * row[: body.get("dimensions")] for row in self.encode(texts)
        ]  # not of length one, as some servers give them
        if kind == "nan":
            rows[-1] = rows[-1] * np.nan
        if kind == "ragged":
            rows[-1] = rows[-1][:-1]
        as_base64 = body.get("encoding_format") == "base64" and kind != "words"
        data = [
            {"object": "embedding", "index": i,
             "embedding": base64.b64encode(row.astype("<f4").tobytes()).decode() if as_base64 else row.tolist()}
            for i, row in enumerate(rows)
        ]  # fmt: skip
        if kind == "count":
            data.pop()
        if kind == "shuffled":
            data.reverse()
        if kind == "words":
            data[0]["embedding"] = ["none"]
        content = json.dumps({"object": "list", "data": data, "model": body["model"]}).encode()
        if kind == "broken json":
            content = content[: len(content) // 2]
        self._send(handler, 200, content, cut=kind == "short body")

    def _refuse(
        self, handler: BaseHTTPRequestHandler, status: int, said: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._send(handler, status, json.dumps({"error": {"message": said}}).encode(), headers)

    def _send(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        content: bytes,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        cut: bool = False,
    ) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2] if cut else content)
        handler.close_connection = handler.close_connection or cut
