"""The tables of arabic/data/numbers.yaml, normalised."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from arabic.cues import load_yaml
from arabic.normalize import normalize


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


@cache
def number_words() -> NumberWords:
    """The tables, read once."""
    table = load_yaml("arabic", "numbers.yaml")
    assert isinstance(table, dict)

    def ints(group: str) -> dict[str, int]:
        return {normalize(str(word)): int(value) for word, value in table[group].items()}

    return NumberWords(
        ints("cardinals"),
        ints("teens"),
        frozenset(map(normalize, table["only_before_tens"])),
        ints("magnitudes"),
        frozenset(map(normalize, table["magnitudes_after_figure"])),
        ints("duals"),
        frozenset(map(normalize, table["dual_constructs"])),
        {normalize(word): Decimal(value) for word, value in table["fractions"].items()},
        ints("ordinals"),
        {
            kind: tuple(sorted(map(normalize, words), key=len, reverse=True))
            for kind, words in table["qualifiers"].items()
        },
    )
