"""Fetching from strangers: the address that was checked is the one that is connected to, at every redirect anew."""

import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import certifi
import httpcore
import httpx

from ingest.errors import FetchFailed, FetchRefused, TooLarge
from ingest.web.addresses import Resolve, public, resolve, target
from ingest.web.robots import Robots, Throttle

_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (429, 503)
_PATIENCE = 20.0
"""Seconds that a server may ask us to wait before one more try."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`allowed` names host:port pairs that may be internal, for servers of one's own; nothing else is let through."""

    allowed: frozenset[str] = frozenset()
    max_bytes: int = 20_000_000
    seconds: float = 30.0
    redirects: int = 5
    interval: float = 1.0
    user_agent: str = "Sanad/0.1"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response: `url` is where the redirects ended, `content` is empty where the page has not changed since."""

    url: str
    content: bytes
    content_type: str
    etag: str | None
    modified: str | None
    unchanged: bool = False


class _Stream(httpcore.NetworkStream):
    """A connection that ends when the whole fetch has taken its time, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("out of time")
        return min(left, timeout or left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._left(timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Guard(httpcore.NetworkBackend):
    """Resolves a name once, checks all its addresses, and connects to one of these: no second look-up can differ."""

    def __init__(
        self, url: str, allowed: frozenset[str], look_up: Resolve, inner: httpcore.NetworkBackend, deadline: float
    ) -> None:
        self._url, self._allowed, self._resolve = url, allowed, look_up
        self._inner, self._deadline = inner, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is not known") from error
        addresses = found if f"{host}:{port}" in self._allowed else public(self._url, found)
        fault: Exception | None = None
        for address in addresses[:4]:
            try:
                stream = self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
            else:
                return _Stream(stream, self._deadline)
        raise fault or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("not a network address")


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


class _Transport(httpx.BaseTransport):
    """httpx over a pool with the guard; proxies of the environment are not used, for they would resolve names anew."""

    def __init__(self, guard: _Guard) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=_trust(), network_backend=guard, http1=True)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=cast(Any, request.stream),
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response.stream), extensions=response.extensions
        )

    def close(self) -> None:
        self._pool.close()


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


