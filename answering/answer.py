"""What the house answers: text with numbered marks, the quotes that it stands on, or a refusal."""

from dataclasses import dataclass, field
from typing import Any, Literal

Plan = Literal["fact", "list", "aggregate", "compare", "summary", "refuse"]
Language = Literal["ar", "en", "ckb"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation: what was asked and which releases the answer stood on."""

    question: str
    releases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote: the release's text from `start` to `end`, to the letter."""

    n: int
    release: str
    title: str
    date: str | None
    url: str | None
    quote: str
    start: int
    end: int


Outcome = Literal["written", "repaired", "trimmed", "refused", "fallback", "cached"]
"""What became of a model's draft: right at once, right after one repair, without the sentences that fell, a refusal of
the model's own, replaced by the extractive answer, or an earlier answer to the same question."""
Reason = Literal["unreachable", "timeout", "rate", "rejected", "malformed", "budget", "unverified", "error"]
"""Why the extractive answer took over."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How a chat model's answer came about; `faults` is all that verification found in its drafts, as "kind: words".

    `steps` are (name, seconds) in order, one for each time that a step was taken.
    """

    prompt: str
    model: str
    outcome: Outcome
    reason: Reason | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    steps: tuple[tuple[str, float], ...] = ()
    faults: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the answer's object."""
        return {
            "prompt": self.prompt,
            "model": self.model,
            "outcome": self.outcome,
            "reason": self.reason,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "calls": self.calls,
            "steps": [[name, round(seconds, 4)] for name, seconds in self.steps],
            "faults": list(self.faults),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` carries marks such as [1] that point into `citations`; a refusal has none and names what is `missing`."""

    question: str
    text: str
    refused: bool
    plan: Plan
    language: Language
    citations: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    model: str = "extractive"
    prompt: str | None = None
    seconds: float = 0.0
    trace: Trace | None = None

    def to_dict(self, id: str | None = None) -> dict[str, Any]:  # noqa: A002  the contract's name
        """The object that `sanad ask --json` prints."""
        return {
            "id": id,
            "question": self.question,
            "answer": self.text,
            "refused": self.refused,
            "missing": list(self.missing),
            "notes": list(self.notes),
            "citations": [
                {
                    "n": c.n,
                    "release": c.release,
                    "title": c.title,
                    "date": c.date,
                    "url": c.url,
                    "quote": c.quote,
                    "start": c.start,
                    "end": c.end,
                }
                for c in self.citations
            ],
            "plan": self.plan,
            "model": self.model,
            "prompt": self.prompt,
            "seconds": round(self.seconds, 4),
        } | ({"trace": self.trace.to_dict()} if self.trace else {})


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with the conversation before it, oldest turn first."""

    question: str
    history: tuple[Turn, ...] = field(default=())
