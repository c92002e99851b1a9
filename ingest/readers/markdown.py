"""Markdown: the text stays as it is in the file; front matter and headings are left outside the body."""

import re
from datetime import date, datetime
from typing import Any

import yaml

from arabic.normalize import normalize
from ingest.draft import Block, Draft, Kind
from ingest.encodings import decode
from ingest.metadata import stated_date
from ingest.readers.text import line_blocks

_FRONT = re.compile(r"\A\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"#{1,6}(?:\s|$)")
_RULE = re.compile(r"(?:[-*_=]\s*){3,}$|\|?[\s:|-]+\|[\s:|-]*$|<!--.*-->$|!\[[^\]]*\]\([^)]*\)$|```")
_KEYS = {
    "title": ("title", "headline", "العنوان", "عنوان"),
    "date": ("date", "published", "pubdate", "التاريخ", "تاريخ", "تاريخ النشر"),
    "publisher": ("publisher", "source", "author", "organization", "organisation", "الناشر", "ناشر", "المصدر", "الجهة"),
    "url": ("url", "link", "permalink", "canonical", "source_url", "الرابط", "رابط"),
}


def read_markdown(data: bytes, name: str) -> Draft:
    """The file's text, its front matter among it but outside the blocks; broken front matter is read as text."""
    text = decode(data, name)
    front = _FRONT.match(text)
    stated = _front_matter(front[1]) if front else None
    start = front.end() if front and stated is not None else 0
    stated = stated or {}
    blocks = tuple(_marked(text, block) for block in line_blocks(text, start))
    return Draft(
        text,
        _setext(text, blocks),
        title=_string(stated, "title"),
        date=_date(stated),
        publisher=_publisher(stated),
        url=_url(stated),
    )


def _front_matter(source: str) -> dict[str, Any] | None:
    try:
        loaded = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date like 2020-02-31
        return None
    if not isinstance(loaded, dict):
        return None
    keys = {normalize(spelling): key for key, spellings in _KEYS.items() for spelling in spellings}
    stated: dict[str, Any] = {}
    for key, value in loaded.items():
        known = keys.get(normalize(str(key)).strip())
        if known == "publisher" and _is_url(value):
            known = "url"
        if known and value is not None:
            stated.setdefault(known, value)
    return stated


def _string(stated: dict[str, Any], key: str) -> str | None:
    value = stated.get(key)
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _publisher(stated: dict[str, Any]) -> str | None:
    value = stated.get("publisher")
    if isinstance(value, list) and value and isinstance(value[0], str):
        return value[0]
    return value.get("name") if isinstance(value, dict) else _string(stated, "publisher")


def _url(stated: dict[str, Any]) -> str | None:
    return str(stated["url"]).strip() if _is_url(stated.get("url")) else None


def _is_url(value: object) -> bool:
    return isinstance(value, str) and bool(re.match(r"\s*https?://\S+\s*$", value))


def _date(stated: dict[str, Any]) -> date | None:
    value = stated.get("date")
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return stated_date(value) if isinstance(value, str) else None


def _marked(text: str, block: Block) -> Block:
    line = text[block.start : block.end]
    if _HEADING.match(line):
        return Block(block.start, block.end, Kind.HEADING)
    if _RULE.match(line):
        return Block(block.start, block.end, Kind.ASIDE)
    if line.startswith("|") or line.count(" | "):
        return Block(block.start, block.end, Kind.ROW)
    return block


def _setext(text: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Lines underlined with === or --- right below them are headings too."""
    marked = list(blocks)
    for i in range(len(marked) - 1):
        above, below = marked[i], marked[i + 1]
        underline = text[below.start : below.end]
        if (
            re.fullmatch(r"=+|-{2,}", underline)
            and text[above.end : below.start].count("\n") == 1
            and above.kind is Kind.PARAGRAPH
        ):
            marked[i] = Block(above.start, above.end, Kind.HEADING)
    return tuple(marked)
