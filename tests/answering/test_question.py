"""What a question asks for, whom and when it names."""

import pytest

from answering.question import understand
from answering.wanted import Wanted, wanted


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("كم قدمت كندا لليونيسف في اليمن؟", "amount"),
        ("شكد انطت كندا لليونيسف باليمن؟", "amount"),
        ("How much did Canada give to UNICEF in Yemen?", "amount"),
        ("کەنەدا چەند ملیۆن دۆلاری بۆ یونیسێف تەرخان کرد؟", "amount"),
        ("الكويت الأردن ٢٠٢٠ كم مليون", "amount"),
        ("منحة اليابان لليونيسف 2021", "amount"),
        ("كم مدرسة رمم المشروع؟", "count"),
        ("كم من المتدربين وجد عملاً؟", "count"),
        ("How many teachers were trained?", "count"),
        ("ما نسبة النساء بين المستفيدين؟", "percent"),
        ("متى ينتهي المشروع؟", "time"),
        ("كم شهراً يستمر المشروع؟", "time"),
        ("وين راح تتنفذ الفعاليات؟", "place"),
        ("من ينفذ المشروع؟", "actor"),
        ("أي وزارة تشرف على العمل؟", "actor"),
        ("إلى ماذا يهدف المشروع؟", "statement"),
    ],
)
def test_the_question_word_decides_the_kind_of_fact(text: str, kind: str) -> None:
    """The interrogative at the head decides, in standard, dialect, English and Sorani, and without one at all."""
    assert wanted(understand(text))[0].kind == kind


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("كم بئراً وكم مدرسة بنى المشروع؟", ["wells", "schools"]),
        ("كم مدرسة ومركزاً صحياً ستؤهل المنحة؟", ["schools", "health_centres"]),
        ("كم شخصاً استفاد؟", ["people"]),
    ],
)
def test_each_thing_counted_is_wanted_by_itself(text: str, units: list[str]) -> None:
    """«كم بئراً وكم مدرسة» asks two things."""
    assert [w.unit for w in wanted(understand(text))] == units


@pytest.mark.parametrize(
    "text", ["كم قدمت كندا؟", "كم بلغت المساهمة الكندية؟", "كم كلف بناء المستشفى؟", "كم وصل الاتحاد الدولي من ندائه؟"]
)
def test_a_verb_after_how_much_is_not_counted(text: str) -> None:
    """«كم قدمت» asks for money, not for a number of «قدمت»."""
    assert not understand(text).counted


def test_the_currency_names_no_donor() -> None:
    """The American of «دولار أمريكي» and the Swiss of «فرنك سويسري» give nothing."""
    assert understand("كم دولاراً أمريكياً قدمت كندا؟").givers == ("CA",)
    assert understand("How many Swiss francs did Norway give?").givers == ("NO",)


def test_a_month_names_no_town() -> None:
    """«في آب» is August, not the town of Ibb."""
    assert understand("كم قدمت كندا في آب 2021؟").places == ()


def test_the_states_of_the_united_states_ask_for_no_place() -> None:
    """«الولايات المتحدة» is a donor."""
    question = understand("ما مجموع ما قدمته الولايات المتحدة لليونيسف؟")
    assert question.givers == ("US",)
    assert wanted(question) == [Wanted("amount", "amount")]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("كم مليون دولار قدمت كندا؟", ()),
        ("وبكم مليون ساهمت كندا؟", ()),
        ("کەنەدا چەند ملیۆن دۆلاری بەخشی؟", ()),
        ("How many million did Canada give?", ()),
        ("فيم صرفت 5 ملايين دولار؟", (5_000_000,)),
    ],
)
def test_a_magnitude_after_how_many_is_no_figure(text: str, given: tuple[int, ...]) -> None:
    """«كم مليون» states no million; a figure with its magnitude does."""
    assert understand(text).given == given


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("The project will wrap up when?", "end"),
        ("When does the project finish?", "end"),
        ("المنحة دي هتخلص امتى؟", "end"),
        ("قۆناغی دووەم کەی دەستی پێکرد؟", "start"),
    ],
)
def test_when_something_ends_asks_for_no_other_date(text: str, sort: str) -> None:
    """A verb that ends or starts says which of the dates is meant."""
    assert wanted(understand(text)) == [Wanted("time", sort)]


