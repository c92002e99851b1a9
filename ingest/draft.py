"""What a reader hands on: the text of a document cut into blocks, and what its markup states about it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ledger.release import Span


class Kind(StrEnum):
    """What a block is by the markup or layout of its document."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    ASIDE = "aside"  # outside the announcement: rules, metadata lines


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a draft's text: text[start:end], without its newline, never empty."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as it was read; the stated fields are None where its markup states nothing."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None = None
    headline: Span | None = None
    date: datetime.date | None = None
    publisher: str | None = None
    url: str | None = None
    date_hints: tuple[str, ...] = ()  # lines near the title that are no part of the text


def compose(pieces: Iterable[tuple[Kind, str]]) -> tuple[str, tuple[Block, ...]]:
    """One text of the pieces, a blank line between paragraphs and none between rows or items, and its blocks."""
    parts: list[str] = []
    length = 0
    blocks: list[Block] = []
    last: Kind | None = None
    for kind, piece in pieces:
        line = " ".join(piece.split())
        if not line:
            continue
        if parts:
            parts.append("\n" if kind is last and kind in (Kind.ITEM, Kind.ROW) else "\n\n")
            length += len(parts[-1])
        blocks.append(Block(length, length + len(line), kind))
        parts.append(line)
        length += len(line)
        last = kind
    return "".join(parts), tuple(blocks)
