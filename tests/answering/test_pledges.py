"""What was paid out of a pledge, what was reached of a plan, and whose part of a sentence answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.corpus import Corpus
from tests.answering.house import ask, build

_RELEASES = {
    "pledges.txt": """تعهدات كثيرة لزلزال اللاذقية وصرف بطيء

اللاذقية، 6 آب 2023 – بعد ستة أشهر على الزلزال لم يصل إلى محافظة اللاذقية إلا جزء من تعهدات المانحين.

ومن المتعهدين النمسا بتسعة ملايين يورو صُرف منها 4.2 مليون، والبحرين بعشرين مليون دولار لبناء مساكن مؤقتة لم يصل منها غير سبعة ملايين.
""",
    "wells.txt": """كير تصلح آبار الحسكة

الحسكة، 4 أيلول 2023 – قالت منظمة كير إنها أصلحت 21 بئراً من أصل 30 في ريف الحسكة، وإن الماء وصل إلى 64 ألف شخص. ونزل ثمن المتر المكعب من الماء من 8,000 إلى 3,500 ليرة سورية.

حصيلة المشروع حتى نهاية آب 2023:
- 2,150 أسرة تسلمت خزانات، والمستهدف 3,400 أسرة.
""",
    "fishers.txt": """مؤسسة زايد والهلال الأحمر الإماراتي يدعمان صيادي عدن

عدن، 12 أيار 2024 – بدأت هيئة الهلال الأحمر الإماراتي ومؤسسة زايد للأعمال الخيرية مشروعاً لدعم الصيادين في عدن، بتكلفة 12.4 مليون درهم، تدفع الهيئة منها 7.4 مليون درهم والمؤسسة خمسة ملايين درهم.
""",
    "herds.txt": """الدنمارك تزيد تمويل برنامج المواشي في الديوانية

الديوانية، 20 آب 2025 – زادت الدنمارك والسويد تمويلهما لبرنامج منظمة الأغذية والزراعة في الديوانية في العراق.

وتُصرف المساهمة الدنماركية كلها على تأمين المواشي، بينما تذهب الزيادة السويدية إلى محطات تقيس ملوحة الماء.

ويستمر البرنامج من أول تموز 2025 إلى آخر كانون الأول 2027.

وكانت الدنمارك أكبر المانحين بخمسة ملايين دولار.
""",
    "clinics.txt": """الهلال الأحمر السوداني يخدم القادمين من دارفور

أبشي، 30 حزيران 2024 – قدّم الهلال الأحمر السوداني خدمات صحية للقادمين من دارفور. وبلغت كلفة هذه الخدمات 90 مليون جنيه سوداني: 30 مليوناً من تبرعات الأهالي، و35 مليوناً من المفوضية السامية للأمم المتحدة لشؤون اللاجئين، و25 مليوناً من الصليب الأحمر النرويجي.
""",
    "graduates.txt": """خريجو التدريب المهني في سرت

سرت، 2 كانون الأول 2022 – خرّج برنامج الأمم المتحدة الإنمائي 240 شاباً وشابة في سرت في ليبيا، بتمويل إيطالي قدره 1.9 مليون يورو.

وارتفعت الحصيلة هذا العام: تدرب 1,900 شخص، وتخرج منهم بعد الزيادة الأخيرة 210 أشخاص.

ومن الدفعة الأولى وجد 118 خريجاً عملاً، ونال 46 منهم منحاً صغيرة.
""",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    opened = build(Path(tmp_path_factory.mktemp("pledges")), _RELEASES)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("history", "question", "told", "untold"),
    [
        ((), "كم وصل فعلاً مما تعهدت به البحرين للمساكن في اللاذقية؟", "سبعة ملايين", "عشرين"),
        (("بكم تعهدت النمسا للاذقية بعد الزلزال؟",), "وكم صُرف منه؟", "4.2", "سبعة"),
    ],
)
def test_what_was_paid_out_is_not_what_was_pledged(
    corpus: Corpus, history: tuple[str, ...], question: str, told: str, untold: str
) -> None:
    """Of a pledge the sum that was paid, and no other donor's."""
    answer = ask(corpus, question, *history)
    assert told in answer.text
    assert untold not in answer.text


