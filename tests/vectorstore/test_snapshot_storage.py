"""Storage and disks that fail, and an S3-compatible server on this machine."""

import http.server
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.disk import can_mount, filled, small_disk
from tests.vectorstore.replicas import Writer, follow, passages
from vectorstore.errors import (
    DamagedSnapshot,
    ReplicaFault,
    StorageFault,
)
from vectorstore.replication import cloud
from vectorstore.replication import pull as pulling
from vectorstore.replication import storage as storing
from vectorstore.replication.index import read_index, read_pointer
from vectorstore.replication.look import list_snapshots, verify
from vectorstore.replication.storage import Storage

_ROOT = Path(__file__).parents[2]
_MOTO = next(
    (str(found) for found in (_ROOT / ".venv-moto" / "bin" / "moto_server",) if found.exists()),
    shutil.which("moto_server"),
)
needs_mount = pytest.mark.skipif(not can_mount(), reason="mounting a small disk needs root")


@needs_mount
def test_a_full_disk_keeps_the_old_generation(
    writer: Writer, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen before fetching, or in the middle of it: told, the disk is not left fuller, and with room all is well."""
    with small_disk(tmp_path / "disk", 8) as disk:
        replica = disk / "data"
        monkeypatch.setattr(pulling, "_SPARE", 0)
        writer.push(storage)
        follow(replica, storage)
        writer.publish()
        size = writer.push(storage).bytes
        for seen in (True, False):
            if not seen:
                monkeypatch.setattr(pulling, "_check_room", lambda *_: None)
            with filled(disk, leave=size // 2), pytest.raises(ReplicaFault):
                follow(replica, storage)
            assert not [path for path in replica.glob("incoming/**/*") if path.is_file()]
            assert passages(replica) == 1
        assert follow(replica, storage) is not None
        assert passages(replica) == 2


def test_a_driver_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a protocol that nobody knows; no password of a URL is repeated."""
    monkeypatch.setattr(storing, "find_spec", lambda _name: None)
    with pytest.raises(StorageFault, match=r"sanad\[snapshots\]"):
        Storage("s3://bucket/prefix")
    with pytest.raises(StorageFault, match="nonsense") as caught:
        Storage("nonsense://user:secret@host/a")
    assert "secret" not in caught.value.message_en + caught.value.message_ar


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time limits for tests, and credentials for a server on this machine."""
    from datetime import timedelta

    monkeypatch.setattr(cloud, "_CLIENT", {**cloud._CLIENT, "timeout": "1s"})
    monkeypatch.setattr(cloud, "_RETRY", {"max_retries": 1, "retry_timeout": timedelta(seconds=2)})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


class _Answering(http.server.BaseHTTPRequestHandler):
    status, wait = 500, 0.0

    def do_GET(self) -> None:
        time.sleep(self.wait)
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize(
    ("status", "wait"), [(500, 0.0), (403, 0.0), (200, 3.0)], ids=["failing", "declining", "hanging"]
)
@pytest.mark.usefixtures("fast")
def test_a_storage_that_fails_is_told_and_serves_the_old_generation(
    status: int, wait: float, writer: Writer, storage: Storage, replica: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500, wrong credentials, no answer at all, nobody there: an error in both languages, within the limits."""
    writer.push(storage)
    follow(replica, storage)
    writer.publish()
    kind = type("Kind", (_Answering,), {"status": status, "wait": wait})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        for work in (lambda s: follow(replica, s), writer.push, list_snapshots):
            with pytest.raises(StorageFault) as caught:
                work(Storage("s3://bucket/prefix"))  # type: ignore[no-untyped-call]
            assert "s3://bucket/prefix" in caught.value.message_ar
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert passages(replica) == 1
    assert writer.push(storage).moved


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, fast: None) -> Iterator[str]:
    """The URL of a bucket at an S3-compatible server of the test's own."""
    import httpx

    if _MOTO is None:
        pytest.skip("no moto_server: python3 -m venv .venv-moto && .venv-moto/bin/pip install 'moto[s3,server]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [_MOTO, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            try:
                assert httpx.put(f"{endpoint}/bucket").status_code == 200
                break
            except httpx.TransportError:
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        yield "s3://bucket/pre/fix"
    finally:
        process.kill()
        process.wait()


@pytest.mark.s3
def test_generations_travel_through_s3(writer: Writer, replica: Path, s3: str) -> None:
    """Push, pull, again, prune, verify, damage and repair, over HTTP with the real client."""
    storage = Storage(s3)
    assert (read_pointer(storage), list_snapshots(storage), verify(storage)) == (None, [], [])
    for number in (1, 2, 3):
        if number > 1:
            writer.publish()
        assert writer.push(storage, grace=0).moved
        done = follow(replica, storage)
        assert done is not None
        assert (done.number, passages(replica)) == (number, number)
    assert [s.number for s in list_snapshots(storage)] == [2, 3]
    writer.publish()
    pushed = writer.push(storage)
    victim = next(f for f in read_index(storage, pushed.index).files if f.path == "passages.db")
    storage.write(f"objects/{victim.sha256}", b"x" * victim.size)
    with pytest.raises(DamagedSnapshot, match=r"passages\.db"):
        follow(replica, storage)
    assert [len(v.faults) for v in verify(storage)] == [0, 0, 1]
    assert [len(v.faults) for v in verify(storage, quick=True)] == [0, 0, 0]
    writer.push(storage, force=True)
    assert follow(replica, storage) is not None
    assert all(not v.faults for v in verify(storage))


@pytest.mark.s3
def test_a_bucket_that_is_not_there_is_told(writer: Writer, s3: str) -> None:
    """A push says so; it does not look like an empty storage."""
    with pytest.raises(StorageFault, match=r"404|not found"):
        writer.push(Storage(s3.replace("bucket", "other")))
