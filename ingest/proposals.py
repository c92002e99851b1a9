"""The pass in which a chat model proposes facts that the rules missed; ledger/proposals.py decides what enters."""

from collections.abc import Callable, Sequence

from ingest.catalogue import Catalogue
from ledger.release import Proposal, Release

Propose = Callable[[Release], Sequence[Proposal] | None]
"""What a model proposes for a release; None where it could not be asked."""


def ask_for_facts(catalogue: Catalogue, propose: Propose, count: Callable[[int, int], None]) -> tuple[str, ...]:
    """Ask for every release for which nobody was asked since its text changed; the releases that got no answer.

    Each answer is kept at once, so that a run that is killed asks no release twice.
    """
    unanswered = []
    names = catalogue.unproposed()
    for done, name in enumerate(names, 1):
        found = propose(catalogue.release(name))
        if found is None:
            unanswered.append(name)
        else:
            with catalogue.transaction():
                catalogue.propose(name, tuple(dict.fromkeys(found)))
        count(done, len(names))
    return tuple(unanswered)
