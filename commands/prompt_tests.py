"""`sanad prompts test` and `sanad prompts report`."""

import asyncio
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import fail, open_corpus, open_embeddings
from settings import Settings, settings

if TYPE_CHECKING:
    from answering.chat import ChatConfig
    from answering.corpus import View
    from commands.prompt_columns import Responses
    from evaluation.baseline import Comparison
    from evaluation.cases import Case
    from evaluation.cost import Prices
    from evaluation.report import Column, Report, Try
    from evaluation.responses import Mode
    from evaluation.runs import Contestant, Grade

_SAMPLES = Path(__file__).parents[1] / "samples" / "cases"
_INTERRUPTED = 130

Out = Annotated[Path | None, typer.Option(dir_okay=False)]
Language = Annotated[str, typer.Option(help="The language of the HTML report: ar, en or ckb.")]


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
    from commands.prompt_columns import Responses
    from evaluation.baseline import compare
    from evaluation.report import read_report

    config = settings()
    set_tracing(config.tracing)
    if record and replay:
        raise typer.BadParameter("either --record or --replay")
    with _told():
        chosen = _selected(_cases([*(files or ()), *(cases or ())]), tag or (), case or (), failed)
        before = read_report(baseline) if baseline else None
        from evaluation.cost import load_prices

        price_list = load_prices(prices)
        mode: Mode = "replay" if replay else "keep" if cache else "refresh" if record else "off"
        responses = Responses(replay or record or config.data_dir / "prompt-tests" / "responses", mode)
        columns = _contestants(config, prompt or (), model or (), responses)
        grade = _grader(config, grader, responses)
        if language not in _languages():
            raise typer.BadParameter(f"--language is one of {', '.join(_languages())}")
    if corpus is not None:
        from dataclasses import replace

        chosen = [replace(c, corpus=corpus.resolve(), generation=None) for c in chosen]
    with _views(config, chosen) as views:
        found = _run(chosen, columns, views, price_list, repeat, concurrency, grade)
    comparison = compare(found, before) if before else None
    _write(found, json_file, junit, html, language, before, comparison)
    _print(found, comparison, details=details)
    if any("interrupted" in note for note in found.notes):
        raise typer.Exit(_INTERRUPTED)
    right = not comparison.worse if comparison else all(s.passed == s.total for s in found.summaries.values())
    raise typer.Exit(0 if right else 1)


def show_report(
    file: Annotated[Path, typer.Argument(help="A report that `sanad prompts test --json` wrote.")],
    html: Annotated[Path | None, typer.Option(help="Write it as one HTML page.", dir_okay=False)] = None,
    junit: Annotated[Path | None, typer.Option(help="Write it as JUnit XML.", dir_okay=False)] = None,
    baseline: Annotated[Path | None, typer.Option(help="An earlier report to hold it against.", dir_okay=False)] = None,
    language: Language = "ar",
    details: Annotated[bool, typer.Option(help="Print the answers that did not pass.")] = True,
) -> None:
    """Show an earlier run again, or as a page; nothing is asked."""
    from evaluation.baseline import compare
    from evaluation.report import read_report

    with _told():
        found = read_report(file)
        before = read_report(baseline) if baseline else None
        if language not in _languages():
            raise typer.BadParameter(f"--language is one of {', '.join(_languages())}")
    comparison = compare(found, before) if before else None
    _write(found, None, junit, html, language, before, comparison)
    _print(found, comparison, details=details)


@contextmanager
def _told() -> Iterator[None]:
    """Known faults as one line in Arabic and one in English."""
    from answering.errors import ChatSetup
    from evaluation.cases import BadCase
    from evaluation.cost import BadPrices
    from evaluation.report import BadReport
    from prompts.loader import BadPrompt

    try:
        yield
    except (ChatSetup, BadPrompt) as error:
        fail(error.message_ar, error.message_en)
    except BadCase as error:
        fail(f"حالة اختبار غير صالحة: {error}", f"not a usable case: {error}")
    except BadPrices as error:
        fail(f"ملف أسعار غير صالح: {error}", f"not a usable price file: {error}")
    except BadReport as error:
        fail(f"تقرير غير صالح: {error}", f"not a usable report: {error}")


