"""Reading and embedding spread over a Ray cluster; this process alone writes.

Ray's core is enough for that, and what ray[data] adds (Arrow, pandas, blocks) would carry a list of texts around. The
nodes have this very version of Sanad with what it depends on; documents reach them as bytes and are opened there in the
same processes under the same limits as here.
"""

import os
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from ingest.archives import Member
from ingest.cluster_pool import Pool
from ingest.errors import ClusterFault, IngestError, RayMissing
from ingest.readers import MAX_BYTES, file_bytes
from ingest.reading import Document, Job, Limits, Readers, error_of
from ingest.web.feeds import Links
from vectorstore.embeddings import Vectors, embed, fingerprint, load_embeddings
from vectorstore.errors import VectorStoreError

_FEW = 64
"""Documents that are read here: starting workers would take longer."""
_DOCUMENTS, _BYTES = 16, 1_000_000
"""What goes to a worker at once, and is read again where one dies."""
_HELD = 200_000_000
"""Bytes of documents that are under way in all; a single one may have fifty million."""
_TEXTS = 256
_STORE = 200_000_000
"""Bytes of shared memory of a cluster that is started here: a few batches each way."""

_KNOCK_SECONDS = 10.0

Outcome = Document | dict[str, str]
"""A document, or what ingest.reading.error_of makes an error of."""


class EmbeddingWorker:
    """A model in a process of the cluster."""

    def __init__(self, model: str | None, device: str) -> None:
        self._name, self._device = model, device

    def ready(self) -> dict[str, Any]:
        """Load the model; what identifies it, or in `error` why it cannot be loaded."""
        try:
            self._model = load_embeddings(self._name, device=self._device)
        except VectorStoreError as error:
            return {"error": (error.message_ar, error.message_en)}
        return {"pid": os.getpid(), "version": fingerprint(self._model)}

    def work(self, texts: list[str]) -> Vectors:
        """Unit vectors of passages."""
        return embed(self._model, texts)


class ReadingWorker:
    """A process of the cluster that hands documents to a reader beside it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def ready(self) -> dict[str, Any]:
        """The version of what is read here."""
        from ingest.readers import ocr
        from ingest.update import READER_VERSION

        self._readers = Readers(1, self._limits, ocr=ocr.available)
        return {"pid": os.getpid(), "version": READER_VERSION}

    def work(self, documents: list[tuple[str, str, bytes]]) -> list[Outcome]:
        """Each document, or the class and the messages of the error that it is."""
        return [self._read(Job(id_, name, data=data)) for id_, name, data in documents]

    def _read(self, job: Job) -> Outcome:
        try:
            return self._readers.read(job)
        except IngestError as error:
            return {"error": type(error).__name__, "ar": error.message_ar, "en": error.message_en}


class Cluster:
    """A connection to a Ray cluster, or one on this machine for `local`. As a context it ends both.

    `auto` is the cluster that this machine belongs to, host:port its head, ray://host:port any cluster by Ray's client.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._closing = ExitStack()

    def __enter__(self) -> "Cluster":
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # read when Ray is imported; so are the others
        os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
        options: dict[str, Any] = {}
        if self._address == "local":
            os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # Ray's name for «on 127.0.0.1 only», on Linux too
            options = {"include_dashboard": False, "object_store_memory": _STORE}
        try:
            import ray
        except ImportError as error:
            raise RayMissing from error
        try:
            _knock(self._address)
            ray.init(self._address, configure_logging=False, log_to_driver=False, **options)
        except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:  # OSError: no connection in time
            raise _fault(self._address, error) from error
        self._closing.callback(ray.shutdown)
        resources = ray.cluster_resources()
        self.gpus = int(resources.get("GPU", 0))
        self.workers = max(1, int(resources.get("CPU", 1)) - 1)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def readers(self, local: Readers, limits: Limits) -> "ClusterReaders":
        """Readers that give many documents to the cluster and all else to `local`."""
        return ClusterReaders(self, local, limits)

    def embeddings(self, model: str | None, device: str) -> "ClusterEmbeddings":
        """The model on every GPU of the cluster, or on its processors where it has none."""
        return ClusterEmbeddings(self, model, device)

    def reading_pool(self, limits: Limits) -> Pool:
        """Reading workers; close it."""
        from ingest.update import READER_VERSION

        return Pool(ReadingWorker, (limits,), self.workers, version=READER_VERSION)

    def embedding_pool(self, model: str | None, device: str) -> Pool:
        """Embedding workers, which live as long as the connection; the bundled model has no use for a GPU."""
        version = None if model else fingerprint(load_embeddings())
        if self.gpus and model:
            pool = Pool(EmbeddingWorker, (model, "cuda"), self.gpus, gpus=1, version=version)
        else:
            pool = Pool(EmbeddingWorker, (model, device), self.workers, version=version)
        self._closing.callback(pool.close)
        return pool


