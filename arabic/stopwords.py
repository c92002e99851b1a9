"""Words that carry no content, from arabic/data/stopwords.yaml."""

from functools import cache
from typing import cast

from arabic.cues import load_yaml
from arabic.normalize import normalize


@cache
def stopwords() -> frozenset[str]:
    """All stopwords, normalised, of the three languages of our users."""
    lists = cast("dict[str, list[str]]", load_yaml("arabic", "stopwords.yaml"))
    return frozenset(normalize(word) for words in lists.values() for word in words)


def is_stopword(word: str) -> bool:
    """Whether a normalised word, with or without the conjunction و, carries no content."""
    return word in stopwords() or (len(word) > 2 and word[0] in "وف" and word[1:] in stopwords())
