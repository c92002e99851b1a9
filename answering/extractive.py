"""The extractive answerer: no model, only what the releases state, cut from their sentences."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from answering.answer import Answer, Ask, Turn
from answering.candidates import Candidate, candidates, wanted
from answering.compose import told
from answering.corpus import Corpus
from answering.dates import release_day
from answering.evidence import Evidence, Search, Source, dated, gather
from answering.history import in_context
from answering.misprint import correct_twin, with_correction
from answering.plans import planned
from answering.question import Question
from answering.ranking import score
from answering.stories import originals, same_story
from arabic.cues import load_yaml
from arabic.normalize import normalize
from arabic.orders import speaks_to_a_model
from ledger.gazetteer import entity
from ledger.store import Ledger

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

_EQUAL = 1.0
"""How much lower the announced sum of another release may score and still be told beside the best."""

_REFUSED = {
    "ar": "لا تذكر البيانات المتاحة ما سألت عنه{what}.{nearest}",
    "en": "The releases do not state what you asked{what}.{nearest}",
    "ckb": "بەیاننامەکان ئەوەی پرسیوتە باس ناکەن{what}.{nearest}",
}
_NEAREST = {"ar": " أقرب البيانات: ", "en": " Nearest releases: ", "ckb": " نزیکترین بەیاننامەکان: "}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question that was understood, with the evidence gathered for it."""

    question: Question
    evidence: Evidence

    @property
    def sources(self) -> tuple[Source, ...]:
        """The releases that may answer."""
        return self.evidence.sources


def answerer(corpus: Corpus) -> "Runnable[Ask, Answer]":
    """The answerer over a live corpus, as a Runnable from a question to its answer."""
    from langchain_core.runnables import RunnableLambda  # half a second that one question at a prompt need not pay

    return RunnableLambda(lambda ask: answer_from(corpus, ask), name="extractive")


def answer_from(corpus: Corpus, ask: Ask) -> Answer:
    """Answer from the newest generation of a corpus. Raises what Corpus.view raises."""
    with corpus.view() as view:
        return answer(ask, view.ledger, view.search)


def answer(ask: Ask, ledger: Ledger, search: Search) -> Answer:
    """Answer from the releases, or refuse and name the nearest ones. Never raises for any question."""
    began = time.monotonic()
    result = _answered(ask, ledger, search)
    if result.refused and ask.history:  # what looked like a follow-up may stand by itself
        alone = _answered(Ask(ask.question), ledger, search)
        result = result if alone.refused else alone
    return replace(result, seconds=time.monotonic() - began)


def _answered(ask: Ask, ledger: Ledger, search: Search) -> Answer:
    prepared = prepare(ask, ledger, search)
    question = prepared.question
    if speaks_to_a_model(ask.question) and not (question.givers or question.receivers or question.places):
        return _refusal(ask, prepared)  # an order to a program asks nothing of the releases
    result = _planned(ask, prepared, ledger, search)
    if result is None:
        chosen, lacking = _chosen(prepared, ledger)
        result = told(ask, prepared.question, chosen) if chosen else _refusal(ask, prepared, lacking)
        if chosen and lacking:
            result = _with_missing(result, lacking)
        if chosen and (twin := correct_twin(prepared.evidence, chosen[0])):
            result = with_correction(ask, prepared.question, chosen[0], twin)
    return result


def _planned(ask: Ask, prepared: Prepared, ledger: Ledger, search: Search) -> Answer | None:
    question = prepared.question
    if "release_date" in question.asks and question.leads[:1] in {("release_date",), ("date",), ("end",)}:
        return release_day(ask, question, prepared.evidence) or _refusal(ask, prepared, ("release_date",))
    return planned(ask, question, prepared.evidence, ledger, search)


def prepare(ask: Ask, ledger: Ledger, search: Search) -> Prepared:
    """Understand a question in its conversation and gather the evidence."""
    context = in_context(ask, ledger, lambda earlier: answer(earlier, ledger, search).citations)
    question = context.question
    return Prepared(question, Evidence(question, gather(question, ledger, search, context.focus, context.told)))


def _chosen(prepared: Prepared, ledger: Ledger) -> tuple[list[Candidate], tuple[str, ...]]:
    """The best candidate for each wanted thing, with others of equal standing in other releases, and what is not stated.

    Nothing is chosen where refusing is better.
    """
    question, evidence = prepared.question, prepared.evidence
    chosen: list[Candidate] = []
    lacking: list[str] = []
    for want in wanted(question):
        found = candidates(question, evidence, want)
        if focused := [c for c in found if c.source.focus]:
            found = focused
        if chosen:  # a second thing that is asked for stands where the first one does
            found = [c for c in found if c.source is chosen[0].source] or found
        ranked = sorted(((score(c), i) for i, c in enumerate(found)), key=lambda row: (-row[0], row[1]))
        if not ranked or ranked[0][0] <= 0:
            lacking.append(want.sort if want.sort in _fields("ar") else want.kind)
            continue
        best, others = ranked[0][0], [(s, found[i]) for s, i in ranked[1:]]
        first = originals(ledger, [found[ranked[0][1]], *(c for _, c in others)])[0]
        chosen.append(first)
        if len(chosen) == 1:
            chosen += _equals(question, ledger, first, best, others)
    return chosen, tuple(f for f in dict.fromkeys(lacking) if f in _fields("ar"))


