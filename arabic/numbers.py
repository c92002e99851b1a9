"""Numbers in Arabic, English and Sorani text: figures in all digits and separators, words, magnitudes, shares, ranges."""

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from arabic.normalize import Folded, fold, normalize
from arabic.number_words import NumberWords, number_words
from arabic.stopwords import is_stopword

NumberKind = Literal["cardinal", "ordinal", "percent", "range"]


class Number(NamedTuple):
    """A number as printed at [start, end); a range has its low end as `value` and its high end as `upper`.

    `qualifier` is "more_than", "less_than", "about", "up_to" or None, from the words before, which the span leaves out.
    """

    value: Decimal
    start: int
    end: int
    text: str
    kind: NumberKind = "cardinal"
    upper: Decimal | None = None
    qualifier: str | None = None


_TOKEN = re.compile(r"[^\W\d_]+|(?<!\d)\d{1,3}(?: \d{3})+(?![\d.,،٬٫])|\d+(?:[.,،٬٫]\d+|ر\d{1,2}(?!\w))*")
_MASKED = re.compile(
    r"\S+@\S+|https?://\S+|www\.\S+|\+\d[\d\s()-]{6,}\d|(?<!\d)0\d{2,4}[\s-]\d{3}[\s-]?\d{3,4}|[^\W\d_]+[-‑]\d+(?!\d*[-–]\d)"
)
_MASKABLE = re.compile(r"@|://|www\.|\+\d|-|‑|(?<!\d)0\d\d")
"""What nothing can be masked without."""
_PERCENT = re.compile(r"\s*(?:[%٪]|(?:في|ب)\s?(?:ال)?(?:مئه|مائه|ميه)(?!\w)|per\s?cent(?!\w))")
_GAP = re.compile(r"[ \u00a0\n]{1,2}")
_CLOSE = re.compile(r"[ \u00a0\n-]{0,2}")
_GROUPED = re.compile(r"\d{1,3}(?:[,،٬]\d{3})+(?:[.٫]\d+)?")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_RANGE = re.compile(r"\s*[-–—]\s*|\s+(?:و|الي|حتي|and|to)\s*")
_DASHES = frozenset("-–—")
_RANGE_BEFORE = re.compile(r"(?:بين|من|between|from)\s+$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_IN_YEAR = re.compile(r"(?:^|\s)(?:و|ف)?(?:في|عام|العام|سنه|السنه|لعام|منذ)\s+$")


class _Tokens:
    """The words and figures of a folded text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._matches = list(_TOKEN.finditer(text))
        self.words = [match.group() for match in self._matches]

    def start(self, i: int) -> int:
        return self._matches[i].start()

    def end(self, i: int) -> int:
        return self._matches[i].end()

    def word(self, i: int) -> str:
        """The token, "" beyond the last."""
        return self.words[i] if i < len(self.words) else ""

    def follows(self, i: int, gap: re.Pattern[str] = _GAP) -> bool:
        """Whether there is a token i and only a gap between it and the one before."""
        return i < len(self.words) and gap.fullmatch(self.text, self.end(i - 1), self.start(i)) is not None


_SORANI_THREE = re.compile(r"(?<!\w)سێ(?!\w)")
"""Three; folded it would be «سی», thirty."""


def find_numbers(text: str) -> list[Number]:
    """Every number of the text, in order, not overlapping. Ordinals are found in words («السادسة», "sixth") only."""
    return list(_find(text))


@lru_cache(maxsize=1024)
def _find(text: str) -> tuple[Number, ...]:
    folded = fold(_SORANI_THREE.sub(" 3", text) if "سێ" in text else text)
    known = number_words()
    glued = "://" in folded.text or "www." in folded.text  # an address may hide where a word ends
    if not folded.has_digits and not glued and known.numerals.isdisjoint(folded.words):
        return ()
    masked = folded.text
    if _MASKABLE.search(masked):
        masked = _MASKED.sub(lambda m: " " * len(m.group()), masked)
    tokens = _Tokens(masked)
    found: list[Number] = []
    after = 0
    for i, word in enumerate(tokens.words):
        if i < after or not (word[0].isdigit() or word in known.numerals):
            continue
        parsed = _cardinal(tokens, i)
        if parsed is not None:
            value, start, after = parsed
            found.append(_number(folded, masked, value, start, tokens.end(after - 1)))
            continue
        ordinal = _ordinal(tokens.words, i)
        if ordinal is not None:
            rank, after = ordinal
            first, last = folded.span(tokens.start(i), tokens.end(after - 1))
            found.append(Number(Decimal(rank), first, last, text[first:last], "ordinal"))
    return tuple(_with_ranges(folded, found))


def _number(folded: Folded, masked: str, value: Decimal, start: int, end: int) -> Number:
    percent = _PERCENT.match(masked, end)
    if percent:
        end = percent.end()
    first, last = folded.span(start, end)
    return Number(
        value,
        first,
        last,
        folded.original[first:last],
        "percent" if percent else "cardinal",
        None,
        _qualifier(masked[max(0, start - 40) : start]),
    )


def digits_value(token: str, *, magnitude_follows: bool = False) -> Decimal:
    """The value of a figure in Western digits: 2,424 · 450،000 · 1.600 · 3,63 · 3٫64 · 2ر3.

    Groups of three after a comma are thousands; three digits after a single full stop are thousands unless a magnitude
    word follows (1.140 مليون) or the figure starts with zero.
    """
    token = token.replace(" ", "")
    if token.isdecimal():
        return Decimal(token)
    if _GROUPED.fullmatch(token) and not (magnitude_follows and token.count(",") + token.count("،") == 1):
        return Decimal(re.sub("[,،٬]", "", token).replace("٫", "."))
    if _DOTTED.fullmatch(token) and not (magnitude_follows and token.count(".") == 1):
        return Decimal(token.replace(".", ""))
    plain = re.sub("[,،٬٫ر]", ".", token)
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    return Decimal(plain)


def _cardinal(tokens: _Tokens, i: int) -> tuple[Decimal, int, int] | None:
    """(value, start, index after the last token) of the number that starts at token i."""
    words = number_words()
    group = _group(tokens, i, words, first=True)
    if group is None:
        return None
    value, start, i, magnitude = group
    total = value * magnitude
    lowest = magnitude
    while tokens.follows(i):
        word = tokens.words[i]
        if lowest > 1 and word[0] == "و" and word[1:] in words.fractions:
            total += words.fractions[word[1:]] * lowest
            i += 1
            following = tokens.word(i)
            if following.startswith("ال") and following[2:] in words.magnitudes:
                i += 1
            break
        if word == "و" and lowest > 1 and tokens.word(i + 1)[:1].isdigit():
            more = _group(tokens, i + 1, words, first=False)
        elif word[0] == "و":
            more = _group(tokens, i, words, first=False)
        else:
            break
        if more is None or more[3] >= lowest or more[0] * more[3] >= lowest:
            break
        if lowest == 1 or (more[3] == 1 and more[0] < 13 and lowest >= 1000):
            break
        total += more[0] * more[3]
        lowest, i = more[3], more[2]
    return total, start, i


def _group(tokens: _Tokens, i: int, words: NumberWords, *, first: bool) -> tuple[Decimal, int, int, int] | None:
    """(value below a thousand or a figure, start, index after, magnitude)."""
    word, start = tokens.words[i], tokens.start(i)
    following = tokens.word(i + 1)
    if word[0].isdigit():
        close = tokens.follows(i + 1, _CLOSE)
        magnitude = words.magnitudes.get(following, 1) if close else 1
        if magnitude > 1 and _YEAR.fullmatch(word) and _IN_YEAR.search(tokens.text[:start]):
            magnitude = 1  # «في 2020 مليوناً ونصف المليون»
        if close and following in {"m", "k"} and tokens.end(i) == tokens.start(i + 1):
            magnitude = {"m": 1_000_000, "k": 1000}[following]
        value = digits_value(word, magnitude_follows=magnitude > 1)
        return value, start, i + (2 if magnitude > 1 else 1), magnitude
    bare = words.bare.get(word) if first else _conjoined(word, words)
    if bare is None:
        return None
    start += len(word) - len(bare)
    if bare in words.duals and bare not in words.magnitudes:
        return Decimal(2), start, i + 1, words.duals[bare] // 2
    if bare in words.magnitudes:
        construct = first and bare in words.dual_constructs and following[:1] not in {"", "و"}
        if construct and not is_stopword(following) and tokens.follows(i + 1):
            return Decimal(2), start, i + 1, words.magnitudes[bare]  # «مليونا دولار»; but «مليوناً ونصف», «مليوناً في»
        if bare in words.magnitudes_after_figure and not (following[:1] == "و" and following[1:] in words.fractions):
            return None
        return Decimal(1), start, i + 1, words.magnitudes[bare]
    if bare in words.fractions:
        unit = following.removeprefix("ال")
        return (words.fractions[bare], start, i + 2, words.magnitudes[unit]) if unit in words.magnitudes else None
    parsed = _below_thousand(tokens, i, bare, words)
    if parsed is None:
        return None
    value, i = Decimal(parsed[0]), parsed[1]
    if tokens.follows(i):
        unit = tokens.words[i]
        if value == 3 and unit == "ارباع":
            quarters_of = tokens.word(i + 1).removeprefix("ال")
            if quarters_of in words.magnitudes:
                return Decimal("0.75"), start, i + 2, words.magnitudes[quarters_of]
        if unit in words.magnitudes:
            return value, start, i + 1, words.magnitudes[unit]
    return value, start, i, 1


def _conjoined(word: str, words: NumberWords) -> str | None:
    """The number word behind «و»."""
    return word[1:] if word[0] == "و" and words.bare.get(word[1:]) == word[1:] else None


def _below_thousand(tokens: _Tokens, i: int, bare: str, words: NumberWords) -> tuple[int, int] | None:
    """The value of number words below a thousand and the index after them."""
    if bare in words.teens and tokens.follows(i + 1) and tokens.words[i + 1] in _TEN:
        return 10 + words.teens[bare], i + 2
    if bare not in words.cardinals and bare not in words.only_before_tens:
        return None
    value = words.cardinals.get(bare, 1)
    i += 1
    if value < 10 and tokens.follows(i) and tokens.words[i] in {"مئه", "مائه"}:
        value, i = value * 100, i + 1
    joined = False
    while tokens.follows(i) and tokens.words[i][0] == "و":
        rest = tokens.words[i][1:]
        part = words.cardinals.get(rest)
        if part is None:
            break
        if value < 10 <= part < 100 and part % 10 == 0 and part > 10:
            value += part
        elif value >= 100 and value % 100 == 0 and part < 100:
            if rest in words.teens and tokens.follows(i + 1) and tokens.words[i + 1] in _TEN:
                value, i, joined = value + 10 + words.teens[rest], i + 2, True
                break
            value += part
        elif value > 100 and 0 < value % 100 < 10 <= part and part % 10 == 0:
            value += part
        else:
            break
        i, joined = i + 1, True
    if bare in words.only_before_tens and not joined and not _PERCENT.match(tokens.text, tokens.end(i - 1)):
        return None
    return value, i


_TEN = frozenset({"عشر", "عشره"})


def _ordinal(words: list[str], i: int) -> tuple[int, int] | None:
    """(value, index after the last word) of an ordinal: «الخامسة», «الخامسة عشرة», «الرابعة والعشرون»."""
    value = number_words().ordinal_forms.get(words[i])
    if value is None:
        return None
    before = words[i - 1] if i else ""
    if before.endswith(("كانون", "تشرين", "ربيع", "جمادي", "كانوني", "تشريني")):
        return None
    following = words[i + 1] if i + 1 < len(words) else ""
    if value < 10 and following in _TEN:
        return value + 10, i + 2
    tens = number_words().cardinals.get(following[3:], 0) if following.startswith("وال") else 0
    if value < 10 and tens in range(20, 100, 10):
        return value + tens, i + 2
    return value, i + 1


@cache
def _qualifier_pattern() -> re.Pattern[str]:
    groups = [f"(?P<{kind}>{'|'.join(map(re.escape, found))})" for kind, found in number_words().qualifiers.items()]
    return re.compile(rf"(?<!\w)(?:و|ف)?(?:ب|ل|ك)?(?:{'|'.join(groups)})$")


@cache
def _qualifiers() -> tuple[str, ...]:
    return tuple(word for words in number_words().qualifiers.values() for word in words)


def _qualifier(before: str) -> str | None:
    before = before.removesuffix("ل").removesuffix("ب").rstrip()
    match = _qualifier_pattern().search(before) if before.endswith(_qualifiers()) else None
    return match.lastgroup if match else None


def _with_ranges(folded: Folded, found: list[Number]) -> list[Number]:
    """Two figures joined by «بين … و…», «من … إلى …» or a dash become one range."""
    result: list[Number] = []
    for number in found:
        if result and _joined(folded, result[-1], number):
            last = result[-1]
            low = last.value
            if low < 1000 <= number.value and re.search(r"[^\W\d_]{2}", number.text) and last.text.isdecimal():
                low *= next(Decimal(m) for m in (10**12, 10**9, 10**6, 10**3) if number.value >= m)
            result[-1] = last._replace(
                end=number.end,
                text=folded.original[last.start : number.end],
                kind="range" if number.kind == "cardinal" else "percent",
                value=low,
                upper=number.value,
            )
        else:
            result.append(number)
    return result


def _joined(folded: Folded, last: Number, number: Number) -> bool:
    """Whether two numbers that follow each other are the ends of one range."""
    if not (last.kind == number.kind in {"cardinal", "percent"} and last.value < number.value):
        return False
    between = folded.between(last.end, number.start)
    if not _RANGE.fullmatch(between):
        return False
    if all(1900 <= n.value <= 2100 and n.value == int(n.value) for n in (last, number)):
        return False
    scaled = re.search(r"[^\W\d_]", number.text) is not None
    if scaled and _YEAR.fullmatch(normalize(last.text)):
        return False  # «منذ 2014 إلى 590 مليون دولار»
    if between.strip() in _DASHES and number.value < 100 * last.value:
        return True
    shared = between.split() in (["الي"], ["to"]) and scaled and last.value < 1000  # «5 إلى 10 آلاف»
    return shared or _RANGE_BEFORE.search(folded.between(max(0, last.start - 20), last.start)) is not None
