"""Which release and which figure of a story: first announced or updated, this grant or the one before, planned or reached."""

from collections.abc import Iterator

import pytest

from answering.answer import Answer
from answering.question import When, understand
from tests.answering.stories import Asks, asking


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asks]:
    with asking(tmp_path_factory.mktemp("stages")) as asks:
        yield asks


def _told(answer: Answer, *figures: str) -> None:
    assert not answer.refused
    for figure in figures:
        assert figure in answer.text


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("كم صار مخصص الصومال من الصندوق المركزي لمواجهة الطوارئ بعد رفعه؟", "أحد عشر مليون"),
        ("How much is CERF's revised allocation for Somalia?", "أحد عشر مليون"),
        ("كم شهراً صارت مدة استجابة صندوق الطوارئ للجفاف في الصومال بعد التمديد؟", "سبعة أشهر"),
        ("هسه جم واحد راح تشمل معونة صندوق الطوارئ بالصومال بعد ما وسعوها؟", "165 ألف"),
        ("كم طفلاً توفي في جفاف الصومال بحسب الأرقام المصححة؟", "287"),
        ("كم كان مخصص الصندوق المركزي لمواجهة الطوارئ للصومال قبل الزيادة؟", "ثمانية ملايين"),
        ("How large was CERF's allocation for Somalia originally?", "ثمانية ملايين"),
        ("كم شهراً كانت مهلة صندوق الطوارئ في الصومال في البداية؟", "أربعة أشهر"),
    ],
)
def test_the_stage_of_a_story_chooses_its_release(ask: Asks, question: str, figure: str) -> None:
    """«بعد التمديد», «المصححة», "revised" want the update; «في البداية», «قبل الزيادة», "originally" the first release."""
    _told(ask(question), figure)


@pytest.mark.parametrize(
    "question",
    [
        "كم شخصاً وصلت إليهم معونة صندوق الطوارئ في الصومال حتى نهاية 2023؟",
        "كم طفلاً التحق بصفوف النرويج في البقاع حتى نهاية 2023؟",
        "كم طفلاً تعلّم فعلاً بالمنحة النرويجية الثالثة في البقاع؟",
        "كم خزاناً رُكّب فعلاً في المشروع الدنماركي الجديد في الحسكة؟",
    ],
)
def test_what_no_release_can_know_yet_is_refused(ask: Asks, question: str) -> None:
    """Nothing came about before it could; a target, or what the grant before reached, is no answer."""
    assert ask(question).refused


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("كم طفلاً تريد منحة النرويج في 2021 أن تعلّم في البقاع؟", "3,000"),
        ("كم صفاً رُمم فعلاً بمنحة النرويج لعام 2021 في البقاع؟", "38"),
        ("كم معلماً درّبته منحة النرويج لعام 2021؟", "141"),
        ("كم فرداً استفاد من مشروع الماء الدنماركي في الحسكة بين 2019 و2021؟", "88 ألف"),
        ("كم كلف المشروع الدنماركي السابق في الحسكة؟", "3.2"),
        ("كم بئراً كان يُراد إصلاحها في الحسكة؟", "60"),
        ("إلى كم لتر سيرتفع نصيب الفرد من الماء في الحسكة؟", "55"),
        (
            "How many children had enrolled under the previous Norwegian grant in the Bekaa, as of September 2021?",
            "2,150",
        ),
    ],
)
def test_plan_and_result_of_this_grant_and_of_the_one_before(ask: Asks, question: str, figure: str) -> None:
    """What a grant reached is told by the release of the next one, and has the year of the grant."""
    _told(ask(question), figure)


def test_a_plan_until_some_time_is_no_result(ask: Asks) -> None:
    """«حتى نهاية آب 2021» may also end a plan: the release that states it came out before."""
    _told(ask("كم طفلاً يستهدف مشروع النرويج في البقاع حتى نهاية آب 2021؟"), "2,400")


def test_the_grant_before_in_a_conversation(ask: Asks) -> None:
    """What it reached is told where the grant after it is announced."""
    found = ask("كم قدمت النرويج لصفوف البقاع في 2022؟", "وكم طفلاً تعلّم بالمنحة التي قبلها؟")
    _told(found, "2,890")
    assert [c.release for c in found.citations] == ["norway-2022.txt"]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("كم بلغت أول منحة نرويجية لصفوف البقاع؟", ["norway-2020.txt"]),
        ("كم بلغت آخر منحة نرويجية لصفوف البقاع؟", ["norway-2022.txt"]),
        ("كم قدمت النرويج لصفوف التعليم السريع في البقاع؟", ["norway-2020.txt", "norway-2021.txt", "norway-2022.txt"]),
        ("كم أعطى صندوق الطوارئ المركزي للصومال؟", ["cerf-1.txt", "cerf-2.txt"]),
        ("كم قدمت إسبانيا لليونيسف لتعليم الفتيات في الموصل؟", ["spain.txt", "spain-2023.txt"]),
    ],
)
def test_grants_between_which_a_question_does_not_choose_are_all_told(
    ask: Asks, question: str, told: list[str]
) -> None:
    """Each with its release, the oldest first, without what only repeats one."""
    assert [c.release for c in ask(question).citations] == told


def test_releases_of_one_year_are_told_apart_by_their_days(ask: Asks) -> None:
    """The year alone would say the same of both."""
    lines = ask("كم أعطى صندوق الطوارئ المركزي للصومال؟").text.splitlines()
    assert [line.split(":")[0] for line in lines] == ["2023-03-05", "2023-04-20"]


def test_a_figure_that_is_called_wrong_is_told_as_another_release_prints_it(ask: Asks) -> None:
    """The right one first, the one in question as it is printed."""
    found = ask("ذكرت شبكة الرافد أن إسبانيا قدمت 12 مليون يورو لفتيات الموصل. ما الرقم الصحيح؟")
    assert [c.release for c in found.citations] == ["spain.txt", "spain-news.txt"]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("كم شخصاً نال المعونة حتى 21 تشرين الأول 2024؟", When((2024, 10), (2024, 10), 21, "by")),
        ("كم مريضاً عولج بمنحة 2019 حتى نهاية ذلك العام؟", When((2019, 0), (2019, 0), 0, "end")),
        ("How many people were reached by the end of June 2022?", When((2022, 6), (2022, 6), 0, "end")),
        ("كم قدمت كندا في 5 أيار 2021؟", When((2021, 5), (2021, 5), 5)),
    ],
)
def test_until_when_something_came_about(text: str, when: When) -> None:
    """«حتى» and "by" before a time, with the day where one is named; the day is no figure of the question."""
    question = understand(text)
    assert question.times == (when,)
    assert not question.given
