"""One ingest run: read what changed, keep it in the catalogue, embed what the cache lacks, publish a generation."""

import errno
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout
from langchain_core.embeddings import Embeddings

from ingest.catalogue import Catalogue, Entry
from ingest.errors import DiskFault, EmptySource, Locked, Replica
from ingest.proposals import Propose, ask_for_facts
from ingest.publish import publish, states
from ingest.pushing import unpushed
from ingest.readers import READERS
from ingest.reading import Readers
from ingest.report import Failure, Report
from ingest.sources import Sources, expand
from ingest.standing import Source, Web
from ingest.update import Changes, update_files
from ingest.update_web import Online, update_web
from ingest.web.fetch import Fetcher
from vectorstore.chroma_server import ChromaServer
from vectorstore.errors import NoGeneration
from vectorstore.generations import Generations
from vectorstore.replication.role import has_pulled

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Progress:
    """Called as work goes on: `files(done, of)`, `passages(done, of)` and `proposals(done, of)`, the last by release."""

    files: Callable[[int, int], None] = field(default=lambda _done, _of: None)
    passages: Callable[[int, int], None] = field(default=lambda _done, _of: None)
    proposals: Callable[[int, int], None] = field(default=lambda _done, _of: None)


def ingest(
    sources: Sequence[Source],
    *,
    data_dir: Path,
    embeddings: Embeddings,
    force: bool = False,
    rebuild: bool = False,
    progress: Progress | None = None,
    readers: Readers | None = None,
    online: Online | None = None,
    propose: Propose | None = None,
    snapshots: str | None = None,
    server: ChromaServer | None = None,
) -> Report:
    """Bring the corpus up to date with files, folders, archives, pages, feeds and sitemaps; publish what changed.

    `readers` open the documents and `online` fetches pages; the defaults are made for the run. `propose` is asked for
    facts that the rules missed in every release for which it was not asked yet. Vectors go to the `server`; what is live
    in the end is pushed to the URL `snapshots`. Raises Locked, Replica, EmptySource, TooMuchRemoved, DiskFault or
    ServerFault, and then the live generation is what it was; documents and pages that cannot be read are reported
    instead, and so is a push that failed.
    """
    began = time.monotonic()
    progress = progress or Progress()
    own = Readers() if readers is None else None
    try:
        with open_catalogue(data_dir) as catalogue:
            run = catalogue.start_run()
            report = _update(catalogue, sources, readers or own, online, force, progress)
            if propose is not None:
                report = replace(report, unanswered=ask_for_facts(catalogue, propose, progress.proposals))
            report = publish(
                catalogue, data_dir, embeddings, report, rebuild=rebuild, count=progress.passages, server=server
            )
            report = replace(report, unpushed=unpushed(catalogue, data_dir, snapshots))
            report = replace(report, seconds=time.monotonic() - began)
            catalogue.finish_run(run, str(report.to_dict()))
            return report
    finally:
        if own is not None:
            own.close()


def _update(
    catalogue: Catalogue,
    sources: Sequence[Source],
    readers: Readers | None,
    online: Online | None,
    force: bool,
    progress: Progress,
) -> Report:
    """Bring the catalogue up to date."""
    assert readers is not None
    changes = Changes()
    paths = [source for source in sources if isinstance(source, Path)]
    found = expand(paths, tuple(READERS), readers.members)
    pages = [source for source in sources if not isinstance(source, Path)] + [Web(url) for url in found.urls]
    if (
        paths
        and not found.urls
        and not found.items
        and not found.unreadable
        and not (force and _known(catalogue, found))
    ):
        raise EmptySource(", ".join(map(str, paths)), " ".join((*READERS, ".zip")))
    if paths:
        update_files(catalogue, found, readers, changes, force=force, count=progress.files)
    if pages:
        update_web(catalogue, pages, online or Online(Fetcher()), readers, changes, progress.files)
    return changes.report()


