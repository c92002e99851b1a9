"""Text that was copied out of a PDF with its lam-alef ligatures turned round: «االتحاد» for «الاتحاد», «دوالر» for «دولار».

The letters go back into the order in which they were printed. That is done only in a document where words begin as no
Arabic word does («اال», «األ», «اإل»), and word by word only where the vocabulary knows the result and not the damage. Nothing
is added or lost: every other character stays in its place.
"""

import re
from functools import cache
from importlib import resources
from itertools import combinations

from arabic.cues import load_yaml
from arabic.normalize import normalize

_IMPOSSIBLE = re.compile(r"(?<![\u0621-\u064a])[وفبك]?ا(?:[أإآ]ل|ال)[\u0621-\u064a]{2,}")
_TURNED = ("اال", "األ", "اإل", "اآل")
_ENOUGH = 2
"""Different impossible words that a document must hold: one may be a typing error."""
_WORD = re.compile(r"[\u0621-\u064a\u064b-\u0652]{2,}")
_PAIR = re.compile("(?=[اأإآ]ل)")
_MOST_PAIRS = 5
_SHORT = {"ال": "لا", "وال": "ولا", "فال": "فلا", "إال": "إلا", "وإال": "وإلا", "أال": "ألا", "ملا": "لما"}
"""Words of one ligature, which no vocabulary of longer words holds."""


def mend(text: str) -> str:
    """The text with its ligatures right, of the same length; unchanged where the document shows no such damage."""
    if (
        not any(turned in text for turned in _TURNED)
        or len({match[0] for match in _IMPOSSIBLE.finditer(text)}) < _ENOUGH
    ):
        return text
    return _WORD.sub(lambda match: _mended(match[0]), text)


def _mended(word: str) -> str:
    if word in _SHORT:
        return _SHORT[word]
    broken = _IMPOSSIBLE.fullmatch(word) is not None
    if not broken and _known(word):
        return word
    places = [match.start() for match in _PAIR.finditer(word)][:_MOST_PAIRS]
    for count in range(1, len(places) + 1):
        for chosen in combinations(places, count):
            turned = _turned(word, chosen)
            if turned is not None and _known(turned):
                return turned
    # An unknown name: its article at least is certain.
    return re.sub(r"^([وفبك]?ا)([اأإآ])ل", r"\1ل\2", word) if broken else word


def _turned(word: str, places: tuple[int, ...]) -> str | None:
    """The word with alef and lam changed at each of the places, None where these overlap."""
    letters = list(word)
    for place in places:
        if letters[place + 1] != "ل" or letters[place] not in "اأإآ":
            return None
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


def _known(word: str) -> bool:
    """Whether the word is in the vocabulary, as it stands or behind «و», «ف», «ب», «ل», «ك» and the article."""
    folded, words = normalize(word), _vocabulary()
    if folded in words:
        return True
    for proclitic in ("وال", "بال", "فال", "كال", "ولل", "ال", "لل", "و", "ف", "ب", "ل", "ك"):
        rest = folded.removeprefix(proclitic)
        if rest != folded and len(rest) >= 3 and (rest in words or f"ال{rest}" in words):
            return True
    return False


@cache
def _vocabulary() -> frozenset[str]:
    """Everyday words, months, units, numbers, currencies and the words of aid, folded."""
    listed = resources.files("arabic").joinpath("data", "common_words.txt").read_text("utf-8").split()
    words = set(map(normalize, listed))
    for name in ("months.yaml", "units.yaml", "numbers.yaml", "currencies.yaml", "synonyms.yaml"):
        words.update(re.findall(r"[\u0621-\u064a]{3,}", normalize(str(load_yaml("arabic", name)))))
    return frozenset(words)
