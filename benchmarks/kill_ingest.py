"""Kill an ingest with SIGKILL again and again while a reader asks; nothing may be lost, doubled or seen half done.

    python -m benchmarks.kill_ingest [--releases 7000] [--kills 20]

A first part of the corpus is ingested, then the rest is ingested by processes that are killed at points spread over the
time that such a run takes; where one ends before its kill, a release changes. The next run must equal a clean build, and
the reader must not have met an error.
"""

import argparse
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.synthetic import questions, text, write
from ingest.pipeline import ingest
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import LiveGeneration, open_generation
from vectorstore.search import search

ROOT = Path(__file__).parent.parent
_INGEST = (
    "import sys; from pathlib import Path; from ingest.pipeline import ingest;"
    "from vectorstore.embeddings import load_embeddings;"
    "ingest([Path(sys.argv[1])], data_dir=Path(sys.argv[2]), embeddings=load_embeddings())"
)


@dataclass(slots=True)
class Outcome:
    """What the kills did: `differences` and `errors` must be empty."""

    vectors: int = 0
    kills: int = 0
    finished_before_kill: int = 0
    queries: int = 0
    errors: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    phases: dict[str, int] = field(default_factory=dict)


class _Reader(threading.Thread):
    """Asks the live generation without a pause."""

    def __init__(self, data: Path, outcome: Outcome, corpus: int) -> None:
        super().__init__(daemon=True)
        self._live = LiveGeneration(data / "generations", load_embeddings(), poll_seconds=0.05)
        self._outcome, self._ended = outcome, threading.Event()
        self._questions = list(questions(50, corpus))

    def run(self) -> None:
        while not self._ended.is_set():
            question = self._questions[self._outcome.queries % len(self._questions)]
            try:
                with self._live.lease() as generation:
                    generation.dense.search(generation.embeddings.embed_query(question), 5)
                    search(generation, question, 5)
            except Exception as error:
                self._outcome.errors.append(repr(error))
            self._outcome.queries += 1

    def finish(self) -> None:
        self._ended.set()
        self.join()
        self._live.close()


def run(folder: Path, releases: int, kills: int, seed: int = 0) -> Outcome:
    """Play it through below `folder`."""
    outcome = Outcome()
    source, data, clean = folder / "source", folder / "data", folder / "clean"
    write(source, releases // 3, seed)
    began = time.monotonic()
    _start(source, data).wait()
    duration = 2 * (time.monotonic() - began)  # two thirds are still to come
    write(source, releases, seed)
    reader = _Reader(data, outcome, releases)
    reader.start()
    pick = random.Random(seed)  # noqa: S311
    while outcome.kills < kills and outcome.finished_before_kill < 2 * kills:
        began, process = time.monotonic(), _start(source, data)
        try:
            process.wait(timeout=duration * (outcome.kills + pick.random()) / kills)
        except subprocess.TimeoutExpired:
            phase = _phase(data)
            process.send_signal(signal.SIGKILL)
            process.wait()
            outcome.phases[phase] = outcome.phases.get(phase, 0) + 1
            outcome.kills += 1
        else:  # give the next run work again: one release changes
            outcome.finished_before_kill += 1
            duration = time.monotonic() - began
            changed = source / "000" / "000000.txt"
            changed.write_text(text(releases + outcome.finished_before_kill, seed), "utf-8")
    ingest([source], data_dir=data, embeddings=load_embeddings())
    _start(source, clean).wait()
    reader.finish()
    _compare(data, clean, outcome, releases)
    return outcome


def _start(source: Path, data: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", _INGEST, str(source), str(data)], cwd=ROOT)


def _phase(data: Path) -> str:
    """Where the killed run was, as the disk shows it."""
    building = next((data / "generations").glob("*.building"), None)
    if building is None:
        return "reading"
    if (building / "manifest.json").exists():
        return "syncing"
    if (building / "ledger.db").exists() and (building / "lexical" / "size").exists():
        return "ledger and checks"
    return "vectors and words"


def _compare(data: Path, clean: Path, outcome: Outcome, corpus: int) -> None:
    embeddings = load_embeddings()
    one, other = (open_generation(d / "generations", embeddings) for d in (data, clean))
    try:
        outcome.vectors = one.dense.count()
        pairs = {
            "vectors": (one.dense.count(), other.dense.count()),
            "passages": (
                _rows(one.folder / "passages.db", "passages"),
                _rows(other.folder / "passages.db", "passages"),
            ),
            "releases": (_rows(one.ledger_path, "releases"), _rows(other.ledger_path, "releases")),
            "facts": (_rows(one.ledger_path, "facts"), _rows(other.ledger_path, "facts")),
        }
        outcome.differences += [name for name, (a, b) in pairs.items() if a != b]
        for question in questions(30, corpus, seed=2):
            a, b = ([h.passage.id for h in search(g, question, 10)] for g in (one, other))
            if a != b:
                outcome.differences.append(f"answers to «{question}»")
    finally:
        one.close()
        other.close()


def _rows(path: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)  # noqa: S608  our own table names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=7000)
    parser.add_argument("--kills", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), args.releases, args.kills)
    sys.stdout.write(
        f"{outcome.vectors} vectors, {outcome.kills} kills {outcome.phases}, {outcome.queries} queries by the reader, "
        f"{len(outcome.errors)} errors {outcome.errors[:3]}, differences: {outcome.differences or 'none'}\n"
    )
    raise SystemExit(bool(outcome.errors or outcome.differences))


if __name__ == "__main__":
    main()