@pytest.mark.parametrize("question", ["كم بئراً أصلحت كير في الحسكة؟", "كير الحسكه كم بير صلحت"])
def test_a_part_is_told_before_its_whole(corpus: Corpus, question: str) -> None:
    """«21 بئراً من أصل 30» answers 21; where the thirty are told, the part is told with them."""
    assert "21" in ask(corpus, question).text


def test_reached_and_target_are_told_together(corpus: Corpus) -> None:
    """A comparison with the target tells both, what was reached first."""
    answer = ask(corpus, "قارن عدد الأسر التي تسلمت خزانات في مشروع كير في الحسكة بالعدد المستهدف.")
    assert answer.text.index("2,150") < answer.text.index("3,400")


def test_a_payer_named_in_short_is_known(corpus: Corpus) -> None:
    """«والمؤسسة خمسة ملايين» is the share of the foundation that the release names."""
    text = ask(corpus, "كم تدفع مؤسسة زايد للأعمال الخيرية في مشروع دعم الصيادين في عدن؟").text
    assert "خمسة ملايين" in text
    assert "12.4" not in text


def test_the_half_of_a_sentence_that_is_another_donor_s_is_left_out(corpus: Corpus) -> None:
    """«…، بينما تذهب الزيادة السويدية إلى …» is no use of the Danish money."""
    text = ask(corpus, "على ماذا تُصرف المساهمة الدنماركية في برنامج الديوانية؟").text
    assert "تأمين المواشي" in text
    assert "ملوحة" not in text


def test_the_greatest_donor_is_news(corpus: Corpus) -> None:
    """«وكانت الدنمارك أكبر المانحين» tells nothing of an earlier grant."""
    assert "خمسة ملايين" in ask(corpus, "كم قدمت الدنمارك لبرنامج المواشي في الديوانية؟").text


def test_a_period_ends_at_the_last_of_a_month(corpus: Corpus) -> None:
    """«إلى آخر كانون الأول 2027» is the end of the period that began in July."""
    assert "كانون الأول 2027" in ask(corpus, "متى ينتهي برنامج المواشي في الديوانية؟").text


def test_people_who_did_something_are_counted_without_a_noun(corpus: Corpus) -> None:
    """«كم وجد عملاً وكم نال منحة؟» counts graduates, not euros."""
    text = ask(corpus, "خريجو سرت، الدفعة الأولى: كم وجد عملاً وكم نال منحة؟").text
    assert "118" in text
    assert "1.9" not in text


def test_names_typed_in_small_letters_are_known(corpus: Corpus) -> None:
    """On a phone nobody writes capitals: «undp» and «libya» name what UNDP and Libya name."""
    assert "1.9" in ask(corpus, "how much did italy give undp for sirte libya").text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("كم دفع الصليب الأحمر النرويجي من كلفة خدمات الهلال الأحمر السوداني للقادمين من دارفور؟", "25"),
        ("بكم ساهمت مفوضية اللاجئين في كلفة خدمات الهلال الأحمر السوداني للقادمين من دارفور؟", "35"),
    ],
)
def test_sums_that_come_from_bodies_are_theirs(corpus: Corpus, question: str, told: str) -> None:
    """«و25 مليوناً من الصليب الأحمر النرويجي» is money in the currency before it, an agency's too."""
    text = ask(corpus, question).text
    assert told in text
    assert "90" not in text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("من كم إلى كم نزل ثمن المتر المكعب من الماء في ريف الحسكة؟", ("8,000", "3,500")),
        ("From how much to how much did the price of a cubic metre of water fall in Hasakah?", ("8,000", "3,500")),
    ],
)
def test_a_change_is_told_from_its_beginning_to_its_end(corpus: Corpus, question: str, told: tuple[str, ...]) -> None:
    """«من كم إلى كم» wants both figures."""
    assert all(figure in ask(corpus, question).text for figure in told)


def test_what_nobody_says_was_paid_out_is_refused(corpus: Corpus) -> None:
    """A grant that was given is no answer to how much of it has arrived."""
    assert ask(corpus, "كم وصل من المنحة الإيطالية لبرنامج الأمم المتحدة الإنمائي في سرت؟").refused


def test_two_figures_of_one_sentence_are_no_change(corpus: Corpus) -> None:
    """«من كم إلى كم» is not answered with two counts that stand beside each other."""
    assert "1,900" not in ask(corpus, "من كم إلى كم ارتفع عدد النازحين في سرت؟").text
    assert "210" not in ask(corpus, "من كم إلى كم رفع الصندوق المركزي مخصصه؟").text
