"""Who pays a sum, by a sentence's own words about it."""

from datetime import date

import pytest

from ledger.extract import extract_facts
from ledger.payers import payer_classes
from tests.ledger.releases import release


@pytest.mark.parametrize(
    ("before", "after", "payers"),
    [
        ("وتتحمل الحكومة ", "", {"state"}),
        ("أما الدولة التونسية فترصد ", " من ميزانيتها", {"state"}),
        ("- الحكومة الموريتانية: ", "", {"state"}),
        ("، والخزينة العامة (", ")", {"state"}),
        ("- ", " من الحكومة الأردنية؛", {"state"}),
        ("ويضيف ديوان المحافظة من موازنته ", "", {"authority"}),
        ("وتدفع بلدية صفاقس ", "", {"authority"}),
        ("", " تتكفل بها البلديات", {"authority"}),
        ("، ومليوني دولار ", "", set()),
        ("- المستفيدون أنفسهم: ", "", {"community"}),
        ("ويقدم المزارعون من جيوبهم ", "", {"community"}),
        ("، و", " الأهالي الذين سيعملون بأيديهم", {"community"}),
    ],
)
def test_a_payer_is_the_subject_the_source_or_the_label(before: str, after: str, payers: set[str]) -> None:
    """Whoever pays stands with a verb of paying, after «من», or alone before the sum."""
    assert payer_classes(before, after) == payers


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("تدفع هولندا للحكومة ", ""),
        ("يذهب ", " إلى الحكومة"),
        ("", " من المبلغ إلى الحكومة"),
        ("خصص المشروع للمزارعين ", ""),
        ("وأعلنت الحكومة أن اليابان ستقدم ", ""),
        ("وسيموّل الصندوق ", " لأعمال تنفذها الحكومة"),
        ("قدمت الحكومة اليابانية ", ""),
        ("منحت دولة قطر ", ""),
        ("قدمت الولايات المتحدة ", ""),
        ("تعاونيات نسائية للتصنيع والتسويق: ", ""),
    ],
)
def test_who_receives_or_gives_aid_pays_no_share(before: str, after: str) -> None:
    """Receivers, speakers and donors' governments are no payers beside the donor."""
    assert payer_classes(before, after) == frozenset()


@pytest.mark.parametrize(
    ("sentences", "donors"),
    [
        (
            "قدم البنك الدولي 9 ملايين دولار لمدارس عدن، وتتحمل الحكومة مليون دولار، وأهالي المدينة 200 ألف دولار.",
            ["worldbank", "YE", None],
        ),
        (
            "تأتي 2.8 مليون دولار من السويد و1.5 مليون دولار من سويسرا، ويسدد أصحاب المعامل الباقي، وهو 700 ألف دولار.",
            ["SE", "CH", None],
        ),
        (
            "تدفع النرويج 3 ملايين دولار، ومليوني دولار الاتحاد الأوروبي، ومليون دولار السلطة المحلية.",
            ["NO", "EU", None],
        ),
        (
            "تقاسمت كندا والنرويج كلفة المرحلة: كندا 7 ملايين دولار أمريكي، والنرويج 4 ملايين دولار.",
            ["CA", "NO"],
        ),
        ("أضيف إلى ذلك 10 ملايين دولار أتاحتها سويسرا لليونيسف.", ["CH"]),
    ],
)
def test_each_sum_of_a_sentence_has_its_own_giver(sentences: str, donors: list[str | None]) -> None:
    """No giver leaks from one sum of a sentence to the next."""
    facts = extract_facts(release("a", f"مشروع في عدن\n\nعدن، 4 أيار 2022 – {sentences}\n", date(2022, 5, 4)))
    assert [f.donor for s in facts.statements for f in s.figures if f.kind == "amount"] == donors


