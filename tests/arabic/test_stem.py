"""light10."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic.normalize import normalize
from arabic.stem import light10


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("والمشاريع", "مشاريع"),
        ("بالمدرسه", "مدرس"),
        ("للنازحين", "نازح"),
        ("مستفيدون", "مستفيد"),
        ("مساعدات", "مساعد"),
        ("منحه", "منح"),
        ("يد", "يد"),
        ("وفد", "وفد"),
        ("2020", "2020"),
        ("undp", "undp"),
        ("", ""),
    ],
)
def test_prefixes_and_suffixes_of_the_paper_go(word: str, stem: str) -> None:
    """Article, conjunction and the ten endings go; short words, numbers and Latin words stay."""
    assert light10(word) == stem


@given(st.text(st.sampled_from("ابتةهيونالمسكفقر"), min_size=2, max_size=12).map(normalize))
def test_two_letters_always_stay(word: str) -> None:
    """A stem is a part of its word and never shorter than two letters."""
    stem = light10(word)
    assert stem in word
    assert len(stem) >= 2
