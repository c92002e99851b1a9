"""The wire to an OpenAI-compatible embeddings endpoint: requests, retries, back-pressure, and what a reply must be.

text-embeddings-inference, vLLM, Ollama and hosted services differ in what they refuse and how they say it; only what all
of them share is relied upon. langchain-openai's client sends one batch after another, takes the rows in the order in
which they come and checks nothing of them; hence this one.
"""

import asyncio
import base64
import json
import logging
import random
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any

import httpx
import numpy as np

from vectorstore.embeddings import Vectors, unit
from vectorstore.errors import EndpointChanged, EndpointRefused, EndpointUnavailable

_log = logging.getLogger("sanad.embedding")

_REQUEST_SECONDS = 60.0
"""After so long without a byte a request is given up and made again."""
_CONNECT_SECONDS = 10.0
_BACK_OFF, _LONGEST = 0.5, 20.0
"""Seconds before the second attempt and before late ones; each is drawn from the upper half."""
_BAD_REPLIES = 3
"""Attempts for a batch whose replies are no vectors: what a server computes wrongly it computes wrongly again."""
_SHORTEST = 200
"""Letters of a text that no model finds too long."""
_QUIET = 5.0
"""Seconds between two lines of the log about retries."""

_PASSING = {408, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529}
_MANY = re.compile(r"batch|too many|payload|inputs\b|array", re.I)
_LONG = re.compile(r"length|token|context|too (?:long|large)|maximum", re.I)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where embeddings come from. `model` is its name there; `dimensions` are asked for where the model has a choice.

    At most `requests` batches of `batch` texts are under way. A batch may take `seconds` with all its attempts, a
    question `query_seconds`. Prompts of None are those of the model's family.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    dimensions: int | None = None
    query_prompt: str | None = None
    passage_prompt: str | None = None
    batch: int = 64
    requests: int = 8
    seconds: float = 120.0
    query_seconds: float = 2.0

    @property
    def address(self) -> str:
        """What is posted to."""
        base = self.url.rstrip("/")
        return base if base.endswith("/embeddings") else f"{base}/embeddings"

    @property
    def place(self) -> str:
        """The address for people, without credentials that it may hold."""
        return re.sub(r"//[^/]*@", "//", self.address).partition("?")[0]


class _Again(Exception):
    """An attempt that failed in a way that may pass; `after` are the seconds that the server asked for."""

    def __init__(self, reason: str, *, after: float | None = None, crowded: bool = False, bad: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.after, self.crowded, self.bad = reason, after, crowded, bad


class _TooMuch(Exception):
    """A batch, or a text, that is larger than the server takes."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said
        self.many = status == 413 or bool(_MANY.search(said))


class _Window:
    """How many requests may be under way: half as many when the server has too much, slowly more while it has not."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = float(most)
        self._busy = 0
        self._closed_until = 0.0
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._busy < int(self._size))
                wait = self._closed_until - time.monotonic()
                if wait <= 0:
                    self._busy += 1
                    return
            await asyncio.sleep(wait * random.uniform(1, 1.2))  # noqa: S311  no secret

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        async with self._changed:
            self._busy -= 1
            if kind is None:
                self._size = min(self._most, self._size + 1 / self._size)
            self._changed.notify_all()

    def narrow(self, seconds: float) -> None:
        """The server has too much: nothing is sent for so long. What was sent before that counts once."""
        now = time.monotonic()
        if now >= self._closed_until:
            self._size = max(1.0, self._size / 2)
        self._closed_until = max(self._closed_until, now + seconds)


