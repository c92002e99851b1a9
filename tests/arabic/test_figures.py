"""Numbers, amounts, counts, dates and periods in the forms in which releases and people write them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arabic.amounts import find_amounts
from arabic.counts import find_counts
from arabic.dates import find_dates
from arabic.numbers import find_numbers
from arabic.periods import find_periods


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("٣٫٦٤ مليون", "3640000"), ("3,63 مليون", "3630000"), ("2ر3 مليون", "2300000"), ("450،000", "450000"),
        ("2,424", "2424"), ("500.000", "500000"), ("٤٥٠٬٠٠٠", "450000"), ("1 250 000", "1250000"), ("٨,٥٠٠", "8500"),
        ("ستة ملايين ونصف المليون", "6500000"), ("ستة ملايين ونصف", "6500000"), ("مليونين", "2000000"),
        ("ربع مليون", "250000"), ("نصف مليار", "500000000"), ("مليون وربع", "1250000"), ("ثلاثة أرباع المليون", "750000"),
        ("مليونين وثلاثمئة ألف", "2300000"), ("خمسة وثلاثين ألفاً", "35000"), ("ثمانمئة وخمسين", "850"), ("مئتي ألف", "200000"),
        ("اثني عشر", "12"), ("أحد عشر ألف", "11000"), ("واحد وعشرين", "21"), ("مليون و850 ألف", "1850000"),
        ("ثمانية آلاف وخمسمئة", "8500"), ("ألف ومئتي", "1200"), ("تلات ملايين", "3000000"), ("ميتين الف", "200000"),
        ("خمسطعش", "15"), ("خمستعش مليون", "15000000"), ("تلتمية ألف", "300000"), ("سبعمية وخمستاشر", "715"), ("3 تلاف", "3000"), ("3.5 million", "3500000"), ("1.2 مليار", "1200000000"),
    ],
)  # fmt: skip
def test_a_number_is_read_in_every_form(text: str, value: str) -> None:
    """Digits of all families, separators of all habits, words, halves and quarters, dialect."""
    assert find_numbers(text)[0].value == Decimal(value)


def test_a_number_is_found_before_an_address() -> None:
    """Also where the space between them is missing, as messengers send it."""
    assert [n.text for n in find_numbers("المدارس ثلاثةhttps://example.org/5")] == ["ثلاثة"]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("بين 5,000 و40,000", 5000, 40000), ("بَيْنَ 5,000 و40,000", 5000, 40000), ("ما بين 230 و380 ديناراً", 230, 380),
        ("من 5 إلى 7", 5, 7), ("5-7", 5, 7), ("تتراوح بين خمسة آلاف وأربعين ألف دولار", 5000, 40000), ("5 إلى 10 آلاف", 5000, 10000),
    ],
)  # fmt: skip
def test_a_range_has_both_ends(text: str, low: int, high: int) -> None:
    """With and without diacritics around it; a shared magnitude counts for both ends."""
    found = next(n for n in find_numbers(text) if n.upper is not None)
    assert (found.value, found.upper) == (low, high)


@pytest.mark.parametrize(
    ("text", "value"),
    [("ليصل المجموع منذ 2014 إلى 590 مليون دولار", "590000000"), ("رفع ما قدمه منذ ٢٠١٥ إلى ٦٤ مليون يورو", "64000000"),
     ("من الآن وحتى آذار 2021 إلى 24 مليون دولار", "24000000")],
)  # fmt: skip
def test_a_year_begins_no_range_of_money(text: str, value: str) -> None:
    """«منذ 2014 إلى 590 مليون دولار» is a sum after a year, not a sum of 2,014 dollars and more."""
    assert [(a.value, a.upper) for a in find_amounts(text)] == [(Decimal(value), None)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("12٪", "12"), ("12 في المئة", "12"), ("12 بالمائة", "12"), ("واحد في المئة", "1"), ("خمسة وعشرين بالمئة", "25"), ("0.6 في المئة", "0.6")],
)  # fmt: skip
def test_a_share_is_no_count(text: str, value: str) -> None:
    """Signs and words of per cent."""
    found = find_numbers(text)[0]
    assert (found.kind, found.value) == ("percent", Decimal(value))


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("3.63 مليون دولار أمريكي", "3630000", "USD"), ("EUR 35 million", "35000000", "EUR"), ("$5.5 million", "5500000", "USD"),
        ("3 مليارات دينار عراقي", "3000000000", "IQD"), ("45 مليون كرونة سويدية", "45000000", "SEK"),
        ("5.5 مليون دولار كندي", "5500000", "CAD"), ("بـ19.5 مليون دولار", "19500000", "USD"), ("مليوني دولار", "2000000", "USD"),
        ("مليون و٨٥٠ ألف ريال عماني", "1850000", "OMR"), ("بأربعة ملايين ونصف المليون فرنك", "4500000", "CHF"),
        ("200 مليون ين", "200000000", "JPY"), ("500 ألف جنيه إسترليني", "500000", "GBP"),
        ("خصصت في 2020 مليوناً ونصف المليون دولار أسترالي", "1500000", "AUD"),
    ],
)  # fmt: skip
def test_an_amount_has_its_currency(text: str, value: str, currency: str) -> None:
    """Before or after the figure, as sign, code or word; a year before it is none of its digits."""
    found = find_amounts(text)[0]
    assert (found.value, found.currency) == (Decimal(value), currency)


@pytest.mark.parametrize(
    "text", ["هاتف 07701234567", "القرار 2254", "المادة 14", "الساعة 10:30", "في 5 آذار 2021", "+964 770 123 4567"]
)
def test_what_counts_nothing_is_no_count(text: str) -> None:
    """Telephones, resolutions, articles, hours and dates."""
    assert find_counts(text) == []
    assert find_amounts(text) == []


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("5 آذار 2021", (2021, 3, 5)), ("2020/3/5", (2020, 3, 5)), ("5-3-2020", (2020, 3, 5)), ("17 أيار/مايو 2022", (2022, 5, 17)),
        ("12 جويلية 2022", (2022, 7, 12)), ("3 دجنبر 2019", (2019, 12, 3)), ("22 شتنبر 2023", (2023, 9, 22)),
        ("ئاداری ٢٠٢٣", (2023, 3, None)), ("March 2020", (2020, 3, None)), ("في شهر خمسة 2023", (2023, 5, None)),
        ("بشهر 5 2023", (2023, 5, None)), ("مطلع 2021", (2021, None, None)), ("11 مارس 2019 م", (2019, 3, 11)),
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_calendar_s_months(text: str, date: tuple[int, int | None, int | None]) -> None:
    """Levantine, Gulf, Maghrebi, Sorani and English names, figures, and months by their number."""
    found = find_dates(text)[0]
    assert (found.year, found.month, found.day) == date


@pytest.mark.parametrize(
    ("text", "kind", "months"),
    [
        ("من كانون الثاني 2020 إلى كانون الأول 2021", "range", 24), ("بين 2017 و2021", "range", None),
        ("للفترة 2020-2021", "range", None), ("حتى نهاية 2022", "end", None), ("منذ 2014", "since", None),
        ("لمدة 18 شهراً", "duration", 18), ("سنتين ونصف", "duration", 30), ("ستة وثلاثون شهراً", "duration", 36),
        ("for 24 months", "duration", 24), ("وتُقفل في أغسطس 2027", "end", None), ("تنقضي في كانون الثاني 2024", "end", None),
        ("من أول تموز 2023 إلى آخر كانون الأول 2026", "range", 41), ("سارياً إلى كانون الأول 2024", "end", None), ("قبل نهاية يناير 2023", "end", None), ("يبدأ في أيلول 2024", "start", None),
    ],
)  # fmt: skip
def test_a_period_is_told_by_its_words(text: str, kind: str, months: int | None) -> None:
    """Ranges, durations, beginnings and ends."""
    found = find_periods(text)[0]
    assert (found.kind, found.months) == (kind, months)


_WESTERN_TO_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(st.integers(min_value=1, max_value=999_999_999))
def test_the_digits_family_changes_no_value(value: int) -> None:
    """Western, Arabic-Indic, with and without separators of thousands."""
    for printed in (str(value), f"{value:,}", str(value).translate(_WESTERN_TO_ARABIC), f"{value:,}".replace(",", "٬")):
        assert find_numbers(f"بلغ {printed} نازح")[0].value == value


@settings(deadline=None)
@given(
    st.text(
        alphabet="0123456789٠١٢٫٬,.،ر %٪-–/و ألف مليون نصف دولار شهر عام 2020 بين إلى ثلاثة\u064b\u0640", max_size=80
    )
)
def test_spans_are_the_printed_words(text: str) -> None:
    """Whatever the text, each finding stands in it where it says."""
    for find in (find_numbers, find_amounts, find_counts, find_dates, find_periods):
        for found in find(text):
            assert 0 <= found.start < found.end <= len(text)
            assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("بين الخامسة عشرة والرابعة والعشرين من العمر", [("الخامسة عشرة", 15), ("والرابعة والعشرين", 24)]),
        ("الطائرة الثالثة عشرة والأخيرة", [("الثالثة عشرة", 13)]),
        ("المرحلة الثانية والمدارس", [("الثانية", 2)]),
    ],
)
def test_an_ordinal_of_two_words_is_one_number(text: str, expected: list[tuple[str, int]]) -> None:
    """The «عشرة» of «الخامسة عشرة» counts no ten people."""
    assert [(n.text, int(n.value)) for n in find_numbers(text)] == expected
    assert {n.kind for n in find_numbers(text)} == {"ordinal"}