def test_nobody_alone_gives_what_several_share() -> None:
    """The announced sum of a release that tells each giver's share belongs to none of them."""
    text = "مشروع في عدن\n\nعدن، 4 أيار 2022 – أطلقت اليونيسف مشروعاً بكلفة 5 ملايين دولار لمدارس عدن. وتأتي 3 ملايين دولار من السويد ومليونا دولار من سويسرا.\n"
    amounts = [f for s in extract_facts(release("a", text, date(2022, 5, 4))).statements for f in s.figures]
    assert [(int(f.value), f.donor) for f in amounts] == [(5_000_000, None), (3_000_000, "SE"), (2_000_000, "CH")]


def test_a_funder_told_after_the_news_did_not_give_all_of_it() -> None:
    """Those who gave single parts of what an appeal has received are not the giver of the whole."""
    text = "نداء لعدن\n\nعدن، 4 أيار 2022 – تلقت اليونيسف 38 مليون دولار من أصل نداء قيمته 100 مليون دولار. وكانت كندا أكبر المساهمين بعشرة ملايين دولار، تليها قطر بستة ملايين دولار.\n"
    amounts = [f for s in extract_facts(release("a", text, date(2022, 5, 4))).statements for f in s.figures]
    assert [(int(f.value) // 10**6, f.donor) for f in amounts] == [(38, None), (100, None), (10, "CA"), (6, "QA")]


def test_an_instalment_is_a_part_and_no_price() -> None:
    """«قدر الواحد منها» tells the size of an instalment."""
    text = "اتفاق لعدن\n\nعدن، 4 أيار 2022 – وقعت أستراليا واليونيسف اتفاقاً بمبلغ 40 مليون دولار أسترالي على أقساط سنوية قدر الواحد منها 10 ملايين دولار أسترالي.\n"
    amounts = [f for s in extract_facts(release("a", text, date(2022, 5, 4))).statements for f in s.figures]
    assert [f.role for f in amounts if f.kind == "amount"] == ["grant", "component"]


def test_what_follows_the_colon_of_shares_are_parts() -> None:
    """«وصارت الحصص كما يلي» makes parts of the sums after it."""
    text = "توزيع لعدن\n\nعدن، 4 أيار 2022 – قدمت السويد 5 ملايين دولار. وصارت الحصص كما يلي: اليونيسف 3 ملايين دولار، ومنظمة الصحة العالمية مليونا دولار.\n"
    amounts = [f for s in extract_facts(release("a", text, date(2022, 5, 4))).statements for f in s.figures]
    assert [(f.role, f.recipient) for f in amounts[1:]] == [("component", "unicef"), ("component", "who")]


def test_what_is_left_for_a_purpose_is_of_the_same_money() -> None:
    """«والباقي … للإدارة» shares out a grant, «والباقي من الحكومة» is another's."""
    text = (
        "السويد تدعم مربي الماشية\n\nالبصرة، 14 حزيران 2021 – تموّل السويد مشروعاً لليونيسف في البصرة بمنحة قدرها 42 مليون كرونة سويدية.\n\n"
        "وتتوزع المنحة على أبواب: 24 مليون كرونة للأعلاف، و14 مليوناً لمراكز الحليب، والباقي، وهو 4 ملايين، للإدارة.\n"
    )
    facts = extract_facts(release("a", text, date(2021, 6, 14)))
    assert {f.donor for s in facts.statements for f in s.figures if f.kind == "amount"} == {"SE"}


def test_a_ministry_pays_where_that_is_said_and_not_where_it_signs() -> None:
    """The verb of paying stands before it; a donor's ministry is the donor."""
    text = (
        "الكويت تبني مستشفى في البصرة\n\nالبصرة، 28 آذار 2022 – وقّع الصندوق الكويتي للتنمية الاقتصادية العربية ووزارة الصحة العراقية أمس اتفاقية يقدم الصندوق بموجبها 23.4 مليون دولار لمستشفى في البصرة.\n\n"
        "وتبلغ الكلفة الكاملة 31 مليون دولار، تتحمل وزارة الصحة منها 7.6 مليون دولار.\n"
    )
    facts = extract_facts(release("a", text, date(2022, 3, 28)))
    givers = {int(f.value): f.donor for s in facts.statements for f in s.figures if f.kind == "amount"}
    assert (givers[23_400_000], givers[7_600_000]) == ("kuwaitfund", "IQ")
