"""Glyphs on a page to lines in reading order.

PDF stores where glyphs are drawn, in any order. PDFium's own order of right-to-left text depends on the program that
wrote the file: it swaps lam-alef ligatures, sets diacritics and brackets apart, reverses words that carry a
replacement text. Positions are the same for all of them, so lines are rebuilt from positions.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_SPACE = 0.2  # em between two glyphs from which on there is a space
_CELL = 2.0  # em from which on there is a column of a table
_BASELINE = 0.35  # em within which glyphs stand on one line
CELL_BREAK = " | "

_LAMS, _ALEFS = frozenset("لﻝﻟﻞﻠ"), frozenset("اأإآٱﺍﺎ")
_PARTNERS = {"(": "()", ")": "()", "[": "[]", "]": "[]", "{": "{}", "}": "{}", "«": "«»", "»": "«»"}
_NUMBER_JOINTS = frozenset(".,/:٫٬،'’")
_PERCENT = frozenset("%٪")
_CLOSING_MARKS = frozenset(".,،؛;:!?؟…")


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


def page_lines(glyphs: Sequence[Glyph], rtl: bool, page: int = 0) -> list[Line]:
    """The lines of a page from top to bottom; `rtl` is the direction of the document."""
    bases, marks = _clusters(glyphs)
    rows = _rows(bases)
    placed = _attach(rows, marks)
    return [line for row in placed if (line := _line(row, rtl, page)) is not None]


def is_rtl(glyphs: Iterable[Glyph]) -> bool:
    """Whether Arabic letters make up a good part of a document's letters."""
    letters = [_class(glyph.text) for glyph in glyphs]
    return letters.count("R") >= 0.3 * max(1, letters.count("R") + letters.count("L"))


