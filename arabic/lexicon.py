"""Words that mean the same: synonyms of the aid sector, standard words for dialect, Arabic for English and Sorani."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal, cast

from arabic.cues import load_yaml
from arabic.dialect import is_dialect, to_standard
from arabic.normalize import normalize
from arabic.stem import light10, without_tanwin
from arabic.stopwords import is_stopword

__all__ = ["expand", "is_dialect", "is_translated", "related_stems", "to_standard", "translate"]

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_WORD = re.compile(r"[^\W_]+")
_ENGLISH_SUFFIXES = (
    ("ies", "y"),
    ("ied", "y"),
    ("es", ""),
    ("s", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("ers", "e"),
)
# Sorani marks definiteness, number, possession, place and case at the end of a noun, one after another.
_SORANI_SUFFIXES = """
    ەکانیان ەکانی ەکان ەکەیان ەکەی ەکە ێکی ێک یەکی یەک یەکانی یەکان ییەکانی ییەکان انەی انە انی ان یان یی ی ەوە دا یدا
    ەکاندا یش یشی ە ەی ش مان تان ترین تر کە کەی کان کانی یەکە یەکەی وە یەوە
"""


@cache
def _groups() -> Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """For the stems of each word or phrase, the groups of synonyms that it belongs to."""
    rows = cast("list[list[str]]", load_yaml("arabic", "synonyms.yaml"))
    index: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for row in rows:
        for member in row:
            for stems in {_stems(member), _stems(without_tanwin(member))}:
                index.setdefault(stems, []).append(tuple(row))
    return {key: tuple(found) for key, found in index.items()}


def _stems(phrase: str) -> tuple[str, ...]:
    return tuple(light10(word) for word in _WORD.findall(normalize(phrase)))


@cache
def related_stems(stem: str) -> frozenset[str]:
    """The stems of the single words that share a group of synonyms with a word of that stem, itself included."""
    members = [member for group in _groups().get((stem,), ()) for member in group if " " not in member]
    return frozenset(found for member in members for found in (*_stems(member), *_stems(without_tanwin(member))))


def expand(words: Sequence[str]) -> list[str]:
    """Words related to the given ones and not among them: synonyms, and standard words for dialect words.

    Words are compared by their light10 stems; phrases of up to three words are known too and come back as their
    words. Each stem comes once, in the order of the words that called it.
    """
    present = {light10(normalize(word)) for word in words}
    added: dict[str, str] = {}
    for member in _related(words):
        for word in member.split():
            stem = light10(normalize(word))
            if stem not in present and not is_stopword(normalize(word)):
                added.setdefault(stem, word)
    return list(added.values())


def _related(words: Sequence[str]) -> Iterator[str]:
    standard = [w for word in words for w in to_standard(word).split()]
    yield from standard
    keys = [light10(normalize(word)) for word in standard]
    for size in (3, 2, 1):
        for index in range(len(keys) - size + 1):
            for group in _groups().get(tuple(keys[index : index + size]), ()):
                yield from group


@cache
def _translations(language: str) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    rows = cast("dict[str, str]", load_yaml("arabic", f"translations_{language}.yaml"))
    return {tuple(_WORD.findall(normalize(str(phrase)))): tuple(arabic.split()) for phrase, arabic in rows.items()}


def translate(text: str, language: Literal["en", "ckb"] | str) -> list[str]:
    """The Arabic words for the English ("en") or Sorani ("ckb") words that the tables know, in order, each once.

    The longest phrase wins; English plurals, -ing and -ed and Sorani suffixes are understood. Unknown words (names
    mostly) are left out; of another language nothing is known.
    """
    if language not in ("en", "ckb"):
        return []
    table = _translations(language)
    longest = max(map(len, table))
    tokens = [token for match in _TOKEN.finditer(text) if (token := _token(match.group()))]
    found: dict[str, None] = {}
    index = 0
    while index < len(tokens):
        for size in range(min(longest, len(tokens) - index), 0, -1):
            terms = _lookup(tokens[index : index + size], table, language)
            if terms is not None:
                found.update(dict.fromkeys(terms))
                index += size
                break
        else:
            index += 1
    return list(found)


@lru_cache(maxsize=65536)
def is_translated(word: str) -> bool:
    """Whether a normalised English or Sorani word, inflected or not, stands in the tables, by itself or in a phrase."""
    return any(
        not _table_words(language).isdisjoint((word, *forms(word)))
        for language, forms in (("en", _english_forms), ("ckb", _sorani_forms))
    )


@cache
def _table_words(language: str) -> frozenset[str]:
    return frozenset(word for phrase in _translations(language) for word in phrase)


def _token(word: str) -> str | None:
    """The word as the tables hold it; WHO and US are names, not function words."""
    token = normalize(word).removesuffix("'s").removesuffix("’s")
    return None if len(word) > 1 and word.isupper() and is_stopword(token) else token


def _lookup(
    tokens: Sequence[str], table: Mapping[tuple[str, ...], tuple[str, ...]], language: str
) -> tuple[str, ...] | None:
    """The Arabic words of a phrase; its first and its last word may be inflected."""
    parts = tuple(part for token in tokens for part in re.split(r"[-'’]", token) if part)
    if parts in table:
        return table[parts]
    if len(tokens) == 1 and len(parts) > 1:  # community-based, non-food: as far as the parts are known
        terms = [term for part in parts for term in _lookup([part], table, language) or ()]
        return tuple(terms) or None
    forms = _english_forms if language == "en" else _sorani_forms
    firsts = (parts[0], *forms(parts[0])) if len(parts) > 1 else ("",)
    for first in firsts:
        head = (first, *parts[1:-1]) if len(parts) > 1 else ()
        for last in (parts[-1], *forms(parts[-1])):
            if (*head, last) in table:
                return table[(*head, last)]
    return None


def _english_forms(word: str) -> Iterator[str]:
    for suffix, ending in _ENGLISH_SUFFIXES:
        base = word.removesuffix(suffix)
        if base != word and len(base) > 1:
            yield base + ending
            if not ending and len(base) > 3 and base[-1] == base[-2]:
                yield base[:-1]


@cache
def _sorani_suffixes() -> tuple[str, ...]:
    return tuple(sorted(normalize(_SORANI_SUFFIXES).split(), key=len, reverse=True))


def _sorani_forms(word: str) -> Iterable[str]:
    """The word without one suffix, then without two; two letters always stay."""
    suffixes = _sorani_suffixes()
    once = [word.removesuffix(s) for s in suffixes if word.endswith(s) and len(word) - len(s) >= 2]
    twice = [w.removesuffix(s) for w in once for s in suffixes if w.endswith(s) and len(w) - len(s) >= 2]
    return dict.fromkeys((*once, *twice))
