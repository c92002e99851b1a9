"""The web's half of an update: pages, what feeds and sitemaps point to, and ReliefWeb's reports.

Each page is kept as soon as it is read: a run that is killed has lost nothing that it fetched. What a site no longer
shows stays in the corpus; `sanad releases remove` forgets it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import unquote, urlsplit

from ingest.catalogue import Catalogue, Entry
from ingest.errors import FetchError, FetchFailed, IngestError
from ingest.reading import Document, Job, Readers
from ingest.sources import free_name, shown
from ingest.standing import ReliefWeb, Web
from ingest.update import READER_VERSION, Changes, Count
from ingest.web.feeds import Link, suffix_of
from ingest.web.fetch import Fetched, Fetcher
from ingest.web.reliefweb import API, reports
from ledger.release import Release

_SITEMAPS = 50
"""Sitemaps of one index that are read, the newest first."""


@dataclass(frozen=True, slots=True)
class Online:
    """What is needed to read the web; without an `appname` ReliefWeb is not asked."""

    fetcher: Fetcher
    appname: str | None = None
    reliefweb: str = API


def update_web(
    catalogue: Catalogue,
    sources: Iterable[Web | ReliefWeb],
    online: Online,
    readers: Readers,
    changes: Changes,
    count: Count,
) -> None:
    """Read new and changed pages into the catalogue; what cannot be fetched or read is noted."""
    run = _Pages(catalogue, online, readers, changes, count)
    for source in sources:
        try:
            if isinstance(source, Web):
                run.take(source)
            else:
                run.ask_reliefweb(source)
        except IngestError as error:
            changes.fail(source.url if isinstance(source, Web) else "ReliefWeb", error)


class _Pages:
    def __init__(self, catalogue: Catalogue, online: Online, readers: Readers, changes: Changes, count: Count) -> None:
        self._catalogue, self._online, self._readers, self._changes = catalogue, online, readers, changes
        self._count = count
        self._known = catalogue.entries()
        self._names = {e.id: e.source for e in self._known.values()}
        self._by_url = {e.url: e for e in self._known.values() if e.url}
        self._done: set[str] = set()

    def take(self, source: Web) -> None:
        """A page is read; a feed's or sitemap's new pages are."""
        fetched = self._fetch(source.url)
        if fetched is None:
            return
        found = self._readers.links(fetched.content, fetched.url)
        if found.kind == "page":
            self._keep(source.url, fetched, None)
            return
        pages = self._sitemaps(found.links) if found.kind == "index" else list(found.links)
        if found.kind != "feed":  # feeds come newest first, sitemaps in any order
            pages.sort(key=lambda link: link.updated or "", reverse=True)
        wanted = [p for p in pages if source.match is None or re.search(source.match, unquote(p.url))][: source.limit]
        complete = self._new_ones(wanted)
        if complete:  # otherwise the feed is read again next time, though it may not have changed
            with self._catalogue.transaction():
                self._catalogue.keep_page(source.url, fetched.etag, fetched.modified)

    def ask_reliefweb(self, source: ReliefWeb) -> None:
        """New and changed reports."""
        if not self._online.appname:
            raise FetchFailed(
                "ReliefWeb",
                "يلزم اسم معتمد في الإعداد SANAD_RELIEFWEB_APPNAME",
                "needs an approved name in SANAD_RELIEFWEB_APPNAME",
            )
        for report in reports(source, self._online.fetcher, self._online.appname, self._online.reliefweb):
            if self._is_new(Link(report.url, report.updated)):
                fetched = Fetched(report.url, report.page, "text/html", None, None)
                self._guarded(report.url, partial(self._keep, report.url, fetched, report.updated))

    def _sitemaps(self, links: Iterable[Link]) -> list[Link]:
        newest = sorted(links, key=lambda link: link.updated or "", reverse=True)
        pages: list[Link] = []
        for link in newest[:_SITEMAPS]:
            try:
                fetched = self._online.fetcher.get(link.url)
                pages += self._readers.links(fetched.content, fetched.url).links
            except IngestError as error:
                self._changes.fail(link.url, error)
        return pages

    def _new_ones(self, links: list[Link]) -> bool:
        """Fetch the pages that are new or said to have changed; whether all could be fetched."""
        complete = True
        wanted = [link for link in links if self._is_new(link)]
        for done, link in enumerate(wanted, 1):
            self._count(done, len(wanted))
            complete &= self._guarded(link.url, partial(self._one, link))
        return complete

    def _one(self, link: Link) -> None:
        fetched = self._fetch(link.url)
        if fetched is not None:
            self._keep(link.url, fetched, link.updated)

    def _guarded(self, url: str, work: Callable[[], None]) -> bool:
        """Do it, note a failure; whether it need not be tried again."""
        try:
            work()
        except FetchError as error:
            self._changes.fail(url, error)
            return not isinstance(error, FetchFailed) or error.status in (404, 410)
        except IngestError as error:  # it is what it is: asked again when it changes
            self._changes.fail(url, error)
            with self._catalogue.transaction():
                self._catalogue.keep_page(url, None, None)
        return True

    def _is_new(self, link: Link) -> bool:
        if link.url in self._done:
            return False
        page = self._catalogue.page(link.url)
        return page is None or (link.updated is not None and link.updated > (page.updated or page.fetched))

    def _fetch(self, url: str) -> Fetched | None:
        """The page, None if it is as it was."""
        page, entry = self._catalogue.page(url), self._known.get(url)
        current = page is not None and (entry is None or entry.reader == READER_VERSION)
        etag, modified = (page.etag, page.modified) if page is not None and current else (None, None)
        fetched = self._online.fetcher.get(url, etag=etag, modified=modified)
        if fetched.unchanged and entry is not None:
            self._changes.unchanged.append(entry.id)
        return None if fetched.unchanged else fetched

    def _keep(self, url: str, fetched: Fetched, updated: str | None) -> None:
        """Read a page and keep its release and what its server said."""
        entry = self._known.get(url)
        name = entry.id if entry else free_name(_parts(url), url, self._names)
        suffix = suffix_of(fetched.content_type, fetched.url, fetched.content)
        document = self._readers.read(Job(name, f"{shown(_parts(url)[-1])}{suffix}", data=fetched.content))
        release = with_url(document, fetched.url)
        twin = self._by_url.get(release.url or "")
        if entry is None and twin is not None and twin.source != url:  # one page by two addresses
            self._changes.duplicates.append(f"{name} = {twin.id}")
            with self._catalogue.transaction():
                self._catalogue.keep_page(url, fetched.etag, fetched.modified, updated)
            return
        digest = _said(document)
        row = (url, digest, document.size, 0, READER_VERSION)
        with self._catalogue.transaction():
            self._catalogue.keep_page(url, fetched.etag, fetched.modified, updated)
            if entry is not None and (entry.hash, entry.reader) == (digest, READER_VERSION):
                self._changes.unchanged.append(entry.id)
                return
            self._catalogue.put(release, document.passages, row)
        self._names[name] = url
        self._done.add(url)
        self._known[url] = Entry(name, *row, release.title, None, None, release.url)
        if release.url:
            self._by_url[release.url] = self._known[url]
        (self._changes.changed if entry else self._changes.added).append(name)


def with_url(document: Document, url: str) -> Release:
    """The release with the address that its citations show: the page's own canonical one, if it is of the same host (what
    a page says of another host may be a lie), else where it was fetched."""
    release = document.release
    return release if release.url and _host(release.url) == _host(url) else replace(release, url=url)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _said(document: Document) -> str:
    """A hash of what a page says: its bytes change with every visit, its announcement does not."""
    release = document.release
    told = [release.text, release.title, str(release.date), release.publisher]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _parts(url: str) -> tuple[str, ...]:
    """A URL's host and path, decoded, as the parts of a name."""
    place = urlsplit(url)
    path = [unquote(part) for part in place.path.split("/") if part not in ("", ".", "..")]
    if place.query:
        path = [*path[:-1], f"{path[-1] if path else ''}?{unquote(place.query)}"]
    return (place.hostname or "page", *path)
