"""`sanad ledger`: the facts of all releases as a table, a spreadsheet or a chart."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.compose import fail
from settings import settings


def show_ledger(
    donor: Annotated[list[str] | None, typer.Option(help="Who gives: a name in any language.")] = None,
    recipient: Annotated[list[str] | None, typer.Option(help="Who receives.")] = None,
    place: Annotated[
        list[str] | None, typer.Option(help="A country, governorate or town that the release names.")
    ] = None,
    year: Annotated[str | None, typer.Option(help="2021, or 2019-2021.")] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="funding, outcome, share, period, place, goal or actor; funding if left out."),
    ] = None,
    role: Annotated[list[str] | None, typer.Option(help="grant, component, package, cumulative, need …")] = None,
    reposts: Annotated[bool, typer.Option(help="Include releases that repeat another.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write a CSV file.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write an Excel file, right to left.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Draw grants by donor and year: .png, .svg or .pdf.")] = None,
    language: Annotated[str, typer.Option(help="ar or en.")] = "ar",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a fact a line.")] = False,
) -> None:
    """The facts of the live generation, filtered."""
    from dataclasses import replace

    from ledger.export import GRANTS, lines, to_csv, to_xlsx
    from ledger.export import chart as draw
    from ledger.rows import KINDS, Filter
    from ledger.store import Ledger
    from vectorstore.generations import Generations

    if language not in {"ar", "en"}:
        fail(f"اللغة ar أو en، لا {language}", f"the language is ar or en, not {language}")
    kinds = tuple(k for k in KINDS if k in (kind or ["funding"]))
    if unknown := [k for k in kind or [] if k not in KINDS]:
        fail(
            f"نوع غير معروف: {unknown[0]}؛ الأنواع: {' '.join(KINDS)}",
            f"unknown kind {unknown[0]}; kinds: {' '.join(KINDS)}",
        )
    first, last = _years(year)
    wanted = Filter(
        kinds=kinds,
        roles=tuple(role or ()),
        donors=_named(donor),
        recipients=_named(recipient),
        places=_named(place),
        first_year=first,
        last_year=last,
        reposts=reposts,
    )
    folder = Generations(settings().data_dir / "generations").current()
    if folder is None:
        fail("لا توجد بيانات بعد؛ ابدأ بالأمر sanad ingest", "nothing has been ingested yet; start with sanad ingest")
    ledger = Ledger(folder / "ledger.db")
    tongue: Literal["ar", "en"] = "en" if language == "en" else "ar"
    try:
        if chart is not None:
            grants = replace(wanted, kinds=GRANTS.kinds, roles=GRANTS.roles, main=True, reposts=False)
            shown = draw(ledger, grants, chart, tongue)
            if not shown:
                fail("لا منح بهذه الشروط", "no grants match")
            typer.echo(f"{chart}: {shown} grants")
            return
        found = list(lines(ledger, ledger.rows(wanted), tongue))
        if csv is not None:
            csv.write_text(to_csv(found, tongue), "utf-8", newline="")
        if xlsx is not None:
            to_xlsx(found, xlsx, tongue)
        if csv or xlsx:
            typer.echo(" ".join(f"{p}: {len(found)} facts" for p in (csv, xlsx) if p))
        elif as_json:
            for line in found:
                typer.echo(json.dumps(asdict(line), ensure_ascii=False, default=str))
        else:
            _print(found)
    except (OSError, ValueError) as error:
        fail(f"تعذّرت الكتابة: {error}", f"cannot write: {error}")
    finally:
        ledger.close()


def _named(names: list[str] | None) -> tuple[str, ...]:
    """Gazetteer ids of names as people type them."""
    from ledger.gazetteer import find_mentions

    ids: list[str] = []
    for name in names or ():
        mentions = find_mentions(name, fuzzy=True)
        if not mentions:
            fail(f"اسم غير معروف: {name}", f"unknown name: {name}")
        ids += [m.entity.id for m in mentions]
    return tuple(dict.fromkeys(ids))


def _years(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    from arabic.normalize import normalize

    parts = normalize(text).replace("–", "-").split("-")
    try:
        first, last = int(parts[0]), int(parts[-1])
    except ValueError:
        fail(f"سنة غير مفهومة: {text}؛ مثال: 2021 أو 2019-2021", f"no year: {text}; for example 2021 or 2019-2021")
    return min(first, last), max(first, last)


def _print(found: list) -> None:  # type: ignore[type-arg]
    from rich.console import Console
    from rich.table import Table

    table = Table(show_lines=False, pad_edge=False)
    for heading in ("release", "date", "role", "value", "unit", "donor", "recipient", "as printed"):
        table.add_column(heading, overflow="fold")
    for line in found:
        value = (
            f"{line.value:,f}".rstrip("0").rstrip(".")
            if line.value is not None and "." in f"{line.value:f}"
            else f"{line.value:,}"
            if line.value is not None
            else ""
        )
        table.add_row(
            line.release, line.date, line.role, value, line.unit, line.donor or line.what, line.recipient, line.printed
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    typer.echo(f"{len(found)} facts")
