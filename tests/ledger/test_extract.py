"""From sentences, items and tables to figures with their roles and parties."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.extract import extract_facts
from ledger.facts import Figure
from tests.ledger.releases import release

_TABLE = """فنلندا تدعم مدارس مأرب

مأرب، 4 أيار 2022 – قدمت فنلندا لليونيسف في اليمن 6 ملايين دولار أمريكي لترميم مدارس مأرب.

السنة | القيمة (مليون دولار) | عدد المدارس | عدد الطلاب | الطالبات منهم
2020 | 1.5 | 12 | 3400 | 1600
2021 | 2 | 15 | 5100 | 2500
2022 | 2.5 | 20 | 6000 | 3100
المجموع | 6 | 47 | 14500 | 7200
"""


def _figures(text: str, day: date | None = date(2022, 5, 4)) -> list[Figure]:
    facts = extract_facts(release("a", text, day))
    return [f for s in facts.statements for f in s.figures]


def _amounts(sentence: str, title: str = "عنوان") -> list[tuple[int, str, str]]:
    found = _figures(f"{title}\n\nعدن، 4 أيار 2022 – {sentence}\n")
    return [(int(f.value), f.unit, f.role) for f in found if f.kind == "amount"]


def test_a_row_s_numbers_are_what_their_column_says() -> None:
    """A magnitude and a currency in the heading, a year in the first cell; each number once, to the letter."""
    figures = _figures(_TABLE)
    rows = [(f.years, f.value, f.unit) for f in figures if f.years]
    for year, million, schools, pupils, girls in (
        (2020, Decimal("1.5"), 12, 3400, 1600),
        (2021, Decimal(2), 15, 5100, 2500),
        (2022, Decimal("2.5"), 20, 6000, 3100),
    ):
        assert [(v, u) for y, v, u in rows if y == (year,)] == [
            (million * 1_000_000, "USD"), (schools, "schools"), (pupils, "people"), (girls, "people"),
        ]  # fmt: skip
    assert {_TABLE[f.start : f.end] for f in figures if f.unit == "USD" and f.years} == {"1.5", "2", "2.5"}


def test_the_total_row_is_no_further_year() -> None:
    """It has the sum of the rows, belongs to no year, and is not the announced sum a second time."""
    figures = [f for f in _figures(_TABLE) if f.unit == "USD" and f.value == 6_000_000]
    assert [(f.role, f.main, f.years) for f in figures] == [("grant", True, ()), ("grant", False, ())]


def test_rows_that_share_out_a_grant_are_its_components() -> None:
    """Rows without a year are parts of what was announced above them."""
    text = """فنلندا تدعم مدارس مأرب

مأرب، 4 أيار 2022 – قدمت فنلندا لليونيسف في اليمن 3 ملايين دولار أمريكي لترميم مدارس مأرب.

