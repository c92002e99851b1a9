"""Dialect into standard Arabic, synonyms, and English and Sorani domain words into Arabic; all from data files."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from arabic.cues import load_yaml
from arabic.normalize import normalize
from arabic.stem import light10

_TOKEN = re.compile(r"[^\W_]+")


def to_standard(text: str) -> str:
    """The normalised text with dialect words and phrases replaced by standard ones; everything else is kept."""
    folded = normalize(text)
    pattern, table = _dialect()
    return pattern.sub(lambda m: m.group(1) + table[re.sub(r"\s+", " ", m.group(2))], folded)


def is_dialect(text: str) -> bool:
    """Whether a text holds a word that only dialects use."""
    pattern, table = _dialect()
    return any(table[re.sub(r"\s+", " ", m.group(2))] != m.group(2) for m in pattern.finditer(normalize(text)))


@lru_cache(maxsize=4096)
def related_stems(stem: str) -> frozenset[str]:
    """The stems of all words that stand in a synonym group with a word of that stem."""
    return _synonyms().get(stem, frozenset())


def translate(text: str, language: str) -> list[str]:
    """The Arabic words for the English ("en") or Sorani ("ckb") domain words of a text, longest phrases first."""
    table, longest = _translations(language)
    words = _TOKEN.findall(normalize(text))
    found: list[str] = []
    i = 0
    while i < len(words):
        for size in range(min(longest, len(words) - i), 0, -1):
            phrase = " ".join(words[i : i + size])
            hit = table.get(phrase)
            if hit is None and size == 1:
                hit = next((table[f] for f in _base_forms(phrase, language) if f in table), None)
            if hit is not None:
                found.extend(hit)
                i += size
                break
        else:
            i += 1
    return list(dict.fromkeys(found))


def _base_forms(word: str, language: str) -> list[str]:
    endings = (
        (("ies", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("es", ""), ("s", ""), ("ers", ""), ("er", ""))
        if language == "en"
        else tuple(
            (normalize(e), "")
            for e in ("ەکانی", "ەکان", "کانی", "کان", "انی", "ان", "ێکی", "ێک", "ەکەی", "ەکە", "کە", "یەوە", "ەوە", "دا", "یدا", "ی", "ە", "یان")
        )
    )
    return [word[: -len(end)] + instead for end, instead in endings if word.endswith(end) and len(word) - len(end) >= 2]


@cache
def _dialect() -> tuple[re.Pattern[str], Mapping[str, str]]:
    groups = load_yaml("arabic", "dialect.yaml")
    assert isinstance(groups, dict)
    table: dict[str, str] = {}
    for words in groups.values():
        for word, standard in words.items():
            table.setdefault(normalize(str(word)), normalize(str(standard)))
    alternatives = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(table, key=len, reverse=True))
    return re.compile(rf"(?<!\w)([وفب]?)({alternatives})(?!\w)"), table


@cache
def _synonyms() -> Mapping[str, frozenset[str]]:
    rows = load_yaml("arabic", "synonyms.yaml")
    assert isinstance(rows, list)
    table: dict[str, frozenset[str]] = {}
    for row in rows:
        group = frozenset(light10(w) for name in row if " " not in name for w in _TOKEN.findall(normalize(name)))
        for stem in group:
            table[stem] = table.get(stem, frozenset()) | group
    return table


@cache
def _translations(language: str) -> tuple[Mapping[str, list[str]], int]:
    table = load_yaml("arabic", f"translations_{language}.yaml")
    assert isinstance(table, dict)
    entries = {
        " ".join(_TOKEN.findall(normalize(str(phrase)))): str(arabic).split() for phrase, arabic in table.items()
    }
    return entries, max(len(p.split()) for p in entries)
