"""deploy/nginx.conf in a real nginx, on loopback and without TLS."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nginx.conf"
_AROUND = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def program() -> str | None:
    """nginx, None where it is not installed."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class NginxServer:
    """For `with`: nginx before replicas on these ports."""

    def __init__(self, ports: Sequence[int]) -> None:
        found = program()
        assert found is not None, "nginx is not installed"
        self._program = found
        self._folder = Path(tempfile.mkdtemp(prefix="sanad-nginx-"))
        self.port = free_port()
        site = _CONFIGURATION.read_text("utf-8")
        site = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{self.port};", site)
        site = re.sub(r"ssl_\w+ .*;\n", "", site)
        servers = re.findall(r"server 127\.0\.0\.1:\d+(.*);\n", site)
        site = re.sub(r"( *server 127\.0\.0\.1:\d+.*;\n)+", "@", site, count=1)
        site = site.replace("@", "".join(f"server 127.0.0.1:{port}{servers[0]};\n" for port in ports))
        (self._folder / "nginx.conf").write_text(_AROUND.format(folder=self._folder, site=site), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The webhook."""
        return f"http://127.0.0.1:{self.port}/telegram"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._folder / "nginx.conf"), "-e", str(self._folder / "error.log")]
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            assert self._process.poll() is None, (self._folder / "error.log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise TimeoutError("nginx does not listen")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)
