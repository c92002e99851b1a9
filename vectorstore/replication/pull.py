"""The replica's side: the generation that the pointer names, fetched, checked and swapped in."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from arabic.analyzer import ANALYZER_VERSION
from vectorstore.errors import DamagedGeneration, DamagedSnapshot, NoReplica, ReplicaFault, UnfitSnapshot
from vectorstore.generations import Generations
from vectorstore.manifest import FORMAT, Manifest
from vectorstore.replication.index import File, Index, Pointer, digest, object_key, read_index, read_pointer
from vectorstore.replication.push import in_parallel
from vectorstore.replication.storage import Storage
from vectorstore.snapshot import check_files, sync_folder, sync_tree

_PART = 8 << 20
"""Bytes fetched at once of a file; what has come so far is kept when the rest fails."""
_SPARE = 64 << 20
"""Bytes that stay free on the disk, for the bot's own database."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """The generation that is live now; `bytes` were fetched, none where the replica still had it."""

    number: int
    index: str
    files: int
    bytes: int
    seconds: float


class _Stopped(Exception):
    """The process ends; what was fetched stays for the next time."""


def pull(
    data_dir: Path, storage: Storage, *, embedding: str | None = None, stop: threading.Event | None = None
) -> Pulled | None:
    """Make the generation that the pointer names the live one; None where it is, where there is none, or when stopped.

    `embedding` is the fingerprint of the model that will read it. Files that an earlier try fetched are not fetched
    again. Raises NoReplica, UnfitSnapshot, DamagedSnapshot, StorageFault or ReplicaFault, and the live generation is
    then what it was.
    """
    began = time.monotonic()
    stop = stop or threading.Event()
    if (data_dir / "catalogue.db").exists():
        raise NoReplica
    generations = Generations(data_dir / "generations")
    if _newest(generations, storage) is None:
        return None
    try:
        with _locked(data_dir, stop):
            if (data_dir / "catalogue.db").exists():
                raise NoReplica
            pointer = _newest(generations, storage)
            if pointer is None:  # another process was faster
                return None
            index = read_index(storage, pointer.index)
            _check_fit(index, embedding)
            fetched = [] if _have(generations, pointer) else _fetch(index, pointer, storage, data_dir, stop)
            generations.take(pointer.folder)
    except _Stopped:
        return None
    except OSError as error:
        shutil.rmtree(data_dir / "incoming", ignore_errors=True)  # a full disk is not left fuller
        raise ReplicaFault(error.strerror or str(error)) from error
    size = sum(file.size for file in fetched)
    return Pulled(pointer.number, pointer.index, len(fetched), size, time.monotonic() - began)


def _newest(generations: Generations, storage: Storage) -> Pointer | None:
    """The pointer where it names another generation than the live one."""
    pointer, live = read_pointer(storage), generations.current()
    return None if pointer is None or (live is not None and live.name == pointer.folder) else pointer


@contextmanager
def _locked(data_dir: Path, stop: threading.Event) -> Iterator[None]:
    """The writer's lock: a first ingest and a first pull cannot both have the folder. Raises _Stopped."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data_dir / "ingest.lock")
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if stop.wait(0.5):
                raise _Stopped from None
        else:
            break
    try:
        yield
    finally:
        lock.release()


def _check_fit(index: Index, embedding: str | None) -> None:
    """Raise UnfitSnapshot before anything is fetched that this machine could not read."""
    manifest = index.manifest()
    if manifest is None or manifest.format != FORMAT:
        raise UnfitSnapshot(index.number, f"format {index.about.get('format')}", f"format {FORMAT}")
    if manifest.analyzer != ANALYZER_VERSION:
        raise UnfitSnapshot(index.number, f"analyser {manifest.analyzer}", f"analyser {ANALYZER_VERSION}")
    if embedding is not None and manifest.embedding != embedding:
        raise UnfitSnapshot(index.number, manifest.embedding, embedding)


def _have(generations: Generations, pointer: Pointer) -> bool:
    """Whether the generation is on disk, whole: the writer went back to it, or the process ended before the swap."""
    folder = generations.root / pointer.folder
    if not folder.is_dir():
        return False
    try:
        check_files(folder, ask_server=False)
    except DamagedGeneration:
        shutil.rmtree(folder)
        return False
    return True


def _fetch(index: Index, pointer: Pointer, storage: Storage, data_dir: Path, stop: threading.Event) -> list[File]:
    """Bring a generation into its place, checked and on the disk; the files that were fetched."""
    folder = data_dir / "incoming" / pointer.folder
    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other)
    wanted = {folder / file.path: file for file in index.files}
    for path in [p for p in folder.rglob("*") if not p.is_dir() or p.is_symlink()]:
        if path not in wanted or path.is_symlink():
            path.unlink()
    _check_room(folder, index.bytes)
    fetched: list[File] = []

    def fetch(file: File) -> None:
        if _file(storage, file, folder / file.path, stop):
            fetched.append(file)

    in_parallel(fetch, index.files)
    _check(folder, index, pointer)
    sync_tree(folder)
    root = data_dir / "generations"
    root.mkdir(exist_ok=True)
    os.replace(folder, root / pointer.folder)
    sync_folder(root)
    return fetched


def _check_room(folder: Path, size: int) -> None:
    there = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if size - there + _SPARE > free:
        shutil.rmtree(folder)
        raise ReplicaFault(f"{(size - there + _SPARE) / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free")


def _file(storage: Storage, file: File, path: Path, stop: threading.Event) -> bool:
    """Have a file in its place with its content; False where it was there. Raises DamagedSnapshot, _Stopped, OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.stat().st_size if path.exists() else 0
    if begun and begun == file.size and digest(path) == file.sha256:
        return False
    if begun >= file.size:
        path.unlink(missing_ok=True)
        begun = 0
    _rest(storage, file, path, stop)
    if digest(path) != file.sha256 and begun:  # what an earlier try left may have suffered when the machine went down
        path.unlink()
        _rest(storage, file, path, stop)
    if digest(path) != file.sha256:
        path.unlink()
        raise DamagedSnapshot(f"{object_key(file.sha256)} ({file.path})", "its content is not what was pushed")
    return True


def _rest(storage: Storage, file: File, path: Path, stop: threading.Event) -> None:
    """Fetch what a file lacks, never more than the index says."""
    key = object_key(file.sha256)
    with path.open("ab") as out:
        while (at := out.tell()) < file.size:
            if stop.is_set():
                raise _Stopped
            end = min(at + _PART, file.size)
            part = storage.part(key, at, end)
            if not part or len(part) > end - at:
                what = "missing" if part is None else f"not the {file.size} bytes that were pushed"
                raise DamagedSnapshot(f"{key} ({file.path})", what)
            out.write(part)


def _check(folder: Path, index: Index, pointer: Pointer) -> None:
    """Open everything as a reader would. Raises DamagedSnapshot, and nothing of it is kept."""
    try:
        if (
            check_files(folder, ask_server=False) != index.manifest()
            or digest(folder / "manifest.json") != pointer.manifest
        ):
            raise DamagedGeneration(folder.name, "its manifest is not that of the index")
        Manifest.read(folder)
    except DamagedGeneration as error:
        shutil.rmtree(folder)
        raise DamagedSnapshot(pointer.folder, error.message_en) from error
