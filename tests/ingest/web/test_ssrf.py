"""No URL, name or redirect leads the fetcher to an internal address."""

import socket

import pytest

from ingest.errors import FetchError, FetchFailed, FetchRefused
from ingest.web.addresses import is_public
from ingest.web.fetch import Fetcher, Policy
from tests.ingest.web.site import PUBLIC, Internet, Reply, Site


def _system(host: str, port: int) -> list[str]:
    """What the system makes of numbers, without asking any server."""
    return [str(e[4][0]) for e in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)]


class _Names:
    """Names and their answers, one after another; numbers are read as the system reads them."""

    def __init__(self, **names: list[list[str]]) -> None:
        self._names = {k.replace("_", "."): v for k, v in names.items()}
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        if host not in self._names:
            return _system(host, port)
        answers = self._names[host]
        self.asked += 1
        return answers[min(self.asked - 1, len(answers) - 1)]


def _fetcher(site: Site, names: _Names, **policy: object) -> tuple[Fetcher, Internet]:
    internet = Internet(site)
    return Fetcher(Policy(interval=0, seconds=5, **policy), look_up=names, backend=internet), internet  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://127.0.0.53/",
        "http://0.0.0.0/",
        "http://10.0.0.5/",
        "http://172.16.3.4/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a00:5]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[::127.0.0.1]/",
        "http://internal.example/",
        "http://mixed.example/",
        "http://localhost./",
    ],
)
def test_internal_addresses_are_refused_before_anything_is_connected(site: Site, url: str) -> None:
    """However they are written, and where only one of a name's addresses is internal."""
    names = _Names(internal_example=[["10.1.2.3"]], mixed_example=[[PUBLIC, "127.0.0.1"]], localhost_=[["::1"]])
    fetcher, internet = _fetcher(site, names)
    with pytest.raises(FetchRefused):
        fetcher.get(url)
    assert internet.connected == []
    assert site.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "data:text/html,x",
        "//example.org/",
        "http:///path",
        "http://example.org:22/",
        "http://example.org:6379/",
        "https://example.org:80/",
        "http://user:word@example.org/",
        "http://example.org@127.0.0.1/",
        "http://exam ple.org/",
        "http://example.org:99999/",
        "http://[::1/",
        "",
    ],
)
def test_other_schemes_ports_and_broken_urls_are_refused(site: Site, url: str) -> None:
    """Nothing is looked up or connected for them."""
    names = _Names(example_org=[[PUBLIC]])
    fetcher, internet = _fetcher(site, names)
    with pytest.raises(FetchRefused):
        fetcher.get(url)
    assert internet.connected == []
    assert names.asked == 0


def test_a_name_that_changes_its_address_gets_nowhere(site: Site) -> None:
    """Each connection goes to the very address that was checked; a name that turns internal is refused."""
    names = _Names(rebind_example=[[PUBLIC], ["127.0.0.1"]])
    fetcher, internet = _fetcher(site, names)
    with pytest.raises(FetchRefused):
        fetcher.get("http://rebind.example/")  # robots.txt is fetched from the first answer, the page is not
    assert internet.connected == [(PUBLIC, 80)]
    assert site.paths() == []


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/secret",
        "http://169.254.169.254/",
        "http://inner.example/secret",
        "//[::1]/secret",
        "file:///etc/passwd",
        "http://open.example:{port}/secret",
        "gopher://open.example/",
    ],
)
def test_redirects_are_checked_like_any_url(site: Site, location: str) -> None:
    """The internal page behind one is never asked for."""
    names = _Names(open_example=[[PUBLIC]], inner_example=[["192.168.0.9"]])
    site.pages = {
        "/": Reply(status=302, headers={"Location": location.format(port=site.port)}),
        "/secret": Reply(b"secret"),
    }
    fetcher, internet = _fetcher(site, names)
    with pytest.raises(FetchRefused):
        fetcher.get("http://open.example/")
    assert site.paths() == ["/"]
    assert set(internet.connected) == {(PUBLIC, 80)}


def test_a_public_page_is_read_under_its_own_name(site: Site) -> None:
    """Connected by address, asked by name."""
    site.pages = {
        "/a": Reply(status=301, headers={"Location": "/b#part"}),
        "/b": Reply(b"<p>x", headers={"ETag": '"1"'}),
    }
    fetcher, internet = _fetcher(site, _Names(open_example=[[PUBLIC]]))
    page = fetcher.get("http://open.example/a")
    assert (page.url, page.content, page.etag) == ("http://open.example/b", b"<p>x", '"1"')
    assert site.asked[-1][2]["host"] == "open.example"
    assert set(internet.connected) == {(PUBLIC, 80)}


def test_a_server_of_ones_own_is_named_by_host_and_port(site: Site) -> None:
    """Only the very pair is let through."""
    site.pages = {"/a": Reply(b"mine")}
    fetcher, _ = _fetcher(site, _Names(), allowed=frozenset({site.host}))
    assert fetcher.get(site.url("/a")).content == b"mine"
    with pytest.raises(FetchRefused):
        fetcher.get("http://127.0.0.1/a")
    with pytest.raises(FetchRefused):
        fetcher.get(f"http://127.0.0.2:{site.port}/a")


def test_redirects_have_an_end(site: Site) -> None:
    """Five of them."""
    site.pages = {f"/{i}": Reply(status=302, headers={"Location": f"/{i + 1}"}) for i in range(20)}
    fetcher, _ = _fetcher(site, _Names(), allowed=frozenset({site.host}))
    with pytest.raises(FetchRefused, match="5 redirects"):
        fetcher.get(site.url("/0"))
    assert len(site.paths()) == 6


def test_a_name_that_does_not_exist_is_a_failure_not_a_crash(site: Site) -> None:
    """With the name in the message."""

    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("no such name")

    fetcher = Fetcher(Policy(interval=0), look_up=nowhere, backend=Internet(site))
    with pytest.raises(FetchError, match=r"missing\.example"):
        fetcher.get("http://missing.example/")
    with pytest.raises(FetchFailed, match="cannot be reached"):
        fetcher.post("http://missing.example/", b"", "text/plain")


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    """Also one translated from IPv4."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address", ["", "example", "fe80::1%eth0", "::ffff:0:7f00:1", "192.0.2.1", "240.0.0.1", "fec0::1"]
)
def test_others_are_not(address: str) -> None:
    """Scoped, translated, documentation, reserved and site-local ones among them."""
    assert not is_public(address)
