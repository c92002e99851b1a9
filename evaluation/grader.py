"""A chat model as grader, where one is named: it reads question, answer and quotes, and says whether the rubric is met."""

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from answering.answer import Answer
from answering.background import run
from answering.context import to_messages
from evaluation.cases import Case
from evaluation.checks import Check
from prompts.loader import Prompt

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Grader:
    """Asks `model` with a prompt of the kind grade; `rubric` stands for cases that bring none of their own."""

    model: BaseChatModel
    prompt: Prompt
    rubric: str

    async def __call__(self, case: Case, answer: Answer) -> Check:
        """The grader's verdict as a check. A reply that says neither yes nor no does not hold, and says so."""
        quotes = "\n".join(f"[{c.n}] {c.quote}" for c in answer.citations)
        values = {
            "language": answer.language,
            "question": "\n".join(case.turns),
            "answer": answer.text,
            "quotes": quotes,
            "rubric": case.expect.rubric or self.rubric,
        }
        # No text can hold its own digest, so that an answer cannot close its block; and equal gradings are equal requests.
        values["boundary"] = hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
        messages = to_messages(self.prompt.render(values))
        reply = await asyncio.to_thread(run, self.model.ainvoke(messages))  # where the chain's calls run too
        return verdict(reply.text)


def verdict(reply: str) -> Check:
    """A grader's reply ({"pass": true or false, "why": words}) as a check."""
    found = _OBJECT.search(reply)
    try:
        row = json.loads(found.group()) if found else None
    except ValueError:
        row = None
    if not isinstance(row, dict) or not isinstance(row.get("pass"), bool):
        return Check("grader", False, f"the grader's reply was not understood: {reply[:80]!r}")
    return Check("grader", row["pass"], str(row.get("why") or ("" if row["pass"] else "not met")))