البند | المبلغ (دولار أمريكي)
الترميم | 1,800,000
التدريب | 1,200,000
"""
    parts = [(int(f.value), f.role) for f in _figures(text) if f.kind == "amount" and not f.main]
    assert parts == [(1_800_000, "component"), (1_200_000, "component")]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("قدمت فنلندا لليونيسف في اليمن مليونا دولار أمريكي للمدارس.", [(2_000_000, "USD", "grant")]),
        ("قدمت فنلندا لليونيسف في اليمن مليوني يورو للمدارس.", [(2_000_000, "EUR", "grant")]),
        (
            "قدمت الدنمارك لليونيسف في اليمن 26 مليون كرونة دنماركية، منها 15 مليوناً للبذور و11 مليوناً للتدريب.",
            [(26_000_000, "DKK", "grant"), (15_000_000, "DKK", "component"), (11_000_000, "DKK", "component")],
        ),
        (
            "قدمت النرويج لليونيسف في اليمن 30 مليون كرونة نرويجية. وكلفت المرحلة الأولى 9 ملايين كرونة.",
            [(30_000_000, "NOK", "grant"), (9_000_000, "NOK", "grant")],
        ),
        (
            "قدمت أيرلندا لبرنامج الأغذية العالمي في اليمن 7 ملايين يورو في أسوأ موسم منذ نصف قرن.",
            [(7_000_000, "EUR", "grant")],
        ),
        (
            "قدمت أيرلندا لليونيسف في اليمن 7 ملايين يورو. ووصل مجموع دعمها منذ 2014 إلى 590 مليون يورو.",
            [(7_000_000, "EUR", "grant"), (590_000_000, "EUR", "cumulative")],
        ),
        (
            "قدمت فنلندا للمفوضية في اليمن 3 ملايين يورو. ولم يمول النداء البالغ 131 مليون دولار أمريكي إلا بنسبة 40 في المئة.",
            [(3_000_000, "EUR", "grant"), (131_000_000, "USD", "need")],
        ),
        (
            "وقّعت سويسرا مع الأونروا في الأردن ثلاث منح مجموعها 34.5 مليون فرنك سويسري للمدارس.",
            [(34_500_000, "CHF", "grant")],
        ),
        (
            "قدمت سويسرا للأونروا في الأردن 4 ملايين فرنك سويسري. وتنال كل أسرة 75 فرنكاً سويسرياً في الشهر.",
            [(4_000_000, "CHF", "grant"), (75, "CHF", "subgrant")],
        ),
        (
            "قدمت اليابان لليونيسف في اليمن 400 مليون ين ياباني، أي ما يعادل 3 ملايين دولار أمريكي.",
            [(400_000_000, "JPY", "grant"), (3_000_000, "USD", "equivalent")],
        ),
    ],
)  # fmt: skip
def test_an_amount_has_its_value_and_its_role(sentence: str, found: list[tuple[int, str, str]]) -> None:
    """Dual numbers, amounts that break off, bare currencies, records, running totals, needs, several grants, prices."""
    assert _amounts(sentence) == found


def test_a_bare_currency_of_two_is_neither() -> None:
    """Where a release names Danish and Swedish crowns in full, a bare «كرونة» is not guessed to be the Danish."""
    found = _amounts(
        "قدمت الدنمارك لليونيسف في اليمن 26 مليون كرونة دنماركية والسويد 30 مليون كرونة سويدية. وكلفت المدرسة 9 ملايين كرونة."
    )
    assert [unit for _, unit, _ in found] == ["DKK", "SEK", "SEK"]


def test_a_giver_after_the_sum_gives_it() -> None:
    """«2.6 مليون يورو من …» belongs to the name after it, the sum before it to the name before."""
    figures = _figures(
        "عيادات\n\nبنغازي، 4 أيار 2022 – تلقت منظمة الصحة العالمية في ليبيا 9.8 مليون يورو من النمسا و2.6 مليون يورو من الاتحاد الأوروبي."
    )
    assert [(f.value, f.donor, f.recipient) for f in figures] == [
        (Decimal("9800000"), "AT", "who"), (Decimal("2600000"), "EU", "who"),
    ]  # fmt: skip


def test_only_one_sum_is_the_news() -> None:
    """An earlier grant that is told first is not the announced one."""
    figures = _figures(
        "عيادات\n\nبنغازي، 4 أيار 2022 – وكانت النمسا قد منحت منظمة الصحة العالمية في ليبيا 5 ملايين يورو في 2019. وقدمت النمسا اليوم للمنظمة 8 ملايين يورو."
    )
    assert [int(f.value) for f in figures if f.main] == [8_000_000]


def test_a_sum_too_small_to_be_true_stays_a_grant() -> None:
    """«23.9 دولار» for a national programme is kept as printed, so that an answer can say that it looks misprinted."""
    (figure,) = _figures("صحة\n\nبلغت منحة اليابان للبرنامج الوطني للقاح في اليمن 23.9 دولار أمريكي.")
    assert (figure.value, figure.role) == (Decimal("23.9"), "grant")


def test_the_heading_of_a_column_is_no_sum() -> None:
    """«القيمة (مليون دولار)» states no million."""
    assert Decimal(1_000_000) not in [f.value for f in _figures(_TABLE)]


def test_money_of_its_own_currency_is_the_giver_s() -> None:
    """Danish kroner are Denmark's, wherever Sweden stands in the sentence."""
    figures = _figures(
        "عنوان\n\nعدن، 4 أيار 2022 – انضمت الدنمارك إلى السويد في تمويل مدارس تعز، فقدمت 15 مليون كرونة دنماركية، وأضافت السويد 12 مليون كرونة سويدية.\n"
    )
    assert [(f.unit, f.donor) for f in figures if f.kind == "amount"] == [("DKK", "DK"), ("SEK", "SE")]


