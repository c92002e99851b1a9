"""Asking a chat model for the facts of a release that the rules missed."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, cast

from langchain_core.language_models import BaseChatModel

from answering.asking import Asking, Bill, ChatFault, Manner, Whole
from answering.background import run
from answering.chat import Output
from answering.context import material, random_boundary, to_messages
from answering.draft import Malformed, parse_object
from answering.usage import Limits, Usage
from ledger.extract import extract_facts
from ledger.release import Proposal, Release
from prompts.loader import Prompt

_LOG = logging.getLogger(__name__)
_LETTERS = 6_000
"""Letters of a release in one prompt."""
_KINDS = ("amount", "count", "percent")
_MOST = 200

SCHEMA: Final[dict[str, Any]] = {
    "title": "facts",
    "description": "Figures that the text states and the list of known ones lacks.",
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "quote": {"type": "string"},
                    "words": {"type": "string"},
                    "kind": {"type": "string", "enum": list(_KINDS)},
                    "value": {"type": "number"},
                    "unit": {"type": "string"},
                    "donor": {"type": "string"},
                    "recipient": {"type": "string"},
                },
                "required": ["quote", "words", "kind", "value", "unit", "donor", "recipient"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}


class Proposer:
    """Proposes facts by a chat model, a release at a call; None where the model gave nothing usable."""

    def __init__(
        self,
        model: BaseChatModel,
        prompt: Prompt,
        *,
        output: Output = "auto",
        limits: Limits | None = None,
        usage: Usage | None = None,
        boundary: Callable[[], str] = random_boundary,
    ) -> None:
        self._model, self._prompt = model, prompt
        self._manner = Manner(output)
        self._limits, self._usage, self._boundary = limits or Limits(), usage, boundary

    def __call__(self, release: Release) -> Sequence[Proposal] | None:
        """What the model proposes for the release; each part of a long one has the limits of an answer."""
        found: list[Proposal] = []
        try:
            for passage, known in _parts(release):
                found += run(self._ask(passage, known))
        except ChatFault as fault:
            _LOG.warning("no facts proposed for %s: %s", release.id, fault)
            return None
        return found

    async def _ask(self, passage: str, known: str) -> tuple[Proposal, ...]:
        mark = self._boundary()
        values = {"boundary": mark, "passage": material(passage, mark), "known": material(known, mark) or "–"}
        asking = Asking(self._limits, time.monotonic() + self._limits.seconds, Bill(), self._usage)
        replies = asking.ask(
            self._model, to_messages(self._prompt.render(values)), parse_facts, schema=SCHEMA, manner=self._manner,
            most=self._prompt.settings.max_tokens, streaming=False,
        )  # fmt: skip
        async with aclosing(replies) as parts:
            async for part in parts:
                if isinstance(part, Whole):
                    return part.value
        raise ChatFault("malformed", "no reply")


def _parts(release: Release) -> Iterator[tuple[str, str]]:
    """The body in parts of whole statements, each with the words of the figures that the ledger knows in it."""
    statements = extract_facts(release).statements
    begin = 0
    while begin < len(statements):
        end = begin + 1
        while end < len(statements) and statements[end].end - statements[begin].start <= _LETTERS:
            end += 1
        part = statements[begin:end]
        known = [
            f"- {release.text[f.start : f.end]}" + ("" if f.donor else " (بلا مانح)") + ("" if f.recipient else " (بلا متلقٍّ)")
            for s in part for f in s.figures
        ]  # fmt: skip
        yield release.text[part[0].start : part[-1].end], "\n".join(known)
        begin = end


def parse_facts(text: str) -> tuple[Proposal, ...]:
    """The proposals in a model's text; those that are not of the form are left out. Raises Malformed."""
    rows = parse_object(text, "facts")["facts"]
    if not isinstance(rows, list):
        raise Malformed("facts is a list")
    return tuple(p for row in rows[:_MOST] if (p := _proposal(row)) is not None)


def _proposal(row: object) -> Proposal | None:
    if not isinstance(row, dict) or row.get("kind") not in _KINDS:
        return None
    try:
        value = Decimal(str(row.get("value")))
    except InvalidOperation:
        return None
    quote, words = row.get("quote"), row.get("words")
    if not isinstance(quote, str) or not isinstance(words, str) or not value.is_finite():
        return None
    kind = cast("Literal['amount', 'count', 'percent']", row["kind"])
    names = [str(row.get(k) or "").strip() or None for k in ("donor", "recipient")]
    return Proposal(quote, words, kind, value, str(row.get("unit") or "").strip().upper(), *names)
