"""Sentences and clauses with their exact spans.

A sentence ends at . ! ? ؟ ؛ … (with the quotes, brackets and footnote marks that close there) and at the end of a
line. A stop inside a quotation ends a sentence too: long quotations hold several. A stop that lacks its space between
two Arabic words ends one as well. Not ends are the stops of numbers, abbreviations, initials, addresses, and those
before a small Latin letter.

Lines of hard-wrapped text, as PDFs and e-mails have it, are read on. A block (lines between blank lines) is
hard-wrapped if its longest line has 45 to 160 characters and at least half of its lines, the last aside, are full, that
is at least three quarters as long as the longest. There a full line without a stop at its end goes on in the next line,
unless that is a unit of its own: a list item, a label with its figure («التدريب: 1.3 مليون»), a heading, a table row
(cells between " | " or tabs). Headings and table
rows end with their line in any case.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple, cast

from arabic.cues import load_yaml

_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]*\S[^\n]*)*")
_UNIT_LINE = re.compile(
    r"[ \t]*(?:[-–•●▪◦*·]\s|#{1,6}\s|>|\(?\d{1,2}[.)]\s|\d{1,2}\s?-\s(?!\d)|\(?[أ-ي][)]\s|[أ-ي]-\s)|.*(?:\s\|\s|\t\S)|[^\n:.،]{2,80}:\s+[\d٠-٩۰-۹]"
)
_ONE_LINE = re.compile(r"[ \t]*#{1,6}\s|.*(?:\s\|\s|\t\S)|[^\n:.،]{2,80}:\s+[\d٠-٩۰-۹][^\n]{0,40}$", re.MULTILINE)
_CLOSERS = "\"»”’')\\]"
_END = re.compile(
    rf"[.!?؟؛…](?:[.!?؟؛…]*[{_CLOSERS}]*(?:\[\d{{1,3}}\])*(?=\s|$)"
    r"|(?<=[ء-ي]{3}[.!؟؛…])[.!؟؛…]*(?=[ء-ي]{3}))"
)
_STOP_AT_END = re.compile(rf"[.!?؟؛:…][{_CLOSERS}]*(?:\[\d{{1,3}}\])*\s*$")
_LAST_WORD = re.compile(r"([^\s(\[«\"“]+)$")
_LONG_WORD = 20
"""Characters: no abbreviation is longer."""
_NUMBER_BEFORE = re.compile(r"\d\s*$")
_LIST_NUMBER = re.compile(r"\s*\(?\d{1,2}")
_SMALL_NEXT = re.compile(r"\s+[a-z]")
_WIDTHS = range(45, 161)
_FULL = 0.75

_CUT = re.compile(r"(?<!\d)[،,]|(?<=\d)[،,](?!\d)|[؛;]|:(?=\s)|(?<=\s)[–—-](?=\s)")
_PAIRS = re.compile(r"https?://\S+|\([^()]*\)|\[[^\[\]]*\]|«[^«»]*»|“[^“”]*”|\"[^\"]*\"")


class Sentence(NamedTuple):
    """`text` is the original from `start` to `end`, without white space around it."""

    start: int
    end: int
    text: str


Clause = Sentence


def split_sentences(text: str) -> list[Sentence]:
    """The sentences in order; every character that is not white space belongs to exactly one."""
    return [Sentence(a, b, text[a:b]) for a, b in _spans(text)]


def clauses(text: str) -> list[Clause]:
    """The parts of one sentence between commas, semicolons, colons and dashes, each with the mark that ends it.

    Cuts never fall inside a number, an address or a pair of brackets or quotes; a bracket without its partner
    protects nothing. Offsets are into `text`; every character that is not white space belongs to exactly one part.
    """
    protected = [match.span() for match in _PAIRS.finditer(text)]
    marks = (m for m in _CUT.finditer(text) if not any(a <= m.start() < b for a, b in protected))
    parts = (_trimmed(text, a, b) for a, b in pairwise((0, *(m.end() for m in marks), len(text))))
    return [Clause(a, b, text[a:b]) for a, b in parts if a < b]


@cache
def _abbreviations() -> frozenset[str]:
    table = cast("dict[str, list[str]]", load_yaml("arabic", "abbreviations.yaml"))
    return frozenset(str(a).rstrip(".") for a in table["abbreviations"])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for start, end in _paragraphs(text):
        begin = start
        for match in _END.finditer(text, start, end):
            if _ends(text, begin, match, end):
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
    """Lines, those of hard-wrapped text joined."""
    for block in _BLOCK.finditer(text):
        lines = _lines(text, block.start(), block.end())
        full = _full_length(text, lines)
        begin = lines[0][0]
        for (start, end), (following, stop) in pairwise(lines):
            line = text[start:end]
            if (
                full is None
                or len(line.strip()) < full
                or _STOP_AT_END.search(line)
                or _ONE_LINE.match(line)
                or _UNIT_LINE.match(text, following, stop)
            ):
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


def _full_length(text: str, lines: list[tuple[int, int]]) -> float | None:
    """From how many characters on a line of the block is full; None if the block is not hard-wrapped."""
    lengths = [len(text[a:b].strip()) for a, b in lines]
    longest = max(lengths)
    if len(lengths) < 2 or longest not in _WIDTHS:
        return None
    full = _FULL * longest
    return full if 2 * sum(length >= full for length in lengths[:-1]) >= len(lengths) - 1 else None


def _ends(text: str, begin: int, match: re.Match[str], limit: int) -> bool:
    """Whether the stop ends the sentence that began at `begin`."""
    if not match.group().startswith("."):
        return True
    if _SMALL_NEXT.match(text, match.end(), limit):
        return False
    before = text[begin : match.start()]
    if _LIST_NUMBER.fullmatch(before):
        return not text[text.rfind("\n", 0, begin) + 1 : begin].isspace() and begin > 0 and text[begin - 1] != "\n"
    if match.group() != ".":
        return True
    word = _LAST_WORD.search(before, max(0, len(before) - _LONG_WORD, before.rfind(" ", 0, -1) + 1))
    if word is None:
        return True
    bare = word.group(1)
    if len(bare) > 1 and bare[0] in "ول" and (bare[1:] in _abbreviations() or len(bare) == 2):
        bare = bare[1:]
    if bare not in _abbreviations() and not (len(bare) == 1 and bare.isalpha()):
        return True
    # «2024 م.» and «10 ص.» are units behind a number, «ص. 15» is an abbreviation in front of one
    return bool(_NUMBER_BEFORE.search(before[: word.start()])) and not re.match(r"\s*\d", text[match.end() : limit])