class Fetcher:
    """Fetches pages within the limits of a policy, one host at most once an interval, as robots.txt permits.

    `look_up` and `backend` are where names and connections come from. Not for use by several threads.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        look_up: Resolve = resolve,
        backend: httpcore.NetworkBackend | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.policy = policy or Policy()
        self._resolve, self._backend, self._sleep = look_up, backend or httpcore.SyncBackend(), sleep
        self._throttle = Throttle(self.policy.interval, sleep)
        self._robots = Robots(self.policy.user_agent, self._robots_txt)

    def get(self, url: str, *, etag: str | None = None, modified: str | None = None) -> Fetched:
        """The page at a URL, or that it is `unchanged` since the ETag or Last-Modified date that it had.

        Raises FetchRefused (not public, forbidden by robots.txt, too many redirects), TooLarge or FetchFailed.
        """
        conditions = {k: v for k, v in (("If-None-Match", etag), ("If-Modified-Since", modified)) if v}
        return self._follow(url, conditions, robots=True)

    def post(self, url: str, body: bytes, content_type: str) -> Fetched:
        """The answer of an API to a POST; robots.txt does not speak about these. Raises as `get`."""
        return self._follow(url, {"Content-Type": content_type}, robots=False, body=body)

    def _robots_txt(self, url: str) -> Fetched:
        return self._follow(url, {}, robots=False)

    def _follow(self, url: str, headers: dict[str, str], *, robots: bool, body: bytes | None = None) -> Fetched:
        deadline = time.monotonic() + self.policy.seconds
        first, tries = url, 0
        for _ in range(self.policy.redirects + 1):
            url = _plain(url)
            place = target(url, self.policy.allowed)
            if robots:
                before = time.monotonic()
                delay = self._robots.delay(url)
                deadline += self._throttle.wait(place.host, delay) + (time.monotonic() - before)
            status, found, content = self._exchange(url, headers, deadline, body)
            if status in _LATER and tries == 0 and (pause := _pause(found)) is not None:
                tries = 1
                self._sleep(pause)
                deadline += pause
                status, found, content = self._exchange(url, headers, deadline, body)
            if status in _REDIRECTS and found.get("location"):
                following = str(httpx.URL(url).join(found["location"]))
                if url.startswith("https:") and following.startswith("http:"):
                    raise FetchRefused(first, "يحوّل من https إلى http", "redirects from https to http")
                url = following
                continue
            return self._fetched(first, url, status, found, content)
        raise FetchRefused(first, "تحويلات كثيرة", f"more than {self.policy.redirects} redirects")

    def _fetched(self, first: str, url: str, status: int, found: httpx.Headers, content: bytes) -> Fetched:
        if status == 304:
            return Fetched(url, b"", "", found.get("etag"), found.get("last-modified"), True)
        if status != 200:
            raise FetchFailed(first, f"ردّ الموقع بالرمز {status}", f"the site answered {status}", status=status)
        kind = found.get("content-type", "")
        return Fetched(url, content, kind, found.get("etag"), found.get("last-modified"))

    def _exchange(
        self, url: str, headers: dict[str, str], deadline: float, body: bytes | None
    ) -> tuple[int, httpx.Headers, bytes]:
        guard = _Guard(url, self.policy.allowed, self._resolve, self._backend, deadline)
        sent = {
            "User-Agent": self.policy.user_agent,
            "Accept": "text/html,application/xhtml+xml,application/xml,application/pdf,*/*;q=0.5",
            "Accept-Language": "ar,en;q=0.5",
            "Accept-Encoding": "gzip, identity",
            **headers,
        }
        timeout = httpx.Timeout(max(0.1, min(15.0, deadline - time.monotonic())))
        try:
            with (
                httpx.Client(transport=_Transport(guard), trust_env=False, timeout=timeout) as client,
                client.stream("GET" if body is None else "POST", url, headers=sent, content=body) as response,
            ):
                return response.status_code, response.headers, self._read(url, response, deadline)
        except (httpcore.TimeoutException, httpx.TimeoutException) as error:
            raise FetchFailed(url, "لم يردّ الموقع في الوقت المحدد", "the site did not answer in time") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = str(error) or type(error).__name__
            raise FetchFailed(url, "تعذّر الاتصال بالموقع", f"the site cannot be reached ({why})") from error

    def _read(self, url: str, response: httpx.Response, deadline: float) -> bytes:
        """The body, decoded; both what comes in and what it unpacks to stay below the limit."""
        if response.status_code != 200:
            return b""
        limit = self.policy.max_bytes
        stated = response.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > limit:
            raise TooLarge(url, int(stated), limit)
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", ""):
            raise FetchFailed(url, f"ترميز نقل غير معروف ({coding})", f"unknown content encoding {coding}")
        unpack = zlib.decompressobj(wbits=31) if "gzip" in coding else None
        content = bytearray()
        for chunk in response.iter_raw():
            if time.monotonic() > deadline:
                raise httpcore.ReadTimeout("out of time")
            try:
                content += unpack.decompress(chunk, limit + 1 - len(content)) if unpack else chunk
            except zlib.error as error:
                raise FetchFailed(url, "محتوى مضغوط تالف", "broken compressed content") from error
            if len(content) > limit or (unpack is not None and unpack.unconsumed_tail):
                raise TooLarge(url, len(content), limit)
        return bytes(content)


def _plain(url: str) -> str:
    """The URL as httpx will send it: international names and paths in ASCII, no fragment."""
    try:
        return str(httpx.URL(url).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchRefused(url, "ليس رابطاً صالحاً", "not a valid URL") from error


def _pause(headers: httpx.Headers) -> float | None:
    stated = headers.get("retry-after", "")
    return float(stated) if stated.isdigit() and float(stated) <= _PATIENCE else None
