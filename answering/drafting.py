"""One answer in the making: the model writes, the verifier judges, what falls is repaired once or replaced."""

import logging
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableConfig

from answering.answer import Answer, Ask, Outcome, Reason, Trace
from answering.asking import Asking, Bill, ChatFault, Growing, Manner, Whole
from answering.context import Context, texts, to_messages
from answering.corpus import View
from answering.draft import SCHEMA, Draft, parse_draft, ready
from answering.extractive import Prepared, refusal
from answering.verify import Checked, Fault, Sentence, Verdict, verify
from answering.written import labels, written
from arabic.orders import paragraph, speaks_to_a_model
from prompts.loader import Prompt, load_prompt

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prompts:
    """The versions in use; without `condense`, follow-up questions are completed by rules."""

    answer: Prompt = field(default_factory=lambda: load_prompt("answer/v1"))
    repair: Prompt = field(default_factory=lambda: load_prompt("repair/v1"))
    condense: Prompt | None = None

    @property
    def instructions(self) -> str:
        """All fixed text that a model is given: no answer repeats it."""
        return "\n".join(p.instructions for p in (self.answer, self.repair, self.condense) if p)


class Job:
    """What is noted of one answer while it is made."""

    def __init__(self, model: str, prompt: str, began: float) -> None:
        self.model, self.prompt, self.began = model, prompt, began
        self.bill = Bill()
        self.steps: list[tuple[str, float]] = []
        self.faults: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.steps.append((name, time.monotonic() - began))

    def fail(self, faults: Sequence[Fault]) -> None:
        """Note what verification found."""
        self.faults += [f"{f.kind}: {f.detail}" for f in faults]

    def finish(self, found: Answer, outcome: Outcome, reason: Reason | None = None) -> Answer:
        """The answer with its trace; what the extractive answerer wrote is called extractive."""
        trace = Trace(
            self.prompt, self.model, outcome, reason, self.bill.input_tokens, self.bill.output_tokens,
            self.bill.calls, tuple(self.steps), tuple(self.faults),
        )  # fmt: skip
        by_model = outcome != "fallback"
        return replace(
            found,
            model=self.model if by_model else found.model,
            prompt=self.prompt if by_model else found.prompt,
            seconds=time.monotonic() - self.began,
            trace=trace,
        )


