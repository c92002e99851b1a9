"""The few things that are asked of an object store, over fsspec and obstore; every fault of it becomes a StorageFault."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from vectorstore.errors import StorageFault

_CLOUDS = frozenset({"s3", "s3a", "gs", "az", "azure", "abfs", "abfss"})
"""Read and written by obstore (the extra `snapshots`) where it is installed, else by fsspec's own drivers."""
_WHOLE = _CLOUDS | {"gcs", "memory", "oss", "oci"}
"""Protocols whose objects appear whole or not at all; elsewhere (a shared folder) they are written aside and renamed."""


class Storage:
    """What lies below a URL, by keys such as `objects/<digest>`; safe to share between threads.

    Credentials come from the provider's own variables (AWS_*, GOOGLE_*, AZURE_*) or from fsspec's configuration.
    Raises StorageFault for an unknown protocol or a driver that is not installed.
    """

    def __init__(self, url: str) -> None:
        self.name = _shown(url)
        protocol = url.partition("://")[0].lower() if "://" in url else "file"
        self._whole = protocol in _WHOLE
        with self._faults("open"):
            self._fs, root = _opened(protocol, url)
        self._root = root.rstrip("/")

    def read(self, key: str, limit: int) -> bytes | None:
        """The content of a small object, None where there is none. Raises StorageFault, also for one beyond the limit."""
        with self._faults(key):
            try:
                found = self._fs.cat_file(self._path(key), start=0, end=limit + 1)
            except FileNotFoundError:
                return None
        if len(found) > limit:
            raise StorageFault(self.name, f"{key}: more than {limit} bytes")
        return bytes(found)

    def part(self, key: str, start: int, end: int) -> bytes | None:
        """The bytes of an object from start to end, fewer where it is shorter, None where there is none."""
        with self._faults(key):
            try:
                return bytes(self._fs.cat_file(self._path(key), start=start, end=end))
            except FileNotFoundError:
                return None

    def write(self, key: str, content: bytes) -> None:
        """Put a small object in place, whole or not at all."""
        with self._faults(key), self._aside(key) as path:
            self._fs.pipe_file(path, content)

    def upload(self, file: Path, key: str) -> None:
        """Put a file in place, whole or not at all."""
        with self._faults(key), self._aside(key) as path:
            self._fs.put_file(str(file), path)

    def sizes(self, folder: str) -> dict[str, int]:
        """The size of each object of a folder by its name there."""
        with self._faults(folder):
            try:
                found = self._fs.find(self._path(folder), detail=True)
            except FileNotFoundError:
                return {}
        return {path.rsplit("/", 1)[1]: int(about["size"] or 0) for path, about in found.items()}

    def written(self, key: str) -> datetime:
        """When an object was last written; long ago where the store does not tell."""
        with self._faults(key):
            try:
                found: datetime = self._fs.modified(self._path(key))
            except (NotImplementedError, FileNotFoundError):
                return datetime.min.replace(tzinfo=UTC)
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is gone already is no fault."""
        for key in keys:
            with self._faults(key), suppress(FileNotFoundError):
                self._fs.rm_file(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}" if self._root else key

    @contextmanager
    def _aside(self, key: str) -> Iterator[str]:
        path = self._path(key)
        if self._whole:
            yield path
            return
        waiting = f"{path}.{uuid.uuid4().hex[:8]}.part"
        try:
            yield waiting
            self._fs.mv(waiting, path)
        except BaseException:
            if self._fs.exists(waiting):
                self._fs.rm_file(waiting)
            raise

    @contextmanager
    def _faults(self, key: str) -> Iterator[None]:
        try:
            yield
        except StorageFault:
            raise
        except ImportError as error:
            raise StorageFault(self.name, "its driver is not installed: pip install 'sanad[snapshots]'") from error
        except Exception as error:  # each provider's driver has errors of its own, OSError among them
            said = (str(error).strip().splitlines() or [""])[0][:300]
            raise StorageFault(self.name, f"{key}: {type(error).__name__}: {said}") from error


def _opened(protocol: str, url: str) -> tuple[Any, str]:
    """fsspec's file system for a URL (or what has its methods), and the path there."""
    if protocol in _CLOUDS and find_spec("obstore"):
        from vectorstore.replication.cloud import Cloud

        return Cloud(url), ""
    from fsspec.core import url_to_fs

    options: dict[str, Any] = {"auto_mkdir": True} if protocol in {"file", "local"} else {}
    # Listings are asked for anew each time: another machine changes them.
    found, root = url_to_fs(url, use_listings_cache=False, skip_instance_cache=True, **options)
    return found, str(root)


def _shown(url: str) -> str:
    """The URL without a user's name and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
