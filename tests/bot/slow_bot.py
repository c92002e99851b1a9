"""The bot with an answerer that takes the time that a question names: «بطيء 3 …» takes three seconds.

«ينمو 3 …» grows for three seconds, as the answers of chat models do; «عطل …» fails; «يعلق 3 …» keeps the event loop from
turning for three seconds. All others are the extractive ones.
"""

import argparse
import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

from langchain_core.runnables import Runnable, RunnableGenerator

from answering.answer import Answer, Ask
from answering.corpus import Corpus
from answering.extractive import answer_from
from bot import log
from bot.app import Webhook, serve
from commands.compose import open_corpus
from settings import settings

_COMMAND = re.compile(r"(بطيء|ينمو|عطل|يعلق)\s*([\d.]*)\s*(.*)")
_STEP = 0.25


def answerer(corpus: Corpus) -> Runnable[Ask, Answer]:
    """The extractive answerer, slowed down on demand."""

    def answers(asks: Iterator[Ask]) -> Iterator[Answer]:
        for ask in asks:
            yield answer_from(corpus, ask)

    async def growing(asks: AsyncIterator[Ask]) -> AsyncIterator[Answer]:
        async for ask in asks:
            found = _COMMAND.match(ask.question)
            if found is None:
                yield await asyncio.to_thread(answer_from, corpus, ask)
                continue
            how, seconds, question = found[1], float(found[2] or 0), found[3]
            if how == "عطل":
                raise RuntimeError(f"fails on purpose: {ask.question}")
            answer = await asyncio.to_thread(answer_from, corpus, replace(ask, question=question))
            answer = replace(answer, question=ask.question)
            if how == "بطيء":
                await asyncio.to_thread(time.sleep, seconds)
            elif how == "يعلق":
                time.sleep(seconds)  # on purpose
            else:
                steps = max(1, int(seconds / _STEP))
                for step in range(1, steps):
                    yield replace(answer, text=answer.text[: len(answer.text) * step // steps] + "…", citations=())
                    await asyncio.sleep(_STEP)
            yield answer

    return RunnableGenerator(answers, growing)


if __name__ == "__main__":
    config = settings()
    log.set_up(config.log_level)
    corpus = open_corpus(config)
    options = argparse.ArgumentParser()
    options.add_argument("--webhook")
    options.add_argument("--port", type=int, default=0)
    chosen = options.parse_args()
    hook = Webhook(chosen.webhook, port=chosen.port) if chosen.webhook else None
    asyncio.run(serve(config, corpus, answerer(corpus), hook))
    corpus.close()
