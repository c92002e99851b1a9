"""Amounts as a reader says them: «18.17 مليون دولار أمريكي»."""

from decimal import Decimal
from functools import cache
from typing import Any, Literal

from arabic.cues import load_yaml

Language = Literal["ar", "en", "ckb"]


def say(value: Decimal, unit: str, language: Language) -> str:
    """`value` units of an ISO 4217 currency in words and Western digits, exact to the last digit."""
    return f"{number(value, language)} {currency(unit, language)}"


def currency(unit: str, language: Language) -> str:
    """The name of a currency, its ISO 4217 code where the table has none."""
    return str(_table()["currencies"].get(unit, {}).get(language, unit))


def number(value: Decimal, language: Language) -> str:
    """A number with its magnitude where that keeps it short: 3640000 → «3.64 مليون», 850000 → 850,000."""
    for row in _table()["magnitudes"]:
        scaled = value / row["value"]
        if scaled >= 1 and -scaled.normalize().as_tuple().exponent <= 4:
            few = language == "ar" and scaled == scaled.to_integral_value() and 3 <= scaled <= 10
            return f"{plain(scaled)} {row['plural'] if few else row[language]}"
    return plain(value)


def plain(value: Decimal) -> str:
    """Digits with thousands separators and without trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def _table() -> Any:
    return load_yaml("ledger", "money.yaml")
