"""Embedding models and rerankers."""

from pathlib import Path

import numpy as np
import pytest

from vectorstore.embeddings import BUNDLED, TransformerEmbeddings, embed, fingerprint, load_embeddings
from vectorstore.errors import EmbeddingModelError, RerankerModelError
from vectorstore.passage import Passage
from vectorstore.reranker import CANDIDATES, Reranker
from vectorstore.search import Hit

_TEXTS = ["قدمت اليابان منحة للعراق", "مدارس جديدة في الموصل", "A grant for water"]


def test_the_bundled_model_gives_what_sentence_transformers_gives() -> None:
    """Read without torch, the vectors are those of the library whose format they are saved in."""
    from sentence_transformers import SentenceTransformer

    from arabic.normalize import normalize

    ours = embed(load_embeddings(), _TEXTS)
    theirs = SentenceTransformer(str(BUNDLED)).encode([normalize(t) for t in _TEXTS], normalize_embeddings=True)
    assert np.allclose(ours, theirs, atol=1e-3)


def test_the_bundled_model_is_small() -> None:
    """At most ten megabytes on disk."""
    assert sum(p.stat().st_size for p in BUNDLED.rglob("*") if p.is_file()) <= 10_000_000


def test_any_sentence_transformers_model_loads_with_its_own_prompts(tiny_transformer: Path) -> None:
    """Questions and passages get different prompts; vectors have length one; the identity is another."""
    model = load_embeddings(str(tiny_transformer))
    assert isinstance(model, TransformerEmbeddings)
    question, passage = np.array(model.embed_query("منحة")), np.array(model.embed_documents(["منحة"])[0])
    assert np.isclose(np.linalg.norm(question), 1)
    assert not np.allclose(question, passage)
    assert fingerprint(model) != fingerprint(load_embeddings())


def test_a_model_that_is_none_is_named_in_both_languages(tmp_path: Path) -> None:
    """The message tells the name and what was expected."""
    with pytest.raises(EmbeddingModelError) as caught:
        load_embeddings(str(tmp_path))
    assert str(tmp_path) in caught.value.message_ar
    assert "sentence-transformers" in caught.value.message_en
    with pytest.raises(RerankerModelError) as caught_too:
        Reranker(str(tmp_path))
    assert "CrossEncoder" in caught_too.value.message_en


def test_a_reranker_orders_by_its_own_scores(tiny_cross_encoder: Path) -> None:
    """All passages come back once, those read first by falling score, the others after them."""
    hits = [Hit(Passage(str(i), "r", 0, 1, text, "t"), 1 - i / 100) for i, text in enumerate(_TEXTS * 12)]
    found = Reranker(str(tiny_cross_encoder)).rerank("كم قدمت اليابان", hits)
    assert sorted(h.passage.id for h in found) == sorted(h.passage.id for h in hits)
    scores = [h.score for h in found]
    assert scores[:CANDIDATES] == sorted(scores[:CANDIDATES], reverse=True)
    assert all(0 <= s <= scores[CANDIDATES - 1] for s in scores[CANDIDATES:])
    assert [h.passage.id for h in found[CANDIDATES:]] == [h.passage.id for h in hits[CANDIDATES:]]
