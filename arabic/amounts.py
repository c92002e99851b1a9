"""Amounts of money: a number with its currency, in every order in which releases print them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from arabic.cues import load_yaml
from arabic.normalize import fold, normalize
from arabic.numbers import find_numbers


class Amount(NamedTuple):
    """Money as printed at [start, end): `value` units of an ISO 4217 `currency`; a range has its high end as `upper`."""

    value: Decimal
    currency: str
    start: int
    end: int
    text: str
    upper: Decimal | None = None
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class _Currencies:
    noun: re.Pattern[str]
    sign: re.Pattern[str]
    sign_after: re.Pattern[str]
    nouns: frozenset[str]
    """The first words of the nouns, with and without article."""
    sign_letters: re.Pattern[str]
    by_noun: Mapping[str, tuple[str, ...]]
    by_name: Mapping[tuple[str, str], str]
    by_sign: Mapping[str, str]
    by_country: Mapping[str, tuple[str, ...]]


def find_amounts(text: str, *, country: str | None = None) -> list[Amount]:
    """Every amount with a currency beside it.

    A bare «دينار», «ريال» or «ليرة» is the currency of `country` (ISO 3166 alpha-2) if that country's money has that
    name, else the first one of the table.
    """
    return list(_find(text, country))


def find_currencies(text: str) -> list[str]:
    """The ISO 4217 codes of the currencies that a text names, with or without a number, in order."""
    return list(_named(normalize(text)))


@lru_cache(maxsize=4096)
def _named(folded: str) -> tuple[str, ...]:
    table = _currencies()
    return tuple(dict.fromkeys(_code(table, match, None) for match in table.noun.finditer(folded)))


@lru_cache(maxsize=1024)
def _find(text: str, country: str | None) -> tuple[Amount, ...]:
    numbers = [number for number in find_numbers(text) if number.kind in {"cardinal", "range"}]
    table = _currencies()
    folded = fold(text)
    if not numbers or (table.nouns.isdisjoint(folded.words) and not table.sign_letters.search(folded.text)):
        return ()
    found: list[Amount] = []
    for number in numbers:
        start = folded.position(number.start)
        end = folded.position(number.end)
        while end > start and folded.text[end - 1].isspace():
            end -= 1
        after = table.noun.match(folded.text, end) or table.sign_after.match(folded.text, end)
        before = table.sign.search(folded.text[max(0, start - 8) : start])
        begin = number.start
        if after:
            code = table.by_sign[after.group("sign")] if "sign" in after.groupdict() else _code(table, after, country)
            _, last = folded.span(start, after.end())
        elif before:
            code, last = table.by_sign[before.group("sign")], number.end
            begin, _ = folded.span(start - len(before.group()), start)
        else:
            continue
        found.append(Amount(number.value, code, begin, last, text[begin:last], number.upper, number.qualifier))
    return tuple(found)


def _code(table: _Currencies, match: re.Match[str], country: str | None) -> str:
    noun, of = match.group("noun"), match.group("of")
    if of:
        for (known, name), code in table.by_name.items():
            if known == noun and of.removeprefix("ال").startswith(name):
                return code
    codes = table.by_noun[noun]
    local = [c for c in table.by_country.get(country or "", ()) if c in codes]
    return (local or list(codes))[0]


@cache
def _currencies() -> _Currencies:
    rows = load_yaml("arabic", "currencies.yaml")
    assert isinstance(rows, list)
    by_noun: dict[str, tuple[str, ...]] = {}
    by_name: dict[tuple[str, str], str] = {}
    by_sign: dict[str, str] = {}
    by_country: dict[str, tuple[str, ...]] = {}
    for row in rows:
        for noun in map(normalize, row["noun"]):
            by_noun[noun] = (*by_noun.get(noun, ()), row["code"])
            for name in map(normalize, row["of"]):
                by_name[noun, name] = row["code"]
        for sign in row["signs"]:
            by_sign[normalize(sign)] = row["code"]
        if "country" in row:
            by_country[row["country"]] = (*by_country.get(row["country"], ()), row["code"])
    nouns = "|".join(sorted(map(re.escape, by_noun), key=len, reverse=True))
    names = "|".join(sorted({re.escape(n) for _, n in by_name}, key=len, reverse=True))
    signs = "|".join(sorted(map(re.escape, by_sign), key=len, reverse=True))
    gap = r"[\s\u00a0]{1,3}"
    noun = rf"(?:(?:{gap}|(?<=\w)-)?)(?:من{gap})?(?<!\w)(?:us{gap}|ال)?(?P<noun>{nouns})(?!\w)(?:{gap}(?P<of>(?:ال)?(?:{names})\w{{0,2}})(?!\w))?"
    return _Currencies(
        re.compile(noun),
        re.compile(rf"(?P<sign>{signs})\s?$"),
        re.compile(rf"\s?(?P<sign>{signs})(?!\w)"),
        frozenset(article + noun.split()[0] for noun in by_noun for article in ("", "ال")),
        re.compile(f"[{re.escape(''.join(by_sign))}]"),
        by_noun,
        by_name,
        by_sign,
        by_country,
    )
