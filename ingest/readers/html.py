"""Web pages: the announcement without what the site puts around it, and what the page states about itself."""

import copy
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from ingest.boilerplate import bare, is_kicker, is_related, page_parts
from ingest.draft import Draft, Kind, compose
from ingest.encodings import clean, decode_html
from ingest.errors import EmptyDocument
from ingest.metadata import stated_date
from ledger.release import Span

_DROPPED = frozenset(
    "script style noscript template nav aside footer form button select input textarea iframe object svg canvas video "
    "audio dialog menu head".split()
)
_DROPPED_ROLES = frozenset("navigation complementary banner contentinfo dialog alertdialog search menu menubar".split())
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "head"))
_BLOCKS = _HEADINGS | frozenset(
    "p div section article main header blockquote quote ul ol list li item dl dt dd table row tr td th cell pre figure "
    "figcaption body html br lb hr address details summary center tbody thead caption".split()
)
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
_KEPT_SHARE = 0.85  # of the announcement's own words; below it the extraction has lost part of the page

Element = Any  # lxml.html.HtmlElement, which has no types
Piece = tuple[Kind, str]


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
    cleaned = _cleaned(tree)
    title, site = _title(tree, cleaned, metas)
    pieces = _announcement(cleaned)
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
        language=tree.get("lang"),
        date_hints=tuple(_around_title(cleaned)),
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
    named = _flat(next(tree.iter("title"), None))
    shared = metas.get("og:title") or metas.get("twitter:title") or ""
    tops = [text for element in cleaned.iter("h1") if (text := _flat(element))]
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


def _flat(element: Element | None) -> str:
    return "" if element is None else clean(" ".join(element.text_content().split()))


def _cleaned(tree: Element) -> Element:
    """A copy of the page without the elements that by tag, role, name or heading hold no announcement."""
    cleaned = copy.deepcopy(tree)
    whole = max(1, len(_flat(cleaned)))
    for element in list(cleaned.iter()):
        if not isinstance(element.tag, str):
            _drop(element)
        elif element.tag in ("html", "body") or element.getparent() is None:
            continue
        elif element.tag in _DROPPED:
            # Pages built on forms wrap all that they hold in one.
            if element.tag != "form" or len(_flat(element)) < 0.5 * whole:
                _drop(element)
        elif _around(element) and not _holds_article(element, whole):
            _drop(element)
        elif element.tag == "time":
            element.tag = "span"  # extraction drops <time> out of its line
    for element in list(cleaned.iter()):
        if element.getparent() is not None and is_related(_flat(element)):
            _drop_related(element)
    for element in list(cleaned.iter("ul", "ol", "div", "p", "section", "table")):
        if element.getparent() is not None and _only_links(element):
            _drop(element)
    return cleaned


def _around(element: Element) -> bool:
    if element.get("hidden") is not None or re.search(r"display\s*:\s*none", element.get("style") or ""):
        return True
    if (element.get("role") or "").lower() in _DROPPED_ROLES:
        return True
    if element.tag == "header":
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if not names.strip():
        return False
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", names).lower()
    return not page_parts().isdisjoint(re.split(r"[\s_-]+", parts)) or not page_parts().isdisjoint(parts.split())


def _holds_article(element: Element, whole: int) -> bool:
    """Whether an element with a suspicious name is a wrapper of the page after all."""
    if element.tag in ("article", "main"):
        return True
    has_title = next(element.iter("h1"), None) is not None
    return has_title or sum(len(_flat(p)) for p in element.iter("p")) > 0.4 * whole


