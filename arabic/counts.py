"""Counts: a number and the noun that it counts, in units that can be compared."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from arabic.cues import load_yaml
from arabic.normalize import Folded, fold, normalize
from arabic.numbers import Number, find_numbers

TIME_UNITS = frozenset({"months", "years", "weeks", "days", "hours"})


class Count(NamedTuple):
    """`value` (to `upper`) things of a `unit` of arabic/data/units.yaml, printed as `noun`; [start, end) holds both."""

    value: Decimal
    unit: str
    noun: str
    start: int
    end: int
    text: str
    upper: Decimal | None = None
    qualifier: str | None = None


_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[\s\u00a0]+(?:من\s+)?(?:ال)?|-")
_DUAL = re.compile(r"(?<!\w)(?:و|ب|ل|ف)?([^\W\d_]{3,})(?:ين|ان|ي)(?!\w)")
_MANY = 3
_DATED = re.compile(r"(?:عام|سنه|العام|في|منذ|حتي|بين|من|(?:19|20)\d\d\s*(?:و|-|–|الي|حتي))\s*$")


def find_counts(text: str) -> list[Count]:
    """Counts with a known noun within three words of the number; ordinals, years and shares are none."""
    return list(_find(text))


@lru_cache(maxsize=1024)
def _find(text: str) -> tuple[Count, ...]:
    folded = fold(text)
    found = []
    for number in find_numbers(text):
        if number.kind not in {"cardinal", "range"}:
            continue
        begin, end = folded.position(number.start), folded.position(number.end)
        noun = _noun_after(folded, end) or _noun_before(folded, begin)
        if noun and not (_is_year(number) and (noun[1] - end > 2 or _DATED.search(folded.text[:begin]))):
            unit, first, last = noun
            start, stop = folded.span(min(first, begin), max(last, end))
            printed = folded.span(first, last)
            found.append(
                Count(
                    number.value,
                    unit,
                    text[slice(*printed)],
                    start,
                    stop,
                    text[start:stop],
                    number.upper,
                    number.qualifier,
                )
            )
    taken = [(c.start, c.end) for c in found]
    dual = "ين" in folded.text and any(map(_has_dual, folded.words))
    for match in _DUAL.finditer(folded.text) if dual else ():
        whole = match.group().lstrip("وبلف") if match.group()[0] in "وبلف" else match.group()
        for word in (match.group(), whole):
            if word in _duals():
                start, stop = folded.span(match.end() - len(word), match.end())
                if not any(start < b and a < stop for a, b in taken):
                    found.append(Count(Decimal(2), _duals()[word], text[start:stop], start, stop, text[start:stop]))
                break
    return tuple(sorted(found, key=lambda c: c.start))


def _has_dual(word: str) -> bool:
    """Whether the word is a dual noun of the table, perhaps behind a proclitic."""
    return word.endswith("ين") and (word in _duals() or word.lstrip("وبلف") in _duals())


def _is_year(number: Number) -> bool:
    return number.text.isdecimal() and len(number.text) == 4 and 1900 <= number.value <= 2100


def _noun_after(folded: Folded, end: int) -> tuple[str, int, int] | None:
    """(unit, start, end in the folded text) of the counted noun after a number; adjectives may stand between."""
    position, words = end, []
    for _ in range(_MANY):
        gap = _GAP.match(folded.text, position)
        word = _WORD.match(folded.text, gap.end()) if gap else None
        if word is None:
            break
        words.append(word)
        position = word.end()
    for first, word in enumerate(words):
        here, start = word.group(), word.start()
        for last in reversed(words[first:]) if here in _unit_words() else ():
            unit = _units().get(" ".join(folded.text[start : last.end()].split()))
            if unit:
                return unit, start, last.end()
        if here in _STOPPERS or (here.startswith("ل") and len(here) > 3):  # «5 ملايين لتدريب اللجان»
            return None
    return None


_STOPPERS = frozenset(
    normalize(w)
    for w in [
        "منها",
        "منهم",
        "في",
        "من",
        "إلى",
        "على",
        "عن",
        "أو",
        "و",
        "مليون",
        "ألف",
        "دولار",
        "يورو",
        "بحلول",
        "خلال",
        "عام",
        "سنة",
        "كل",
        "قبل",
        "بعد",
        "حتى",
    ]
)
_BEFORE = re.compile(
    r"(?:عدد|عدد هم|بلغ عدد)\s+(?:ال)?([^\W\d_]+)(?:\s+[^\W\d_]+){0,3}?\s+(?:الي|نحو|حوالي|قرابه|بلغ|هو)?\s*$"
)


def _noun_before(folded: Folded, start: int) -> tuple[str, int, int] | None:
    """«عدد المستفيدين 500»."""
    match = _BEFORE.search(folded.text, max(0, start - 60), start)
    if match is None:
        return None
    unit = _units().get(match.group(1))
    return (unit, match.start(1), match.end(1)) if unit else None


@cache
def _units() -> Mapping[str, str]:
    table = load_yaml("arabic", "units.yaml")
    assert isinstance(table, dict)
    return {normalize(str(noun)): unit for unit, nouns in table.items() for noun in nouns}


@cache
def _unit_words() -> frozenset[str]:
    """The first words of the nouns."""
    return frozenset(noun.split()[0] for noun in _units())


@cache
def _duals() -> Mapping[str, str]:
    """The dual nouns of the table: things in -ين with their singular; of people that ending is a plural too."""
    duals = {}
    for noun, unit in _units().items():
        if noun.endswith("ين") and unit not in TIME_UNITS | {"people", "donors", "households"}:
            stem = noun[:-2]
            if any(_units().get(s) == unit for s in (stem, stem.removesuffix("ت") + "ه")):
                duals[noun] = unit
    return duals


def unit_of(noun: str) -> str | None:
    """The unit that a noun counts in, None for an unknown one."""
    folded = normalize(noun).strip()
    return _units().get(folded) or _units().get(folded.removeprefix("ال"))
