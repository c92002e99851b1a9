"""Word documents: paragraphs and tables in reading order; headers, footers and document properties are not the text."""

import io
import re
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile

from ingest.draft import Draft, Kind, compose
from ingest.encodings import clean
from ingest.errors import EmptyDocument, TooCostly, UnreadableFile
from ingest.readers.text import is_heading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", f"{_W}instrText", f"{_W}delText", _FALLBACK))

_MAX_PARTS = 2000
_MAX_UNPACKED = 300_000_000
_MAX_XML = 30_000_000
"""Bytes of the largest XML part; a document of 300 pages has about 5 million."""

Element = Any  # lxml's, which has no types
Piece = tuple[Kind, str]


def read_word(data: bytes, name: str) -> Draft:
    """The document's text: a table's row is one line, its cells divided by " | ", merged cells once."""
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            name,
            "ملف محمي بكلمة سر أو بصيغة Word القديمة؛ المتوقع ملف ‎.docx غير محمي",
            "encrypted, or the old .doc format; expected an unprotected .docx",
        )
    try:
        _check_size(data, name)
        document = Document(io.BytesIO(data))
        pieces = list(_pieces(document.element.body, _styles(document)))
    except (PackageNotFoundError, BadZipFile, XMLSyntaxError, KeyError, ValueError, OSError, AttributeError) as error:
        raise UnreadableFile(
            name, "ملف Word تالف أو ناقص؛ المتوقع ملف ‎.docx سليم", "broken or cut short; expected a sound .docx"
        ) from error
    text, blocks = compose(_headed(pieces))
    if not text:
        raise EmptyDocument(name)
    return Draft(text, blocks)


def _check_size(data: bytes, name: str) -> None:
    """Refuse what unpacks to more than a document does; zipfile never unpacks more than an entry states."""
    with ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    written = max((part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))), default=0)
    if len(parts) > _MAX_PARTS or unpacked > _MAX_UNPACKED or written > _MAX_XML:
        raise TooCostly(
            name, f"يتضخم إلى {unpacked / 1e6:.0f} ميغابايت عند فتحه", f"unpacks to {unpacked / 1e6:.0f} MB"
        )


def _styles(document: Any) -> dict[str, str]:
    """The lower-case English name of each paragraph style; Word translates what it shows, not what it stores."""
    return {style.style_id: (style.name or "").lower() for style in document.styles if style.type == 1}


def _pieces(body: Element, styles: dict[str, str]) -> Iterator[Piece]:
    for element in body:
        if element.tag == f"{_W}p":
            yield from _paragraph(element, styles)
        elif element.tag == f"{_W}tbl":
            yield from _table(element, styles)
        elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml"):
            yield from _pieces(element, styles)


def _paragraph(element: Element, styles: dict[str, str]) -> Iterator[Piece]:
    style_element = element.find(f"{_W}pPr/{_W}pStyle")
    style = styles.get(style_element.get(f"{_W}val"), "") if style_element is not None else ""
    numbered = element.find(f"{_W}pPr/{_W}numPr") is not None or style.startswith("list")
    outline = element.find(f"{_W}pPr/{_W}outlineLvl") is not None
    headed = style in ("title", "subtitle") or style.startswith("heading") or outline
    kind = Kind.HEADING if headed else Kind.ITEM if numbered else Kind.PARAGRAPH
    for line in clean(_text(element)).split("\n"):
        if line.strip():
            yield kind, line
    for box in element.iter(f"{_W}txbxContent"):
        if not any(ancestor.tag == _FALLBACK for ancestor in box.iterancestors()):
            yield from _pieces(box, styles)


def _text(element: Element) -> str:
    """The text of a paragraph as it stands: insertions accepted, deletions gone, text boxes apart."""
    if element.tag == f"{_W}t":
        return element.text or ""
    if element.tag in (f"{_W}br", f"{_W}cr"):
        return "\n"
    if element.tag == f"{_W}tab":
        return " "
    if element.tag == f"{_W}noBreakHyphen":
        return "-"
    if element.tag in _SKIPPED or element.tag == f"{_W}txbxContent":
        return ""
    return "".join(_text(child) for child in element if isinstance(child.tag, str))


def _table(table: Element, styles: dict[str, str]) -> Iterator[Piece]:
    rows = [_row(row) for row in _children(table, "tr")]
    if max((len(row) for row in rows), default=0) == 1:  # a frame around text
        for row in _children(table, "tr"):
            for cell in _children(row, "tc"):
                yield from _pieces(cell, styles)
        return
    for row in rows:
        if any(row):
            yield Kind.ROW, " | ".join(row)


def _children(element: Element, tag: str) -> Iterator[Element]:
    """The children with a tag, those inside content controls among them."""
    for child in element:
        if child.tag == f"{_W}{tag}":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins"):
            yield from _children(child, tag)


def _row(row: Element) -> list[str]:
    """The texts of the cells; one that only continues a cell merged downwards is empty."""
    cells = []
    for cell in _children(row, "tc"):
        merge = cell.find(f"{_W}tcPr/{_W}vMerge")
        continued = merge is not None and merge.get(f"{_W}val") != "restart"
        paragraphs = (_text(paragraph) for paragraph in cell.iter(f"{_W}p"))
        cells.append("" if continued else clean(" ".join(" ".join(paragraphs).split())))
    return cells


def _headed(pieces: list[Piece]) -> Iterator[Piece]:
    """Headings that were only typed larger or bold are told by their shape, as in plain text."""
    for i, (kind, line) in enumerate(pieces):
        below = pieces[i + 1] if i + 1 < len(pieces) else (Kind.PARAGRAPH, "")
        typed = kind is Kind.PARAGRAPH and i > 0 and below[0] is Kind.PARAGRAPH
        yield (Kind.HEADING if typed and is_heading(re.sub(r"\s+", " ", line).strip(), below[1]) else kind), line
