"""How building, disk, memory and answers grow with the corpus, from 10,000 to 1,000,000 synthetic passages.

    python -m benchmarks.scale [--sizes 10000 30000 100000 300000 1000000] [--data DIR]

The synthetic releases are put into a catalogue directly and published by the real code (embedding with its cache, Chroma
in the folder, lexical index, ledger, checks, sync): no file is read, so that it is about the indexes. Each corpus is built
and then asked by processes of their own; DIR keeps them, and what is there is not built again. Prints the table and writes
benchmarks/data/scale.json and benchmarks/data/scale.png.
"""

import argparse
import json
import os
import random
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from answering.answer import Ask
from answering.corpus import Corpus
from answering.extractive import answer_from
from benchmarks.synthetic import questions, text
from ingest.catalogue import Catalogue
from ingest.ledger_writer import LedgerWriter, write
from ingest.metadata import dateline
from ingest.publish import publish
from ingest.report import Report
from ingest.split import split_release
from ledger.extract import extract_facts
from ledger.release import Release, Span
from vectorstore import generations as module
from vectorstore.embeddings import embed, load_embeddings
from vectorstore.generations import Generations, LiveGeneration
from vectorstore.search import search

ROOT = Path(__file__).parent.parent
RESULTS, PLOT, DOCUMENT = (
    ROOT / p for p in ("benchmarks/data/scale.json", "benchmarks/data/scale.png", "docs/scale.md")
)
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_A_RELEASE = 3  # passages
_QUESTIONS = 100
_STEPS = 1000  # sums a million, so that few releases announce the same one
_READ = 33_333
"""Releases whose facts are read. The further ones are the same with other words of the same length in place of some, and
have their facts: reading costs 5 ms a release at any size, and would take half an hour for a million passages."""
_ALIKE = (
    "كبيرة واسعة عميقة شديدة", "السلطات الهيئات المجالس", "المقبلة القادمة التالية", "السكان العمال النساء الرعاة الشباب",
    "طويلة كثيرة عديدة", "مشتركة منتخبة مستقلة", "القرى المدن", "النائية البعيدة الجبلية الريفية",
    "نأمل نرجو نريد", "المجاورة الحدودية الساحلية",
)  # fmt: skip
_CHOICES = {word: group.split() for group in _ALIKE for word in group.split()}
_REPLACED = re.compile(rf"\b(?:{'|'.join(_CHOICES)})\b")


