"""The order of writing of a line whose characters are known in the order in which the eye meets them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

CELL_BREAK = " | "
"""Stands between the cells of a table's row."""

_PARTNERS = {"(": "()", ")": "()", "[": "[]", "]": "[]", "{": "{}", "}": "{}", "«": "«»", "»": "«»"}
_NUMBER_JOINTS = frozenset(".,/:٫٬،'’")
_CLOSING_MARKS = frozenset(".,،؛;:!?؟…")


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
        if before.isspace() and after.isspace():  # set off on both sides: only the order tells
            before = after = "x"
        fresh = before.isspace() or before in _PARTNERS or before in "\"“”'ـ–-/"
        done = after.isspace() or after in _PARTNERS or after in _CLOSING_MARKS or after in "\"“”'-–/"
        opens = fresh if fresh != done else depth[pair] == 0
        depth[pair] = max(0, depth[pair] + (1 if opens else -1))
        mended[i] = pair[0] if opens else pair[1]
    return re.sub(r"([(\[«])\s+(?=\S)|(?<=\S)\s+([)\]»])", r"\1\2", "".join(mended))


def kind_of(text: str) -> str:
    """R for Arabic letters, L for others, N for digits, S for space, O for the rest."""
    c = text[0]
    if c.isspace() or text == CELL_BREAK:
        return "S"
    kind = unicodedata.bidirectional(c)
    if kind in ("EN", "AN") and c.isdigit():
        return "N"
    return "R" if kind in ("R", "AL") else "L" if kind == "L" else "O"


def logical(items: list[str], rtl: bool) -> str:
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
    classes = [kind_of(item) for item in items]
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
        if (
            joined
            and latin
            and any(classes[i] == "L" for i in range(*joined[-1]))
            and "R" not in classes[joined[-1][1] : run[0]]
        ):
            joined[-1] = (joined[-1][0], run[1])
        else:
            joined.append(run)
    return joined


def _arabic_runs(items: list[str]) -> list[tuple[int, int]]:
    """The runs of a left-to-right line that are read from right to left."""
    classes = [kind_of(item) for item in items]
    runs: list[tuple[int, int]] = []
    for i, kind in enumerate(classes):
        if kind != "R":
            continue
        if runs and not {"L", "N"} & set(classes[runs[-1][1] : i]):
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs
