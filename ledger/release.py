"""A release as every room of the house sees it."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of character offsets in a release's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A figure that a chat model proposes: the sentence that states it and the figure's words, as they stand there.

    `value` and `unit` (an ISO 4217 code for amounts) are what the model makes of the words, `donor` and `recipient` names
    from the quote. ledger/proposals.py decides whether any of it is so.
    """

    quote: str
    words: str
    kind: Literal["amount", "count", "percent"]
    value: Decimal
    unit: str = ""
    donor: str | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One press release: its text as it was read, what is known about it, and which parts of it may be quoted.

    `body` holds the spans (in order, not overlapping) of the announcement itself; front matter, navigation, contact
    blocks and other boilerplate of `text` lie outside it. `date` is None where the release states none. `headline` is
    the span of the title in `text`, None where the title comes from elsewhere (front matter, HTML meta).
    """

    id: str
    text: str
    title: str
    body: tuple[Span, ...]
    headline: Span | None = None
    date: datetime.date | None = None
    publisher: str | None = None
    url: str | None = None
    language: str = "ar"
    proposals: tuple[Proposal, ...] = ()
