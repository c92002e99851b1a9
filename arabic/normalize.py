"""Folding of Arabic spelling variants for search, with the way back to the original text.

Original text is stored, quoted and shown; folded text is only compared and indexed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

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


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return "".join(c for c in folded if c not in _REMOVED).translate(_LETTERS).translate(_DIGITS).lower()


_MOST = 20_000
"""Characters that are remembered; texts that use more of Unicode begin anew."""


class _Folds(dict[int, str]):
    """What each character that was met becomes, as str.translate asks for it; `uneven` are those that become none or
    several."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST:
            self.clear()
        folded = self[code] = _fold_character(chr(code))
        if len(folded) != 1:
            self.uneven.add(chr(code))
        return folded


_FOLDS = _Folds()
_UNUSUAL = re.compile(r"[^ء-غف-يa-z0-9 \n.,:!()/%\"'«»،؛؟٪–—-]")
_VARIANTS = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ى", "ي"), ("ة", "ه"))
"""All that changes where nothing unusual stands: eight times faster than character by character."""


@dataclass(frozen=True)
class Folded:
    """Folded text and, for each of its characters, the index of the original character that it came from."""

    text: str
    origins: Sequence[int]
    original: str

    def position(self, origin: int) -> int:
        """The index in the folded text of the first character that came from an original one; its length beyond all."""
        return origin if isinstance(self.origins, range) else self._positions.get(origin, len(self.text))

    @cached_property
    def _positions(self) -> Mapping[int, int]:
        return {origin: i for i, origin in reversed(list(enumerate(self.origins)))}

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
    if _UNUSUAL.search(text) is None:
        for letter, plain in _VARIANTS:
            text = text.replace(letter, plain)
        return text
    return text.translate(_FOLDS)


@lru_cache(maxsize=256)
def fold(text: str) -> Folded:
    """`normalize(text)` with the origin of every character, so that a match can be quoted from the original."""
    usual = _UNUSUAL.search(text) is None
    folded = normalize(text)
    if usual or _FOLDS.uneven.isdisjoint(text):
        return Folded(folded, range(len(text)), text)
    pieces: list[str] = []
    origins: list[int] = []
    for index, piece in enumerate(map(_fold_character, text)):
        pieces.append(piece)
        origins.extend([index] * len(piece))
    return Folded("".join(pieces), tuple(origins), text)


def strip_marks(words: Iterable[str]) -> list[str]:
    """Each word folded; a convenience for tables of language data."""
    return [normalize(word) for word in words]
