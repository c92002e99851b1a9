"""An earlier report as the mark: what became worse, what became better, what it does not know."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.report import Cell, Column, Report


@dataclass(frozen=True, slots=True)
class Change:
    """A case of a column that is not what it was; `why` says in which way."""

    case: str
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A report against a baseline.

    `unknown` are (case, column) that the baseline lacks or whose case has changed since; `marks` says which column of
    the baseline each column was held against.
    """

    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    unknown: tuple[tuple[str, str], ...]
    marks: Mapping[str, str]


def compare(report: Report, baseline: Report) -> Comparison:
    """Hold each column against the one of the same name, else the newest prompt of the same model in the baseline."""
    marks = {c.name: mark for c in report.columns if (mark := _mark(c, baseline.columns))}
    before = {row.id: row for row in baseline.rows}
    worse: list[Change] = []
    better: list[Change] = []
    unknown: list[tuple[str, str]] = []
    for row in report.rows:
        old_row = before.get(row.id)
        for cell in row.cells:
            mark = marks.get(cell.column)
            old = old_row.cell(mark) if old_row and mark else None
            if old_row is None or old is None or old_row.digest != row.digest:
                unknown.append((row.id, cell.column))
            elif why := _worse(cell, old):
                worse.append(Change(row.id, cell.column, why))
            elif cell.share > old.share:
                better.append(Change(row.id, cell.column, f"{_share(old)} → {_share(cell)}"))
    return Comparison(tuple(worse), tuple(better), tuple(unknown), marks)


def _worse(cell: Cell, old: Cell) -> str:
    """Fewer answers pass, or a check that held with every answer before does not hold now."""
    if cell.share < old.share:
        return f"{_share(old)} → {_share(cell)}: {'; '.join(cell.faults)}"
    if cell.status == "error" and old.status != "error":
        return f"{old.status} → error: {'; '.join(cell.faults)}"
    if cell.status == "pass":
        return ""
    broken = _held(old, every=True) & _broken(cell)
    if not broken:
        return ""
    details = [c.detail or c.name for t in cell.tries for c in t.checks if c.name in broken and not c.held]
    return f"{', '.join(sorted(broken))} held before: {'; '.join(dict.fromkeys(details))}"


def _held(cell: Cell, *, every: bool) -> set[str]:
    names = [{c.name for c in t.checks if c.held} for t in cell.tries]
    return set.intersection(*names) if names and every else set().union(*names)


def _broken(cell: Cell) -> set[str]:
    return {c.name for t in cell.tries for c in t.checks if not c.held}


def _share(cell: Cell) -> str:
    if len(cell.tries) == 1:
        return cell.status
    return f"{sum(t.passed for t in cell.tries)} of {len(cell.tries)}"


def _mark(column: Column, known: Sequence[Column]) -> str | None:
    names = {c.name for c in known}
    if column.name in names:
        return column.name
    same = [c for c in known if c.model == column.model]
    return max(same, key=lambda c: _versions(c.prompts)).name if same else None


def _versions(prompts: Iterable[str]) -> list[int]:
    return [int(n) for prompt in prompts for n in re.findall(r"/v(\d+)$", prompt)]
