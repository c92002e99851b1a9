"""What is checked of an answer to a prompt case: deterministic, and the same for every prompt, model and answerer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from answering.answer import Answer, Citation, Plan
from answering.verify import Cited, Fault, Sentence, Source, verify
from answering.verify_inputs import source_of
from evaluation.answers import comparable, states
from evaluation.cases import Case, Group
from ledger.store import Ledger

_MARK = re.compile(r"\[(\d+)\]")
_BULLET = "•-*– "
_COMPUTED: frozenset[Plan] = frozenset({"aggregate", "compare"})
_FELL = {
    "unreachable": "the model could not be reached",
    "timeout": "the model took too long",
    "rate": "the model's rate limit was met",
    "malformed": "the model's output was malformed",
    "budget": "the budget was spent",
    "unverified": "nothing that the model wrote stands on quotes",
    "rejected": "the provider rejected the request",
    "error": "the model's provider reported an error",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; `detail` says what is wrong, or what was mended where it held."""

    name: str
    held: bool
    detail: str = ""


def check(case: Case, answer: Answer, ledger: Ledger) -> tuple[Check, ...]:
    """Everything that is checked of an answer, in the order in which a person would ask.

    What an answer states is not checked where it refused and should not have: that is one fault, not five.
    """
    return tuple(_checks(case, answer, ledger))


def _checks(case: Case, answer: Answer, ledger: Ledger) -> Iterator[Check]:
    expect, text = case.expect, comparable(_MARK.sub(" ", answer.text))
    if case.reported is not None and text == comparable(_MARK.sub(" ", case.reported)):
        yield Check("reported", True, "still the answer that was reported")
    judged = expect.refusal
    if judged is not None:
        wrong = "refused" if answer.refused else "should have been refused"
        yield Check("refusal", answer.refused == judged, "" if answer.refused == judged else wrong)
    said = [word for word in expect.lacks if states(text, word)]
    if expect.lacks:
        yield Check("lacks", not said, f"says {', '.join(said)}" if said else "")
    if answer.refused:
        if judged is None and (reason := _fell(answer)):
            yield Check("verifier", False, reason)
        return
    if expect.has:
        absent = [group[0] for group in expect.has if not any(states(text, word) for word in group)]
        yield Check("has", not absent, f"lacks {', '.join(absent)}" if absent else "")
    if expect.sources:
        yield _sources(expect.sources, answer)
    yield _quotes(answer, ledger)
    if expect.has and answer.plan not in _COMPUTED:
        yield _quoted(expect.has, text, answer)
    yield _verified(answer, ledger)
    if expect.max_length is not None:
        long = len(answer.text) > expect.max_length
        yield Check("length", not long, f"{len(answer.text)} characters of {expect.max_length}" if long else "")


def _sources(wanted: tuple[Group, ...], answer: Answer) -> Check:
    cited = {PurePath(c.release).name for c in answer.citations}
    absent = [group[0] for group in wanted if not cited & {PurePath(name).name for name in group}]
    names = ", ".join(sorted(cited)) or "nothing"
    return Check("sources", not absent, f"cites {names}, not {', '.join(absent)}" if absent else "")


def _quotes(answer: Answer, ledger: Ledger) -> Check:
    """Each citation is its release's text to the letter, each mark has its citation and each citation its mark."""
    faults = []
    for citation in answer.citations:
        release = _release_text(citation, ledger)
        if release is None:
            faults.append(f"[{citation.n}] names no release of the corpus: {citation.release}")
        elif not citation.quote.strip() or release[citation.start : citation.end] != citation.quote:
            faults.append(f"[{citation.n}] is not {citation.release} to the letter")
    marks = {int(n) for n in _MARK.findall(answer.text)}
    known = {c.n for c in answer.citations}
    faults += [f"[{n}] points nowhere" for n in sorted(marks - known)]
    faults += [f"[{n}] is cited by no sentence" for n in sorted(known - marks)]
    if not answer.citations:
        faults.append("no citation")
    return Check("quotes", not faults, "; ".join(faults))


def _quoted(wanted: tuple[Group, ...], text: str, answer: Answer) -> Check:
    """The figures that were asked for and stated stand in a quote too."""
    quotes = " ".join(comparable(c.quote) for c in answer.citations)
    loose = [
        group[0]
        for group in wanted
        if all(any(c.isdigit() for c in comparable(word)) for word in group)
        and any(states(text, word) for word in group)
        and not any(states(quotes, word) for word in group)
    ]
    return Check("figures", not loose, f"{', '.join(loose)} in no quote" if loose else "")


def _verified(answer: Answer, ledger: Ledger) -> Check:
    """The verifier's verdict: what it found in the model's drafts, or in an answer that it has not seen yet."""
    if reason := _fell(answer):
        return Check("verifier", False, reason)
    if answer.trace is not None:
        mended = "; ".join(answer.trace.faults)
        return Check("verifier", True, f"{answer.trace.outcome}: {mended}" if mended else "")
    faults = dict.fromkeys(_told(f) for f in unverified(answer, ledger))
    return Check("verifier", not faults, f"the verifier objects: {'; '.join(faults)}" if faults else "")


def _told(fault: Fault) -> str:
    return "not in the question's language" if fault.kind == "language" else f"{fault.kind} «{fault.detail}»"


def _fell(answer: Answer) -> str:
    if answer.trace is None or answer.trace.outcome != "fallback":
        return ""
    why = answer.trace.reason or "unknown"
    found = "; ".join(answer.trace.faults)
    return f"{_FELL.get(why, why)}, the extractive answer was shown" + (f" ({found})" if found else "")


def unverified(answer: Answer, ledger: Ledger) -> tuple[Fault, ...]:
    """What the verifier holds against an answer that no model wrote.

    A line without a mark stands on all quotes; above a computed answer it is the computation, whose parts are checked.
    """
    citations = {c.n: c for c in answer.citations}
    computed = answer.plan in _COMPUTED
    sources = {c.release: _source(c.release, ledger) for c in answer.citations if _release_text(c, ledger) is not None}
    sentences = [
        Sentence(line.lstrip(_BULLET), _cited(line, citations))
        for line in answer.text.splitlines()
        if line.strip() and not (computed and not _MARK.search(line))
    ]
    found = verify(sentences, sources.values(), answer.language).faults
    return tuple(f for f in found if not _dates_of(f, sources))


def _cited(line: str, citations: Mapping[int, Citation]) -> tuple[Cited, ...]:
    marks = [int(n) for n in _MARK.findall(line) if int(n) in citations] or list(citations)
    return tuple(Cited(citations[n].release, citations[n].quote) for n in marks)


def _dates_of(fault: Fault, sources: Mapping[str, Source]) -> bool:
    """A release's own date stands in its head, not in the sentence that is quoted."""
    return fault.kind == "date" and fault.detail in {str(s.day.year) for s in sources.values() if s.day}


def _source(name: str, ledger: Ledger) -> Source:
    release = ledger.release(name)
    return source_of(name, release, ledger.facts(name), 0, len(release.text))


def _release_text(citation: Citation, ledger: Ledger) -> str | None:
    try:
        return ledger.release(citation.release).text
    except KeyError:
        return None
