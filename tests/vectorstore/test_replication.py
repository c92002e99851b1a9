"""Generations through object storage: pushed and pulled whole or not at all, whoever dies or comes twice."""

import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vectorstore.replicas import MODEL, Writer, follow, passages
from vectorstore.errors import (
    NoGeneration,
    NoReplica,
    OtherWriter,
)
from vectorstore.generations import Generations, LiveGeneration
from vectorstore.replication.index import read_index, read_pointer
from vectorstore.replication.look import list_snapshots, verify
from vectorstore.replication.role import role
from vectorstore.replication.storage import Storage

_ROOT = Path(__file__).parents[2]
_SLOWED = """
import sys, time
from pathlib import Path
from tests.vectorstore.replicas import Writer, follow
from vectorstore.replication.storage import Storage

def slowed(work):
    def slow(*arguments):
        time.sleep(0.15)
        return work(*arguments)
    return slow

Storage.upload, Storage.part = slowed(Storage.upload), slowed(Storage.part)
storage = Storage(sys.argv[3])
follow(Path(sys.argv[2]), storage) if sys.argv[1] == "pull" else Writer(Path(sys.argv[2])).push(storage)
"""


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_replica_serves_what_was_pushed_and_each_next_one(kind: str, writer: Writer, replica: Path, url: str) -> None:
    """A reader that runs through it sees the new generation; with nothing new nothing is fetched or sent."""
    storage = Storage(url if kind == "file" else f"memory://{uuid.uuid4().hex}/a")
    assert follow(replica, storage) is None
    first = writer.push(storage)
    assert (first.moved, first.number, first.sent) == (True, 1, first.bytes)
    pulled = follow(replica, storage)
    assert pulled is not None
    assert (pulled.number, pulled.index, pulled.bytes) == (1, first.index, first.bytes)
    reader = LiveGeneration(replica / "generations", MODEL, poll_seconds=0)
    with reader.lease() as generation:
        assert len(generation.dense.search([1.0] * 16, 5)) == 1
        writer.publish()
        assert writer.push(storage).moved
        assert not writer.push(storage).moved
        assert follow(replica, storage) is not None
        assert follow(replica, storage) is None
        with reader.lease() as newer:
            assert (newer.manifest.number, newer.dense.count()) == (2, 2)
        assert len(generation.dense.search([1.0] * 16, 5)) == 1
    reader.close()
    assert all(not verdict.faults for verdict in verify(storage))


def test_what_the_storage_has_is_not_sent_again(writer: Writer, storage: Storage) -> None:
    """Content that an older generation brought there, under another name or the same."""
    writer.push(storage)
    writer.publish()
    second = writer.push(storage)
    assert 0 < second.sent < second.bytes
    assert not writer.push(storage).moved
    third = writer.push(storage, force=True)
    assert third.sent == third.bytes


def test_both_sides_keep_two_generations(writer: Writer, storage: Storage, replica: Path) -> None:
    """Others are deleted, in the storage once the time of grace is over; objects that one of the two needs stay."""
    for _ in range(4):
        writer.publish()
        writer.push(storage)
        follow(replica, storage)
    assert [s.number for s in list_snapshots(storage)] == [2, 3, 4, 5]  # a slow replica may still be at them
    assert Generations(replica / "generations").numbers() == [4, 5]
    writer.publish()
    writer.push(storage, grace=0)
    assert [(s.number, s.live) for s in list_snapshots(storage)] == [(5, False), (6, True)]
    assert all(not verdict.faults for verdict in verify(storage))
    needed = {f.sha256 for s in list_snapshots(storage) for f in read_index(storage, s.index).files}
    assert set(storage.sizes("objects")) == needed


def test_a_rollback_at_the_writer_reaches_replicas(writer: Writer, storage: Storage, replica: Path) -> None:
    """The pointer goes back to the older number; what the replica still has is not fetched again; then on again."""
    writer.push(storage)
    follow(replica, storage)
    writer.publish()
    writer.push(storage)
    follow(replica, storage)
    writer.generations.rollback(revision="r")
    assert writer.push(storage).number == 1
    back = follow(replica, storage)
    assert back is not None
    assert (back.number, passages(replica)) == (1, 1)
    writer.generations.rollback(2, revision="r")
    writer.push(storage)
    assert follow(replica, storage) is not None
    assert passages(replica) == 2


def test_a_number_does_not_tell_what_is_in_it(writer: Writer, storage: Storage, replica: Path, tmp_path: Path) -> None:
    """A writer that was built anew gives number 1 to other content: the replica's reader takes it up all the same."""
    writer.push(storage)
    follow(replica, storage)
    reader = LiveGeneration(replica / "generations", MODEL, poll_seconds=0)
    with reader.lease() as generation:
        old = generation.passages([generation.ids_at([0])[0]])[0].text
    anew = Writer(tmp_path / "anew", lineage="b" * 32, first="لقاحات")
    anew.publish()
    anew.push(storage, force=True)
    assert follow(replica, storage) is not None
    with reader.lease() as generation:
        assert generation.manifest.number == 1
        assert generation.passages([generation.ids_at([0])[0]])[0].text != old
    reader.close()


