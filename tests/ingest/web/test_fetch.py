"""The limits and the manners of the fetcher."""

import gzip
import time
from typing import Any

import pytest

from ingest.errors import FetchFailed, FetchRefused, TooLarge
from ingest.web.fetch import Fetcher, Policy
from ingest.web.robots import Throttle
from tests.ingest.web.site import Reply, Site


def _fetcher(site: Site, **policy: Any) -> Fetcher:
    options = {"interval": 0, "seconds": 10, **policy}
    return Fetcher(Policy(allowed=frozenset({site.host}), **options), sleep=lambda _: None)


def test_a_page_that_says_it_is_too_large_is_not_read(site: Site) -> None:
    """By its Content-Length alone."""
    site.pages = {"/big": Reply(lambda _: None, headers={"Content-Length": "99999999"})}
    with pytest.raises(TooLarge):
        _fetcher(site).get(site.url("/big"))


def test_a_page_that_never_ends_is_cut_off(site: Site) -> None:
    """It says nothing of its size."""
    sent = 0

    def pour(out: Any) -> None:
        nonlocal sent
        while sent < 50_000_000:
            out.write(b"x" * 65_536)
            sent += 65_536

    site.pages = {"/endless": Reply(pour)}
    with pytest.raises(TooLarge):
        _fetcher(site, max_bytes=1_000_000).get(site.url("/endless"))
    assert sent < 20_000_000


def test_what_unpacks_to_too_much_is_cut_off(site: Site) -> None:
    """A gzip bomb of 100 MB in 100 kB; a small gzipped page is read."""
    bomb = gzip.compress(b"0" * 100_000_000, 9)
    site.pages = {
        "/bomb": Reply(bomb, headers={"Content-Encoding": "gzip"}),
        "/page": Reply(gzip.compress(b"page"), headers={"Content-Encoding": "gzip"}),
        "/torn": Reply(b"\x1f\x8bnot gzip", headers={"Content-Encoding": "gzip"}),
        "/odd": Reply(b"x", headers={"Content-Encoding": "br"}),
    }
    fetcher = _fetcher(site, max_bytes=1_000_000)
    with pytest.raises(TooLarge):
        fetcher.get(site.url("/bomb"))
    assert fetcher.get(site.url("/page")).content == b"page"
    for path in ("/torn", "/odd"):
        with pytest.raises(FetchFailed):
            fetcher.get(site.url(path))


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_site_that_drips_is_given_up_in_time(site: Site, where: str) -> None:
    """Each byte comes in time, the page never does."""

    def drip(out: Any) -> None:
        for _ in range(100):
            out.write(b"x" if where == "body" else b"HTTP/1.1 200 OK\r\n")
            out.flush()
            time.sleep(0.05)

    reply = Reply(drip) if where == "body" else Reply(drip, status=100)
    site.pages = {"/slow": reply}
    with pytest.raises(FetchFailed):
        _fetcher(site, seconds=0.4).get(site.url("/slow"))


def test_an_unchanged_page_is_told_by_its_etag_or_date(site: Site) -> None:
    """The server is asked with what it said before, and sends nothing again."""

    def page(headers: dict[str, str]) -> Reply:
        if (
            headers.get("if-none-match") == '"v1"'
            or headers.get("if-modified-since") == "Mon, 01 Jan 2024 00:00:00 GMT"
        ):
            return Reply(status=304)
        return Reply(b"text", headers={"ETag": '"v1"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"})

    site.pages = {"/p": page}
    fetcher = _fetcher(site)
    first = fetcher.get(site.url("/p"))
    assert not first.unchanged
    assert fetcher.get(site.url("/p"), etag=first.etag).unchanged
    assert fetcher.get(site.url("/p"), modified=first.modified).unchanged
    assert not fetcher.get(site.url("/p"), etag='"v0"').unchanged


def test_robots_txt_is_asked_once_and_obeyed(site: Site) -> None:
    """For our own name before the rule for all."""
    rules = b"User-agent: *\nDisallow: /private\n\nUser-agent: sanad\nDisallow: /no\n"
    site.pages = {"/robots.txt": Reply(rules), "/private": Reply(b"a"), "/no": Reply(b"b")}
    fetcher = _fetcher(site)
    assert fetcher.get(site.url("/private")).content == b"a"
    with pytest.raises(FetchRefused, match=r"robots\.txt"):
        fetcher.get(site.url("/no"))
    assert sum(path == "/robots.txt" for _, path, _, _ in site.asked) == 1


def test_a_redirect_into_what_robots_txt_forbids_is_not_followed(site: Site) -> None:
    """The rule holds for every page on the way."""
    site.pages = {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /no\n"),
        "/a": Reply(status=302, headers={"Location": "/no"}),
    }
    with pytest.raises(FetchRefused):
        _fetcher(site).get(site.url("/a"))
    assert site.paths() == ["/a"]


@pytest.mark.parametrize(("status", "read"), [(404, True), (403, True), (500, False), (503, False)])
def test_no_robots_txt_means_yes_a_broken_server_means_no(site: Site, status: int, read: bool) -> None:
    """As RFC 9309 says."""
    site.pages = {"/robots.txt": Reply(status=status), "/a": Reply(b"a")}
    if read:
        assert _fetcher(site).get(site.url("/a")).content == b"a"
    else:
        with pytest.raises(FetchRefused):
            _fetcher(site).get(site.url("/a"))


def test_one_host_is_asked_once_an_interval() -> None:
    """Others need not wait; a site's own Crawl-delay is kept."""
    slept: list[float] = []
    throttle = Throttle(2.0, slept.append)
    assert throttle.wait("a") == 0
    assert throttle.wait("b") == 0
    assert throttle.wait("a") == pytest.approx(2.0, abs=0.1)
    throttle.wait("c", 7.0)
    assert throttle.wait("c") == pytest.approx(7.0, abs=0.1)
    assert slept == [pytest.approx(2.0, abs=0.1), pytest.approx(7.0, abs=0.1)]


def test_a_busy_site_is_asked_once_more(site: Site) -> None:
    """When it says how soon; a long wait or a second refusal is a failure with the status."""
    replies = [Reply(status=503, headers={"Retry-After": "3"}), Reply(b"now")]
    site.pages = {"/busy": lambda _: replies.pop(0), "/shut": Reply(status=429, headers={"Retry-After": "3600"})}
    slept: list[float] = []
    fetcher = Fetcher(Policy(allowed=frozenset({site.host}), interval=0), sleep=slept.append)
    assert fetcher.get(site.url("/busy")).content == b"now"
    assert slept == [3.0]
    with pytest.raises(FetchFailed, match="429") as error:
        fetcher.get(site.url("/shut"))
    assert error.value.status == 429


def test_a_secure_page_does_not_lead_to_an_open_one() -> None:
    """The text could be changed on its way."""
    import httpx

    class Redirecting(Fetcher):
        def _exchange(self, *_: Any) -> tuple[int, httpx.Headers, bytes]:
            return 302, httpx.Headers({"Location": "http://example.org/"}), b""

    with pytest.raises(FetchRefused, match="https to http"):
        Redirecting(Policy(interval=0)).post("https://example.org/", b"", "text/plain")
