"""Quotes for people: found again in a release that may have changed, shown among their neighbours, ready to paste."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from answering.answer import Citation
from arabic.amounts import find_amounts
from arabic.bidi import strip_controls
from arabic.normalize import normalize
from arabic.numbers import find_numbers
from arabic.sentences import Sentence, split_sentences
from bot.richtext import Rich, Run, blocked, bold, lines, rich, units
from bot.texts import Wording
from ledger.links import at_quote
from ledger.release import Release

COPIED = 256
"""The most that a button copies, by the Bot API; taken as UTF-16 units."""
_ALIKE = 0.6
"""How many of the words of two sentences are shared if one is the other, reworded."""
_NEIGHBOUR = 500
"""The longest neighbour of a quote that is shown whole, in characters."""
_LEAST = 60
"""A shortened quote that is shorter says too little: the title, then the link give way first."""

_MARKDOWN = re.compile(r"\*\*|^#{1,6} ", re.MULTILINE)

State = Literal["same", "changed", "missing"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words of a citation stand now: to the letter, reworded, or nowhere; offsets into the release's text."""

    state: State
    start: int = 0
    end: int = 0


def locate(release: Release, citation: Citation) -> Place:
    """Find a quote again in the release as it is now."""
    text, quote = release.text, citation.quote
    if text[citation.start : citation.end] == quote:
        return Place("same", citation.start, citation.end)
    if found := [m.start() for m in re.finditer(re.escape(quote), text)]:
        start = min(found, key=lambda at: abs(at - citation.start))
        return Place("same", start, start + len(quote))
    spaced = re.search(r"\s+".join(map(re.escape, quote.split())), text)
    if spaced:
        return Place("same", spaced.start(), spaced.end())
    words = set(normalize(quote).split())
    best = max(_sentences(release), key=lambda s: _shared(words, s.text), default=None)
    if best is not None and _shared(words, best.text) >= _ALIKE:
        return Place("changed", best.start, best.end)
    return Place("missing")


def _shared(words: set[str], text: str) -> float:
    other = set(normalize(text).split())
    return len(words & other) / max(1, len(words | other))


def _sentences(release: Release) -> list[Sentence]:
    """The sentences of the body with their places in the text."""
    return [
        Sentence(span.start + s.start, span.start + s.end, s.text)
        for span in release.body
        for s in split_sentences(release.text[span.start : span.end])
    ]


def passage(release: Release, place: Place) -> Rich:
    """The quote in bold with the sentence before and the one behind, as a block quote."""
    sentences = _sentences(release)
    before = [s for s in sentences if s.end <= place.start][-1:]
    behind = [s for s in sentences if s.start >= place.end][:1]
    begin = before[0].start if before else place.start
    end = behind[0].end if behind else place.end
    text = release.text
    head, tail = text[begin : place.start], text[place.end : end]
    if len(head) > _NEIGHBOUR:
        head = "… " + head[-_NEIGHBOUR:].split(None, 1)[-1]
    if len(tail) > _NEIGHBOUR:
        tail = tail[:_NEIGHBOUR].rsplit(None, 1)[0] + " …"
    return blocked(rich(_tidy(head), bold(_tidy(text[place.start : place.end])), _tidy(tail)), "quote")


def _tidy(text: str) -> str:
    """Blank lines, runs of spaces and Markdown's marks say nothing within a quote; line ends do."""
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\s*\n\s*", "\n", _MARKDOWN.sub("", text)))


def readable(quote: str) -> str:
    """The words of a quote on one line, without marks of direction and of Markdown."""
    return " ".join(_MARKDOWN.sub("", strip_controls(quote)).split())


def source_view(release: Release | None, citation: Citation, t: Wording) -> Rich:
    """A citation as a message: the passage as it stands now, or what became of it and the words that were cited."""
    head = rich(bold(release.title if release else citation.title), "\n", under(release, citation, t), "\n\n")
    quoted = blocked((bold(readable(citation.quote)),), "quote")
    if release is None:
        return rich(head, quoted, "\n", t.rich("source_gone"))
    place = locate(release, citation)
    if place.state == "missing":
        return rich(head, quoted, "\n", t.rich("source_reworded"))
    if place.state == "changed":
        return rich(head, quoted, "\n", t.rich("source_changed"), "\n", passage(release, place))
    return rich(head, passage(release, place))


def under(release: Release | None, citation: Citation, t: Wording) -> str:
    """Who published it and when."""
    day = t.day(release.date.isoformat() if release and release.date else citation.date)
    return " · ".join(filter(None, (release.publisher if release else None, day)))


def link(citation: Citation) -> str:
    """Opens the web release at the quoted words; empty where it has no address."""
    return at_quote(citation.url, citation.quote) if citation.url and web(citation.url) else ""


def web(url: str | None) -> bool:
    """Whether Telegram takes the address for a link."""
    return bool(url and re.match(r"https?://[^\s/$.?#][^\s]*$", url))


def press_quote(citation: Citation, t: Wording, limit: int | None = None) -> str:
    """Sentence, title, date and link, ready to paste, free of marks; within `limit` UTF-16 units if one is given.

    What has to be shortened ends with … at a word, never between a number and what it counts.
    """
    quote = readable(citation.quote)
    title = " ".join(strip_controls(citation.title).split())
    day = t.day(citation.date) if citation.date else ""
    url = citation.url if web(citation.url) else ""
    tails: Sequence[tuple[str | None, ...]] = ((title, day, url), (title, day), (day, url), (day,), ())
    if limit is None:
        return _pasted(quote, *tails[0])
    if units(whole := _pasted(quote, *tails[0])) <= limit:
        return whole
    for tail in tails:
        room = limit - units(_pasted("", *tail))
        if room >= min(_LEAST, units(quote)) or not tail:
            return _pasted(shortened(quote, room), *tail)
    raise AssertionError("the last tail is empty")


def _pasted(quote: str, title: str | None = "", day: str | None = "", url: str | None = "") -> str:
    credit = "، ".join(filter(None, (title, day)))
    return "\n".join(filter(None, (f"«{quote}»", credit, url)))


def shortened(text: str, room: int) -> str:
    """The beginning of a text with … behind its last word, within `room` units; figures are kept whole or left out."""
    if units(text) <= room:
        return text
    kept = text
    while units(kept) > max(0, room - 1):
        kept = kept[: max(0, len(kept) - max(1, (units(kept) - room) // 2))]
    end = len(kept) if text[len(kept) : len(kept) + 1].isspace() else kept.rfind(" ")
    figures = sorted([(a.start, a.end) for a in find_amounts(text)] + [(n.start, n.end) for n in find_numbers(text)])
    for first, last in reversed(figures):
        follows = text.find(" ", last + 1) if last < len(text) else last  # the word that is counted
        if first < end < (follows if follows > 0 else len(text)):
            end = first
    return text[: max(0, end)].rstrip(" ،,؛;:–-(«") + "…"


def copied(citations: Sequence[Citation], t: Wording) -> Rich:
    """Press-ready quotes as a message that is copied with a tap, one block for each."""
    return lines(*(row for c in citations for row in (Run(press_quote(c, t), code=True), "")))