def test_more_than_somebody_compares() -> None:
    """«أكثر من فرنسا» compares two givers, «أكثر من 500» none."""
    assert "compare" in understand("هل أعطت ألمانيا أكثر من فرنسا؟").asks
    assert "compare" not in understand("هل أعطت ألمانيا أكثر من 500 ألف يورو؟").asks


def test_what_something_is_for_asks_for_its_purpose() -> None:
    """The question's last word decides, not the grant that it begins with."""
    assert wanted(understand("What is the Japanese grant earmarked for?")) == [Wanted("statement", "goal")]


@pytest.mark.parametrize("text", ["كم سلة توزعت في حلب؟", "چەند تۆن ئارد دابەش کرا؟", "أين توزعت العيادات؟"])
def test_a_count_or_a_place_asks_for_no_shares(text: str) -> None:
    """«توزعت» splits a sum only where a sum is asked for."""
    assert "parts" not in understand(text).asks


def test_the_plural_of_to_be_is_no_currency() -> None:
    """Sorani «بوون» holds no Korean won."""
    assert understand("ئەنجامەکانی پڕۆژەکە چی بوون؟").currencies == ()


def test_diacritics_and_misspellings_change_nothing() -> None:
    """A question with all its vowels asks what the bare one asks."""
    bare, vowelled = understand("كم بلغت مساهمة كندا في آب 2021؟"), understand("كَمْ بَلَغَتْ مُسَاهَمَةُ كَنَدَا فِي آبَ ٢٠٢١؟")
    assert (bare.givers, bare.times, bare.leads) == (vowelled.givers, vowelled.times, vowelled.leads)


@pytest.mark.parametrize("text", ["", "؟", "هلا", "🙂", "a" * 5000, "كم " * 300, "\u202e\u0000كم"])
def test_any_text_is_understood(text: str) -> None:
    """Nothing typed raises an error."""
    assert wanted(understand(text))


def test_a_noun_that_no_list_knows_is_looked_for_in_the_text() -> None:
    """«أي مرض تستهدف الهبة الحد منه؟» asks for no sum, though a grant is named."""
    assert wanted(understand("أي مرض تستهدف الهبة الإسبانية الحد منه؟"))[0].kind == "statement"
    assert wanted(understand("ما مجموع ما قدمته إسبانيا؟"))[0].kind == "amount"


def test_people_who_come_from_a_country_are_helped_elsewhere() -> None:
    """«القادمين من السودان» does not ask about Sudan; «في السودان» does."""
    assert understand("كم شخصاً من القادمين من السودان استقبل المركز؟").countries == ()
    assert understand("كم شخصاً استقبل المركز في السودان؟").countries == ("SD",)


@pytest.mark.parametrize(
    ("text", "count"),
    [("كم عائلة فلسطينية لاجئة تشملها المساعدة؟", 2), ("كم طفلاً سورياً استفاد؟", 1), ("كم أسرة تسلمت خياماً؟", 0), ("كم مدرسة رممت كندا؟", 0)],
)  # fmt: skip
def test_adjectives_of_what_is_counted_agree_with_it(text: str, count: int) -> None:
    """A verb or a noun after the counted noun is none of them."""
    assert len(understand(text).modifiers) == count


def test_how_long_and_when_it_ends_are_two_things() -> None:
    """Both are times, and both are asked for."""
    assert [w.sort for w in wanted(understand("How many months will the project run, and when does it end?"))] == [
        "duration",
        "end",
    ]


def test_small_grants_are_counted_and_a_grant_is_not() -> None:
    """«كم منحة صغيرة» counts, «كم منحة اليابان» asks for a sum."""
    assert understand("كم منحة صغيرة ستوزع الجمعية؟").counted
    assert not understand("كم منحة اليابان للعراق؟").counted


def test_from_a_grant_asks_for_nobody() -> None:
    """«من» before a sum of money is no question word, and «من الذي» behind a comparative is none either."""
    assert "actor" in understand("مشروع المجاري في السماوة من الذي ينفذه؟").leads
    assert "actor" not in understand("من مساهمة كندا كم يذهب لليونيسف؟").leads
    assert "actor" not in understand("كم تعطي كندا أكثر من الذي أعطته اليابان؟").leads


def test_a_country_after_a_glued_preposition_lies_around() -> None:
    """«بلبنان» is «في لبنان»."""
    assert understand("كم خيمة نصبت بلبنان؟").within == understand("كم خيمة نصبت في لبنان؟").within != ()
