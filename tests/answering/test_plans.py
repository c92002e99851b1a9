"""Totals, comparisons, lists, corrections and days of release, over real parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.answer import Answer, Ask
from answering.extractive import answer
from ingest.pipeline import ingest
from ledger.store import Ledger
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import open_generation
from vectorstore.search import search

_RELEASES = {
    "norway-2019.txt": """النرويج تدعم مزارعي درعا

دمشق، 3 آذار 2019 – قدمت النرويج لمنظمة الأغذية والزراعة في سوريا 2.5 مليون دولار أمريكي لتوزيع البذور في درعا.

وبذلك يصل مجموع ما قدمته النرويج للمنظمة منذ 2012 إلى 30 مليون دولار. ويستمر المشروع 12 شهراً.
""",
    "norway-2021.txt": """منحة نرويجية ثانية لمزارعي درعا

دمشق، 10 أيار 2021 – قدمت النرويج لمنظمة الأغذية والزراعة في سوريا 4 ملايين دولار أمريكي لتوزيع البذور والأعلاف في درعا.

ويتوزع المبلغ على ثلاثة أبواب:

- 2.2 مليون دولار للبذور؛
- 1.3 مليون دولار للأعلاف؛
- 500 ألف دولار للتدريب.

ويستمر المشروع 24 شهراً. وقال السفير إن المنحة جزء من حزمة مساعدات قيمتها 60 دولار أمريكي.
""",
    "norway-2022.txt": """النرويج تطعم تلاميذ حلب

حلب، 2 شباط 2022 – قدمت النرويج لبرنامج الأغذية العالمي في سوريا 3 ملايين يورو لوجبات التلاميذ في حلب. والمنحة جزء من حزمة مساعدات قيمتها 60 مليون دولار أمريكي.
""",
    "undated.txt": """النرويج تساند مدارس اللاذقية

أعلنت النرويج عن منحة قدرها 700 ألف دولار أمريكي لليونيسف في سوريا لترميم مدارس اللاذقية. وأنشأت الوزارة خمسة منتديات للأهالي في اللاذقية، ثلاثة منتديات في المدينة ومنتديين في الريف.
""",
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    folder: Path = tmp_path_factory.mktemp("house")
    source = folder / "releases"
    source.mkdir()
    for name, text in _RELEASES.items():
        (source / name).write_text(text, "utf-8")
    embeddings = load_embeddings()
    ingest([source], data_dir=folder / "data", embeddings=embeddings)
    generation = open_generation(folder / "data" / "generations", embeddings)
    ledger = Ledger(generation.ledger_path)

    def find(query: str, limit: int) -> list[tuple[str, float]]:
        best: dict[str, float] = {}
        for hit in search(generation, query, 4 * limit):
            best.setdefault(hit.passage.release, hit.score)
        return list(best.items())[:limit]

    yield lambda question: answer(Ask(question), ledger, find)
    ledger.close()
    generation.close()


def _cited(found: Answer) -> set[str]:
    return {c.release for c in found.citations}


def test_a_total_adds_the_grants_and_not_the_running_total(ask) -> None:
    """Two years are added, each with its quote; the 30 million since 2012 are left out and said to be."""
    found = ask("ما مجموع منح النرويج لمنظمة الأغذية والزراعة في 2019 و2021؟")
    assert found.plan == "aggregate"
    assert "6.5 مليون دولار أمريكي" in found.text
    assert "30 مليون" not in found.text
    assert _cited(found) == {"norway-2019.txt", "norway-2021.txt"}
    assert found.notes


def test_different_currencies_are_never_added(ask) -> None:
    """Dollars and euros stand side by side, each with its own sum."""
    found = ask("كم مجموع منحة النرويج لمنظمة الأغذية والزراعة في 2021 ومنحتها لبرنامج الأغذية العالمي في 2022؟")
    assert "4 ملايين دولار أمريكي" in found.text
    assert "3 ملايين يورو" in found.text
    assert "7 ملايين" not in found.text


def test_a_comparison_names_the_larger(ask) -> None:
    """The verdict comes first, both figures with their quotes after it."""
    found = ask("أيهما أكبر: منحة النرويج لمنظمة الأغذية والزراعة في 2019 أم في 2021؟")
    assert found.plan == "compare"
    assert found.text.splitlines()[0] == "الأكبر: 2021 (4 ملايين دولار أمريكي)"
    assert _cited(found) == {"norway-2019.txt", "norway-2021.txt"}


def test_durations_are_compared_in_months(ask) -> None:
    """«أيهما أطول» compares how long, not how much."""
    found = ask("أيهما أطول: مشروع النرويج لمنظمة الأغذية والزراعة في 2019 أم مشروعها في 2021؟")
    assert "24" in found.text.splitlines()[0]


def test_the_parts_of_a_grant_are_listed_in_order(ask) -> None:
    """Each item of the list with its sum."""
    found = ask("ما أبواب إنفاق منحة النرويج لمنظمة الأغذية والزراعة لعام 2021؟")
    assert found.plan == "list"
    assert [line.split()[0] for line in found.text.splitlines()] == ["2.2", "1.3", "500"]


def test_a_part_is_not_the_whole(ask) -> None:
    """What goes to the training is not the grant."""
    found = ask("كم خُصص للتدريب من المنحة النرويجية في 2021؟")
    assert "500 ألف" in found.text
    assert "4 ملايين" not in found.text


def test_a_misprinted_package_is_told_with_its_correct_twin(ask) -> None:
    """«60 دولار» is quoted as printed, and beside it the 60 million that another release prints."""
    found = ask("ما قيمة حزمة المساعدات النرويجية في بيان 2021؟")
    assert "60 دولار" in found.text
    assert "60 مليون دولار" in found.text
    assert _cited(found) == {"norway-2021.txt", "norway-2022.txt"}


def test_the_day_of_release_is_the_printed_one(ask) -> None:
    """A printed date is quoted; a release without one has none, and that is said."""
    assert "2021-05-10" in ask("متى صدر بيان النرويج ومنظمة الأغذية والزراعة عن 4 ملايين دولار؟").text
    refused = ask("متى صدر بيان النرويج واليونيسف؟")
    assert refused.refused
    assert refused.missing == ("تاريخ صدور البيان",)


@pytest.mark.parametrize(
    "question",
    [
        "كم قدمت النرويج لمنظمة الأغذية والزراعة في لبنان؟",
        "كم قدمت كندا لمنظمة الأغذية والزراعة في سوريا؟",
        "كم قدمت النرويج لمنظمة الأغذية والزراعة في 2015؟",
        "كم قدمت النرويج لمنظمة الصحة العالمية في سوريا؟",
        "كم امرأة استفادت من المنحة النرويجية في درعا؟",
    ],
)
def test_what_is_not_stated_is_refused(ask, question: str) -> None:
    """Another country, donor, year, agency or count than the releases state is refused with the nearest releases."""
    found = ask(question)
    assert found.refused
    assert found.nearest
    assert not found.citations


def test_every_quote_is_the_release_s_own_text(ask) -> None:
    """A quote is the text from start to end, to the letter."""
    for question in ("كم قدمت النرويج في سوريا؟", "ما مجموع منح النرويج في 2019 و2021؟", "ما أبواب إنفاق منحة 2021؟"):
        for citation in ask(question).citations:
            assert citation.quote == _RELEASES[citation.release][citation.start : citation.end]


def test_of_equal_figures_the_first_is_told(ask) -> None:
    """The whole stands before its parts: «خمسة منتديات … ثلاثة منتديات في …»."""
    assert "خمسة منتديات" in ask("كم منتدى أنشأت الوزارة في اللاذقية؟").text
