"""One ingest run: read what changed, keep it in the catalogue, embed what the cache lacks, publish a generation."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout
from langchain_core.embeddings import Embeddings

from arabic.analyzer import ANALYZER_VERSION
from ingest.catalogue import Catalogue, Entry
from ingest.errors import IngestError, UnreadableFile
from ingest.proposals import Propose, ask_for_facts
from ingest.readers import READERS, read_file
from ingest.report import Failure, Report
from ingest.sources import Sources, expand
from ingest.split import split_release
from ledger import store
from ledger.difference import Printed, difference
from ledger.rows import Filter
from vectorstore.embeddings import Vectors, embed, fingerprint
from vectorstore.generations import Generations
from vectorstore.manifest import FORMAT, Manifest

READER_VERSION = "2"
"""Changes when readers or the splitter change what they return: every file is then read again."""

MAX_SHRINK = 0.2
"""A run that would remove a larger share of the corpus is refused without force."""

_EMBED_BATCH = 512


class Locked(IngestError):
    """Another ingest is writing."""

    def __init__(self) -> None:
        super().__init__(
            "هناك عملية تحميل أخرى تعمل الآن؛ انتظر انتهاءها ثم أعد المحاولة",
            "another ingest is running; wait for it to end and try again",
        )


class EmptySource(IngestError):
    """Nothing readable where releases were expected."""

    def __init__(self, paths: str) -> None:
        super().__init__(
            f"لا توجد وثائق مقروءة في: {paths}؛ المتوقع ملفات {' '.join(READERS)}",
            f"no readable documents in: {paths}; expected files of {' '.join(READERS)}",
        )


class TooMuchRemoved(IngestError):
    """A run that would shrink the corpus by more than a fifth."""

    def __init__(self, removed: int, total: int) -> None:
        super().__init__(
            f"سيُحذف {removed} من {total} بياناً، وهو أكثر من 20٪؛ إذا كان هذا مقصوداً فاستخدم --force",
            f"{removed} of {total} releases would be removed, more than 20 %; use --force if that is meant",
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """Called as work goes on: `files(done, of)`, `passages(done, of)` and `proposals(done, of)`, the last by release."""

    files: Callable[[int, int], None] = field(default=lambda _done, _of: None)
    passages: Callable[[int, int], None] = field(default=lambda _done, _of: None)
    proposals: Callable[[int, int], None] = field(default=lambda _done, _of: None)


def ingest(
    paths: Sequence[Path],
    *,
    data_dir: Path,
    embeddings: Embeddings,
    force: bool = False,
    rebuild: bool = False,
    progress: Progress | None = None,
    propose: Propose | None = None,
) -> Report:
    """Bring the corpus up to date with files and folders, and publish if anything changed.

    `propose` is asked for facts that the rules missed in every release for which it was not asked yet.

    Raises Locked, EmptySource or TooMuchRemoved, and then nothing has changed; broken files are reported instead.
    """
    began = time.monotonic()
    progress = progress or Progress()
    with _locked(data_dir):
        catalogue = Catalogue(data_dir / "catalogue.db")
        try:
            run = catalogue.start_run()
            report = _update(catalogue, expand(paths, tuple(READERS)), paths, force, progress)
            if propose is not None:
                report = replace(report, unanswered=ask_for_facts(catalogue, propose, progress.proposals))
            report = _publish(catalogue, data_dir, embeddings, report, rebuild, progress)
            report = replace(report, seconds=time.monotonic() - began)
            catalogue.finish_run(run, str(report.to_dict()))
            return report
        finally:
            catalogue.close()


def remove_releases(ids: Iterable[str], *, data_dir: Path, embeddings: Embeddings) -> Report:
    """Forget releases and publish. Raises KeyError naming the first unknown id."""
    began = time.monotonic()
    wanted = tuple(ids)
    with _locked(data_dir):
        catalogue = Catalogue(data_dir / "catalogue.db")
        try:
            known = {e.id for e in catalogue.entries().values()}
            for name in wanted:
                if name not in known:
                    raise KeyError(name)
            with catalogue.transaction():
                catalogue.remove(wanted)
            report = _publish(catalogue, data_dir, embeddings, Report(removed=wanted), False, Progress())
            return replace(report, seconds=time.monotonic() - began)
        finally:
            catalogue.close()


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


def _update(catalogue: Catalogue, sources: Sources, paths: Sequence[Path], force: bool, progress: Progress) -> Report:
    """Read new and changed files into the catalogue, in one transaction."""
    known = catalogue.entries()
    gone = [e for s, e in known.items() if sources.covers(s) and not Path(s).exists()]
    if not sources.files and not (force and gone):
        raise EmptySource(", ".join(map(str, paths)))
    by_hash = {e.hash: e for e in known.values()}
    names = {e.id: e.source for e in known.values()}
    moved: dict[str, Entry] = {}
    out: dict[str, list[str]] = {k: [] for k in ("added", "changed", "unchanged", "renamed", "duplicates")}
    failed: list[Failure] = []
    with catalogue.transaction():
        for done, path in enumerate(sources.files, 1):
            progress.files(done, len(sources.files))
            source, entry = str(path), known.get(str(path))
            try:
                status = path.stat()
                if entry and (entry.size, entry.mtime, entry.reader) == (
                    status.st_size,
                    status.st_mtime_ns,
                    READER_VERSION,
                ):
                    out["unchanged"].append(entry.id)
                    continue
                digest = _digest(path)
                if entry and (entry.hash, entry.reader) == (digest, READER_VERSION):
                    catalogue.touch(source, status.st_size, status.st_mtime_ns)
                    out["unchanged"].append(entry.id)
                    continue
                twin = by_hash.get(digest)
                if twin and twin.source != source:
                    if entry is None and twin in gone and twin.id not in moved:
                        catalogue.move(twin.source, source, status.st_size, status.st_mtime_ns)
                        moved[twin.id] = twin
                        out["renamed"].append(f"{twin.id} → {path.name}")
                        continue
                    if Path(twin.source).exists():
                        out["duplicates"].append(f"{path.name} = {twin.id}")
                        continue
                name = entry.id if entry else _free_name(path, names)
                release = read_file(path, id=name)
                passages = split_release(release)
                catalogue.put(release, passages, (source, digest, status.st_size, status.st_mtime_ns, READER_VERSION))
                names[name] = source
                fresh = Entry(name, source, digest, 0, 0, READER_VERSION, release.title, None, None, None)
                by_hash[digest] = fresh
                out["changed" if entry else "added"].append(name)
            except IngestError as error:
                failed.append(Failure(path.name, error.message_ar, error.message_en))
            except OSError as error:
                unreadable = UnreadableFile(path.name, "تعذّر فتحه", error.strerror or "cannot be opened")
                failed.append(Failure(path.name, unreadable.message_ar, unreadable.message_en))
        removed = [e.id for e in gone if e.id not in moved]
        if removed and len(removed) > MAX_SHRINK * len(known) and len(removed) > len(out["added"]) and not force:
            raise TooMuchRemoved(len(removed), len(known))
        catalogue.remove(removed)
    if failed and not any(out.values()) and not known and len(sources.files) == len(failed) == 0:
        raise EmptySource(", ".join(map(str, paths)))
    return Report(
        added=tuple(out["added"]),
        changed=tuple(out["changed"]),
        unchanged=tuple(out["unchanged"]),
        renamed=tuple(out["renamed"]),
        duplicates=tuple(out["duplicates"]),
        removed=tuple(removed),
        failed=tuple(failed),
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _free_name(path: Path, taken: dict[str, str]) -> str:
    """The shortest ending of the path that no other release has."""
    parts = path.parts
    for size in range(1, len(parts) + 1):
        name = "/".join(parts[-size:])
        if name not in taken:
            return name
    return f"{path.name}#{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def _publish(
    catalogue: Catalogue, data_dir: Path, embeddings: Embeddings, report: Report, rebuild: bool, progress: Progress
) -> Report:
    """Publish the catalogue's state if the live generation is not built from it."""
    generations = Generations(data_dir / "generations")
    live, model, revision = generations.manifest(), fingerprint(embeddings), catalogue.revision()
    expected = catalogue.passage_ids()
    state = catalogue.state()
    report = replace(report, releases=len(state), passages=len(expected))
    stale = live is None or rebuild or _versions(live) != (model, ANALYZER_VERSION, store.FACTS_VERSION, FORMAT)
    if live is not None and not stale and live.revision == revision:
        return replace(report, generation=live.number)
    if not expected:
        return replace(report, generation=live.number if live else None)
    folder = generations.current()
    have = store.state(folder / "ledger.db") if folder and not stale else {}
    present = generations.passages() if not stale else {}
    changed = {name for name, digest in state.items() if have.get(name) != digest}
    again = {id_ for id_, release in present.items() if release in changed}  # the same words may stand elsewhere now
    inserts = catalogue.passages(expected - (present.keys() - again))
    embedded = 0

    def vectors(texts: list[str]) -> Vectors:
        nonlocal embedded
        result, new = _embedded(catalogue, embeddings, model, texts)
        embedded += new
        return result

    done = 0

    def count(passages: int) -> None:
        nonlocal done
        done += passages
        progress.passages(done, len(inserts))

    before = _printed(folder, changed & have.keys()) if folder else {}
    manifest = generations.publish(
        deletes=(present.keys() - expected) | again,
        inserts=inserts,
        embed=vectors,
        embedding=model,
        facts=store.FACTS_VERSION,
        revision=revision,
        releases=len(state),
        expected=expected,
        extra=lambda target: store.write(
            target / "ledger.db",
            ((catalogue.release(n), state[n]) for n in sorted(changed)),
            have.keys() - state.keys(),
        ),
        rebuild=stale,
        progress=count,
    )
    after = _printed(generations.current(), set(before))
    facts = tuple(d for n in sorted(before) if (d := difference(n, before[n], after[n])))
    return replace(report, embedded=embedded, generation=manifest.number, published=True, facts=facts)


