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