def test_the_body_after_a_sum_receives_it() -> None:
    """«2.9 مليون لليونيسف و1.8 مليون لمنظمة الصحة العالمية»."""
    figures = _figures(
        "عنوان\n\nعدن، 4 أيار 2022 – قدمت كندا 4.7 مليون دولار لحملة في تعز، منها 2.9 مليون لليونيسف و1.8 مليون لمنظمة الصحة العالمية.\n"
    )
    assert [f.recipient for f in figures if f.kind == "amount"][1:] == ["unicef", "who"]


def test_a_sum_without_its_currency_is_of_the_sum_before_it() -> None:
    """«يدفع منها 610 آلاف نقداً», «640 ألفاً من تبرعات …» go on in dollars and count nothing else."""
    assert [(v, u) for v, u, _ in _amounts("تبلغ كلفة الحملة 730 ألف دولار، تدفع كندا منها 610 آلاف نقداً.")] == [
        (730_000, "USD"), (610_000, "USD"),
    ]  # fmt: skip
    assert [(v, u) for v, u, _ in _amounts("قيمة الحملة مليون و50 ألف دولار: 640 ألفاً من تبرعات الأهالي و410 آلاف من كندا.")] == [
        (1_050_000, "USD"), (640_000, "USD"), (410_000, "USD"),
    ]  # fmt: skip


def test_a_name_with_a_sum_in_words_is_an_item() -> None:
    """«قطر الخيرية: مليونا دولار» is a part of what the lead announced, of that giver."""
    text = "كندا تدعم شتاء لبنان\n\nبيروت، 4 أيار 2022 – قدم مانحون 8 ملايين دولار للشتاء في لبنان.\n\nكندا: 6 ملايين دولار\n\nقطر الخيرية: مليونا دولار\n"
    last = _figures(text)[-1]
    assert (int(last.value), last.role, last.donor) == (2_000_000, "component", "qcharity")


def test_the_day_of_a_month_without_its_year_counts_nothing() -> None:
    """«في 12 سبتمبر»."""
    assert not [f for f in _figures("عنوان\n\nعدن، 4 أيار 2022 – زارت البعثة المخيم في 12 سبتمبر.\n") if f.value == 12]


def test_a_table_s_headings_tell_planned_from_reached() -> None:
    """Where columns say «المستهدف» and «المتحقق», the row says what is counted."""
    text = "كندا تدعم مأرب\n\nمأرب، 4 أيار 2022 – قدمت كندا 3 ملايين دولار.\n\nالمؤشر | المستهدف | المتحقق\nأسر تسلمت خياماً | 550 | 612\n"
    rows = [(int(f.value), f.unit, f.role) for f in _figures(text) if f.kind == "count"]
    assert rows == [(550, "households", "target"), (612, "households", "outcome")]


def test_a_great_sum_beside_wages_is_no_wage() -> None:
    """«بما فيها أجور النقل 41 مليون ريال» is what the airlift cost."""
    assert "subgrant" not in {
        role for _, _, role in _amounts("بلغت كلفة الجسر الجوي بما فيها أجور النقل 41 مليون ريال سعودي.")
    }
    assert [r for _, _, r in _amounts("ويتقاضى العامل أجراً قدره 300 دولار في الشهر.")] == ["subgrant"]


def test_a_sentence_says_the_same_wherever_it_stands() -> None:
    """Its figures have the span at which it stands, the first time and again."""
    sentence = "وساعد المشروع 4,500 نازح و300 أسرة في تعز."
    text = f"عنوان\n\n{sentence}\n\nوقال المدير إن العمل مستمر.\n\n{sentence}\n"
    found = [(text[f.start : f.end], f.value, f.unit) for f in _figures(text)]
    assert found == 2 * [("4,500 نازح", Decimal(4500), "people"), ("300 أسرة", Decimal(300), "households")]


