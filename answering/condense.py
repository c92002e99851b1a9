"""A follow-up question made to stand by itself, by a chat model under the eyes of the rules."""

import logging

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig

from answering.answer import Ask, Language
from answering.asking import Asking, ChatFault, Manner, Whole
from answering.context import history_values, to_messages
from answering.draft import Malformed
from answering.verify_reading import Reading, read
from answering.verify_words import form_faults
from ledger.gazetteer import related
from ledger.store import Ledger
from prompts.loader import Prompt

_LOG = logging.getLogger(__name__)
_MOST = 300
"""Letters of a question."""


async def condense(
    ask: Ask,
    by_rules: str,
    ledger: Ledger,
    prompt: Prompt,
    model: BaseChatModel,
    asking: Asking,
    *,
    language: Language,
    boundary: str,
    config: RunnableConfig | None,
) -> str:
    """The question that retrieval is asked; `by_rules` wherever the model's adds anything to the conversation."""
    rendered = prompt.render(history_values(ask, ledger, language, boundary))
    messages = to_messages(rendered)
    releases = [ledger.release(r).title for t in ask.history for r in t.releases]
    known = " . ".join((*(t.question for t in ask.history), *releases, ask.question))
    try:
        async for part in asking.ask(
            model, messages, lambda text: checked(text, known, language), schema=None, manner=Manner("text"),
            most=prompt.settings.max_tokens, streaming=False, config=config,
        ):  # fmt: skip
            if isinstance(part, Whole):
                return part.value
    except ChatFault as fault:
        _LOG.info("condensed by rules: %s", fault)
    return by_rules


def checked(text: str, known: str, language: Language) -> str:
    """The question that a model made of a conversation: one line, nobody and no figure that `known` lacks.

    Raises Malformed.
    """
    question = " ".join(text.strip().strip('«»"“”').split())
    if not 0 < len(question) <= _MOST or any(True for _ in form_faults(question, language)):
        raise Malformed(f"no question: {text[:60]!r}")
    mine, theirs = read(question), read(known)
    if not _within(mine, theirs):
        raise Malformed(f"adds to the conversation: {text[:60]!r}")
    return question


def _within(mine: Reading, theirs: Reading) -> bool:
    names = all(any(related(n.entity, o.entity) for o in theirs.names) for n in mine.names)
    values = {q.value for q in theirs.quantities} | {d.point[0] for d in theirs.dates}
    figures = all(q.value in values for q in mine.quantities)
    years = {d.point[0] for d in theirs.dates}
    return names and figures and all(d.point[0] in years or not d.point[0] for d in mine.dates)
