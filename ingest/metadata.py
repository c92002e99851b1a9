"""Title, date and publisher of a release, from what it prints; nothing is guessed that it does not state."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, cast

from arabic.cues import load_yaml
from arabic.dates import find_dates
from arabic.normalize import fold, normalize
from ingest.boilerplate import EMAIL, Role, bare, ends_sentence, is_kicker
from ingest.draft import Block, Draft, Kind
from ledger.gazetteer import find_mentions
from ledger.release import Span

_TITLE_LIMIT = 220  # characters; a longer first line is a paragraph, not a headline
_DATELINE_REACH = 600  # characters after the headline within which a dateline stands
_BREAK = re.compile(r"^[\s*_م]*(?:$|[)\]–—|:،,.·•/-]|[(（][^()（）\n]{2,40}[)）]\s*(?:$|[–—:-]))")
_EDGE = re.compile(r"[\s,،:|·•/()\[\]*_#>–—-]+")
_NAME = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    forms: tuple[str, ...]
    address: frozenset[str]


@cache
def _names(kind: str) -> tuple[_Named, ...]:
    data = cast("dict[str, list[dict[str, Any]]]", load_yaml("ingest", "publishers.yaml"))
    return tuple(
        _Named(
            entry["name"],
            tuple(normalize(form) for form in (entry["name"], *entry.get("also", ()), *entry.get("capitals", ()))),
            frozenset(entry.get("address", ())),
        )
        for entry in data[kind]
    )


@cache
def _forms(kind: str) -> tuple[str, ...]:
    return tuple(form for named in _names(kind) for form in named.forms)


@cache
def _dateline_words(group: str) -> frozenset[str]:
    """`before`: what may stand before a dateline's date; `in_sentence`: what makes a date part of a sentence;
    `hijri_months`: the months of the other calendar."""
    return frozenset(
        normalize(word) for word in cast("dict[str, list[str]]", load_yaml("ingest", "datelines.yaml"))[group]
    )


def find_headline(draft: Draft) -> Span | None:
    """The span of the title in the text: the first line that reads as a headline, kickers and datelines skipped."""
    if draft.headline is not None:
        return draft.headline
    stated = normalize(draft.title or "").strip()
    for block in draft.blocks[:12]:
        line = draft.text[block.start : block.end]
        words = bare(line)
        if not words or is_kicker(line) or block.kind is Kind.ASIDE or _only_dateline(line) or masthead(line):
            continue
        if EMAIL.search(line):
            continue
        if stated and block.kind is not Kind.HEADING and words != stated:
            return None  # the title stands in the markup; the text begins with its first paragraph
        if block.kind in (Kind.HEADING, Kind.PARAGRAPH) and len(line) <= _TITLE_LIMIT and not _opens_announcement(line):
            return _trimmed(draft.text, block)
        return None
    return None


def find_title(draft: Draft, headline: Span | None) -> str:
    """The title for people: what the markup states, else the headline, else the start of the first sentence."""
    if draft.title:
        return " ".join(draft.title.split())
    if headline is not None:
        return " ".join(draft.text[headline.start : headline.end].split())
    for block in draft.blocks:
        line = draft.text[block.start : block.end]
        if bare(line) and not is_kicker(line) and not _only_dateline(line):
            first = re.split(r"(?<=[.!؟?])\s", line, maxsplit=1)[0]
            return first if len(first) <= 120 else first[:120].rsplit(" ", 1)[0] + "…"
    return draft.text[:120].strip()


def find_date(draft: Draft, headline: Span | None) -> date | None:
    """The release's date: what the markup states, else its dateline's. A date inside a sentence is never taken."""
    if draft.date is not None:
        return draft.date
    lines = [draft.text[b.start : b.end] for b in draft.blocks if headline is None or b.end <= headline.start]
    after = headline.end if headline else 0
    near = [b for b in draft.blocks if after <= b.start <= after + _DATELINE_REACH]
    lines = [line for line in lines if headline is not None] + list(draft.date_hints)
    for line in (*lines, *(draft.text[b.start : b.end] for b in near)):
        found = dateline(line)
        if found is not None:
            return found
    return None


def dateline(line: str) -> date | None:
    """The full date at the head of a line: alone, or after a place («صنعاء - 5 مارس 2021 –»), a weekday or a label.

    The same day by the Hijri calendar may stand before or after it.
    """
    line = _without_hijri(line[:200])
    for mention in find_dates(line):
        if mention.year is None or mention.month is None or mention.day is None:
            continue
        if not _place_before(line[: mention.start]) or not _BREAK.match(line[mention.end :]):
            return None
        try:
            return date(mention.year, mention.month, mention.day)
        except ValueError:
            return None
    return None


def _without_hijri(line: str) -> str:
    """The line with blanks for dates of the Hijri calendar («14 شعبان 1445هـ الموافق», «غرة رجب 1445»)."""
    folded = fold(line)
    for match in _hijri().finditer(folded.text):
        start, end = folded.span(match.start(), match.end())
        line = line[:start] + " " * (end - start) + line[end:]
    return line


@cache
def _hijri() -> re.Pattern[str]:
    months = "|".join(_dateline_words("hijri_months")).replace(" ", r"\s+")
    beside = r"الموافق\s*(?:ل\s*)?"
    return re.compile(
        rf"(?:{beside})?(?:\d{{1,2}}|غره|سلخ)\s*(?:من\s+)?(?:شهر\s+)?(?:{months})\s*،?\s*(?:ل?عام\s+|سنه\s+)?\d{{4}}"
        rf"\s*(?:ه(?!\w)|للهجره|هجريه?)?(?:\s*[،/-]?\s*{beside})?"
    )


def stated_date(value: str) -> date | None:
    """The date of a field that holds nothing but a date: ISO 8601 with or without its time, or as people write it."""
    iso = re.match(r"\s*(\d{4})-(\d{2})-(\d{2})(?!\d)", value)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        for mention in find_dates(value):
            if mention.year and mention.month and mention.day:
                return date(mention.year, mention.month, mention.day)
    except ValueError:
        return None
    return None


def find_publisher(draft: Draft, roles: Sequence[Role], headline: Span | None) -> str | None:
    """The agency that signs: stated by the markup, a masthead, the contact block, or the headline's first words."""
    if draft.publisher:
        return draft.publisher
    lines = [draft.text[block.start : block.end] for block in draft.blocks]
    for line, role in zip(lines, roles, strict=True):
        if role is Role.KICKER and masthead(line):
            return masthead(line)
    contact = [line for line, role in zip(lines, roles, strict=True) if role is Role.CONTACT]
    agency = _first_named("agencies", contact) or _by_address("agencies", contact)
    if agency is None and headline is not None:
        words = bare(draft.text[headline.start : headline.end])
        return next((agency.name for agency, _ in _agencies_before(words)), None)
    if agency is None:
        return None
    country = _first_named("countries", contact) or _by_address("countries", contact)
    return f"{agency} – {country}" if country else agency