def _known(catalogue: Catalogue, found: Sources) -> bool:
    return any(found.covers(source) for source in catalogue.entries())


def remove_releases(
    ids: Iterable[str],
    *,
    data_dir: Path,
    embeddings: Embeddings,
    server: ChromaServer | None = None,
    snapshots: str | None = None,
) -> Report:
    """Forget releases, publish and push. Raises KeyError naming the first unknown id, Locked, Replica or DiskFault."""
    began = time.monotonic()
    wanted = tuple(ids)
    with open_catalogue(data_dir) as catalogue:
        known = {e.id for e in catalogue.entries().values()}
        for name in wanted:
            if name not in known:
                raise KeyError(name)
        with catalogue.transaction():
            catalogue.remove(wanted)
        removed = Report(removed=wanted)
        report = publish(
            catalogue, data_dir, embeddings, removed, rebuild=False, count=Progress().passages, server=server
        )
        return replace(report, unpushed=unpushed(catalogue, data_dir, snapshots), seconds=time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Generation `to` is live in place of `left`; `gone`, `back` and `other` are the releases that are no longer
    there, are there again, or have their former text. `unpushed` tells why replicas have not gone back too."""

    left: int
    to: int
    releases: int
    gone: tuple[str, ...]
    back: tuple[str, ...]
    other: tuple[str, ...]
    unpushed: Failure | None = None


def rollback(
    data_dir: Path, to: int | None = None, *, server: ChromaServer | None = None, snapshots: str | None = None
) -> RolledBack:
    """Make the generation before the live one (or generation `to`) live again, at once for every reader.

    The catalogue keeps what was ingested: a next run with nothing changed publishes nothing, one that changes the
    corpus publishes on from the catalogue and reports which releases the rollback had taken back (`Report.resumed`).
    `remove_releases` forgets them for good. Raises Locked, Replica, NoGeneration, NoSuchGeneration or DamagedGeneration.
    """
    if Generations(data_dir / "generations").current() is None:
        raise NoGeneration
    with open_catalogue(data_dir) as catalogue:
        generations = Generations(data_dir / "generations", server)
        before = states(generations.current())
        record = generations.rollback(to, revision=catalogue.revision())
        after = states(generations.current())
        return RolledBack(
            record.left,
            record.to,
            len(after),
            gone=tuple(sorted(before.keys() - after.keys())),
            back=tuple(sorted(after.keys() - before.keys())),
            other=tuple(sorted(n for n in before.keys() & after.keys() if before[n] != after[n])),
            unpushed=unpushed(catalogue, data_dir, snapshots),
        )


def list_releases(data_dir: Path) -> list[Entry]:
    """What has been ingested, in order of id."""
    if not (data_dir / "catalogue.db").exists():
        return []
    catalogue = Catalogue(data_dir / "catalogue.db")
    try:
        return sorted(catalogue.entries().values(), key=lambda e: e.id)
    finally:
        catalogue.close()


@contextmanager
def open_catalogue(data_dir: Path) -> Iterator[Catalogue]:
    """The catalogue for the one writer. Raises Locked, and Replica; faults of the disk become DiskFault."""
    try:
        with _locked(data_dir):
            if has_pulled(data_dir):
                raise Replica
            catalogue = Catalogue(data_dir / "catalogue.db")
            try:
                yield catalogue
            finally:
                catalogue.close()
    except sqlite3.OperationalError as error:
        raise DiskFault("catalogue.db", str(error)) from error
    except OSError as error:
        if error.errno is not None and error.errno not in _DISK and not isinstance(error, PermissionError):
            raise  # numpy and shutil say what a disk did not take without a number
        where = Path(error.filename).name if isinstance(error.filename, str) else data_dir.name
        raise DiskFault(where, error.strerror or "not all could be written") from error


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data_dir / "ingest.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise Locked from error
    try:
        yield
    finally:
        lock.release()
