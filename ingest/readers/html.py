"""Web pages: the announcement without what the site puts around it, and what the page states about itself."""

import json
import re
from datetime import date
from typing import Any

from ingest.boilerplate import bare, is_kicker
from ingest.draft import Draft, Kind, compose
from ingest.encodings import clean, decode_html
from ingest.errors import EmptyDocument
from ingest.metadata import stated_date
from ingest.readers.html_body import Element, announcement, cleaned_page, flat, lines_around_title
from ledger.release import Span

_SEPARATOR = re.compile(r"\s+(?:[|–—»«·]|-|::|<|>)\s+")
_SITE_PREFIX = re.compile(r"^(?:أخبار|موقع|بوابة|الموقع الرسمي ل)\s+(?=\S+\s)")
_DATE_METAS = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.created",
    "dcterms.issued",
    "pubdate",
    "publishdate",
    "publish_date",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
)


def read_html(data: bytes, name: str) -> Draft:
    """The page's title and announcement as plain text, a table's row a line, with what its markup states."""
    from lxml import etree, html

    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode_html(data, name))
    try:
        tree = html.document_fromstring(source, parser=html.HTMLParser(huge_tree=True, remove_comments=True))
    except (etree.ParserError, ValueError) as error:
        raise EmptyDocument(name) from error
    metas, linked = _metas(tree), _linked_data(tree)
    url = _url(tree, metas)
    cleaned = cleaned_page(tree)
    title, site = _title(tree, cleaned, metas)
    pieces = announcement(cleaned)
    if not pieces:
        raise EmptyDocument(name)
    folded = bare(title or "")
    first = next((i for i, (_, text) in enumerate(pieces[:6]) if title and bare(text) == folded), None)
    if first is not None:
        pieces = [piece for i, piece in enumerate(pieces) if i != first and not (i < first and is_kicker(piece[1]))]
    text, blocks = compose([(Kind.HEADING, title), *pieces] if title else pieces)
    return Draft(
        text,
        blocks,
        title=title,
        headline=Span(blocks[0].start, blocks[0].end) if title else None,
        date=_date(cleaned, metas, linked),
        publisher=metas.get("og:site_name") or _publisher(linked) or site,
        url=url,
        date_hints=tuple(lines_around_title(cleaned)),
    )


def _metas(tree: Element) -> dict[str, str]:
    """The page's <meta> by lower-case name or property; the first of a name counts."""
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        content = clean(element.get("content") or "").strip()
        if key and content:
            metas.setdefault(key.strip().lower(), content)
    return metas


def _linked_data(tree: Element) -> list[dict[str, Any]]:
    """Every object of the page's JSON-LD scripts; broken ones are left out."""
    found: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            queue = [json.loads(script.text or "")]
        except (ValueError, RecursionError):
            continue
        while queue:
            item = queue.pop(0)
            if isinstance(item, list):
                queue.extend(item)
            elif isinstance(item, dict):
                found.append(item)
                queue.extend(item.get(key) for key in ("@graph", "mainEntity", "mainEntityOfPage"))
    return found


def _date(cleaned: Element, metas: dict[str, str], linked: list[dict[str, Any]]) -> date | None:
    for key in _DATE_METAS:
        if key in metas and (stated := stated_date(metas[key])):
            return stated
    for element in cleaned.iter("time", "span"):
        if element.get("datetime") and (stated := stated_date(element.get("datetime"))):
            return stated
    for item in linked:
        value = item.get("datePublished")
        if isinstance(value, str) and (stated := stated_date(value)):
            return stated
    return None


def _publisher(linked: list[dict[str, Any]]) -> str | None:
    for item in linked:
        publisher = item.get("publisher")
        name = publisher.get("name") if isinstance(publisher, dict) else publisher
        if isinstance(name, str) and name.strip():
            return clean(name).strip()
    return None


def _url(tree: Element, metas: dict[str, str]) -> str | None:
    canonical = [e.get("href") or "" for e in tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split()]
    for url in (*canonical, metas.get("og:url", ""), metas.get("dc.identifier", "")):
        if re.match(r"https?://\S+$", url.strip()):
            return url.strip()
    return None


def _title(tree: Element, cleaned: Element, metas: dict[str, str]) -> tuple[str | None, str | None]:
    """The headline and the site's name: an <h1> that the page's title repeats, else that title without the site."""
    named = flat(next(tree.iter("title"), None))
    shared = metas.get("og:title") or metas.get("twitter:title") or ""
    tops = [text for element in cleaned.iter("h1") if (text := flat(element))]
    stated = [bare(t) for t in (shared, named) if t]
    top = next((t for t in tops if any(s.startswith(bare(t)) for s in stated)), tops[0] if len(tops) == 1 else None)
    parts = _SEPARATOR.split(named)
    if top and bare(named).startswith(bare(top)):
        site = re.sub(r"^\W+", "", named[len(top) :]) if named.startswith(top) else parts[-1]
        return top, _site(site)
    if top:
        return top, None
    title, site = _without_site(shared or named)
    return title or None, site or (_without_site(named)[1] if shared else None)


def _without_site(title: str) -> tuple[str, str | None]:
    cuts = list(_SEPARATOR.finditer(title))
    if cuts and len(title[: cuts[-1].start()].split()) >= 3 and len(title[cuts[-1].end() :].split()) <= 6:
        cut = cuts[-1]
        return title[: cut.start()].strip(), _site(title[cut.end() :])
    return title.strip(), None


def _site(name: str) -> str | None:
    """The name of the site in what follows the headline in <title>; None for a mere section."""
    parts = [part.strip() for part in re.split(r"\s+[|»«]\s+|::", name) if part.strip()]
    named = [part for part in parts if not is_kicker(part)]
    return _SITE_PREFIX.sub("", named[-1]) if named else None
