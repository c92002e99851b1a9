"""`sanad prompts test`: which cases, over which corpora, with which columns."""

import asyncio
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import open_corpus, open_embeddings
from commands.prompt_reports import Language, check_language, show, told, write
from settings import Settings, settings

if TYPE_CHECKING:
    from answering.corpus import View
    from evaluation.cases import Case
    from evaluation.cost import Prices
    from evaluation.report import Column, Report, Try
    from evaluation.responses import Mode
    from evaluation.runs import Contestant, Grade

_SAMPLES = Path(__file__).parents[1] / "samples" / "cases"
_INTERRUPTED = 130


def run_cases(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of cases, or folders of them, as with --cases.")
    ] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="A prompt version such as answer/v1; repeat for more.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model such as openai:gpt-4.1-mini or ollama:qwen3, or extractive; repeat for more."),
    ] = None,
    cases: Annotated[
        list[Path] | None,
        typer.Option(help="A file of cases (.yaml, .jsonl) or a folder of them. Default: ./cases or the samples."),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only cases with this tag; repeat for more.")] = None,
    case: Annotated[list[str] | None, typer.Option(help="Only cases whose id fits, such as 'funding-*'.")] = None,
    failed: Annotated[Path | None, typer.Option(help="Only cases that did not pass in this JSON report.")] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Ask over this folder of releases, whatever the cases say.", file_okay=False)
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Ask each case so many times.")] = 1,
    concurrency: Annotated[int, typer.Option(min=1, help="So many answers at a time.")] = 4,
    record: Annotated[Path | None, typer.Option(help="Keep model responses in this folder.", file_okay=False)] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="Answer from recorded responses alone; no key and no model is needed.", file_okay=False),
    ] = None,
    cache: Annotated[bool, typer.Option(help="Use the responses of earlier runs, kept in the data folder.")] = True,
    grader: Annotated[str | None, typer.Option(help="A model that grades the answers too; none by default.")] = None,
    prices: Annotated[Path | None, typer.Option(help="A YAML file with prices of your own.", dir_okay=False)] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="An earlier JSON report: fail only on what became worse.", dir_okay=False)
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.", dir_okay=False)] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the report as JUnit XML.", dir_okay=False)] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML page.", dir_okay=False)] = None,
    language: Language = "ar",
    details: Annotated[bool, typer.Option(help="Print the answers that did not pass.")] = True,
) -> None:
    """Ask cases of prompts and models side by side, and check the answers.

    Status 0: all passed, or with --baseline nothing became worse. 1: not so. 2: nothing could be asked.
    """
    from answering.tracing import set_tracing
    from commands.prompt_choice import chosen_columns, chosen_grader
    from commands.prompt_columns import Responses
    from evaluation.baseline import compare
    from evaluation.cost import load_prices
    from evaluation.report import read_report

    config = settings()
    set_tracing(config.tracing)
    if record and replay:
        raise typer.BadParameter("either --record or --replay")
    with told():
        chosen = _selected(_cases([*(files or ()), *(cases or ())]), tag or (), case or (), failed)
        before = read_report(baseline) if baseline else None
        price_list = load_prices(prices)
        mode: Mode = "replay" if replay else "keep" if cache else "refresh" if record else "off"
        responses = Responses(replay or record or config.data_dir / "prompt-tests" / "responses", mode)
        columns = chosen_columns(config, prompt or (), model or (), grader, responses)
        grade = chosen_grader(config, prompt or (), model or (), grader, responses)
        check_language(language)
    if corpus is not None:
        from dataclasses import replace

        chosen = [replace(c, corpus=corpus.resolve(), generation=None) for c in chosen]
    with open_views(config, [c.corpus for c in chosen]) as views:
        found = _run(chosen, columns, views, price_list, repeat, concurrency, grade)
    comparison = compare(found, before) if before else None
    write(found, json_file, junit, html, language, before, comparison)
    show(found, comparison, details=details)
    if any("interrupted" in note for note in found.notes):
        raise typer.Exit(_INTERRUPTED)
    right = not comparison.worse if comparison else all(s.passed == s.total for s in found.summaries.values())
    raise typer.Exit(0 if right else 1)


def _cases(paths: Sequence[Path]) -> "list[Case]":
    from evaluation.cases import load_cases

    own = Path("cases")
    return load_cases(paths or [own if own.is_dir() else _SAMPLES])


def _selected(cases: "Sequence[Case]", tags: Sequence[str], names: Sequence[str], failed: Path | None) -> "list[Case]":
    """The cases with any of the tags and any of the names, that did not pass before. Raises BadCase if none is left."""
    from evaluation.cases import BadCase
    from evaluation.report import read_report

    known = sorted({tag for c in cases for tag in c.tags})
    if unknown := [tag for tag in tags if tag not in known]:
        raise BadCase(f"no case has the tag «{unknown[0]}»; tags: {', '.join(known)}")
    chosen = [c for c in cases if not tags or set(tags) & set(c.tags)]
    chosen = [c for c in chosen if not names or any(fnmatchcase(c.id, name) for name in names)]
    if failed is not None:
        rows = {row.id: row for row in read_report(failed).rows}
        chosen = [c for c in chosen if c.id not in rows or any(x.status != "pass" for x in rows[c.id].cells)]
    if not chosen:
        raise BadCase("no case is left to ask; see --tag, --case and --failed")
    return chosen


@contextmanager
def open_views(config: Settings, folders: "Iterable[Path | None]") -> "Iterator[Mapping[Path | None, View]]":
    """Corpora, open: the live one, and one for each folder, which is brought up to date first."""
    from ingest.pipeline import ingest

    with ExitStack() as stack:
        views: dict[Path | None, View] = {}
        for folder in dict.fromkeys(folders):
            at = config
            if folder is not None:
                name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
                at = config.model_copy(update={"data_dir": config.data_dir / "prompt-tests" / "corpora" / name})
                ingest([folder], data_dir=at.data_dir, embeddings=open_embeddings(at), force=True)
            corpus = open_corpus(at)
            stack.callback(corpus.close)
            views[folder] = stack.enter_context(corpus.view())
        yield views


def _run(
    cases: "Sequence[Case]",
    columns: "Sequence[Contestant]",
    views: "Mapping[Path | None, View]",
    prices: "Prices",
    repeat: int,
    concurrency: int,
    grade: "Grade | None",
) -> "Report":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from evaluation.runs import run

    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bars:
        tasks = {c.column.name: bars.add_task(c.column.name, total=len(cases) * repeat) for c in columns}

        def done(_: "Case", column: "Column", __: "Try") -> None:
            bars.advance(tasks[column.name])

        return asyncio.run(
            run(cases, columns, views, prices, repeat=repeat, concurrency=concurrency, grade=grade, done=done)
        )