class Stopwatch:
    """Clock and processor seconds by part."""

    def __init__(self) -> None:
        self.clock: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    def timed(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, its time noted under `part`."""

        def run(*args: Any, **kwargs: Any) -> Any:
            began, used = time.perf_counter(), time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                self.clock[part] = self.clock.get(part, 0.0) + time.perf_counter() - began
                self.processor[part] = self.processor.get(part, 0.0) + time.process_time() - used

        return run


def release(number: int) -> Release:
    """Synthetic release `number` without the detour over a file; from _READ on other words with the facts of an earlier one."""
    words = text(number % _READ, steps=_STEPS)
    if number >= _READ:
        pick = random.Random(number)  # noqa: S311  no secret
        words = _REPLACED.sub(lambda found: pick.choice(_CHOICES[found[0]]), words)
    title, _, rest = words.partition("\n")
    body = Span(len(title) + 2, len(words))
    return Release(f"{number:07}.txt", words, title, (body,), headline=Span(0, len(title)), date=dateline(rest[1:80]))


def fill(catalogue: Catalogue, numbers: Iterable[int]) -> None:
    """Put releases into the catalogue as an ingest would."""
    with catalogue.transaction():
        for number in numbers:
            found = release(number)
            catalogue.put(found, split_release(found), (f"/{found.id}", f"{number:x}", len(found.text), 0, "1"))


def prepare(data: Path, passages: int) -> dict[str, Any]:
    """The catalogue, and the ledger: what publishing finds done."""
    watch, load = Stopwatch(), os.getloadavg()[1]
    releases = passages // _A_RELEASE
    catalogue = Catalogue(data / "catalogue.db")
    watch.timed("catalogue", fill)(catalogue, range(releases))
    state = catalogue.state()
    names = sorted(state)
    read = {name: state[name] for name in names[:_READ]}
    catalogue.close()
    watch.timed("facts", write)(data / "catalogue.db", data / "ledger.db", read, [])
    watch.timed("more facts", repeat)(data, [(name, state[name]) for name in names[_READ:]])
    return {"clock": watch.clock, "processor": watch.processor, "load": [load, os.getloadavg()[1]]}


def repeat(data: Path, more: list[tuple[str, str]]) -> None:
    """Give further releases the facts of the earlier ones; a few are read, to prove that they have just these."""
    catalogue = Catalogue(data / "catalogue.db")
    with closing(sqlite3.connect(data / "ledger.db")) as ledger, ledger:
        ledger.execute("PRAGMA synchronous = OFF")
        columns = {t: [c[1] for c in ledger.execute(f"PRAGMA table_info({t})")] for t in ("facts", "mentions")}
        for name, token in more:
            found, first = catalogue.release(name), f"{int(name[:7]) % _READ:07}.txt"
            if int(name[:7]) % 10_000 == 0:
                assert extract_facts(found) == replace(extract_facts(release(int(first[:7]))), release=name)
            ledger.execute(
                "INSERT INTO releases SELECT ?, title, date, publisher, url, language, ?, body, headline, facts, ?, original "
                "FROM releases WHERE id = ?", (name, found.text, token, first),
            )  # fmt: skip
            for kind, names in columns.items():
                values = ", ".join("?" if c == "release" else c for c in names)
                ledger.execute(f"INSERT INTO {kind} SELECT {values} FROM {kind} WHERE release = ?", (name, first))  # noqa: S608
    catalogue.close()


def build(data: Path, passages: int) -> dict[str, Any]:  # noqa: ARG001
    """Publish what was prepared, each part timed."""
    watch, load = Stopwatch(), os.getloadavg()[1]
    embeddings = load_embeddings()
    parts = {"apply_dense": "vectors", "apply_passages": "passages", "write_lexical": "words"}
    for name, part in {**parts, "check": "checks", "sync_tree": "sync"}.items():
        setattr(module, name, watch.timed(part, getattr(module, name)))
    LedgerWriter.start = lambda _, folder: os.link(data / "ledger.db", folder / "ledger.db")  # type: ignore[method-assign]
    embeddings.encode = watch.timed("embedding", embeddings.encode)  # type: ignore[attr-defined]
    report = watch.timed("publish", published)(data, embeddings)
    return {
        "passages": report.passages, "releases": report.releases, "clock": watch.clock, "processor": watch.processor,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, "load": [load, os.getloadavg()[1]],
        "disk_mb": disk(Generations(data / "generations").current()),
        "catalogue_mb": sum(f.stat().st_size for f in data.glob("catalogue.db*")) / 1e6,
    }  # fmt: skip


def update(data: Path, passages: int) -> dict[str, Any]:
    """Publish one release more."""
    began, used, embeddings = time.perf_counter(), time.process_time(), load_embeddings()
    catalogue = Catalogue(data / "catalogue.db")
    fill(catalogue, [passages // _A_RELEASE])
    catalogue.close()
    published(data, embeddings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return {"clock": time.perf_counter() - began, "processor": time.process_time() - used, "peak_mb": peak}


def published(data: Path, embeddings: Any) -> Report:
    """What an ingest does once it has read its sources."""
    catalogue = Catalogue(data / "catalogue.db")
    try:
        return publish(catalogue, data, embeddings, Report(), rebuild=False, count=lambda _done, _of: None)
    finally:
        catalogue.close()


def disk(generation: Path | None) -> dict[str, float]:
    """Megabytes of each part of a generation."""
    assert generation is not None
    return {
        p.name: sum(f.stat().st_size for f in (p.rglob("*") if p.is_dir() else [p]) if f.is_file()) / 1e6
        for p in sorted(generation.iterdir())
        if p.name != "manifest.json"
    }


def serve(data: Path, passages: int) -> dict[str, Any]:
    """Open and ask, as a bot would: memory, and the times of retrieval, of the vectors alone and of whole answers."""
    embeddings = load_embeddings()
    embed(embeddings, ["منحة"])
    before, load = resident(), os.getloadavg()[1]
    asked = list(questions(_QUESTIONS, passages // _A_RELEASE))
    result: dict[str, Any] = {"load": load}
    live = LiveGeneration(data / "generations", embeddings)
    began, used = time.perf_counter(), time.process_time()
    with live.lease() as generation:
        result["open"] = {"clock": time.perf_counter() - began, "processor": time.process_time() - used}
        began, used = time.perf_counter(), time.process_time()
        generation.dense.search(embeddings.embed_query("منحة"), 1)
        result["open_vectors"] = {"clock": time.perf_counter() - began, "processor": time.process_time() - used}
        result["retrieval"] = measured(lambda question: search(generation, question, 40), asked)
        result["words"] = measured(lambda question: search(generation, question, 40, mode="lexical"), asked)
        result["vectors"] = measured(lambda q: generation.dense.search(embeddings.embed_query(q), 50), asked)
    live.close()
    corpus = Corpus(data, embeddings)
    result["answer"] = measured(lambda question: answer_from(corpus, Ask(question)), asked)
    result["memory_mb"] = {
        "anonymous": resident()[0] - before[0],
        "mapped": resident()[1] - before[1],
        "base": sum(before),
    }
    result["swap"] = swap(data, embeddings)
    with corpus.view() as view:
        result["recall"] = recall(view.generation, embeddings, asked[:40])
    corpus.close()
    return result


def swap(data: Path, embeddings: Any) -> dict[str, float]:
    """The seconds that a reader takes to turn from the older generation to the live one."""
    generations = Generations(data / "generations")
    numbers = generations.numbers()
    generations._point(str(numbers[0]))
    live = LiveGeneration(data / "generations", embeddings, poll_seconds=0)
    with live.lease() as generation:
        generation.dense.count()
    generations._point(str(numbers[-1]))
    began, used = time.perf_counter(), time.process_time()
    with live.lease() as generation:
        assert generation.manifest.number == numbers[-1]
    taken = {"clock": time.perf_counter() - began, "processor": time.process_time() - used}
    live.close()
    return taken


def measured(call: Callable[[str], object], asked: list[str]) -> dict[str, float]:
    """Milliseconds (p50, p95) by clock and by processor of all questions, after a pass to warm up."""
    clock, processor = [], []
    for question in asked:
        call(question)
    for question in asked:
        began, used = time.perf_counter(), time.process_time()
        call(question)
        clock.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - used))
    return {
        "p50": statistics.median(clock), "p95": float(np.percentile(clock, 95)),
        "cpu_p50": statistics.median(processor), "cpu_p95": float(np.percentile(processor, 95)),
    }  # fmt: skip


def recall(generation: Any, embeddings: Any, asked: list[str]) -> float:
    """The share of the ten really nearest vectors among the ten that the index gives."""
    collection, best = generation.dense._collection, [[] for _ in asked]  # type: ignore[var-annotated]
    wanted = np.array([embeddings.embed_query(q) for q in asked], np.float32)
    for offset in range(0, generation.dense.count(), 20_000):
        got = collection.get(limit=20_000, offset=offset, include=["embeddings"])
        near = wanted @ np.asarray(got["embeddings"], np.float32).T
        for row, scores in enumerate(near):
            best[row] += list(np.sort(scores)[-10:])
    hits = 0
    for row, vector in enumerate(wanted):
        floor = sorted(best[row])[-10] - 1e-5
        hits += sum(score >= floor for _, score in generation.dense.search(vector.tolist(), 50)[:10])
    return hits / (10 * len(asked))


def resident() -> tuple[float, float]:
    """Megabytes of this process in memory: its own, and mapped from files."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    own, mapped = (int(lines[key].split()[0]) / 1024 for key in ("RssAnon", "RssFile"))
    return own, mapped


def child(action: str, data: Path, passages: int) -> dict[str, Any]:
    """The result of an action in a process of its own, kept in the data folder."""
    kept = data / f"{action}.json"
    if not kept.exists():
        command = [
            sys.executable,
            "-m",
            "benchmarks.scale",
            "--do",
            action,
            "--data",
            str(data),
            "--sizes",
            str(passages),
        ]
        subprocess.run(command, cwd=ROOT, check=True)
    return json.loads(kept.read_text())  # type: ignore[no-any-return]


ACTIONS = {"prepare": prepare, "build": build, "update": update, "serve": serve}


def rows(results: list[dict[str, Any]]) -> Iterator[list[str]]:
    """The table: a head, then a row for each quantity and a column for each size."""

    def row(name: str, value: Callable[[dict[str, Any]], str]) -> list[str]:
        return [name, *(value(r) for r in results)]

    def times(name: str) -> Callable[[dict[str, Any]], str]:
        return lambda r: f"{r['serve'][name]['p50']:.0f} / {r['serve'][name]['p95']:.0f}"

    def own(name: str) -> Callable[[dict[str, Any]], str]:
        return lambda r: f"{r['serve'][name]['cpu_p50']:.0f} / {r['serve'][name]['cpu_p95']:.0f}"

    def part(*names: str, less: str = "") -> Callable[[dict[str, Any]], str]:
        return lambda r: " / ".join(
            f"{sum(t[n] for n in names) - t.get(less, 0.0):.1f}" for t in (r["build"]["clock"], r["build"]["processor"])
        )

    yield row("passages", lambda r: f"{r['build']['passages']:,}")
    yield row("put into the catalogue in, s", lambda r: f"{r['prepare']['clock']['catalogue']:.0f}")
    yield row("facts of the first 33,333 releases, s", lambda r: f"{r['prepare']['clock']['facts']:.0f}")
    yield row("published in, s", lambda r: f"{r['build']['clock']['publish']:.0f}")
    yield row("of these with the processor, s", lambda r: f"{r['build']['processor']['publish']:.0f}")
    yield row("· embedding, clock / processor", part("embedding"))
    yield row("· Chroma and the cache of vectors", part("vectors", less="embedding"))
    yield row("· passages", part("passages"))
    yield row("· words", part("words"))
    yield row("· checks and sync", part("checks", "sync"))
    yield row(
        "one release more, s (processor)", lambda r: f"{r['update']['clock']:.1f} ({r['update']['processor']:.1f})"
    )
    yield row(
        "peak memory of that (of one release more), MB", lambda r: f"{r['build']['peak_mb']} ({r['update']['peak_mb']})"
    )
    for name in ("chroma", "lexical", "passages.db", "ledger.db"):
        yield row(f"disk, {name}, MB", lambda r, name=name: f"{r['build']['disk_mb'][name]:.0f}")  # type: ignore[misc]
    yield row("disk, catalogue, MB", lambda r: f"{r['build']['catalogue_mb']:.0f}")
    yield row(
        "opened in, s (with vectors)",
        lambda r: f"{r['serve']['open']['clock']:.2f} ({r['serve']['open_vectors']['clock']:.2f})",
    )
    yield row("swapped in, s", lambda r: f"{r['serve']['swap']['clock']:.2f}")
    yield row("memory of its own, MB", lambda r: f"{r['serve']['memory_mb']['anonymous']:.0f}")
    yield row("memory mapped from files, MB", lambda r: f"{r['serve']['memory_mb']['mapped']:.0f}")
    for name, label in {
        "words": "words alone",
        "vectors": "vectors alone",
        "retrieval": "retrieval",
        "answer": "whole answer",
    }.items():
        yield row(f"{label}, p50 / p95 ms", times(name))
        yield row(f"{label}, processor, p50 / p95 ms", own(name))
    yield row("recall@10 of the vectors", lambda r: f"{r['serve']['recall']:.3f}")
    yield row("load while built, asked", lambda r: f"{max(r['build']['load']):.1f}, {r['serve']['load']:.1f}")


def table(results: list[dict[str, Any]]) -> str:
    """In Markdown."""
    head, *rest = rows(results)
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * len(results)]
    return "\n".join(lines + ["| " + " | ".join(line) + " |" for line in rest]) + "\n"


