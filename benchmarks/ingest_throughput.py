"""Passages a second of an ingest, beside a plain Chroma `collection.add` loop with the same vectors.

python -m benchmarks.ingest_throughput [--releases 10000] [--projects 2]

A release of two projects has 2,400 characters and five passages.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.synthetic import text, write
from ingest.pipeline import ingest
from ingest.readers import read_file
from ingest.split import split_release
from ledger.extract import extract_facts
from vectorstore.dense import DenseIndex
from vectorstore.embeddings import embed, load_embeddings
from vectorstore.lexical import build

_BATCH = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=10_000)
    parser.add_argument("--projects", type=int, default=2)
    asked = parser.parse_args()
    count, projects = asked.releases, asked.projects
    embeddings = load_embeddings()
    embed(embeddings, [text(0)])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root / "source", count, projects=projects)
        report = ingest([root / "source"], data_dir=root / "data", embeddings=embeddings)
        _show("sanad ingest", report.passages, report.seconds)
        again = ingest([root / "source"], data_dir=root / "data", embeddings=embeddings)
        sys.stdout.write(
            f"nothing changed: {again.seconds:.2f} s, {again.embedded} embedded, published {again.published}\n"
        )
        (root / "source" / "000" / "000000.txt").write_text(text(count + 1, projects=projects), "utf-8")
        one = ingest([root / "source"], data_dir=root / "data", embeddings=embeddings)
        sys.stdout.write(f"one release changed: {one.seconds:.2f} s, {one.embedded} texts embedded\n")
        own, others = (
            resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        sys.stdout.write(f"peak resident memory: {own:.0f} MiB, the largest process beside it {others:.0f} MiB\n")
        bare = _parts(root, embeddings)
        sys.stdout.write(f"sanad ingest at {bare / report.seconds:.0%} of the speed of the bare parts\n")


def _parts(root: Path, embeddings: object) -> float:
    """The bare parts of the same work, each alone; the seconds of embedding, Chroma and BM25 together."""
    files = sorted((root / "source").rglob("*.txt"))
    began = time.perf_counter()
    releases = [read_file(path, id=path.name) for path in files]
    read = time.perf_counter() - began
    began = time.perf_counter()
    for release in releases:
        extract_facts(release)
    facts = time.perf_counter() - began
    passages = [p for r in releases for p in split_release(r)]
    began = time.perf_counter()
    vectors = np.concatenate(
        [embed(embeddings, [p.text for p in passages[i : i + _BATCH]]) for i in range(0, len(passages), _BATCH)]  # type: ignore[arg-type]
    )
    embedding = time.perf_counter() - began
    index = DenseIndex(root / "plain")
    began = time.perf_counter()
    for i in range(0, len(passages), _BATCH):
        index.add([p.id for p in passages[i : i + _BATCH]], vectors[i : i + _BATCH])
    chroma = time.perf_counter() - began
    index.close()
    began = time.perf_counter()
    build(root / "words", [f"{p.title}\n{p.title}\n{p.text}" for p in passages])
    words = time.perf_counter() - began
    _show("plain Chroma add, same vectors", len(passages), chroma)
    _show("bare parts: embed + Chroma + BM25", len(passages), embedding + chroma + words)
    sys.stdout.write(
        f"seconds: reading {read:.1f}, facts {facts:.1f}, embedding {embedding:.1f}, "
        f"Chroma {chroma:.1f}, BM25 {words:.1f}\n"
    )
    return embedding + chroma + words


def _show(name: str, passages: int, seconds: float) -> None:
    sys.stdout.write(f"{name:<36} {passages} passages in {seconds:.1f} s = {passages / seconds:.0f} a second\n")


if __name__ == "__main__":
    main()
