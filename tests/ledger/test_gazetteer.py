"""Names in questions typed on a phone."""

import pytest

from ledger.gazetteer import find_mentions


@pytest.mark.parametrize(
    "text",
    [
        "When does the project finish?",
        "When did the work begin?",
        "How many hungry children were fed?",
        "The project will enable farmers",
        "How many green jobs?",
        "the dates of the visit",
        "سەدان خێزان",
        "بەڵێنی دا",
        "كم بالمية من الميه؟",
        "who gave money to us",
    ],
)
def test_a_known_word_is_no_misspelt_name(text: str) -> None:
    """What the tables of English, Sorani and number words hold names nobody: "finish" is not "Finnish"."""
    assert find_mentions(text, fuzzy=True) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("How much did Swedan give?", "SE"),
        ("World Food Programe", "wfp"),
        ("مشروع المي بالزرقا", "JO.الزرقاء"),
        ("في كربلا", "IQ.كربلاء"),
        ("how much for iraq", "IQ"),
        ("what did wfp buy", "wfp"),
        ("uk pledge", "GB"),
    ],
)
def test_a_misspelt_name_is_found(text: str, name: str) -> None:
    """One edit off, in a word or in the later words of a longer name, without the hamza at its end, in small letters."""
    assert [m.entity.id for m in find_mentions(text, fuzzy=True)] == [name]
