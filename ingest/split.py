"""Releases to passages: whole sentences of one section, and tables in one piece."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from arabic.sentences import split_sentences
from ledger.release import Release, Span
from vectorstore.passage import Passage, passage_id

_ENOUGH = 400  # characters from which a passage may end with its paragraph
_LIMIT = 700  # characters beyond which no sentence is added
_TABLE_LIMIT = 1500  # characters of a table that is kept whole
_SCRAP = 100  # characters; a shorter rest joins the passage before it
_ROW = re.compile(r"^.*(?: \| |\|.*\|).*$", re.MULTILINE)


def split_release(release: Release) -> list[Passage]:
    """The passages of a release's body, in order: every character that is not white space is in exactly one."""
    passages: list[Passage] = []
    seen: Counter[str] = Counter()
    for span in release.body:
        for part in _passages(release.text, span):
            text = release.text[part.start : part.end]
            identity = passage_id(release.id, text, seen[text])
            seen[text] += 1
            passages.append(Passage(identity, release.id, part.start, part.end, text, release.title))
    return passages


def _passages(text: str, span: Span) -> Iterator[Span]:
    """Runs of units, trimmed; a unit that is too long stands alone."""
    units = list(_units(text, span))
    runs: list[Span] = []
    start = 0
    for i, unit in enumerate(units):
        if i + 1 < len(units):
            following = units[i + 1]
            closed = unit.end - units[start].start
            new_paragraph = "\n" in text[unit.end : following.start]
            fits = following.end - units[start].start <= _LIMIT
            if fits and not (closed >= _ENOUGH and new_paragraph):
                continue
        runs.append(Span(units[start].start, unit.end))
        start = i + 1
    if len(runs) > 1 and runs[-1].end - runs[-1].start < _SCRAP and runs[-2].end - runs[-2].start < _LIMIT:
        runs[-2:] = [Span(runs[-2].start, runs[-1].end)]
    yield from runs


def _units(text: str, span: Span) -> Iterator[Span]:
    """What is never divided: sentences, and tables up to a size with the line that announces them."""
    starts = {span.start + sentence.start for sentence in split_sentences(text[span.start : span.end])}
    for table in _tables(text, span):
        starts = {s for s in starts if not table.start < s < table.end} | {table.start}
        starts.update(s for s in _next_line(text, table.end, span.end))
    bounds = sorted({span.start, *starts, span.end})
    for start, end in pairwise(bounds):
        piece = text[start:end]
        trimmed = piece.strip()
        if trimmed:
            first = start + len(piece) - len(piece.lstrip())
            yield Span(first, first + len(trimmed))


def _tables(text: str, span: Span) -> Iterator[Span]:
    """Runs of rows on lines of their own, the line before them included where it ends with a colon."""
    if text.find("|", span.start, span.end) < 0:
        return
    rows = [match.span() for match in _ROW.finditer(text, span.start, span.end)]
    i = 0
    while i < len(rows):
        first = i
        while (
            i + 1 < len(rows)
            and not text[rows[i][1] : rows[i + 1][0]].strip()
            and rows[i + 1][1] - rows[first][0] <= _TABLE_LIMIT
        ):
            i += 1
        start = rows[first][0]
        before = text[span.start : start].rstrip()
        lead = before.rpartition("\n")[2]
        if before.endswith(":") and len(lead) <= 300:
            start = span.start + len(before) - len(lead)
        yield Span(start, rows[i][1])
        i += 1


def _next_line(text: str, end: int, limit: int) -> Iterator[int]:
    rest = text[end:limit]
    if rest.strip():
        yield end + len(rest) - len(rest.lstrip())
