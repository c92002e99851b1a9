"""The announcement of a web page without what the site puts around it."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from ingest.boilerplate import is_related, page_parts
from ingest.draft import Kind
from ingest.encodings import clean

_DROPPED = re.compile(
    "script|style|noscript|template|nav|aside|footer|form|button|select|input|textarea|iframe|object|svg|canvas|video|"
    "audio|dialog|menu|head"
)
_DROPPED_ROLES = re.compile("navigation|complementary|banner|contentinfo|dialog|alertdialog|search|menu|menubar")
_HEADINGS = re.compile("h[1-6]|head")
_BLOCKS = re.compile(
    "p|div|section|article|main|header|blockquote|quote|ul|ol|list|li|item|dl|dt|dd|table|row|tr|td|th|cell|pre|figure|"
    "figcaption|body|html|br|lb|hr|address|details|summary|center|tbody|thead|caption|h[1-6]|head"
)
_KEPT_SHARE = 0.85  # of the announcement's own words; below it the extraction has lost part of the page

Element = Any  # lxml.html.HtmlElement, which has no types
Piece = tuple[Kind, str]


def flat(element: Element | None) -> str:
    return "" if element is None else clean(" ".join(element.xpath("string()").split()))


def cleaned_page(tree: Element) -> Element:
    """A copy of the page without the elements that by tag, role, name or heading hold no announcement."""
    cleaned = copy.deepcopy(tree)
    whole = max(1, len(flat(cleaned)))
    for element in list(cleaned.iter()):
        if not isinstance(element.tag, str):
            _drop(element)
        elif element.tag in ("html", "body") or element.getparent() is None:
            continue
        elif _DROPPED.fullmatch(element.tag):
            # Pages built on forms wrap all that they hold in one.
            if element.tag != "form" or len(flat(element)) < 0.5 * whole:
                _drop(element)
        elif _around(element) and not _holds_article(element, whole):
            _drop(element)
        elif element.tag == "time":
            element.tag = "span"  # extraction drops <time> out of its line
    for element in list(cleaned.iter()):
        if element.getparent() is not None and is_related(flat(element)):
            _drop_related(element)
    for element in list(cleaned.iter("ul", "ol", "div", "p", "section", "table")):
        if element.getparent() is not None and _only_links(element):
            _drop(element)
    return cleaned


def _around(element: Element) -> bool:
    if element.get("hidden") is not None or re.search(r"display\s*:\s*none", element.get("style") or ""):
        return True
    if _DROPPED_ROLES.fullmatch((element.get("role") or "").lower()):
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
    return has_title or sum(len(flat(p)) for p in element.iter("p")) > 0.4 * whole


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
    while (parent := element.getparent()) is not None and parent.tag != "body" and flat(parent) == flat(element):
        element = parent
    doomed = [element]
    for sibling in element.itersiblings():
        if not isinstance(sibling.tag, str):
            continue
        if _HEADINGS.fullmatch(sibling.tag) and not is_related(flat(sibling)):
            break
        if len(flat(sibling)) > 400 and any(len(flat(p).split()) > 25 for p in sibling.iter("p")):
            break
        doomed.append(sibling)
    for one in doomed:
        _drop(one)


def _only_links(element: Element) -> bool:
    """Whether three or more links make up nearly all of an element: a menu or a list of other pages."""
    links = [link for link in element.iter("a") if flat(link)]
    inside = sum(len(flat(link)) for link in links)
    return len(links) >= 3 and inside > 0.7 * max(1, len(flat(element)))


def announcement(cleaned: Element) -> list[Piece]:
    """The pieces that trafilatura finds; where it loses part of the article, those of the densest element."""
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
    articles = [e for e in cleaned.iter("article", "main") if len(flat(e)) > 300]
    if articles and len({e.tag for e in articles}) == len(articles):
        return articles[-1] if len(flat(articles[-1])) > 0.6 * len(flat(articles[0])) else articles[0]
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
        if isinstance(child.tag, str) and not _BLOCKS.fullmatch(child.tag):
            yield child.xpath("string()")


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
                cells = [flat(cell) for cell in row.iter("td", "th", "cell")]
                if any(cells):
                    yield Kind.ROW, " | ".join(cells)
        else:
            block = bool(_BLOCKS.fullmatch(tag))
            if block:
                yield from flush(kind)
            inner = Kind.HEADING if _HEADINGS.fullmatch(tag) else Kind.ITEM if tag in ("li", "item") else kind
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
    return not cells or len(cells) == 1 or any(len(flat(cell)) > 500 for cell in cells)


def lines_around_title(cleaned: Element) -> Iterator[str]:
    """The short lines right above and below the page's headline, where its date is printed."""
    lines = list(_pieces(next(cleaned.iter("body"), cleaned)))
    for i, (kind, _) in enumerate(lines):
        if kind is Kind.HEADING:
            yield from (text for _, text in lines[max(0, i - 2) : i] + lines[i + 1 : i + 4] if len(text) <= 120)
            return
