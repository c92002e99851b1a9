"""A web site on 127.0.0.1, and a small internet in which public addresses lead to it."""

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpcore

PUBLIC = "93.184.216.34"
"""An address of the open internet that nothing in the tests ever connects to."""


@dataclass
class Reply:
    """What the site answers at a path; `body` may be a function that writes to the connection itself."""

    body: bytes | Callable[[Any], None] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """`pages` by path, `asked` are the (method, path, headers, body) that came in."""

    port: int = 0
    pages: dict[str, Reply | Callable[[dict[str, str]], Reply]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """As Policy.allowed names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """A page of the site by its own address."""
        return f"http://{self.host}{path}"

    def paths(self) -> list[str]:
        """The paths asked for, robots.txt left out."""
        return [path for _, path, _, _ in self.asked if path != "/robots.txt"]


@contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Run a site, behind TLS where a context is given."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {k.lower(): v for k, v in self.headers.items()}
            site.asked.append((self.command, self.path, headers, self.rfile.read(length)))
            reply = site.pages.get(self.path, Reply(status=404))
            if not isinstance(reply, Reply):
                reply = reply(headers)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if isinstance(reply.body, bytes):
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
            else:
                self.end_headers()
                with suppress(OSError):  # the other side has had enough
                    reply.body(self.wfile)
            self.close_connection = True

        do_GET = do_POST = _answer  # noqa: N815

        def handle(self) -> None:
            with suppress(OSError):  # the other side broke the handshake off
                super().handle()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Internet(httpcore.NetworkBackend):
    """Leads connections to PUBLIC to the site's port and notes every address that is connected to."""

    def __init__(self, site: Site) -> None:
        self._site, self._real = site, httpcore.SyncBackend()
        self.connected: list[tuple[str, int]] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        place = ("127.0.0.1", self._site.port) if host == PUBLIC else (host, port)
        return self._real.connect_tcp(*place, timeout, local_address, socket_options)
