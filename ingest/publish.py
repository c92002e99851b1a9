"""The second half of an ingest run: the catalogue's state becomes the live generation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from langchain_core.embeddings import Embeddings

from arabic.analyzer import ANALYZER_VERSION
from ingest.bulk import Streams, fill_cache
from ingest.catalogue import Catalogue
from ingest.ledger_writer import LedgerWriter
from ingest.report import Report
from ingest.update import Count
from ledger import store
from ledger.difference import Printed, difference
from ledger.rows import Filter
from vectorstore.chroma_server import ChromaServer
from vectorstore.embeddings import Vectors, embed, fingerprint
from vectorstore.generations import Generations
from vectorstore.manifest import FORMAT, Manifest
from vectorstore.passage import Passage

_PASSAGES = 1000
"""Passages held in memory at once."""


class _Stored:
    """The passages of some ids in the catalogue, in order of id, read a part at a time however many they are."""

    def __init__(self, catalogue: Catalogue, ids: set[str]) -> None:
        self._catalogue, self._ids = catalogue, sorted(ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Passage]:
        for start in range(0, len(self._ids), _PASSAGES):
            yield from self._catalogue.passages(self._ids[start : start + _PASSAGES])

    def __contains__(self, passage: object) -> bool:
        return isinstance(passage, Passage) and passage.id in set(self._ids)


def states(generation: Path | None) -> dict[str, str]:
    """The releases of a generation with the state that each was written from."""
    return store.state(generation / "ledger.db") if generation else {}


def publish(
    catalogue: Catalogue,
    data_dir: Path,
    embeddings: Embeddings,
    report: Report,
    *,
    rebuild: bool,
    count: Count,
    server: ChromaServer | None = None,
) -> Report:
    """Publish the catalogue's state if the live generation is not built from it; the report with what that took."""
    generations = Generations(data_dir / "generations", server)
    live, model, revision = generations.manifest(), fingerprint(embeddings), catalogue.revision()
    expected = catalogue.passage_ids()
    state = catalogue.state()
    report = replace(report, releases=len(state), passages=len(expected))
    stale = live is None or rebuild or _versions(live) != (model, ANALYZER_VERSION, store.FACTS_VERSION, FORMAT)
    stale = stale or not generations.whole()
    if live is not None and not stale and live.revision == revision:
        return replace(report, generation=live.number)
    rolled_back = generations.rolled_back()
    if live is not None and not stale and rolled_back is not None and rolled_back.revision == revision:
        return replace(report, generation=live.number, held=rolled_back.left)
    if not expected:
        return replace(report, generation=live.number if live else None)
    folder = generations.current()
    have = states(folder) if not stale else {}
    resumed = _resumed(generations, state, report) if rolled_back is not None else ()
    present = generations.passages() if not stale else {}
    changed = {name for name, digest in state.items() if have.get(name) != digest}
    again = {id_ for id_, release in present.items() if release in changed}  # the same words may stand elsewhere now
    inserts = _Stored(catalogue, expected - (present.keys() - again))
    embedded = 0
    elsewhere = embeddings if isinstance(embeddings, Streams) else None

    def vectors(texts: list[str]) -> Vectors:
        nonlocal embedded, elsewhere
        if elsewhere is not None:  # all at once and not a part at a time: while facts are read, it has enough to do
            ready, elsewhere = elsewhere, None
            embedded += fill_cache(catalogue, ready, model, inserts, lambda looked: count(looked, len(inserts)))
        result, new = _embedded(catalogue, embeddings, model, texts)
        embedded += new
        return result

    done = 0

    def written(passages: int) -> None:
        nonlocal done
        done += passages
        count(done, len(inserts) if server is None else len(expected))

    before = _printed(folder, changed & have.keys()) if folder else {}
    facts_of = {name: state[name] for name in sorted(changed) if name in state}
    with LedgerWriter(data_dir / "catalogue.db", facts_of, sorted(have.keys() - state.keys())) as ledger:
        manifest = generations.publish(
            deletes=(present.keys() - expected) | again,
            inserts=inserts,
            embed=vectors,
            embedding=model,
            facts=store.FACTS_VERSION,
            revision=revision,
            releases=len(state),
            expected=expected,
            extra=ledger.start,
            rebuild=stale,
            progress=written,
        )
    after = _printed(generations.current(), set(before))
    facts = tuple(d for n in sorted(before) if (d := difference(n, before[n], after[n])))
    return replace(report, embedded=embedded, generation=manifest.number, published=True, facts=facts, resumed=resumed)


def _resumed(generations: Generations, state: dict[str, str], report: Report) -> tuple[str, ...]:
    """The releases that this run did not touch and that differ from what the rollback made live."""
    live = states(generations.current())
    touched = {*report.added, *report.changed, *report.removed}
    return tuple(sorted(n for n in live.keys() | state.keys() if live.get(n) != state.get(n) and n not in touched))


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
    if missing:
        fresh = embed(embeddings, missing)
        catalogue.keep_vectors(model, missing, fresh)
        cached.update(zip(missing, fresh, strict=True))
    return np.stack([cached[t] for t in texts]), len(missing)
