"""A report at a terminal: a matrix of cases and columns, what is wrong, and what each column comes to."""

import re
from collections.abc import Callable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from arabic.bidi import rtl_text
from evaluation.baseline import Comparison
from evaluation.cases import NOTHING
from evaluation.report import Cell, Report, Row, Status, Summary, Usage

_MARKS: dict[Status, tuple[str, str]] = {
    "pass": ("✔", "green"),
    "fail": ("✘", "red"),
    "flaky": ("~", "yellow"),
    "error": ("!", "bold red"),
}
_MOST_COLUMNS = 4
"""From here on, the columns of the matrix are numbered, for their names would not fit."""

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INDENT = (0, 0, 0, 4)


def rendered(report: Report, comparison: Comparison | None = None, *, details: bool = True) -> RenderableType:
    """Everything that is worth seeing at once; without `details` the answers that did not pass are left out."""
    parts: list[RenderableType] = [_matrix(report, comparison)]
    if details:
        parts += _failures(report, comparison)
    parts += [_tags(report), _summary(report)]
    kept, calls = (sum(getattr(s.usage, n) for s in report.summaries.values()) for n in ("cached", "calls"))
    if kept:
        parts.append(Text(f"{kept} of {calls} calls were answered from disk, at no cost", style="dim"))
    if unjudged := sum(row.expect == NOTHING for row in report.rows):
        parts.append(Text(f"{unjudged} cases expect nothing yet; they pass if their quotes hold", style="yellow"))
    if unpriced := [c.model for c in report.columns if report.summaries[c.name].cost is None]:
        parts.append(Text(f"no price is known for {', '.join(dict.fromkeys(unpriced))}; see --prices", style="dim"))
    if comparison is not None:
        parts += _changes(comparison)
    parts += [Text(note, style="yellow") for note in report.notes]
    return Group(*parts)


def _headings(report: Report) -> list[str]:
    if len(report.columns) <= _MOST_COLUMNS:
        return [escape(c.name.replace(" · ", "\n")) for c in report.columns]
    return [str(n) for n, _ in enumerate(report.columns, 1)]


