"""Which figure of which release answers a question."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.corpus import Corpus
from tests.answering.house import ask, build

_RELEASES = {
    "campaign.txt": """الهلال الأحمر القطري يبدأ حملة "ضياء" لجراحة العيون في عدن

عدن، 16 تشرين الثاني 2022 – أعلن الهلال الأحمر القطري عن حملة "ضياء" لعلاج أمراض العيون في محافظة عدن. وتبلغ كلفة الحملة 730 ألف دولار، يدفع الهلال الأحمر القطري منها 610 آلاف نقداً، وتدفع وزارة الصحة الباقي.

وتسعى الحملة إلى إجراء 1,500 عملية، وتشمل عدن ولحج وأبين.
""",
    "fund.md": """# صندوق اليمن الإنساني يوزع 34 مليون دولار

**عدن، 17 نيسان 2024** – وزع الصندوق المشترك 34 مليون دولار على 45 مشروعاً في اليمن.

| القطاع | المبلغ (مليون دولار) | عدد المشاريع |
|---|---:|---:|
| الصحة | 7.4 | 9 |
| الحماية | 3.2 | 6 |
| المأوى | 2.4 | 4 |
""",
    "winter.txt": """المفوضية تبدأ مساعدات الشتاء في لبنان

بيروت، 4 كانون الأول 2023 – بدأت المفوضية السامية للأمم المتحدة لشؤون اللاجئين صرف مساعدة الشتاء لـ 158,000 عائلة سورية و24,500 عائلة لبنانية في لبنان، بمنحة ألمانية قدرها 14 مليون يورو.

وتهدف المساعدة إلى أن يشتري الناس وقوداً وملابس.
""",
    "hospital.txt": """تيكا تفتتح مستشفى في تعز

تعز، 3 آذار 2022 – افتتحت وكالة التعاون والتنسيق التركية (تيكا) مستشفى للأمهات في تعز بكلفة 8.7 مليون دولار.

ويعمل في المستشفى أربعون طبيباً. وفيه غرفتان للعمليات. ويفتح أبوابه كل يوم.

وللوكالة مكتب في سيئون منذ 2011.
""",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    opened = build(Path(tmp_path_factory.mktemp("choice")), _RELEASES)
    yield opened
    opened.close()


def test_a_row_is_known_by_its_label(corpus: Corpus) -> None:
    """The sum of a sector, not the sum of them all, and no other sector's."""
    assert "3.2" in ask(corpus, "كم خصص صندوق اليمن الإنساني لقطاع الحماية؟").text
    assert "7.4" in ask(corpus, "كم خصص صندوق اليمن الإنساني لقطاع الصحة؟").text


def test_what_a_body_pays_is_not_what_all_costs(corpus: Corpus) -> None:
    """«كم دفع» and «كم كلفة» of one campaign."""
    assert "610" in ask(corpus, "كم دفع الهلال الأحمر القطري نقداً لحملة ضياء؟").text
    assert "730" in ask(corpus, "كم كلفة حملة ضياء في عدن؟").text


def test_an_aim_is_of_the_donor_that_is_named(corpus: Corpus) -> None:
    """No other donor's aim, even where this one's release does not call it «هدف» in the same breath."""
    found = ask(corpus, "شنو هدف منحة ألمانيا؟")
    assert {c.release for c in found.citations} <= {"winter.txt"}
    assert ask(corpus, "شنو هدف منحة النرويج؟").refused


def test_a_pronoun_goes_back_to_what_was_just_told(corpus: Corpus) -> None:
    """«وكم مشروعاً له؟» after a sector is about its row."""
    found = ask(corpus, "وكم مشروعاً له؟", "ما نصيب قطاع الصحة من صندوق اليمن الإنساني؟")
    assert "9" in found.text
    assert "45" not in found.text


def test_people_of_another_sort_are_not_counted(corpus: Corpus) -> None:
    """The release counts Syrian and Lebanese families."""
    assert "24,500" in ask(corpus, "كم عائلة لبنانية شملتها مساعدة الشتاء؟").text
    assert ask(corpus, "كم عائلة فلسطينية شملتها مساعدة الشتاء في لبنان؟").refused


def test_a_place_that_is_only_mentioned_has_no_hospital(corpus: Corpus) -> None:
    """The hospital is in Taiz; in Seiyun there is an office."""
    assert "8.7" in ask(corpus, "كم دفعت تيكا لمستشفى تعز؟").text
    assert ask(corpus, "كم دفعت تيكا لمستشفى سيئون؟").refused


def test_a_release_tells_nothing_of_the_years_after_it(corpus: Corpus) -> None:
    """What was given in 2025 is in no release of 2024 or before."""
    assert ask(corpus, "كم منحت ألمانيا لمساعدات الشتاء في لبنان في 2025؟").refused


def test_a_release_of_another_town_names_no_funder(corpus: Corpus) -> None:
    """No release tells of Mosul or of its governorate, though one tells of a hospital."""
    assert ask(corpus, "منو مول مستشفى الموصل؟").refused
    assert "تيكا" in ask(corpus, "منو مول مستشفى تعز؟").text
