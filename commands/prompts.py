"""`sanad prompts`: the prompt files, and how versions and models answer a set of cases, side by side."""

import difflib
import json
import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from commands.compose import Json, fail
from commands.prompt_reports import show_report
from commands.prompt_tests import run_cases
from settings import settings

prompts_app = typer.Typer(no_args_is_help=True, help="The prompts of chat models: files, versions, tests.")
prompts_app.command("test")(run_cases)
prompts_app.command("report")(show_report)

_CHANGELOG = re.compile(r"^changelog:.*?(?=^\S)", re.MULTILINE | re.DOTALL)


@prompts_app.command("list")
def list_(as_json: Json = False) -> None:
    """All prompts with what is new in each version."""
    from prompts.loader import BadPrompt, list_prompts, load_prompt

    folder = settings().prompts_dir
    names = list_prompts(folder)
    if not names:
        fail(f"لا موجّهات في {folder}", f"no prompts in {folder}")
    broken = 0
    for name in names:
        try:
            prompt = load_prompt(name, folder)
        except BadPrompt as error:
            broken += 1
            typer.secho(error.message_en, fg=typer.colors.RED, err=True)
            continue
        if as_json:
            row = {"prompt": name, "changelog": prompt.changelog, "variables": list(prompt.variables)}
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            typer.echo(f"{name:<14} {' '.join(prompt.changelog.split())}")
    raise typer.Exit(1 if broken else 0)


@prompts_app.command()
def show(
    name: Annotated[str, typer.Argument(help="Such as answer/v1.")],
    question: Annotated[
        str | None, typer.Option("--question", "-q", help="Show what a model would be sent for this question.")
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Over this folder of releases instead of the live corpus.", file_okay=False)
    ] = None,
) -> None:
    """The file of a prompt, checked; or all that a model would be sent, passages and all."""
    text = _text(name)
    if question is None:
        typer.echo(text, nl=False)
        return
    from answering.answer import Ask
    from answering.context import build
    from answering.extractive import answer, prepare
    from commands.prompt_columns import BOUNDARY
    from commands.prompt_tests import open_views
    from prompts.loader import load_prompt

    if not name.startswith("answer/"):
        fail("مع --question: موجّه من نوع answer", "with --question: a prompt of the kind answer")
    config, folder = settings(), corpus.resolve() if corpus else None
    with open_views(config, [folder]) as views:
        view, ask = views[folder], Ask(question)
        given = prepare(ask, view.ledger, view.search), answer(ask, view.ledger, view.search)
        values = build(ask, question, *given, view, lambda: BOUNDARY).values
    for message in load_prompt(name, config.prompts_dir).render(values):
        typer.secho(f"── {message.role}", fg=typer.colors.CYAN)
        typer.echo(message.text)


@prompts_app.command()
def new(
    kind: Annotated[
        str, typer.Argument(help="The kind (answer), whose newest version is copied, or a version (answer/v1).")
    ],
    changelog: Annotated[str, typer.Option("--changelog", "-m", help="What is new, in a line.")] = "",
) -> None:
    """Begin the next version of a prompt as a copy; published versions never change."""
    from prompts.loader import list_prompts, prompt_path

    folder = settings().prompts_dir
    if folder is not None and not list_prompts(folder):
        _furnish(folder)
    base, _, version = kind.partition("/")
    versions = [n for n in list_prompts(folder) if n.startswith(f"{base}/")]
    if not versions:
        kinds = ", ".join(dict.fromkeys(n.partition("/")[0] for n in list_prompts(folder)))
        fail(f"لا موجّه من نوع {base}؛ الأنواع: {kinds}", f"no prompt of the kind {base}; kinds: {kinds}")
    source = kind if version else versions[-1]
    text = _text(source)
    line = json.dumps(changelog or f"Draft after {source}.", ensure_ascii=False)
    name = f"{base}/v{int(versions[-1].rpartition('/v')[2]) + 1}"
    path = prompt_path(name, folder)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_CHANGELOG.sub(lambda _: f"changelog: {line}\n", text, count=1))
    except OSError as error:
        fail(f"تعذّرت الكتابة: {path}: {error.strerror}", f"cannot write {path}: {error.strerror}")
    typer.echo(f"{name}  {path}")
    typer.echo(f"sanad prompts test --prompt {source} --prompt {name}", err=True)


@prompts_app.command()
def diff(old: str, new: str) -> None:
    """The differences between two versions, as a unified diff."""
    before, after = _text(old).splitlines(), _text(new).splitlines()
    colours = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}
    for line in difflib.unified_diff(before, after, old, new, lineterm=""):
        typer.secho(line, fg=colours.get(line[:1]))


def _furnish(folder: Path) -> None:
    """A folder of prompts of one's own begins with the shipped ones: a prompt of each kind has to be there."""
    from prompts.loader import list_prompts, prompt_path

    try:
        for name in list_prompts():
            path = prompt_path(name, folder)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(prompt_path(name), path)
    except OSError as error:
        fail(f"تعذّرت الكتابة: {folder}: {error.strerror}", f"cannot write {folder}: {error.strerror}")


def _text(name: str) -> str:
    """The file of a prompt that keeps the rules."""
    from prompts.loader import BadPrompt, load_prompt, prompt_path

    folder = settings().prompts_dir
    try:
        load_prompt(name, folder)
    except BadPrompt as error:
        fail(error.message_ar, error.message_en)
    return prompt_path(name, folder).read_text("utf-8")
