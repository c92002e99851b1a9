"""PDF: lines rebuilt from the places of glyphs, joined to paragraphs; running heads and page numbers left out."""

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any

from arabic.normalize import normalize
from arabic.stopwords import is_stopword
from ingest.draft import Draft, Kind, compose
from ingest.encodings import clean
from ingest.errors import EmptyDocument, ScannedDocument, UnreadableFile
from ingest.readers.pdf_lines import Glyph, Line, backward_lines, is_rtl, page_lines
from ingest.readers.pdf_order import CELL_BREAK, mend_brackets
from ingest.readers.text import is_heading, is_item

_EDGE = 0.1  # share of a page's height at its top and bottom where running heads and page numbers stand
_PAGE_NUMBER = re.compile(
    r"^\W*(?:(?:صفحه|page|ص)\s*)?\d{1,3}(?:\s*(?:من|of|/)\s*\d{1,3})?\W*$|(?:صفحه|page)\s*\d{1,3}(?:\s*(?:من|of|/)\s*\d{1,3})?\W*$"
)
_STOP = re.compile(r"""[.!؟?…:؛]["”»')\]]*$""")
_MAX_PAGES = 500

_RawPage = Any  # pypdfium2 comes without types


def read_pdf(data: bytes, name: str) -> Draft:
    """The text of a PDF with one line a paragraph. Raises ScannedDocument for pages of pictures."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableFile(
                name, "محمي بكلمة سر؛ المتوقع ملف PDF غير محمي", "protected by a password; expected an open PDF"
            ) from error
        raise UnreadableFile(
            name, "ملف PDF تالف أو ناقص؛ المتوقع ملف PDF سليم", "broken or cut short; expected a sound PDF"
        ) from error
    try:
        pages = [_glyphs(page) for page in _pages(document)]
        heights = [page.get_height() for page in _pages(document)]
        drawn = any(True for page in _pages(document) for _ in page.get_objects(max_depth=1))
        count = len(document)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFile(name, "صفحات PDF تالفة؛ المتوقع ملف سليم", "broken pages; expected a sound PDF") from error
    finally:
        document.close()
    if not any(any(c.isalpha() for c in glyph.text) for page in pages for glyph in page):
        raise ScannedDocument(name, count) if drawn else EmptyDocument(name)
    lines = _without_running_heads(_lines(pages), heights)
    text, blocks = compose(_pieces(lines))
    if not text:
        raise EmptyDocument(name)
    return Draft(text, blocks)


def _pages(document: Any) -> Iterator[_RawPage]:
    for index in range(min(len(document), _MAX_PAGES)):
        yield document[index]


def _glyphs(page: _RawPage) -> list[Glyph]:
    """The characters that a page draws, with their places; those that PDFium made up are left out."""
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    raw = textpage.raw
    x, y, matrix, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_MATRIX(), pdfium.FS_RECTF()
    glyphs: list[Glyph] = []
    for i in range(textpage.count_chars()):
        text = _letters(pdfium.FPDFText_GetUnicode(raw, i))
        if not text or pdfium.FPDFText_IsGenerated(raw, i) == 1:
            continue
        pdfium.FPDFText_GetCharOrigin(raw, i, x, y)
        pdfium.FPDFText_GetLooseCharBox(raw, i, box)
        pdfium.FPDFText_GetMatrix(raw, i, matrix)
        scale = math.hypot(matrix.c, matrix.d) or 1.0
        if matrix.a <= 0 and abs(matrix.b) > abs(matrix.a):
            continue  # written upwards: a watermark or a margin note
        size = pdfium.FPDFText_GetFontSize(raw, i) * scale
        part = ctypes.cast(pdfium.FPDFText_GetTextObject(raw, i), ctypes.c_void_p).value or 0
        bold = pdfium.FPDFText_GetFontWeight(raw, i) >= 600
        glyphs.append(Glyph(text, x.value, y.value, box.left, box.right, size, part, bold))
    textpage.close()
    return glyphs


def _letters(code: int) -> str:
    """The character of a code, presentation forms as letters; nothing for controls and private characters."""
    character = chr(code)
    if "\ufb50" <= character <= "\ufdff" or "\ufe70" <= character <= "\ufefc":
        return unicodedata.normalize("NFKC", character).strip() or ""
    if character in "\t\xa0\u2002\u2003\u2009\u202f":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs"):
        return ""
    return character


def _lines(pages: list[list[Glyph]]) -> list[Line]:
    """The lines of all pages, read as they were drawn where that gives more words that are known."""
    rtl = is_rtl(glyph for page in pages for glyph in page)
    lines = [line for number, page in enumerate(pages) for line in page_lines(page, rtl, number)]
    if not rtl:
        return lines
    backward = [line for number, page in enumerate(pages) for line in backward_lines(page, number)]
    return backward if _known(backward) > 2 * _known(lines) + 2 else lines


def _known(lines: list[Line]) -> int:
    return sum(is_stopword(word) for line in lines for word in normalize(line.text).split() if len(word) > 1)


def _without_running_heads(lines: list[Line], heights: list[float]) -> list[Line]:
    """The lines without those at the edges of pages that repeat from page to page or number them."""
    keys = {id(line): f"{round(line.y / 4)} " + re.sub(r"\d+", "#", normalize(line.text)) for line in lines}
    edge = [line for line in lines if line.y > heights[line.page] * (1 - _EDGE) or line.y < heights[line.page] * _EDGE]
    repeated = Counter(key for _, key in {(line.page, keys[id(line)]) for line in edge})
    running = {
        id(line)
        for line in edge
        if repeated[keys[id(line)]] > 1 or (len(line.text) < 80 and _PAGE_NUMBER.search(normalize(line.text)))
    }
    return [line for line in lines if id(line) not in running]


def _pieces(lines: list[Line]) -> Iterator[tuple[Kind, str]]:
    if not lines:
        return
    usual = median(line.size for line in lines for _ in range(max(1, len(line.text) // 20)))
    # Most releases have more line ends within paragraphs than between them, short ones may not: a low quantile.
    steps = sorted((a.y - b.y) / b.size for a, b in pairwise(lines) if a.page == b.page and a.y - b.y > 0.8 * b.size)
    step = steps[len(steps) // 5] if steps else 0.0
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    group: list[Line] = []
    groups: list[list[Line]] = []
    for line in lines:
        if group and _new_paragraph(group[-1], line, step, left, right):
            groups.append(group)
            group = []
        group.append(line)
    groups.append(group)
    texts = [clean(mend_brackets(" ".join(line.text for line in group))) for group in groups]
    for i, (group, text) in enumerate(zip(groups, texts, strict=True)):
        yield _kind(group, text, texts[i + 1] if i + 1 < len(texts) else "", i, usual), text


def _kind(group: list[Line], text: str, below: str, index: int, usual: float) -> Kind:
    if CELL_BREAK in text:
        return Kind.ROW
    if is_item(text):
        return Kind.ITEM
    prominent = group[0].size > 1.12 * usual or all(line.bold for line in group)
    short = len(text) <= 200 and not re.search(r"[.،؛,]$", text)
    if (prominent and short) or (index and is_heading(text, below)):
        return Kind.HEADING
    return Kind.PARAGRAPH


def _new_paragraph(above: Line, line: Line, step: float, left: float, right: float) -> bool:
    """Whether a line begins a paragraph: by size, distance, a list mark, or the room left in the line above."""
    if CELL_BREAK in above.text or CELL_BREAK in line.text or is_item(line.text):
        return True
    if abs(above.size - line.size) > 0.08 * above.size or above.bold != line.bold:
        return True
    if above.page == line.page and not 0 < above.y - line.y <= 1.3 * step * line.size:
        return True
    start_gap, end_gap = (
        (right - above.right, above.left - left) if above.rtl else (above.left - left, right - above.right)
    )
    centred = abs(start_gap - end_gap) < 2 * above.size and start_gap > 2 * above.size
    room = start_gap + end_gap if centred else end_gap
    fits = room > line.first + 0.6 * line.size
    # Some programs wrap at a number of letters: a line that goes on in mid-sentence is short by a little only.
    return fits and (bool(_STOP.search(above.text)) or (above.page == line.page and room > 0.4 * (right - left)))
