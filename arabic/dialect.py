"""Dialect words and common misspellings and their standard words, from arabic/data/dialect.yaml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from arabic.cues import load_yaml
from arabic.normalize import Folded, fold, normalize

_TOKEN = re.compile(r"[^\W_]+")
_CLITICS = re.compile(r"([وف]?)(لل|[بلك]?(?:ال)?)(.+)")
_PRONOUNS = ("ها", "هم", "هن", "نا", "ه", "هو")
_IMPERFECT = re.compile(r"([وف]?)(?:(دا?|ب|عم)|([هح]))(?=([يتن])(.+))")
_NO_DIALECT = "spelling"
# Stands for ة where folding would make it ه: «إيه» is Egyptian, «أية» is not.
_TA_MARBUTA = "ۃ"
_KINDS = ("particles", "nouns", "verbs", "ambiguous")


@dataclass(frozen=True, slots=True)
class Replacement:
    """`text` is to stand for the words from `start` to `end`; `sure` tells a dialect word from an ambiguous one."""

    start: int
    end: int
    text: str
    dialect: bool
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Tables:
    """Folded dialect words and phrases of each kind with their standard words; the first dialect named wins."""

    particles: Mapping[str, str]
    nouns: Mapping[str, str]
    verbs: Mapping[str, str]
    ambiguous: Mapping[str, str]
    spelling: frozenset[str]
    imperfect: frozenset[str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    always: tuple[tuple[re.Pattern[str], str], ...]
    longest: int


@cache
def _tables() -> _Tables:
    data = cast("dict[str, Any]", load_yaml("arabic", "dialect.yaml"))
    imperfect = frozenset(map(normalize, data.pop("imperfect")))
    patterns = tuple((re.compile(pattern), text) for pattern, text in data.pop("patterns"))
    always = tuple((re.compile(pattern), text) for pattern, text in data.pop("always"))
    found: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
    spelling: set[str] = set()
    for name, kinds in data.items():
        for kind, entries in kinds.items():
            for standard, words in (entries or {}).items():
                for word in (form for w in words for form in {_folded(w).text, normalize(w)}):
                    found[kind].setdefault(word, standard)
                    spelling |= {word} if name == _NO_DIALECT else set()
    longest = max(len(word.split()) for words in found.values() for word in words)
    return _Tables(
        **{kind: found[kind] for kind in _KINDS},
        spelling=frozenset(spelling),
        imperfect=imperfect,
        patterns=patterns,
        always=always,
        longest=longest,
    )


def is_dialect(text: str) -> bool:
    """Whether a word stands in the text that only a dialect uses; a misspelt standard word is none."""
    return any(r.dialect and r.sure for r in _replacements(_folded(text).text))


def to_standard(text: str) -> str:
    """The text with its dialect words and common misspellings in standard Arabic, everything else to the letter.

    Clitics, numbers and names stay: «شكد انطت اليابان بـ2020؟» becomes «كم أعطت اليابان بـ2020؟».
    """
    folded = _folded(text)
    found = list(_replacements(folded.text))
    certain = any(r.dialect and r.sure for r in found)
    pieces, position = [], 0
    for replacement in found:
        if replacement.sure or certain:
            start, end = folded.span(replacement.start, replacement.end)
            pieces += [text[position:start], replacement.text]
            position = end
    result = "".join(pieces) + text[position:]
    table = _tables()
    for pattern, replacement_text in (*table.always, *(table.patterns if certain else ())):
        result = _substitute(result, pattern, replacement_text)
    return result


def _folded(text: str) -> Folded:
    return fold(text.replace("ة", _TA_MARBUTA))


def _substitute(text: str, pattern: re.Pattern[str], replacement: str) -> str:
    r"""What the pattern finds in the folded text, replaced in the text itself; `\\1` in front keeps the first group."""
    folded = fold(text)
    keep = replacement.startswith(r"\1")
    pieces, position = [], 0
    for match in pattern.finditer(folded.text):
        start, end = folded.span(match.end(1) if keep else match.start(), match.end())
        pieces += [text[position:start], replacement.removeprefix(r"\1")]
        position = end
    return "".join(pieces) + text[position:]


def _replacements(folded: str) -> Iterator[Replacement]:
    """Left to right, the longest phrase first, none overlapping another."""
    tokens = [(m.start(), m.end()) for m in _TOKEN.finditer(folded)]
    table = _tables()
    index = 0
    while index < len(tokens):
        for size in range(min(table.longest, len(tokens) - index), 0, -1):
            start, end = tokens[index][0], tokens[index + size - 1][1]
            phrase = folded[start:end]
            if phrase.count(" ") != size - 1:
                continue
            replacement = _one(phrase, start, end)
            if replacement:
                yield replacement
                index += size
                break
        else:
            index += 1


def _one(word: str, start: int, end: int) -> Replacement | None:
    table = _tables()
    for conjunction, bare in [("", word)] + ([(word[0], word[1:])] if word[0] in "وف" and len(word) > 2 else []):
        kinds = (table.particles, table.nouns, table.verbs) if len(bare) > 2 or not conjunction else (table.particles,)
        for kind in kinds:
            if bare in kind:
                return Replacement(start, end, conjunction + kind[bare], bare not in table.spelling)
        if bare in table.ambiguous:
            return Replacement(start, end, conjunction + table.ambiguous[bare], True, sure=False)
    match = _CLITICS.fullmatch(word)
    if match and match[2] and match[3] in table.nouns:
        return Replacement(start, end, match[1] + match[2] + table.nouns[match[3]], match[3] not in table.spelling)
    for pronoun in _PRONOUNS:
        bare = word.removesuffix(pronoun)
        if bare != word and len(bare) > 2:
            conjunction = bare[0] if bare not in table.verbs and bare[0] in "وف" else ""
            if bare[len(conjunction) :] in table.verbs:
                return Replacement(start, end, conjunction + table.verbs[bare[len(conjunction) :]] + pronoun, True)
    match = _IMPERFECT.match(word)
    if match and any(match[5] == v or match[5].removesuffix("وا").removesuffix("ون") == v for v in table.imperfect):
        future = "س" if match[3] else ""
        # «بتسلم» may be dialect for «تسلم» or standard «by taking over»
        return Replacement(
            start, end, match[1] + future + match[4] + match[5], True, sure=match[4] == "ي" or bool(future)
        )
    return None
