"""The lexical index and the counts behind it."""

import math
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arabic.analyzer import analyze
from vectorstore.lexical import K1, B, LexicalIndex, best, build, read_postings, write
from vectorstore.postings import Postings

_TEXTS = [
    "قدمت اليابان منحة للمنظمة الدولية للهجرة في العراق",
    "منحة ألمانية لإعادة بناء المدارس في الموصل، والمدارس كثيرة",
    "وصلت مياه الشرب إلى القرى",
    "",
    "Japan grants 3.63 million dollars",
]
_QUERIES = ["منحة اليابان", "مدارس الموصل", "مياه", "3.63 million", "كلمة غريبة"]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    build(tmp_path, _TEXTS)
    return LexicalIndex.load(tmp_path)


@pytest.mark.parametrize("query", _QUERIES)
def test_scores_are_those_of_bm25s(index: LexicalIndex, query: str) -> None:
    """Our own counting gives what bm25s computes from the same tokens, to half precision."""
    oracle = bm25s.BM25(k1=K1, b=B, backend="numpy")
    oracle.index([analyze(t) for t in _TEXTS], show_progress=False)
    known = [t for t in analyze(query) if t in oracle.vocab_dict]
    expected = oracle.get_scores(known) if known else np.zeros(len(_TEXTS))
    assert np.allclose(index.scores(query), expected, rtol=2e-3, atol=1e-3)


def test_a_weight_worked_out_by_hand(tmp_path: Path) -> None:
    """Lucene's BM25: rarity times a saturating count, normed by the length."""
    texts = ["ماء", "خبز"]
    build(tmp_path, texts)
    tokens = analyze("ماء")
    assert len(tokens) == len(analyze("خبز"))
    each = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5)) * 1 / (K1 + 1)
    found = LexicalIndex.load(tmp_path).scores("ماء")
    shared = len(set(tokens) & set(analyze("خبز")))
    assert shared == 0
    assert found == pytest.approx([len(tokens) * each, 0], rel=1e-3)


def test_expansions_add_to_the_score_by_their_weight(index: LexicalIndex) -> None:
    """Half a weight is half the score of the words alone."""
    alone = index.scores("المدارس")
    assert np.allclose(index.scores("", [("المدارس", 0.5)]), alone / 2)
    assert np.allclose(index.scores("مياه", [("المدارس", 0.5)]), index.scores("مياه") + alone / 2, atol=1e-5)


def test_no_text_scores_more_than_is_attainable(index: LexicalIndex) -> None:
    """Also for questions with words that no text holds."""
    for query in _QUERIES:
        assert index.scores(query).max() <= index.attainable(query) + 1e-3


@pytest.mark.parametrize("size", [7, 1000, 65_536, 70_001, 300_000])
def test_the_best_of_many_are_those_of_a_whole_sort(size: int) -> None:
    """Also with many equal scores, and where most are nothing."""
    scores = np.random.default_rng(size).exponential(size=size).astype(np.float32).round(3)
    scores[: size // 2] = 0
    found = best(scores, 100)
    assert len(set(found.tolist())) == min(100, size)
    assert sorted(scores[found].tolist()) == np.sort(scores)[-100:].tolist()


def test_nothing_makes_no_index(tmp_path: Path) -> None:
    """An index of no text is refused, and no file is left."""
    with pytest.raises(ValueError, match="at least one text"):
        build(tmp_path / "new", [])
    assert not (tmp_path / "new").exists()


_CORPUS = st.dictionaries(
    st.integers(0, 30),
    st.lists(st.sampled_from(["ماء", "منحة", "مدرسة", "العراق", "اليابان", "2020"]), max_size=6),
    max_size=12,
)


@settings(deadline=None)
@given(_CORPUS, _CORPUS, st.sets(st.integers(0, 30)))
def test_a_changed_corpus_counts_like_one_counted_anew(
    before: dict[int, list[str]], after: dict[int, list[str]], same: set[int]
) -> None:
    """Texts that stay, go, change and come, in any order: the entries and the weights are those of a clean count."""
    after |= {k: v for k, v in before.items() if k in same}
    old, now = sorted(before), {k: i for i, k in enumerate(sorted(after))}
    kept = [k for k in old if k in now and k in same]
    places = np.array([now[k] if k in kept else -1 for k in old], np.int32)
    fresh = sorted(now[k] for k in now if k not in kept)
    texts = {now[k]: " ".join(words) for k, words in after.items()}
    was = _counted([" ".join(before[k]) for k in old])
    updated = was.kept(places, len(now)).with_texts(fresh, (texts[i] for i in fresh))
    assert _entries(updated) == _entries(_counted([texts[i] for i in range(len(now))]))


def _counted(texts: list[str]) -> Postings:
    return Postings.empty().kept(np.empty(0, np.int32), len(texts)).with_texts(range(len(texts)), texts)


def _entries(postings: Postings) -> tuple[dict[tuple[str, int], tuple[int, float]], list[int]]:
    weights = postings.weights(K1, B)
    found = {}
    for token, t in postings.vocabulary.items():
        for e in range(postings.starts[t], postings.starts[t + 1]):
            found[token, int(postings.rows[e])] = (int(postings.counts[e]), float(weights[e]))
    return found, postings.lengths.tolist()


def test_dead_words_leave_the_vocabulary(tmp_path: Path) -> None:
    """A corpus that lost most of its texts does not keep their words."""
    postings = _counted(_TEXTS)
    left = postings.kept(np.array([-1, -1, 0, -1, -1], np.int32), 1)
    assert set(left.vocabulary) == set(analyze(_TEXTS[2]))
    write(left, tmp_path)
    assert LexicalIndex.load(tmp_path).scores("مياه")[0] > 0
    again = read_postings(tmp_path)
    assert again.vocabulary == left.vocabulary
    assert np.array_equal(again.counts, left.counts)
