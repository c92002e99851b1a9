"""The ledger for people: lines with names and quotes, as CSV, as an Excel sheet, as a chart."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from arabic.cues import load_yaml
from ledger.gazetteer import ancestors, entity
from ledger.links import at_quote
from ledger.money import currency
from ledger.rows import Filter, Row
from ledger.store import Ledger

Language = Literal["ar", "en"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula (OWASP, CSV injection)."""
_DONORS = 7
"""How many donors of a chart have a colour of their own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as a reader sees it; `quote` is the statement to the letter, `link` opens the web release there."""

    release: str
    title: str
    date: str
    kind: str
    role: str
    value: Decimal | None
    upper: Decimal | None
    unit: str
    what: str
    printed: str
    donor: str
    recipient: str
    first: str
    last: str
    quote: str
    link: str
    original: str


def lines(ledger: Ledger, rows: Iterable[Row], language: Language = "ar") -> Iterator[Line]:
    """The rows with names, words as printed, quotes and links."""
    texts = _texts(language)
    for row in rows:
        release = ledger.release(row.release)
        quote = release.text[row.quote_start : row.quote_end]
        yield Line(
            release=row.release,
            title=release.title,
            date=release.date.isoformat() if release.date else "",
            kind=texts["kinds"][row.kind],
            role=texts["roles"].get(row.role, row.role),
            value=row.value,
            upper=row.upper,
            unit=row.unit,
            what=entity(row.entity).display(language) if row.entity else row.noun,
            printed=release.text[row.start : row.end],
            donor=entity(row.donor).display(language) if row.donor else "",
            recipient=entity(row.recipient).display(language) if row.recipient else "",
            first=row.first or (str(row.first_year) if row.own_years else ""),
            last=row.last or (str(row.last_year) if row.own_years else ""),
            quote=quote,
            link=at_quote(release.url, quote) if release.url else "",
            original=ledger.original(row.release) or "",
        )


def to_csv(found: Iterable[Line], language: Language = "ar") -> str:
    """CSV with headings, for spreadsheets: a byte order mark, and an apostrophe before what they would compute."""
    columns = headings(language)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns.values())
    for line in found:
        writer.writerow([_harmless(getattr(line, name)) for name in columns])
    return "\ufeff" + out.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else "" if value is None else value


def to_xlsx(found: Iterable[Line], path: Path, language: Language = "ar") -> None:
    """An Excel sheet with a filter, right to left in Arabic; numbers stay numbers, texts are never formulas.

    Raises OSError where the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    columns = headings(language)
    workbook = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = workbook.add_worksheet(str(_texts(language)["sheet"]))
    if language == "ar":
        sheet.right_to_left()
    order = 2 if language == "ar" else 1
    head = workbook.add_format({"bold": True, "bg_color": "#DDE7F0", "reading_order": order, "text_wrap": True})
    text = workbook.add_format({"text_wrap": True, "valign": "top", "reading_order": order})
    whole = workbook.add_format({"num_format": "#,##0", "valign": "top"})
    broken = workbook.add_format({"num_format": "#,##0.00##", "valign": "top"})
    for column, (name, heading) in enumerate(columns.items()):
        sheet.write_string(0, column, heading, head)
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
    count = 0
    for count, line in enumerate(found, 1):
        for column, name in enumerate(columns):
            value = getattr(line, name)
            if isinstance(value, Decimal):
                form = whole if value == value.to_integral_value() else broken
                sheet.write_number(count, column, float(value), form)
            elif name == "link" and value and len(value) <= _URL_LIMIT:
                sheet.write_url(count, column, value, string=line.release)
            elif value:
                sheet.write_string(count, column, str(value), text)
    sheet.autofilter(0, 0, count, len(columns) - 1)
    sheet.freeze_panes(1, 1)
    try:
        workbook.close()
    except FileCreateError as error:
        raise OSError(f"{path}: {error}") from error


_WIDTHS = {"release": 22, "title": 40, "quote": 70, "printed": 20, "donor": 22, "recipient": 26, "link": 26}
_URL_LIMIT = 2079
"""Excel's own limit of a link."""

GRANTS = Filter(kinds=("funding",), roles=("grant",), main=True, reposts=False)
"""The announced grants, each counted once."""


