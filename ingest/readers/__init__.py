"""Files to releases: one reader for each kind of document, and what they have in common."""

from collections.abc import Callable, Mapping
from pathlib import Path

from arabic.language import detect_language
from ingest.boilerplate import body_spans, label_blocks
from ingest.draft import Draft, Kind
from ingest.errors import EmptyDocument, TooLarge, UnknownFileType, UnreadableFile
from ingest.metadata import find_date, find_headline, find_publisher, find_title
from ingest.readers.html import read_html
from ingest.readers.markdown import read_markdown
from ingest.readers.pdf import read_pdf
from ingest.readers.text import read_text
from ingest.readers.word import read_word
from ledger.release import Release, Span

MAX_BYTES = 50_000_000

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
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnknownFileType(path.name, " ".join(READERS))
    try:
        size = path.stat().st_size
        if path.is_file() and size > max_bytes:
            raise TooLarge(path.name, size, max_bytes)
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            path.name, "الملف غير موجود أو لا يُسمح بقراءته", error.strerror or "no such file"
        ) from error
    if not data.strip():
        raise EmptyDocument(path.name)
    return release_of(reader(data, path.name), id or path.name)


def release_of(draft: Draft, id: str) -> Release:  # noqa: A002
    """The release that a draft makes. Raises EmptyDocument where it holds not one letter."""
    if not any(c.isalpha() for c in draft.text):
        raise EmptyDocument(id)
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
