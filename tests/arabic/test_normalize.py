"""Folding for comparison and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic.normalize import fold, normalize

_ARABIC = "اأإآٱبتثجحخدذرزسشصضطظعغفقكلمنهويىةئؤءـًٌٍَُِّْٰ٠١٢٣٫٬،؛؟ "
texts = st.text(
    st.one_of(st.sampled_from(_ARABIC + "ەکگیۆێABCé123.,\u200f\u2067ﷺﻻ½"), st.characters(codec="utf-8")), max_size=60
)


@given(texts)
def test_normalizing_twice_changes_nothing(text: str) -> None:
    """`normalize` is idempotent."""
    once = normalize(text)
    assert normalize(once) == once


@given(texts)
def test_a_text_is_normalized_as_its_characters_are(text: str) -> None:
    """Whatever stands beside a letter, it becomes the same: usual text takes a shorter way to the same result."""
    assert normalize(text) == "".join(
        normalize(character + "\u0301")[: len(normalize(character))] for character in text
    )


def test_a_text_of_many_scripts_is_normalized_as_its_characters_are() -> None:
    """However many different characters it has."""
    text = "".join(map(chr, (*range(0x0370, 0x0530), *range(0x0620, 0x0700), *range(0xFE70, 0xFF60)))) * 2
    assert normalize(text) == "".join(map(normalize, text))


@given(texts)
def test_folding_is_normalizing_with_origins(text: str) -> None:
    """`fold` gives the normalised text and one ascending origin for each of its characters."""
    folded = fold(text)
    assert folded.text == normalize(text)
    assert len(folded.origins) == len(folded.text)
    assert list(folded.origins) == sorted(folded.origins)


@given(texts, st.data())
def test_the_folded_text_between_two_places_is_what_stands_there_folded(text: str, data: st.DataObject) -> None:
    """A window of the folded text is the window, folded."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert fold(text).between(start, end) == normalize(text[start:end])


@given(texts, st.data())
def test_a_folded_span_maps_back_to_text_that_folds_to_it(text: str, data: st.DataObject) -> None:
    """The original of a folded span contains what was found, and ends at most with marks more."""
    folded = fold(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    first, last = folded.span(start, end)
    assert 0 <= first < last <= len(text)
    assert folded.text[start:end] in normalize(text[first:last])


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("مُسَاهَمَةُ", "مساهمه"),
        ("الأنبار إلى آب", "الانبار الي اب"),
        ("٣٫٦٤ ۲۰۲۰", "3٫64 2020"),
        ("بـ2020", "ب2020"),
        ("ڕێکخراوی کۆچ", "ريكخراوي كوچ"),
        ("KfW", "kfw"),
        ("ﻻ", "لا"),
    ],
)
def test_variants_fold_to_one_spelling(original: str, expected: str) -> None:
    """Marks, alif, hamza, digit and keyboard variants do not matter."""
    assert normalize(original) == expected


def test_a_span_takes_the_marks_behind_it() -> None:
    """A quote does not lose the vowel sign of its last letter."""
    folded = fold("كَمْ بلغ")
    assert folded.span(0, 2) == (0, 4)
