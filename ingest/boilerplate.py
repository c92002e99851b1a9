"""Which lines of a document are the announcement, and which only stand around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import cast

from arabic.cues import load_yaml
from arabic.normalize import normalize
from ingest.draft import Block, Kind
from ledger.release import Span


class Role(StrEnum):
    """What a block does in its release; only BODY is quoted."""

    BODY = "body"
    HEADING = "heading"
    KICKER = "kicker"
    CONTACT = "contact"
    ABOUT = "about"
    RELATED = "related"
    LABEL = "label"


EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_PHONE = re.compile(r"(?<![\d.,])(?:\+|00|0|٠٠|٠|\()\s?[\d٠-٩][\d٠-٩ ().\-/]{5,}[\d٠-٩]\+?|[\d٠-٩]{9,}\+?")
_MANY_DIGITS = re.compile(r"[\d٠-٩][\d٠-٩ ().\-/]{5,}[\d٠-٩]")
"""What every telephone number holds, found faster."""
_SPACES = " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"
"""All white space that folding leaves."""
_RULES = "*_#|=~-–—" + _SPACES
_MARKS = ">•·▪●◦‣" + _RULES
_TERMINAL = re.compile(r"""[.!؟?…؛]["”»')\]*_]*\s*$""")
_SEPARATOR = re.compile(r"[|·•:/،,()\[\]*_–—-]")
_WORD = re.compile(r"\w+")
_POINTER_WORDS = 25  # of a headline at most
_REAL_WORDS = 10  # a paragraph of the announcement that follows a contact block is at least so long


@dataclass(frozen=True, slots=True)
class _Cues:
    kickers: frozenset[str]
    contact: tuple[str, ...]
    offices: tuple[str, ...]
    beneficiary: re.Pattern[str]
    ends: frozenset[str]
    about: re.Pattern[str]
    about_lines: frozenset[str]
    related: frozenset[str]
    labels: tuple[str, ...]
    label_contains: re.Pattern[str]
    page_parts: frozenset[str]


@cache
def _cues() -> _Cues:
    data = cast("dict[str, list[str]]", load_yaml("ingest", "boilerplate.yaml"))

    def phrases(key: str) -> tuple[str, ...]:
        return tuple(sorted({normalize(p) for p in data[key]}, key=lambda p: (-len(p), p)))

    def any_of(key: str) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, phrases(key))) or r"(?!)")

    starts, agencies = ("|".join(map(re.escape, phrases(key))) for key in ("about_starts", "about_agencies"))
    return _Cues(
        kickers=frozenset(phrases("kickers")),
        contact=phrases("contact_starts"),
        offices=phrases("contact_offices"),
        beneficiary=any_of("beneficiary_words"),
        ends=frozenset(phrases("end_lines")),
        about=re.compile(rf"(?:{starts}) (?:{agencies})\b[^.:]{{0,60}}(?::|$)"),
        about_lines=frozenset(phrases("whole_about_lines")),
        related=frozenset(phrases("related_lines")),
        labels=phrases("label_starts"),
        label_contains=any_of("label_contains"),
        page_parts=frozenset(phrases("page_parts")),
    )


def page_parts() -> frozenset[str]:
    """Parts of the class names and ids of elements of web pages that hold no announcement."""
    return _cues().page_parts


@lru_cache(maxsize=4096)
def bare(line: str) -> str:
    """The line as cues are compared with it: folded, without list marks, emphasis and rules at its ends."""
    return normalize(line).lstrip(_MARKS).rstrip(_RULES)


def is_kicker(line: str) -> bool:
    """Whether the line only says what kind of text follows («بيان صحفي – للنشر الفوري»), perhaps with date or place."""
    if len(line) > _LONGEST_KICKER:
        return False
    parts = [part for piece in _SEPARATOR.split(bare(line)) if (part := piece.strip())]
    kinds = [_NUMBER_AT_END.sub("", part) if part[-1].isdecimal() else part for part in parts]
    kickers = _cues().kickers
    if kickers.isdisjoint(kinds):
        return False
    return all(
        kind in kickers or len(part.split()) <= (4 if _has_digit(part) else 2) or _BODY.match(part)
        for part, kind in zip(parts, kinds, strict=True)
    )


_LONGEST_KICKER = 200
_NUMBER_AT_END = re.compile(r"\s*(?:رقم)?\s*\d+$")


_BODY = re.compile(
    r"(?:ال)?(?:سفار[هة]|وزار[هة]|قنصلي[هة]|مكتب|بعث[هة]|منظم[هة]|وكال[هة]|هيئ[هة]|مركز|صندوق|برنامج|مفوضي[هة]|embassy|ministry)\s+(?:\S+\s*){1,6}$"
)
"""Who signs: «السفارة البريطانية في بيروت – بيان صحفي»."""


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def is_related(line: str) -> bool:
    """Whether the line heads a list of other things to read («أخبار ذات صلة»)."""
    return len(line) <= 60 and bare(line).rstrip(" :") in _cues().related


def ends_sentence(line: str) -> bool:
    """Whether the line closes with sentence punctuation, quotes and emphasis aside."""
    return bool(_TERMINAL.search(line))


