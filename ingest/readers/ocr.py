"""Scanned PDFs by Tesseract, with the optional extra `ocr` and Debian's tesseract-ocr-ara.

What is read this way is marked in the release's title, which every citation shows: digits in particular are easily
misread, and a reader must be able to tell.
"""

import math
import shutil
from typing import Any

from ingest.draft import Draft, Kind, compose
from ingest.encodings import clean
from ingest.errors import EmptyDocument, UnreadableFile
from ingest.readers.text import is_heading, is_item

MARK = "(قراءة ضوئية OCR)"
"""Stands behind the title of a release that was read from pictures."""

_DPI = 300
_MAX_PAGES = 30
_MAX_PIXELS = 40_000_000


def available() -> bool:
    """Whether the extra, the program and its Arabic data are there."""
    if shutil.which("tesseract") is None:
        return False
    try:
        import pytesseract
    except ImportError:
        return False
    return "ara" in pytesseract.get_languages()


def read_scan(data: bytes, name: str) -> Draft:
    """The text of a PDF's pictures, one line a paragraph. Raises EmptyDocument where nothing is recognised."""
    import pypdfium2
    import pytesseract

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFile(name, "ملف PDF تالف", "broken PDF") from error
    pieces: list[tuple[Kind, str]] = []
    try:
        for index in range(min(len(document), _MAX_PAGES)):
            image = _image(document[index])
            text = pytesseract.image_to_string(image, lang="ara", config="--psm 4", timeout=60)
            pieces += _paragraphs(clean(text))
    except (pypdfium2.PdfiumError, pytesseract.TesseractError, RuntimeError, OSError) as error:
        raise UnreadableFile(name, "فشل التعرف الضوئي", f"OCR failed ({type(error).__name__})") from error
    finally:
        document.close()
    if not any(c.isalpha() for _, line in pieces for c in line):
        raise EmptyDocument(name)
    text, blocks = compose(pieces)
    return Draft(text, blocks)


def _image(page: Any) -> Any:
    """A page in grey at 300 dots an inch, fewer where it is very large."""
    width, height = page.get_size()
    scale = min(_DPI / 72, math.sqrt(_MAX_PIXELS / max(1.0, width * height)))
    return page.render(scale=scale, grayscale=True).to_pil()


def _paragraphs(text: str) -> list[tuple[Kind, str]]:
    """The lines of each block that an empty line ends, joined."""
    joined = [" ".join(block.split()) for block in text.split("\n\n")]
    lines = [line for line in joined if line]
    found = []
    for i, line in enumerate(lines):
        below = lines[i + 1] if i + 1 < len(lines) else ""
        item, heading = is_item(line), bool(i) and is_heading(line, below)
        found.append((Kind.ITEM if item else Kind.HEADING if heading else Kind.PARAGRAPH, line))
    return found
