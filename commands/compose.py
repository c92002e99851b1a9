"""Where settings become parts: the embeddings, the live corpus, the answerer; and how a fault is told."""

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from settings import Settings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.runnables import Runnable

    from answering.answer import Answer, Ask
    from answering.chain import Writer
    from answering.chat import ChatConfig
    from answering.corpus import Corpus
    from answering.propose import Proposer
    from answering.usage import Usage
    from ingest.cluster import Cluster
    from ingest.reading import Readers
    from ingest.update_web import Online
    from vectorstore.chroma_server import ChromaServer
    from vectorstore.endpoint import Endpoint

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def fail(arabic: str, english: str) -> NoReturn:
    """Say in both languages what is wrong, and end with status 2."""
    from arabic.bidi import rtl_text

    sys.stderr.write(f"{rtl_text(arabic)}\n{english}\n")
    sys.exit(2)


def open_embeddings(config: Settings) -> "Embeddings":
    """The embedding model of the settings, here or at an endpoint. Raises EmbeddingModelError."""
    from vectorstore.embeddings import load_embeddings

    return load_embeddings(config.embedding_model, device=config.device, endpoint=endpoint_of(config))


def endpoint_of(config: Settings) -> "Endpoint | None":
    """The embeddings endpoint of the settings, if there is one."""
    fields = config.embedding_endpoint()
    if fields is None:
        return None
    from vectorstore.endpoint import Endpoint

    return Endpoint(**fields)


def open_corpus(config: Settings) -> "Corpus":
    """The live corpus of the settings; close it when done. Raises EmbeddingModelError, RerankerModelError."""
    from answering.corpus import Corpus

    reranker = None
    if config.reranker_model:
        from vectorstore.reranker import Reranker

        reranker = Reranker(config.reranker_model, config.device)
    return Corpus(config.data_dir, open_embeddings(config), reranker, server=open_server(config))


def open_server(config: Settings) -> "ChromaServer | None":
    """The Chroma server of the settings, None where the vectors lie in the data folder."""
    arguments = config.chroma_server()
    if arguments is None:
        return None
    from vectorstore.chroma_server import ChromaServer

    return ChromaServer(**arguments)


def open_answerer(config: Settings, corpus: "Corpus") -> "Callable[[Ask], Answer]":
    """What answers a question over a corpus, by the settings. Raises ChatSetup, BadPrompt."""
    if config.chat_model:
        return open_writer(config, corpus).invoke
    from answering.extractive import answer_from

    return partial(answer_from, corpus)


def open_runnable(config: Settings, corpus: "Corpus") -> "Runnable[Ask, Answer]":
    """The same as a Runnable, whose `astream` gives the parts of an answer. Raises ChatSetup, BadPrompt."""
    if config.chat_model:
        return open_writer(config, corpus)
    from answering.extractive import answerer
    from answering.tracing import set_tracing

    set_tracing(config.tracing)
    return answerer(corpus)


def open_writer(config: Settings, corpus: "Corpus") -> "Writer":
    """The chain with the chat model of the settings, which has to be set. Raises ChatSetup, BadPrompt."""
    from answering.answer_cache import AnswerCache
    from answering.chain import Writer
    from answering.chat import load_chat
    from answering.drafting import Prompts
    from answering.tracing import otel_handler, set_tracing
    from answering.usage import Limits
    from prompts.loader import load_prompt

    set_tracing(config.tracing)
    chat = chat_config(config)
    prompts = Prompts(
        load_prompt(f"answer/{config.prompt_answer}", config.prompts_dir),
        load_prompt(f"repair/{config.prompt_repair}", config.prompts_dir),
        load_prompt(f"condense/{config.prompt_condense}", config.prompts_dir)
        if config.chat_condense == "model"
        else None,
    )
    return Writer(
        corpus,
        load_chat(chat, prompts.answer.settings, seconds=config.chat_seconds),
        name=chat.model,
        prompts=prompts,
        condenser=load_chat(chat, prompts.condense.settings, seconds=config.chat_seconds) if prompts.condense else None,
        output=chat.output,
        limits=Limits(config.chat_seconds, config.chat_calls, config.chat_tokens),
        usage=open_usage(config),
        cache=AnswerCache(config.chat_cache) if config.chat_cache else None,
        callbacks=[otel_handler(config.tracing_url)] if config.tracing == "otel" else [],
    )


def open_proposer(config: Settings) -> "Proposer":
    """What asks the chat model of the settings for facts. Raises ChatSetup, BadPrompt."""
    from answering.chat import load_chat
    from answering.errors import ChatSetup
    from answering.propose import Proposer
    from answering.tracing import set_tracing
    from answering.usage import Limits
    from prompts.loader import load_prompt

    if not config.chat_model:
        raise ChatSetup(
            "يحتاج --with-model إلى نموذج محادثة: اضبط SANAD_CHAT_MODEL",
            "--with-model needs a chat model: set SANAD_CHAT_MODEL",
        )
    set_tracing(config.tracing)
    chat, prompt = chat_config(config), load_prompt(f"facts/{config.prompt_facts}", config.prompts_dir)
    return Proposer(
        load_chat(chat, prompt.settings, seconds=config.chat_seconds),
        prompt,
        output=chat.output,
        limits=Limits(config.chat_seconds, config.chat_calls, config.chat_tokens),
        usage=open_usage(config),
    )


def chat_config(config: Settings) -> "ChatConfig":
    """The chat model of the settings, which has to be set."""
    from answering.chat import ChatConfig

    assert config.chat_model
    return ChatConfig(config.chat_model, config.chat_url, config.chat_key, config.chat_output)


def open_usage(config: Settings) -> "Usage":
    """The file in which the chat model's calls and tokens are counted, with the day's budget."""
    from answering.usage import Usage

    return Usage(config.data_dir / "usage.db", calls=config.chat_calls_per_day, tokens=config.chat_tokens_per_day)


def open_readers(config: Settings) -> "Readers":
    """The processes that read documents, within the limits of the settings; close them when done."""
    from ingest.readers import ocr
    from ingest.reading import Limits, Readers

    return Readers(limits=Limits(config.read_seconds, config.read_megabytes), ocr=ocr.available)


def open_on_cluster(config: Settings, cluster: "Cluster", local: "Readers") -> "tuple[Readers, Embeddings]":
    """Readers and embedding model on a Ray cluster; a model at an endpoint stays there."""
    from ingest.reading import Limits

    limits = Limits(config.read_seconds, config.read_megabytes)
    if config.embedding_url:
        return cluster.readers(local, limits), open_embeddings(config)
    return cluster.readers(local, limits), cluster.embeddings(config.embedding_model, config.device)


def open_online(config: Settings) -> "Online":
    """What fetches pages, feeds and reports, as the settings permit."""
    from ingest.update_web import Online
    from ingest.web.fetch import Fetcher, Policy

    policy = Policy(config.fetch_allowed, interval=config.fetch_interval, user_agent=config.user_agent)
    return Online(Fetcher(policy), config.reliefweb_appname)
