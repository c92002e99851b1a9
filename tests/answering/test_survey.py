"""Questions to all releases at once, and conversations about them."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from answering.answer import Answer, Ask
from answering.extractive import answer
from ledger.store import Ledger, write
from tests.answering.grants import RELEASES, Asks, House, build
from tests.ledger.releases import release


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = build(tmp_path_factory.mktemp("grants"), RELEASES)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def ask(house: House) -> Asks:
    return house.ask


def _cited(found: Answer) -> list[str]:
    return list(dict.fromkeys(c.release for c in found.citations))


def _lines(found: Answer) -> list[str]:
    """The rows without their marks."""
    return [re.sub(r"\s*(?:\[\d+\])+$", "", line) for line in found.text.splitlines()]


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("من أكبر مانح؟", "الأكبر بحسب المنح المعلنة: السويد (5.5 مليون يورو)؛ قطر (12 مليون دولار أمريكي)"),
        ("من أقل الجهات المانحة؟", "الأقل بحسب المنح المعلنة: فنلندا (800,000 يورو)؛ الكويت (5 ملايين دولار أمريكي)"),
        (
            "Who is the largest donor?",
            "The largest by announced grants: Sweden (5.5 million euros); Qatar (12 million US dollars)",
        ),
        (
            "گەورەترین بەخشەر کێیە؟",
            "گەورەترین بەپێی بەخشینە ڕاگەیەنراوەکان: سوید (5.5 ملیۆن یۆرۆ)؛ قەتەر (12 ملیۆن دۆلاری ئەمریکی)",
        ),
    ],
)
def test_donors_are_ranked_by_what_they_announced(ask: Asks, question: str, head: str) -> None:
    """Each currency by itself, the repost and the running total left out, in the question's language."""
    found = ask(question)
    assert found.plan == "aggregate"
    assert found.text.splitlines()[0] == head
    assert "sweden-2020-repost.html" not in _cited(found)
    assert len(found.notes) == 2


def test_the_rank_goes_down(ask: Asks) -> None:
    """The largest first, with how many grants a sum adds."""
    rows = [line for line in _lines(ask("رتب المانحين حسب مبلغ التمويل")) if line.startswith("•")]
    assert [row.split(":")[0] for row in rows] == ["• السويد", "• إسبانيا", "• فنلندا", "• قطر", "• الكويت"]
    assert rows[0].endswith("(3 منح)")


@pytest.mark.parametrize(
    ("question", "releases"),
    [
        ("ما أكبر منحة؟", ["spain-2022.txt", "qatar-2021.txt"]),
        ("ما أصغر منحة؟", ["finland-2021.txt", "kuwait-2023.txt"]),
        ("ما أحدث منحة؟", ["kuwait-2023.txt"]),
        ("ما أكبر منحة في اليمن؟", ["sweden-2020.txt"]),
        ("ما المنح المقدمة إلى اليمن؟", ["sweden-2019.txt", "sweden-2020.txt", "finland-2021.txt", "sweden-2021.txt"]),
        ("ما المشاريع التي تنتهي في 2022؟", ["sweden-2020.txt"]),
        ("ما المشاريع التي تنتهي في 2023؟", ["spain-2022.txt", "sweden-2021.txt"]),
        ("Which projects end in 2023?", ["spain-2022.txt", "sweden-2021.txt"]),
        ("کام پڕۆژە لە 2023 کۆتایی دێت؟", ["spain-2022.txt", "sweden-2021.txt"]),
        ("ما المشاريع التي تبدأ في 2021؟", ["sweden-2021.txt", "qatar-2021.txt"]),
        ("ما المشاريع الجارية في 2020؟", ["sweden-2020.txt", "sweden-2019.txt"]),
        ("ما المشاريع التي بدأت في 2020 في اليمن؟", ["sweden-2020.txt"]),
    ],
)
def test_a_question_to_all_releases_is_answered_by_those_that_fit(
    ask: Asks, question: str, releases: list[str]
) -> None:
    """The extreme of each currency; the periods that end, start or run in a year; one place's grants by date."""
    found = ask(question)
    assert found.plan == "list"
    assert _cited(found) == releases


def test_a_table_names_parties_years_sums_and_periods(ask: Asks) -> None:
    """A grant a row, oldest first; a mere end is said to be one, and nothing stands where nothing is stated."""
    rows = _lines(ask("جدول المانحين والمبالغ والفترات"))[1:]
    assert rows[0] == "• السويد ← منظمة الأغذية والزراعة، 2019: 1.5 مليون يورو؛ نيسان 2019 حتى نيسان 2020"
    assert rows[-2] == "• إسبانيا ← برنامج الأغذية العالمي، 2022: 3.4 مليون يورو؛ حتى كانون الأول 2023"
    assert rows[-1] == "• الكويت ← اليونسكو، 2023: 5 ملايين دولار أمريكي"
    assert len(rows) == 7
    english = _lines(ask("Show me a table of all grants with amounts and periods"))[1:]
    assert english[-1] == "• Kuwait → UNESCO, 2023: 5 million US dollars"


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("ما المشاريع التي تنتهي في 2031؟", "مشاريع تنتهي في 2031"),
        ("Which projects start in 2031?", "projects that start in 2031"),
        ("ما المشاريع الجارية في 2031؟", "مشاريع جارية في 2031"),
    ],
)
def test_a_year_without_projects_is_refused(ask: Asks, question: str, missing: str) -> None:
    """Not answered with the period of another year; the nearest ones are named."""
    found = ask(question)
    assert found.refused
    assert not found.citations
    assert found.missing == (missing,)
    assert found.nearest


