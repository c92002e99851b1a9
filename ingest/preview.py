"""What a document would bring, before anybody decides to publish it."""

from dataclasses import dataclass, replace
from pathlib import Path

from ingest.catalogue import Catalogue, Entry
from ingest.errors import FetchFailed
from ingest.readers.ocr import MARK
from ingest.reading import Document, Job, Readers
from ingest.sources import shown, source_name
from ingest.standing import Web, named
from ingest.update_web import Online, with_url
from ingest.web.feeds import suffix_of
from ingest.web.fetch import Fetcher
from ledger.extract import extract_facts
from ledger.release import Release
from ledger.rows import Row, rows_of
from vectorstore.passage import Passage

_SHORT = 200


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person should look at before publishing; `code` is stable, the texts are for people."""

    code: str
    ar: str
    en: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A document as it would be ingested: the release with its text, its passages, its facts, and what is odd about it."""

    release: Release
    passages: tuple[Passage, ...]
    facts: tuple[Row, ...]
    warnings: tuple[Remark, ...]


def preview(
    path_or_url: Path | str,
    *,
    data_dir: Path | None = None,
    readers: Readers | None = None,
    online: Online | None = None,
) -> Preview:
    """Read a file or a page within the limits of `readers`; nothing is kept. `ingest.pipeline.ingest` publishes it.

    With `data_dir` it is compared with what is there already. Raises an IngestError: what cannot be read or fetched,
    and feeds and sitemaps, which hold no release of their own.
    """
    source = named(str(path_or_url))
    own = Readers(1) if readers is None else None
    try:
        document = _read(source, readers or own, online)
    finally:
        if own is not None:
            own.close()
    release = document.release
    facts = tuple(rows_of(release, extract_facts(release)))
    key = source.url if isinstance(source, Web) else source_name(Path(str(path_or_url)).resolve())
    return Preview(release, document.passages, facts, (*_odd(release, facts), *_known(document, key, data_dir)))


def _read(source: object, readers: Readers | None, online: Online | None) -> Document:
    assert readers is not None
    if not isinstance(source, Web):
        path = Path(str(source))
        return readers.read(Job(shown(path.name), shown(path.name), path))
    fetched = (online or Online(Fetcher())).fetcher.get(source.url)
    if readers.links(fetched.content, fetched.url).kind != "page":
        raise FetchFailed(source.url, "خلاصة أو خريطة موقع لا صفحة واحدة", "a feed or sitemap, not one page")
    name = shown(source.url.rstrip("/").rpartition("/")[2])
    suffix = suffix_of(fetched.content_type, fetched.url, fetched.content)
    document = readers.read(Job(name, f"{name}{suffix}", data=fetched.content))
    return replace(document, release=with_url(document, fetched.url))


def _odd(release: Release, facts: tuple[Row, ...]) -> list[Remark]:
    found = []
    if release.date is None:
        found.append(Remark("no_date", "لم يُعثر على تاريخ للبيان", "no date was found"))
    if not any(row.kind == "funding" for row in facts):
        found.append(Remark("no_amount", "لا مبالغ في النص", "the text states no amount"))
    if sum(span.end - span.start for span in release.body) < _SHORT:
        found.append(Remark("short", "النص قصير جداً", "the text is very short"))
    if release.language != "ar":
        found.append(Remark("language", f"لغة النص {release.language}", f"the text is in {release.language}"))
    if release.title.endswith(MARK):
        found.append(Remark("ocr", "قُرئ النص من صور؛ راجع الأرقام", "read from pictures by OCR: check the figures"))
    return found


def _known(document: Document, source: str, data_dir: Path | None) -> list[Remark]:
    """Whether the document is there already, or would take a release's place."""
    if data_dir is None or not (data_dir / "catalogue.db").exists():
        return []
    catalogue = Catalogue(data_dir / "catalogue.db")
    try:
        entries: dict[str, Entry] = catalogue.entries()
    finally:
        catalogue.close()
    found = []
    if (same := entries.get(source)) is not None:
        found.append(Remark("replaces", f"يحلّ محل «{same.title}»", f"takes the place of {same.id}"))
    if (
        twin := next((e for e in entries.values() if e.hash == document.digest and e.source != source), None)
    ) is not None:
        found.append(Remark("duplicate", f"مطابق لـ«{twin.title}»", f"the same bytes as {twin.id}"))
    return found
