"""`sanad ledger`: the facts of all releases as a table, a spreadsheet or a chart."""

import json
import re
import shutil
import sqlite3
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.compose import fail
from settings import settings

if TYPE_CHECKING:
    from ledger.export import Line


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

    from ledger.export import GRANTS, lines, roles, to_csv, to_xlsx
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
    if unknown := [r for r in role or [] if r not in roles()]:
        fail(
            f"دور غير معروف: {unknown[0]}؛ الأدوار: {' '.join(roles())}",
            f"unknown role {unknown[0]}; roles: {' '.join(roles())}",
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
        found = sorted(lines(ledger, ledger.rows(wanted), tongue), key=lambda line: (not line.date, line.date))
        if csv is not None:
            csv.write_text(to_csv(found, tongue), "utf-8", newline="")
        if xlsx is not None:
            to_xlsx(found, xlsx, tongue)
    except (OSError, ValueError) as error:
        fail(f"تعذّرت الكتابة: {error}", f"cannot write: {error}")
    except sqlite3.Error as error:
        fail(
            f"تعذّرت قراءة السجل: {error}؛ افحص البيانات بالأمر sanad generations verify",
            f"cannot read the ledger: {error}; check it with sanad generations verify",
        )
    finally:
        ledger.close()
    if csv or xlsx:
        typer.echo("\n".join(f"{p}: {len(found)} facts" for p in (csv, xlsx) if p))
    elif as_json:
        for line in found:
            typer.echo(json.dumps(asdict(line), ensure_ascii=False, default=str))
    elif found:
        _print(found, tongue)
    else:
        typer.echo({"ar": "لا حقائق بهذه الشروط", "en": "no facts match"}[tongue])


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


_WIDE = 120
"""From how many columns a terminal has room for the words as printed, and for giver and receiver side by side."""
_GAP = 3
"""What a column takes beside its text."""
_LEAST = 12
"""No column is narrower for the sake of long words: file names are broken, sums and dates are not."""


def _print(found: "Sequence[Line]", language: Literal["ar", "en"]) -> None:
    """The facts as a table that fits the terminal; the column with the most to spare gives way first."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ledger.export import headings

    width = shutil.get_terminal_size((160, 24)).columns
    names = headings(language)
    arrow = {"ar": " ← ", "en": " → "}[language]
    if width >= _WIDE:
        head = [names[n] for n in ("date", "role", "value", "donor", "recipient", "printed", "release")]
        rows = [[x.date, x.role, _fact(x), x.donor or x.what, x.recipient, x.printed, x.release] for x in found]
    else:
        head = [names["date"], names["role"], names["value"], arrow.join((names["donor"], names["recipient"]))]
        head.append(names["release"])
        rows = [
            [
                x.date,
                x.role,
                _fact(x),
                arrow.join(p for p in (x.donor or ("" if x.value else x.what), x.recipient) if p),
                x.release,
            ]
            for x in found
        ]
    widths = _widths([head, *rows], width - _GAP * len(head))
    if sum(widths) > width - _GAP * len(head):  # no room for columns: a fact's cells one below the other
        typer.echo("\n\n".join("\n".join(_isolated(cell, width) for cell in row if cell) for row in rows) + "\n")
    else:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading, room in zip(head, widths, strict=True):
            table.add_column(Text(_isolated(heading, room)), no_wrap=True, width=room)
        for row in rows:
            table.add_row(*(Text(_isolated(cell, room)) for cell, room in zip(row, widths, strict=True)))
        Console(width=width).print(table)
    typer.echo({"ar": f"عدد الحقائق: {len(found)}", "en": f"{len(found)} facts"}[language])


def _fact(line: "Line") -> str:
    """A sum of money with its currency; of other facts the words as printed."""
    from ledger.money import plain

    if line.value is None or not line.unit.isupper():
        return line.printed
    return "–".join(plain(v) for v in (line.value, line.upper) if v is not None) + f"\N{NO-BREAK SPACE}{line.unit}"


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    columns = list(zip(*rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    least = [
        min(max(len(word) for cell in column for word in cell.split(" ")), _LEAST if at == len(columns) - 1 else room)
        for at, column in enumerate(columns)
    ]
    while sum(widths) > room and (spare := max(w - low for w, low in zip(widths, least, strict=True))) > 0:
        widths[max(at for at, w in enumerate(widths) if w - least[at] == spare)] -= 1
    return widths


def _isolated(cell: str, width: int) -> str:
    """A cell's lines, those that hold Arabic between isolates: else a terminal would run them together across columns."""
    from arabic.bidi import FSI, PDI

    lines = textwrap.wrap(re.sub(r"\s*\n\s*", " ", cell), width, break_on_hyphens=False) or [""]
    return "\n".join(f"{FSI}{line}{PDI}" if _ARABIC.search(line) else line for line in lines)


_ARABIC = re.compile("[\u0600-\u06ff]")