def mend_brackets(text: str) -> str:
    """Brackets and guillemets turned the way that their neighbours ask for; PDFs store them mirrored or not."""
    mended = list(text)
    depth: defaultdict[str, int] = defaultdict(int)
    for i, character in enumerate(text):
        pair = _PARTNERS.get(character)
        if pair is None:
            continue
        before = text[i - 1] if i else " "
        after = text[i + 1] if i + 1 < len(text) else " "
        fresh = before.isspace() or before in _PARTNERS or before in "\"“”'ـ–-/"
        done = after.isspace() or after in _PARTNERS or after in _CLOSING_MARKS or after in "\"“”'-–/"
        opens = fresh if fresh != done else depth[pair] == 0
        depth[pair] = max(0, depth[pair] + (1 if opens else -1))
        mended[i] = pair[0] if opens else pair[1]
    return "".join(mended)


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
    rtl = any(_class(glyph.text) == "R" for glyph in letters)
    apart = all(not (a.left < b.right - 0.1 and b.left < a.right - 0.1) for a, b in pairwise(group))
    if apart:  # replacement text: its letters share the width in their order
        ordered = sorted(group, key=lambda g: -g.right if rtl else g.left)
    else:
        texts = {glyph.text for glyph in letters}
        if rtl and texts & _LAMS and texts & _ALEFS:
            letters = sorted(letters, key=lambda g: g.text not in _LAMS)
        ordered = letters + sorted((g for g in group if _is_mark(g.text)), key=lambda g: g.text != "ّ")
    return replace(
        group[0],
        text="".join(glyph.text for glyph in ordered),
        left=min(glyph.left for glyph in group),
        right=max(glyph.right for glyph in group),
    )


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
    flat = [glyph for row in rows for glyph in row]
    for mark in marks:
        middle = (mark.left + mark.right) / 2
        near = [
            g
            for g in flat
            if g.left - 0.15 * g.size <= middle <= g.right + 0.15 * g.size
            and abs(g.y - mark.y) < 0.8 * g.size
            and not g.text.isspace()
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


def _line(row: list[Glyph], rtl: bool, page: int) -> Line | None:
    solid = [glyph for glyph in row if not glyph.text.isspace()]
    if not solid:
        return None
    rtl = rtl and any(_class(glyph.text) == "R" for glyph in solid)
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
    for glyph in sorted(_once(row), key=key):
        if glyph.text.isspace():
            spaced = spaced or glyph.right - glyph.left > 0
            continue
        if previous is not None:
            gap = previous.left - glyph.right if rtl else glyph.left - previous.right
            if gap > _CELL * glyph.size:
                items.append(CELL_BREAK)
            elif spaced or gap > _SPACE * glyph.size:
                items.append(" ")
            if items[-1].isspace() and first is None:
                first = abs((previous.left if rtl else previous.right) - (solid_edge(solid, rtl)))
        items.append(glyph.text)
        previous = glyph
        spaced = False
    left, right = min(g.left for g in solid), max(g.right for g in solid)
    return Line(
        _logical(items, rtl).strip(),
        left,
        right,
        median(g.y for g in solid),
        median(g.size for g in solid),
        right - left if first is None else first,
        rtl,
        sum(g.bold for g in solid) > 0.9 * len(solid),
        page,
    )


def solid_edge(solid: list[Glyph], rtl: bool) -> float:
    """Where a line begins, in points."""
    return max(g.right for g in solid) if rtl else min(g.left for g in solid)


def _once(row: list[Glyph]) -> list[Glyph]:
    """The glyphs without those drawn again on the same spot, for boldness or as replacement text."""
    kept: dict[tuple[str, int], Glyph] = {}
    for glyph in row:
        kept.setdefault((glyph.text, round(glyph.x)), glyph)
    return list(kept.values())


def _class(text: str) -> str:
    """R for Arabic letters, L for others, N for digits, S for space, O for the rest."""
    c = text[0]
    if c.isspace() or text == CELL_BREAK:
        return "S"
    kind = unicodedata.bidirectional(c)
    if kind in ("EN", "AN") and c.isdigit():
        return "N"
    return "R" if kind in ("R", "AL") else "L" if kind == "L" else "O"


def _logical(items: list[str], rtl: bool) -> str:
    """The items of a line, given from its beginning to its end as the eye meets them, in the order of writing."""
    if not rtl:
        return _reversed_runs(items, _arabic_runs(items))
    text = _reversed_runs(items, _latin_runs(items))
    text = re.sub(r"(?<![\d٠-٩])([%٪])([\d٠-٩][\d٠-٩.,٫٬]*)", r"\2\1", text)
    # A range of years may be drawn either way; it is written from the earlier to the later.
    return re.sub(
        r"(?<!\d)((?:19|20)\d\d)(\s?[-–/]\s?)((?:19|20)\d\d)(?![\d/.-])",
        lambda m: m[0] if m[1] <= m[3] else m[3] + m[2] + m[1],
        text,
    )


def _reversed_runs(items: list[str], runs: list[tuple[int, int]]) -> str:
    ordered = list(items)
    for start, end in runs:
        ordered[start:end] = ordered[start:end][::-1]
    return "".join(ordered)


def _latin_runs(items: list[str]) -> list[tuple[int, int]]:
    """The runs of a right-to-left line that are read from left to right: Latin words, addresses, numbers."""
    classes = [_class(item) for item in items]
    runs: list[tuple[int, int]] = []
    for start, end in _tokens(classes):
        inside = [i for i in range(start, end) if classes[i] in "LN"]
        if not inside:
            continue
        if any(classes[i] == "L" for i in inside):
            runs.append((inside[0], inside[-1] + 1))
            continue
        first = inside[0]
        for here, following in pairwise(inside):
            joined = following == here + 1 or (following == here + 2 and items[here + 1] in _NUMBER_JOINTS)
            if not joined:
                runs.append((first, here + 1))
                first = following
        runs.append((first, inside[-1] + 1))
    return _joined_latin(classes, runs)


def _tokens(classes: list[str]) -> Iterable[tuple[int, int]]:
    """Stretches without white space or Arabic letters."""
    start = None
    for i, kind in enumerate([*classes, "S"]):
        if kind in "SR":
            if start is not None:
                yield start, i
            start = None
        elif start is None:
            start = i


def _joined_latin(classes: list[str], runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Latin words in a row, with what stands between them, are one run."""
    joined: list[tuple[int, int]] = []
    for run in runs:
        latin = any(classes[i] == "L" for i in range(*run))
        if joined and latin and any(classes[i] == "L" for i in range(*joined[-1])) and "R" not in classes[joined[-1][1] : run[0]]:
            joined[-1] = (joined[-1][0], run[1])
        else:
            joined.append(run)
    return joined


def _arabic_runs(items: list[str]) -> list[tuple[int, int]]:
    """The runs of a left-to-right line that are read from right to left."""
    classes = [_class(item) for item in items]
    runs: list[tuple[int, int]] = []
    for i, kind in enumerate(classes):
        if kind != "R":
            continue
        if runs and not {"L", "N"} & set(classes[runs[-1][1] : i]):
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs
