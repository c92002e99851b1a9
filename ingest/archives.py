"""Zip archives of releases, read without ever writing a member to disk."""

import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from ingest.errors import BadArchive

SEPARATOR = "!/"
"""Stands between an archive and its member in the name of a source."""

_MAX_MEMBERS = 20_000
_MAX_UNPACKED = 2_000_000_000
_MAX_RATIO = 200
_SUSPECT = 10_000_000
"""Bytes from which a member's ratio of packing is looked at; small texts pack well."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document in an archive by its stored name; `checksum` is its CRC-32."""

    name: str
    size: int
    checksum: int


def members(path: Path, suffixes: tuple[str, ...]) -> list[Member]:
    """The documents of an archive, hidden ones left out, in order of name. Raises BadArchive.

    Whatever a member's name is (`../`, a drive, control characters), it is a name only: nothing is unpacked to disk.
    """
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise BadArchive(path.name, "تالف أو ليس أرشيف zip", "broken, or no zip archive") from error
    if len(entries) > _MAX_MEMBERS:
        raise BadArchive(path.name, f"يحوي أكثر من {_MAX_MEMBERS} ملف", f"holds more than {_MAX_MEMBERS} files")
    wanted = [e for e in entries if _is_document(e, suffixes)]
    unpacked = sum(e.file_size for e in wanted)
    packed = max((e.file_size / max(1, e.compress_size) for e in wanted if e.file_size > _SUSPECT), default=0)
    if unpacked > _MAX_UNPACKED or packed > _MAX_RATIO:
        raise BadArchive(
            path.name, f"يتضخم إلى {unpacked / 1e6:.0f} ميغابايت عند فتحه", f"unpacks to {unpacked / 1e6:.0f} MB"
        )
    last = {e.filename: e for e in wanted}  # a name that stands twice is read as zip programs do: the last one counts
    return [Member(name, e.file_size, e.CRC) for name, e in sorted(last.items())]


def read_member(path: Path, name: str, max_bytes: int) -> bytes:
    """What a member holds. Raises BadArchive."""
    label = f"{path.name}{SEPARATOR}{name}"
    try:
        with ZipFile(path) as archive, archive.open(name) as file:
            data = file.read(max_bytes + 1)
    except (
        BadZipFile,
        OSError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
        EOFError,
    ) as error:
        raise BadArchive(label, "تالف أو محمي بكلمة سر", "broken, or protected by a password") from error
    if len(data) > max_bytes:
        raise BadArchive(label, f"أكبر من {max_bytes / 1e6:.0f} ميغابايت", f"larger than {max_bytes / 1e6:.0f} MB")
    return data


def _is_document(entry: ZipInfo, suffixes: tuple[str, ...]) -> bool:
    place = PurePosixPath(entry.filename.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts if part != "..")
    return not entry.is_dir() and not hidden and place.suffix.lower() in suffixes