def masthead(line: str) -> str | None:
    """The agency, with its country where printed, of a line that holds nothing else."""
    words = bare(line)
    for agency, form in _agencies_before(words):
        rest = _EDGE.sub(" ", words[len(form) :]).strip()
        rest = re.sub(r"^(?:في|مكتب|بعثه)\s+", "", rest)
        if not rest:
            return agency.name
        for country in _names("countries"):
            if rest == normalize(country.name):
                return f"{agency.name} – {country.name}"
    return None


def _agencies_before(words: str) -> Iterator[tuple[_Named, str]]:
    """The agencies with whose name folded words begin, and the form of it."""
    if words.startswith(_forms("agencies")):
        for agency in _names("agencies"):
            for form in agency.forms:
                if words.startswith(form) and not words[len(form) : len(form) + 1].isalnum():
                    yield agency, form


def _first_named(kind: str, lines: Iterable[str]) -> str | None:
    """The name that is printed first in the lines; the longest of those that begin there."""
    for line in lines:
        text = normalize(EMAIL.sub(" ", line))
        hits = [
            (found.start(), -len(form), named.name)
            for named in _names(kind)
            for form in named.forms
            if (found := re.search(rf"(?<!\w)(?:[ولب]|ل(?=ل))?{re.escape(form)}(?!\w)", text))
        ]
        if hits:
            return min(hits)[2]
    return None


def _by_address(kind: str, lines: Iterable[str]) -> str | None:
    for line in lines:
        for address in EMAIL.findall(line):
            parts = set(re.split(r"[@.\-_]", address.lower()))
            for named in _names(kind):
                if parts & named.address:
                    return named.name
    return None


def _trimmed(text: str, block: Block) -> Span:
    """The block without Markdown's marks at its ends."""
    start, end = block.start, block.end
    while start < end and text[start] in "#*_ \t":
        start += 1
    while end > start and text[end - 1] in "#*_ \t":
        end -= 1
    return Span(start, end)


def _opens_announcement(line: str) -> bool:
    """Whether the line is a first paragraph: a dateline with a sentence behind it, or a long sentence with its stop."""
    return bool(re.match(r"^[^\d.،:–—-]{2,40}\s*[–—-]\s", line) and ends_sentence(line) and len(line) > 100) or (
        dateline(line) is not None or (ends_sentence(line) and len(line) > 140)
    )


def _only_dateline(line: str) -> bool:
    return len(line) <= 80 and dateline(line) is not None


def _place_before(prefix: str) -> bool:
    """Whether what stands before a date is nothing, a label, a weekday or a place set off by punctuation."""
    words = [word for word in _EDGE.split(normalize(prefix)) if word]
    if words and words[-1] == "في" and _is_place(" ".join(words[:-1])):  # «بيروت في 5 تشرين الأول 2021 –»
        words.pop()
    if not _dateline_words("in_sentence").isdisjoint(words):
        return False
    names = [word for word in words if word not in _dateline_words("before")]
    return len(names) <= 6 and all(_NAME.fullmatch(word) for word in names)


def _is_place(words: str) -> bool:
    """Whether the words are nothing but the name of a place or country."""
    mentions = find_mentions(words)
    return len(mentions) == 1 and mentions[0].text == words and mentions[0].entity.kind in {"place", "country"}
