"""Folding of Arabic spelling variants for search, with the way back to the original text.

Original text is stored, quoted and shown; folded text is only compared and indexed.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

# Tatweel, harakat, Quranic marks, zero-width and directional marks: none of them changes which word is meant.
_REMOVED = frozenset(
    chr(c)
    for first, last in (
        (0x0610, 0x061A),
        (0x064B, 0x065F),
        (0x0670, 0x0670),
        (0x06D6, 0x06DC),
        (0x06DF, 0x06E8),
        (0x06EA, 0x06ED),
        (0x0640, 0x0640),
        (0x061C, 0x061C),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x2064),
        (0x2066, 0x2069),
        (0xFEFF, 0xFEFF),
        (0x00AD, 0x00AD),
    )
    for c in range(first, last + 1)
)
# Letters that writers and keyboards interchange, Persian and Kurdish forms of Arabic letters among them.
_LETTERS = str.maketrans("أإآٱىةکگیےھەۆێڵڕ", "اااايهككييههويلر")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MOST = 20_000
"""Characters that are remembered; texts that use more of Unicode begin anew."""


class _Folds(dict[str, str]):
    """What each character that was met becomes."""

    def __missing__(self, character: str) -> str:
        if len(self) >= _MOST:
            self.clear()
        plain = (c for c in unicodedata.normalize("NFKC", character) if c not in _REMOVED)
        folded = self[character] = "".join(plain).translate(_LETTERS).translate(_DIGITS).lower()
        return folded


_FOLDS = _Folds()
_UNUSUAL = re.compile(r"[^ء-غف-يa-z0-9 \n.,:!()/%\"'«»،؛؟٪–—-]")
_VARIANTS = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ى", "ي"), ("ة", "ه"))
"""All that changes where nothing unusual stands."""
_FEW = 40
"""Letters; so many are replaced one after the other, in a fifth of the time that looking up each character takes."""
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")


class Folded(NamedTuple):
    """Folded text and, for each of its characters, the index of the original character that it came from.

    `words` are its runs of letters: what tells at once that nothing of some sort stands in it.
    """

    text: str
    origins: Sequence[int]
    original: str
    words: frozenset[str]
    has_digits: bool

    def position(self, origin: int) -> int:
        """The index in the folded text of the first character that came from an original one; its length if none did."""
        if isinstance(self.origins, range):
            return origin
        index = bisect_left(self.origins, origin)
        return index if index < len(self.origins) and self.origins[index] == origin else len(self.text)

    def between(self, start: int, end: int) -> str:
        """The folded text of the original span [start, end)."""
        if isinstance(self.origins, range):
            return self.text[start:end]
        return self.text[bisect_left(self.origins, start) : bisect_left(self.origins, end)]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text of the non-empty folded span [start, end), trailing marks included."""
        first, last = self.origins[start], self.origins[end - 1] + 1
        while last < len(self.original) and self.original[last] in _REMOVED:
            last += 1
        return first, last


def normalize(text: str) -> str:
    """The text as it is compared: NFKC, no marks, one letter for each family of variants, Western digits, lower case.

    White space and punctuation are kept. Idempotent.
    """
    if text.isascii():
        return text.lower()
    unusual = set(_UNUSUAL.findall(text))
    if len(unusual) > _FEW:
        return "".join(map(_FOLDS.__getitem__, text))
    for character in unusual:
        text = text.replace(character, _FOLDS[character])
    for letter, plain in _VARIANTS:
        text = text.replace(letter, plain)
    return text


@lru_cache(maxsize=256)
def fold(text: str) -> Folded:
    """`normalize(text)` with the origin of every character, so that a match can be quoted from the original."""
    origins: list[int] = []
    begin = 0
    for match in _UNUSUAL.finditer(text):
        length = len(_FOLDS[match.group()])
        if length != 1:
            index = match.start()
            origins += range(begin, index)
            origins += [index] * length
            begin = index + 1
    if begin:
        origins += range(begin, len(text))
    folded, from_where = normalize(text), tuple(origins) if begin else range(len(text))
    words, has_digits = frozenset(_LETTERS_ONLY.findall(folded)), _DIGIT.search(folded) is not None
    return Folded(folded, from_where, text, words, has_digits)


def strip_marks(words: Iterable[str]) -> list[str]:
    """Each word folded; a convenience for tables of language data."""
    return [normalize(word) for word in words]
