"""What lies in the storage, and whether it is whole."""

import hashlib
from dataclasses import dataclass

from vectorstore.errors import DamagedSnapshot
from vectorstore.replication.index import File, object_key, read_index, read_pointer
from vectorstore.replication.storage import Storage

_PART = 8 << 20


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A generation in the storage; `fault` tells what is wrong with its index, and then the rest is unknown."""

    index: str
    live: bool
    number: int = 0
    lineage: str = ""
    created: str = ""
    releases: int = 0
    passages: int = 0
    bytes: int = 0
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` are the objects that are missing or damaged; none for a generation that is whole."""

    index: str
    number: int
    live: bool
    files: int
    faults: tuple[str, ...]


def list_snapshots(storage: Storage) -> list[Snapshot]:
    """The generations in the storage, by number. Raises StorageFault, DamagedSnapshot for the pointer."""
    pointer = read_pointer(storage)
    live = pointer.index if pointer else None
    there = {name.removesuffix(".json") for name in storage.sizes("indexes") if name.endswith(".json")}
    names = there | ({live} if live else set())
    found = []
    for name in sorted(names):
        try:
            index = read_index(storage, name)
        except DamagedSnapshot as error:
            found.append(Snapshot(name, name == live, fault=error.message_en))
            continue
        about = index.about
        found.append(
            Snapshot(
                name, name == live, index.number, index.lineage, str(about.get("created", "")),
                int(about.get("releases", 0)), int(about.get("passages", 0)), index.bytes,
            )
        )  # fmt: skip
    return sorted(found, key=lambda snapshot: (snapshot.number, snapshot.created))


def verify(storage: Storage, *, quick: bool = False) -> list[Verdict]:
    """Look at every object of every generation: its size, and its content unless `quick`. Raises as list_snapshots."""
    sizes = storage.sizes("objects")
    sound: dict[str, str | None] = {}
    verdicts = []
    for snapshot in list_snapshots(storage):
        if snapshot.fault is not None:
            verdicts.append(Verdict(snapshot.index, 0, snapshot.live, 0, (snapshot.fault,)))
            continue
        files = read_index(storage, snapshot.index).files
        for file in files:
            if file.sha256 not in sound:
                sound[file.sha256] = _fault(storage, file, sizes.get(file.sha256), quick=quick)
        faults = tuple(f"{file.path}: {said}" for file in files if (said := sound[file.sha256]))
        verdicts.append(Verdict(snapshot.index, snapshot.number, snapshot.live, len(files), faults))
    return verdicts


def _fault(storage: Storage, file: File, size: int | None, *, quick: bool) -> str | None:
    if size is None:
        return "missing"
    if size != file.size:
        return f"{size} bytes, expected {file.size}"
    if quick:
        return None
    hashed, at = hashlib.sha256(), 0
    while at < size and (part := storage.part(object_key(file.sha256), at, min(at + _PART, size))):
        hashed.update(part)
        at += len(part)
    return None if hashed.hexdigest() == file.sha256 else "its content is not what was pushed"
