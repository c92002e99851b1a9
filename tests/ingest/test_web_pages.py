"""Saved pages in the structure of a UN site, an agency's site and a newspaper's: only the announcement is the release."""

from pathlib import Path

import pytest

from ingest.readers import read_file
from ledger.extract import extract_facts
from ledger.rows import rows_of

_PAGES = Path(__file__).parent / "pages"

_STATED = {
    "un.html": ["4.2 مليون دولار أمريكي", "تسع عيادات", "18 شهراً", "36,000 امرأة", "120 قابلة", "تشرين الثاني 2024", "القابلة إلى باب"],
    "agency.html": ["9,750,000 دولار", "14 بئراً", "6 محطات ضخ", "210,000 فرد", "سنتان"],
    "news.html": ["ثلاثة ملايين يورو", "22 مخبزاً", "45 ألف شخص", "حزيران 2025", "160 عاملاً", "1,400 طن"],
}  # fmt: skip
_AROUND = {
    "un.html": ["3 ملايين شخص", "25 دولار", "610 ملايين", "77 مليون", "15 مليون", "8.5 مليون", "12 مليون", "2.4 مليون", "130 مليون", "50 دولار", "910", "تعريف الارتباط", "فيسبوك"],
    "agency.html": ["6,148,220,000", "92", "450,000", "20 مليون", "5.1 مليون", "88 مدرسة", "300 ريال", "6 مليارات", "ملفات الارتباط", "واتساب", "الطائرة"],
    "news.html": ["812", "84 دولار", "90 مليار", "11 مليون", "700 ألف", "50 ألف دينار", "250 دولار", "9 آلاف", "خمسة ملايين", "6 ملايين", "مليوني يورو", "5 دولارات", "بياناتك"],
}  # fmt: skip


@pytest.mark.parametrize("name", _STATED)
def test_the_announcement_is_whole(name: str) -> None:
    """Every sentence of it may be quoted."""
    release = read_file(_PAGES / name)
    body = " ".join(release.text[span.start : span.end] for span in release.body)
    assert [words for words in _STATED[name] if words not in body] == []


@pytest.mark.parametrize("name", _AROUND)
def test_what_stands_around_it_is_never_in_the_body(name: str) -> None:
    """Menus, consent banners, tickers, calls for donations, comments, related news with amounts of their own."""
    release = read_file(_PAGES / name)
    body = " ".join(release.text[span.start : span.end] for span in release.body)
    assert [words for words in _AROUND[name] if words in body] == []


@pytest.mark.parametrize(
    ("name", "amounts"),
    [("un.html", {4_200_000}), ("agency.html", {9_750_000}), ("news.html", {3_000_000})],
)
def test_the_ledger_holds_the_amounts_of_the_announcement_alone(name: str, amounts: set[int]) -> None:
    """No sum of another release is a fact of this one."""
    release = read_file(_PAGES / name)
    rows = list(rows_of(release, extract_facts(release)))
    assert {int(row.value) for row in rows if row.kind == "funding" and row.value is not None} == amounts


@pytest.mark.parametrize(
    ("name", "day"), [("un.html", "2023-05-14"), ("agency.html", "2022-09-01"), ("news.html", "2024-02-20")]
)
def test_the_day_is_the_announcement_s(name: str, day: str) -> None:
    """As the page states it."""
    assert str(read_file(_PAGES / name).date) == day
