"""Web text that was copied out of a PDF, its lam-alef ligatures turned round."""

import pytest

from benchmarks.synthetic import text
from ingest.lam_alef import mend
from ingest.readers import read_bytes
from ledger.extract import extract_facts
from ledger.rows import rows_of

_DAMAGED = (
    "االتحاد األوروبي يدعم مياه عدن\n\nعدن، 3 آذار 2021 – قدم االتحاد األوروبي إلى اليونيسف في اليمن 2.5 ماليين دوالر خالل عامين، "
    "وال يزال 40 ألف طفل من الالجئين ينتظرون اإلغاثة في المدينة، وإلعادة تأهيل الشبكة خصص مبلغ من األموال لألطفال.\n"
)
_SOUND = (
    "الاتحاد الأوروبي يدعم مياه عدن\n\nعدن، 3 آذار 2021 – قدم الاتحاد الأوروبي إلى اليونيسف في اليمن 2.5 ملايين دولار خلال عامين، "
    "ولا يزال 40 ألف طفل من اللاجئين ينتظرون الإغاثة في المدينة، وإلعادة تأهيل الشبكة خصص مبلغ من الأموال لألطفال.\n"
)


@pytest.mark.parametrize(
    ("damaged", "sound"),
    [
        ("االتحاد", "الاتحاد"), ("األوروبي", "الأوروبي"), ("اإلنساني", "الإنساني"), ("دوالر", "دولار"), ("ماليين", "ملايين"),
        ("خالل", "خلال"), ("واالحتياجات", "والاحتياجات"), ("الالجئين", "اللاجئين"), ("ال", "لا"), ("وال", "ولا"),
    ],
)  # fmt: skip
def test_each_ligature_is_turned_back(damaged: str, sound: str) -> None:
    """In a document that shows the damage."""
    assert mend(f"االمم االنماء {damaged}").split()[-1] == sound


@pytest.mark.parametrize("word", ["إلى", "العالم", "طالب", "المال", "حالة", "الأطفال", "أمالهم", "قالت", "مجالات"])
def test_sound_words_stay(word: str) -> None:
    """Also in a damaged document: what the vocabulary knows, or does not know at all."""
    assert mend(f"االمم االنماء {word}").split()[-1] == word


def test_a_sound_document_is_never_touched() -> None:
    """Nor one with a single typing error."""
    for number in range(30):
        assert mend(text(number)) == text(number)
    assert mend("قدم االتحاد منحة خالل عام") == "قدم االتحاد منحة خالل عام"


def test_a_damaged_page_is_read_as_it_was_printed() -> None:
    """Its amount is a fact again, in dollars and by its donor; offsets still fit, for no length changes."""
    page = f"<html><body><article><h1>{_DAMAGED.splitlines()[0]}</h1><p>{_DAMAGED.splitlines()[2]}</p></article></body></html>"
    for data, name in ((_DAMAGED.encode(), "a.txt"), (page.encode(), "a.html")):
        release = read_bytes(data, name)
        assert release.title == "الاتحاد الأوروبي يدعم مياه عدن"
        assert len(mend(_DAMAGED)) == len(_DAMAGED)
        amounts = [r for r in rows_of(release, extract_facts(release)) if r.kind == "funding"]
        assert [(int(r.value or 0), r.unit) for r in amounts] == [(2_500_000, "USD")]
        assert release.text[amounts[0].start : amounts[0].end].startswith("2.5 ملايين دولار")
    assert mend(_DAMAGED).split()[:20] == _SOUND.split()[:20]
