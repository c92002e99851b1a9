"""What two releases count differently: both are told, the newer first; other things are no contradiction."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from answering.answer import Answer, Ask
from answering.corpus import Corpus
from answering.extractive import answer_from
from ingest.pipeline import ingest
from vectorstore.embeddings import load_embeddings

_RELEASES = {
    "flood-1.txt": """الدنمارك واليونيسف: ماء لأطفال طبرق

طبرق، 4 آذار 2021 – قدمت الدنمارك لليونيسف في ليبيا 3 ملايين دولار أمريكي لإيصال الماء إلى طبرق.

وبلغ عدد الأطفال المستفيدين من الماء في طبرق 5,000 طفل.
""",
    "flood-2.txt": """اليونيسف والدنمارك: حصيلة الماء في طبرق

طبرق، 9 أيلول 2021 – عرضت اليونيسف حصيلة ما مولته الدنمارك في طبرق.

وبلغ عدد الأطفال المستفيدين من الماء في طبرق 7,200 طفل، وبلغ عدد المدارس المشمولة 12 مدرسة.
""",
    "other.txt": """إيرلندا واليونيسف: مدارس سبها

سبها، 1 حزيران 2021 – قدمت إيرلندا لليونيسف في ليبيا مليوني يورو لمدارس سبها. وبلغ عدد الأطفال المستفيدين 900 طفل.
""",
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Answer]]:
    folder: Path = tmp_path_factory.mktemp("updates")
    (folder / "releases").mkdir()
    for name, text in _RELEASES.items():
        (folder / "releases" / name).write_text(text, "utf-8")
    embeddings = load_embeddings()
    ingest([folder / "releases"], data_dir=folder / "data", embeddings=embeddings)
    corpus = Corpus(folder / "data", embeddings)
    yield lambda question: answer_from(corpus, Ask(question))
    corpus.close()


def test_two_counts_of_one_thing_are_both_told_the_newer_first(ask: Callable[[str], Answer]) -> None:
    """With their years, both cited, and a note that says why there are two."""
    found = ask("كم طفلاً استفاد من الماء في طبرق بدعم الدنمارك لليونيسف؟")
    assert found.text.index("7,200") < found.text.index("5,000")
    assert [c.release for c in found.citations] == ["flood-2.txt", "flood-1.txt"]
    assert "تختلف" in found.notes[0]


def test_a_count_of_another_donor_and_place_is_no_contradiction(ask: Callable[[str], Answer]) -> None:
    """Only what is asked about is told."""
    found = ask("كم طفلاً استفاد في سبها بدعم إيرلندا لليونيسف؟")
    assert "900" in found.text
    assert [c.release for c in found.citations] == ["other.txt"]


def test_a_time_in_the_question_chooses(ask: Callable[[str], Answer]) -> None:
    """Who asks for a month gets its release alone."""
    found = ask("كم طفلاً استفاد من الماء في طبرق بحسب بيان آذار 2021؟")
    assert "5,000" in found.text
    assert "7,200" not in found.text
