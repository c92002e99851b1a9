"""The extractive answerer: no model, only what the releases state, cut from their sentences."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from langchain_core.runnables import Runnable, RunnableLambda

from answering.answer import Answer, Ask, Citation, Turn
from answering.clip import clip
from answering.evidence import Evidence, Scored, Search, Source, dated, gather, stem_set
from answering.question import Question, understand
from arabic.lexicon import related_stems
from arabic.normalize import normalize
from arabic.numbers import find_numbers
from ledger.facts import Figure
from ledger.gazetteer import entity, related
from ledger.store import Ledger

_ROLES = {"cumulative": "cumulative", "package": "package", "need": "need"}
_TIMES = {
    "end": {"end", "range"},
    "start": {"start", "range"},
    "period": {"range", "duration", "end"},
    "date": {"date", "range", "end", "start"},
}
_ENOUGH = 0.25
"""The share of the question's content that a statement and its surroundings must hold."""

_SPENT = re.compile(r"(?<!\w)(?:و|ف)?(?:انفق|صرف فعل|مصروف|انفاق)")
_ANYBODY = frozenset(
    s
    for w in ["شخص", "شخصا", "مستفيد", "مستفيدا", "نسمة", "فرد", "people", "beneficiaries", "انسان", "منتفع", "كەس"]
    for s in stem_set(w)
)

_REFUSED = {
    "ar": "لا تذكر البيانات المتاحة ما سألت عنه{what}.{nearest}",
    "en": "The releases do not state what you asked{what}.{nearest}",
    "ckb": "بەیاننامەکان ئەوەی پرسیوتە باس ناکەن{what}.{nearest}",
}
_NEAREST = {"ar": " أقرب البيانات: ", "en": " Nearest releases: ", "ckb": " نزیکترین بەیاننامەکان: "}


@dataclass(frozen=True, slots=True)
class _Candidate:
    scored: Scored
    spans: tuple[tuple[int, int], ...]
    score: float
    figure: Figure | None = None


def answerer(ledger: Ledger, search: Search) -> Runnable[Ask, Answer]:
    """The answerer over one generation, as a Runnable from a question to its answer."""
    return RunnableLambda(lambda ask: answer(ask, ledger, search))


def answer(ask: Ask, ledger: Ledger, search: Search) -> Answer:
    """Answer from the releases, or refuse and name the nearest ones. Never raises for any question."""
    began = time.monotonic()
    question, focus = _with_history(ask, ledger, search)
    sources = gather(question, ledger, search, focus)
    fitting = [s for s in sources if _names_fit(question, s)]
    in_time = [s for s in fitting if _time_fits(question, s) and _ordinals_fit(question, s)]
    result: Answer | None = None
    if in_time:
        evidence = Evidence(question, in_time)
        found = _candidates(question, evidence)
        if found:
            result = _compose(ask, question, found)
    if result is None:
        result = _refusal(ask, question, sources, fitting)
    return replace(result, seconds=time.monotonic() - began)


def _with_history(ask: Ask, ledger: Ledger, search: Search) -> tuple[Question, tuple[str, ...]]:
    """The question completed from the turns before it, and the releases that the conversation is about."""
    question = understand(ask.question)
    if not ask.history or question.givers or question.receivers:
        return question, ()
    last = ask.history[-1]
    earlier = understand(last.question)
    if not (earlier.givers or earlier.receivers) and len(ask.history) > 1:
        earlier = understand(ask.history[0].question)
    releases = last.releases
    if not releases:
        releases = tuple(c.release for c in answer(Ask(last.question, ask.history[:-1]), ledger, search).citations)
    asks = question.asks if question.asks - {"interrogative"} else earlier.asks
    moved = bool(question.times)
    question = replace(
        question, asks=asks, givers=earlier.givers, receivers=earlier.receivers, times=question.times if moved else ()
    )
    return question, () if moved else releases


def _names_fit(question: Question, source: Source) -> bool:
    def known(name: str) -> bool:
        return name in source.names or any(
            related(name, n) and entity(n).kind != "country" for n in source.facts.donors
        )

    return source.focus or all(known(name) for name in question.names)


