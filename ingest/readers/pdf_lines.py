"""Glyphs on a page to lines in reading order.

PDF stores where glyphs are drawn, in any order. PDFium's own order of right-to-left text depends on the program that
wrote the file: it swaps lam-alef ligatures, sets diacritics and brackets apart, reverses words that carry a
replacement text. Positions are the same for all of them, so lines are rebuilt from positions.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from ingest.readers.pdf_order import CELL_BREAK, kind_of, logical

_SPACE = 0.2  # em between two glyphs from which on there is a space
_PRESUMED = 0.17  # em that suffice where PDFium presumes a space
_CELL = 1.2  # em from which on there is a column of a table, unless the line is spaced as widely throughout
_CELL_BESIDE = 0.45  # em that suffice where a line right above or below has its gap in the same place
_ROW_STEP = 3.0  # em between the rows of a table, at most
_BASELINE = 0.35  # em within which glyphs stand on one line

_LAMS, _ALEFS = frozenset("لﻝﻟﻞﻠ"), frozenset("اأإآٱﺍﺎ")
_WHOLE = frozenset(("الله", "لله"))  # one glyph with a code point of its own, whose letters come in order


@dataclass(frozen=True, slots=True)
class Glyph:
    """What is drawn at one pen position: `text`, the pen's place (x, y), the extent from `left` to `right`, in points.

    `size` is the em in points; `part` tells the text object that drew it.
    """

    text: str
    x: float
    y: float
    left: float
    right: float
    size: float
    part: int = 0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is read, with its extent in points; `first` is the width of its first word."""

    text: str
    left: float
    right: float
    y: float
    size: float
    first: float
    rtl: bool
    bold: bool
    page: int = 0
    columns: tuple[tuple[float, float], ...] = ()  # the gaps between its cells


def page_lines(glyphs: Sequence[Glyph], rtl: bool, page: int = 0) -> list[Line]:
    """The lines of a page from top to bottom; `rtl` is the direction of the document."""
    drawn = [glyph for glyph in glyphs if not _is_guess(glyph)]
    guesses = frozenset((round(glyph.x, 1), round(glyph.y, 1)) for glyph in glyphs if _is_guess(glyph))
    bases, marks = _clusters(drawn)
    rows = _attach(_rows(_without_doubles(bases)), marks)
    lines = [(row, line) for row in rows if (line := _line(row, rtl, page, guesses)) is not None]
    finished: list[Line] = []
    for i, (row, line) in enumerate(lines):
        beside = [other for _, other in lines[max(0, i - 1) : i + 2] if abs(other.y - line.y) < _ROW_STEP * line.size]
        columns = tuple(gap for other in (*finished[-1:], *beside) for gap in other.columns)
        again = _line(row, rtl, page, guesses, columns) if columns and not line.columns else line
        finished.append(again or line)
    return finished


def backward_lines(glyphs: Sequence[Glyph], page: int = 0) -> list[Line]:
    """The lines of a page whose program drew Arabic from the left, letter by letter, as it does Latin."""
    drawn = [glyph for glyph in glyphs if not _is_guess(glyph)]
    lines = []
    for row in _rows(drawn):
        ordered = sorted(row, key=lambda g: (round(g.x, 1), not _is_mark(g.text)))
        solid = [glyph for glyph in ordered if not glyph.text.isspace()]
        text = "".join(glyph.text for glyph in ordered).strip()
        if solid:
            left, right = solid[0].left, solid[-1].right
            # Wrapped at the right, like Latin; the first word's width does not matter as much as that it has one.
            lines.append(Line(text, left, right, row[0].y, row[0].size, 4 * row[0].size, False, False, page))
    return lines


def is_rtl(glyphs: Iterable[Glyph]) -> bool:
    """Whether Arabic letters make up a good part of a document's letters."""
    letters = [kind_of(glyph.text) for glyph in glyphs]
    return letters.count("R") >= 0.15 * max(1, letters.count("R") + letters.count("L"))


def _is_guess(glyph: Glyph) -> bool:
    """Whether this is a space without width, which PDFium puts where it presumes one."""
    return glyph.text.isspace() and glyph.right <= glyph.left


def _is_mark(text: str) -> bool:
    return all(unicodedata.combining(c) for c in text)


def _clusters(glyphs: Sequence[Glyph]) -> tuple[list[Glyph], list[Glyph]]:
    """Bases and lone marks. Letters of one pen position are one cluster: a ligature, or a glyph's replacement text."""
    pens: dict[tuple[int, float, float], list[Glyph]] = {}
    for glyph in glyphs:
        pens.setdefault((glyph.part, round(glyph.x, 1), round(glyph.y, 1)), []).append(glyph)
    bases: list[Glyph] = []
    marks: list[Glyph] = []
    for group in pens.values():
        letters = [glyph for glyph in group if not _is_mark(glyph.text)]
        if not letters:
            marks.extend(group)
        elif len(group) == 1:
            bases.append(group[0])
        else:
            bases.append(_cluster(group, letters))
    return bases, marks


def _cluster(group: list[Glyph], letters: list[Glyph]) -> Glyph:
    rtl = any(kind_of(glyph.text) == "R" for glyph in letters)
    apart = all(not (a.left < b.right - 0.1 and b.left < a.right - 0.1) for a, b in pairwise(group))
    if apart:  # replacement text: its letters share the width in their order
        ordered = sorted(group, key=lambda g: -g.right if rtl else g.left)
    else:
        texts = {glyph.text for glyph in letters}
        if rtl and texts & _LAMS and texts & _ALEFS:
            letters = sorted(letters, key=lambda g: g.text not in _LAMS)
        elif rtl and "".join(glyph.text for glyph in letters) not in _WHOLE:
            letters = letters[::-1]  # PDFium turns the letters of a ligature around with the line
        ordered = letters + sorted((g for g in group if _is_mark(g.text)), key=lambda g: g.text != "ّ")
    return replace(
        group[0],
        text="".join(glyph.text for glyph in ordered),
        left=min(glyph.left for glyph in group),
        right=max(glyph.right for glyph in group),
    )


