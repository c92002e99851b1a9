"""Which language a question is in."""

import re
from typing import Literal

_SORANI = re.compile("[ۆێڕڵەڤ]|(?<!\\w)(?:لە|بۆ|چەند|کەی|بە)(?!\\w)")
_ARABIC = re.compile("[\u0621-\u064a]")
_LATIN = re.compile("[A-Za-z]")


def detect_language(text: str) -> Literal["ar", "en", "ckb"]:
    """Sorani by its letters and smallest words, English where Latin letters prevail, Arabic otherwise."""
    letters = [len(p.findall(text)) for p in (_SORANI, _ARABIC, _LATIN)]
    if letters[0] >= 2 and letters[0] * 12 >= letters[1]:
        return "ckb"
    if letters[2] > 2 * letters[1]:
        return "en"
    return "ar"
