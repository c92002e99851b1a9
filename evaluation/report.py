"""What a run of prompt tests found: columns (a prompt with a model), cases, and a cell for each pair; as JSON on disk."""

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from answering.answer import Answer
from evaluation.cases import NOTHING, Expect
from evaluation.checks import Check
from evaluation.responses import Written

FORMAT = 1
Status = Literal["pass", "fail", "flaky", "error"]


class BadReport(Exception):
    """A file that is no report of prompt tests; the message names it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took: calls and tokens of the model; how many of the calls were answered from disk."""

    calls: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.cached + other.cached,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """Where citation `n` stands: the words of its paragraph before and after the quote."""

    n: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Try:
    """One answer to a case, or the error that came instead; `cost` in US dollars, None where no price is known."""

    answer: Answer | None
    checks: tuple[Check, ...] = ()
    error: str | None = None
    seconds: float = 0.0
    usage: Usage = Usage()
    cost: float | None = None
    passages: tuple[Passage, ...] = ()
    written: tuple[Written, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is an answer and everything that was checked held."""
        return self.error is None and all(c.held for c in self.checks)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, in words."""
        if self.error is not None:
            return (self.error,)
        return tuple(c.detail or c.name for c in self.checks if not c.held)


@dataclass(frozen=True, slots=True)
class Cell:
    """All answers of a column to a case."""

    column: str
    tries: tuple[Try, ...]

    @property
    def status(self) -> Status:
        """«flaky» where some of the repeated answers passed and others did not."""
        if any(t.error is not None for t in self.tries):
            return "error"
        passed = sum(t.passed for t in self.tries)
        return "pass" if passed == len(self.tries) else "flaky" if passed else "fail"

    @property
    def share(self) -> float:
        """The share of answers that passed."""
        return sum(t.passed for t in self.tries) / len(self.tries)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with any of the answers, each once."""
        return tuple(dict.fromkeys(fault for t in self.tries for fault in t.faults))

    @property
    def shown(self) -> Try:
        """The answer to look at first: one that did not pass, if any."""
        return next((t for t in self.tries if not t.passed), self.tries[0])


@dataclass(frozen=True, slots=True)
class Column:
    """One way to answer. `digest` changes with the prompts' text."""

    name: str
    model: str
    prompts: tuple[str, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A case with its cells, in the order of the columns; `note` is the author's, `remark` the run's."""

    id: str
    turns: tuple[str, ...]
    tags: tuple[str, ...]
    file: str
    corpus: str
    digest: str
    cells: tuple[Cell, ...]
    note: str = ""
    remark: str = ""
    reported: str | None = None
    expect: Expect = NOTHING

    def cell(self, column: str) -> Cell | None:
        """The cell of a column."""
        return next((c for c in self.cells if c.column == column), None)


@dataclass(frozen=True)
class Report:
    """A run. `began` is ISO 8601 in UTC; `seconds` by the clock."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    began: str
    seconds: float
    repeat: int = 1
    format: int = FORMAT
    prices: str = ""
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def summaries(self) -> Mapping[str, "Summary"]:
        """What each column comes to."""
        return {c.name: summary([cell for row in self.rows if (cell := row.cell(c.name))]) for c in self.columns}

    def tags(self) -> Mapping[str, Mapping[str, tuple[int, int]]]:
        """For each tag and column, how many cases passed, of how many."""
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for row in self.rows:
            for tag in row.tags:
                for cell in row.cells:
                    right, of = found.setdefault(tag, {}).get(cell.column, (0, 0))
                    found[tag][cell.column] = (right + (cell.status == "pass"), of + 1)
        return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Summary:
    """A column in figures: cases by status, seconds an answer, tokens, and dollars where all prices are known."""

    passed: int
    failed: int
    flaky: int
    errors: int
    seconds_p50: float
    seconds_p95: float
    usage: Usage
    cost: float | None

    @property
    def total(self) -> int:
        """All cases of the column."""
        return self.passed + self.failed + self.flaky + self.errors


def summary(cells: Iterable[Cell]) -> Summary:
    """Count a column's cells."""
    cells = list(cells)
    tries = [t for cell in cells for t in cell.tries]
    states = [cell.status for cell in cells]
    times = sorted(t.seconds for t in tries) or [0.0]
    costs = [t.cost for t in tries]
    return Summary(
        passed=states.count("pass"),
        failed=states.count("fail"),
        flaky=states.count("flaky"),
        errors=states.count("error"),
        seconds_p50=statistics.median(times),
        seconds_p95=times[math.ceil(0.95 * len(times)) - 1],
        usage=sum((t.usage for t in tries), Usage()),
        cost=None if None in costs else sum(c for c in costs if c is not None),
    )


def to_json(report: Report) -> str:
    """The report as JSON, readable and with stable order, so that two of them can be compared with `git diff`."""
    return _ADAPTER.dump_json(report, indent=1, exclude_defaults=True, ensure_ascii=False).decode() + "\n"


def read_report(path: Path) -> Report:
    """A report from disk. Raises BadReport."""
    try:
        report = _ADAPTER.validate_json(path.read_bytes())
    except OSError as error:
        raise BadReport(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "JSON"
        raise BadReport(f"{path}: not a report of `sanad prompts test --json`: {where}: {first['msg']}") from error
    if report.format != FORMAT:
        raise BadReport(f"{path}: written in format {report.format}; this version reads {FORMAT}")
    return report


def tries(report: Report) -> Iterator[tuple[Row, Cell, Try]]:
    """All answers of a report."""
    for row in report.rows:
        for cell in row.cells:
            for one in cell.tries:
                yield row, cell, one


_ADAPTER = TypeAdapter(Report)