def _matrix(report: Report, comparison: Comparison | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("case", no_wrap=True, overflow="ellipsis", max_width=44)
    for heading in _headings(report):
        table.add_column(heading, justify="center")
    changed = {(c.case, c.column): "▼" for c in comparison.worse} if comparison else {}
    changed |= {(c.case, c.column): "▲" for c in comparison.better} if comparison else {}
    for row in report.rows:
        cells = (row.cell(c.name) for c in report.columns)
        marks = [_mark(cell, changed.get((row.id, cell.column), "")) if cell else Text("–") for cell in cells]
        table.add_row(escape(row.id), *marks)
    return table


def _mark(cell: Cell, change: str) -> Text:
    mark, style = _MARKS[cell.status]
    many = f" {sum(t.passed for t in cell.tries)}/{len(cell.tries)}" if len(cell.tries) > 1 else ""
    return Text(f"{mark}{many}{change}", style=style)


def _failures(report: Report, comparison: Comparison | None) -> Iterator[RenderableType]:
    """Held against a baseline, only what became worse is told at length."""
    worse = {(c.case, c.column) for c in comparison.worse} if comparison else None
    for row in report.rows:
        cells = [c for c in row.cells if c.status != "pass" and (worse is None or (row.id, c.column) in worse)]
        if cells:
            yield Text("")
            yield Text.assemble((row.id, "bold"), ("  " + " ".join(row.tags), "dim"))
            yield Text(rtl_text(" ← ".join(reversed(row.turns)) if len(row.turns) > 1 else row.turns[0]))
            yield from _same(row, cells)


def _same(row: Row, cells: Sequence[Cell]) -> Iterator[RenderableType]:
    """The answers that did not pass; columns that answered alike are told together."""
    groups: dict[tuple[str, tuple[str, ...]], list[Cell]] = {}
    for cell in cells:
        answer = cell.shown.answer
        groups.setdefault((answer.text if answer else "", cell.faults), []).append(cell)
    for (text, faults), alike in groups.items():
        mark, style = _MARKS[alike[0].status]
        names = Text.assemble((f"{mark} ", style), (", ".join(c.column for c in alike), "cyan"))
        yield Padding(names, (0, 0, 0, 2), expand=False)
        yield from (Padding(Text(_inert(fault), style=style), _INDENT, expand=False) for fault in faults)
        yield from (
            Padding(Text(rtl_text(_inert(line)), style="dim"), _INDENT, expand=False) for line in text.splitlines()
        )
    if row.remark:
        yield Padding(Text(row.remark, style="dim"), _INDENT, expand=False)


def _inert(text: str) -> str:
    """Without the control characters by which a text could steer the terminal."""
    return _CONTROLS.sub("", text)


def _tags(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title="", title_justify="left")
    table.add_column("tag")
    for heading in _headings(report):
        table.add_column(heading, justify="right")
    for tag, found in report.tags().items():
        shares = [found.get(c.name) for c in report.columns]
        table.add_row(escape(tag), *(f"{s[0]}/{s[1]}" if s else "–" for s in shares))
    return table


def _summary(report: Report) -> Table:
    """A line a column; what all columns lack (flaky cases, calls of a model) has no place."""
    summaries = [report.summaries[c.name] for c in report.columns]
    numbered = len(report.columns) > _MOST_COLUMNS
    table = Table(box=None, pad_edge=False, header_style="bold", title="", title_justify="left")
    table.add_column(
        "column", overflow="fold", min_width=max(len(part) for c in report.columns for part in c.name.split(" · "))
    )
    texts: list[tuple[str, Callable[[Summary], str]]] = [("passed", lambda s: f"{s.passed}/{s.total}")]
    counts: list[tuple[str, Callable[[Summary], int]]] = [
        ("failed", lambda s: s.failed), ("flaky", lambda s: s.flaky), ("errors", lambda s: s.errors)
    ]  # fmt: skip
    texts += [(name, _shown(count)) for name, count in counts if any(map(count, summaries))]
    texts += [("p50", lambda s: duration(s.seconds_p50)), ("p95", lambda s: duration(s.seconds_p95))]
    if any(s.usage.calls for s in summaries):
        texts += [("calls", lambda s: f"{s.usage.calls or '–'}"), ("tokens", lambda s: _tokens(s.usage))]
        texts += [("cost", lambda s: money(s.cost) if s.usage.calls else "–")]
    for heading, _ in texts:
        table.add_column(heading, justify="right", no_wrap=True)
    for n, (column, found) in enumerate(zip(report.columns, summaries, strict=True), 1):
        name = f"{n}  {column.name}" if numbered else column.name.replace(" · ", "\n")
        table.add_row(Text(name), *(text(found) for _, text in texts))
    return table


def _shown(count: Callable[[Summary], int]) -> Callable[[Summary], str]:
    return lambda found: f"{count(found) or '–'}"


def _tokens(usage: Usage) -> str:
    return f"{usage.input_tokens:,} → {usage.output_tokens:,}" if usage.calls else "–"


def _changes(comparison: Comparison) -> Iterator[RenderableType]:
    for column, mark in comparison.marks.items():
        if column != mark:
            yield Text(f"{column} is held against {mark} of the baseline", style="dim")
    for change in comparison.better:
        yield Text(f"▲ {change.case}  {change.column}: {change.why}", style="green")
    for change in comparison.worse:
        yield Text(f"▼ {change.case}  {change.column}: {change.why}", style="red")
    if comparison.unknown:
        yield Text(f"{len(comparison.unknown)} results have no counterpart in the baseline", style="dim")
    verdict = f"{len(comparison.worse)} worse, {len(comparison.better)} better than the baseline"
    yield Text(verdict, style="bold red" if comparison.worse else "bold green")


def duration(seconds: float) -> str:
    """Short: 12 ms, 1.4 s."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def money(dollars: float | None) -> str:
    """Dollars with as many digits as tell something; a dash where the price is unknown."""
    if dollars is None:
        return "?"
    return "$0" if dollars == 0 else f"${dollars:.4f}" if dollars < 1 else f"${dollars:.2f}"