def test_two_writers_do_not_overwrite_each_other(writer: Writer, storage: Storage, tmp_path: Path) -> None:
    """Another catalogue is refused, and a copy of this one that lags behind; with force it takes over, once."""
    shutil.copytree(writer.data, tmp_path / "copy")
    copy = Writer(tmp_path / "copy", first="بذور")
    writer.push(storage)
    writer.publish()
    writer.push(storage)
    copy.publish()
    copy.publish()
    other = Writer(tmp_path / "other", lineage="b" * 32)
    other.publish()
    for stranger, said in ((copy, "another copy of this catalogue"), (other, "pushed by another catalogue")):
        with pytest.raises(OtherWriter, match=said):
            stranger.push(storage)
    pointer = read_pointer(storage)
    assert pointer is not None
    assert (pointer.lineage, pointer.number) == (writer.lineage, 2)
    other.push(storage, force=True)
    writer.publish()
    with pytest.raises(OtherWriter):
        writer.push(storage)
    other.publish()
    assert other.push(storage).moved


def test_a_push_that_another_overtook_is_refused(writer: Writer, storage: Storage, tmp_path: Path) -> None:
    """The pointer is looked at again right before it is written."""
    other = Writer(tmp_path / "other", lineage="b" * 32)
    other.publish()

    class _Overtaken(Storage):
        def write(self, key: str, content: bytes) -> None:
            if key.startswith("indexes/"):
                other.push(storage, force=True)
            super().write(key, content)

    with pytest.raises(OtherWriter):
        writer.push(_Overtaken(f"file://{tmp_path}/storage"))
    pointer = read_pointer(storage)
    assert pointer is not None
    assert pointer.lineage == other.lineage


def test_a_killed_push_leaves_the_former_snapshot_and_goes_on_where_it_was(
    writer: Writer, storage: Storage, url: str, replica: Path, tmp_path: Path
) -> None:
    """kill -9 in the middle: replicas see the old generation; the next push sends the rest alone."""
    writer.push(storage)
    follow(replica, storage)
    writer.publish()
    before = len(storage.sizes("objects"))
    _killed("push", writer.data, url, lambda: len(storage.sizes("objects")) >= before + 4)
    assert follow(replica, storage) is None
    assert all(not verdict.faults for verdict in verify(storage))
    pointer = read_pointer(storage)
    assert pointer is not None
    assert pointer.number == 1
    there = storage.sizes("objects").keys()
    rest = writer.push(storage)
    assert rest.files == len(storage.sizes("objects").keys() - there)
    assert 0 < rest.sent < rest.bytes
    assert follow(replica, storage) is not None
    assert passages(replica) == 2


def test_a_killed_pull_goes_on_where_it_was(writer: Writer, storage: Storage, url: str, replica: Path) -> None:
    """kill -9 in the middle: nothing is live that is not whole, and what was fetched is not fetched again."""
    pushed = writer.push(storage)
    _killed("pull", replica, url, lambda: sum(map(_size, replica.glob("incoming/*/**/*"))) > 0)
    assert Generations(replica / "generations").current() is None
    done = follow(replica, storage)
    assert done is not None
    assert done.bytes < pushed.bytes
    assert passages(replica) == 1


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _killed(what: str, data: Path, url: str, far_enough: Callable[[], bool]) -> None:
    process = subprocess.Popen([sys.executable, "-c", _SLOWED, what, str(data), url], cwd=_ROOT)
    try:
        until = time.monotonic() + 60
        while not far_enough():
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_a_part_of_a_file_is_gone_on_with(writer: Writer, storage: Storage, replica: Path) -> None:
    """What is there of a file is kept; where it was damaged meanwhile, the file is fetched once more."""
    writer.push(storage)
    pointer = read_pointer(storage)
    assert pointer is not None
    whole = writer.generations.current()
    assert whole is not None
    place = replica / "incoming" / pointer.folder
    place.mkdir(parents=True)
    (place / "manifest.json").write_bytes((whole / "manifest.json").read_bytes()[:40])
    (place / "passages.db").write_bytes(b"\0" * 100)
    (place / "left over").touch()
    assert follow(replica, storage) is not None
    assert passages(replica) == 1
    live = Generations(replica / "generations").current()
    assert live is not None
    assert not (live / "left over").exists()


def test_a_writer_never_pulls(writer: Writer, storage: Storage, replica: Path) -> None:
    """A folder with a catalogue makes its own generations; without one it is a replica where a URL is set or was."""
    writer.push(storage)
    assert [role(replica, u) for u in ("memory://a", None)] == ["replica", "writer"]
    follow(replica, storage)
    assert role(replica, None) == "replica"
    (replica / "catalogue.db").touch()
    assert role(replica, "memory://a") == "writer"
    with pytest.raises(NoReplica):
        follow(replica, storage)


def test_nothing_is_pushed_of_nothing(storage: Storage, tmp_path: Path) -> None:
    """No pointer appears."""
    with pytest.raises(NoGeneration):
        Writer(tmp_path / "empty").push(storage)
    assert read_pointer(storage) is None


def test_a_file_that_changes_while_it_is_sent_is_sent_again(writer: Writer, tmp_path: Path, replica: Path) -> None:
    """Chroma writes when a reader on the writer's machine opens a generation: no mixture reaches a replica."""
    opened: list[LiveGeneration] = []

    class _Busy(Storage):
        def upload(self, file: Path, key: str) -> None:
            if not opened:
                opened.append(LiveGeneration(writer.data / "generations", MODEL))
                with opened[0].lease() as generation:
                    generation.dense.search([1.0] * 16, 1)
            super().upload(file, key)

    storage = _Busy(f"file://{tmp_path}/storage")
    writer.push(storage)
    opened[0].close()
    assert all(not verdict.faults for verdict in verify(storage))
    assert follow(replica, storage) is not None
