"""What the verifier takes and gives: sources, drafts, quotes, faults."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from ledger.facts import Figure

FaultKind = Literal[
    "empty", "long", "link", "markup", "language", "leak",
    "uncited", "source", "quote", "injected",
    "amount", "count", "percent", "number", "ordinal", "qualifier", "date", "period", "share", "crowd",
    "name", "unknown_name", "moved", "role", "denial", "words",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was retrieved: `text` stands in the release from `start` on, to the letter.

    `names` are the gazetteer ids of everything that the whole release names; `figures` what the ledger read in this
    passage, with offsets into the release. `country` is the ISO code whose money a bare «دينار» is.
    """

    id: str
    release: str
    start: int
    text: str
    title: str
    day: date | None = None
    url: str | None = None
    names: frozenset[str] = frozenset()
    figures: tuple[Figure, ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A sum that the ledger computes: it may be stated by a sentence that quotes every one of its parts.

    `parts` are (release, start, end) of the figures that were added; `unit` an ISO 4217 code or a counting unit.
    """

    value: Decimal
    unit: str
    parts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as a model writes it."""

    id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as a model writes it, with what it claims to stand on."""

    text: str
    citations: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Whole sentences of a source: the release's text from `start` to `end`, to the letter."""

    source: str
    release: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with sentence number `sentence` (from 0); `detail` is the words concerned."""

    kind: FaultKind
    sentence: int
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence that stands: its text without marks of its own, and its quotes."""

    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sentences that stand and the faults of those that do not, in order."""

    sentences: tuple[Checked, ...]
    faults: tuple[Fault, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults
