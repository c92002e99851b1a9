"""Reading documents in processes of their own, which are kept for many documents and replaced when one kills them."""

import json
import queue
import select
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest import errors
from ingest.archives import Member
from ingest.child import command
from ingest.errors import IngestError, TooCostly
from ingest.web.feeds import Link, Links
from ledger.release import Release, Span
from vectorstore.passage import Passage

_STARTING = 120.0
"""Seconds within which a process must be ready, on a machine that is very busy."""
_CLOCK = 6
"""Seconds by the clock for each second of processor time: other processes take their share."""
_AHEAD = 4
"""Documents for each process that are handed out before the first is asked back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take; `seconds` of processor time."""

    seconds: int = 4
    megabytes: int = 1024


OCR_LIMITS = Limits(seconds=120, megabytes=2048)


@dataclass(frozen=True, slots=True)
class Job:
    """A document to read: a file, a member of an archive, or `data`; `name` has the suffix that names its kind."""

    id: str
    name: str
    path: Path | None = None
    member: str | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read: its release, its passages, the SHA-256 of its bytes and their number."""

    release: Release
    passages: tuple[Passage, ...]
    digest: str
    size: int


class Readers:
    """A few reading processes, started when they are first needed. Safe to share between threads; close it.

    `ocr` tells whether scanned PDFs can be read by OCR; it is asked when the first one comes.
    """

    def __init__(
        self, processes: int = 2, limits: Limits | None = None, *, ocr: Callable[[], bool] = lambda: False
    ) -> None:
        self._limits, self._ocr, self._processes = limits or Limits(), ocr, processes
        self._idle: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._scans: Readers | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        for _ in range(self._processes):
            process = self._idle.get()
            if process is not None:
                process.end()
        for _ in range(self._processes):
            self._idle.put(None)
        if self._scans is not None:
            self._scans.close()

    def members(self, path: Path) -> list[Member]:
        """The documents of a zip archive. Raises BadArchive or TooCostly."""
        answer = self._ask({"op": "members", "name": path.name, "path": str(path)}, None)
        return [Member(*row) for row in answer["members"]]

    def links(self, content: bytes, url: str) -> Links:
        """What a fetched document points to, if it is a feed or a sitemap. Raises TooCostly."""
        answer = self._ask({"op": "links", "name": url, "url": url}, content)
        return Links(answer["kind"], tuple(Link(*row) for row in answer["links"]))

    def read(self, job: Job) -> Document:
        """The document. Raises an IngestError: what the reader said of it, or TooCostly where it died of it."""
        try:
            return self._read(job, ocr=False)
        except errors.ScannedDocument:
            if not self._ocr():
                raise
        with self._lock:
            if self._scans is None:
                self._scans = Readers(1, OCR_LIMITS)
        return self._scans._read(job, ocr=True)

    def read_all(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Document | IngestError]]:
        """Each job with its outcome, in order; some are read ahead."""
        waiting: deque[tuple[Job, Future[Document]]] = deque()
        with ThreadPoolExecutor(self._processes) as threads:
            for job in jobs:
                waiting.append((job, threads.submit(self.read, job)))
                if len(waiting) > _AHEAD * self._processes:
                    yield _outcome(*waiting.popleft())
            while waiting:
                yield _outcome(*waiting.popleft())

    def _read(self, job: Job, *, ocr: bool) -> Document:
        request: dict[str, Any] = {"op": "read", "id": job.id, "name": job.name, "ocr": ocr}
        if job.path is not None:
            request |= {"path": str(job.path), "member": job.member}
        return _document(self._ask(request, job.data, writes=ocr))

    def _ask(self, request: dict[str, Any], data: bytes | None, *, writes: bool = False) -> dict[str, Any]:
        """The answer of a process. Raises the error that it reports, TooCostly where it died."""
        process = self._idle.get()
        try:
            if process is None or not process.alive():
                process = _Process(self._limits, writes=writes)
            answer = process.ask(request, data)
            if answer.get("last"):
                process.end()
                process = None
        except _Died as death:
            process = None
            raise TooCostly(request["name"], death.ar, death.en) from death
        finally:
            self._idle.put(process)
        if "error" in answer:
            raise error_of(answer)
        return answer


def _outcome(job: Job, future: "Future[Document]") -> tuple[Job, Document | IngestError]:
    try:
        return job, future.result()
    except IngestError as error:
        return job, error


class _Died(Exception):
    """A process that did not answer, and what that says of the document."""

    def __init__(self, ar: str, en: str) -> None:
        super().__init__(en)
        self.ar, self.en = ar, en


class _Process:
    def __init__(self, limits: Limits, *, writes: bool) -> None:
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and code
            command("ingest.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONUTF8": "1", "OMP_THREAD_LIMIT": "1"},  # no tokens within reach of what is read
        )
        self._write(json.dumps({"seconds": limits.seconds, "megabytes": limits.megabytes, "writes": writes}), None)
        try:
            self._receive(time.monotonic() + _STARTING)
        except _Died as error:
            self.end()
            raise errors.UnreadableFile(
                "reader", "تعذّر بدء عملية القراءة", "the reading process did not start"
            ) from error

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], data: bytes | None) -> dict[str, Any]:
        if data is not None:
            request = request | {"bytes": len(data)}
        try:
            self._write(json.dumps(request), data)
            return self._receive(time.monotonic() + 2 + _CLOCK * self._limits.seconds)
        except _Died:
            self.end()
            raise

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue  # what was not sent any more

    def _write(self, line: str, data: bytes | None) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n" + (data or b""))
            self._process.stdin.flush()
        except OSError as error:
            raise self._death() from error

    def _receive(self, deadline: float) -> dict[str, Any]:
        head = self._bytes(8, deadline)
        answer: dict[str, Any] = json.loads(self._bytes(int.from_bytes(head, "big"), deadline))
        return answer

    def _bytes(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        handle, parts, have = self._process.stdout.fileno(), [], 0
        while have < count:
            ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _Died("يستغرق وقتاً طويلاً", "takes too long")
            part = self._process.stdout.read1(min(count - have, 1 << 20))  # type: ignore[attr-defined]
            if not part:
                raise self._death()
            parts.append(part)
            have += len(part)
        return b"".join(parts)

    def _death(self) -> _Died:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = 0
        if code in (-24, -9):  # SIGXCPU; SIGKILL at the hard limit
            return _Died("يستغرق وقتاً طويلاً", f"takes more than {self._limits.seconds} s to read")
        return _Died("يحتاج إلى ذاكرة كبيرة أو تالف", f"broken, or needs more than {self._limits.megabytes} MB")


def error_of(answer: dict[str, Any]) -> IngestError:
    """The error that the process met, of its own class."""
    kind = getattr(errors, answer["error"], IngestError)
    error: IngestError = kind.__new__(kind)
    IngestError.__init__(error, answer["ar"], answer["en"])
    return error


def _document(answer: dict[str, Any]) -> Document:
    row = answer["release"]
    release = Release(
        row["id"],
        row["text"],
        row["title"],
        tuple(Span(a, b) for a, b in row["body"]),
        headline=Span(*row["headline"]) if row["headline"] else None,
        date=date.fromisoformat(row["date"]) if row["date"] else None,
        publisher=row["publisher"],
        url=row["url"],
        language=row["language"],
    )
    passages = tuple(
        Passage(id_, release.id, a, b, release.text[a:b], release.title) for id_, a, b in answer["passages"]
    )
    return Document(release, passages, answer["digest"], answer["size"])
