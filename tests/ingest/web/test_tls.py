"""A secure connection goes to the address that was checked and holds the certificate against the name."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from ingest.errors import FetchFailed
from ingest.web import fetch
from ingest.web.fetch import Fetcher, Policy
from tests.ingest.web.site import PUBLIC, Internet, Reply, serve


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_the_certificate_is_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connected by address, the page is read under the certificate's name and under no other."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=open.example",
         "-addext", "subjectAltName=DNS:open.example", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setattr(fetch, "_trust", lambda: ssl.create_default_context(cafile=str(certificate)))
    with serve(context) as site:
        site.pages = {"/a": Reply(b"secure")}
        internet = Internet(site)
        fetcher = Fetcher(Policy(interval=0, seconds=10), look_up=lambda *_: [PUBLIC], backend=internet)
        assert fetcher.get("https://open.example/a").content == b"secure"
        assert set(internet.connected) == {(PUBLIC, 443)}
        with pytest.raises(FetchFailed, match=r"(?i)certificate|hostname"):
            fetcher.post("https://other.example/a", b"", "text/plain")
        monkeypatch.setattr(fetch, "_trust", ssl.create_default_context)
        with pytest.raises(FetchFailed, match=r"(?i)certificate|self"):
            fetcher.post("https://open.example/a", b"", "text/plain")