class Client:
    """Speaks to one endpoint within one event loop."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.batch = endpoint.batch
        self.dimension = endpoint.dimensions
        self._window = _Window(endpoint.requests)
        self._base64 = True
        self._said_at = -_QUIET
        key = endpoint.key
        try:
            self._http = httpx.AsyncClient(
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=httpx.Timeout(_REQUEST_SECONDS, connect=_CONNECT_SECONDS, pool=None),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=endpoint.requests + 2),
                follow_redirects=False,  # the key and the texts go to the operator's server and to no other
            )
            self._url = httpx.URL(endpoint.address)
        except (httpx.InvalidURL, UnicodeEncodeError, ValueError) as error:
            raise EndpointRefused(endpoint.place, "a setting that cannot be sent") from error

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def vectors(self, texts: list[str]) -> Vectors:
        """Unit vectors of a batch. Raises EndpointUnavailable when its time is over, EndpointRefused, EndpointChanged."""
        return await self._vectors(texts, None)

    async def question(self, text: str) -> Vectors:
        """The unit vector of a question: beside the batches, and in a short time or not at all."""
        seconds = self.endpoint.query_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._vectors([text], time.monotonic() + seconds)
        except TimeoutError as error:
            raise EndpointUnavailable(self.endpoint.place, f"no answer within {seconds:g} s") from error

    async def _vectors(self, texts: list[str], until: float | None) -> Vectors:
        """The vectors, however many attempts it takes `until` then; without that within the window and a batch's time."""
        deadline, attempts, bad = until, 0, 0
        while True:
            try:
                if until is not None:
                    return await self._post(texts, until)
                async with self._window:
                    if deadline is None:  # waiting for its turn costs a batch no time
                        deadline = time.monotonic() + self.endpoint.seconds
                    return await self._post(texts, deadline)
            except _TooMuch as fault:
                return await self._smaller(texts, fault, until)
            except _Again as fault:
                assert deadline is not None
                attempts, bad = attempts + 1, bad + fault.bad
                wait = max(_pause(attempts), fault.after or 0.0)
                if bad >= _BAD_REPLIES or time.monotonic() + wait > deadline:
                    raise EndpointUnavailable(self.endpoint.place, fault.reason) from fault
                if fault.crowded:
                    self._window.narrow(wait)
                self._tell(fault.reason, wait)
                await asyncio.sleep(wait)

    async def _smaller(self, texts: list[str], fault: _TooMuch, until: float | None) -> Vectors:
        """The vectors of a batch that was too large, half by half; a text that is too long alone is cut, as models do."""
        if len(texts) > 1:
            half = (len(texts) + 1) // 2
            if fault.many:
                self.batch = max(1, min(self.batch, half))
            parts = [await self._vectors(part, until) for part in (texts[:half], texts[half:])]
            return np.concatenate(parts)
        if len(texts[0]) < _SHORTEST:
            raise EndpointRefused(self.endpoint.place, f"HTTP {fault.status}", fault.said)
        return await self._vectors([texts[0][: len(texts[0]) // 2]], until)

    async def _post(self, texts: list[str], deadline: float) -> Vectors:
        """One attempt. Raises _Again, _TooMuch, EndpointRefused or EndpointChanged."""
        body: dict[str, Any] = {"model": self.endpoint.model, "input": texts}
        if self._base64:
            body["encoding_format"] = "base64"  # a third of the bytes, and no decimal figures to parse
        if self.endpoint.dimensions:
            body["dimensions"] = self.endpoint.dimensions
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                response = await self._http.post(self._url, json=body)
        except TimeoutError as error:
            raise _Again("no answer in time") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _Again(_network(error)) from error
        if response.is_success:
            return self._checked(response.content, len(texts))
        said = self._words(response)
        if response.status_code in {400, 422}:
            if "encoding_format" in body and re.search("encoding_format|base64", said):
                self._base64 = False
                return await self._post(texts, deadline)
            if _MANY.search(said) or _LONG.search(said):
                raise _TooMuch(response.status_code, said)
        if response.status_code == 413:
            raise _TooMuch(413, said)
        if response.status_code in _PASSING:
            crowded = response.status_code in {429, 503, 529}
            raise _Again(f"HTTP {response.status_code}", after=_retry_after(response), crowded=crowded)
        if response.is_redirect:
            said = f"it redirects to {response.headers.get('location', '?')}"
        raise EndpointRefused(self.endpoint.place, f"HTTP {response.status_code}", said)

    def _checked(self, content: bytes, count: int) -> Vectors:
        """The vectors of a reply, each in its place and of length one. Raises _Again for what are none."""
        try:
            data = json.loads(content)["data"]
            rows = {int(row["index"]): row["embedding"] for row in data}
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise _Again("the reply is no list of embeddings", bad=True) from error
        if len(data) != count or rows.keys() != set(range(count)):
            raise _Again(f"{len(data)} vectors for {count} texts", bad=True)
        try:
            with np.errstate(over="ignore"):
                vectors = np.stack([_numbers(rows[i]) for i in range(count)])
        except (ValueError, TypeError) as error:
            raise _Again("the reply holds rows that are no vectors", bad=True) from error
        if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
            raise _Again("the reply holds numbers that are none", bad=True)
        if self.dimension is None:
            self.dimension = vectors.shape[1]
        elif self.dimension != vectors.shape[1]:
            raise EndpointChanged(self.endpoint.place, f"{vectors.shape[1]} dimensions instead of {self.dimension}")
        return unit(vectors)

    def _words(self, response: httpx.Response) -> str:
        """The first line of what a server says of its refusal; the key does not come back in it."""
        try:
            found = response.json()
        except (ValueError, RecursionError):
            found = response.text
        for name in ("error", "message", "detail"):
            if isinstance(found, dict) and name in found:
                found = found[name]
        text = " ".join(str(found).split())
        if self.endpoint.key:
            text = text.replace(self.endpoint.key, "…")
        return text[:200]

    def _tell(self, reason: str, wait: float) -> None:
        now = time.monotonic()
        if now - self._said_at >= _QUIET:
            self._said_at = now
            _log.warning("%s: %s; again in %.1f s", self.endpoint.place, reason, wait)


def _numbers(row: object) -> Vectors:
    """A vector as JSON numbers, or as base64 of little-endian float32."""
    if isinstance(row, str):
        return np.frombuffer(base64.b64decode(row, validate=True), dtype="<f4").astype(np.float32)
    return np.asarray(row, dtype=np.float32)


def _pause(attempt: int) -> float:
    return min(_LONGEST, _BACK_OFF * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1)  # noqa: S311  no secret


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds that a Retry-After asks for, whether it counts them or names a date."""
    value = response.headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, float(parsedate_to_datetime(value).timestamp()) - time.time())
    except ValueError:
        return None


def _network(error: httpx.HTTPError) -> str:
    """What went wrong on the way, without what was sent."""
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return f"the connection broke ({type(error).__name__})"
