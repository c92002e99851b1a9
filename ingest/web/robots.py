"""Manners: what robots.txt permits, and how often one host is asked."""

import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from ingest.errors import FetchFailed, FetchRefused, IngestError

_LONGEST_DELAY = 30.0
"""A longer Crawl-delay means that crawling is not wanted; more than this is not waited."""
_LIMIT = 512 * 1024
"""Bytes of a robots.txt that are read, the least that RFC 9309 asks for."""


class _Response(Protocol):
    @property
    def content(self) -> bytes: ...


class Throttle:
    """Keeps requests to one host `interval` seconds apart."""

    def __init__(self, interval: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._interval, self._sleep = interval, sleep
        self._next: dict[str, float] = {}

    def wait(self, host: str, interval: float | None = None) -> float:
        """Wait until the host may be asked again; the seconds that took."""
        now = time.monotonic()
        pause = max(0.0, self._next.get(host, 0.0) - now)
        if pause:
            self._sleep(pause)
        self._next[host] = max(now + pause, now) + max(self._interval, interval or 0.0)
        return pause


class Robots:
    """The robots.txt of every origin that is met, fetched once (RFC 9309: unreachable means no, missing means yes)."""

    def __init__(self, agent: str, fetch: Callable[[str], _Response]) -> None:
        self._agent, self._fetch = agent, fetch
        self._rules: dict[str, Any] = {}

    def delay(self, url: str) -> float | None:
        """The seconds between requests that the site asks for. Raises FetchRefused where it permits none of this URL."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = self._read(f"{origin}/robots.txt")
        rules = self._rules[origin]
        if rules is None:
            return None
        if rules is False or not rules.can_fetch(url, self._agent):
            raise FetchRefused(url, "يمنع الموقع القراءة الآلية (robots.txt)", "forbidden by the site's robots.txt")
        stated = rules.crawl_delay(self._agent)
        return min(float(stated), _LONGEST_DELAY) if stated else None

    def _read(self, url: str) -> Any:
        """Rules; None where there are none, False where the server fails."""
        from protego import Protego

        try:
            content = self._fetch(url).content
        except FetchFailed as error:
            return None if error.status is not None and 400 <= error.status < 500 else False
        except FetchRefused:
            raise
        except IngestError:
            return False
        return Protego.parse(content[:_LIMIT].decode("utf-8", errors="replace"))
