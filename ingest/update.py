"""The first half of an ingest run: what changed in the sources comes into the catalogue."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.archives import SEPARATOR
from ingest.catalogue import Catalogue, Entry
from ingest.errors import IngestError, TooMuchRemoved, UnreadableFile
from ingest.readers import MAX_BYTES
from ingest.reading import Document, Job, Readers
from ingest.report import Failure, Report
from ingest.sources import Item, Sources, free_name

READER_VERSION = "4"
"""Changes when readers or the splitter change what they return: every file is then read again."""

MAX_SHRINK = 0.2
"""A run that would remove a larger share of the corpus is refused without force."""

Count = Callable[[int, int], None]


@dataclass(slots=True)
class Changes:
    """What a run has done to the catalogue so far, by release."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    def fail(self, name: str, error: IngestError) -> None:
        """Note a document that could not be ingested."""
        self.failed.append(Failure(name, error.message_ar, error.message_en))

    def report(self) -> Report:
        """As a report without figures."""
        return Report(
            added=tuple(self.added),
            changed=tuple(self.changed),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            renamed=tuple(self.renamed),
            duplicates=tuple(self.duplicates),
            failed=tuple(self.failed),
        )


def update_files(
    catalogue: Catalogue, sources: Sources, readers: Readers, changes: Changes, *, force: bool, count: Count
) -> None:
    """Read new and changed documents into the catalogue and forget vanished ones, all in one transaction.

    Raises TooMuchRemoved, and then nothing has changed; documents that cannot be read are noted instead.
    """
    for place, error in sources.unreadable:
        changes.fail(Path(place).name, error)
    with catalogue.transaction():
        _Files(catalogue, sources, readers, changes, count).run(force)


class _Files:
    """One run over files: what is known, what was found, and which names are taken."""

    def __init__(
        self, catalogue: Catalogue, sources: Sources, readers: Readers, changes: Changes, count: Count
    ) -> None:
        self._catalogue, self._sources, self._readers, self._changes = catalogue, sources, readers, changes
        self._count = count
        self._known = catalogue.entries()
        self._present = {item.source for item in sources.items}
        self._gone = {s: e for s, e in self._known.items() if s not in self._present and sources.covers(s)}
        self._by_hash = {e.hash: e for e in self._known.values()}
        self._names = {e.id: e.source for e in self._known.values()}
        self._planned: dict[str, str] = {}  # digests of new documents that are being read, with their sources
        self._repeated: list[tuple[Item, str]] = []  # documents of the same bytes as one of these

    def run(self, force: bool) -> None:
        self._read(self._wanted(self._sources.items))
        for item, digest in self._repeated:
            twin = self._by_hash.get(digest)
            if twin is not None:
                self._changes.duplicates.append(f"{item.name} = {twin.id}")
            else:  # its twin could not be read, by another suffix perhaps
                self._read(iter([self._job(item)]))
        removed = [e.id for e in self._gone.values()]
        many = len(removed) > MAX_SHRINK * len(self._known) and len(removed) > len(self._changes.added)
        if removed and many and not force:
            raise TooMuchRemoved(len(removed), len(self._known))
        self._catalogue.remove(removed)
        self._changes.removed += removed

    def _wanted(self, items: Iterable[Item]) -> Iterator[tuple[Item, Job]]:
        """The documents that have to be read; what is said of the others is noted on the way."""
        for done, item in enumerate(items, 1):
            self._count(done, len(self._sources.items))
            try:
                digest = self._new_digest(item)
                if digest is not None and (found := self._decided(item, digest)) is not None:
                    yield found
            except IngestError as error:
                self._changes.fail(item.name, error)
            except OSError as error:
                fault = UnreadableFile(item.name, "تعذّر فتحه", error.strerror or "cannot be opened")
                self._changes.fail(item.name, fault)

    def _new_digest(self, item: Item) -> str | None:
        """The hash of a document's bytes, None if it is known to be as it was; empty for a member of an archive."""
        entry = self._known.get(item.source)
        if entry and (entry.size, entry.mtime, entry.reader) == (item.size, item.mtime, READER_VERSION):
            self._changes.unchanged.append(entry.id)
            return None
        if item.member is not None or item.size > MAX_BYTES:
            return ""
        digest = _digest(item.path)
        if entry and (entry.hash, entry.reader) == (digest, READER_VERSION):
            self._catalogue.touch(item.source, item.size, item.mtime)
            self._changes.unchanged.append(entry.id)
            return None
        return digest

    def _decided(self, item: Item, digest: str) -> tuple[Item, Job] | None:
        """The document as a job, unless it is one that moved or one that is there twice."""
        entry, twin = self._known.get(item.source), self._by_hash.get(digest)
        if digest and digest in self._planned:
            self._repeated.append((item, digest))
            return None
        if twin is not None and twin.source != item.source:
            if entry is None and self._is_gone(twin):
                self._move(twin, item)
                return None
            if not self._is_gone(twin):
                self._changes.duplicates.append(f"{item.name} = {twin.id}")
                return None
        if digest:
            self._planned[digest] = item.source
        return self._job(item)

    def _job(self, item: Item) -> tuple[Item, Job]:
        entry = self._known.get(item.source)
        name = entry.id if entry else free_name(item.parts, item.source, self._names)
        self._names[name] = item.source
        return item, Job(name, item.name, item.path, item.member)

    def _is_gone(self, entry: Entry) -> bool:
        """Whether a release's file is no longer where it was: below what is ingested now, or anywhere on this machine."""
        if entry.source in self._gone:
            return True
        place = entry.source.partition(SEPARATOR)[0]
        return place.startswith(os.sep) and entry.source not in self._present and not os.path.lexists(place)

    def _move(self, twin: Entry, item: Item) -> None:
        self._catalogue.move(twin.source, item.source, item.size, item.mtime)
        self._gone.pop(twin.source, None)
        moved = replace(twin, source=item.source, size=item.size, mtime=item.mtime)
        self._by_hash[twin.hash] = self._known[item.source] = moved
        self._changes.renamed.append(f"{twin.id} → {item.name}")

    def _read(self, wanted: Iterator[tuple[Item, Job]]) -> None:
        items: dict[str, Item] = {}

        def jobs() -> Iterator[Job]:
            for item, job in wanted:
                items[job.id] = item
                yield job

        for job, outcome in self._readers.read_all(jobs()):
            item = items.pop(job.id)
            if isinstance(outcome, IngestError):
                self._changes.fail(item.name, outcome)
            else:
                self._put(item, job, outcome)

    def _put(self, item: Item, job: Job, document: Document) -> None:
        entry = self._known.get(item.source)
        if item.member is not None and (twin := self._by_hash.get(document.digest)) and twin.source != item.source:
            if entry is None and self._is_gone(twin):
                self._move(twin, item)
                return
            if not self._is_gone(twin):
                self._changes.duplicates.append(f"{item.name} = {twin.id}")
                return
        row = (item.source, document.digest, item.size, item.mtime, READER_VERSION)
        self._catalogue.put(document.release, document.passages, row)
        self._by_hash[document.digest] = Entry(job.id, *row, document.release.title, None, None, None)
        (self._changes.changed if entry else self._changes.added).append(job.id)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