def _without_doubles(bases: list[Glyph]) -> list[Glyph]:
    """The bases without marks that stand for their base too: Typst gives both glyphs of «سّ» the text of both."""
    marked = [g for g in bases if len(g.text) > 1 and any(_is_mark(c) for c in g.text)]
    doubles = {
        id(a)
        for a in marked
        for b in marked
        if a is not b
        and abs(a.y - b.y) < b.size
        and sorted(a.text) == sorted(b.text)
        and b.left - 0.2 * b.size <= (a.left + a.right) / 2 <= b.right + 0.2 * b.size
        and (a.right - a.left, id(a)) < (b.right - b.left, id(b))
    }
    return [glyph for glyph in bases if id(glyph) not in doubles]


def _rows(bases: list[Glyph]) -> list[list[Glyph]]:
    """Glyphs by baseline, from top to bottom."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(bases, key=lambda g: -g.y):
        if rows and abs(rows[-1][0].y - glyph.y) <= _BASELINE * min(rows[-1][0].size, glyph.size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return rows


def _attach(rows: list[list[Glyph]], marks: list[Glyph]) -> list[list[Glyph]]:
    """Every mark after the text of the base under or over which it is drawn; a mark without a base is left out."""
    added: defaultdict[int, list[Glyph]] = defaultdict(list)
    for mark in marks:
        middle = (mark.left + mark.right) / 2
        near = [
            g
            for row in rows
            if abs(row[0].y - mark.y) < 1.6 * mark.size
            for g in row
            if g.left - 0.15 * g.size <= middle <= g.right + 0.15 * g.size
            and abs(g.y - mark.y) < 0.8 * g.size
            and kind_of(g.text) != "S"
            and (kind_of(g.text) == "R" or kind_of(mark.text) == "L")
        ]
        if near:
            best = min(near, key=lambda g: (abs(g.y - mark.y) > 0.4 * g.size, abs((g.left + g.right) / 2 - middle)))
            added[id(best)].append(mark)
    return [
        [
            replace(g, text=g.text + "".join(sorted({m.text for m in added[id(g)]}, key=lambda t: t != "ّ")))
            if id(g) in added
            else g
            for g in row
        ]
        for row in rows
    ]


def _line(
    row: list[Glyph],
    rtl: bool,
    page: int,
    guesses: frozenset[tuple[float, float]],
    columns: Sequence[tuple[float, float]] = (),
) -> Line | None:
    solid = [glyph for glyph in row if not glyph.text.isspace()]
    if not solid:
        return None
    rtl = rtl and any(kind_of(glyph.text) == "R" for glyph in solid)
    # Where pens coincide (a lam and an alef that are drawn apart) the glyph that begins further right comes first.
    key: Callable[[Glyph], tuple[float, float, bool]] = (
        (lambda g: (-round(g.x, 1), -round(g.right, 1), g.text[0] not in _LAMS))
        if rtl
        else (lambda g: (round(g.x, 1), round(g.left, 1), False))
    )
    items: list[str] = []
    previous: Glyph | None = None
    spaced = False
    first: float | None = None
    gaps: list[tuple[int, float, float]] = []  # the place in `items`, the ends in points
    for glyph in sorted(_once(row), key=key):
        if glyph.text.isspace():
            spaced = spaced or glyph.right - glyph.left > 0
            continue
        if previous is not None:
            gap = previous.left - glyph.right if rtl else glyph.left - previous.right
            # Nunation on an alef ends a word, however near the next one is drawn.
            ended = previous.text in ("اً", "اًّ") and kind_of(glyph.text) == "R"
            presumed = any((round(g.x, 1), round(g.y, 1)) in guesses for g in (previous, glyph))
            if spaced or ended or gap > (_PRESUMED if presumed else _SPACE) * glyph.size:
                gaps.append((len(items), *((glyph.right, previous.left) if rtl else (previous.right, glyph.left))))
                items.append(" ")
                if first is None:
                    first = abs((previous.left if rtl else previous.right) - _edge(solid, rtl))
        items.append(glyph.text)
        previous = glyph
        spaced = False
    left, right = min(g.left for g in solid), max(g.right for g in solid)
    size = median(g.size for g in solid)
    usual = median(b - a for _, a, b in gaps) if len(gaps) > 3 else 0.0
    breaks = [
        (index, a, b)
        for index, a, b in gaps
        if b - a > max(_CELL * size, 3 * usual)
        or (b - a > max(_CELL_BESIDE * size, 1.5 * usual) and any(a < d and c < b for c, d in columns))
    ]
    for index, _, _ in breaks:
        items[index] = CELL_BREAK
    return Line(
        logical(items, rtl).strip(),
        left,
        right,
        median(g.y for g in solid),
        size,
        right - left if first is None else first,
        rtl,
        sum(g.bold for g in solid) > 0.9 * len(solid),
        page,
        tuple((a, b) for _, a, b in breaks),
    )


def _edge(solid: list[Glyph], rtl: bool) -> float:
    """Where a line begins, in points."""
    return max(g.right for g in solid) if rtl else min(g.left for g in solid)


def _once(row: list[Glyph]) -> list[Glyph]:
    """The glyphs without those drawn again on the same spot, for boldness or as replacement text."""
    kept: dict[tuple[str, int], Glyph] = {}
    for glyph in row:
        kept.setdefault((glyph.text, round(glyph.x)), glyph)
    return list(kept.values())
