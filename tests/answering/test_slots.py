"""Questions about several things side by side."""

import pytest

from answering.question import understand
from answering.slots import slots


def _read(text: str) -> list[tuple[tuple[str, ...], tuple[str, ...], list[int]]]:
    return [(s.question.givers, s.question.receivers, list(s.question.years)) for s in slots(understand(text))]


def test_years_share_giver_and_receiver() -> None:
    """«في 2018 و2020» asks about the same grant-maker twice."""
    assert _read("ما مجموع منح اليابان للمنظمة الدولية للهجرة في 2018 و2020؟") == [
        (("JP",), ("iom",), [2018]),
        (("JP",), ("iom",), [2020]),
    ]


def test_each_side_keeps_its_own_names_and_year() -> None:
    """Two givers with two receivers and two years stay apart."""
    assert _read("كم مجموع منحة كويكا لليونيسف في 2021 ومساهمة كندا لبرنامج الأغذية العالمي في 2022؟") == [
        (("koica",), ("unicef",), [2021]),
        (("CA",), ("wfp",), [2022]),
    ]


def test_two_givers_in_two_years_are_four_questions() -> None:
    """«كندا واليابان في 2020 و2021» asks for each of them in each year."""
    found = _read("عدّد مساهمات كندا واليابان لبرنامج الأغذية العالمي في 2020 و2021")
    assert sorted((g, y) for g, _, y in found) == [
        (("CA",), [2020]), (("CA",), [2021]), (("JP",), [2020]), (("JP",), [2021]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("كم مجموع اتفاقي أستراليا مع الأونروا السابق والجديد؟", [{"previous"}, {"new"}]),
        ("هل ارتفعت المنحة السويدية عن المرحلة السابقة؟", [{"new"}, {"previous"}]),
        ("قارن عدد الأسر المخطط لها بعدد الأسر التي شملها المشروع فعلاً", [{"planned"}, {"reached"}]),
    ],
)
def test_phases_and_plans_are_told_apart(text: str, marks: list[set[str]]) -> None:
    """Earlier and new phase, plan and result are two questions."""
    assert [set(s.marks) for s in slots(understand(text))] == marks


@pytest.mark.parametrize(
    "text",
    ["كم قدمت كندا لليونيسف في اليمن ولبنان؟", "متى يبدأ المشروع ومتى ينتهي؟", "كم شخصاً استفاد في نينوى والأنبار؟"],
)
def test_an_ordinary_question_has_no_slots(text: str) -> None:
    """A conjunction alone takes nothing apart."""
    assert slots(understand(text)) == []