def _printed(generation: Path | None, names: set[str]) -> dict[str, list[Printed]]:
    """The facts of releases in a generation, as printed."""
    if generation is None or not names:
        return {}
    ledger = store.Ledger(generation / "ledger.db")
    try:
        found: dict[str, list[Printed]] = {name: [] for name in names}
        for name in names:
            text = ledger.release(name).text
            found[name] = [Printed(row, text[row.start : row.end]) for row in ledger.rows(Filter(releases=(name,)))]
        return found
    finally:
        ledger.close()


def _versions(manifest: Manifest) -> tuple[str, str, str, int]:
    return manifest.embedding, manifest.analyzer, manifest.facts, manifest.format


def _embedded(catalogue: Catalogue, embeddings: Embeddings, model: str, texts: list[str]) -> tuple[Vectors, int]:
    """The vectors of the texts, from the cache where it has them, and how many were new."""
    import numpy as np

    cached = catalogue.vectors(model, texts)
    missing = [t for t in dict.fromkeys(texts) if t not in cached]
    for start in range(0, len(missing), _EMBED_BATCH):
        part = missing[start : start + _EMBED_BATCH]
        fresh = embed(embeddings, part)
        catalogue.keep_vectors(model, part, fresh)
        cached.update(zip(part, fresh, strict=True))
    return np.stack([cached[t] for t in texts]), len(missing)