def _with_missing(answer: Answer, lacking: tuple[str, ...]) -> Answer:
    """The answer with what was asked beside it and is not stated."""
    names = tuple(_fields(answer.language)[field] for field in lacking)
    line = _UNSTATED[answer.language].format(what="، ".join(names))
    return replace(answer, text=f"{answer.text}\n{line}", missing=names)


def _fields(language: str) -> dict[str, str]:
    texts = load_yaml("answering", "fields.yaml")
    assert isinstance(texts, dict)
    return texts[language]  # type: ignore[no-any-return]


_UNSTATED = {
    "ar": "غير مذكور في البيان: {what}",
    "en": "Not stated in the release: {what}",
    "ckb": "لە بەیاننامەکەدا نەهاتووە: {what}",
}


def _equals(
    question: Question, ledger: Ledger, first: Candidate, best: float, others: Sequence[tuple[float, Candidate]]
) -> list[Candidate]:
    """Announced sums of other releases that fit as well, where the question names no time to choose by; reposts left out."""
    if first.figure is None or question.times or first.source.focus:
        return []
    if first.figure.kind == "count":
        return _other_counts(question, first, best, others)
    if not first.figure.main:
        return []
    equal: dict[str, Candidate] = {}
    margin = _EQUAL * (4 if first.features["plain"] > 0.5 else 1)
    known = _UNKNOWN.isdisjoint(k for k, v in first.features.items() if v)
    for value, other in others:
        if other.figure is None or not other.figure.main:
            continue
        fits = known and _UNKNOWN.isdisjoint(k for k, v in other.features.items() if v) and bool(question.givers)
        alike = fits and other.features["covered"] >= _COVERED * first.features["covered"]
        if value <= max(0, best - margin) and not (alike and value > 0):
            continue
        again = any(same_story(other, told) for told in (first, *equal.values()))
        if not again and ledger.original(other.source.release.id) is None:
            equal.setdefault(other.source.release.id, other)
    equal.pop(first.source.release.id, None)
    return list(equal.values())[:5]


def _other_counts(
    question: Question, first: Candidate, best: float, others: Sequence[tuple[float, Candidate]]
) -> list[Candidate]:
    """What other releases count otherwise, of the same thing and in words that fit as well: an update, or a contradiction."""
    assert first.figure is not None
    names = (*question.givers, *question.receivers, *question.places)
    differing: dict[str, Candidate] = {}
    for value, other in others:
        same = other.figure is not None and other.figure.unit == first.figure.unit and not other.source.focus
        alike = value > max(0.0, best - _AS_GOOD) and other.features.get("noun:same") == first.features.get("noun:same")
        known = bool(names) and _UNKNOWN.isdisjoint(k for k, v in other.features.items() if v)
        told = (
            other.features["covered"] >= first.features["covered"]
            and other.features["clause"] >= first.features["clause"]
        )
        if same and alike and known and told and other.figure and other.figure.value != first.figure.value:
            differing.setdefault(other.source.release.id, other)
    differing.pop(first.source.release.id, None)
    return list(differing.values())[:2]


_AS_GOOD = 0.75
"""How much lower a count of another release may score and still be told beside the best."""
_COVERED = 0.8
"""What part of the content that the best release covers another has to cover to be told beside it."""
_UNKNOWN = frozenset(
    {"unknown:givers", "unknown:receivers", "unknown:places", "unknown:countries", "country:other", "donor:other"}
)


def refusal(ask: Ask, prepared: Prepared, lacking: Sequence[str]) -> Answer:
    """A refusal that names, in the question's language, what is lacking; the nearest releases with it."""
    return _refusal(ask, prepared, lacking=tuple(lacking))


def _refusal(ask: Ask, prepared: Prepared, fields: tuple[str, ...] = (), *, lacking: tuple[str, ...] = ()) -> Answer:
    """What is not stated, and the nearest releases."""
    question, sources = prepared.question, prepared.sources
    known = [s for s in sources if set(question.names) <= s.names]
    missing = list(lacking)
    if lacking:
        pass
    elif question.names and not known:
        missing += [entity(n).display(question.language) for n in question.names]
    elif known and question.times and not any(dated(s, w) >= 0.5 for s in known for w in question.times):
        missing.append(_fields(question.language)["period"])
    if not missing:
        missing = [_fields(question.language)[f] for f in fields]
    near = (known or sorted(sources, key=lambda s: -s.score))[:3]
    titles = "؛ ".join(f"{s.release.title}{f' ({s.release.date})' if s.release.date else ''}" for s in near)
    what = f" ({'، '.join(missing)})" if missing else ""
    nearest = _NEAREST[question.language] + titles if titles else ""
    return Answer(
        question=ask.question,
        text=_REFUSED[question.language].format(what=what, nearest=nearest),
        refused=True,
        plan="refuse",
        language=question.language,
        missing=tuple(missing),
        nearest=tuple(s.release.id for s in near),
    )


def turns(questions: Sequence[str]) -> tuple[Turn, ...]:
    """Earlier questions of a conversation whose answers are not at hand."""
    return tuple(Turn(normalize(q) and q) for q in questions)
