"""The light10 stemmer.

L. Larkey, L. Ballesteros, M. Connell, "Light Stemming for Arabic Information Retrieval" (2007).
"""

from functools import lru_cache

_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال")
_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")


@lru_cache(maxsize=1 << 18)
def light10(word: str) -> str:
    """The stem of a normalised word: article and conjunction off, then every suffix in turn, two letters kept.

    Numbers and Latin words come back as they are.
    """
    if not ("\u0621" <= word[:1] <= "\u064a"):
        return word
    if word.startswith("و") and len(word) > 3:
        word = word[1:]
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) >= len(prefix) + 2:
            word = word[len(prefix) :]
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


@lru_cache(maxsize=1 << 16)
def without_tanwin(word: str) -> str:
    """The normalised word without the alef that carries an accusative ending: «إنسانا» is «إنسان»."""
    return word[:-1] if word.endswith("ا") and len(word) >= 5 else word


_TENTH_FORM = ("است", "مست", "يست", "تست", "ست")
_SERVILE = "متاينأ"
_WEAK = str.maketrans("", "", "اويىءؤئآأإ")


@lru_cache(maxsize=1 << 16)
def skeleton(stem: str) -> str | None:
    """The consonants that a stem shares with its relatives («علاج», «معالج», «عولج» → «علج»), None below three of them.

    An approximation of the root without a dictionary: servile letters at the front fall while three consonants stay,
    then weak letters and the infixed ت of the eighth form. Roots with a weak letter are not found.
    """
    if not ("\u0621" <= stem[:1] <= "\u064a"):
        return None
    rest = stem
    for prefix in _TENTH_FORM:
        if rest.startswith(prefix) and len(rest[len(prefix) :].translate(_WEAK)) >= 3:
            rest = rest[len(prefix) :]
            break
    while rest and rest[0] in _SERVILE and len(rest[1:].translate(_WEAK)) >= 3:
        rest = rest[1:]
    bones = rest.translate(_WEAK)
    if len(bones) == 4 and bones[1] == "ت":
        bones = bones[0] + bones[2:]
    return bones if 3 <= len(bones) <= 4 else None