def _time_fits(question: Question, source: Source) -> bool:
    return source.focus or not question.times or any(dated(source, w) >= 0.5 for w in question.times)


def _ordinals_fit(question: Question, source: Source) -> bool:
    """A seventh phase is not answered from a release that knows of none; first and second are too common to tell."""
    wanted = {o for o in question.ordinals if o > 2}
    if not wanted:
        return True
    texts = (source.release.title, *(source.release.text[s.start : s.end] for s in source.facts.statements))
    return wanted <= {int(n.value) for t in texts for n in find_numbers(t) if n.kind == "ordinal"}


def _wanted(question: Question) -> str:
    asks = question.asks
    if "release_date" in asks:
        return "release_date"
    if question.units and question.units[0] not in {"months", "years", "weeks", "days"}:
        return "count"
    for kind in ("percent", "end", "start", "period"):
        if kind in asks:
            return kind
    if (
        "amount" in asks
        and not asks & {"goal", "outcome"}
        and not ("actor" in asks and question.standard.startswith("من "))
    ):
        return "amount"
    for kind in ("place", "goal", "outcome", "actor"):
        if kind in asks:
            return kind
    if asks & {"cumulative", "aggregate", "count"}:
        return "amount"
    return "date" if "date" in asks else "text"


def _candidates(question: Question, evidence: Evidence) -> list[_Candidate]:
    """What may answer, best first."""
    wanted = _wanted(question)
    role = next((r for k, r in _ROLES.items() if k in question.asks), None)
    found = []
    for scored in evidence.statements():
        statement, source = scored.statement, scored.source
        base = 2 * scored.near + scored.context + source.score + (2 if source.focus else 0)
        base += sum(dated(source, w, statement) for w in question.times) / max(1, len(question.times))
        base += 0.4 * len({n.entity for n in statement.named} & set(question.names))
        if "spent" in question.asks and not _SPENT.search(normalize(scored.text)):
            continue
        if wanted == "count" and _other_people(question, scored):
            continue
        enough = scored.context >= _ENOUGH or not question.words
        if wanted in {"amount", "count", "percent"}:
            for figure in statement.figures:
                if figure.kind != wanted or (wanted == "count" and figure.unit not in question.units):
                    continue
                if question.currencies and wanted == "amount" and figure.unit not in question.currencies:
                    continue
                bonus = _figure_bonus(question, source, figure, role, wanted)
                if bonus is not None and (enough or figure.main):
                    local = evidence.coverage(stem_set(_around(scored, figure)))
                    found.append(_Candidate(scored, ((figure.start, figure.end),), base + bonus + 3 * local, figure))
        elif wanted in _TIMES:
            times = [t for t in statement.times if t.kind in _TIMES[wanted]]
            if times and enough:
                spans = tuple((t.start, t.end) for t in times)
                first = 0.5 if scored.index < 3 else 0.0
                found.append(_Candidate(scored, spans, base + first + 0.3 * len(times)))
        elif wanted == "place":
            places = [
                n for n in statement.named if entity(n.entity).kind == "place" and n.entity not in question.places
            ]
            if places:
                spans = ((places[0].start, places[-1].end),)
                found.append(_Candidate(scored, spans, base + 0.4 * len(places)))
        elif wanted == "actor":
            names = [
                n
                for n in statement.named
                if n.entity not in question.names and entity(n.entity).kind in {"organisation", "ministry"}
            ]
            if names and enough:
                found.append(_Candidate(scored, ((statement.start, statement.end),), base + 0.4 * len(names)))
        elif enough or wanted in {"goal", "outcome"}:
            bonus = 1.0 if wanted in statement.cues else 0.0
            found.append(_Candidate(scored, ((statement.start, statement.end),), base + bonus))
    return sorted(found, key=lambda c: -c.score)


def _other_people(question: Question, scored: Scored) -> bool:
    """Whether the question counts a sort of people («امرأة») that the statement does not name."""
    specific = [n for n in question.nouns if n not in _ANYBODY]
    if question.units != ("people",) or not specific:
        return False
    have = stem_set(scored.text)
    return not any(n in have or related_stems(n) & have for n in specific)


