"""What lies in the storage is not believed: a snapshot that is damaged, forged or of another version is never live."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.vectorstore.replicas import Writer, follow, passages
from vectorstore.errors import (
    DamagedSnapshot,
    SnapshotError,
    UnfitSnapshot,
)
from vectorstore.generations import Generations
from vectorstore.replication import pull as pulling
from vectorstore.replication.index import POINTER, index_key, read_index, read_pointer
from vectorstore.replication.look import verify
from vectorstore.replication.storage import Storage


def _object(folder: Path, path: str, storage: Storage) -> Path:
    """Where a file of the live snapshot lies in a storage that is a folder."""
    pointer = read_pointer(storage)
    assert pointer is not None
    found = next(f for f in read_index(storage, pointer.index).files if f.path == path)
    return folder / "storage" / "objects" / found.sha256


def _flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(_flipped(path.read_bytes())),
        lambda path: path.write_bytes(path.read_bytes()[:-7]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["flipped", "cut", "empty", "missing"],
)
def test_a_damaged_snapshot_is_never_swapped_in(
    damage: Callable[[Path], None], writer: Writer, storage: Storage, replica: Path, tmp_path: Path
) -> None:
    """One object is not what was pushed: the old generation serves on, the check names it, a forced push mends it."""
    writer.push(storage)
    follow(replica, storage)
    writer.publish()
    writer.push(storage)
    damage(_object(tmp_path, "passages.db", storage))
    for _ in range(2):
        with pytest.raises(DamagedSnapshot, match=r"passages\.db"):
            follow(replica, storage)
    assert passages(replica) == 1
    assert [bool(v.faults) for v in verify(storage)] == [False, True]
    writer.push(storage, force=True)
    assert follow(replica, storage) is not None
    assert passages(replica) == 2


def test_a_snapshot_whose_files_do_not_agree_is_refused(writer: Writer, storage: Storage, replica: Path) -> None:
    """Digests alone do not make a generation: it is opened and counted before it is live."""
    live = writer.generations.current()
    assert live is not None
    shutil.rmtree(live / "chroma")
    writer.push(storage)
    with pytest.raises(DamagedSnapshot, match="no vectors"):
        follow(replica, storage)
    assert Generations(replica / "generations").current() is None


def test_a_pointer_to_a_generation_that_is_gone(writer: Writer, storage: Storage, replica: Path) -> None:
    """And one that is no pointer, or of a later format: said so, nothing changes."""
    writer.push(storage)
    follow(replica, storage)
    writer.publish()
    pushed = writer.push(storage)
    storage.delete([index_key(pushed.index)])
    with pytest.raises(DamagedSnapshot, match="missing"):
        follow(replica, storage)
    for content in (b"", b"{", b"[]", b"x" * 100_000, json.dumps({"format": 2}).encode()):
        storage.write(POINTER, content)
        with pytest.raises(SnapshotError):
            follow(replica, storage)
        with pytest.raises(SnapshotError):
            writer.push(storage)
    assert passages(replica) == 1
    assert writer.push(storage, force=True).moved
    assert follow(replica, storage) is not None


@pytest.mark.parametrize(
    "path",
    ["../evil", "/etc/evil", "a/../../evil", "a//evil", "./evil", "c:\\evil", "a\\..\\evil", "a:evil", "a\x00b", "a\nb", "",
     "manifest.json", "MANIFEST.json"],
)  # fmt: skip
def test_no_path_of_an_index_leaves_the_generation(path: str, writer: Writer, storage: Storage, replica: Path) -> None:
    """Whoever may write to the storage still cannot write elsewhere on a replica, nor two files over each other."""
    writer.push(storage)
    _change_index(storage, lambda index: index["files"].append({**index["files"][0], "path": path}))
    with pytest.raises(DamagedSnapshot):
        follow(replica, storage)
    assert not (replica / "incoming").exists()


@pytest.mark.parametrize("size", [-1, 10**15, "5", 1.5])
def test_no_more_is_fetched_than_an_index_may_ask_for(
    size: Any, writer: Writer, storage: Storage, replica: Path
) -> None:
    """A size that is none, and one that no disk here has room for, are refused before anything is fetched."""
    writer.push(storage)
    _change_index(storage, lambda index: index["files"][0].update(size=size))
    with pytest.raises(SnapshotError):
        follow(replica, storage)
    assert not [path for path in replica.glob("incoming/*/**/*") if path.is_file()]


def _change_index(storage: Storage, change: Callable[[dict[str, Any]], object]) -> None:
    pointer = read_pointer(storage)
    assert pointer is not None
    index = json.loads(storage.read(index_key(pointer.index), 1 << 20) or b"")
    change(index)
    content = json.dumps(index).encode()
    digest = hashlib.sha256(content).hexdigest()
    storage.write(index_key(digest), content)
    storage.write(POINTER, pointer.model_copy(update={"index": digest}).model_dump_json().encode())


def test_what_this_machine_could_not_read_is_not_fetched(writer: Writer, storage: Storage, replica: Path) -> None:
    """Another model, analyser or format: replicas that are not brought up to date yet serve on what they have."""
    writer.push(storage)
    with pytest.raises(UnfitSnapshot, match="hashed"):
        pulling.pull(replica, storage, embedding="another")
    for change in ({"analyzer": "0"}, {"format": 99}, {"novel": 1}):
        writer.push(storage, force=True)
        _change_index(storage, lambda index, change=change: index["about"].update(change))  # type: ignore[misc]
        with pytest.raises(UnfitSnapshot):
            follow(replica, storage)
    assert not (replica / "incoming").exists()
