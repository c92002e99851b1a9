"""Numbers in Arabic, English and Sorani text: figures in all digits and separators, words, magnitudes, shares, ranges."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from arabic.normalize import Folded, fold, normalize
from arabic.number_words import NumberWords, number_words
from arabic.stopwords import is_stopword

NumberKind = Literal["cardinal", "ordinal", "percent", "range"]


@dataclass(frozen=True, slots=True)
class Number:
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


_TOKEN = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?![\d.,،٬٫])|\d+(?:[.,،٬٫]\d+|ر\d{1,2}(?!\w))*|[^\W\d_]+")
_MASKED = re.compile(
    r"\S+@\S+|https?://\S+|www\.\S+|\+\d[\d\s()-]{6,}\d|(?<!\d)0\d{2,4}[\s-]\d{3}[\s-]?\d{3,4}|[^\W\d_]+[-‑]\d+(?!\d*[-–]\d)"
)
_MASKABLE = re.compile(r"@|://|www\.|\+\d|[-‑]|(?<!\d)0\d\d")
"""What nothing can be masked without."""
_PERCENT = re.compile(r"\s*(?:[%٪]|(?:في|ب)\s?(?:ال)?(?:مئه|مائه|ميه)(?!\w)|per\s?cent(?!\w))")
_GAP = re.compile(r"[ \u00a0\n]{1,2}")
_GROUPED = re.compile(r"\d{1,3}(?:[,،٬]\d{3})+(?:[.٫]\d+)?")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_RANGE = re.compile(r"\s*[-–—]\s*|\s+(?:و|الي|حتي|and|to)\s*")
_RANGE_BEFORE = re.compile(r"(?:بين|من|between|from)\s+$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_IN_YEAR = re.compile(r"(?:^|\s)(?:و|ف)?(?:في|عام|العام|سنه|السنه|لعام|منذ)\s+$")
_CLITICS = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فب")


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    digits: bool


_SORANI_THREE = re.compile(r"(?<!\w)سێ(?!\w)")
"""Three; folded it would be «سی», thirty."""


def find_numbers(text: str) -> list[Number]:
    """Every number of the text, in order, not overlapping. Ordinals are found in words («السادسة», "sixth") only."""
    return list(_find(text))


@lru_cache(maxsize=1024)
def _find(text: str) -> tuple[Number, ...]:
    folded = fold(_SORANI_THREE.sub(" 3", text))
    masked = folded.text
    if _MASKABLE.search(masked):
        masked = _MASKED.sub(lambda m: " " * len(m.group()), masked)
    if not any(word[0].isdigit() or _is_numeral(word) for word in _TOKEN.findall(masked)):
        return ()
    tokens = [_Token(m.group(), m.start(), m.end(), m.group()[0].isdigit()) for m in _TOKEN.finditer(masked)]
    found: list[Number] = []
    i = 0
    while i < len(tokens):
        if not (tokens[i].digits or _is_numeral(tokens[i].text)):
            i += 1
            continue
        parsed = _cardinal(masked, tokens, i)
        if parsed is not None:
            value, start, after = parsed
            found.append(_number(folded, masked, value, start, tokens[after - 1].end))
            i = after
            continue
        ordinal = _ordinal(tokens, i)
        if ordinal is not None:
            first, last = folded.span(tokens[i].start, tokens[i].end)
            found.append(Number(Decimal(ordinal), first, last, text[first:last], "ordinal"))
        i += 1
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
        _qualifier(masked[:start]),
    )


def digits_value(token: str, *, magnitude_follows: bool = False) -> Decimal:
    """The value of a figure in Western digits: 2,424 · 450،000 · 1.600 · 3,63 · 3٫64 · 2ر3.

    Groups of three after a comma are thousands; three digits after a single full stop are thousands unless a magnitude
    word follows (1.140 مليون) or the figure starts with zero.
    """
    token = token.replace(" ", "")
    if _GROUPED.fullmatch(token) and not (magnitude_follows and token.count(",") + token.count("،") == 1):
        return Decimal(re.sub("[,،٬]", "", token).replace("٫", "."))
    if _DOTTED.fullmatch(token) and not (magnitude_follows and token.count(".") == 1):
        return Decimal(token.replace(".", ""))
    plain = re.sub("[,،٬٫ر]", ".", token)
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    return Decimal(plain)


def _cardinal(text: str, tokens: list[_Token], i: int) -> tuple[Decimal, int, int] | None:
    """(value, start, index after the last token) of the number that starts at token i."""
    words = number_words()
    group = _group(text, tokens, i, words, first=True)
    if group is None:
        return None
    value, start, i, magnitude = group
    total = value * magnitude
    lowest = magnitude
    while i < len(tokens) and _GAP.fullmatch(text[tokens[i - 1].end : tokens[i].start]):
        word = tokens[i].text
        if lowest > 1 and word[0] == "و" and word[1:] in words.fractions:
            total += words.fractions[word[1:]] * lowest
            i += 1
            if i < len(tokens) and tokens[i].text.startswith("ال") and tokens[i].text[2:] in words.magnitudes:
                i += 1
            break
        if word == "و" and i + 1 < len(tokens) and tokens[i + 1].digits and lowest > 1:
            more = _group(text, tokens, i + 1, words, first=False)
        elif word[0] == "و" and not tokens[i].digits:
            more = _group(text, tokens, i, words, first=False)
        else:
            break
        if more is None or more[3] >= lowest or more[0] * more[3] >= lowest:
            break
        if lowest == 1 or (more[3] == 1 and more[0] < 13 and lowest >= 1000):
            break
        total += more[0] * more[3]
        lowest, i = more[3], more[2]
    return total, start, i


def _group(
    text: str, tokens: list[_Token], i: int, words: NumberWords, *, first: bool
) -> tuple[Decimal, int, int, int] | None:
    """(value below a thousand or a figure, start, index after, magnitude)."""
    token = tokens[i]
    if token.digits:
        following = tokens[i + 1].text if i + 1 < len(tokens) else ""
        close = i + 1 < len(tokens) and re.fullmatch(r"[ \u00a0\n-]{0,2}", text[token.end : tokens[i + 1].start])
        magnitude = words.magnitudes.get(following, 1) if close else 1
        if magnitude > 1 and _YEAR.fullmatch(token.text) and _IN_YEAR.search(text[: token.start]):
            magnitude = 1  # «في 2020 مليوناً ونصف المليون»
        if close and following in {"m", "k"} and not text[token.end : tokens[i + 1].start]:
            magnitude = {"m": 1_000_000, "k": 1000}[following]
        value = digits_value(token.text, magnitude_follows=magnitude > 1)
        return value, token.start, i + (2 if magnitude > 1 else 1), magnitude
    bare, start = _bare(token, conjunction=not first)
    if bare is None:
        return None
    if bare in words.duals and bare not in words.magnitudes:
        return Decimal(2), start, i + 1, words.duals[bare] // 2
    if bare in words.magnitudes:
        following = tokens[i + 1].text if i + 1 < len(tokens) else ""
        construct = first and bare in words.dual_constructs and following[:1] not in {"", "و"}
        if construct and not is_stopword(following) and _GAP.fullmatch(text[token.end : tokens[i + 1].start]):
            return Decimal(2), start, i + 1, words.magnitudes[bare]  # «مليونا دولار»; but «مليوناً ونصف», «مليوناً في»
        if bare in words.magnitudes_after_figure and not (following[:1] == "و" and following[1:] in words.fractions):
            return None
        return Decimal(1), start, i + 1, words.magnitudes[bare]
    if bare in words.fractions:
        if i + 1 < len(tokens) and (unit := tokens[i + 1].text.removeprefix("ال")) in words.magnitudes:
            return words.fractions[bare], start, i + 2, words.magnitudes[unit]
        return None
    parsed = _below_thousand(text, tokens, i, bare, words)
    if parsed is None:
        return None
    below, i = parsed
    value = Decimal(below)
    if i < len(tokens) and _GAP.fullmatch(text[tokens[i - 1].end : tokens[i].start]):
        unit = tokens[i].text
        if value == 3 and unit == "ارباع" and i + 1 < len(tokens):
            unit = tokens[i + 1].text.removeprefix("ال")
            if unit in words.magnitudes:
                return Decimal("0.75"), start, i + 2, words.magnitudes[unit]
        if unit in words.magnitudes:
            return Decimal(value), start, i + 1, words.magnitudes[unit]
    return Decimal(value), start, i, 1


def _bare(token: _Token, *, conjunction: bool) -> tuple[str | None, int]:
    """The number word without proclitics, and where it starts."""
    bare, cut = _without_clitic(token.text, conjunction)
    return bare, token.start + cut


@lru_cache(maxsize=65536)
def _without_clitic(text: str, conjunction: bool) -> tuple[str | None, int]:
    words = number_words()
    for clitic in ("و",) if conjunction else _CLITICS:
        rest = text[len(clitic) :]
        if text.startswith(clitic) and (
            rest in words.cardinals
            or rest in words.teens
            or rest in words.magnitudes
            or rest in words.duals
            or rest in words.fractions
        ):
            return rest, len(clitic)
    return None, 0


@lru_cache(maxsize=65536)
def _is_numeral(word: str) -> bool:
    """Whether a number may begin with the word, or the word is an ordinal."""
    return _without_clitic(word, False)[0] is not None or _ordinal_word(word) is not None


def _below_thousand(text: str, tokens: list[_Token], i: int, bare: str, words: NumberWords) -> tuple[int, int] | None:
    """The value of number words below a thousand and the index after them."""

    def gap(j: int) -> bool:
        return j < len(tokens) and _GAP.fullmatch(text[tokens[j - 1].end : tokens[j].start]) is not None

    if bare in words.teens and gap(i + 1) and tokens[i + 1].text in {"عشر", "عشره"}:
        return 10 + words.teens[bare], i + 2
    if bare not in words.cardinals and bare not in words.only_before_tens:
        return None
    value = words.cardinals.get(bare, 1)
    i += 1
    if value < 10 and gap(i) and tokens[i].text in {"مئه", "مائه"}:
        value, i = value * 100, i + 1
    joined = False
    while gap(i) and tokens[i].text[0] == "و" and (part := words.cardinals.get(tokens[i].text[1:])) is not None:
        rest = tokens[i].text[1:]
        if value < 10 <= part < 100 and part % 10 == 0 and part > 10:
            value += part
        elif value >= 100 and value % 100 == 0 and part < 100:
            if rest in words.teens and gap(i + 1) and tokens[i + 1].text in {"عشر", "عشره"}:
                value, i, joined = value + 10 + words.teens[rest], i + 2, True
                break
            value += part
        elif value > 100 and 0 < value % 100 < 10 <= part and part % 10 == 0:
            value += part
        else:
            break
        i, joined = i + 1, True
    if bare in words.only_before_tens and not joined and not _PERCENT.match(text, tokens[i - 1].end):
        return None
    return value, i


def _ordinal(tokens: list[_Token], i: int) -> int | None:
    value = _ordinal_word(tokens[i].text)
    if value is None:
        return None
    before = tokens[i - 1].text if i else ""
    if before.endswith(("كانون", "تشرين", "ربيع", "جمادي", "كانوني", "تشريني")):
        return None
    teen = i + 1 < len(tokens) and tokens[i + 1].text in {"عشر", "عشره"}
    return value + 10 if teen and value < 10 else value


@lru_cache(maxsize=65536)
def _ordinal_word(text: str) -> int | None:
    words = number_words()
    for prefix in ("", "ال", "وال", "بال", "لل", "فال", "كال"):
        rest = text[len(prefix) :]
        if text.startswith(prefix) and rest in words.ordinals:
            return words.ordinals[rest]
    return None


@cache
def _qualifier_pattern() -> re.Pattern[str]:
    groups = [f"(?P<{kind}>{'|'.join(map(re.escape, found))})" for kind, found in number_words().qualifiers.items()]
    return re.compile(rf"(?<!\w)(?:و|ف)?(?:ب|ل|ك)?(?:{'|'.join(groups)})\s*$")


def _qualifier(before: str) -> str | None:
    match = _qualifier_pattern().search(before[-40:].removesuffix("ل").removesuffix("ب"))
    return match.lastgroup if match else None


def _with_ranges(folded: Folded, found: list[Number]) -> list[Number]:
    """Two figures joined by «بين … و…», «من … إلى …» or a dash become one range."""
    result: list[Number] = []
    for number in found:
        last = result[-1] if result else None
        if last and last.kind == number.kind in {"cardinal", "percent"} and last.value < number.value:
            between = normalize(folded.original[last.end : number.start])
            dash = re.fullmatch(r"\s*[-–—]\s*", between)
            before = normalize(folded.original[max(0, last.start - 20) : last.start])
            scaled = re.search(r"[^\W\d_]", number.text) is not None
            shared = between.split() in (["الي"], ["to"]) and scaled and last.value < 1000  # «5 إلى 10 آلاف»
            worded = _RANGE.fullmatch(between) and (shared or _RANGE_BEFORE.search(before))
            after_year = scaled and _YEAR.fullmatch(normalize(last.text))  # «منذ 2014 إلى 590 مليون دولار»
            years = all(1900 <= n.value <= 2100 and n.value == int(n.value) for n in (last, number))
            if (worded or (dash and number.value < 100 * last.value)) and not years and not after_year:
                kind: NumberKind = "range" if number.kind == "cardinal" else "percent"
                low = last.value
                if low < 1000 <= number.value and re.search(r"[^\W\d_]{2}", number.text) and last.text.isdecimal():
                    low *= next(Decimal(m) for m in (10**12, 10**9, 10**6, 10**3) if number.value >= m)
                result[-1] = replace(
                    last,
                    end=number.end,
                    text=folded.original[last.start : number.end],
                    kind=kind,
                    value=low,
                    upper=number.value,
                )
                continue
        result.append(number)
    return result
