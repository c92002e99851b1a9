"""Where settings become parts: the embeddings, the live corpus, the answerer; and how a fault is told."""

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from settings import Settings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from answering.answer import Answer, Ask
    from answering.corpus import Corpus

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def fail(arabic: str, english: str) -> NoReturn:
    """Say in both languages what is wrong, and end with status 2."""
    from arabic.bidi import rtl_text

    sys.stderr.write(f"{rtl_text(arabic)}\n{english}\n")
    sys.exit(2)


def open_embeddings(config: Settings) -> "Embeddings":
    """The embedding model of the settings. Raises EmbeddingModelError."""
    from vectorstore.embeddings import load_embeddings

    return load_embeddings(config.embedding_model, device=config.device)


def open_corpus(config: Settings) -> "Corpus":
    """The live corpus of the settings; close it when done. Raises EmbeddingModelError, RerankerModelError."""
    from answering.corpus import Corpus

    reranker = None
    if config.reranker_model:
        from vectorstore.reranker import Reranker

        reranker = Reranker(config.reranker_model, config.device)
    return Corpus(config.data_dir, open_embeddings(config), reranker)


def open_answerer(config: Settings, corpus: "Corpus") -> "Callable[[Ask], Answer]":  # noqa: ARG001
    """What answers a question over a corpus, by the settings."""
    from answering.extractive import answer_from

    return partial(answer_from, corpus)