def test_rows_past_the_twelfth_are_counted(tmp_path: Path) -> None:
    """A long table stays readable, and says how many rows it leaves to the ledger."""
    sums = range(2, 17)
    texts = [f"كندا تدعم عدن\n\nقدمت كندا لليونيسف في اليمن {n}.5 مليون دولار كندي لمدارس عدن." for n in sums]
    write(
        tmp_path / "ledger.db", [(release(f"{n}", t, date(2021, 1, n)), "1") for n, t in zip(sums, texts, strict=True)]
    )
    ledger = Ledger(tmp_path / "ledger.db")
    found = answer(Ask("جدول المانحين والمبالغ والفترات"), ledger, lambda _query, _limit: [])
    ledger.close()
    lines = found.text.splitlines()
    assert len([line for line in lines if line.startswith("•")]) == 12
    assert lines[-1] == "… و3 غيرها في السجل."
    assert {c.n for c in found.citations} == set(range(1, 13))


def test_a_total_says_what_it_left_out_and_why(ask: Asks) -> None:
    """Three grants are added; the repost and the running total are named with the reason."""
    found = ask("كم مجموع منح السويد لمنظمة الأغذية والزراعة في اليمن؟")
    assert found.plan == "aggregate"
    assert _lines(found)[0] == "المجموع: 5.5 مليون يورو"
    assert _cited(found) == ["sweden-2019.txt", "sweden-2020.txt", "sweden-2021.txt"]
    assert found.notes == (
        "لم يُجمع (إعادة نشر للبيان نفسه): 2.25 مليون يورو",
        "لم يُجمع (مجموع تراكمي): 19 مليون يورو",
    )
    english = ask("What is the total of Swedish grants to FAO?")
    assert english.text.startswith("Total: 5.5 million euros\n• Sweden → FAO, 2019: 1.5 million euros [1]")


def test_a_total_keeps_to_its_years(ask: Asks) -> None:
    """«بين 2019 و2020» adds two of three."""
    assert _lines(ask("كم مجموع منح السويد بين 2019 و2020؟"))[0] == "المجموع: 3.75 مليون يورو"


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("قارن تمويل السويد في 2019 و2020", "الأكبر: 2020 (2.25 مليون يورو)"),
        ("هل كبرت منحة السويد من 2019 إلى 2020؟", "نعم، من 1.5 مليون يورو إلى 2.25 مليون يورو"),
        ("هل كبرت منحة السويد من 2020 إلى 2021؟", "لا، بل من 2.25 مليون يورو إلى 1.75 مليون يورو"),
        (
            "ما الفرق بين منحة السويد في 2019 ومنحتها في 2020؟",
            "الأكبر: 2020 (2.25 مليون يورو)، والفرق 750,000 يورو",
        ),
        ("أيهما أكبر: منحة السويد في 2020 أم منحة إسبانيا في 2022؟", "الأكبر: إسبانيا، 2022 (3.4 مليون يورو)"),
        ("أيهما أكبر: منح 2021 أم منح 2022 باليورو؟", "الأكبر: 2022 (3.4 مليون يورو)"),
        (
            "Which is larger: the grant of Sweden in 2020 or the grant of Spain in 2022?",
            "The larger: Spain, 2022 (3.4 million euros)",
        ),
    ],
)
def test_a_comparison_says_first_how_it_stands(ask: Asks, question: str, head: str) -> None:
    """Years against years, grant against grant, the change and the difference; both sides are cited below."""
    found = ask(question)
    assert found.plan == "compare"
    assert found.text.splitlines()[0] == head
    assert len(_cited(found)) >= 2


def test_two_currencies_are_not_compared(ask: Asks) -> None:
    """Both are told, and that they cannot be compared."""
    found = ask("أيهما أكبر: منحة قطر لمنظمة الصحة العالمية أم منحة إسبانيا لبرنامج الأغذية العالمي؟")
    assert "الأكبر" not in found.text
    assert {"qatar-2021.txt", "spain-2022.txt"} == set(_cited(found))
    assert found.notes


@pytest.mark.parametrize(
    "question",
    [
        "كم قدمت السويد لمنظمة الأغذية والزراعة في اليمن في 2020؟",
        "متى ينتهي مشروع السويد الذي قيمته 2.25 مليون يورو؟",
    ],
)
def test_the_original_is_cited_not_its_repost(ask: Asks, question: str) -> None:
    """Whichever of the two is found first."""
    assert _cited(ask(question)) == ["sweden-2020.txt"]


