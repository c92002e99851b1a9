"""The tables of arabic/data/numbers.yaml, normalised."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from arabic.cues import load_yaml
from arabic.normalize import normalize

_CLITICS = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فب")
_ORDINAL_PREFIXES = ("", "ال", "وال", "بال", "لل", "فال", "كال")


@dataclass(frozen=True, slots=True)
class NumberWords:
    """Normalised words and their values."""

    cardinals: Mapping[str, int]
    teens: Mapping[str, int]
    only_before_tens: frozenset[str]
    magnitudes: Mapping[str, int]
    magnitudes_after_figure: frozenset[str]
    duals: Mapping[str, int]
    dual_constructs: frozenset[str]
    fractions: Mapping[str, Decimal]
    ordinals: Mapping[str, int]
    qualifiers: Mapping[str, tuple[str, ...]]
    bare: Mapping[str, str]
    """Every form in which a number may begin, proclitics and all, and the word in it."""
    ordinal_forms: Mapping[str, int]
    """The ordinals with and without article and proclitics."""
    numerals: frozenset[str]
    """All of these forms: without one of them, or a digit, nothing is a number."""


@cache
def number_words() -> NumberWords:
    """The tables, read once."""
    table = load_yaml("arabic", "numbers.yaml")
    assert isinstance(table, dict)

    def ints(group: str) -> dict[str, int]:
        return {normalize(str(word)): int(value) for word, value in table[group].items()}

    cardinals, teens, magnitudes, duals = map(ints, ("cardinals", "teens", "magnitudes", "duals"))
    fractions = {normalize(word): Decimal(value) for word, value in table["fractions"].items()}
    ordinals = ints("ordinals")
    bare = {
        c + word: word
        for c in reversed(_CLITICS)
        for word in {**cardinals, **teens, **magnitudes, **duals, **fractions}
    }
    ordinal_forms = {p + word: value for p in reversed(_ORDINAL_PREFIXES) for word, value in ordinals.items()}
    return NumberWords(
        cardinals,
        teens,
        frozenset(map(normalize, table["only_before_tens"])),
        magnitudes,
        frozenset(map(normalize, table["magnitudes_after_figure"])),
        duals,
        frozenset(map(normalize, table["dual_constructs"])),
        fractions,
        ordinals,
        {
            kind: tuple(sorted(map(normalize, words), key=len, reverse=True))
            for kind, words in table["qualifiers"].items()
        },
        bare,
        ordinal_forms,
        frozenset((*bare, *ordinal_forms)),
    )
