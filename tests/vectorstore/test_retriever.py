"""The hybrid search and its LangChain retriever."""

import asyncio
from collections.abc import Iterator

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda

from vectorstore.embeddings import embed, fingerprint, load_embeddings
from vectorstore.generations import Generation, Generations, open_generation
from vectorstore.passage import Passage
from vectorstore.retriever import HybridRetriever
from vectorstore.search import Mode, rank, search

_TEXTS = {
    "grant": "قدمت حكومة اليابان منحة للمنظمة الدولية للهجرة في العراق",
    "school": "افتتحت الوزارة مدارس جديدة في الموصل",
    "water": "تصل مياه الشرب إلى عشرين قرية",
}


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generation]:
    root, model = tmp_path_factory.mktemp("generations"), load_embeddings()
    passages = [Passage(name, f"{name}.txt", 7, 7 + len(text), text, f"عن {name}") for name, text in _TEXTS.items()]
    Generations(root).publish(
        deletes=(),
        inserts=passages,
        embed=lambda texts: embed(model, texts),
        embedding=fingerprint(model),
        facts="1",
        revision="r",
        releases=3,
        expected=set(_TEXTS),
        extra=lambda _: None,
    )
    opened = open_generation(root, model)
    yield opened
    opened.close()


def test_a_document_tells_where_it_stands(generation: Generation) -> None:
    """Text, id, and in the metadata release, span, title and score."""
    retriever = HybridRetriever(generation=generation, limit=1)
    assert isinstance(retriever, BaseRetriever)
    (found,) = retriever.invoke("منحة يابانية للعراق")
    assert (found.page_content, found.id) == (_TEXTS["grant"], "grant")
    place = {k: found.metadata[k] for k in ("passage", "release", "start", "end", "title")}
    assert place == {
        "passage": "grant",
        "release": "grant.txt",
        "start": 7,
        "end": 7 + len(_TEXTS["grant"]),
        "title": "عن grant",
    }
    assert 0 < found.metadata["score"] <= 1


def test_it_runs_asynchronously_and_in_chains(generation: Generation) -> None:
    """As any LangChain retriever: ainvoke, batch, and piped into a Runnable."""
    retriever = HybridRetriever(generation=generation, limit=1)
    names = retriever | RunnableLambda(lambda documents: [d.id for d in documents])
    assert asyncio.run(names.ainvoke("مدارس الموصل")) == ["school"]
    assert names.batch(["مياه الشرب", "منحة اليابان"]) == [["water"], ["grant"]]


@pytest.mark.parametrize("mode", ["fused", "lexical", "dense"])
def test_every_mode_ranks_within_bounds(generation: Generation, mode: Mode) -> None:
    """No passage twice, best first, scores in 0…1, no more than wanted."""
    for query in ("منحة اليابان", "غلوكوز", "", "؟؟؟"):
        found = rank(generation, query, 2, mode=mode)
        assert len({name for name, _ in found}) == len(found) <= 2
        scores = [score for _, score in found]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= s <= 1 for s in scores)


def test_a_question_without_a_known_word_finds_by_meaning_alone(generation: Generation) -> None:
    """Words find nothing, vectors still rank."""
    assert not rank(generation, "تلاميذ", 3, mode="lexical")
    assert rank(generation, "تلاميذ", 3)


def test_expansions_find_what_the_question_does_not_name(generation: Generation) -> None:
    """Further words with a weight stand beside the question's own."""
    hits = search(generation, "Japan", 1, expansions=[("اليابان", 0.5)])
    assert [h.passage.id for h in hits] == ["grant"]