@pytest.mark.parametrize(("place", "currency"), [("بغداد", "IQD"), ("عمّان", "JOD"), ("تونس العاصمة", "TND")])
def test_a_bare_currency_is_that_of_the_release_s_country(place: str, currency: str) -> None:
    """The same sentence counts other dinars in another country's release."""
    text = f"عنوان\n\nافتتح الوزير مركزاً في {place}.\n\nوبلغت الكلفة 30 مليون دينار.\n"
    assert [f.unit for f in _figures(text) if f.kind == "amount"] == [currency]


@pytest.mark.parametrize(("day", "point"), [(date(2022, 5, 4), (2022, 4, 0)), (date(2021, 1, 9), (2020, 12, 0))])
def test_last_month_is_reckoned_from_the_release_s_date(day: date, point: tuple[int, int, int]) -> None:
    """The same words mean another month in a release of another date."""
    facts = extract_facts(release("a", "عنوان\n\nوتسلمت البلدية المضخات الشهر الماضي.\n", day))
    assert [t.first for s in facts.statements for t in s.times] == [point]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("رفعت كندا منحتها لليونيسف في اليمن من 4 ملايين إلى 6 ملايين دولار أمريكي.", [(6_000_000, "USD", "grant")]),
        ("قررت كندا زيادة دعمها لليونيسف في اليمن من 4 ملايين دولار إلى 6 ملايين دولار.", [(4_000_000, "USD", "background"), (6_000_000, "USD", "grant")]),
        ("ستغطي كندا 40 في المئة من كلفة مشروع لليونيسف في اليمن قدرها 5 ملايين دولار، أي مليوني دولار.", [(5_000_000, "USD", "package"), (2_000_000, "USD", "grant")]),
    ],
)  # fmt: skip
def test_what_a_sum_has_become_is_the_news(sentence: str, found: list[tuple[int, str, str]]) -> None:
    """Not the sum that it was, no range between the two; not the whole of which the giver bears a share."""
    text = f"خبر\n\n{sentence}"
    amounts = [f for f in _figures(text) if f.kind == "amount"]
    assert [(int(f.value), f.unit, f.role) for f in amounts] == found
    assert [f.main for f in amounts] == [*([False] * (len(amounts) - 1)), True]


def test_a_fund_that_gives_does_not_receive() -> None:
    """Named before the sum, it is its giver; the agency after it receives."""
    (figure,) = _figures("خبر\n\nخصص الصندوق المركزي لمواجهة الطوارئ 3 ملايين دولار لليونيسف في اليمن.")
    assert (figure.donor, figure.recipient) == ("cerf", "unicef")


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("وماذا تحقق حتى الآن؟\n- 500 شخص في تعز؛\n- 19 بئراً في إب.", ["outcome", "outcome"]),
        ("ويعتزم المشروع ما يأتي:\n- 500 شخص في تعز؛\n- 19 بئراً في إب.", ["target", "target"]),
        ("وفي نهاية العام كان 500 مريض قد عولجوا.", ["outcome"]),
        ("وحُفرت 52 بئراً من أصل 60 كان يُراد حفرها.", ["outcome", "target"]),
    ],
)
def test_a_count_is_planned_or_reached_as_what_stands_above_or_after_it_says(text: str, roles: list[str]) -> None:
    """The line that announces a list, and the verb after a count."""
    counts = _figures(f"خبر\n\nقدمت كندا لليونيسف دعماً في اليمن.\n\n{text}")
    assert [f.role for f in counts if f.kind == "count"] == roles


def test_a_column_s_heading_says_what_is_planned() -> None:
    """«الهدف بحلول نهاية 2023» dates its counts too."""
    text = """أدوية

قدمت كندا لليونيسف مليون دولار في اليمن.

المنحة | القيمة (مليون دولار) | الهدف بحلول نهاية 2023
الملاريا | 0.6 | علاج 14,300 مريض
السل | 0.4 | علاج 900 مريض
"""
    counts = [(int(f.value), f.role, f.years) for f in _figures(text) if f.kind == "count"]
    assert counts == [(14_300, "target", (2023,)), (900, "target", (2023,))]
