"""Lists and totals that one release tells by itself: who pays which part, what both of its loans come to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from answering.candidates import Candidate, candidates
from answering.evidence import Evidence
from answering.question import Question
from answering.shares import payer_of
from answering.wanted import Wanted
from arabic.normalize import normalize
from ledger.gazetteer import related
from ledger.parties import own_span
from ledger.payers import CLASSES

_AMOUNT = Wanted("amount", "amount")
_NO_SHARE = frozenset({"cumulative", "need", "package", "subgrant", "equivalent"})
_WHO_PAYS = re.compile(
    r"(?<!\w)(?:من|who)\s+(?:هم\s+|هي\s+|الذي\w*\s+)?(?:تعهد\w*|ساهم\w*|اسهم\w*|تبرع\w*|دفع(?:ت|وا|ها|وها)?(?!\w)|مول\w*|يمول\w*|شارك\w*|funded|pledged|contribut\w*|paid|pays)"
    r"|(?:ال)?(?:ممولو\w*|ممولي\w*|مانحو\w*|مانحي\w*|متبرعو\w*|متبرعي\w*|مساهمو\w*|مساهمي\w*|جهات المانحه|جهات الممول\w*|دول المانحه|donors|funders|contributors)(?!\w)"
)
_HOW_MUCH = re.compile(
    r"(?<!\w)[وف]?(?:ب?كم|ما مبلغ|ما قيمه|ما حصه|ما نصيب|المبالغ|مبالغ|how much|what amounts?)(?!\w)"
)
_LEAST_KNOWN = 0.5
"""What share of the question's content a release has to hold."""


def funders(question: Question, evidence: Evidence) -> list[Candidate]:
    """The sums of a release that its own words give each to another payer, for a question who pays (how much); else none.

    Where no sums are asked for, they have to be of the release that fits best.
    """
    if not _WHO_PAYS.search(question.standard) or question.givers:
        return []
    plain = replace(question, asks=question.asks & {"previous"})
    best: list[Candidate] = []
    most = 0.0 if _HOW_MUCH.search(question.standard) else max(fit(question, evidence).values(), default=0.0)
    for found in _by_release(plain, evidence):
        shares = _shares([c for c in found if _is_share(c, question)])
        if len(shares) > 1 and _fits(shares) > max(_LEAST_KNOWN, _fits(best)) and _fits(shares) >= most:
            best = shares
    return best


def together(question: Question, givers: Sequence[Sequence[str]], evidence: Evidence) -> list[Candidate]:
    """For each group of givers its share of what one release tells of all of them; none where no release does."""
    best: list[Candidate] = []
    for found in _by_release(question, evidence):
        shares = [c for c in found if _is_share(c, question)]
        chosen = [next((c for c in shares if _is_of(c, names)), None) for names in givers]
        of_all = [c for c in chosen if c is not None]
        if len({c.spans for c in of_all}) == len(givers) and _fits(of_all) > _fits(best):
            best = of_all
    return best


def _is_of(candidate: Candidate, givers: Sequence[str]) -> bool:
    """Whether a sum is, by its own words, given by one of some givers."""
    assert candidate.figure is not None
    payer = payer_of(candidate.scored, candidate.figure)
    return payer is not None and payer not in CLASSES and any(related(payer, giver) for giver in givers)


def fit(question: Question, evidence: Evidence) -> dict[str, float]:
    """How much of the question's content each release holds (0…1)."""
    return {s.source.release.id: s.whole for s in Evidence(question, evidence.sources).statements()}


def _is_share(candidate: Candidate, question: Question) -> bool:
    earlier = "previous" in candidate.statement.cues and "previous" not in question.asks
    return candidate.figure is not None and candidate.figure.role not in _NO_SHARE and not earlier


def _shares(found: Sequence[Candidate]) -> list[Candidate]:
    """The first sum of each payer; where they stand in a list of items, those of the list."""
    for items in _lists(found):
        paid = _first_of_each(items)
        if len(paid) > 1 and 2 * len(paid) > len(items):
            return items  # a list of payers, also of those whom nobody knows
    paid = _first_of_each(found)
    return paid if len(paid) > 1 else []


def _lists(found: Sequence[Candidate]) -> list[list[Candidate]]:
    """The sums in items and rows, those that follow one another together."""
    runs: list[list[Candidate]] = []
    for candidate in sorted((c for c in found if c.statement.kind != "sentence"), key=lambda c: c.spans):
        if not runs or candidate.scored.index - runs[-1][-1].scored.index > 1:
            runs.append([])
        runs[-1].append(candidate)
    return runs


def _first_of_each(found: Sequence[Candidate]) -> list[Candidate]:
    """The first sum of each payer."""
    first: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda c: c.spans[0]):
        assert candidate.figure is not None
        if payer := payer_of(candidate.scored, candidate.figure):
            first.setdefault(payer, candidate)
    return list(first.values())


def _fits(found: Sequence[Candidate]) -> float:
    """How well the release of some candidates fits the question (0…1)."""
    return max((c.scored.whole + c.scored.plain for c in found), default=0.0)


def _by_release(question: Question, evidence: Evidence) -> Iterable[list[Candidate]]:
    """The sums of each release that knows everybody whom the question names."""
    found: dict[str, list[Candidate]] = {}
    for candidate in candidates(question, evidence, _AMOUNT):
        if not any(v for k, v in candidate.features.items() if k in _UNKNOWN):
            found.setdefault(candidate.source.release.id, []).append(candidate)
    return found.values()


_UNKNOWN = frozenset({"unknown:givers", "unknown:receivers", "unknown:places", "country:other", "time:conflict"})

_BOTH = {
    "loan": re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:قرض[اي]ن|قرضي|(?:both|two) loans)(?!\w)"),
    "gift": re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:منحتي?ن|منحتان|هبتي?ن|هبتان|تبرع[اي]ن|(?:both|two) grants)(?!\w)"),
}
_SAID = {
    "loan": re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?قرض\w*|loan"),
    "gift": re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:منح[هة]|هب[هة]|تبرع)\w*|grant"),
}


def both(question: Question, evidence: Evidence) -> list[Candidate]:
    """The two loans, or the two gifts, of one release that a question adds up («القرضان معاً»); else none."""
    kind = next((k for k, pattern in _BOTH.items() if pattern.search(question.standard)), None)
    if kind is None or not question.names:
        return []
    best: list[Candidate] = []
    for found in _by_release(replace(question, givers=()), evidence):
        chosen = [c for c in found if _is_share(c, question) and _SAID[kind].search(_own(c))]
        units = {c.figure.unit for c in chosen if c.figure}
        if len(chosen) == 2 and len(units) == 1 and _fits(chosen) > _fits(best):
            best = chosen
    return sorted(best, key=lambda c: c.spans)


def _own(candidate: Candidate) -> str:
    """The words before a sum, and the few after it, that are its own."""
    assert candidate.figure is not None
    text = candidate.source.release.text
    start, end = own_span(text, candidate.statement, candidate.figure)
    after = text[candidate.figure.end : end].split()[:4]
    return normalize(text[start : candidate.figure.start] + " " + " ".join(after))
