"""Fusing words and vectors."""

from hypothesis import given
from hypothesis import strategies as st

from vectorstore.fusion import AT_A_LOSS, AT_HOME, DENSE_WEIGHT, dense_weight, fuse

_SCORES = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(0.01, 50), max_size=8)


@given(_SCORES, _SCORES, st.floats(0, 1))
def test_every_candidate_is_ranked_once_within_bounds(
    lexical: dict[str, float], dense: dict[str, float], weight: float
) -> None:
    """The union of both sides, best first, scores in 0…1."""
    found = fuse(lexical, list(dense.items()), weight)
    expected = set(lexical) | (set(dense) if weight > 0 else set())
    assert {name for name, _ in found} == expected
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 + 1e-9 for s in scores)


@given(_SCORES, _SCORES)
def test_without_weight_the_order_is_the_lexical_one(lexical: dict[str, float], dense: dict[str, float]) -> None:
    """Where words know the answer, vectors change nothing."""
    found = [name for name, _ in fuse(lexical, list(dense.items()), 0.0)]
    assert found == sorted(lexical, key=lambda n: (-(lexical[n] / max(lexical.values())), n))


def test_the_dense_side_counts_where_words_are_at_a_loss() -> None:
    """In full below the first share of the attainable score, not at all above the second, between them in part."""
    assert dense_weight(AT_A_LOSS * 10, 10) == DENSE_WEIGHT
    assert dense_weight(AT_HOME * 10, 10) == 0
    assert 0 < dense_weight((AT_A_LOSS + AT_HOME) / 2 * 10, 10) < DENSE_WEIGHT
    assert dense_weight(0, 0) == DENSE_WEIGHT