def _languages() -> list[str]:
    from evaluation.html import report_texts

    return list(report_texts())


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


def _contestants(
    config: Settings, prompts: Sequence[str], models: Sequence[str], responses: "Responses"
) -> "list[Contestant]":
    """The columns that are asked for; by default the extractive answerer and the model of the settings."""
    from answering.usage import Limits
    from commands.prompt_columns import EXTRACTIVE, contestants

    configured = config.chat_model
    names = list(dict.fromkeys(models)) or [EXTRACTIVE, *([configured] if configured else [])]
    chats = [None if name == EXTRACTIVE else _chat(config, name) for name in names]
    if prompts and not any(chats):
        fail(
            "الموجّهات تحتاج إلى نموذج: سمّه بالخيار --model أو بالإعداد SANAD_CHAT_MODEL",
            "prompts need a model: name one with --model or in SANAD_CHAT_MODEL",
        )
    limits = Limits(config.chat_seconds, config.chat_calls, config.chat_tokens)
    named = list(dict.fromkeys(prompts))
    return contestants(named, _fixed(config, named), chats, responses, limits, config.prompts_dir)


def _fixed(config: Settings, named: Sequence[str]) -> list[str]:
    """Of every kind in use that is not named, the version that the settings choose."""
    used = {"answer": config.prompt_answer, "repair": config.prompt_repair}
    if config.chat_condense == "model":
        used["condense"] = config.prompt_condense
    return [f"{k}/{v}" for k, v in used.items() if not any(n.startswith(f"{k}/") for n in named)]


def _chat(config: Settings, name: str) -> "ChatConfig":
    """The server and the key of the settings are for their provider; no other one gets to see them."""
    from answering.chat import ChatConfig

    provider = (config.chat_model or name).partition(":")[0]
    own = name.partition(":")[0] == provider
    return ChatConfig(name, config.chat_url if own else None, config.chat_key if own else None, config.chat_output)


def _grader(config: Settings, name: str | None, responses: "Responses") -> "Grade | None":
    if name is None:
        return None
    from commands.prompt_columns import chat_model
    from evaluation.grader import Grader
    from prompts.loader import load_prompt

    prompt = load_prompt("grade/v1", config.prompts_dir)
    return Grader(chat_model(prompt, _chat(config, name), responses, 0), prompt, _RUBRIC)


_RUBRIC = "The answer says what was asked, wholly and plainly, and nothing that its quotes do not say."


@contextmanager
def _views(config: Settings, cases: "Sequence[Case]") -> "Iterator[Mapping[Path | None, View]]":
    """The corpora of the cases, open: the live one, and one for each folder, which is brought up to date first."""
    from ingest.pipeline import ingest

    with ExitStack() as stack:
        views: dict[Path | None, View] = {}
        for folder in dict.fromkeys(c.corpus for c in cases):
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


def _write(
    found: "Report",
    json_file: Path | None,
    junit: Path | None,
    html: Path | None,
    language: str,
    before: "Report | None",
    comparison: "Comparison | None",
) -> None:
    from evaluation.html import to_html
    from evaluation.junit import to_junit
    from evaluation.report import to_json

    texts: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (json_file, lambda: to_json(found)),
        (junit, lambda: to_junit(found, comparison)),
        (html, lambda: to_html(found, language, baseline=before, comparison=comparison)),
    )
    for path, text in texts:
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text(), "utf-8")
            except OSError as error:
                fail(f"تعذّرت الكتابة: {path}: {error.strerror}", f"cannot write {path}: {error.strerror}")


def _print(found: "Report", comparison: "Comparison | None", *, details: bool) -> None:
    from rich.console import Console

    from evaluation.terminal import rendered

    Console(highlight=False).print(rendered(found, comparison, details=details))
