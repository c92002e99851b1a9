"""The writer's side: the live generation into the storage, files first, pointer last."""

import hashlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from vectorstore.errors import DamagedGeneration, DamagedSnapshot, NoGeneration, OtherWriter, StorageFault
from vectorstore.generations import Generations
from vectorstore.replication.index import (
    POINTER,
    File,
    Index,
    Pointer,
    Superseded,
    digest,
    index_key,
    index_of,
    object_key,
    read_index,
    read_pointer,
)
from vectorstore.replication.storage import Storage

GRACE = 3600.0
"""Seconds for which a slow replica may still fetch a generation that the pointer has left."""
AT_ONCE = 4
"""Files on their way at the same time."""
_TRIES = 5

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Pushed:
    """`moved` tells whether the pointer is new; `sent` counts bytes and `files` files that had to be sent of `bytes`.

    `manifest` is what the writer remembers as its last push.
    """

    number: int
    index: str
    manifest: str
    moved: bool
    files: int
    sent: int
    bytes: int
    seconds: float


def push(
    generations: Generations,
    storage: Storage,
    *,
    lineage: str,
    base: str | None,
    force: bool = False,
    grace: float = GRACE,
) -> Pushed:
    """Bring the live generation into the storage and point to it; nothing where that is so already.

    `lineage` tells catalogues apart, `base` is the `Pushed.manifest` of the last push. What a killed push has brought
    there is not sent again. With `force` the pointer is taken over whoever set it, and every file is sent again. Only
    one push of a data folder runs at a time, which the caller ensures. Raises NoGeneration, OtherWriter, StorageFault,
    DamagedSnapshot, OSError.
    """
    began = time.monotonic()
    live = generations.current()
    if live is None:
        raise NoGeneration
    manifest = digest(live / "manifest.json")
    before = _pointer(storage, force=force)
    if before is not None and not force:
        if (before.lineage, before.manifest) == (lineage, manifest):
            return Pushed(before.number, before.index, manifest, False, 0, 0, 0, time.monotonic() - began)
        known = {base, *(digest(path) for path in generations.root.glob("*/manifest.json"))}
        if before.lineage != lineage or before.manifest not in known:
            raise OtherWriter(before.number, before.pushed, same_lineage=before.lineage == lineage)
    index, sent = _send(live, storage, lineage, again=force)
    content = index.model_dump_json(indent=1).encode()
    name = hashlib.sha256(content).hexdigest()
    storage.write(index_key(name), content)
    now = datetime.now(UTC)
    if not force and (there := read_pointer(storage)) != before and there is not None:
        raise OtherWriter(there.number, there.pushed, same_lineage=there.lineage == lineage)
    pointer = Pointer(
        lineage=lineage, number=index.number, index=name, manifest=manifest,
        pushed=now.isoformat(timespec="seconds"), history=_history(before, name, now, grace),
    )  # fmt: skip
    storage.write(POINTER, pointer.model_dump_json(indent=1).encode())
    with suppress(StorageFault):  # it is pushed all the same, and the next push prunes again
        _prune(storage, pointer, now - timedelta(seconds=grace))
    files, size = len(sent), sum(file.size for file in sent)
    return Pushed(index.number, name, manifest, True, files, size, index.bytes, time.monotonic() - began)


def _pointer(storage: Storage, *, force: bool) -> Pointer | None:
    try:
        return read_pointer(storage)
    except DamagedSnapshot:
        if not force:
            raise
        return None


def _send(live: Path, storage: Storage, lineage: str, *, again: bool) -> tuple[Index, list[File]]:
    """The index of the generation, all of its files being in the storage, and those that had to be sent; all `again`.

    A reader on this machine that opens the generation for the first time makes Chroma write into its files: then it
    is gone through once more.
    """
    for _ in range(_TRIES):
        state, index = _state(live), index_of(live, lineage)
        there = {} if again else storage.sizes("objects")
        missing = {file.sha256: file for file in index.files if there.get(file.sha256) != file.size}
        in_parallel(lambda file: storage.upload(live / file.path, object_key(file.sha256)), missing.values())
        if _state(live) == state:
            return index, list(missing.values())
        storage.delete(map(object_key, missing))  # their names may not tell what is in them
        time.sleep(1)
    raise DamagedGeneration(live.name, "its files change while they are read")


def _state(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: ((s := path.stat()).st_size, s.st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def in_parallel(work: Callable[[Item], None], items: Iterable[Item]) -> None:
    """Do the work for each item, a few at a time. After the first fault nothing more is begun, and it is raised."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="snapshots") as pool:
        waiting = [pool.submit(work, item) for item in items]
        try:
            for done in as_completed(waiting):
                done.result()
        except BaseException:
            for future in waiting:
                future.cancel()
            raise


def _history(before: Pointer | None, index: str, now: datetime, grace: float) -> list[Superseded]:
    """What was live before, newest first: the last one, and those that were left within the time of grace."""
    if before is None:
        return []
    last = [Superseded(index=before.index, until=now.isoformat(timespec="seconds"))] if before.index != index else []
    found = [entry for entry in (*last, *before.history) if entry.index != index]
    since = now - timedelta(seconds=grace)
    return [entry for place, entry in enumerate(found) if place == 0 or datetime.fromisoformat(entry.until) > since]


def _prune(storage: Storage, pointer: Pointer, since: datetime) -> None:
    """Delete what neither the pointer nor its history needs and what no push can be at: it was written before `since`."""
    kept = {pointer.index, *(entry.index for entry in pointer.history)}
    needed: set[str] = set()
    for name in kept:
        try:
            needed |= {file.sha256 for file in read_index(storage, name).files}
        except DamagedSnapshot:
            continue  # nobody can fetch it
    keys = [f"indexes/{name}" for name in storage.sizes("indexes") if name.removesuffix(".json") not in kept]
    keys += [f"objects/{name}" for name in storage.sizes("objects") if name not in needed]
    storage.delete([key for key in keys if storage.written(key) <= since])
