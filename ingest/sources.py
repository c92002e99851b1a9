"""From the paths of a command to the documents to read: files, folders, zip archives, lists of URLs."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from stat import S_ISREG

from ingest.archives import SEPARATOR, Member
from ingest.errors import IngestError, UnreadableFile

_ARCHIVE = ".zip"
_LONGEST_NAME = 150
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")
"""Controls, marks that turn the reading order, halves of characters: no name shows these."""
_URL_LIST = 1_000_000
"""Bytes of the largest file that may be a list of URLs."""


@dataclass(frozen=True, slots=True)
class Item:
    """A document on disk. `source` is its name in the catalogue; `size` and `mtime` tell whether it changed (for a
    member of an archive its checksum stands for the time)."""

    source: str
    path: Path
    size: int
    mtime: int
    member: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of its name, from which releases are named."""
        if self.member is None:
            return self.path.parts
        inner = PurePosixPath(self.member.replace("\\", "/")).parts
        return (*self.path.parts, *(p for p in inner if p not in ("..", "/")))

    @property
    def name(self) -> str:
        """The file's own name, which is safe to show."""
        return shown(self.parts[-1])


@dataclass(frozen=True, slots=True)
class Sources:
    """`items` in order; what vanished below the `roots` is removed, but not below what was `unreadable`."""

    items: tuple[Item, ...]
    roots: tuple[str, ...]
    urls: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, IngestError], ...] = field(default=())

    def covers(self, source: str) -> bool:
        """Whether a source lies below one of the roots and could be seen if it were there."""
        return _below(source, self.roots) and not _below(source, [place for place, _ in self.unreadable])


def expand(
    paths: Iterable[Path], suffixes: Sequence[str], members: Callable[[Path], list[Member]] | None = None
) -> Sources:
    """Folders are walked; in them hidden files and unknown suffixes are passed over, a file named itself never is.

    `members` lists the documents of a zip archive; without it archives are passed over.
    """
    items: dict[str, Item] = {}
    roots: list[str] = []
    urls: dict[str, None] = {}
    unreadable: list[tuple[str, IngestError]] = []

    def add(path: Path) -> None:
        source = source_name(path)
        try:
            status = path.stat()
            if not S_ISREG(status.st_mode):
                raise UnreadableFile(shown(path.name), "ليس ملفاً عادياً", "not a regular file")
            if path.suffix.lower() == _ARCHIVE and members is not None:
                for member in members(path):
                    place = f"{source}{SEPARATOR}{shown(member.name, keep_slash=True)}"
                    items[place] = Item(place, path, member.size, member.checksum, member.name)
            else:
                items[source] = Item(source, path, status.st_size, status.st_mtime_ns)
        except IngestError as error:
            unreadable.append((source, error))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "cannot be opened"
            unreadable.append((source, UnreadableFile(shown(path.name), "تعذّر فتحه", reason)))

    def broken(error: OSError) -> None:
        place = source_name(Path(error.filename))
        fault = UnreadableFile(
            shown(Path(error.filename).name), "تعذّر فتح المجلد", error.strerror or "cannot be opened"
        )
        unreadable.append((place, fault))

    wanted = (*suffixes, _ARCHIVE) if members is not None else tuple(suffixes)
    for path in paths:
        resolved = _resolved(path)
        if _is_folder(resolved):
            roots.append(source_name(resolved))
            for folder, folders, files in os.walk(resolved, onerror=broken):
                folders[:] = sorted(f for f in folders if not f.startswith("."))
                for name in sorted(files):
                    if not name.startswith(".") and Path(name).suffix.lower() in wanted:
                        add(Path(folder) / name)
        elif listed := listed_urls(resolved):
            urls.update(dict.fromkeys(listed))
        else:
            roots.append(source_name(resolved))
            add(resolved)
    return Sources(tuple(items.values()), tuple(roots), tuple(urls), tuple(unreadable))


def listed_urls(path: Path) -> list[str]:
    """The URLs of a text file that holds nothing but URLs, one a line, and comments after #; none for other files."""
    try:
        if path.suffix.lower() not in (".txt", ".urls", ".list") or path.stat().st_size > _URL_LIST:
            return []
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except (OSError, ValueError):
        return []
    found = [line for line in lines if line and not line.startswith("#")]
    return found if found and all(re.fullmatch(r"https?://\S+", line) for line in found) else []


def shown(name: str, *, keep_slash: bool = False) -> str:
    """A name without what could disguise it; never empty, never longer than 150 characters."""
    clean = _UNSAFE.sub("_", unicodedata.normalize("NFC", name))
    clean = clean if keep_slash else clean.replace("/", "_")
    if len(clean) > _LONGEST_NAME:
        suffix = PurePosixPath(clean).suffix[:10]
        clean = f"{clean[: _LONGEST_NAME - 20]}~{sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}{suffix}"
    return clean or "_"


def source_name(path: Path) -> str:
    """How the catalogue knows a path: as it is, bytes that are no UTF-8 as escapes."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def free_name(parts: Sequence[str], source: str, taken: dict[str, str]) -> str:
    """The shortest ending of a path that no other release has."""
    clean = [shown(part) for part in parts if part not in ("/", "")]
    for size in range(1, min(len(clean), 6) + 1):
        name = "/".join(clean[-size:])
        if len(name) <= 2 * _LONGEST_NAME and name not in taken:
            return name
    return f"{clean[-1]}#{sha256(source.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _below(source: str, places: Iterable[str]) -> bool:
    return any(source == place or source.startswith((place.rstrip("/") + "/", place + SEPARATOR)) for place in places)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL, or links in a circle
        return path.absolute()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
