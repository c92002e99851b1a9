"""Measures against values worked out by hand."""

import math

import pytest

from evaluation.metrics import ndcg, recall, reciprocal_rank


def test_measures_of_a_ranking() -> None:
    """Two relevant passages at places two and five."""
    ranked, relevant = ["a", "b", "c", "d", "e"], {"b": 1, "e": 1}
    assert recall(ranked, relevant, 1) == 0
    assert recall(ranked, relevant, 5) == 1
    assert reciprocal_rank(ranked, relevant) == 0.5
    found = 1 / math.log2(3) + 1 / math.log2(6)
    assert ndcg(ranked, relevant) == pytest.approx(found / (1 + 1 / math.log2(3)))


def test_nothing_found_and_nothing_wanted_are_nought() -> None:
    """No division by nothing."""
    assert (ndcg([], {"a": 1}), recall([], {"a": 1}, 5), reciprocal_rank([], {"a": 1})) == (0, 0, 0)
    assert (ndcg(["a"], {}), recall(["a"], {}, 5), reciprocal_rank(["a"], {})) == (0, 0, 0)
