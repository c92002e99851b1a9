"""Reading documents in processes of their own, which are kept for many documents and replaced when one kills them."""

import json
import os
import queue
import select
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from ingest import errors
from ingest.archives import Member
from ingest.child import command
from ingest.errors import IngestError, ScannedDocument, TooCostly, UnreadableFile
from ingest.web.feeds import Link, Links
from ledger.release import Release, Span
from vectorstore.passage import Passage

_STARTING = 120.0
"""Seconds within which a process must be ready, on a machine that is very busy."""
_CLOCK = 6
"""Seconds by the clock for each second of processor time: other processes take their share."""
_AT_ONCE = 8
"""Documents that a process is asked for together, so that it need not wait for the next one."""
_AHEAD = 2
"""For each process, as many times as that are handed out before the first are asked back."""


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
        answer = self._ask({"op": "members", "name": path.name, "path": str(path)})
        return [Member(*row) for row in answer["members"]]

    def links(self, content: bytes, url: str) -> Links:
        """What a fetched document points to, if it is a feed or a sitemap. Raises TooCostly."""
        answer = self._ask({"op": "links", "name": url, "url": url}, content)
        return Links(answer["kind"], tuple(Link(*row) for row in answer["links"]))

    def read(self, job: Job) -> Document:
        """The document. Raises an IngestError: what the reader said of it, or TooCostly where it died of it."""
        outcome = self._read([job])[0]
        if isinstance(outcome, IngestError):
            raise outcome
        return outcome

    def read_all(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Document | IngestError]]:
        """Each job with its outcome, in order; some are read ahead."""
        waiting: deque[tuple[list[Job], Future[list[Document | IngestError]]]] = deque()
        rest = iter(jobs)
        with ThreadPoolExecutor(self._processes) as threads:
            while some := list(islice(rest, _AT_ONCE)):
                waiting.append((some, threads.submit(self._read, some)))
                if len(waiting) > _AHEAD * self._processes:
                    read, future = waiting.popleft()
                    yield from zip(read, future.result(), strict=True)
            for read, future in waiting:
                yield from zip(read, future.result(), strict=True)

    def _read(self, jobs: Sequence[Job], *, ocr: bool = False) -> list[Document | IngestError]:
        """The outcome of each job: what the reader said of it, TooCostly where a process died of it."""
        outcomes: list[Document | IngestError] = []
        while rest := jobs[len(outcomes) :]:
            some = list(takewhile(lambda job: job.data is None, rest)) or rest[:1]
            answers = self._ask_all([_request(job, ocr) for job in some], some[0].data, writes=ocr)
            for job, answer in zip(some, answers, strict=False):
                outcome = answer if isinstance(answer, IngestError) else _document(answer)
                outcomes.append(self._scanned(job) if isinstance(outcome, ScannedDocument) and self._ocr() else outcome)
        return outcomes

    def _scanned(self, job: Job) -> Document | IngestError:
        with self._lock:
            if self._scans is None:
                self._scans = Readers(1, OCR_LIMITS)
        return self._scans._read([job], ocr=True)[0]

    def _ask(self, request: dict[str, Any], data: bytes | None = None) -> dict[str, Any]:
        """The answer of a process. Raises the error that it reports, TooCostly where it died."""
        (answer,) = self._ask_all([request], data)
        if isinstance(answer, IngestError):
            raise answer
        return answer

    def _ask_all(
        self, requests: Sequence[dict[str, Any]], data: bytes | None = None, *, writes: bool = False
    ) -> list[dict[str, Any] | IngestError]:
        """The answers of a process; none after one with which it ended. `data` belongs to a request that is alone."""
        answers: list[dict[str, Any] | IngestError] = []
        idle, kept = self._idle.get(), None
        try:
            process = idle if idle is not None and idle.alive() else _Process(self._limits, writes=writes)
            process.ask(requests, data)
            for _ in requests:
                answer = process.answer()
                answers.append(error_of(answer) if "error" in answer else answer)
                if answer.get("last"):
                    process.end()
                    break
            else:
                kept = process  # only where all is answered: what is left would be taken for other documents
        except _Died as death:
            answers.append(TooCostly(requests[len(answers)]["name"], death.ar, death.en))
        except UnreadableFile as error:  # it did not start
            answers.append(error)
        finally:
            self._idle.put(kept)
        return answers


def _request(job: Job, ocr: bool) -> dict[str, Any]:
    request: dict[str, Any] = {"op": "read", "id": job.id, "name": job.name, "ocr": ocr}
    return request if job.path is None else request | {"path": str(job.path), "member": job.member}


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
        self._rest = b""
        try:
            self._write(json.dumps({"seconds": limits.seconds, "megabytes": limits.megabytes, "writes": writes}))
            self._receive(_STARTING)
        except _Died as error:
            raise UnreadableFile("reader", "تعذّر بدء عملية القراءة", "the reading process did not start") from error

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, requests: Sequence[dict[str, Any]], data: bytes | None) -> None:
        """Send requests; as many answers follow. They are one line, which is read before the first is answered, so that
        neither side waits for the other to read."""
        size = None if data is None else len(data)
        self._write(json.dumps({"requests": requests, "bytes": size}), data or b"")

    def answer(self) -> dict[str, Any]:
        """The next answer. Raises _Died."""
        return self._receive(2 + _CLOCK * self._limits.seconds)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue  # what was not sent any more

    def _write(self, line: str, data: bytes = b"") -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n" + data)
            self._process.stdin.flush()
        except OSError as error:
            raise self._death() from error

    def _receive(self, seconds: float) -> dict[str, Any]:
        """A line, within so many seconds."""
        assert self._process.stdout is not None
        handle, until, parts = self._process.stdout.fileno(), time.monotonic() + seconds, [self._rest]
        while b"\n" not in parts[-1]:
            ready, _, _ = select.select([handle], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                self.end()
                raise _Died("يستغرق وقتاً طويلاً", "takes too long")
            parts.append(os.read(handle, 1 << 16))
            if not parts[-1]:
                raise self._death()
        line, _, self._rest = b"".join(parts).partition(b"\n")
        answer: dict[str, Any] = json.loads(line.decode("utf-8", "surrogatepass"))
        return answer

    def _death(self) -> _Died:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = 0
        self.end()
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
