"""The dense side in a Chroma server or Chroma Cloud: each generation is a collection, filled once and then only read.

Locally a server has no `fork`, so that every generation is filled anew, from the cache of embeddings. The server may be
killed at any time: what it was given shortly before may be damaged, a published collection is not written any more.
"""

import json
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vectorstore.dense import SPACE, DenseIndex
from vectorstore.errors import ServerFault, VectorsMissing, VectorStoreError

_CONNECT_SECONDS, _ASK_SECONDS, _WRITE_SECONDS = 1.0, 3.0, 120.0
_PAUSE_SECONDS = 5.0
"""So long after a fault no question waits for the server."""
_FLOATS = 2_000_000
"""Numbers in one request: as text some 25 MB, of the 40 MB that a server takes."""
NOTE = "chroma.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """Where a generation's vectors lie, kept in its folder; `url` is the address under which they were written.

    `dimension` is 0 until they are.
    """

    url: str
    tenant: str
    database: str
    collection: str
    dimension: int = 0

    def write(self, folder: Path) -> None:
        """Save as chroma.json."""
        (folder / NOTE).write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Note | None":
        """Of a generation, None where its vectors lie in its folder. Raises OSError, ValueError or TypeError."""
        try:
            return cls(**json.loads((folder / NOTE).read_text("utf-8")))
        except FileNotFoundError:
            return None


class ChromaServer:
    """A server by its URL. `key` is sent as X-Chroma-Token, which Chroma Cloud asks for and a proxy may."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        tenant: str = "default_tenant",
        database: str = "default_database",
        prefix: str = "sanad",
    ) -> None:
        self.url, self.tenant, self.database, self.prefix = url.rstrip("/"), tenant, database, prefix
        self._missed = 0
        self._headers = {"X-Chroma-Token": key} if key else {}
        self._until, self._lock = 0.0, threading.Lock()

    def new_note(self, number: int) -> Note:
        """A name that no collection has."""
        return Note(self.url, self.tenant, self.database, f"{self.prefix}-{number}-{uuid.uuid4().hex[:12]}")

    def create(self, note: Note) -> DenseIndex:
        """An empty collection to write to. Raises ServerFault."""
        client = self._client(_WRITE_SECONDS)
        try:
            with reaching(self.url):
                collection = client.create_collection(
                    note.collection, embedding_function=None, configuration={"hnsw": {"space": SPACE, "ef_search": 100}}
                )
            return _Remote(self.url, client, collection)
        except BaseException:
            _let_go(client)
            raise

    def open(self, note: Note, vectors: int | None = None, *, patient: bool = False) -> DenseIndex:
        """The collection of a generation, which must hold so many `vectors`. Raises ServerFault or VectorsMissing."""
        client = self._client(_WRITE_SECONDS if patient else _ASK_SECONDS)
        try:
            with reaching(self.url, note.collection):
                collection = client.get_collection(note.collection, embedding_function=None)
            settings = collection.configuration_json
            space = (settings.get("hnsw") or settings.get("spann") or {}).get("space")  # the latter in Chroma Cloud
            if space != SPACE:
                raise VectorsMissing(self.url, note.collection, f"vector space {space}, expected {SPACE}")
            index = _Remote(self.url, client, collection)
            if vectors is not None and index.count() != vectors:
                raise VectorsMissing(self.url, note.collection, f"{index.count()} vectors, expected {vectors}")
            if note.dimension and (found := len(index.first())) != note.dimension:
                raise VectorsMissing(self.url, note.collection, f"{found} dimensions, expected {note.dimension}")
        except BaseException:
            _let_go(client)
            raise
        return index

    def delete(self, name: str) -> None:
        """Delete a collection, if it is there and has our prefix. Raises ServerFault."""
        if not name.startswith(f"{self.prefix}-"):
            return
        client = self._client(_WRITE_SECONDS)
        try:
            with reaching(self.url, name):
                client.delete_collection(name)
        except VectorsMissing:
            pass
        finally:
            _let_go(client)

    def holds(self, note: Note, vectors: int) -> bool:
        """Whether a generation's collection is there, complete, and finds one of its own. Raises ServerFault."""
        try:
            index = self.open(note, vectors, patient=True)
            try:
                return bool(index.search(index.first(), 1))
            finally:
                index.close()
        except VectorsMissing:
            return False

    def version(self) -> str:
        """What the server says of itself. Raises ServerFault."""
        client = self._client(_ASK_SECONDS)
        try:
            with reaching(self.url):
                return str(client.get_version())
        finally:
            _let_go(client)

    def resting(self) -> bool:
        """Whether a fault was met just now; once in a while one caller is told no, and tries again."""
        with self._lock:
            if time.monotonic() >= self._until:
                if self._until:
                    self._until = time.monotonic() + _PAUSE_SECONDS
                return False
            self._missed += 1
            return True

    def met(self, fault: VectorStoreError | None) -> None:
        """Note how a search ended; a change is logged."""
        with self._lock:
            was, self._until = self._until, time.monotonic() + _PAUSE_SECONDS if fault else 0.0
            self._missed += fault is not None
        if fault and not was:
            _log.warning("the vectors cannot be searched, words alone answer: %s", fault.message_en)
        elif was and not fault:
            _log.warning("the vectors are searched again")

    def missed(self) -> int:
        """How many searches words alone had to answer since this was last asked."""
        with self._lock:
            missed, self._missed = self._missed, 0
        return missed

    def _client(self, seconds: float) -> Any:
        import chromadb
        import httpx
        from chromadb.config import Settings

        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        bound = httpx.Timeout(seconds, connect=_CONNECT_SECONDS)
        with reaching(self.url):
            # The client waits without end while it is made: first see whether anybody answers.
            answer = httpx.get(f"{self.url}/api/v2/heartbeat", headers=self._headers, timeout=_ASK_SECONDS)
            answer.raise_for_status()
            client: Any = chromadb.HttpClient(
                parts.hostname or "", parts.port or (443 if secure else 80), secure, dict(self._headers),
                Settings(anonymized_telemetry=False), self.tenant, self.database,
            )  # fmt: skip
            client._server._session.timeout = bound
        return client