def label_blocks(text: str, blocks: Sequence[Block], headline: Span | None = None) -> tuple[Role, ...]:
    """The role of every block, in order. What stands above the headline is never BODY."""
    roles: list[Role] = []
    mode: Role | None = None
    for block in blocks:
        line = text[block.start : block.end]
        if headline is not None and block.end <= headline.end:
            roles.append(Role.HEADING if block.start >= headline.start else Role.KICKER)
            continue
        late = block.start > len(text) // 2
        role, mode = _label(line, block.kind, mode, late)
        roles.append(role)
    _sign_contacts(text, blocks, roles)
    return tuple(roles)


def body_spans(text: str, blocks: Sequence[Block], roles: Sequence[Role]) -> tuple[Span, ...]:
    """The spans of the announcement: runs of BODY blocks with nothing between them that was left out."""
    spans: list[Span] = []
    open_run = False
    for block, role in zip(blocks, roles, strict=True):
        if role is not Role.BODY:
            open_run = False
            continue
        if open_run and not text[spans[-1].end : block.start].strip():
            spans[-1] = Span(spans[-1].start, block.end)
        else:
            spans.append(Span(block.start, block.end))
        open_run = True
    return tuple(spans)


def _label(line: str, kind: Kind, mode: Role | None, late: bool) -> tuple[Role, Role | None]:
    """The role of a line and the block that it leaves open, given the block that was open before it."""
    cues = _cues()
    words = bare(line)
    title = words.rstrip(" :")
    if not _WORD.search(words):
        return Role.LABEL, mode if mode is Role.CONTACT else None
    if title in cues.related:
        return Role.RELATED, Role.RELATED
    if _names_another(words):
        return Role.RELATED, mode
    if kind is not Kind.ROW:
        if title in cues.about_lines or (cues.about.match(words) and late):
            return Role.ABOUT, Role.ABOUT if title == words.rstrip() and ":" not in words[:-1] else None
        if _is_contact(line, words):
            return Role.CONTACT, Role.CONTACT
    if kind is Kind.HEADING:
        return Role.HEADING, None
    if kind is Kind.ASIDE or _is_label(words) or words.partition("/")[0].rstrip() in cues.ends:
        return Role.LABEL, mode
    if is_kicker(line):
        return Role.KICKER, mode
    real = kind is Kind.ROW or (len(words.split()) >= _REAL_WORDS and ends_sentence(line))
    if mode is Role.CONTACT and not real:
        return Role.CONTACT, mode
    if mode is Role.RELATED and not (real and len(words.split()) >= 2 * _REAL_WORDS):
        return Role.RELATED, mode
    if mode is Role.ABOUT:
        return Role.ABOUT, mode
    return Role.BODY, None


def _names_another(words: str) -> bool:
    """Whether a line in the midst of a text points to another one («اقرأ أيضاً: عنوان خبر آخر»)."""
    lead, colon, rest = words.partition(":")
    lead = lead.strip()
    return bool(colon) and " " in lead and lead in _cues().related and len(rest.split()) <= _POINTER_WORDS


def _is_contact(line: str, words: str) -> bool:
    cues = _cues()
    phone = _MANY_DIGITS.search(line) and _PHONE.search(line)
    link = ("://" in line or "www." in line) and _LINK.search(line)
    reach = bool(("@" in line and EMAIL.search(line)) or phone or link)
    if not reach and not words.startswith(cues.contact) and not words.startswith(cues.offices):
        return False
    if cues.beneficiary.search(words):
        return False
    others = len(_WORD.findall(_LINK.sub(" ", EMAIL.sub(" ", _PHONE.sub(" ", line)))))
    for cue in cues.contact if words.startswith(cues.contact) else ():
        if words.startswith(cue):
            after = words[len(cue) :]
            if not after or re.match(r"\s*[:*–—|-]", after) or (reach and after[0] in " ،,(" and others <= 25):
                return True
            if re.match(r"[ ،,(]", after) and any(office in after for office in cues.offices):
                return True
            break
    if words.startswith(cues.offices):
        return reach or (not ends_sentence(line) and others <= 12)
    return reach and others <= 12 and not (others > 6 and ends_sentence(EMAIL.sub("", line)))


def _is_label(words: str) -> bool:
    cues = _cues()
    length = len(words.split())
    for cue in cues.labels if words.startswith(cues.labels) else ():
        if words.startswith(cue):
            after = words[len(cue) :].lstrip()
            return not after or after[0] in ":|·" or (words[len(cue)] == " " and length <= 4)
    return length <= 30 and cues.label_contains.search(words) is not None


def _sign_contacts(text: str, blocks: Sequence[Block], roles: list[Role]) -> None:
    """An agency's name right above a contact line, in the same paragraph, belongs to it."""
    for i in range(len(blocks) - 1, 0, -1):
        above = text[blocks[i - 1].start : blocks[i - 1].end]
        if (
            roles[i] is Role.CONTACT
            and roles[i - 1] is Role.BODY
            and text.count("\n", blocks[i - 1].end, blocks[i].start) < 2
            and len(above.split()) <= 12
            and not ends_sentence(above)
            and not _has_digit(above)
        ):
            roles[i - 1] = Role.CONTACT
