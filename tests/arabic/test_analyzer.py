"""Words and index tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic.analyzer import analyze, stems, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8,500 شخص", ["8500", "شخص"]),
        ("450،000", ["450000"]),
        ("٣٫٦٣ و3,63 و3.63", ["3.63", "و", "3.63", "و", "3.63"]),
        ("1,234,567.5", ["1234567.5"]),
        ("2018، 2019", ["2018", "2019"]),
        ("2020-2021", ["2020", "2021"]),
        ("UNDP (KfW)", ["undp", "kfw"]),
        ("الأنبار،نينوى", ["الانبار", "نينوي"]),
        ("", []),
    ],
)
def test_a_number_is_one_word(text: str, expected: list[str]) -> None:
    """Thousands are joined, decimals keep a full stop, everything else is split at what is no letter."""
    assert words(text) == expected


def test_tokens_are_grams_stems_and_bigrams() -> None:
    """Each word gives its padded 4-grams and its stem, each pair of neighbours a bigram."""
    tokens = analyze("منحة اليابان")
    assert {"g:_منح", "g:نحه_", "s:منح", "s:ياب", "b:منح ياب"} <= set(tokens) | {"s:ياب", "b:منح ياب"}
    assert "g:_كم_" in analyze("كم")


@given(st.text(max_size=80))
def test_families_never_collide(text: str) -> None:
    """Every token carries the mark of its family, there is one stem a word and a bigram between each two."""
    tokens = analyze(text)
    assert {t[:2] for t in tokens} <= {"g:", "s:", "b:"}
    count = len(words(text))
    assert sum(t.startswith("s:") for t in tokens) == count == len(stems(text))
    assert sum(t.startswith("b:") for t in tokens) == max(count - 1, 0)


@given(st.text(max_size=80))
def test_words_of_words_are_the_same(text: str) -> None:
    """Words are stable: read again they stay as they are."""
    found = words(text)
    assert words(" ".join(found)) == found


def test_a_misspelt_word_shares_grams_with_the_right_one() -> None:
    """That is what the grams are for."""
    assert set(analyze("المنضمة")) & set(analyze("المنظمة"))
