"""A report as one HTML page that needs nothing else: readable on a phone, and inert whatever answers contain.

Every value is escaped; style and script are allowed by their digests alone, so that markup in an answer could neither
run nor load anything even if it got through.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from urllib.parse import urlsplit

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from answering.answer import Answer, Citation
from arabic.cues import load_yaml
from evaluation.baseline import Comparison
from evaluation.report import Cell, Passage, Report, Row, Try
from evaluation.terminal import duration, money
from ledger.links import at_quote

_MARK = re.compile(r"(\[\d+\])")
_SIGNS = {"pass": "✔", "fail": "✘", "flaky": "~", "error": "!"}
_EARLIER = "baseline: "


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of an answer; `mark` is the number of the citation that it points to."""

    text: str
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class _Inline:
    text: Markup
    digest: str


def to_html(
    report: Report, language: str = "ar", *, baseline: Report | None = None, comparison: Comparison | None = None
) -> str:
    """The page. Raises KeyError for a language without texts (evaluation/data/report_texts.yaml)."""
    texts = report_texts()[language]
    marks = [(c.name, c.name) for c in report.columns]
    against = comparison.marks if comparison else {}
    marks += [(_EARLIER + old, f"{texts['baseline']}: {old}") for old in dict.fromkeys(against.values())]
    environment = Environment(
        loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    return environment.get_template("report.html.j2").render(
        report=report,
        language=language,
        t=texts,
        css=_inline("report.css"),
        js=_inline("report.js"),
        comparison=comparison,
        marks=marks,
        tags=sorted({tag for row in report.rows for tag in row.tags}),
        statuses={cell.status for row in report.rows for cell in row.cells},
        states=lambda row: _states(row, comparison),
        differs=_differs,
        segments=segments,
        anchor=lambda row, cell, number, n: _anchor(report, row, cell, number, n),
        passage=_passage,
        link=_link,
        sign=_sign,
        change=lambda row, cell: _change(row, cell, comparison)[0],
        why=lambda row, cell: _change(row, cell, comparison)[1],
        earlier=lambda row: _earlier(row, baseline, dict.fromkeys(against.values())),
        duration=duration,
        money=money,
    )


def report_texts() -> dict[str, dict[str, str]]:
    """The words of the page by language."""
    texts = load_yaml("evaluation", "report_texts.yaml")
    assert isinstance(texts, dict)
    return texts


def segments(text: str) -> list[Segment]:
    """An answer cut at its marks."""
    pieces = (piece for piece in _MARK.split(text) if piece)
    return [Segment(p, int(p[1:-1])) if _MARK.fullmatch(p) else Segment(p) for p in pieces]


def _template(name: str) -> str:
    return resources.files("evaluation").joinpath("templates", name).read_text("utf-8")


def _inline(name: str) -> _Inline:
    text = _template(name)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return _Inline(Markup(text), f"sha256-{digest}")  # noqa: S704  a file of ours, not a value


def _anchor(report: Report, row: Row, cell: Cell, number: int, n: int) -> str:
    place = next(i for i, r in enumerate(report.rows) if r is row)
    return f"q-{place}-{row.cells.index(cell)}-{number}-{n}"


def _passage(one: Try, n: int) -> Passage:
    return next((p for p in one.passages if p.n == n), Passage(n, "", ""))


def _link(citation: Citation) -> str:
    """The release's page, if it is a web page at all."""
    if not citation.url or urlsplit(citation.url).scheme not in {"http", "https"}:
        return ""
    return at_quote(citation.url, citation.quote)


def _sign(cell: Cell) -> str:
    many = f" {sum(t.passed for t in cell.tries)}/{len(cell.tries)}" if len(cell.tries) > 1 else ""
    return _SIGNS[cell.status] + many


def _states(row: Row, comparison: Comparison | None) -> list[str]:
    found: list[str] = [cell.status for cell in row.cells]
    if comparison is not None:
        found += ["worse"] * any(c.case == row.id for c in comparison.worse)
        found += ["better"] * any(c.case == row.id for c in comparison.better)
    return sorted(set(found))


def _differs(row: Row) -> bool:
    return len({cell.status for cell in row.cells}) > 1


def _change(row: Row, cell: Cell, comparison: Comparison | None) -> tuple[str, str]:
    if comparison is not None:
        for sign, changes in (("▼", comparison.worse), ("▲", comparison.better)):
            for change in changes:
                if (change.case, change.column) == (row.id, cell.column):
                    return sign, f"{sign} {change.why}"
    return "", ""


def _earlier(
    row: Row, baseline: Report | None, columns: Sequence[str] | dict[str, None]
) -> list[tuple[str, str, Answer]]:
    """The baseline's answers to a case, as (name in the page, label, answer)."""
    old = next((r for r in baseline.rows if r.id == row.id), None) if baseline else None
    found = []
    for name in columns if old else ():
        cell = old.cell(name) if old else None
        if cell and (answer := cell.shown.answer):
            found.append((_EARLIER + name, name, answer))
    return found
