"""Cutting a sentence down to the clause that states the wanted figure, without the figures that answer something else."""

import re
from collections.abc import Sequence

from arabic.sentences import clauses

Range = tuple[int, int]

_STRAY_START = re.compile(r"^(?:[\s،,؛;:–—-]|(?:و|ف)?(?:أن|أنّ|إن|إنّ|بأن|كما)\s+|ثم\s+)+")
_STRAY_END = re.compile(r"[\s،,؛;:–—(\[-]+$")
_DANGLING = re.compile(
    r"\s(?:و|في|من|إلى|على|عن|أو|ثم|أن|إن|ما|نحو|حوالي|قرابة|أكثر من|من أصل|من بين|بدلاً من|بدلا من|بدلاً|بدلا|عوضاً عن|عوضاً|ما يزيد على|زهاء|بنحو|لنحو|إضافة إلى|فضلاً عن|فضلا عن|مع|بين|تقارب|تناهز)$"
)
_SHORT = 25
"""Characters below which a clause says too little by itself."""


def clip(text: str, wanted: Sequence[Range], others: Sequence[Range], limit: int = 240) -> Range:
    """The longest run of clauses of a sentence that holds all `wanted` spans and none of the `others`.

    Where a clause holds both, it is cut right before or after the other figure. All offsets are into `text`; `limit`
    is in characters and bends only to hold the wanted spans.
    """
    low, high = min(a for a, _ in wanted), max(b for _, b in wanted)
    parts = [(c.start, c.end) for c in clauses(text)] or [(0, len(text))]
    first = max(i for i, (a, _) in enumerate(parts) if a <= low)
    last = max(first, *(i for i, (a, _) in enumerate(parts) if a < high))
    start, end = parts[first][0], max(parts[last][1], high)
    barred = [o for o in others if not (low <= o[0] and o[1] <= high)]
    before = max((b for a, b in barred if b <= low and b > start), default=None)
    after = min((a for a, b in barred if a >= high and a < end), default=None)
    if before is not None:
        start = _word_after(text, before, low)
    elif first:
        while first and len(text[start:end]) < limit and not _holds(parts[first - 1], barred):
            candidate = parts[first - 1][0]
            if end - candidate > limit:
                break
            first, start = first - 1, candidate
    if after is not None:
        end = _word_before(text, after, high)
    elif end - start < _SHORT or end - start < limit:
        while last + 1 < len(parts) and not _holds(parts[last + 1], barred) and parts[last + 1][1] - start <= limit:
            last += 1
            end = parts[last][1]
    return _tidy(text, start, end, low, high)


def _holds(part: Range, spans: Sequence[Range]) -> bool:
    return any(a < part[1] and part[0] < b for a, b in spans)


def _word_after(text: str, position: int, limit: int) -> int:
    """The start of what follows a figure and the noun that it counts: the next conjunction, else the next word."""
    match = re.compile(r"\s(?=و\w|(?:ثم|بل|لكن)\s)").search(text, position, limit + 1)
    if match:
        return match.end()
    match = re.compile(r"\s\S").search(text, position, limit)
    return match.start() + 1 if match else limit


def _word_before(text: str, position: int, floor: int) -> int:
    """Where the clause before a foreign figure ends: at the last conjunction or comma before it, else right before."""
    breaks = [m.start() for m in re.compile(r"\s(?=و\w|ف\w|بعدما|مقابل|بينما|فيما)|،").finditer(text, floor, position)]
    if text[:position].endswith(("و", "وب", "ول", "لـ", "ب", "ل", "بـ", "وبـ", "ولـ")):
        position = text.rfind(" ", floor, position) if " " in text[floor:position] else position
    return breaks[-1] if breaks else max(floor, position)


def _tidy(text: str, start: int, end: int, low: int, high: int) -> Range:
    lead = _STRAY_START.match(text[start:low])
    if lead:
        start += lead.end()
    while True:
        piece = text[high:end]
        trimmed = _DANGLING.sub("", _STRAY_END.sub("", piece))
        trimmed = re.sub(r"\s+و$", "", trimmed)
        if trimmed == piece:
            break
        end = high + len(trimmed)
    piece = text[high:end]
    for opening, closing in ("()", "«»", "[]"):
        whole = text[start:end]
        if whole.count(opening) > whole.count(closing) and opening in piece:
            end = high + piece.rindex(opening)
            piece = text[high:end]
    return start, max(high, len(text[:end].rstrip()))