def plot(results: list[dict[str, Any]], path: Path) -> None:
    """Times and memory over the size, on scales of powers."""
    from matplotlib.figure import Figure

    sizes = [r["build"]["passages"] for r in results]
    figure = Figure(figsize=(11, 4), layout="constrained")
    times, memory, building = figure.subplots(1, 3)
    for name in ("words", "vectors", "retrieval", "answer"):
        times.plot(sizes, [r["serve"][name]["cpu_p95"] for r in results], "o-", label=name)
    times.axhline(250, color="grey", linestyle=":")
    times.set_ylabel("ms of processor, p95")
    for name, label in {"anonymous": "memory of its own", "mapped": "mapped from files"}.items():
        memory.plot(sizes, [r["serve"]["memory_mb"][name] for r in results], "o-", label=label)
    memory.plot(sizes, [sum(r["build"]["disk_mb"].values()) for r in results], "o-", label="disk")
    memory.set_ylabel("MB")
    building.plot(sizes, [r["build"]["processor"]["publish"] for r in results], "o-", label="publish")
    building.plot(sizes, [r["update"]["processor"] for r in results], "o-", label="one release more")
    building.plot(sizes, [r["serve"]["swap"]["processor"] for r in results], "o-", label="swap")
    building.set_ylabel("s of processor")
    for axes in (times, memory, building):
        axes.set(xscale="log", yscale="log", xlabel="passages")
        axes.legend()
        axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--do", choices=tuple(ACTIONS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.do:
        args.data.mkdir(parents=True, exist_ok=True)
        result = ACTIONS[args.do](args.data, args.sizes[0])
        (args.data / f"{args.do}.json").write_text(json.dumps(result, indent=1) + "\n")
        return
    root = args.data or Path(tempfile.mkdtemp())
    results = []
    for size in args.sizes:
        ask = partial(child, data=root / str(size), passages=size)
        results.append({action: ask(action) for action in ACTIONS})
        sys.stdout.write(table(results) + "\n")
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    plot(results, PLOT)


if __name__ == "__main__":
    main()
