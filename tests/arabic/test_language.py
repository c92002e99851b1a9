"""The language of a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic.language import detect_language, is_dialect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "ar"),
        ("٢٠٢٠؟", "ar"),
        ("كم قدمت اليابان؟", "ar"),
        ("KOICA كم", "ar"),
        ("UNDP KfW Yemen 2020 كم مليون", "ar"),
        ("كم منحت ڕووداو للسودان؟", "ar"),
        ("چم شخص شگد گال", "ar"),
        ("کم قدمت الیابان للیمن؟", "ar"),
        ("How much did Sweden give?", "en"),
        ("UNDP", "en"),
        ("How much did منظمة الهجرة give in 2020?", "en"),
        ("ژاپۆن چەند ملیۆن دۆلاری بەخشی؟", "ckb"),
        ("ئامانجی «اتفاق بين حكومة اليابان والمنظمة الدولية للهجرة لدعم العائدين في نينوى» چییە؟", "ckb"),
        ("What does “منحة يابانية جديدة لدعم العائدين في نينوى والأنبار” fund?", "en"),
        ("«منحة يابانية جديدة»", "ar"),
        ("سوید لە ساڵی ٢٠٢٢ چەند ملیۆنی بە UNFPA بەخشی؟", "ckb"),
    ],
)
def test_language_is_that_of_most_words(text: str, language: str) -> None:
    """A name in another script or language does not turn a question; nothing at all is Arabic."""
    assert detect_language(text) == language


@given(st.text(max_size=60))
def test_any_text_has_a_language(text: str) -> None:
    """Whatever comes in, one of the three comes out."""
    assert detect_language(text) in ("ar", "en", "ckb")


@pytest.mark.parametrize(
    "text", ["شكد انطت اليابان؟", "هو كام مليون؟", "قديش دفعت؟", "وش الهدف؟", "شحال عطات؟", "وقتاش يوفى؟"]
)
def test_dialect_words_tell_dialect(text: str) -> None:
    """One word that only dialects use is enough."""
    assert is_dialect(text)


@pytest.mark.parametrize(
    "text",
    [
        "كم قدمت اليابان إلى العراق؟",
        "أية محافظات تشملها المنحة؟",
        "ما رأس مال الصندوق، وهل من حق النازح السكن؟",
        "أدت المنحة إلى ترميم كل المنازل سوى منزلين",
        "أنهى المشروع مراحله وتخدم العيادة دول الجوار",
        "متا تنتهي المنضمة من عملها",
        "ولايه سنار ووكاله التعاون وتسويه النزاع",
        "التلامذة في المدارس ويحكي المعلم عن البنية",
    ],
)
def test_standard_words_that_look_like_dialect_do_not(text: str) -> None:
    """Neither look-alikes nor misspellings make a text dialect."""
    assert not is_dialect(text)
