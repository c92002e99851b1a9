"""Dialect words and common misspellings and their standard words, from arabic/data/dialect.yaml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from arabic.cues import load_yaml
from arabic.normalize import Folded, fold, normalize

_TOKEN = re.compile(r"[^\W_]+")
_CLITICS = re.compile(r"([وف]?)(هال|لل|[بلك]?(?:ال)?)(.+)")
_PRONOUNS = ("لها", "لهم", "لهن", "له", "لنا", "ها", "هم", "هن", "نا", "ه", "هو")
# Marks of the present (ب، د، عم، ك) and of the future (ه، ح، غ، با، ع) before a verb of the present.
_MARKED = re.compile(r"(?:(دا?|ب|عم|كا?)|([هحع]|غا?|با))(?=[يتن])(.+)")
_PASSIVE = re.compile(r"(ات|ان|ت)(\w{3,})")
_VERB_ENDINGS = ("", "ت", "وا", "و", "ون")
_STRETCHED = re.compile(r"([ء-ي])\1{2,}")  # «كااااام»
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
    """Folded dialect words and phrases of each kind with their standard words; the first dialect named wins.

    `conjugated` holds the forms of the verbs that dialects conjugate in their own way, `regular` the stems of those that
    they only lengthen, `passive` of those whose passive they form with ات، ان، ت.
    """

    particles: Mapping[str, str]
    nouns: Mapping[str, str]
    verbs: Mapping[str, str]
    ambiguous: Mapping[str, str]
    spelling: frozenset[str]
    conjugated: Mapping[str, str]
    regular: frozenset[str]
    passive: frozenset[str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    always: tuple[tuple[re.Pattern[str], str], ...]
    longest: int


@cache
def _tables() -> _Tables:
    data = cast("dict[str, Any]", load_yaml("arabic", "dialect.yaml"))
    regular = frozenset(map(normalize, data.pop("regular")))
    passive = frozenset(map(normalize, data.pop("passive")))
    paradigms = data.pop("paradigms")
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
    conjugated: dict[str, str] = {}
    for standard, rows in paradigms.items():
        for form, meant, sure in _conjugated(standard.split(), rows):
            found["verbs" if sure else "ambiguous"].setdefault(form, meant)
            conjugated.setdefault(form, meant)
    longest = max(len(word.split()) for words in found.values() for word in words)
    return _Tables(
        **{kind: found[kind] for kind in _KINDS},
        spelling=frozenset(spelling),
        conjugated=conjugated,
        regular=regular,
        passive=passive,
        patterns=patterns,
        always=always,
        longest=longest,
    )


def _conjugated(standard: list[str], rows: list[str]) -> Iterator[tuple[str, str, bool]]:
    """(dialect form, standard form, whether it is surely a dialect's) of the rows of one paradigm.

    Raises ValueError for a row that has not six forms.
    """
    for row in rows:
        forms = row.removeprefix("?").split()
        if len(forms) != len(standard):
            raise ValueError(f"{' '.join(standard)}: expected {len(standard)} forms, found {row!r}")
        for form, meant in zip(forms, standard, strict=True):
            for variant in _plurals(normalize(form)) if form != "-" else ():
                yield variant, meant, not row.startswith("?")


def _plurals(form: str) -> set[str]:
    """The form and, of a plural, its other spellings: «يسوون», «يسووا», «يسوو»."""
    stem = form.removesuffix("ا") if form.endswith("وا") else form.removesuffix("ن") if form.endswith("ون") else form
    if not form.endswith(("وا", "ون", "او")):
        return {form}
    return {form, stem, stem + "ا"} | ({stem + "ن"} if form[0] in "يت" else set())


def is_dialect(text: str) -> bool:
    """Whether a word stands in the text that only a dialect uses; a misspelt standard word is none."""
    return any(r.dialect and r.sure for r in _replacements(_folded(text).text))


def to_standard(text: str) -> str:
    """The text with its dialect words and common misspellings in standard Arabic, everything else to the letter.

    Clitics, numbers and names stay: «شكد انطت اليابان بـ2020؟» becomes «كم أعطت اليابان بـ2020؟».
    """
    text = _substitute(text, _STRETCHED, r"\1")
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
    r"""What the pattern finds in the folded text, replaced in the text itself; `\1` stands for its first group."""
    folded = fold(text)
    pieces, position = [], 0
    for match in pattern.finditer(folded.text):
        start, end = folded.span(match.start(), match.end())
        pieces.append(text[position:start])
        for part in _GROUP.split(replacement):
            group = int(part[1]) if _GROUP.fullmatch(part) else 0
            if not group:
                pieces.append(part)
            elif match.group(group):
                pieces.append(text[slice(*folded.span(*match.span(group)))])
        position = end
    return "".join(pieces) + text[position:]


_GROUP = re.compile(r"(\\[1-9])")


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
            if replacement is None and "چ" in phrase:  # Iraqi «چم بير» is «جم بير»
                replacement = _one(phrase.replace("چ", "ج"), start, end)
            if replacement:
                yield replacement
                index += size
                break
        else:
            index += 1


def _one(word: str, start: int, end: int) -> Replacement | None:
    table = _tables()
    joined = word[0] in "وف" and (len(word) > 3 or word[1:] in table.particles)
    parts = [("", word), (word[0], word[1:])] if joined else [("", word)]
    for conjunction, bare in parts:
        for kind in (table.particles, table.nouns, table.verbs):
            if bare in kind:
                return Replacement(start, end, conjunction + kind[bare], bare not in table.spelling)
        if bare in table.ambiguous:
            return Replacement(start, end, conjunction + table.ambiguous[bare], True, sure=False)
    match = _CLITICS.fullmatch(word)
    if match and match[2] and match[3] in table.nouns:
        clitics = match[1] + match[2].replace("هال", "هذا ال")
        return Replacement(start, end, clitics + table.nouns[match[3]], match[3] not in table.spelling)
    for conjunction, bare in parts:
        verb = _verb(bare)
        if verb:
            return Replacement(start, end, conjunction + verb[0], True, sure=verb[1])
    return None


def _verb(word: str) -> tuple[str, bool] | None:
    """The standard form of a dialect verb with its marks and its pronoun, and whether it is surely one."""
    table = _tables()
    for bare, pronoun in _without_pronoun(word):
        weak = bare[:-1] + "ي" if bare[-1] == "ا" and bare[0] not in "يت" else bare  # «عطاها» is of «عطى»
        for form in (bare, weak) if pronoun else ():
            if known := table.verbs.get(form) or table.conjugated.get(form):
                return _joined(known, pronoun), form in table.verbs
    match = _MARKED.fullmatch(word)
    if match:
        future, sure = "س" if match[2] else "", bool(match[2]) or match[3][0] == "ي"
        for bare, pronoun in _without_pronoun(match[3]):
            # «بتسلم» may be dialect for «تسلم» or standard «by taking over»
            if bare in table.conjugated and bare not in table.verbs:
                sure = match[2] in {"ه", "ح"}  # «بيدي» may be «by my hand»
            if meant := table.conjugated.get(bare) or _lengthened(bare):
                return future + _joined(meant, pronoun), sure
    if word[0] == "ش" and (asked := _asked_verb(word[1:])):
        return "ماذا " + asked, True
    match = _PASSIVE.fullmatch(word)
    if match:
        stems = {stem for stem, ending in _without_ending(match[2]) if ending or match[1] != "ت"}  # «تدفع» is «pays»
        if not stems.isdisjoint(table.passive):
            return match[2], match[1] == "ات"
    if word[1:2] == "ت" and (meant := _lengthened(word)) and word[2:] == meant[1:]:
        return meant, False  # «تتنفذ» for «تنفذ»
    return None


def _lengthened(word: str) -> str | None:
    """The standard form of a regular verb of the present: «يوفروا» is «يوفرون», «يتوزع» is «يوزع»."""
    table = _tables()
    for stem, ending in _without_ending(word[1:]) if word[0] in "يتن" else ():
        if ending != "ت":
            weak = stem + "ي" if ending else stem  # «يبنوا» is of «يبني»
            bare = stem if stem in table.regular or weak in table.regular else ""
            bare = bare or (stem[1:] if stem[:1] == "ت" and stem[1:] in table.passive else "")
            if bare:
                return word[0] + bare + ("ون" if ending else "")
    return None


def _asked_verb(word: str) -> str | None:
    """The standard form of a verb that Iraqi «ش» («what») stands before: «شيوفر», «شسوت»."""
    table = _tables()
    if len(word) < 3:
        return None
    if word in table.verbs or word in table.conjugated:
        return table.verbs.get(word) or table.conjugated[word]
    if any(stem in table.regular for stem, ending in _without_ending(word) if ending != "ون"):
        return word
    return _lengthened(word) if word[0] in "يت" else None


def _without_pronoun(word: str) -> Iterator[tuple[str, str]]:
    """The word without each pronoun that it may end in, and that pronoun; first the whole word."""
    yield word, ""
    for pronoun in _PRONOUNS:
        bare = word.removesuffix(pronoun)
        if bare != word and len(bare) > 2:
            yield bare, pronoun


def _without_ending(word: str) -> Iterator[tuple[str, str]]:
    """The stem of a verb and its ending, for each that it may have."""
    for ending in _VERB_ENDINGS:
        if word.endswith(ending):
            yield word[: len(word) - len(ending)], ending


def _joined(verb: str, pronoun: str) -> str:
    """A verb with its pronoun: «أعطى» and «ها» are «أعطاها», «أعطوا» and «هم» are «أعطوهم»."""
    if not pronoun:
        return verb
    if pronoun.startswith("ل"):
        return f"{verb} {pronoun}"
    return (verb.removesuffix("ى") + "ا" if verb.endswith("ى") else verb.removesuffix("ا")) + pronoun
