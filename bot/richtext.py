"""Text with styles, as pure data: made right-to-left, cut into messages, written as Telegram's HTML or plain.

Lengths are in UTF-16 code units after entities, as Telegram counts them
(https://core.telegram.org/bots/api#formatting-options). Tags are written last, from runs, so that no cut can fall inside
a tag or an entity; marks of direction are set after cutting, so that none falls inside an isolate pair.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Literal

from arabic.bidi import FSI, PDI, ltr_text, rtl_text, strip_controls
from arabic.sentences import split_sentences

LIMIT = 4096
"""The longest message, in UTF-16 units."""

_MASK = "\ue000"
"""Stands for a character of code while directions are set; of direction L, and no letter of a Latin word."""
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ue000]")
_BREAK = re.compile("\r\n?|[\x85\u2028\u2029]")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
_FEW = 0.4
"""A part is cut at a sentence's end if it is then at least so full, else at a word."""

Block = Literal["", "quote", "folded"]


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style. `href` makes a link, `block` a block quote (folded: one that opens on a tap)."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    href: str = ""
    block: Block = ""


Rich = tuple[Run, ...]


def rich(*pieces: "str | Run | Iterable[Run]") -> Rich:
    """One text of strings, runs and texts."""
    runs: list[Run] = []
    for piece in pieces:
        if isinstance(piece, str):
            runs.append(Run(piece))
        elif isinstance(piece, Run):
            runs.append(piece)
        else:
            runs.extend(piece)
    return tuple(run for run in runs if run.text)


def bold(text: str) -> Run:
    """The text in bold."""
    return Run(text, bold=True)


def lines(*rows: "str | Run | Iterable[Run]") -> Rich:
    """The rows, one a line; empty strings make empty lines."""
    out: list[Run] = []
    for index, row in enumerate(rows):
        out += [Run("\n")] if index else []
        out += rich(row)
    return tuple(out)


def blocked(text: Iterable[Run], block: Block) -> Rich:
    """The text as a block quote."""
    return tuple(replace(run, block=block) for run in text)


def units(text: str) -> int:
    """How many UTF-16 code units a text has."""
    return len(text) + sum(character > "\uffff" for character in text)


def bare(text: Iterable[Run]) -> str:
    """The characters without their styles."""
    return "".join(run.text for run in text)


def html(text: Iterable[Run]) -> str:
    """Telegram's HTML."""
    out = []
    for block, runs in groupby(text, key=lambda run: run.block):
        inner = "".join(map(_tagged, runs))
        opened = {"": "", "quote": "<blockquote>", "folded": "<blockquote expandable>"}[block]
        out.append(f"{opened}{inner}{'</blockquote>' if block else ''}")
    return "".join(out)


def _tagged(run: Run) -> str:
    out = escape(run.text, quote=False)
    if run.code:
        tag = "pre" if "\n" in run.text else "code"
        return f"<{tag}>{out}</{tag}>"  # holds no other style, by Telegram's rules
    if run.italic:
        out = f"<i>{out}</i>"
    if run.bold:
        out = f"<b>{out}</b>"
    return f'<a href="{escape(run.href)}">{out}</a>' if run.href else out


def plain(text: Iterable[Run]) -> str:
    """The text for a message without entities; a link that is not its own text stands once behind the text."""
    runs = list(text)
    out = bare(runs)
    links = dict.fromkeys(run.href for run in runs if run.href and run.href not in out)
    with_links = "\n".join([out, *links])
    return with_links if units(with_links) <= LIMIT else out


def directed(text: Sequence[Run], *, english: bool = False) -> Rich:
    """Every line that holds Arabic starts right-to-left, Latin runs are isolated, code and addresses stay free of marks.

    In an English text the lines that begin with a Latin letter stay left-to-right.
    """
    logical = "".join(_MASK * len(run.text) if run.code else run.text for run in text)
    opening, closing = _marks(logical, ltr_text(logical) if english else rtl_text(logical))
    out: list[Run] = []
    position = 0
    for run in text:
        end = position + len(run.text)
        if run.code:
            isolate = "\n" not in run.text and bool(_ARABIC.search(_line_at(logical, position)))
            ahead = opening.get(position, "") + (FSI if isolate else "")
            behind = (PDI if isolate else "") + closing.get(end, "")
            out += [replace(run, text=ahead, code=False), run, replace(run, text=behind, code=False)]
        else:
            inner = "".join(
                (closing.get(i, "") if i > position else "") + opening.get(i, "") + logical[i]
                for i in range(position, end)
            )
            out.append(replace(run, text=inner + closing.get(end, "")))
        position = end
    return tuple(run for run in out if run.text)


