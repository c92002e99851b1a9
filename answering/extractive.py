"""The extractive answerer: no model, only what the releases state, cut from their sentences."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from answering.answer import Answer, Ask, Turn
from answering.candidates import Candidate, asks_women, candidates
from answering.compose import told
from answering.corpus import Corpus
from answering.dates import release_day
from answering.evidence import Evidence, Search, Source, dated, gather
from answering.history import in_context
from answering.misprint import correct_twin, corrected, with_correction
from answering.parts import parts
from answering.plans import planned
from answering.question import Question
from answering.ranking import score
from answering.stories import originals, same_story
from answering.survey import grants, specific
from answering.wanted import wanted
from arabic.cues import load_yaml
from arabic.normalize import normalize
from arabic.orders import speaks_to_a_model
from ledger.gazetteer import entity, related
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
    result = _planned(ask, prepared, ledger, search) or corrected(ask, question, prepared.evidence)
    if result is None:
        pieces = parts(question)
        chosen, lacking = _chosen(prepared, ledger, pieces or [question])
        result = told(ask, question, chosen, in_order=bool(pieces)) if chosen else _refusal(ask, prepared, lacking)
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


def _chosen(prepared: Prepared, ledger: Ledger, pieces: Sequence[Question]) -> tuple[list[Candidate], tuple[str, ...]]:
    """The best candidate for each thing that the pieces of a question want, with others of equal standing in other
    releases where it is one piece, and what is not stated. Nothing is chosen where refusing is better.
    """
    question, evidence = prepared.question, prepared.evidence
    chosen: list[Candidate] = []
    lacking: list[str] = []
    for part in pieces:
        among = evidence if part is question else Evidence(part, evidence.sources)
        for want in wanted(part):
            found = candidates(part, among, want)
            if focused := [c for c in found if c.source.focus]:
                found = focused
            before = chosen if part is not question else []
            if before:
                ranked = _ranked(part, found, before)
            else:
                beside = [c for c in found if chosen and c.source is chosen[0].source]  # where the first thing stands
                ranked = sorted(beside or found, key=score, reverse=True)
            unknown = "of_them" in part.asks and not chosen  # some of what is not stated
            if unknown or not ranked or score(ranked[0]) + _bonus(part, ranked[0], before) <= 0:
                lacking.append(want.sort if want.sort in _fields("ar") else want.kind)
                continue
            first = originals(ledger, ranked)[0]
            if not chosen and part is question:
                others = [(score(c), c) for c in ranked[1:]]
                chosen = _at_edge(question, [first, *_equals(question, ledger, first, score(ranked[0]), others)])
            else:
                chosen.append(first)
            if _DESCRIBED.search(question.standard):
                chosen[0] = _whole(chosen[0])
    return chosen, tuple(f for f in dict.fromkeys(lacking) if f in _fields("ar"))


def _ranked(part: Question, found: list[Candidate], chosen: Sequence[Candidate]) -> list[Candidate]:
    """The candidates for a further part of a question, the best first; it stands where the first one does.

    If it does not, a later release may tell it: «كم كان المستهدف، وكم تحقق فعلاً؟».
    """
    beside = [c for c in found if c.source is chosen[0].source and not any(_same_place(c, other) for other in chosen)]
    if "of_them" in part.asks:
        beside = [c for c in beside if _is_part_of(part, c, chosen[-1])]
    beside.sort(key=lambda c: score(c) + _bonus(part, c, chosen), reverse=True)
    elsewhere = part.counted and part.names and "of_them" not in part.asks
    if elsewhere and (not beside or score(beside[0]) + _bonus(part, beside[0], chosen) <= 0):
        return sorted((c for c in found if c.source is not chosen[0].source), key=score, reverse=True)
    return beside


def _bonus(part: Question, candidate: Candidate, chosen: Sequence[Candidate]) -> float:
    """What it counts for that a further figure, of the thing that is asked for, stands in the sentence of the one before
    it, or in the next."""
    fits = candidate.scored.near > 0 or any(candidate.features.get(name) for name in _FITTING)
    if not chosen or not fits or candidate.source is not chosen[-1].source or not part.counted:
        return 0.0
    apart = abs(candidate.scored.index - chosen[-1].scored.index)
    return _BESIDE / (1 + apart) if apart <= _SOON_AFTER else 0.0


_FITTING = ("noun:same", "noun:alike", "noun:unit", "subset:match")


def _at_edge(question: Question, equal: list[Candidate]) -> list[Candidate]:
    """Of grants that fit alike the first or the last one, where the question asks for that one."""
    dated = [(day, c) for c in equal if (day := c.source.release.date)]
    for pattern, pick in ((_LAST_GRANT, max), (_FIRST_GRANT, min)):
        if len(dated) == len(equal) > 1 and pattern.search(question.standard):
            return [pick(dated, key=lambda pair: pair[0])[1]]
    return equal


_A_GRANT = (
    r"(?:ال)?(?:منح[هت]|مساهم[هت]|تبرع|هب[هت]|قرض|دفع[هت]|اتفاق\w?|دعم|grant|contribution|donation|agreement|loan)"
)
_LAST_GRANT = re.compile(
    rf"(?<!\w)[وفب]?(?:اخر|احدث|latest|last|newest|most recent)\s+(?:\w+\s+)?{_A_GRANT}(?!\w)|{_A_GRANT}\s+(?:\w+\s+)?(?:ال)(?:اخير\w?|احدث)(?!\w)"
)
_FIRST_GRANT = re.compile(
    rf"(?<!\w)[وفب]?(?:اول|first|earliest)\s+(?:\w+\s+)?{_A_GRANT}(?!\w)|{_A_GRANT}\s+(?:\w+\s+)?(?:ال)(?:اول[يا]?)(?!\w)"
)
_DESCRIBED = re.compile(
    r"(?<!\w)و\s?(?:اي\s+\w+|من|ما)\s+(?:هم|هن|هي)\W*$|(?<!\w)(?:and|,) (?:who|which|what) (?:\w+ )?are they\W*$|(?<!\w)و\s?كين\W*$"
)
"""«كم طفلاً …، وأي أطفال هم؟»"""


def _whole(candidate: Candidate) -> Candidate:
    """The candidate with all of its sentence, for who or what it counts is asked too."""
    return replace(candidate, spans=((candidate.statement.start, candidate.statement.end),))


def _same_place(a: Candidate, b: Candidate) -> bool:
    return a.source is b.source and a.spans == b.spans


def _is_part_of(part: Question, candidate: Candidate, whole: Candidate) -> bool:
    """Whether a count may be the part of another that is asked for: told with it or soon after, smaller, in its words."""
    after = candidate.scored.index - whole.scored.index
    if candidate.source is not whole.source or not 0 <= after <= _SOON_AFTER:
        return False
    told = candidate.scored.near > 0 or not part.words
    if candidate.figure is None or whole.figure is None or candidate.figure.kind != whole.figure.kind:
        return told
    told = told or (asks_women(part.standard) and candidate.figure.noun.split(" ")[0].endswith(("ة", "ات")))  # «معلمة»
    return told and candidate.figure.value < whole.figure.value


_SOON_AFTER = 3
"""Within how many statements a part of a count is told."""
_BESIDE = 1.5


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
    """Announced sums of other releases that fit as well, where the question says nothing to choose one by; reposts left out."""
    if first.figure is None or first.source.focus:
        return []
    if first.figure.kind == "count":
        return [] if question.times else _other_counts(question, first, best, others)
    if not _announced(first) or any(w.first[1] for w in question.times) or question.asks & _STAGES:
        return []
    equal: dict[str, Candidate] = {}
    margin = _EQUAL * (4 if first.features["plain"] > 0.5 else 1)
    known = _is_known(first)
    listed = set() if specific(question) else {(row.release, row.start) for row in grants(question, ledger)}
    for value, other in others:
        if other.figure is None or not other.figure.main or _fit(other) < _fit(first):
            continue
        original = ledger.original(other.source.release.id)
        if original is not None:
            other = next(
                (c for _, c in others if c.source.release.id == original and c.figure and c.figure.main), other
            )
        fits = known and _is_known(other) and bool(question.givers)
        alike = fits and (
            other.features["covered"] >= _COVERED * first.features["covered"] or _is_next(question, other, first)
        )
        told = (other.source.release.id, other.spans[0][0]) in listed
        if value <= max(0, best - margin) and not (alike and value > 0) and not told:
            continue
        again = any(same_story(other, told) for told in (first, *equal.values()))
        if not again and ledger.original(other.source.release.id) is None:
            equal.setdefault(other.source.release.id, other)
    equal.pop(first.source.release.id, None)
    return list(equal.values())[:5]


_STAGES = frozenset({"updated", "current", "original", "previous"})


def _announced(candidate: Candidate) -> bool:
    """Whether a sum is what a release announces, the named body's part of it, or a grant that it calls no earlier one."""
    figure, features = candidate.figure, candidate.features
    if figure is None:
        return False
    given = figure.role == "grant" and not features.get("previous:unasked")
    return figure.main or given or bool(features.get("part:named"))


def _fit(candidate: Candidate) -> float:
    """How well a sum fits the time that is asked for."""
    return candidate.features.get("time:figure", 0.0)


def _is_known(candidate: Candidate) -> bool:
    """Whether its release names all that the question names."""
    return _UNKNOWN.isdisjoint(k for k, v in candidate.features.items() if v)


def _is_next(question: Question, candidate: Candidate, other: Candidate) -> bool:
    """Whether a grant is one of a series with another, same giver and same receiver, and the question says not which."""
    a, b = candidate.figure, other.figure
    numbered = question.ordinals and not (
        _FIRST_GRANT.search(question.standard) or _LAST_GRANT.search(question.standard)
    )
    if a is None or b is None or numbered or question.times or question.given:
        return False
    pairs = ((a.donor, b.donor), (a.recipient, b.recipient))
    return all(x is not None and y is not None and related(x, y) for x, y in pairs)


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
        known = bool(names) and _is_known(other)
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
