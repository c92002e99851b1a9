"""Amounts as they are said."""

from decimal import Decimal

import pytest

from ledger.money import say


@pytest.mark.parametrize(
    ("value", "unit", "language", "said"),
    [
        ("18170000", "USD", "ar", "18.17 مليون دولار أمريكي"),
        ("4000000", "EUR", "ar", "4 ملايين يورو"),
        ("11000000", "CAD", "ar", "11 مليون دولار كندي"),
        ("850000", "USD", "ar", "850,000 دولار أمريكي"),
        ("1234567", "USD", "ar", "1,234,567 دولار أمريكي"),
        ("2500000000", "JPY", "en", "2.5 billion yen"),
        ("450000", "XYZ", "en", "450,000 XYZ"),
    ],
)
def test_an_amount_is_short_and_exact(value: str, unit: str, language: str, said: str) -> None:
    """Magnitudes shorten, and never round."""
    assert say(Decimal(value), unit, language) == said  # type: ignore[arg-type]
