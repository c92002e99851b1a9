"""What comes of a prompt test: at the terminal and in files; `sanad prompts report`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import fail

if TYPE_CHECKING:
    from evaluation.baseline import Comparison
    from evaluation.report import Report

Language = Annotated[str, typer.Option(help="The language of the HTML report: ar, en or ckb.")]


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

    with told():
        found = read_report(file)
        before = read_report(baseline) if baseline else None
        check_language(language)
    comparison = compare(found, before) if before else None
    write(found, None, junit, html, language, before, comparison)
    show(found, comparison, details=details)


@contextmanager
def told() -> Iterator[None]:
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


def check_language(language: str) -> None:
    """Raises BadParameter for a language that the page does not have."""
    from evaluation.html import report_texts

    if language not in report_texts():
        raise typer.BadParameter(f"--language is one of {', '.join(report_texts())}")


def write(
    found: "Report",
    json_file: Path | None,
    junit: Path | None,
    html: Path | None,
    language: str,
    before: "Report | None",
    comparison: "Comparison | None",
) -> None:
    """The files that were asked for; folders are made."""
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


def show(found: "Report", comparison: "Comparison | None", *, details: bool) -> None:
    """The report at the terminal."""
    from rich.console import Console

    from evaluation.terminal import rendered

    Console(highlight=False).print(rendered(found, comparison, details=details))
