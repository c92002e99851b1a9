"""Files to releases: one reader for each kind of document, and what they have in common."""

import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from arabic.language import detect_language
from ingest.boilerplate import body_spans, label_blocks
from ingest.draft import Draft, Kind
from ingest.errors import EmptyDocument, TooLarge, TooLong, UnknownFileType, UnreadableFile
from ingest.lam_alef import mend
from ingest.metadata import find_date, find_headline, find_publisher, find_title
from ingest.readers.html import read_html
from ingest.readers.markdown import read_markdown
from ingest.readers.pdf import read_pdf
from ingest.readers.text import read_text
from ingest.readers.word import read_word
from ledger.release import Release, Span

MAX_BYTES = 50_000_000
MAX_TEXT = 1_000_000
"""Characters, about 300 pages: a longer text is no press release, and would cost minutes and gigabytes to analyse."""

# A reader gets the file's bytes and its name for messages.
READERS: Mapping[str, Callable[[bytes, str], Draft]] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".pdf": read_pdf,
    ".docx": read_word,
}


def read_file(path: Path, *, id: str | None = None, max_bytes: int = MAX_BYTES) -> Release:  # noqa: A002
    """The release in a file; its id is the file's name unless given. Raises an IngestError for what cannot be read."""
    reader_of(path.name)
    return read_bytes(file_bytes(path, max_bytes), path.name, id=id)


def file_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """What a regular file holds. Raises UnreadableFile (missing, forbidden, a device or a pipe) or TooLarge."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile(path.name, "ليس ملفاً عادياً", "not a regular file")
        if status.st_size > max_bytes:
            raise TooLarge(path.name, status.st_size, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "no such file"
        raise UnreadableFile(path.name, "الملف غير موجود أو لا يُسمح بقراءته", reason) from error
    if len(data) > max_bytes:  # it grew meanwhile
        raise TooLarge(path.name, len(data), max_bytes)
    return data


def reader_of(name: str) -> Callable[[bytes, str], Draft]:
    """The reader for a file's name. Raises UnknownFileType."""
    reader = READERS.get(Path(name).suffix.lower())
    if reader is None:
        raise UnknownFileType(name, " ".join(READERS))
    return reader


def read_bytes(data: bytes, name: str, *, id: str | None = None, ocr: bool = False) -> Release:  # noqa: A002
    """The release in a document of that name; with `ocr` in a scanned PDF, marked so in its title.

    Raises an IngestError for what cannot be read.
    """
    reader = reader_of(name)
    if not data.strip():
        raise EmptyDocument(name)
    if ocr:
        from ingest.readers.ocr import MARK, read_scan

        release = release_of(read_scan(data, name), id or name)
        return replace(release, title=f"{release.title} {MARK}")
    return release_of(reader(data, name), id or name)


def _mended(draft: Draft) -> Draft:
    """The draft with turned lam-alef ligatures put right; its blocks stay where they are, for no length changes."""
    text = mend(draft.text)
    if text is draft.text:
        return draft
    title = None if draft.title is None else mend(f"{draft.title}\n{draft.text}")[: len(draft.title)]
    return replace(draft, text=text, title=title)


def release_of(draft: Draft, id: str) -> Release:  # noqa: A002
    """The release that a draft makes. Raises EmptyDocument where it holds not one letter."""
    if len(draft.text) > MAX_TEXT:
        raise TooLong(id, len(draft.text), MAX_TEXT)
    if not any(c.isalpha() for c in draft.text):
        raise EmptyDocument(id)
    draft = _mended(draft)
    headline = find_headline(draft)
    roles = label_blocks(draft.text, draft.blocks, headline)
    body = body_spans(draft.text, draft.blocks, roles)
    if not body:  # a single line, or nothing but what looks like boilerplate: better quoted than lost
        headline = None
        body = tuple(Span(b.start, b.end) for b in draft.blocks if b.kind is not Kind.ASIDE)
    return Release(
        id=id,
        text=draft.text,
        title=find_title(draft, headline),
        body=body,
        headline=headline,
        date=find_date(draft, headline),
        publisher=find_publisher(draft, roles, headline),
        url=draft.url,
        language=detect_language(draft.text),
    )
