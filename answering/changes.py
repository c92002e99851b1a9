"""What something was and what it became: told in one sentence, or by two releases of the same matter."""

import re

from answering.candidates import Candidate, candidates
from answering.evidence import Evidence, Source
from answering.question import Question
from answering.ranking import score
from answering.wanted import Wanted
from arabic.cues import load_cues
from arabic.normalize import normalize
from ledger.gazetteer import related


def asks_for_change(question: Question) -> bool:
    """Whether a question compares something with what it was before."""
    return _cues().search(question.standard) is not None


def _cues() -> re.Pattern[str]:
    return load_cues("answering", "changes.yaml")["changed"]


def changed(question: Question, evidence: Evidence, want: Wanted) -> Candidate | None:
    """A sentence that itself tells from what to what something changed, for a question that compares two times."""
    cues = _cues()
    best, most = None, _LEAST_TOLD
    for scored in evidence.statements():
        figures = [f for f in scored.statement.figures if f.kind == want.kind and f.role not in _NO_CHANGE]
        units = {f.unit for f in figures}
        ranges = [f for f in figures if f.upper is not None]
        if not (len(figures) == 2 and len(units) == 1) and len(ranges) != 1:
            continue
        if cues.search(normalize(scored.text)) is None or not _knows_all(question, scored.source):
            continue
        spoken_of = {n.entity for n in scored.statement.named} | set(scored.source.facts.recipients[:1])
        if not set(question.receivers) <= spoken_of:
            continue
        spans = tuple((f.start, f.end) for f in (ranges[:1] if ranges else figures))
        fit = scored.near + 0.5 * scored.whole
        if fit > most:
            best, most = Candidate(scored, want, spans), fit
    return best


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
