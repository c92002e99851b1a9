"""Plain text: kept to the letter."""

import re

from arabic.normalize import normalize
from ingest.draft import Block, Draft, Kind
from ingest.encodings import decode

_ITEM = re.compile(r"\s*(?:[-*•·▪●◦‣–—]|[\d٠-٩]{1,2}[.)-]|[\u0621-\u064a][.)-])\s")
_URL_LINE = re.compile(r"\s*(?:الرابط|المصدر|رابط|url|source|link)\s*:\s*(https?://\S+)\s*$", re.IGNORECASE)


def read_text(data: bytes, name: str) -> Draft:
    """The text as it stands in the file, one block a line."""
    text = decode(data, name)
    blocks = line_blocks(text)
    url = next((m[1] for b in blocks if (m := _URL_LINE.match(text[b.start : b.end]))), None)
    return Draft(text, blocks, url=url)


def line_blocks(text: str, start: int = 0) -> tuple[Block, ...]:
    """The lines of text[start:] that hold something; a short line alone above a paragraph is a heading."""
    spans: list[tuple[int, int]] = []
    position = start
    for line in text[start:].split("\n"):
        stripped = line.strip()
        if stripped:
            first = position + line.index(stripped[0])
            spans.append((first, first + len(stripped)))
        position += len(line) + 1
    return tuple(Block(a, b, _kind(text, spans, i)) for i, (a, b) in enumerate(spans))


def _kind(text: str, spans: list[tuple[int, int]], i: int) -> Kind:
    line = text[slice(*spans[i])]
    if is_item(line):
        return Kind.ITEM
    if line.count(" | ") or line.count("\t") >= 1:
        return Kind.ROW
    return (
        Kind.HEADING
        if i and is_heading(line, text[slice(*spans[i + 1])] if i + 1 < len(spans) else "")
        else Kind.PARAGRAPH
    )


def is_item(line: str) -> bool:
    """Whether the line begins with the mark or number of a list."""
    return bool(_ITEM.match(line))


def is_heading(line: str, below: str) -> bool:
    """Whether a line without markup is a heading: a few words, no figures, no full stop, a paragraph below it."""
    return (
        len(below) >= 100
        and len(below) > 3 * len(line)
        and line[-1] not in '.,،؛;:"»!…)'
        and not any(c.isdigit() for c in line)
        and len(normalize(line).split()) <= 7
    )
