"""Tokens of folded text: figures in every digit system with their separators, and the words beside them."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from arabic.normalize import Folded, fold


@dataclass(frozen=True, slots=True)
class Token:
    """A figure or a word of the folded text."""

    text: str
    start: int
    end: int
    digits: bool


@dataclass(frozen=True, slots=True)
class TokenText:
    """A text folded and cut into tokens; `shown` is the folded text with blanks over figures that are no numbers."""

    folded: Folded
    shown: str
    tokens: tuple[Token, ...]
    sorani: bool

    def close(self, i: int) -> bool:
        """Whether only white space within a paragraph, or nothing, parts token i from the one before it."""
        return 0 < i < len(self.tokens) and _is_gap(self.shown, self.tokens[i - 1].end, self.tokens[i].start)

    def has_mark(self, token: Token, mark: str) -> bool:
        """Whether the original word carries a mark that folding removes."""
        return mark in self.folded.original[slice(*self.folded.span(token.start, token.end))]


def _is_gap(text: str, start: int, end: int) -> bool:
    if end - start == 1:
        return text[start] in " \n\u00a0"
    gap = text[start:end]
    return end - start <= 4 and not gap.strip(" \n\r") and gap.count("\n") <= 1


_SORANI = re.compile("[ەێۆڕڵڤ]")
# Three-letter codes of currencies may touch a figure: USD5; other letters before digits make a name: SDG16, H1N1.
_CODES = "usd|eur|gbp|cad|aud|chf|sek|nok|dkk|jpy|iqd|jod|kwd|sar|aed|yer|syp|lbp|egp|sdg(?=\\d{3})|us|us\\$"
_MASKED = re.compile(
    r"\S+@\S+|https?://\S+|www\.\S+|(?<!\w)[a-z0-9-]+\.(?:org|com|net|int|gov|edu|me)(?:/\S*)?(?!\w)"
    r"|(?:\+|(?<!\d)00)\d[\d ()-]{6,}\d"
    r"|(?<![\d.,])0\d{2,4}[ -]\d{3}[ -]?\d{3,4}(?!\d)|(?<![\d.,])\d{3}-\d{3}-\d{4}(?!\d)"
    r"|(?<![\d.])(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d)(?![\d])"
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)|(?<!\d)24/7(?!\d)"
    r"|(?<![^\s(])[a-z]{1,5}/[\w/().-]*\d[\w/().-]*"
    rf"|(?<!\w)(?!(?:{_CODES})\d)[a-z]+\d\w*|(?<!\w)\d+(?!k?m[23](?!\w))[a-z]+\d\w*"
    r"|(?<=[^\W\d_]{3})[-‑–](?!(?:19|20)\d\d(?!\d))\d+(?!\d|\s*[-–]\s*\d|[.,٫]\d)"
    r"|(?<=\d[^\W\d_])[23](?!\w)|(?<=[\d\s]م)[23](?!\w)|(?<=[\d\s]كم)[23](?!\w)|(?<=[\d\s]km)[23](?!\w)|(?<=\sm)[23](?!\w)"
)
_TOKEN = re.compile(
    r"(?P<figure>"
    r"(?:(?<!\d[.,،٬٫])(?:[1-9]\d{0,2}(?P<comma>[,،٬])\d{3}(?:(?P=comma)\d{3})*(?:[.٫]\d+)?(?!\d|[,،٬]\d)"
    r"|[1-9]\d{0,2}(?: \d{3})+(?!\d|[.,،٬٫]\d{3})"
    r"|[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?(?!\d|\.\d)"
    r"|\d+(?:[.٫]\d+|[,،]\d{1,2})(?!\d|[.,،٫]\d)|0[,،]\d+(?!\d|[.,،٫]\d)|\d+ر\d{1,2}(?!\w)))"
    r"|\d+)|[^\W\d_]+"
)
_HALVES = {"½": ".5 ", "¼": ".25", "¾": ".75"}


@lru_cache(maxsize=256)
def tokenize(text: str) -> TokenText:
    """The text folded and cut into tokens; web and mail addresses, telephone numbers, codes and clock times hold none."""
    folded = fold(text)
    shown = folded.text
    if any(map(str.isdigit, shown)):
        shown = _without_raised(folded)
        shown = _MASKED.sub(lambda m: " " * len(m.group()), shown)
    tokens = tuple(Token(m.group(), m.start(), m.end(), m.group("figure") is not None) for m in _TOKEN.finditer(shown))
    return TokenText(folded, shown, tokens, _SORANI.search(text) is not None)


def _without_raised(folded: Folded) -> str:
    """Footnote marks and square metres are not digits of the number before them; 3½ is 3.5."""
    text, original = folded.text, folded.original
    if original.isascii() or not any(c.isdigit() and not c.isdecimal() or c in _HALVES for c in original):
        return text
    shown = [" " if c.isdecimal() and not original[o].isdecimal() else c for c, o in zip(text, folded.origins, strict=True)]
    for i, origin in enumerate(folded.origins):
        half = _HALVES.get(original[origin])
        if half and i and shown[i - 1].isdecimal() and folded.origins[i - 1] != origin:
            shown[i : i + 3] = half
    return "".join(shown)


def figure_value(figure: str, *, exact: bool = False) -> Decimal:
    """The value of a figure in Western digits: 2,424 · 450،000 · 1 250 000 · 1.600 · 3,63 · 3٫64 · 2ر3.

    Three digits after a comma are thousands. Three digits after a single full stop are thousands too, unless the figure
    is `exact` (a magnitude or a per cent sign follows: 1.140 مليون) or begins with zero.
    """
    plain = figure.replace(" ", "").replace("٬", ",").replace("،", ",").replace("٫", ".").replace("ر", ".")
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", plain):
        return Decimal(plain.replace(",", ""))
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?", plain):
        return Decimal(plain.replace(".", "").replace(",", "."))
    if "٫" not in figure and not exact and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain):
        return Decimal(plain.replace(".", ""))
    return Decimal(plain.replace(",", "."))


def is_year(figure: str) -> bool:
    """Whether a figure could be a year: four digits from 1900 to 2099 without separators."""
    return len(figure) == 4 and figure.isdecimal() and figure[:2] in {"19", "20"}