def chart(ledger: Ledger, wanted: Filter, path: Path, language: Language = "ar") -> int:
    """Draw announced funding by donor and year to a PNG or SVG file, a panel for each currency; how many grants it shows.

    Nothing is drawn where there are none. Raises OSError where the file cannot be written, ValueError for a format
    that is none.
    """
    rows = [r for r in ledger.rows(wanted) if r.value is not None]
    if not rows:
        return 0
    from matplotlib.figure import Figure  # without pyplot: no global state, no display

    texts = _texts(language)
    units = sorted({r.unit for r in rows}, key=lambda u: (-sum(r.unit == u for r in rows), u))
    figure = Figure(figsize=(9, 1 + 3.6 * len(units)), layout="constrained")
    panels = figure.subplots(len(units), squeeze=False)[:, 0]
    donors = Counter(nation(r.donor) for r in rows)
    colours = {donor: f"C{i % 10}" for i, (donor, _) in enumerate(sorted(donors.items(), key=lambda d: (-d[1], d[0])))}
    for panel, unit in zip(panels, units, strict=True):
        _panel(panel, [r for r in rows if r.unit == unit], unit, colours, language)
    figure.supxlabel(str(texts["note"]), fontsize=8, color="0.35")
    figure.savefig(path, dpi=150)
    return len(rows)


def _panel(panel: Any, rows: Sequence[Row], unit: str, colours: Mapping[str, str], language: Language) -> None:
    """Stacked bars: a year each, a colour a donor (in all panels), in millions where the sums are large."""
    texts = _texts(language)
    known = [r.first_year for r in rows if r.first_year]
    years: list[int | None] = list(range(min(known), max(known) + 1)) if known else []
    years += [None] if len(known) < len(rows) else []
    sums: dict[str, dict[int | None, Decimal]] = {}
    for row in rows:
        of = sums.setdefault(nation(row.donor), {})
        of[row.first_year] = of.get(row.first_year, Decimal(0)) + (row.value or Decimal(0))
    ranked = sorted(sums, key=lambda d: (-sum(sums[d].values()), d))
    scale = Decimal(1_000_000) if max(r.value or 0 for r in rows) >= 1_000_000 else Decimal(1)
    labels = [str(y) if y else str(texts["undated"]) for y in years]
    below = [0.0] * len(years)
    groups = [(d, [d]) for d in ranked[:_DONORS]] + ([("*", ranked[_DONORS:])] if len(ranked) > _DONORS else [])
    for donor, members in groups:
        heights = [float(sum((sums[m].get(y, Decimal(0)) for m in members), Decimal(0)) / scale) for y in years]
        name = str(texts["rest"]) if donor == "*" else entity(donor).display(language) if donor else str(texts["other"])
        panel.bar(labels, heights, bottom=below, label=name, color=colours.get(donor, "0.7"), width=0.6)
        below = [a + b for a, b in zip(below, heights, strict=True)]
    for x, total in enumerate(below):
        if total:
            panel.annotate(f"{total:,.2f}".rstrip("0").rstrip("."), (x, total), ha="center", va="bottom", fontsize=8)
    named = currency(unit, language) + ({"ar": "، بالملايين", "en": ", millions"}[language] if scale > 1 else "")
    panel.set_title(str(texts["chart"]).format(unit=named))
    panel.set_xlim(-0.7, max(len(labels), 5) - 0.3)
    panel.set_ylim(0, 1.12 * max(below))
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def nation(donor: str | None) -> str:
    """The state that an agency or bank belongs to, else the donor itself: KfW gives for Germany."""
    return next((a for a in ancestors(donor) if entity(a).kind == "country"), donor) if donor else ""


def headings(language: Language) -> Mapping[str, str]:
    """What each field of a Line is called, in their order."""
    names: Mapping[str, str] = _texts(language)["columns"]
    return {f.name: names[f.name] for f in fields(Line)}


def roles() -> tuple[str, ...]:
    """Every role that a fact can have."""
    return tuple(_texts("en")["roles"])


@cache
def _texts(language: Language) -> Mapping[str, Any]:
    texts = load_yaml("ledger", "table.yaml")
    assert isinstance(texts, dict)
    return texts[language]  # type: ignore[no-any-return]
