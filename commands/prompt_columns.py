"""The columns of a prompt test: prompt versions times models, and the extractive answerer; with their stores of responses."""

import hashlib
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, cast

from answering.chain import Writer
from answering.chat import ChatConfig, load_chat
from answering.drafting import Prompts
from answering.extractive import answer
from answering.usage import Limits
from evaluation.report import Column
from evaluation.responses import Mode, ReplayModel, ResponseStore
from evaluation.runs import Contestant
from prompts.loader import Prompt, load_prompt, prompt_path

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

    from answering.answer import Answer, Ask
    from answering.corpus import Corpus, View

EXTRACTIVE = "extractive"
"""The answerer that needs no model, as --model names it."""
BOUNDARY = "7f3a9c51e2"
"""The same delimiter in every test, so that equal questions are equal requests."""


@dataclass(frozen=True, slots=True)
class Responses:
    """Where model responses are kept, and whether they are read and written."""

    folder: Path
    mode: Mode


@dataclass(frozen=True, slots=True)
class Pinned:
    """One generation in place of the live corpus, so that a whole run sees the same releases."""

    pinned: "View"

    @contextmanager
    def view(self) -> "Iterator[View]":
        """The generation; whoever pinned it closes it."""
        yield self.pinned


def contestants(
    named: Sequence[str],
    fixed: Sequence[str],
    chats: Sequence[ChatConfig | None],
    responses: Responses,
    limits: Limits,
    folder: Path | None = None,
) -> list[Contestant]:
    """A column for each model (None: the extractive answerer) and each combination of the versions named, one of a kind.

    `fixed` are the versions of the other kinds; columns are called by those named, and by that of the answer. Raises
    BadPrompt, and ChatSetup for a model that cannot be used; in a replay no model is loaded at all.
    """
    kinds: dict[str, list[str]] = {}
    for name in sorted((*named, *fixed), key=lambda n: not n.startswith("answer/")):  # the answer's version first
        kinds.setdefault(name.partition("/")[0], []).append(name)
    shown = {*named, *(n for n in fixed if n.startswith("answer/"))}
    found = []
    for chat in chats:
        if chat is None:
            found.append(Contestant(Column(EXTRACTIVE, EXTRACTIVE), lambda view, _: _extractive(view)))
            continue
        for chosen in product(*kinds.values()):
            found.append(_written(chosen, shown, chat, responses, limits, folder))
    return found


def _extractive(view: "View") -> "Runnable[Ask, Answer]":
    from langchain_core.runnables import RunnableLambda

    return RunnableLambda(lambda ask: answer(ask, view.ledger, view.search))


def _written(
    names: Sequence[str],
    shown: Set[str],
    chat: ChatConfig,
    responses: Responses,
    limits: Limits,
    folder: Path | None,
) -> Contestant:
    prompts = {name.partition("/")[0]: load_prompt(name, folder) for name in names}
    texts = "".join(prompt_path(name, folder).read_text("utf-8") for name in names)
    column = Column(
        name=" · ".join((" + ".join(n for n in names if n in shown), chat.model)),
        model=chat.model,
        prompts=tuple(names),
        digest=hashlib.sha256(texts.encode()).hexdigest()[:16],
    )
    chosen = Prompts(**prompts)
    chat_model(chosen.answer, chat, responses, 0)  # a model that cannot be used is told before anything is asked

    def build(view: "View", attempt: int) -> Writer:
        condenser = chat_model(chosen.condense, chat, responses, attempt) if chosen.condense else None
        return Writer(
            cast("Corpus", Pinned(view)),
            chat_model(chosen.answer, chat, responses, attempt),
            name=chat.model,
            prompts=chosen,
            condenser=condenser,
            output="text" if responses.mode == "replay" else chat.output,
            limits=limits,
            boundary=lambda: BOUNDARY,
        )

    return Contestant(column, build)


def chat_model(prompt: Prompt, chat: ChatConfig, responses: Responses, attempt: int) -> "BaseChatModel":
    """A model that asks as a prompt's settings say and keeps its responses. Raises ChatSetup."""
    replay = responses.mode == "replay"
    model = ReplayModel(name=chat.model) if replay else load_chat(chat, prompt.settings)
    setting = f"temperature {prompt.settings.temperature}, at most {prompt.settings.max_tokens} tokens"
    model.cache = ResponseStore(
        responses.folder, model=chat.model, setting=setting, attempt=attempt, mode=responses.mode
    )
    return model