def _knock(address: str) -> None:
    """See that somebody listens at host:port: Ray itself would try for minutes. Raises OSError."""
    host, _, port = address.rpartition(":")
    if "/" not in host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), _KNOCK_SECONDS).close()


def _fault(address: str, error: Exception) -> ClusterFault:
    said = (str(error) or type(error).__name__).strip().splitlines()[0][:200]
    return ClusterFault(f"لا اتصال بالعنوان {address} ({said})", f"no connection to {address} ({said})")


@dataclass(slots=True)
class _Group:
    """Consecutive documents: `sent` to the cluster, or to be read here; with what became of them."""

    jobs: list[Job]
    sent: list[tuple[str, str, bytes]] | None
    size: int = 0
    outcomes: list[Outcome] | None = None


class ClusterReaders(Readers):
    """Readers whose `read_all` gives the documents of a large run to a cluster.

    Members of archives are read here, where the archive is; so is what cannot be sent.
    """

    def __init__(self, cluster: Cluster, local: Readers, limits: Limits) -> None:
        super().__init__(0)
        self._cluster, self._local, self._worker_limits = cluster, local, limits

    def members(self, path: Path) -> list[Member]:
        """The documents of a zip archive, which is opened here."""
        return self._local.members(path)

    def links(self, content: bytes, url: str) -> Links:
        """What a fetched document points to."""
        return self._local.links(content, url)

    def read(self, job: Job) -> Document:
        """A single document is read here."""
        return self._local.read(job)

    def read_all(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Document | IngestError]]:
        """Each job with its outcome, in order; some are read ahead. Raises ClusterFault."""
        source = iter(jobs)
        first = list(islice(source, _FEW))
        if len(first) < _FEW:
            yield from self._local.read_all(first)
            return
        pool = self._cluster.reading_pool(self._worker_limits)
        try:
            yield from self._spread(pool, _groups(chain(first, source)))
        finally:
            pool.close()

    def _spread(self, pool: Pool, groups: Iterator[_Group]) -> Iterator[tuple[Job, Document | IngestError]]:
        order: deque[_Group] = deque()
        more = True
        while True:
            while more and len(order) < 2 * pool.limit and sum(group.size for group in order) < _HELD:
                group = next(groups, None)
                if group is None:
                    more = False
                    break
                order.append(group)
                if group.sent is not None:
                    pool.submit(group, group.sent)
            if not order:
                return
            head = order[0]
            if head.sent is None:
                order.popleft()
                yield from self._local.read_all(head.jobs)
            elif head.outcomes is not None:
                order.popleft()
                for job, outcome in zip(head.jobs, head.outcomes, strict=True):
                    yield job, outcome if isinstance(outcome, Document) else error_of(outcome)
            else:
                done, outcomes = pool.next()
                done.sent, done.size, done.outcomes = [], 0, outcomes


def _groups(jobs: Iterable[Job]) -> Iterator[_Group]:
    """The jobs in order, in groups that are sent as one or read here."""
    group = _Group([], [])
    for job in jobs:
        data = _data(job)
        here = data is None
        if group.jobs and (here != (group.sent is None) or len(group.jobs) >= _DOCUMENTS or group.size >= _BYTES):
            yield group
            group = _Group([], [])
        group.jobs.append(job)
        if data is None:
            group.sent = None
        elif group.sent is not None:
            group.sent.append((job.id, job.name, data))
            group.size += len(data)
    if group.jobs:
        yield group


def _data(job: Job) -> bytes | None:
    """The bytes of a document, None for one that is read here: a member, or a file of which the reader tells what is wrong."""
    if job.data is not None or job.path is None:
        return job.data
    if job.member is not None:
        return None
    try:
        return file_bytes(job.path, MAX_BYTES)
    except IngestError:
        return None


class ClusterEmbeddings(Embeddings):
    """A model on a cluster, for passages. The first worker tells which model that is."""

    def __init__(self, cluster: Cluster, model: str | None, device: str) -> None:
        self._cluster, self._model, self._device = cluster, model, device

    @cached_property
    def pool(self) -> Pool:
        """The workers, started when the first is needed."""
        return self._cluster.embedding_pool(self._model, self._device)

    @cached_property
    def fingerprint(self) -> str:
        """The model's own: the same as where it runs in one process."""
        return self.pool.version if self._model else fingerprint(load_embeddings())

    def stream(self, texts: Iterable[str]) -> Iterator[tuple[list[str], Vectors]]:
        """Batches with their vectors as they are done. Raises ClusterFault."""
        source = iter(texts)
        while True:
            while len(self.pool) < self.pool.limit and (part := list(islice(source, _TEXTS))):
                self.pool.submit(part, part)
            if not len(self.pool):
                return
            yield self.pool.next()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of passages."""
        found = {text: row for part, vectors in self.stream(texts) for text, row in zip(part, vectors, strict=True)}
        return [found[text].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question, by the model in this process: a cluster is no place to wait for one."""
        return load_embeddings(self._model, device=self._device).embed_query(text)