def _drop(element: Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _drop_related(element: Element) -> None:
    """Drop a heading like «أخبار ذات صلة» with what follows it up to the next heading."""
    while (parent := element.getparent()) is not None and parent.tag != "body" and _flat(parent) == _flat(element):
        element = parent
    doomed = [element]
    for sibling in element.itersiblings():
        if not isinstance(sibling.tag, str):
            continue
        if sibling.tag in _HEADINGS and not is_related(_flat(sibling)):
            break
        if len(_flat(sibling)) > 400 and any(len(_flat(p).split()) > 25 for p in sibling.iter("p")):
            break
        doomed.append(sibling)
    for one in doomed:
        _drop(one)


def _only_links(element: Element) -> bool:
    """Whether three or more links make up nearly all of an element: a menu or a list of other pages."""
    links = [link for link in element.iter("a") if _flat(link)]
    inside = sum(len(_flat(link)) for link in links)
    return len(links) >= 3 and inside > 0.7 * max(1, len(_flat(element)))


def _announcement(cleaned: Element) -> list[Piece]:
    """The pieces that trafilatura finds, or where it loses part of the article's words, those of the densest element."""
    import trafilatura

    own = list(_pieces(_densest(cleaned)))
    try:
        document = trafilatura.bare_extraction(
            copy.deepcopy(cleaned), include_comments=False, include_tables=True, favor_precision=True
        )
    except Exception:  # it raises whatever lxml raises on odd trees, and the page can still be read without it
        document = None
    found = list(_pieces(document.body)) if document is not None and not isinstance(document, dict) else []
    wanted = {word for kind, text in own if kind is not Kind.HEADING for word in text.split()}
    kept = {word for _, text in found for word in text.split()}
    return found if found and len(wanted & kept) >= _KEPT_SHARE * len(wanted) else own


def _densest(cleaned: Element) -> Element:
    """The element around the article: the page's own <article>, else where most of the long paragraphs lie."""
    body = next(cleaned.iter("body"), cleaned)
    articles = [e for e in cleaned.iter("article", "main") if len(_flat(e)) > 300]
    if articles and len({e.tag for e in articles}) == len(articles):
        return articles[-1] if len(_flat(articles[-1])) > 0.6 * len(_flat(articles[0])) else articles[0]
    scores: dict[Element, float] = {}
    for element in body.iter("p", "li", "td", "blockquote", "div"):
        own = " ".join((element.text or "", *(child.tail or "" for child in element), *_inline(element)))
        length = len(own.split())
        if length < 8:
            continue
        share = 1.0
        for ancestor in element.iterancestors():
            if share < 0.2 or ancestor.tag == "html":
                break
            scores[ancestor] = scores.get(ancestor, 0.0) + share * length
            share /= 2
    if not scores:
        return body
    best = max(scores, key=lambda element: scores[element])
    while best.tag in ("ul", "ol", "li", "tr", "tbody", "blockquote", "p") and best.getparent() is not None:
        best = best.getparent()
    return best


def _inline(element: Element) -> Iterator[str]:
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _BLOCKS:
            yield child.text_content()


def _pieces(element: Element) -> Iterator[Piece]:
    """The lines of an element in reading order, from HTML or from trafilatura's own tags."""
    buffer: list[str] = []

    def flush(kind: Kind) -> Iterator[Piece]:
        line = clean(" ".join("".join(buffer).split()))
        buffer.clear()
        if line:
            yield kind, line

    def walk(node: Element, kind: Kind) -> Iterator[Piece]:
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in ("table",) and not _layout(node):
            yield from flush(kind)
            for row in node.iter("tr", "row"):
                cells = [_flat(cell) for cell in row.iter("td", "th", "cell")]
                if any(cells):
                    yield Kind.ROW, " | ".join(cells)
        else:
            block = tag in _BLOCKS
            if block:
                yield from flush(kind)
            inner = Kind.HEADING if tag in _HEADINGS else Kind.ITEM if tag in ("li", "item") else kind
            buffer.append(node.text or "")
            for child in node:
                yield from walk(child, inner)
            if block:
                yield from flush(inner)
        if node is not element:
            buffer.append(node.tail or "")

    yield from walk(element, Kind.PARAGRAPH)
    yield from flush(Kind.PARAGRAPH)


def _layout(table: Element) -> bool:
    """Whether a table only arranges the page."""
    cells = list(table.iter("td", "th", "cell"))
    return not cells or len(cells) == 1 or any(len(_flat(cell)) > 500 for cell in cells)


def _around_title(cleaned: Element) -> Iterator[str]:
    """The short lines right above and below the page's headline, where its date is printed."""
    lines = list(_pieces(next(cleaned.iter("body"), cleaned)))
    for i, (kind, _) in enumerate(lines):
        if kind is Kind.HEADING:
            yield from (text for _, text in lines[max(0, i - 2) : i] + lines[i + 1 : i + 4] if len(text) <= 120)
            return
