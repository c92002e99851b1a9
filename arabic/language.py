"""Which language a question is in, and whether its Arabic is dialect."""

import re
from typing import Literal

from arabic.dialect import is_dialect
from arabic.normalize import normalize
from arabic.stopwords import is_stopword

__all__ = ["Language", "detect_language", "is_dialect"]

Language = Literal["ar", "en", "ckb"]

# Letters of Sorani alone; پ چ ژ گ ک ی also stand in Arabic dialect and in what Persian keyboards type.
_SORANI_LETTER = re.compile("[ۆێڕڵەڤھ]")
_SORANI_WORD = re.compile(r"\w*[ۆێڕڵەڤھ]\w*")
_ARABIC_WORD = re.compile(r"[^\W\d_]*[\u0620-\u06ff][^\W\d_]*")
_WORD = re.compile(r"[^\W\d_]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_FOREIGN = re.compile("[A-Za-z\u00c0-\u024fۆێڕڵەڤھ]")
"""Without one of these letters a text is Arabic."""
_SORANI_SHARE = 0.4
_QUOTED = re.compile(r'"[^"]*"|«[^»]*»|“[^”]*”')


def detect_language(text: str) -> Language:
    """Sorani where two in five words are written with its letters, English where Latin words prevail, else Arabic.

    One Kurdish name leaves an Arabic question Arabic; Latin names beside an Arabic word do so too, unless English
    function words outnumber the Arabic words. A title in quotation marks may be in another language than the question.
    """
    if not _FOREIGN.search(text):
        return "ar"
    unquoted = _QUOTED.sub(" ", text)
    text = unquoted if _WORD.search(unquoted) else text
    arabic = _ARABIC_WORD.findall(text)
    latin = _LATIN_WORD.findall(text)
    if not arabic:
        return "en" if latin else "ar"
    if _SORANI_LETTER.search(text) and sum(
        bool(_SORANI_WORD.fullmatch(word)) for word in arabic
    ) >= _SORANI_SHARE * len(arabic):
        return "ckb"
    english = sum(is_stopword(normalize(word)) for word in latin)
    return "en" if english >= 2 and english >= len(arabic) else "ar"