class _Remote(DenseIndex):
    """A collection over HTTP. Every call raises ServerFault or VectorsMissing in place of what the client raises."""

    def __init__(self, url: str, client: Any, collection: Any) -> None:
        self._url, self._client, self._collection = url, client, collection
        self._total: int | None = None
        with self._guarded():
            self._page = self._batch = int(client.get_max_batch_size())

    def close(self) -> None:
        """Let go of the connections."""
        _let_go(self._client)

    def _guarded(self) -> AbstractContextManager[None]:
        return reaching(self._url, self._collection.name)

    def _writing(self) -> AbstractContextManager[None]:
        return reaching(self._url)

    def _step(self, dimension: int) -> int:
        return max(1, min(self._batch, _FLOATS // max(1, dimension)))


def _let_go(client: Any) -> None:
    """Close a client, and the connections, which its own `close` leaves open; it holds a second one for its set-up."""
    sessions = [part._server._session for part in (client, client._admin_client)]
    client.close()
    for session in sessions:
        session.close()


@contextmanager
def reaching(url: str, collection: str = "") -> Iterator[None]:
    """Whatever goes wrong on the way to a server as a fault of our own; of a `collection` that is read, what it lacks too."""
    from chromadb.errors import InternalError, InvalidArgumentError, InvalidDimensionException, NotFoundError

    try:
        yield
    except VectorStoreError:
        raise
    except (NotFoundError, InternalError, InvalidArgumentError, InvalidDimensionException) as error:
        if not collection:
            raise ServerFault(url, _said(error)) from error
        raise VectorsMissing(url, collection, _said(error)) from error
    except Exception as error:  # httpx's, the client's own, and plain ones with the server's words
        raise ServerFault(url, _said(error)) from error


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
