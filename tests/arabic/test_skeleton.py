"""The consonants that words of one root share."""

import pytest

from arabic.normalize import normalize
from arabic.stem import light10, skeleton


@pytest.mark.parametrize(
    ("word", "other"),
    [("معالج", "علاج"), ("تدريب", "متدرب"), ("تصنيع", "مصنع"), ("افتتح", "فتح"), ("ترميم", "رمم"),
     ("استخدام", "مستخدم"), ("تسجيل", "مسجل"), ("حفر", "محفور"), ("تشغيل", "شغل")],
)  # fmt: skip
def test_words_of_one_root_share_their_consonants(word: str, other: str) -> None:
    """Verbal nouns, participles and verbs of the derived forms."""
    assert skeleton(light10(normalize(word))) == skeleton(light10(normalize(other))) is not None


@pytest.mark.parametrize("word", ["مال", "ماء", "unicef", "12", "و", ""])
def test_short_and_foreign_words_have_none(word: str) -> None:
    """Below three consonants too much would be alike."""
    assert skeleton(word) is None
