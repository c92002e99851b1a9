"""Sentences and clauses with their exact spans.

A sentence ends at . ! ? ؟ ؛ … (with the quotes and brackets that close there) and at the end of a line, except that
the lines of a hard-wrapped block, as PDFs and e-mails have them, are read as one. Lists, headings and table rows are
units of their own. A stop inside a quotation ends a sentence too: long quotations hold several.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from arabic.cues import load_yaml

_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]*\S[^\n]*)*")
_UNIT_LINE = re.compile(r"\s*(?:[-•*▪◦]\s|#{1,6}\s|\d{1,2}[.)]\s|>)|.*(?: \| |\t)")
_END = re.compile(r"[.!?؟؛…]+[\"»”'’)\]]*(?=\s|$)")
_LAST_WORD = re.compile(r"([^\s(\[«\"“]+)$")
_MIN_WRAPPED = 45
"""A hard-wrapped line is at least so long: shorter ones are ends of paragraphs, titles, addresses."""

_CUT = re.compile(r"(?<!\d)[،,](?!\d)|(?<=\d)[،,](?=\s)|[؛:;]|(?<=\s)[–—-](?=\s)")
_OPEN, _CLOSE = "([«“", ")]»”"


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is the original from `start` to `end`, without white space around it."""

    start: int
    end: int
    text: str


Clause = Sentence


def split_sentences(text: str) -> list[Sentence]:
    """The sentences in order; every character that is not white space belongs to exactly one."""
    return [Sentence(a, b, text[a:b]) for a, b in _spans(text)]


def clauses(text: str) -> list[Clause]:
    """The parts of one sentence between commas, semicolons, colons and dashes; cuts never fall inside numbers or pairs."""
    cuts, depth, quoted = [0], 0, False
    position = 0
    for match in _CUT.finditer(text):
        for character in text[position : match.start()]:
            depth += (character in _OPEN) - (character in _CLOSE)
            quoted ^= character == '"'
        position = match.start()
        if depth <= 0 and not quoted:
            cuts.append(match.end())
    cuts.append(len(text))
    parts = (_trimmed(text, a, b) for a, b in zip(cuts, cuts[1:], strict=False))
    return [Clause(a, b, text[a:b]) for a, b in parts if a < b]


@cache
def _abbreviations() -> frozenset[str]:
    table = load_yaml("arabic", "abbreviations.yaml")
    assert isinstance(table, dict)
    return frozenset(str(a) for a in table["abbreviations"])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for start, end in _paragraphs(text):
        begin = start
        for match in _END.finditer(text, start, end):
            if _ends(text, begin, match):
                yield from _nonempty(text, begin, match.end())
                begin = match.end()
        yield from _nonempty(text, begin, end)


def _nonempty(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    start, end = _trimmed(text, start, end)
    if start < end:
        yield start, end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Lines, those of a hard-wrapped block joined."""
    for block in _BLOCK.finditer(text):
        lines = _lines(text, block.start(), block.end())
        if not _is_wrapped(text, lines):
            yield from lines
            continue
        begin = lines[0][0]
        for (_, end), (following, _) in zip(lines, lines[1:], strict=False):
            if text[:end].rstrip().endswith((".", "!", "؟", "?", ":")) or _UNIT_LINE.match(text, following):
                yield begin, end
                begin = following
        yield begin, lines[-1][1]


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        spans.append((start, stop))
        start = stop + 1
    return spans


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether all lines but the last are long and of like length, and none is a unit of its own."""
    lengths = [b - a for a, b in lines[:-1]]
    if not lengths or any(_UNIT_LINE.match(text[a:b]) for a, b in lines):
        return False
    return min(lengths) >= _MIN_WRAPPED and max(lengths) <= 1.6 * min(lengths) and max(lengths) <= 160


def _ends(text: str, begin: int, match: re.Match[str]) -> bool:
    if not match.group().startswith("."):
        return True
    word = _LAST_WORD.search(text, begin, match.start())
    if word is None:
        return True
    bare = word.group(1).lstrip("و") if len(word.group(1)) > 1 else word.group(1)
    if bare in _abbreviations() and match.group() == ".":
        return False
    line_start = text.rfind("\n", 0, match.start()) + 1
    return not re.fullmatch(r"\s*\d{1,2}", text[line_start : match.start()])
