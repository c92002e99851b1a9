"""Title, date and publisher from what a release prints."""

from datetime import date

import pytest

from ingest.draft import Draft
from ingest.metadata import dateline, find_headline, find_title, masthead, stated_date
from ingest.readers import release_of
from ingest.readers.text import line_blocks
from ledger.release import Release

TITLE = "اليابان تدعم النازحين في اليمن بخمسة ملايين دولار"
LEAD = "أعلنت المنظمة اليوم أنها تلقت منحة جديدة لتوفير المأوى والمياه لنحو 45,000 نازح في مأرب وحضرموت وعدن."


def read(text: str) -> Release:
    return release_of(Draft(text, line_blocks(text)), "a.txt")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"صنعاء، 5 مارس 2021 – {LEAD}", date(2021, 3, 5)),
        (f"صنعاء - 5 مارس 2021 - {LEAD}", date(2021, 3, 5)),
        (f"صنعاء/عدن، اليمن، الجمعة 5 آذار/مارس 2021: {LEAD}", date(2021, 3, 5)),
        (f"عمّان (5 آذار 2021) – {LEAD}", date(2021, 3, 5)),
        (f"(بيروت، ٥ آذار ٢٠٢١) {LEAD}", date(2021, 3, 5)),
        (f"الخرطوم في 5 مارس 2021 – {LEAD}", date(2021, 3, 5)),
        (f"اجتمعت اللجنة في 5 مارس 2021 – {LEAD}", None),
        ("بغداد – 25 مارس 2020", date(2020, 3, 25)),
        ("29 تشرين الثاني 2021 · بيان صحفي", date(2021, 11, 29)),
        ("الخميس 8 تموز 2021 | 11:42 صباحاً | اقتصاد", date(2021, 7, 8)),
        ("التاريخ: 2021/03/05", date(2021, 3, 5)),
        ("**الرباط، 5 مارس 2021** – أعلنت", date(2021, 3, 5)),
        ("تونس، 5 جانفي 2021 – أعلنت", date(2021, 1, 5)),
        ("نواكشوط، 5 مارس 2021م – أعلنت", date(2021, 3, 5)),
        ("Sana'a, 5 March 2021 – Japan gave", date(2021, 3, 5)),
        ("في 5 مارس 2021، وقعت المنظمة اتفاقاً", None),
        ("وقعت المنظمة في 5 مارس 2021 اتفاقاً جديداً", None),
        ("ينتهي المشروع في 5 مارس 2023.", None),
        ("بغداد، آذار 2021 – أعلنت", None),
        ("يستمر المشروع من 1 تموز 2021 إلى 30 حزيران 2023.", None),
        (LEAD, None),
    ],
)
def test_only_a_dateline_gives_a_date(line: str, expected: date | None) -> None:
    """A date counts at the head of a line, alone or after a place, never inside a sentence or without its day."""
    assert dateline(line) == expected


def test_dates_of_later_paragraphs_are_not_the_releases() -> None:
    """A release that states no date has none, whatever its sentences say."""
    text = (
        f"{TITLE}\n\nصنعاء – {LEAD}\n\nوفي 5 حزيران 2019 وقع الطرفان اتفاقاً.\n\n"
        + f"{LEAD}\n\n" * 8
        + "عدن، 7 مارس 2018 – ختام."
    )
    assert read(text).date is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2021-03-05", date(2021, 3, 5)), ("2021-03-05T23:30:00Z", date(2021, 3, 5)), ("5 آذار 2021", date(2021, 3, 5)),
     ("05/03/2021", date(2021, 3, 5)), ("2021-02-31", None), ("2021", None), ("قريباً", None)],
)  # fmt: skip
def test_stated_dates_are_whole_or_nothing(value: str, expected: date | None) -> None:
    """A field gives a full date or none."""
    assert stated_date(value) == expected


@pytest.mark.parametrize(
    "above",
    [
        "",
        "بيان صحفي\n",
        "بيان صحفي – للنشر الفوري\n\n",
        "بيان صحفي رقم 12\n",
        "PRESS RELEASE\n\n",
        "برنامج الأغذية العالمي – اليمن\n\nبيان صحفي\n",
        "5 مارس 2021\n",
        "صنعاء، 5 مارس 2021\n\n",
        "بيان صحفي | صنعاء | 5 مارس 2021\n",
        "-----\n",
    ],
)
def test_the_headline_is_the_first_line_that_says_something(above: str) -> None:
    """Kickers, mastheads, rules and datelines above the headline are passed over."""
    text = f"{above}{TITLE}\n\n{LEAD}\n"
    release = read(text)
    assert release.title == TITLE
    assert release.headline is not None
    assert text[release.headline.start : release.headline.end] == TITLE
    assert [text[s.start : s.end] for s in release.body] == [LEAD]
    if "5 مارس" in above:
        assert release.date == date(2021, 3, 5)


def test_a_release_without_headline_is_named_by_its_first_sentence() -> None:
    """The first paragraph is not taken out of the body to serve as a title."""
    text = f"صنعاء – {LEAD} {LEAD}"
    draft = Draft(text, line_blocks(text))
    assert find_headline(draft) is None
    title = find_title(draft, None)
    assert text.startswith(title.removesuffix("…"))
    assert len(title) <= 121


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("للتواصل: وحدة الإعلام في المنظمة الدولية للهجرة – اليمن\nهاتف: +967 1 000 000", "المنظمة الدولية للهجرة – اليمن"),
        ("المفوضية السامية للأمم المتحدة لشؤون اللاجئين – الأردن\nقسم العلاقات الخارجية: a@unhcr.example",
         "المفوضية السامية للأمم المتحدة لشؤون اللاجئين – الأردن"),
        ("لمزيد من المعلومات: media.so@unicef.example.org", "اليونيسف – الصومال"),
        ("للإعلام: برنامج الأغذية العالمي، الخرطوم – a@b.example", "برنامج الأغذية العالمي – السودان"),
        ("للصحافة: press@unknown.example", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_contact_block_names_the_publisher(contact: str, expected: str | None) -> None:
    """The agency and country are those that the contact block prints, or that its addresses stand for."""
    assert read(f"{TITLE}\n\n{LEAD}\n\n{contact}\n").publisher == expected


def test_a_masthead_is_nothing_but_a_name() -> None:
    """A line that says more than who is speaking is no masthead."""
    assert masthead("اليونيسف – اليمن") == "اليونيسف – اليمن"
    assert masthead("اليونيسف") == "اليونيسف"
    assert masthead("اليونيسف تطلق حملة") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("بورتسودان – 14 شعبان 1445هـ الموافق 24 فبراير 2024م", date(2024, 2, 24)),
        ("الرياض، 24 فبراير 2024م الموافق 14 شعبان 1445هـ – وقّع المركز اتفاقية", date(2024, 2, 24)),
        ("جدة 3 ربيع الآخر 1445 هـ، 18 أكتوبر 2023م (واس)", date(2023, 10, 18)),
        ("الكويت – 18 تشرين الأول 2023 (3 ربيع الآخر 1445) – قدمت الجمعية", date(2023, 10, 18)),
        ("بورتسودان – 14 شعبان 1445هـ", None),
    ],
)
def test_the_hijri_date_beside_the_date_does_not_hide_it(line: str, expected: date | None) -> None:
    """Gulf agencies print both; the Hijri date alone gives no day."""
    assert dateline(line) == expected
