"""Facts that a chat model proposes: what enters the ledger is what the release states to the letter and our rules read.

A proposal is never believed. Its quote and its words have to stand in one statement of the release's body; the value and
the currency that it claims have to be those that `arabic/` reads in these words; the names that it gives have to stand in
the quote. What enters has no role and is in no total, unless the ledger knew the figure already and lacked a party only.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from arabic.amounts import find_amounts, find_currencies
from arabic.counts import TIME_UNITS, find_counts
from arabic.dates import find_dates
from arabic.numbers import find_numbers
from ledger.facts import Facts, Figure, FigureKind, Statement
from ledger.gazetteer import find_mentions
from ledger.release import Proposal, Release


@dataclass(frozen=True, slots=True)
class _Read:
    """A figure that the rules read at [start, end) of a statement."""

    value: Decimal
    unit: str
    noun: str
    start: int
    end: int


def with_proposals(release: Release, facts: Facts) -> Facts:
    """The facts with those of the release's proposals that hold, in order of place."""
    statements = list(facts.statements)
    for proposal in release.proposals:
        for i, statement in enumerate(statements):
            changed = _accepted(release, facts.country, statement, proposal)
            if changed is not None:
                statements[i] = changed
                break
    return replace(facts, statements=tuple(statements))


def holds(release: Release, facts: Facts, proposal: Proposal) -> bool:
    """Whether a proposal adds anything to the facts."""
    return any(_accepted(release, facts.country, s, proposal) is not None for s in facts.statements)


def _accepted(release: Release, country: str | None, statement: Statement, proposal: Proposal) -> Statement | None:
    """The statement with the proposal's figure or parties; None where it does not hold or adds nothing."""
    text = release.text[statement.start : statement.end]
    quote, words = proposal.quote.strip(), proposal.words.strip()
    at = text.find(quote) if len(quote) >= len(words) > 0 else -1
    inside = text.find(words, at, at + len(quote)) if at >= 0 else -1
    if inside < 0:
        return None
    read = _read(text, inside, inside + len(words), proposal, country)
    parties = _parties(text, at, at + len(quote), proposal, statement)
    if read is None or parties is None:
        return None
    donor, recipient = parties
    start, end = statement.start + read.start, statement.start + read.end
    known = [f for f in statement.figures if f.start < end and start < f.end]
    if not known:
        kind: FigureKind = proposal.kind
        fresh = Figure(kind, read.value, read.unit, read.noun, start, end, donor=donor, recipient=recipient)
        return replace(statement, figures=tuple(sorted((*statement.figures, fresh), key=lambda f: f.start)))
    (figure, *others) = known
    if others or (figure.kind, figure.value, figure.unit) != (proposal.kind, read.value, read.unit):
        return None
    completed = figure._replace(donor=figure.donor or donor, recipient=figure.recipient or recipient)
    if completed == figure:
        return None
    return replace(statement, figures=tuple(completed if f is figure else f for f in statement.figures))


def _read(text: str, start: int, end: int, proposal: Proposal, country: str | None) -> _Read | None:
    """What the rules read in [start, end), where it is what the proposal claims and nothing else."""
    numbers = [n for n in find_numbers(text) if n.start < end and start < n.end]
    if len(numbers) != 1 or numbers[0].start < start or numbers[0].upper is not None:
        return None
    number = numbers[0]
    if number.value != proposal.value or any(d.start < number.end and number.start < d.end for d in find_dates(text)):
        return None
    if proposal.kind == "amount":
        for amount in find_amounts(text, country=country):
            if amount.start < end and start < amount.end:
                fits = amount.currency == proposal.unit and amount.value == proposal.value and amount.upper is None
                return _Read(amount.value, amount.currency, "", amount.start, amount.end) if fits else None
        if proposal.unit not in find_currencies(text):
            return None  # «… و11 مليوناً» is money only of a currency that the statement names
        return _Read(number.value, proposal.unit, "", number.start, number.end)
    if proposal.kind == "percent":
        return _Read(number.value, "percent", "", number.start, number.end) if number.kind == "percent" else None
    if number.kind not in {"cardinal", "range"} or find_amounts(text[start:end], country=country):
        return None
    for count in find_counts(text):
        if count.start < end and start < count.end:
            fits = count.value == proposal.value and count.unit not in TIME_UNITS
            return _Read(count.value, count.unit, count.noun, count.start, count.end) if fits else None
    noun = re.sub(r"^[\s\u0640]+", "", text[number.end : end]).strip(" .،؛:")
    return _Read(number.value, "other", noun, number.start, end) if noun else None


def _parties(
    text: str, start: int, end: int, proposal: Proposal, statement: Statement
) -> tuple[str | None, str | None] | None:
    """The gazetteer ids of the names that a proposal gives; None where one does not stand in the quote or names nobody."""
    found: list[str | None] = []
    for name in (proposal.donor, proposal.recipient):
        if not name or not name.strip():
            found.append(None)
            continue
        mentions = find_mentions(name)
        if text.find(name.strip(), start, end) < 0 or len(mentions) != 1:
            return None
        if mentions[0].entity.id not in {n.entity for n in statement.named}:
            return None
        found.append(mentions[0].entity.id)
    return found[0], found[1]
