"""Two counts in one question, taken apart."""

from collections.abc import Iterator

import pytest

from answering.parts import parts
from answering.question import understand
from answering.wanted import wanted
from tests.answering.stories import Asks, asking


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asks]:
    with asking(tmp_path_factory.mktemp("parts")) as asks:
        yield asks


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("كم طفلاً التحق بصفوف البقاع بالمنحة النرويجية الأولى، وكم منهم من الفتيات؟", ["2,150", "1,180"]),
        ("كم بئراً أُصلحت في الحسكة في المشروع الدنماركي السابق، وكم شخصاً استفاد منه؟", ["52", "88 ألف"]),
        ("كم خزاناً رُكّب في القامشلي وكم في المالكية؟", ["9", "5"]),
        ("كم معلماً ستدرب المنحة النرويجية الثانية في البقاع، وكم صفاً ستؤهل؟", ["150", "40"]),
        ("كم طفلاً كانت منحة النرويج لعام 2020 تستهدف، وكم طفلاً التحق فعلاً؟", ["2,400", "2,150"]),
        ("جم بنية وجم ولد تخرجوا بالدورة التجريبية بالموصل بدعم إسبانيا؟", ["210", "95"]),
        ("كام بنت وكام ولد خلصوا الدورة التجريبية في الموصل بفلوس إسبانيا؟", ["210", "95"]),
        ("How many teachers will the Spanish project in Mosul train, and how many of them are women?", ["600", "370"]),
        ("چەند مامۆستا لە مووسڵ ڕادەهێنرێن و چەندیان ئافرەتن؟", ["600", "370"]),
        ("چەند بیر لە حەسەکە چاککرانەوە و چەند کەس سوودمەند بوون؟", ["52", "88 ألف"]),
        ("متى تنتهي المنحة النرويجية الثانية في البقاع، وكم مبلغها؟", ["2022", "26 مليون"]),
    ],
)
def test_each_part_is_told_on_its_line(ask: Asks, question: str, figures: list[str]) -> None:
    """In standard Arabic, dialect, English and Sorani; a part of a count, a second thing, a second place, boys and girls."""
    lines = ask(question).text.splitlines()
    assert len(lines) == 2
    for figure, line in zip(figures, lines, strict=True):
        assert figure in line


@pytest.mark.parametrize(
    ("question", "figure", "wrong"),
    [
        ("كم طفلاً التحق بصفوف البقاع بالمنحة النرويجية الأولى، وكم منهم من ذوي الإعاقة؟", "2,150", "1,180"),
        ("كم بئراً أُصلحت في الحسكة في المشروع السابق، وكم مدرسة رُممت فيه؟", "52", "14"),
    ],
)
def test_a_part_that_is_not_stated_is_named(ask: Asks, question: str, figure: str, wrong: str) -> None:
    """The number beside it is no answer."""
    found = ask(question)
    assert figure in found.text
    assert wrong not in found.text
    assert found.missing == ("العدد",)


def test_who_is_counted_is_told_with_the_whole_sentence(ask: Asks) -> None:
    """«وأي معلمين هم؟»"""
    assert "بينهم 370 معلمة" in ask("كم معلماً يدرّب مشروع إسبانيا في الموصل، وأي معلمين هم؟").text


def test_a_part_takes_over_the_noun_and_keeps_its_own_place() -> None:
    """«كم خزاناً في القامشلي وكم في المالكية؟»"""
    first, second = parts(understand("كم خزاناً رُكّب في القامشلي وكم في المالكية؟"))
    assert first.places != second.places
    assert wanted(first) == wanted(second)


@pytest.mark.parametrize(
    "text", ["كم شهراً يدوم المشروع، كم سنة؟", "كم مدرسة ومركزاً صحياً ستؤهل المنحة؟", "كم شخصاً استفاد؟", "وكم بلغ؟"]
)
def test_other_questions_are_not_taken_apart(text: str) -> None:
    """One «كم», or one said again."""
    assert parts(understand(text)) == []
