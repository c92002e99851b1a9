"""What the cells of a release's tables say: what a column's heading makes of the bare numbers below it."""

import re
from dataclasses import dataclass, replace

from arabic.amounts import find_amounts
from arabic.counts import find_counts
from arabic.dates import find_dates
from arabic.normalize import normalize
from arabic.number_words import number_words
from arabic.numbers import find_numbers
from ledger.facts import LEAD, Figure, Role, Statement
from ledger.release import Release

TOTAL_ROW = re.compile(r"^\W*(?:ال)?(?:مجموع|اجمالي|جمله|total)")
"""A folded row that adds up the others."""


def with_tables(release: Release, statements: list[Statement]) -> list[Statement]:
    """Rows get from the heading of each column what its bare numbers are: money of a currency, or a count of something."""
    result: list[Statement] = []
    columns: list[_Column] | None = None
    money = next((f.unit for s in statements[:LEAD] for f in s.figures if f.kind == "amount"), None)
    for statement in statements:
        if statement.kind != "row":
            columns = None
            result.append(statement)
            continue
        text = release.text[statement.start : statement.end]
        if columns is None:
            heads = [c.strip() for c in text.split("|")]
            titled = not any(_BARE_CELL.fullmatch(normalize(head)) for head in heads if head)
            columns = _columns(heads, money) if titled else []
            result.append(replace(statement, figures=()) if titled else statement)
            continue
        result.append(_read_cells(statement, text, columns))
    return result


@dataclass(frozen=True, slots=True)
class _Column:
    """What the bare numbers of a table's column are: `unit` a currency where `money`, else a unit of counts."""

    head: str
    unit: str = "other"
    money: bool = False
    scale: int = 1

    @property
    def role(self) -> Role:
        """Whether its counts are planned or reached, "background" where its heading does not tell."""
        head = normalize(self.head)
        return "target" if _PLANNED_HEAD.search(head) else "outcome" if _REACHED_HEAD.search(head) else "background"

    @property
    def years(self) -> tuple[int, ...]:
        """The years that its heading names: «الهدف بحلول نهاية 2023»."""
        return tuple(dict.fromkeys(date.year for date in find_dates(self.head) if date.year))


_PLANNED_HEAD = re.compile(r"(?<!\w)(?:ال)?(?:مستهدف\w*|هدف|مخطط\w*|مقرر\w*|متوقع\w*|خطه|target\w*|planned)(?!\w)")
_REACHED_HEAD = re.compile(
    r"(?<!\w)(?:ال)?(?:متحقق\w*|محقق\w*|منجز\w*|منفذ\w*|فعلي\w*|نتيجه|حصيله|واقع|وصل\w*|reached|achieved|actual)(?!\w)"
)


def _counted_in(column: _Column, label: str) -> tuple[str, str]:
    """The unit and the noun of a count: what its column names, or the row where the heading only says planned or reached."""
    if column.unit != "other" or column.role == "background":
        return column.unit, column.head
    counted = find_counts(f"5 {label}")
    return (counted[0].unit if counted and counted[0].start == 0 else "other"), label


def _columns(heads: list[str], money: str | None) -> list[_Column]:
    """The columns by their headings; one that names no unit of its own takes that of the column before it."""
    columns: list[_Column] = []
    for head in heads:
        currency = _currency_of(head) or (money if _MONEY_HEAD.search(normalize(head)) else None)
        counted = find_counts("5 " + re.sub(r"^\W*(?:ال)?عدد\s+(?:ال)?", "", head))
        before = columns[-1] if len(columns) > 1 else None
        if currency:
            columns.append(_Column(head, currency, True, _scale_of(head)))
        elif counted:
            columns.append(_Column(head, counted[0].unit, scale=_scale_of(head)))
        elif before is not None and before.unit != "other" and not re.search(r"[(（]", head):
            columns.append(replace(before, head=head))
        else:
            columns.append(_Column(head, scale=_scale_of(head)))
    return columns


def _scale_of(head: str) -> int:
    """What the numbers below a heading are to be multiplied by: a million for «القيمة (مليون دولار)»."""
    words = normalize(head).replace("(", " ").replace(")", " ").split()
    return next((number_words().magnitudes[w] for w in words if w in number_words().magnitudes), 1)


def _read_cells(statement: Statement, text: str, columns: list[_Column]) -> Statement:
    figures = list(statement.figures)
    label = text.partition("|")[0].strip()
    total = TOTAL_ROW.match(normalize(text)) is not None
    year = _YEAR_CELL.match(normalize(text))
    position = 0
    for place, cell in enumerate(text.split("|")):
        column = columns[place] if place < len(columns) else _Column("")
        low, high = statement.start + position, statement.start + position + len(cell)
        inside = [f for f in figures if f.start < high and low < f.end]
        position += len(cell) + 1
        if not place:
            figures = [f for f in figures if f not in inside or not year]
            continue
        told = [f._replace(role=column.role, years=column.years) if f.kind != "amount" else f for f in inside]
        figures = [told[inside.index(f)] if f in inside else f for f in figures]
        inside = told
        if any(f.kind == "amount" or f.unit != "other" for f in inside):
            continue
        numbers = [n for n in find_numbers(cell) if n.kind in {"cardinal", "range"}]
        if not numbers or _BARE_CELL.fullmatch(normalize(cell)) is None:
            continue
        number = numbers[0]
        figures = [f for f in figures if f not in inside]
        start, end = low + number.start, low + number.end
        value = number.value * column.scale
        upper = number.upper * column.scale if number.upper is not None else None
        years = (int(year.group(1)),) if year else ()
        if column.money:
            whole = total or (bool(year) and place == 1)
            role: Role = "grant" if whole else "component"
            figures.append(Figure("amount", value, column.unit, "", start, end, upper=upper, role=role, years=years))
        else:
            figures.append(
                Figure(
                    "count",
                    value,
                    *_counted_in(column, label),
                    start,
                    end,
                    upper=upper,
                    years=years or column.years,
                    role=column.role,
                )
            )
    return replace(statement, figures=tuple(sorted(figures, key=lambda f: f.start)))


_YEAR_CELL = re.compile(r"\W*(?:عام|سنه)?\s*((?:19|20)\d\d)\s*\|")
_BARE_CELL = re.compile(r"\W*[\d.,،٫٬ ]+(?:\s*[-–—]\s*[\d.,،٫٬ ]+)?(?:\s*[^\W\d_]+)?\W*")
_MONEY_HEAD = re.compile(
    r"(?<!\w)(?:ال)?(?:مبلغ|مبالغ|قيمه|تمويل|ميزانيه|كلفه|تكلفه|مخصصات|حصه|amount|budget|cost|funding)(?!\w)"
)


def _currency_of(head: str) -> str | None:
    """The currency that a column's heading names: «المبلغ (دولار أمريكي)»."""
    for word in (head, re.sub(r".*[(（]([^)）]*)[)）].*", r"\1", head)):
        found = find_amounts("1 " + word.strip())
        if found:
            return found[0].currency
    return None
