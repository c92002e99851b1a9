"""Learn the weights by which candidates are ranked, from question sets.

    python -m training.fit_answering SET_DIR [SET_DIR ...] [--leave-one-out] [--out answering/data/weights.yaml]

Each candidate's answer is judged by the set's own expectations; the weights maximise the chance of the right
candidates among all candidates of a question and the refusal (softmax, L2). With --leave-one-out every set is also
measured with weights learned from the others only.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import minimize  # type: ignore[import-untyped]

from answering.answer import Ask
from answering.candidates import candidates
from answering.compose import told
from answering.extractive import prepare, turns
from answering.parts import parts
from answering.ranking import family
from answering.wanted import wanted
from evaluation.answers import judge, load_questions, release_texts

L2_SHARED, L2_FAMILY = 0.02, 0.05
PRIOR = {
    "near": 1.0, "context": 1.0, "local": 1.5, "retrieval": 1.0, "gap": -2.0, "focus": 1.0, "names:here": 0.5,
    "unknown:givers": -6.0, "unknown:receivers": -4.0, "unknown:places": -5.0, "unknown:ministries": -1.0,
    "unknown:countries": -2.0, "country:other": -6.0, "time:release": 0.5, "time:here": 0.5, "time:conflict": -7.0, "time:loose": -1.5,
    "time:figure": 1.5, "time:off": -1.5, "time:day": 1.0, "outcome:early": -7.0, "story:fits": 2.5, "stage:match": 1.5, "stage:clash": -4.0, "reached:target": -2.5,
    "previous:match": 1.3, "previous:untold": -0.8, "previous:unasked": -1.2, "previous:new": -5.0, "tense:match": 0.7,
    "tense:clash": -0.7, "spent:untold": -6.0, "paid:match": 3.0, "paid:missed": -5.0, "paid:pledged": -3.0, "ordinal:unknown": -6.0, "given": -2.0, "range": 2.0, "currency": 1.0, "currency:beside": -4.0, "payer:match": 4.0, "payer:missed": -8.0, "payer:other": -2.0, "payer:elsewhere": -5.0, "part:named": 2.0, "given:beside": 2.0, "title:missing": -4.0, "given:absent": -3.0, "phase:match": 1.5, "phase:clash": -2.0, "place:clause": 2.0, "change:from": -1.5, "change:instead": -1.5, "instrument:match": 1.0, "instrument:clash": -4.0, "donor:other": -5.0, "component:party": 1.5, "component:missed": -1.5, "people:anybody": -1.0, "time:near": 0.3, "place:many": 1.0, "place:speech": -1.0, "clause": 1.5, "names:clause": 0.5, "time:news": 1.0, "time:span": 2.0,
    "role:match": 1.5, "role:missed": -1.0, "role:special": -4.0, "price:match": 2.0, "price:unasked": -4.0, "role:minor": -1.0, "component:asked": 1.0, "component:unasked": -0.5, "plain": 1.0, "main": 1.5, "main:plain": 1.0,
    "party:givers": 1.0, "party:receivers": 0.7, "noun:same": 2.0, "noun:alike": 1.2, "noun:unit": 0.7,
    "noun:other": -1.5, "noun:beside": 0.7, "people:other": -4.0, "subset:match": 2.0, "subset:unasked": -1.0, "subset:missed": -0.5, "place:absent": -1.0, "place:other": -2.5, "actor:many": 1.5, "count:role": 0.7, "time:kind": 2.0, "place:named": 1.0,
    "place:noun": 0.5, "says": 1.0, "says:other": -0.5, "actor:named": 1.0, "actor:ministry": 1.0, "actor:giver": 0.5, "actor:givers": 1.5, "actor:news": -1.0, "actor:agent": 1.0,
    "country:beside": -2.0, "time:ahead": -3.0, "label:match": 2.5, "modifier:match": 2.0, "modifier:unknown": -8.0, "price:missed": -6.0, "unknown:within": -6.0, "giver:other": -2.0, "place:outside": -7.0, "phrases": -1.0, "told": 2.0, "cost:unasked": -2.0, "place:reach": 1.0, "cost:match": 2.0,
}  # fmt: skip
"""What is expected of a feature before anything is learned; few examples move it little."""
REFUSAL_WEIGHT = 1.0
"""A wrong figure costs more than a missing one, and few questions of the sets are unanswerable."""
SKIPPED = {"aggregate", "compare", "list", "ambiguous"}


@dataclass
class Example:
    """One question: the features of its candidates, and which are right; refusing is the last column of `right`."""

    name: str
    rows: list[dict[str, float]]
    right: np.ndarray
    text: list[str]


def examples(folder: Path) -> Iterator[Example]:
    """The questions of a set with one wanted thing."""
    from commands.compose import open_corpus
    from ingest.pipeline import ingest
    from settings import Settings
    from vectorstore.embeddings import load_embeddings

    with tempfile.TemporaryDirectory() as data:
        config = Settings(data_dir=Path(data))
        ingest([folder / "releases"], data_dir=Path(data), embeddings=load_embeddings(None))
        corpus = open_corpus(config)
        texts = release_texts(folder)
        for case in load_questions(folder):
            if case.category in SKIPPED:
                continue
            ask = Ask(case.turns[-1], turns(case.turns[:-1]))
            with corpus.view() as view:
                prepared = prepare(ask, view.ledger, view.search)
            wants = wanted(prepared.question)
            if len(wants) > 1 or parts(prepared.question):
                continue
            found = candidates(prepared.question, prepared.evidence, wants[0])
            rows, right, shown = [], [], []
            for candidate in [c for c in found if c.source.focus] or found:
                answer = told(ask, prepared.question, [candidate])
                features = {"bias": 1.0, **candidate.features}
                rows.append({f"{g}/{k}": v for g in ("all", family(wants[0])) for k, v in features.items() if v})
                shown.append(answer.text)
                right.append(not case.expected.refuse and not judge(case, answer.to_dict(), texts))
            name = f"{folder.name}/{case.id} {case.category} {wants[0].kind}"
            yield Example(name, rows, np.array([*right, case.expected.refuse]), shown)
        corpus.close()


def fit(found: Sequence[Example]) -> dict[str, float]:
    """The weights, by name of feature."""
    usable = [e for e in found if e.right.any()]
    names = sorted({k for e in usable for r in e.rows for k in r})
    index = {n: i for i, n in enumerate(names)}
    penalty = np.array([L2_SHARED if n.startswith("all/") else L2_FAMILY for n in names])
    penalty[index["all/bias"]] = 1e-4
    matrices = [matrix(e, index) for e in usable]
    prior = np.array([PRIOR.get(n.partition("/")[2], 0.0) if n.startswith("all/") else 0.0 for n in names])

    def loss(w: Any) -> Any:
        total, gradient = (
            float(len(usable) * (penalty * (w - prior) ** 2).sum()),
            2 * len(usable) * penalty * (w - prior),
        )
        for e, x in zip(usable, matrices, strict=True):
            scores = np.append(x @ w, 0.0)
            p = np.exp(scores - scores.max())
            p /= p.sum()
            good = p[e.right].sum()
            weight = REFUSAL_WEIGHT if e.right[-1] else 1.0
            total -= weight * float(np.log(good + 1e-12))
            delta = p.copy()
            delta[e.right] -= p[e.right] / (good + 1e-12)
            gradient = gradient + weight * (x.T @ delta[:-1])
        return total, gradient

    result = minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": 400})
    return dict(zip(names, map(float, result.x), strict=True))


def matrix(e: Example, index: dict[str, int]) -> Any:
    x = np.zeros((len(e.rows), len(index)))
    for i, row in enumerate(e.rows):
        for k, v in row.items():
            if k in index:
                x[i, index[k]] = v
    return x


def measure(found: Sequence[Example], weights: dict[str, float], show: bool = False) -> str:
    """How many are answered right, of how many, and how many have a right candidate at all."""
    right = refused = wrongly = 0
    for e in found:
        scores = [sum(v * weights.get(k, 0.0) for k, v in r.items()) for r in e.rows] + [0.0]
        best = int(np.argmax(scores))
        right += bool(e.right[best])
        refused += bool(e.right[-1]) and best == len(e.rows)
        wrongly += not e.right[-1] and best == len(e.rows)
        if show and not e.right[best]:
            kind = "ranked wrongly" if e.right.any() else "no right candidate"
            sys.stdout.write(f"  {kind}: {e.name} → {e.text[best][:100] if best < len(e.text) else 'refusal'}\n")
    possible = sum(bool(e.right.any()) for e in found)
    unanswerable = sum(bool(e.right[-1]) for e in found)
    return (
        f"{right} of {len(found)} right ({possible} possible), {refused} of {unanswerable} unanswerable refused, "
        f"{wrongly} wrongly refused"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--leave-one-out", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("answering/data/weights.yaml"))
    args = parser.parse_args()
    sets = {folder.name: list(examples(folder)) for folder in args.sets}
    if args.leave_one_out:
        for name, held in sets.items():
            others = [e for n, es in sets.items() if n != name for e in es]
            sys.stdout.write(f"{name}, learned from the others: {measure(held, fit(others), args.show)}\n")
    everything = [e for es in sets.values() for e in es]
    weights = fit(everything)
    for name, es in sets.items():
        sys.stdout.write(f"{name}, learned from all: {measure(es, weights)}\n")
    groups: dict[str, dict[str, float]] = {}
    for name, value in sorted(weights.items()):
        if abs(value) >= 0.005:
            group, _, feature = name.partition("/")
            groups.setdefault(group, {})[feature] = round(value, 3)
    header = "# Learned by training/fit_answering.py; do not edit by hand. Positive speaks for a candidate, negative against it.\n"
    args.out.write_text(header + yaml.safe_dump(groups, allow_unicode=True, sort_keys=True), "utf-8")


if __name__ == "__main__":
    main()