@dataclass(frozen=True, slots=True)
class Drafting:
    """The part of one answer in which the model writes and the verifier judges."""

    ask: Ask
    view: View
    prepared: Prepared
    extract: Answer
    context: Context
    asking: Asking
    job: Job
    config: RunnableConfig
    prompts: Prompts

    async def answers(self, model: BaseChatModel, manner: Manner, *, streaming: bool) -> AsyncGenerator[Answer, None]:
        """Partial answers as sentences pass, then the final one."""
        messages = to_messages(self.prompts.answer.render(self.context.values))
        shown: tuple[Checked, ...] = ()
        judged: dict[Sentence, Checked | None] = {}
        draft: Whole[Draft] | None = None
        try:
            with self.job.step("model"):
                replies = self.asking.ask(
                    model, messages, parse_draft, schema=SCHEMA, manner=manner, streaming=streaming,
                    most=self.prompts.answer.settings.max_tokens, config=self.config,
                )  # fmt: skip
                async with aclosing(replies) as parts:
                    async for part in parts:
                        if isinstance(part, Whole):
                            draft = part
                            break
                        standing = self._standing(part, judged)
                        if standing and standing != shown:
                            shown = standing
                            yield self._partial(standing)
        except ChatFault as fault:
            yield self.fallback(fault.reason)
            return
        assert draft is not None
        async for final in self._judged(model, manner, messages, draft, streaming=streaming):
            yield final

    async def _judged(
        self, model: BaseChatModel, manner: Manner, messages: list[BaseMessage], draft: Whole[Draft], *, streaming: bool
    ) -> AsyncGenerator[Answer, None]:
        """The final answer from a whole draft, after a repair where one is needed."""
        if not draft.value.sentences:
            missing = labels(draft.value.missing, self.prepared.question.language)
            yield self.job.finish(refusal(self.ask, self.prepared, missing), "refused")
            return
        verdict = self._verify(draft.value)
        outcome: Outcome = "written"
        missing_fields = draft.value.missing
        if verdict.faults:
            self.job.fail(verdict.faults)
            outcome = "trimmed"
            repaired = await self._repaired(model, manner, messages, draft, verdict, streaming=streaming)
            if repaired is not None:
                draft, verdict = repaired
                self.job.fail(verdict.faults)
                missing_fields = draft.value.missing
                outcome = "repaired" if not verdict.faults else "trimmed"
        if not verdict.sentences or any(f.sentence == 0 for f in verdict.faults):
            yield self.fallback("unverified")  # the main sentence fell: what is left answers something else
            return
        found = written(
            self.ask, self.prepared.question.language, self.extract.plan, verdict.sentences, missing_fields,
            self.view.ledger,
        )  # fmt: skip
        if outcome == "trimmed":
            found = replace(found, notes=(texts(found.language)["notes"]["trimmed"],))
        yield self.job.finish(found, outcome)

    async def _repaired(
        self,
        model: BaseChatModel,
        manner: Manner,
        messages: list[BaseMessage],
        draft: Whole[Draft],
        verdict: Verdict,
        *,
        streaming: bool,
    ) -> tuple[Whole[Draft], Verdict] | None:
        """The draft that the model makes of what it is told of the first one; None where it gives none that is better."""
        told = "\n".join(f"- {draft.value.sentences[f.sentence].text} ← {f.kind}: {f.detail}" for f in verdict.faults)
        values = {**self.context.values, "faults": told.replace(self.context.values["boundary"], "")}
        more = [*messages, AIMessage(draft.text), *to_messages(self.prompts.repair.render(values))]
        try:
            with self.job.step("repair"):
                replies = self.asking.ask(
                    model, more, parse_draft, schema=SCHEMA, manner=manner, streaming=streaming,
                    most=self.prompts.repair.settings.max_tokens, config=self.config,
                )  # fmt: skip
                async with aclosing(replies) as parts:
                    async for part in parts:
                        if isinstance(part, Whole):
                            again = self._verify(part.value)
                            return (part, again) if again.sentences else None
        except ChatFault as fault:
            _LOG.info("no repair: %s", fault)
        return None

    def _verify(self, draft: Draft) -> Verdict:
        with self.job.step("verify"):
            return self._verdict(draft.sentences)

    def _verdict(self, sentences: Sequence[Sentence]) -> Verdict:
        return verify(
            [self.context.with_parts(s) for s in sentences],
            self.context.sources,
            self.prepared.question.language,
            totals=self.context.totals,
            instructions=self.prompts.instructions,
        )

    def _standing(self, part: Growing, judged: dict[Sentence, Checked | None]) -> tuple[Checked, ...]:
        """The verified sentences of a growing draft; none while the main one is not among them."""
        found: list[Checked] = []
        for number, sentence in enumerate(ready(part.text)):
            if sentence not in judged:
                judged[sentence] = next(iter(self._verdict([sentence]).sentences), None)
            checked = judged[sentence]
            if checked is not None:
                found.append(checked)
            elif number == 0:
                return ()
        return tuple(found)

    def _partial(self, sentences: tuple[Checked, ...]) -> Answer:
        found = written(self.ask, self.prepared.question.language, self.extract.plan, sentences, (), self.view.ledger)
        return replace(found, model=self.job.model, prompt=self.job.prompt, seconds=time.monotonic() - self.job.began)

    def fallback(self, reason: Reason) -> Answer:
        """The extractive answer with a note; a refusal where its quotes give orders to programs."""
        found = self.extract
        if any(self._gives_orders(c.release, c.start, c.end) for c in found.citations):
            found = refusal(self.ask, self.prepared, ())
        note = texts(self.prepared.question.language)["notes"][reason]
        return self.job.finish(replace(found, notes=(*found.notes, note)), "fallback", reason)

    def _gives_orders(self, release: str, start: int, end: int) -> bool:
        return speaks_to_a_model(paragraph(self.view.ledger.release(release).text, start, end)) is not None
