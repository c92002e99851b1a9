"""How long exact totals over many facts take, and what the extraction of facts costs an ingest.

    python -m benchmarks.ledger [--facts 100000] [--releases 1000]

Totals are asked of a ledger with so many facts; the cost of extraction is the wall time that an ingest of so many
synthetic releases takes longer than the same ingest with the facts at hand already.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.synthetic import text, write
from ingest.ledger_writer import LedgerWriter
from ingest.pipeline import ingest
from ledger import store
from ledger.extract import extract_facts
from ledger.release import Release, Span
from ledger.rows import Filter, rows_of
from vectorstore.embeddings import load_embeddings

_WANTED = {
    "all grants": Filter(kinds=("funding",), roles=("grant",), main=True, reposts=False),
    "one donor": Filter(kinds=("funding",), roles=("grant",), donors=("JP",), main=True, reposts=False),
    "one donor to one agency, five years": Filter(
        kinds=("funding",), roles=("grant",), donors=("JP",), recipients=("iom",), first_year=2015, last_year=2019,
        main=True, reposts=False,
    ),
}  # fmt: skip


def fill(path: Path, facts: int) -> int:
    """A ledger of synthetic releases with at least so many facts."""
    releases, found, number = [], 0, 0
    while found < facts:
        words = text(number)
        title, _, _ = words.partition("\n")
        release = Release(f"{number:06}.txt", words, title, (Span(len(title) + 1, len(words)),))
        found += sum(1 for _ in rows_of(release, extract_facts(release)))
        releases.append((release, "1"))
        number += 1
    store.write(path, releases)
    return found


def totals(path: Path) -> None:
    ledger = store.Ledger(path)
    try:
        for name, wanted in _WANTED.items():
            times = []
            for _ in range(20):
                began = time.perf_counter()
                ledger.totals(wanted)
                times.append(time.perf_counter() - began)
            sys.stdout.write(f"total, {name:<38} p50 {1000 * statistics.median(times):7.1f} ms\n")
    finally:
        ledger.close()


def cost(releases: int) -> None:
    """Wall seconds of an ingest, and how much of them it waits for the ledger's writers."""
    waited = 0.0
    finish = LedgerWriter._finish

    def timed(self: LedgerWriter) -> None:
        nonlocal waited
        began = time.perf_counter()
        finish(self)
        waited += time.perf_counter() - began

    LedgerWriter._finish = timed  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        source, data = Path(folder) / "source", Path(folder) / "data"
        write(source, releases)
        began = time.perf_counter()
        ingest([source], data_dir=data, embeddings=load_embeddings())
        whole = time.perf_counter() - began
    sys.stdout.write(
        f"ingest of {releases} releases: {whole:.1f} s, of them {waited:.1f} s for facts = {waited / whole:.1%}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=100_000)
    parser.add_argument("--releases", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        sys.stdout.write(f"{fill(path, args.facts)} facts\n")
        totals(path)
    cost(args.releases)


if __name__ == "__main__":
    main()