def _marks(logical: str, marked: str) -> tuple[dict[int, str], dict[int, str]]:
    """The marks that open before and those that close before a place of the text."""
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    place = 0
    for character in marked:
        if place < len(logical) and character == logical[place]:
            place += 1
        else:
            into = closing if character == PDI else opening
            into[place] = into.get(place, "") + character
    return opening, closing


def _line_at(text: str, position: int) -> str:
    end = text.find("\n", position)
    return text[text.rfind("\n", 0, position) + 1 : end if end >= 0 else len(text)]


def cleaned(text: Iterable[Run]) -> Rich:
    """Without marks of direction, control characters and lone surrogates, which Telegram refuses."""
    runs = (
        replace(run, text=_ODD.sub("", _BREAK.sub("\n", strip_controls(run.text.replace("\t", " "))))) for run in text
    )
    return tuple(run for run in runs if run.text)


def parts(text: Iterable[Run], limit: int = LIMIT, *, english: bool = False) -> list[Rich]:
    """The text as messages of at most `limit` units with their marks of direction; no message is blank.

    Cut at blank lines, line ends and ends of sentences, at a word where a part would else stay nearly empty, inside a
    word only where that is longer than a message. Joined again they hold every character but white space at the cuts.
    """
    rest = _trimmed(cleaned(text))
    out = []
    while rest:
        whole = bare(rest)
        room, size = limit, len(whole)
        while True:
            at = _cut(whole, room) if size > 0 and units(whole) > room else len(whole)
            part = directed(_trimmed(_slice(rest, 0, at)), english=english)
            over = units(bare(part)) - limit
            if over <= 0:
                break
            room -= max(over, 8)  # the marks of direction need room
        out.append(part)
        rest = _trimmed(_slice(rest, at, len(whole)))
    return [part for part in out if bare(part).strip()]


def _cut(text: str, room: int) -> int:
    """Where to cut so that at most `room` units come before, at the best place that there is."""
    end = _index(text, max(1, room))
    head = text[:end]
    least = int(_FEW * end)
    for mark in ("\n\n", "\n"):
        found = head.rfind(mark)
        if found > least:
            return found
    sentence = max((s.end for s in split_sentences(text[: end + 1]) if s.end <= end and _stops(text, s.end)), default=0)
    if sentence > least:
        return sentence
    space = max(head.rfind(" "), head.rfind("\n"))
    if space > least:
        return space
    while end > 1 and not text[end].isalnum() and not text[end].isspace() and _joins(text[end]):
        end -= 1  # a combining mark stays with its letter
    return end


def _stops(text: str, position: int) -> bool:
    """Whether a sentence really ends there, and not the piece of text that was looked at."""
    return position < len(text) and text[position].isspace() and text[position - 1] in ".!?؟؛…»”\"')]"


def _joins(character: str) -> bool:
    return bool(re.match("[\u064b-\u065f\u0670\u200c\u200d\u0300-\u036f\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]", character))


def _index(text: str, room: int) -> int:
    """How many characters fit into `room` units."""
    if len(text) <= room // 2:
        return len(text)
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > room:
            return index
    return len(text)


def _slice(text: Sequence[Run], start: int, end: int) -> Rich:
    out = []
    position = 0
    for run in text:
        a, b = max(start - position, 0), min(end - position, len(run.text))
        if a < b:
            out.append(replace(run, text=run.text[a:b]))
        position += len(run.text)
    return tuple(out)


def _trimmed(text: Sequence[Run]) -> Rich:
    whole = bare(text)
    start = len(whole) - len(whole.lstrip())
    return _slice(text, start, max(start, len(whole.rstrip())))
