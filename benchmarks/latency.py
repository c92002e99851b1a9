"""How long an answer takes: a new process on the samples, a warm one on the samples, and a warm one on a big corpus.

    python -m benchmarks.latency [--passages 100000] [--data DIR]

The big corpus is made of synthetic releases and ingested into DIR (kept, so that a second run measures at once).
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from answering.answer import Ask
from answering.extractive import turns
from benchmarks.synthetic import questions
from commands.compose import open_answerer, open_corpus
from ingest.pipeline import ingest
from settings import Settings
from vectorstore.embeddings import load_embeddings

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
PASSAGES_A_RELEASE = 3
_PROBE = (
    "import sys, runpy; sys.argv = ['sanad', 'ask', {question!r}];\n"
    "try: runpy.run_module('cli', run_name='__main__')\n"
    "finally: sys.stderr.write(str('torch' in sys.modules))"
)


def cold(data: Path, question: str, runs: int = 5) -> list[float]:
    """Seconds of a new process that answers one question; fails if it imports torch."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _PROBE.format(question=question)],
            cwd=ROOT, env={**os.environ, "SANAD_DATA_DIR": str(data)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        times.append(time.perf_counter() - began)
        if not done.stderr.endswith("False"):
            raise SystemExit("the default path imported torch")
    return times


def warm(data: Path, asked: Iterable[tuple[str, ...]]) -> list[float]:
    """Seconds of each question in one process, after one pass to warm up."""
    config = Settings(data_dir=data)
    corpus = open_corpus(config)
    answer = open_answerer(config, corpus)
    conversations = list(asked)
    times = []
    for measured in (False, True):
        for conversation in conversations:
            began = time.perf_counter()
            answer(Ask(conversation[-1], turns(conversation[:-1])))
            if measured:
                times.append(time.perf_counter() - began)
    corpus.close()
    return times


def show(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    sys.stdout.write(f"{name:<34} p50 {1000 * statistics.median(ordered):8.1f} ms   p95 {1000 * p95:8.1f} ms\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=0)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        ingest([SAMPLES / "releases"], data_dir=data, embeddings=load_embeddings())
        show("new process, samples", cold(data, "كم بلغ التمويل الياباني للعراق؟"))
        lines = (SAMPLES / "questions.jsonl").read_text("utf-8").splitlines()
        show("warm, samples", warm(data, [tuple(json.loads(line)["turns"]) for line in lines]))
    if not args.passages:
        return
    releases = args.passages // PASSAGES_A_RELEASE
    data = args.data or Path(tempfile.mkdtemp())
    if not (data / "generations" / "CURRENT").exists():
        subprocess.run(
            [sys.executable, "-m", "benchmarks.latency_build", str(data), str(releases)], cwd=ROOT, check=True
        )
    show("new process, big corpus", cold(data, "كم قدمت اليابان لليونيسف من أجل ترميم المدارس في نينوى؟", 3))
    show(f"warm, about {args.passages} passages", warm(data, [(q,) for q in questions(200, releases)]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"peak resident memory of this process: {peak:.0f} MiB\n")


if __name__ == "__main__":
    main()
