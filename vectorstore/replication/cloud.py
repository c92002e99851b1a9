"""S3-compatible, Google and Azure storage through obstore, by the few methods of fsspec that Storage calls.

Not through obstore's own fsspec class: its event loop made one in a dozen short processes abort at their end (0.12.1).
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from obstore.store import from_url

_CLIENT: Any = {"connect_timeout": "5s", "timeout": "60s", "allow_http": True}
"""Who sets an http:// endpoint means it."""
_RETRY: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
"""A request takes a minute at most, and so long faults of the server are tried again."""


class Cloud:
    """What lies below a URL; paths are relative to it. Missing objects raise FileNotFoundError, other faults obstore's."""

    def __init__(self, url: str) -> None:
        self._store: Any = from_url(url, client_options=_CLIENT, retry_config=_RETRY)

    def cat_file(self, path: str, *, start: int, end: int) -> bytes:
        """The bytes from start to end, fewer where the object is shorter."""
        return bytes(self._store.get_range(path, start=start, end=end))

    def pipe_file(self, path: str, content: bytes) -> None:
        """Put bytes."""
        self._store.put(path, content)

    def put_file(self, file: str, path: str) -> None:
        """Put a file, a large one in parts that appear together."""
        self._store.put(path, Path(file))

    def find(self, path: str, *, detail: bool) -> dict[str, dict[str, Any]]:
        """What lies below a path."""
        assert detail
        return {found["path"]: found for found in self._store.list(path).collect()}

    def modified(self, path: str) -> datetime:
        """When an object was written."""
        found: datetime = self._store.head(path)["last_modified"]
        return found

    def rm_file(self, path: str) -> None:
        """Remove an object."""
        self._store.delete(path)
