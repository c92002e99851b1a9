"""`sanad eval`: how good the answers, the retrieval and the facts are, on sets of questions."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.compose import Json, fail, open_answerer, open_corpus, open_embeddings
from settings import Settings, settings

if TYPE_CHECKING:
    from answering.corpus import Corpus

eval_app = typer.Typer(no_args_is_help=True, help="How good the answers and the retrieval are, on sets of questions.")


@eval_app.command("retrieval")
def eval_retrieval(
    folder: Annotated[Path, typer.Argument(help="A set in BEIR's layout.")],
    as_json: Json = False,
    run: Annotated[Path | None, typer.Option(help="Write the fused ranking as a TREC run.")] = None,
) -> None:
    """Measure retrieval: fused, its lexical and its dense side, and BM25 over white-space tokens."""
    from dataclasses import asdict

    from evaluation.retrieval import BadSet, load_set, measure, write_run

    try:
        results = measure(load_set(folder), open_embeddings(settings()))
    except BadSet as error:
        fail(f"ليست مجموعة استرجاع صالحة: {error}", f"not a usable retrieval set: {error}")
    if run is not None:
        write_run(run, results["fused"][1], "sanad")
    if as_json:
        typer.echo(json.dumps({mode: asdict(m) for mode, (m, _) in results.items()}))
        return
    typer.echo(f"{folder.name:<12} {'nDCG@10':>8} {'R@1':>8} {'R@5':>8} {'MRR@10':>8} {'ms':>8}")
    for mode, (m, _) in results.items():
        row = (m.ndcg_at_10, m.recall_at_1, m.recall_at_5, m.mrr_at_10)
        typer.echo(f"{mode:<12} " + " ".join(f"{100 * v:8.1f}" for v in row) + f" {m.milliseconds:8.1f}")


@eval_app.command("answers")
def eval_answers(
    folder: Annotated[Path, typer.Argument(help="A question set: releases/ and questions.jsonl.")],
    answers: Annotated[Path | None, typer.Option(help="Score these answers instead of asking.")] = None,
    failures: Annotated[int, typer.Option(help="Print so many wrong answers.")] = 0,
    as_json: Json = False,
) -> None:
    """Ask all questions of a set over its own releases, and judge the answers."""
    from evaluation.answers import BadSet, load_questions, release_texts, score

    try:
        cases = load_questions(folder)
        texts = release_texts(folder)
    except (BadSet, OSError) as error:
        fail(f"ليست مجموعة أسئلة صالحة: {error}", f"not a usable question set: {error}")
    given = _answers_of(answers) if answers else _asked(folder / "releases", [(c.id, c.turns) for c in cases])
    report = score(cases, given, texts).to_dict()
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for name, row in report["categories"].items():
        typer.echo(f"{name:<16} {row['right']:>4}/{row['of']:<4} {row['share']:6.1%}")
    for label, key in (
        ("unanswerable, refused", "refused_unanswerable"),
        ("answerable, refused", "refused_answerable"),
    ):
        typer.echo(f"{label}: {report[key]['count']}/{report[key]['of']} = {report[key]['share']:.1%}")
    typer.echo(f"seconds an answer: p50 {report['seconds']['p50']}, p95 {report['seconds']['p95']}")
    for name, why in list(report["faults"].items())[:failures]:
        typer.echo(f"- {name}: {'; '.join(why)}\n  {given[name]['answer'] if name in given else ''}")


@eval_app.command("ledger")
def eval_ledger(
    folder: Annotated[Path, typer.Argument(help="A set: releases/ and releases.jsonl, which lists their facts.")],
    as_json: Json = False,
) -> None:
    """Measure the extraction of facts: which listed figures the ledger holds, with which roles, and what it adds."""
    from evaluation.answers import BadSet
    from evaluation.facts import compare, load_listed
    from ledger.rows import Filter

    try:
        listed = load_listed(folder)
    except BadSet as error:
        fail(f"ليست مجموعة حقائق صالحة: {error}", f"not a usable set of facts: {error}")
    with _ingested(folder / "releases") as (_, corpus), corpus.view() as view:
        report = compare(listed, view.ledger.rows(Filter()), lambda name: view.ledger.release(name).text)
    result = report.to_dict()
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    recall, roles = result["recall"], result["roles"]
    typer.echo(f"recall {recall['found']}/{recall['of']} = {recall['share'] or 0:.1%}")
    for kind, row in result["by_kind"].items():
        typer.echo(f"  {kind:<8} {row['found']}/{row['of']}")
    typer.echo(f"roles  {roles['right']}/{roles['of']} = {roles['share'] or 0:.1%}")
    for fact in result["missed"]:
        typer.echo(f"missed: {fact['release']}: {fact['text']} ({fact['value']} {fact['unit']})")
    for fact in result["wrong_roles"]:
        typer.echo(f"role:   {fact['release']}: {fact['text']}: {fact['expected']}, not {fact['got']}")
    typer.echo(f"unlisted: {len(result['unlisted'])} (shown with --json)")


def _answers_of(path: Path) -> dict[str, Any]:
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return {row["id"]: row for row in rows}


def _asked(releases: Path, questions: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """The answers to conversations over a folder of releases, which is ingested for the purpose."""
    from answering.answer import Ask
    from answering.extractive import turns

    with _ingested(releases) as (config, corpus):
        answer = open_answerer(config, corpus)
        return {name: answer(Ask(asked[-1], turns(asked[:-1]))).to_dict(name) for name, asked in questions}


@contextmanager
def _ingested(releases: Path) -> "Iterator[tuple[Settings, Corpus]]":
    """A corpus of its own for a folder of releases, gone afterwards."""
    from ingest.pipeline import ingest

    with tempfile.TemporaryDirectory() as folder:
        config = settings().model_copy(update={"data_dir": Path(folder)})
        ingest([releases], data_dir=config.data_dir, embeddings=open_embeddings(config))
        corpus = open_corpus(config)
        try:
            yield config, corpus
        finally:
            corpus.close()
