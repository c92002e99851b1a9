"""Lists of releases and the page of one, as text with styles."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from answering.corpus import Corpus, View
from arabic.sentences import split_sentences
from bot.citing import readable, web
from bot.keyboards import button, circled, release_key
from bot.part import Part
from bot.render import one_style, rich_parts
from bot.richtext import Rich, Run, blocked, bold, lines, rich
from bot.texts import Wording
from ledger.gazetteer import entity, find_mentions
from ledger.release import Release
from ledger.rows import FactKind, Filter, Row
from ledger.store import Ledger

A_PAGE = 8
"""Releases on a page of a list: their buttons fill one or two rows of a phone."""
_FOUND = 40
"""How many releases words find at most: those behind answer nothing any more."""
_RELEVANT = 0.36
"""The score from which a release belongs to what was searched for; chance words reach a third."""
_LEAD = 350
_SPAN = re.compile(r"[–—-]|إلى|الى|حتى|ولغاية|until| to ")
"""What joins the ends of a span of time; «2019 و2021» are two years."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: what is on it, its number from 0, how many there are, how long the whole list is."""

    ids: tuple[str, ...]
    number: int
    pages: int
    total: int


def page_of(ids: Sequence[str], number: int, size: int = A_PAGE) -> Page:
    """The page of that number; the last one where there are fewer, the first where there are none."""
    pages = max(1, -(-len(ids) // size))
    number = min(max(0, number), pages - 1)
    return Page(tuple(ids[number * size : (number + 1) * size]), number, pages, len(ids))


def search(view: View, query: str) -> list[str]:
    """The releases that name everything that the query names, in any language, then others that its words find."""
    scores = dict(view.search(query, _FOUND))
    entities = list(dict.fromkeys(m.entity.id for m in find_mentions(query, fuzzy=True)))
    naming = sorted(view.ledger.naming(entities), key=lambda name: -scores.get(name, 0.0))
    others = [name for name, score in scores.items() if score >= _RELEVANT]
    return list(dict.fromkeys([*naming, *others]))


def listed(ledger: Ledger, page: Page, query: str, t: Wording) -> Rich:
    """The releases of a page with numbers, titles, dates and publishers."""
    count = t("count_releases", n=page.total)
    head = t.rich("sources_found", query=query, count=count) if query else t.rich("sources_head", count=count)
    rows: list[Rich] = [rich(head), rich("")]
    for number, name in enumerate(page.ids, 1):
        release = ledger.release(name)
        rows.append(rich(f"{circled(number)} ", bold(_title(release))))
        rows.append(rich("    ", credit(release, t)))
    return lines(*rows)


def credit(release: Release, t: Wording) -> str:
    """When and by whom a release was published."""
    return " · ".join(filter(None, (t.day(release.date), release.publisher)))


def _title(release: Release) -> str:
    return " ".join(one_style(release.title).split())


def find(ledger: Ledger, key: str) -> str | None:
    """The release of a key, None where it is no longer there."""
    return next((name for name in ledger.ids() if release_key(name) == key), None)


def release_page(ledger: Ledger, name: str, t: Wording) -> Rich:
    """What a release announces, fact by fact in its own words, and its first sentence. Raises KeyError."""
    release = ledger.release(name)
    rows = ledger.rows(Filter(releases=(name,)))
    grants = [r for r in rows if r.kind == "funding" and r.role == "grant" and r.main]
    periods = [
        r for r in rows if r.kind == "period" and r.role == "range" and _SPAN.search(release.text[r.start : r.end])
    ]
    facts = [
        ("fact_donor", _named(rows, "actor", "donor", t)),
        ("fact_recipient", _named(rows, "actor", "recipient", t)),
        ("fact_amount", _printed(release, grants, 3)),
        ("fact_period", _printed(release, periods, 2)),
        ("fact_places", _named(rows, "place", "place", t)),
    ]  # counts are left out: without their sentence nobody sees which are of this project and which of an earlier one
    out: list[Rich] = [rich(bold(_title(release))), rich(credit(release, t)), rich("")]
    out += [rich(bold(t(key)), " ", one_style(value)) for key, value in facts if value]
    if original := ledger.original(name):
        out.append(t.rich("repost_of", title=_title(ledger.release(original))))
    if lead := _lead(release):
        out += [rich(""), blocked((Run(lead),), "quote")]
    return lines(*out)


def _named(rows: Iterable[Row], kind: FactKind, role: str, t: Wording, most: int = 6) -> str:
    names = dict.fromkeys(
        entity(r.entity).display(t.language) for r in rows if r.kind == kind and r.role == role and r.entity
    )
    return t("comma").join([*names][:most]) + ("…" if len(names) > most else "")


def _printed(release: Release, rows: Iterable[Row], most: int) -> str:
    words = dict.fromkeys(" ".join(release.text[r.start : r.end].split()) for r in rows)
    return " · ".join([*words][:most])


def _lead(release: Release) -> str:
    """The first sentence of the announcement."""
    for span in release.body:
        for sentence in split_sentences(release.text[span.start : span.end]):
            if sentence.text[-1:] in ".!؟؛…»" and len(sentence.text) > 40:
                text = readable(sentence.text)
                return text if len(text) <= _LEAD else text[:_LEAD].rsplit(None, 1)[0] + "…"
    return ""


def release_parts(corpus: Corpus, name: str, t: Wording, admin: bool) -> tuple[Part, ...] | None:
    """The page of a release as messages; None where the live generation does not hold it. Blocks on disk."""
    with corpus.view() as view:
        try:
            text, release = release_page(view.ledger, name, t), view.ledger.release(name)
        except KeyError:
            return None
    buttons = [InlineKeyboardButton(t("open_release"), url=release.url)] if release.url and web(release.url) else []
    rows = [buttons, [button(t("remove_button"), f"a:rm:{release_key(name)}")] if admin else []]
    return rich_parts(text, t.language, InlineKeyboardMarkup([row for row in rows if row]) if any(rows) else None)