def test_sums_of_several_releases_are_told_by_date_without_reposts(ask: Asks) -> None:
    """Neither two lines for one grant, nor 2021 before 2020."""
    found = ask("كم قُدّم لمنظمة الأغذية والزراعة؟")
    assert _cited(found) == ["sweden-2019.txt", "sweden-2020.txt", "sweden-2021.txt"]


def test_a_question_about_one_release_is_no_survey(ask: Asks) -> None:
    """It is answered from that release's sentence."""
    found = ask("ما هدف مشروع قطر في مقديشو؟")
    assert found.plan == "fact"
    assert len(_cited(found)) == 1


def test_counts_of_two_releases_are_told_together_the_newer_first(ask: Asks) -> None:
    """The question names no year: picking one of the two counts would be a guess."""
    found = ask("كم عدد القوارب التي أُصلحت في الحديدة؟")
    assert _cited(found) == ["sweden-2021.txt", "sweden-2019.txt"]
    assert "60" in found.text
    assert "120" in found.text


@pytest.mark.parametrize(
    ("turns", "releases", "words"),
    [
        (["كم قدمت السويد لمنظمة الأغذية والزراعة في 2019؟", "وفي السنة التي تلتها؟"], ["sweden-2020.txt"], "2.25"),
        (
            ["ما قيمة منحة السويد لمنظمة الأغذية والزراعة في 2019؟", "وما قيمة المنحة التي تلتها؟"],
            ["sweden-2020.txt"],
            "2.25",
        ),
        (
            ["ما قيمة منحة السويد لمنظمة الأغذية والزراعة في 2020؟", "وما قيمة المنحة التي قبلها؟"],
            ["sweden-2019.txt"],
            "1.5",
        ),
        (["كم قارباً أُصلح في مشروع السويد عام 2019؟", "وكم شبكة اشتُريت؟"], ["sweden-2019.txt"], "340"),
        (["كم قارباً أُصلح في مشروع السويد عام 2021؟", "وكم اشتُري؟"], ["sweden-2021.txt"], "25"),
        (["كم قدمت السويد لمنظمة الأغذية والزراعة في 2020؟", "ومتى ينتهي؟"], ["sweden-2020.txt"], "كانون الأول 2022"),
        (["كم قدمت فنلندا لليونيسف في اليمن؟", "وفي مأرب؟"], ["finland-2021.txt"], "800"),
    ],
)
def test_a_follow_up_takes_over_what_it_does_not_say(
    ask: Asks, turns: list[str], releases: list[str], words: str
) -> None:
    """The year after, the grant after or before, what was counted, which project, a place of the same release."""
    found = ask(turns[-1], *turns[:-1])
    assert _cited(found) == releases
    assert words in found.text


def test_a_follow_up_about_another_country_is_not_answered_with_the_first(ask: Asks) -> None:
    """«وفي الصومال؟» after Finland's grant to Yemen: that grant is no answer, whatever was spoken of before."""
    found = ask("وفي الصومال؟", "كم قدمت فنلندا لليونيسف في اليمن؟")
    assert "finland-2021.txt" not in _cited(found)
    assert "800" not in found.text


@pytest.mark.parametrize(
    ("question", "told", "missing"),
    [
        ("كم قدمت فنلندا لليونيسف ومتى ينتهي المشروع؟", "800 ألف يورو", "تاريخ الانتهاء"),
        ("How much did Finland give to UNICEF in Yemen, and when does it end?", "800 ألف يورو", "the end date"),
        ("بڕی پارەی فینلاند بۆ یونیسێف چەندە و کەی کۆتایی دێت؟", "800 ألف يورو", "کاتی کۆتایی"),
    ],
)
def test_of_several_fields_the_missing_one_is_named(ask: Asks, question: str, told: str, missing: str) -> None:
    """What is stated is answered, what is not is named in the question's language."""
    found = ask(question)
    assert not found.refused
    assert told in found.text
    assert found.missing == (missing,)
    assert missing in found.text.splitlines()[-1]


def test_every_line_is_cited_and_every_quote_is_verbatim(house: House) -> None:
    """A row without a mark would be a claim without a source; a quote is the release's text to the letter."""
    for question in (
        "من أكبر مانح؟",
        "جدول المانحين والمبالغ والفترات",
        "ما المشاريع التي تنتهي في 2023؟",
        "قارن تمويل السويد في 2019 و2020",
        "كم مجموع منح السويد لمنظمة الأغذية والزراعة في اليمن؟",
        "What is the total of Swedish grants to FAO?",
    ):
        found = house.ask(question)
        rows = [line for line in found.text.splitlines() if line.startswith("•")]
        assert rows
        marks = {int(n) for row in rows for n in re.findall(r"\[(\d+)\]", row)}
        assert all(re.search(r"\[\d+\]$", row) for row in rows)
        assert marks == {c.n for c in found.citations}
        for citation in found.citations:
            assert citation.quote == house.texts[citation.release][citation.start : citation.end]