def _around(scored: Scored, figure: Figure) -> str:
    """The words between the figures beside this one."""
    statement = scored.statement
    before = max((f.end for f in statement.figures if f.end <= figure.start), default=statement.start)
    after = min((f.start for f in statement.figures if f.start >= figure.end), default=statement.end)
    return scored.source.release.text[before:after]


def _figure_bonus(question: Question, source: Source, figure: Figure, role: str | None, wanted: str) -> float | None:
    """How well a figure's role, parties and time fit; None if it answers another question."""
    bonus = 0.0
    if figure.value in question.given:
        bonus -= 2.0
    if question.times and figure.years and not any(dated(source, w, None, figure) for w in question.times):
        return None
    if wanted != "amount":
        planned, reached = "planned" in question.asks, "reached" in question.asks
        if planned != reached and figure.role in {"target", "outcome"}:
            bonus += 1.0 if planned == (figure.role == "target") else -1.0
        return bonus
    if figure.role in {"need", "equivalent", "subgrant"} and role != figure.role and not question.currencies:
        bonus -= 2.0
    if role:
        bonus += 2.0 if figure.role == role else -0.5
    else:
        bonus += 1.0 if figure.role in {"grant", "component"} else -1.5
        bonus += 1.5 if figure.main else 0.0
    if question.givers and figure.donor is None:
        return None
    if question.givers and figure.donor and not any(related(g, figure.donor) for g in question.givers):
        return None
    if question.receivers and figure.recipient and not any(related(r, figure.recipient) for r in question.receivers):
        bonus -= 1.5
    return bonus


def _compose(ask: Ask, question: Question, found: Sequence[_Candidate]) -> Answer:
    """The best candidate; for figures asked in several units one of each; several releases where several fit equally."""
    chosen = [found[0]]
    first = found[0]
    if first.figure is not None and first.figure.kind == "count":
        for unit in question.units:
            if unit != first.figure.unit:
                more = next(
                    (c for c in found if c.figure and c.figure.unit == unit and c.scored.source is first.scored.source),
                    None,
                )
                chosen += [more] if more else []
    elif first.figure is not None and first.figure.main and not question.times:
        seen = {first.scored.source.release.id}
        for candidate in found[1:]:
            name = candidate.scored.source.release.id
            if candidate.figure and candidate.figure.main and name not in seen and len(chosen) < 6:
                seen.add(name)
                chosen.append(candidate)
    lines: list[str] = []
    citations: list[Citation] = []
    for candidate in chosen:
        statement, release = candidate.scored.statement, candidate.scored.source.release
        text = release.text[statement.start : statement.end]
        spans = [(a - statement.start, b - statement.start) for a, b in candidate.spans]
        others = [
            (f.start - statement.start, f.end - statement.start)
            for f in statement.figures
            if candidate.figure is not None and f is not candidate.figure and f.kind in {"amount", "count"}
        ]
        start, end = clip(text, spans, others)
        n = len(citations) + 1
        day = release.date.isoformat() if release.date else None
        citations.append(Citation(n, release.id, release.title, day, release.url, text, statement.start, statement.end))
        prefix = f"{release.date.year}: " if len(chosen) > 1 and release.date else ""
        lines.append(f"{prefix}{' '.join(text[start:end].split())} [{n}]")
    return Answer(
        question=ask.question,
        text="\n".join(lines),
        refused=False,
        plan="list" if len(chosen) > 1 else "fact",
        language=question.language,
        citations=tuple(citations),
    )


def _refusal(ask: Ask, question: Question, sources: Sequence[Source], fitting: Sequence[Source]) -> Answer:
    """What is not stated, and the nearest releases."""
    missing: list[str] = []
    if fitting and question.times:
        missing.append("period")
    elif question.names and not fitting:
        missing += [entity(n).display(question.language) for n in question.names]
    near = (list(fitting) or sorted(sources, key=lambda s: -s.score))[:3]
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
