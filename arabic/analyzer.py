"""Index tokens of a text: padded character 4-grams of its words, light10 stems, and bigrams of stems."""

import re
from functools import lru_cache
from itertools import pairwise

from arabic.normalize import normalize
from arabic.stem import light10, without_tanwin

ANALYZER_VERSION = "1"
"""Changes with the tokens: an index of another version is rebuilt, never mixed."""

_GROUPED = re.compile(r"(?<=\d)[,،٬](?=\d{3}(?!\d))")
_DECIMAL = re.compile(r"(?<=\d)[,،٫.](?=\d)")
_WORD = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")


def words(text: str) -> list[str]:
    """The normalised words; a number is one word, its thousands joined and its decimal sign a full stop."""
    return _WORD.findall(_DECIMAL.sub(".", _GROUPED.sub("", normalize(text))))


def stems(text: str) -> list[str]:
    """The light10 stems of the words, in order."""
    return [light10(word) for word in words(text)]


def content_stems(text: str) -> list[str]:
    """The stems of the words without accusative endings, for comparing a question with a sentence, in order."""
    return [light10(without_tanwin(word)) for word in words(_TANWIN.sub("", text))]


_TANWIN = re.compile("(?:اً|ًا)(?!\\w)")


@lru_cache(maxsize=1 << 17)
def _grams(word: str) -> tuple[str, ...]:
    padded = f"_{word}_"
    if len(padded) <= 4:
        return ("g:" + padded,)
    return tuple("g:" + padded[i : i + 4] for i in range(len(padded) - 3))


def analyze(text: str) -> list[str]:
    """The tokens that the lexical index counts; the three families carry distinct prefixes and never collide."""
    found = words(text)
    tokens = [gram for word in found for gram in _grams(word)]
    stemmed = [light10(word) for word in found]
    tokens += ["s:" + stem for stem in stemmed]
    tokens += [f"b:{a} {b}" for a, b in pairwise(stemmed)]
    return tokens
