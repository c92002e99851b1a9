"""What something was and what it became: told in one sentence, or by two releases of the same matter."""

import re
from collections import Counter
from collections.abc import Sequence

from answering.candidates import Candidate, candidates
from answering.evidence import Evidence, Scored, Source
from answering.question import Question
from answering.ranking import score
from answering.wanted import Wanted
from arabic.cues import load_cues
from arabic.normalize import normalize
from ledger.facts import Figure
from ledger.gazetteer import related


def asks_for_change(question: Question) -> bool:
    """Whether a question compares something with what it was before."""
    return _cues().search(question.standard) is not None


def from_what_to_what(question: Question, evidence: Evidence) -> Candidate | None:
    """The sentence that tells from what to what something changed, for a question that asks just that; else None."""
    if not _FROM_WHAT_TO_WHAT.search(question.standard):
        return None
    wants = [Wanted("count", unit=u, noun=n) for u, n in question.counted[:1]]
    wants += [Wanted("percent", "percent")] if _SHARE.search(question.standard) else []
    return changed(question, evidence, wants or _ANY, any_sums=True)


_ANY = (Wanted("amount", "amount"), Wanted("count"), Wanted("percent", "percent"))
_FROM_WHAT_TO_WHAT = re.compile(
    r"(?<!\w)من\s+(?:كم|ماذا|ما|اي(?!\s+(?:شهر|سنه|عام|يوم|تاريخ|وقت|بلد|مكان|مدين|جه)))\s.{0,30}?(?:الي|حتي|ل)\s*(?:كم|اي|ماذا|ما)(?!\w)"
    r"|from (?:what|how (?:much|many)|which)\b.{0,30}? to (?:what|how (?:much|many)|which)"
)
_SHARE = re.compile(r"(?<!\w)(?:نسبه|نسب|معدل|بالمئه|percent\w*|rate|share)(?!\w)")


def _cues() -> re.Pattern[str]:
    return load_cues("answering", "changes.yaml")["changed"]


def changed(
    question: Question, evidence: Evidence, wants: Sequence[Wanted], *, any_sums: bool = False
) -> Candidate | None:
    """A sentence that itself tells from what to what something changed, for a question that compares two times.

    It is the one that fits best for any of the `wants`; `any_sums` has prices, wages and running totals among them.
    """
    cues, became = _cues(), load_cues("answering", "changes.yaml")["became"]
    best, most = None, _LEAST_TOLD
    for scored in evidence.statements():
        fit = scored.near + 0.5 * scored.whole
        if fit <= most or not _knows_all(question, scored.source):
            continue
        text = normalize(scored.text)
        if not (cues.search(text) or became.search(text)):
            continue
        spoken_of = {n.entity for n in scored.statement.named} | set(scored.source.facts.recipients[:1])
        if not set(question.receivers) <= spoken_of and not any_sums:
            continue
        for want in wants:
            excluded = {"equivalent"} if any_sums else _NO_CHANGE
            figures = [f for f in scored.statement.figures if f.kind == want.kind and f.role not in excluded]
            of_unit = Counter(f.unit for f in figures)
            ranges = [
                f for f in figures if f.upper is not None or _TO.search(scored.source.release.text[f.start : f.end])
            ]
            pair = [f for f in figures if of_unit[f.unit] == 2]
            if any_sums and len(pair) == 2 and not _leads_to(scored, *sorted(pair, key=lambda f: f.start)):
                continue  # two figures beside each other are no change
            if len(ranges) == 1 or len(pair) == 2:
                spans = tuple((f.start, f.end) for f in sorted(ranges[:1] or pair, key=lambda f: f.start))
                best, most = Candidate(scored, want, spans), fit
    return best


def _leads_to(scored: Scored, old: Figure, new: Figure) -> bool:
    """Whether the words between two figures tell that the one became the other: «من 9,000 إلى 2,500», «140 ألفاً فصار 205»."""
    return _BECAME.search(normalize(scored.source.release.text[old.end : new.start])) is not None


_BECAME = re.compile(r"(?<!\w)[وف]?(?:الي|to|صار\w*|اصبح\w*|بات\w*|became|now)(?!\w)[^،؛.]{0,30}$")
_TO = re.compile(r"\s(?:إلى|to)\s")
_NO_CHANGE = frozenset({"subgrant", "equivalent", "cumulative"})
_LEAST_TOLD = 0.5


def _knows_all(question: Question, source: Source) -> bool:
    return all(any(related(name, known) for known in source.names) for name in question.names)


def retold(question: Question, evidence: Evidence, want: Wanted) -> list[Candidate]:
    """The same thing of one matter as an earlier and a later release give it, in order of time; else none."""
    found = [c for c in candidates(question, evidence, want) if c.figure is not None and c.source.release.date]
    found = sorted((c for c in found if score(c) > _LEAST_SCORE), key=score, reverse=True)
    if not found:
        return []
    first = found[0]
    other = next((c for c in found if _same_thing(c, first)), None)
    return sorted((first, other), key=lambda c: str(c.source.release.date)) if other else []


_LEAST_SCORE = 0.0


def _same_thing(a: Candidate, b: Candidate) -> bool:
    """Whether two releases give a figure of the same sort, for the same body, by the same donor in the same country."""
    x, y = a.figure, b.figure
    assert x is not None
    assert y is not None
    if a.source is b.source or a.source.release.date == b.source.release.date:
        return False
    matter = a.source.facts.country == b.source.facts.country and a.source.facts.donors[:1] == b.source.facts.donors[:1]
    alike = (x.unit, x.role, x.recipient, x.donor) == (y.unit, y.role, y.recipient, y.donor)
    return matter and alike and (x.kind == "amount" or normalize(x.noun) == normalize(y.noun))
