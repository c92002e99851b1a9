"""The chain with a chat model: understand and retrieve → prompt → draft → verify → answer.

The model drafts, the verifier decides. A draft's sentences stand on quotes or fall; what falls is repaired once; where
the main sentence cannot be saved, the extractive answer takes over, as it does for every fault of the model. So whatever
a model writes, the user gets words that the releases support, or a refusal.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForChainRun, BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import merge_configs, patch_config

from answering.answer import Answer, Ask
from answering.answer_cache import AnswerCache, cache_key
from answering.asking import Asking, Manner
from answering.background import run, stream
from answering.chat import Output
from answering.condense import condense
from answering.context import build, completed, random_boundary
from answering.corpus import Corpus, View
from answering.drafting import Drafting, Job, Prompts
from answering.extractive import Prepared, answer, prepare, refusal
from answering.usage import Limits, Usage
from arabic.normalize import normalize

_LOG = logging.getLogger(__name__)
_RESERVED = 0.5
"""Seconds of the time for an answer that are kept for what follows the model."""


class Writer(Runnable[Ask, Answer]):
    """Answers by a chat model over a live corpus; never raises for any question, only what Corpus.view raises.

    `astream` yields answers of verified sentences, each replacing the one before, the last one final; `ainvoke` and
    `invoke` give the final one, and call the model without streaming. `name` is how answers call the model.
    `boundary` makes the delimiters of a prompt's values: random ones, unless responses are to be recorded.
    """

    def __init__(
        self,
        corpus: Corpus,
        model: BaseChatModel,
        *,
        name: str,
        prompts: Prompts | None = None,
        condenser: BaseChatModel | None = None,
        output: Output = "auto",
        limits: Limits | None = None,
        usage: Usage | None = None,
        cache: AnswerCache | None = None,
        callbacks: Sequence[BaseCallbackHandler] = (),
        boundary: Callable[[], str] = random_boundary,
    ) -> None:
        self.name = "writer"
        self._corpus, self._model, self._model_name = corpus, model, name
        self._prompts = prompts or Prompts()
        self._condenser = condenser or model
        self._manner = Manner(output)
        self._limits = limits or Limits()
        self._usage, self._cache = usage, cache
        self._callbacks, self._boundary = list(callbacks), boundary

    def invoke(self, input: Ask, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:  # noqa: A002
        """The final answer, from code without an event loop."""
        return run(self.ainvoke(input, config, **kwargs))

    async def ainvoke(self, input: Ask, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:  # noqa: A002, ARG002
        """The final answer."""
        return await self._acall_with_config(self._last, input, self._config(config))

    async def astream(
        self,
        input: Ask,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Answer]:
        """Answers that replace each other."""

        async def asks() -> AsyncIterator[Ask]:
            yield input

        found = self._atransform_stream_with_config(asks(), self._all, self._config(config), **kwargs)
        async with aclosing(found) as answers:  # type: ignore[type-var]
            async for each in answers:
                yield each

    def _config(self, config: RunnableConfig | None) -> RunnableConfig:
        return merge_configs({"callbacks": self._callbacks}, config) if self._callbacks else config or {}

    async def _last(self, ask: Ask, run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig) -> Answer:
        inner = patch_config(config, callbacks=run_manager.get_child())
        async with aclosing(stream(partial(self._answers, ask, inner, streaming=False))) as answers:
            found = [each async for each in answers]
        return found[-1]

    async def _all(
        self, asks: AsyncIterator[Ask], run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig
    ) -> AsyncGenerator[Answer, None]:
        inner = patch_config(config, callbacks=run_manager.get_child())
        async for ask in asks:
            async with aclosing(stream(partial(self._answers, ask, inner, streaming=True))) as answers:
                async for each in answers:
                    yield each

    async def _answers(self, ask: Ask, config: RunnableConfig, *, streaming: bool) -> AsyncGenerator[Answer, None]:
        with self._corpus.view() as view:
            job = Job(self._model_name, self._prompts.answer.name, time.monotonic())
            async with aclosing(self._written(ask, view, job, config, streaming=streaming)) as answers:
                async for each in answers:
                    if each.trace is not None:
                        _LOG.info("answered: %s", each.trace)
                        if self._usage is not None:
                            await asyncio.to_thread(self._usage.count, each.trace.outcome, each.trace.reason)
                    yield each

    async def _written(
        self, ask: Ask, view: View, job: Job, config: RunnableConfig, *, streaming: bool
    ) -> AsyncGenerator[Answer, None]:
        """The answers, the last of them final."""
        ask = _still_there(ask, view)
        with job.step("extract"):
            prepared, extract = await asyncio.to_thread(_extract, ask, view)
        key = self._key(ask, view)
        if self._cache is not None and (kept := self._cache.get(key)) is not None:
            yield job.finish(replace(kept, question=ask.question), "cached")
            return
        asking = Asking(
            self._limits, job.began + self._limits.seconds - _RESERVED, job.bill, self._usage
        )  # fmt: skip
        query = completed(ask)
        if ask.history and self._prompts.condense is not None:
            with job.step("condense"):
                query = await condense(
                    ask, query, view.ledger, self._prompts.condense, self._condenser, asking,
                    language=prepared.question.language, boundary=self._boundary(), config=config,
                )  # fmt: skip
        with job.step("retrieve"):
            context = await asyncio.to_thread(build, ask, query, prepared, extract, view, self._boundary)
        if not context.sources:
            yield job.finish(refusal(ask, prepared, ()), "refused")
            return
        work = Drafting(ask, view, prepared, extract, context, asking, job, config, self._prompts)
        final: Answer | None = None
        try:
            async with aclosing(work.answers(self._model, self._manner, streaming=streaming)) as answers:
                async for final in answers:
                    yield final
        except Exception:  # what a model writes may be anything; a fault of ours that it brings out costs no answer
            _LOG.exception("while an answer was written")
            yield work.fallback("error")
            return
        if self._cache is not None and final is not None and final.trace and final.trace.outcome != "fallback":
            self._cache.put(key, final)

    def _key(self, ask: Ask, view: View) -> str:
        prompts = (self._prompts.answer, self._prompts.repair, self._prompts.condense)
        history = [(normalize(t.question), *t.releases) for t in ask.history]
        names = [p.name if p else "" for p in prompts]
        return cache_key((view.number, view.manifest.revision, self._model_name, *names, ask.question.strip(), history))


def _extract(ask: Ask, view: View) -> tuple[Prepared, Answer]:
    return prepare(ask, view.ledger, view.search), answer(ask, view.ledger, view.search)


def _still_there(ask: Ask, view: View) -> Ask:
    """The question with a history that names no release removed since."""
    have: set[str] = set()
    for name in {r for t in ask.history for r in t.releases}:
        try:
            view.ledger.release(name)
            have.add(name)
        except KeyError:
            continue
    return replace(
        ask, history=tuple(replace(t, releases=tuple(r for r in t.releases if r in have)) for t in ask.history)
    )
