"""What a feed or a sitemap points to. It is read in a reading process, for strangers wrote it."""

import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urljoin

from ingest.encodings import decode_html

Kind = Literal["feed", "sitemap", "index", "page"]

_HEAD = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>|<\?.*?\?>|\s)*<([A-Za-z_][\w:.-]*)", re.DOTALL
)
_MOST = 50_000
"""URLs of one sitemap, the most that its protocol allows."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page that is pointed to, and when it last changed (ISO 8601, UTC) where that is stated."""

    url: str
    updated: str | None


@dataclass(frozen=True, slots=True)
class Links:
    """`kind` is what the document is; an `index` points to sitemaps, a `page` to nothing."""

    kind: Kind
    links: tuple[Link, ...] = ()


def links(content: bytes, url: str) -> Links:
    """The pages that a feed or sitemap names, in its order, each once; relative ones against the feed's own URL."""
    head = _HEAD.match(content[:4096])
    root = head[1].decode().rpartition(":")[2].lower() if head else ""
    if root in ("rss", "feed", "rdf"):
        return Links("feed", _each_once(_entries(content, url)))
    if root == "urlset":
        return Links("sitemap", _each_once(_locations(content, url, "url")))
    if root == "sitemapindex":
        return Links("index", _each_once(_locations(content, url, "sitemap")))
    return Links("page")


def _entries(content: bytes, url: str) -> list[Link]:
    import feedparser

    parsed = feedparser.parse(content, response_headers={"content-location": url}, sanitize_html=False)
    found = []
    for entry in parsed.entries[:_MOST]:
        link = entry.get("link") or (entry.get("id") if str(entry.get("id", "")).startswith("http") else None)
        stamp = entry.get("updated_parsed") or entry.get("published_parsed")
        updated = datetime.fromtimestamp(timegm(stamp), UTC).isoformat(timespec="seconds") if stamp else None
        if link:
            found.append(Link(urljoin(url, link.strip()), updated))
    return found


def _locations(content: bytes, url: str, entry: str) -> list[Link]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(content, parser)
    found: list[Link] = []
    if root is None:
        return found
    for element in root.iter(f"{{*}}{entry}"):
        location = next((c.text for c in element.iter("{*}loc") if c.text), None)
        changed = next((c.text for c in element.iter("{*}lastmod") if c.text), None)
        if location and len(found) < _MOST:
            found.append(Link(urljoin(url, location.strip()), _utc(changed)))
    return found


def _utc(text: str | None) -> str | None:
    try:
        moment = datetime.fromisoformat((text or "").strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")


def _each_once(found: list[Link]) -> tuple[Link, ...]:
    pages = (link for link in found if re.match(r"https?://", link.url))
    return tuple({link.url: link for link in pages}.values())


def suffix_of(content_type: str, url: str, content: bytes) -> str:
    """The suffix that names the kind of a fetched document: by what it is, what the server says, what its URL ends in."""
    if content.startswith(b"%PDF-"):
        return ".pdf"
    if content.startswith(b"PK\x03\x04"):
        return ".docx"
    stated = content_type.partition(";")[0].strip().lower()
    kinds = {
        "text/html": ".html",
        "application/xhtml+xml": ".html",
        "text/plain": ".txt",
        "text/markdown": ".md",
        "application/pdf": ".pdf",
    }
    if stated in kinds:
        return kinds[stated]
    ending = re.search(r"\.(html?|xhtml|pdf|docx|txt|md)(?:[?#]|$)", url.lower())
    if ending:
        return f".{ending[1]}"
    if not stated and re.match(r"\s*<", decode_html(content[:512], "page") if content.strip() else ""):
        return ".html"
    return f".{stated.rpartition('/')[2] or 'unknown'}"
