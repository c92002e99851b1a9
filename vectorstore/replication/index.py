"""What lies in the storage beside the files: the pointer and the indexes, checked when they are read."""

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from vectorstore.errors import DamagedSnapshot
from vectorstore.manifest import Manifest
from vectorstore.replication.storage import Storage

POINTER = "CURRENT.json"
_FORMAT = 1
_POINTER_BYTES, _INDEX_BYTES, _FILES = 64 << 10, 16 << 20, 20_000
"""More than that is no pointer and no index of ours."""
_CHUNK = 1 << 20


def _inside(path: str) -> str:
    """A relative path that stays below its folder on any system."""
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts) or not path.isprintable() or set(path) & set('\\:*?"<>|'):
        raise ValueError("not a path within a generation")
    return path


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class File(_Read):
    """A file of a generation; `path` is relative to its folder."""

    path: Annotated[str, AfterValidator(_inside)]
    size: Annotated[int, Field(ge=0)]
    sha256: Sha256


class Index(_Read):
    """All that a generation consists of. `about` is its manifest, so that what it needs is known before it is fetched."""

    format: Annotated[int, Field(ge=1)] = _FORMAT
    lineage: str
    number: Annotated[int, Field(ge=1)]
    about: dict[str, Any]
    files: Annotated[list[File], Field(max_length=_FILES)]

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(file.size for file in self.files)

    def manifest(self) -> Manifest | None:
        """The generation's manifest, None where a later version wrote it."""
        try:
            return Manifest(**self.about)
        except TypeError:
            return None


class Superseded(_Read):
    """An index that the pointer named until then (ISO 8601, UTC); a slow reader may still be at it."""

    index: Sha256
    until: str


class Pointer(_Read):
    """Which generation is live, who pushed it and what was live before. `manifest` is the digest of its manifest.json,
    by which the writer knows its own generations again."""

    format: Annotated[int, Field(ge=1)] = _FORMAT
    lineage: str
    number: Annotated[int, Field(ge=1)]
    index: Sha256
    manifest: Sha256
    pushed: str
    history: list[Superseded] = []

    @property
    def folder(self) -> str:
        """The name of the generation's folder at a replica."""
        return f"{self.number}.{self.index[:16]}"

    def age(self) -> float:
        """Seconds since it was pushed, by the clocks of both machines."""
        return (datetime.now(UTC) - datetime.fromisoformat(self.pushed)).total_seconds()


Model = TypeVar("Model", Index, Pointer)


def read_pointer(storage: Storage) -> Pointer | None:
    """The pointer, None before the first push. Raises StorageFault, DamagedSnapshot."""
    content = storage.read(POINTER, _POINTER_BYTES)
    return None if content is None else _parsed(Pointer, content, POINTER)


def read_index(storage: Storage, digest: str) -> Index:
    """The index of that digest. Raises StorageFault, DamagedSnapshot."""
    key = index_key(digest)
    content = storage.read(key, _INDEX_BYTES)
    if content is None:
        raise DamagedSnapshot(key, "missing")
    if hashlib.sha256(content).hexdigest() != digest:
        raise DamagedSnapshot(key, "its content is not what was pushed")
    index = _parsed(Index, content, key)
    folded = [str(PurePosixPath(file.path)).casefold() for file in index.files]
    if len(set(folded)) != len(folded):
        raise DamagedSnapshot(key, "two files of one name")
    return index


def _parsed(model: type[Model], content: bytes, key: str) -> Model:
    try:
        found = model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise DamagedSnapshot(key, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if found.format != _FORMAT:
        raise DamagedSnapshot(key, f"format {found.format}, this version reads {_FORMAT}")
    return found


def index_of(folder: Path, lineage: str) -> Index:
    """The index of a generation on disk; every file is read. Raises OSError."""
    manifest = Manifest.read(folder)
    files = [
        File(path=path.relative_to(folder).as_posix(), size=path.stat().st_size, sha256=digest(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return Index(lineage=lineage, number=manifest.number, about=asdict(manifest), files=files)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def index_key(index: str) -> str:
    """Where the index of a digest lies."""
    return f"indexes/{index}.json"


def object_key(sha256: str) -> str:
    """Where the file of a digest lies."""
    return f"objects/{sha256}"
