"""From files to cited answers, over real parts."""

from pathlib import Path

import pytest

from answering.answer import Ask, Turn
from answering.extractive import answer
from ingest.errors import EmptySource, TooMuchRemoved
from ingest.pipeline import ingest
from ledger.store import Ledger
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import open_generation
from vectorstore.search import search

_FIRST = """السويد تموّل مراكز صحية في تعز

عدن، 4 أيار 2022 – قدمت حكومة السويد لمنظمة الصحة العالمية 6.5 مليون دولار أمريكي لتشغيل مراكز صحية في محافظة تعز.

وبهذه المنحة يصل مجموع ما قدمته السويد للمنظمة في اليمن منذ 2016 إلى 40 مليون دولار. واستفاد من المرحلة السابقة 12,300 شخص.
"""
_SECOND = """الكويت تدعم اللاجئين في الأردن

عمان، 9 حزيران 2021 – خصصت دولة الكويت للمفوضية السامية لشؤون اللاجئين مليوني دولار لمساعدة اللاجئين السوريين.
"""


class _House:
    def __init__(self, folder: Path) -> None:
        self.sources = folder / "releases"
        self.sources.mkdir()
        (self.sources / "first.txt").write_text(_FIRST, "utf-8")
        (self.sources / "second.txt").write_text(_SECOND, "utf-8")
        self.data = folder / "data"
        self.embeddings = load_embeddings()

    def ingest(self, **options: bool):
        return ingest([self.sources], data_dir=self.data, embeddings=self.embeddings, **options)

    def ask(self, question: str, *history: Turn):
        generation = open_generation(self.data / "generations", self.embeddings)
        ledger = Ledger(generation.ledger_path)
        try:
            return answer(
                Ask(question, history),
                ledger,
                lambda query, limit: [(h.passage.release, h.score) for h in search(generation, query, limit)],
            )
        finally:
            ledger.close()
            generation.close()


@pytest.fixture
def house(tmp_path: Path) -> _House:
    built = _House(tmp_path)
    built.ingest()
    return built


def test_an_amount_is_answered_with_its_quote(house: _House) -> None:
    """The grant is stated, the running total is left to the quote, and the quote is the release's text."""
    found = house.ask("كم قدمت السويد لمنظمة الصحة العالمية في اليمن؟")
    assert not found.refused
    assert "6.5" in found.text
    assert "40 مليون" not in found.text
    cited = found.citations[0]
    assert (cited.release, cited.quote) == ("first.txt", _FIRST[cited.start : cited.end])


def test_a_donor_that_no_release_names_is_refused(house: _House) -> None:
    """An answer about another donor would be a scandal."""
    assert house.ask("كم قدمت النرويج لمنظمة الصحة العالمية؟").refused


def test_a_follow_up_stays_with_its_release(house: _House) -> None:
    """«كم شخص استفاد» after a question on a grant is about that grant's release."""
    found = house.ask("وكم شخص استفاد؟", Turn("كم قدمت السويد لمنظمة الصحة العالمية؟"))
    assert "12,300" in found.text


def test_an_english_question_finds_the_arabic_release(house: _House) -> None:
    """Names and money are understood across languages."""
    assert "مليوني دولار" in house.ask("How much did Kuwait give to UNHCR?").text


def test_the_second_identical_run_does_nothing(house: _House) -> None:
    """No embedding, no new generation."""
    again = house.ingest()
    assert (again.embedded, again.published, again.generation) == (0, False, 1)


def test_deleting_the_generations_rebuilds_them_from_the_cache(house: _House) -> None:
    """The catalogue is the truth; nothing is embedded twice."""
    import shutil

    shutil.rmtree(house.data / "generations")
    again = house.ingest()
    assert (again.embedded, again.published) == (0, True)
    assert not house.ask("كم قدمت السويد لمنظمة الصحة العالمية؟").refused


def test_a_corpus_that_would_shrink_is_refused(house: _House) -> None:
    """Half the releases gone looks like a mistake until it is forced."""
    (house.sources / "second.txt").unlink()
    with pytest.raises(TooMuchRemoved):
        house.ingest()
    assert house.ingest(force=True).removed == ("second.txt",)


def test_an_empty_source_is_refused(tmp_path: Path) -> None:
    """A folder without documents publishes nothing."""
    with pytest.raises(EmptySource):
        ingest([tmp_path], data_dir=tmp_path / "data", embeddings=load_embeddings())


def test_a_broken_file_stops_no_other(house: _House) -> None:
    """It is reported with its reason; the rest is read."""
    (house.sources / "broken.docx").write_bytes(b"PK\x03\x04 no document")
    (house.sources / "third.txt").write_text(_FIRST.replace("السويد", "النرويج"), "utf-8")
    report = house.ingest()
    assert report.added == ("third.txt",)
    assert [f.path for f in report.failed] == ["broken.docx"]
    assert report.exit_code == 1
