"""The tables of arabic/data/numbers.yaml, normalised."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from arabic.cues import load_yaml
from arabic.normalize import normalize


@dataclass(frozen=True, slots=True)
class NumberWords:
    """Normalised words and their values; the groups are explained in the data file."""

    arabic: Mapping[str, int]
    english: Mapping[str, int]
    sorani: Mapping[str, int]
    ones: frozenset[str]
    teens: Mapping[str, int]
    teen_ends: frozenset[str]
    hundreds: frozenset[str]
    magnitudes: Mapping[str, int]
    glued: Mapping[str, int]
    alone: frozenset[str]
    alone_after: frozenset[str]
    either: frozenset[str]
    duals: Mapping[str, int]
    fractions: Mapping[str, Decimal]
    hundred_or_water: frozenset[str]
    share_before_article: frozenset[str]
    never: frozenset[str]
    ordinals: Mapping[str, int]
    month_heads: frozenset[str]
    weekday_heads: frozenset[str]
    before_years: frozenset[str]
    qualifiers: Mapping[tuple[str, ...], str]
    qualifiers_after: Mapping[tuple[str, ...], str]
    fillers: frozenset[str]
    heads: frozenset[str]
    """Every word with which a cardinal may begin."""


@cache
def number_words() -> NumberWords:
    """The tables, read once."""
    table = load_yaml("arabic", "numbers.yaml")
    assert isinstance(table, dict)

    def values(group: str) -> dict[str, int]:
        return {normalize(str(word)): int(value) for word, value in table[group].items()}

    def words(group: str) -> frozenset[str]:
        return frozenset(normalize(str(word)) for word in table[group])

    def phrases(group: str) -> dict[tuple[str, ...], str]:
        return {tuple(normalize(p).split()): kind for kind, found in table[group].items() for p in found}

    arabic = values("cardinals") | values("dialect")
    fractions = {normalize(word): Decimal(value) for word, value in table["fractions"].items()}
    parts = [arabic, values("english"), values("sorani"), values("teens"), values("duals"), fractions]
    return NumberWords(
        arabic=arabic,
        english=values("english"),
        sorani=values("sorani"),
        ones=words("ones"),
        teens=values("teens"),
        teen_ends=words("teen_ends"),
        hundreds=words("hundreds"),
        magnitudes=values("magnitudes"),
        glued=values("glued"),
        alone=words("alone"),
        alone_after=words("alone_after"),
        either=words("either"),
        duals=values("duals"),
        fractions=fractions,
        hundred_or_water=words("hundred_or_water"),
        share_before_article=words("share_before_article"),
        never=words("never"),
        ordinals=values("ordinals"),
        month_heads=words("month_heads"),
        weekday_heads=words("weekday_heads"),
        before_years=words("before_years"),
        qualifiers=phrases("qualifiers"),
        qualifiers_after=phrases("qualifiers_after"),
        fillers=words("fillers"),
        heads=frozenset().union(*parts, words("ones"), words("alone"), words("hundred_or_water")),
    )
