"""Retrieval measured on sets in BEIR's layout: the index and the ranking are those of the bot."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evaluation.metrics import Metrics, ndcg, recall, reciprocal_rank
from vectorstore.generations import Generation, Generations
from vectorstore.passage import Passage
from vectorstore.search import rank

Mode = Literal["fused", "lexical", "dense", "whitespace"]
MODES: tuple[Mode, ...] = ("fused", "lexical", "dense", "whitespace")
_DEPTH = 100

Ranked = list[tuple[str, float]]


class BadSet(Exception):
    """A folder that is no retrieval set."""


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Passages, questions and for each question the gains of the passages that answer it."""

    corpus: Mapping[str, tuple[str, str]]
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, int]]


def load_set(folder: Path) -> RetrievalSet:
    """Read corpus.jsonl, queries.jsonl and qrels/test.tsv. Raises BadSet naming what is missing or broken."""
    try:
        corpus = {r["_id"]: (r.get("title") or "", r["text"]) for r in _lines(folder / "corpus.jsonl")}
        texts = {r["_id"]: r["text"] for r in _lines(folder / "queries.jsonl")}
        relevant: dict[str, dict[str, int]] = {}
        for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
            query, passage, gain = line.split("\t")
            relevant.setdefault(query, {})[passage] = int(gain)
        queries = {name: texts[name] for name in relevant}
    except (OSError, ValueError, KeyError) as error:
        raise BadSet(f"{folder}: {error!r}") from error
    if not corpus or not queries:
        raise BadSet(f"{folder}: no passages or no questions")
    return RetrievalSet(corpus, queries, relevant)


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def measure(
    data: RetrievalSet, embeddings: Any, modes: Sequence[Mode] = MODES
) -> dict[Mode, tuple[Metrics, dict[str, Ranked]]]:
    """The measures and the rankings (passage id, score) of each mode over all questions."""
    results: dict[Mode, tuple[Metrics, dict[str, Ranked]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        generation = _index(data, embeddings, Path(folder))
        try:
            for mode in modes:
                search = _whitespace(data) if mode == "whitespace" else _own(generation, mode)
                results[mode] = _run(data, search)
        finally:
            generation.close()
    return results


def _index(data: RetrievalSet, embeddings: Any, folder: Path) -> Generation:
    from vectorstore.embeddings import embed, fingerprint

    passages = [Passage(name, name, 0, len(text), text, title) for name, (title, text) in data.corpus.items()]
    generations = Generations(folder)
    generations.publish(
        deletes=(), inserts=passages, embed=lambda texts: embed(embeddings, texts), embedding=fingerprint(embeddings),
        facts="", revision="", releases=len(passages), expected={p.id for p in passages}, extra=lambda _: None,
    )  # fmt: skip
    live = generations.current()
    if live is None:
        raise BadSet("nothing was indexed")
    return Generation(live, embeddings)


def _own(generation: Generation, mode: Mode) -> Callable[[str], Ranked]:
    return lambda query: rank(generation, query, _DEPTH, mode=mode)  # type: ignore[arg-type]


def _whitespace(data: RetrievalSet) -> Callable[[str], Ranked]:
    """BM25 over white-space tokens with the usual k1 1.5 and b 0.75, as LangChain's recipe for it does."""
    import bm25s

    names = list(data.corpus)
    index = bm25s.BM25(k1=1.5, b=0.75, backend="numpy")
    index.index([f"{title} {text}".split() for title, text in data.corpus.values()], show_progress=False)

    def search(query: str) -> Ranked:
        tokens = [t for t in query.split() if t in index.vocab_dict]
        if not tokens:
            return []
        scores = index.get_scores(tokens)
        order = scores.argsort()[::-1][:_DEPTH]
        return [(names[i], float(scores[i])) for i in order if scores[i] > 0]

    return search


def _run(data: RetrievalSet, search: Callable[[str], Ranked]) -> tuple[Metrics, dict[str, Ranked]]:
    found: dict[str, Ranked] = {}
    times = []
    for name, text in data.queries.items():
        began = time.perf_counter()
        found[name] = search(text)
        times.append(time.perf_counter() - began)
    orders = {q: [p for p, _ in ranked] for q, ranked in found.items()}

    def mean(value: Callable[[Sequence[str], Mapping[str, int]], float]) -> float:
        return statistics.fmean(value(orders[q], data.relevant[q]) for q in data.queries)

    return (
        Metrics(
            mean(ndcg),
            mean(lambda r, g: recall(r, g, 1)),
            mean(lambda r, g: recall(r, g, 5)),
            mean(reciprocal_rank),
            1000 * statistics.median(times),
        ),
        found,
    )


def write_run(path: Path, rankings: Mapping[str, Ranked], tag: str) -> None:
    """A run file as trec_eval reads it."""
    lines = [
        f"{query} Q0 {passage} {place} {score:.6f} {tag}"
        for query, ranked in rankings.items()
        for place, (passage, score) in enumerate(ranked, 1)
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
