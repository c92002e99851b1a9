"""Questions that one sentence cannot answer: totals, comparisons, lists; each figure still stands on its quote."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

from answering.answer import Answer, Ask
from answering.candidates import Candidate, candidates
from answering.changes import asks_for_change, changed, from_what_to_what, retold
from answering.compose import cite, told
from answering.evidence import Evidence, Search, gather
from answering.question import Question
from answering.ranking import score
from answering.slots import Slot, slots
from answering.stages import asks_planned
from answering.stories import originals, same_story
from answering.survey import asks_trend, grants, specific, survey, total, yearly
from answering.wanted import Wanted
from answering.within import both, fit, funders, together
from arabic.cues import load_yaml
from arabic.numbers import find_numbers
from ledger.gazetteer import entity
from ledger.money import number, say
from ledger.store import Ledger

_LONGER = re.compile(r"(?<!\w)(?:ال)?(?:اطول|اقصر|مده|مدته|مدتها|longer|shorter|duration|دريژتر)(?!\w)")
_LESS = re.compile(r"(?<!\w)(?:اقصر|اقل|اصغر|ادني|shorter|smaller|less|lower|كهمتر)(?!\w)")
_DIFFERENCE = re.compile(r"(?<!\w)[وفبل]?(?:ال)?(?:فرق|فارق|difference|جياوازي)(?!\w)|بكم|how much (?:more|less)")
_CHANGE = re.compile(r"(?<!\w)(?:هل|did|has|ئايا)(?!\w)")
_FALLING = re.compile(r"(?<!\w)(?:انخفض|نقص|قل|تراجع|تقلص|صغر|هبط)\w*(?!\w)")
_EITHER_WAY = re.compile(r"(?<!\w)(?:[يت]?تغير|تبدل|اختلف)\w*(?!\w)")
_MANY_GRANTS = re.compile(
    r"(?<!\w)[وبل]?(?:ال|لل)?(?:منح(?!ه|ت)|مساهمات|تبرعات|اتفاقات|اتفاقيات|هبات|قروض|تمويلات|منحتين|منحتي|مساهمتين|تبرعين|اتفاقين|grants|contributions|donations|agreements)(?!\w)"
)
_ONE_GRANT = re.compile(
    r"(?<!\w)[وفبل]?(?:ال|لل)?(?:منح[هة]|مساهم[هة]|تبرع|هب[هة]|اتفاق\w?|قرض|مشروع|grant|contribution|agreement|loan|project)(?!\w)"
)
_DURATION = Wanted("time", "duration")
_WORTH = -1.0
"""The least score of a figure that joins a total or comparison; its slot has named it already."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot with the candidate that fills it and the quantity that is compared: money, people or months."""

    slot: Slot
    candidate: Candidate
    value: Decimal
    unit: str


def planned(ask: Ask, question: Question, evidence: Evidence, ledger: Ledger, search: Search) -> Answer | None:
    """The answer to a question about several things; None where it is none, or where the releases lack too much."""
    asks = question.asks
    if "misprint" in asks:
        return None
    side_by_side = slots(question)
    focused = any(s.focus for s in evidence.sources)
    if not focused and (len(side_by_side) < 2 or asks_trend(question)) and (found := survey(ask, question, ledger)):
        return found
    if change := from_what_to_what(question, evidence):
        return told(ask, question, [change])
    if len(side_by_side) < 2 and len(shares := funders(question, evidence)) > 1:
        return replace(told(ask, question, shares), plan="list")
    if asks & {"compare", "aggregate", "list", "parts", "each"}:
        many = _MANY_GRANTS.search(question.standard) is not None
        if ("parts" in asks or ("each" in asks and not many)) and (found := _parts(ask, question, evidence)):
            return found
        if many and "aggregate" in asks and not asks & {"cumulative", "component"} and _by_year(side_by_side):
            whole = total(ask, question, ledger)
            if whole and len(whole.citations) >= len(side_by_side):
                return whole
        by_time = "compare" in asks and len(side_by_side) > 1 and _by_year(side_by_side) and not question.counted
        by_time = by_time and not _ONE_GRANT.search(question.standard)
        if by_time and not _LONGER.search(question.standard) and (told_by_year := yearly(ask, question, ledger)):
            return told_by_year
        if "compare" in asks and (two := _reached_and_target(question, evidence)):
            return replace(told(ask, question, two, in_order=True), plan="compare")
        if "aggregate" in asks and len(side_by_side) < 2 and (two := both(question, evidence)):
            return _told(ask, question, [_row(question, c) for c in two], [])
        if "compare" in asks and len(side_by_side) < 2:
            want = _quantity(question)
            if asks_for_change(question) and (two := retold(question, evidence, want)):
                return _told(ask, question, [_row(question, c, str(c.source.release.date)) for c in two], [])
            if one := changed(question, evidence, [want]):
                return replace(told(ask, question, [one]), plan="compare")
        if len(side_by_side) > 1:
            filled = _fill(question, side_by_side, evidence, ledger, search)
            filled = _of_one(question, side_by_side, evidence, filled) or filled
            missing = [s for s in side_by_side if s not in [f.slot for f in filled]]
            if len(filled) > 1:
                return _told(ask, question, filled, missing)
        elif "compare" not in asks and many:
            return _grants(ask, question, evidence)
    return None


def _reached_and_target(question: Question, evidence: Evidence) -> list[Candidate]:
    """What was reached and what was planned of one thing, from one release, for a question that compares the two."""
    want = _quantity(question)
    if not (asks_planned(question) and "reached" in question.asks and want.kind == "count"):
        return []
    found: list[Candidate] = []
    for other, role in (("planned", "outcome"), ("reached", "target")):
        part = replace(question, asks=question.asks - {"compare", "list", other})
        fitting = [
            c
            for c in candidates(part, evidence, want)
            if c.figure and c.figure.role == role and not any(c.source is not f.source for f in found)
        ]
        if not fitting or score(best := max(fitting, key=score)) <= 0:
            return []
        found.append(best)
    return found


def _of_one(
    question: Question, side_by_side: Sequence[Slot], evidence: Evidence, filled: Sequence[Filled]
) -> list[Filled]:
    """The shares of several givers from the one release that tells of them all, where it fits better than others."""
    rest = {(s.question.receivers, s.question.times, s.marks) for s in side_by_side}
    givers = [s.question.givers for s in side_by_side]
    if len(rest) > 1 or not all(givers) or _quantity(question).kind != "amount":
        return []
    shares = together(replace(question, currencies=()), givers, evidence)
    if not shares:
        return []
    fits = fit(question, evidence)
    release = shares[0].source.release.id
    own = fits[release]
    elsewhere = {f.candidate.source.release.id for f in filled} - {release}
    others = [fits.get(name, 0.0) for name in elsewhere]
    if len(filled) == len(shares) and (max(others, default=own) > own or min(others, default=own) >= own):
        return []
    quantities = [(c, c.figure) for c in shares if c.figure]
    return [Filled(s, c, f.value, f.unit) for s, (c, f) in zip(side_by_side, quantities, strict=True)]


def _by_year(side_by_side: Sequence[Slot]) -> bool:
    """Whether the things that are asked about differ by nothing but their times."""
    parties = {(s.question.givers, s.question.receivers, s.question.places, s.marks) for s in side_by_side}
    return len(parties) <= 1


def _fill(
    question: Question, found: Sequence[Slot], evidence: Evidence, ledger: Ledger, search: Search
) -> list[Filled]:
    """The best candidate for each slot; no figure fills two."""
    want = _quantity(question)
    filled: list[Filled] = []
    for slot in found:
        for part in slot.variants():
            part = replace(part, currencies=question.currencies)
            sources = {s.release.id: s for s in (*evidence.sources, *gather(part, ledger, search, ()))}
            ranked = candidates(part, Evidence(part, list(sources.values())), want)
            taken = {(f.candidate.source.release.id, f.value, f.unit) for f in filled}
            ranked = [c for c in ranked if _fits(c) and (c.source.release.id, *(_value(c) or ())) not in taken]
            if "previous" in slot.marks and filled:
                ranked = [c for c in ranked if _is_before(c, filled[0].candidate)]
            announced = _announced(part, want, ledger)
            ranked.sort(key=lambda c: (_place(c) not in announced, -score(c)))
            best = originals(ledger, ranked)[0] if ranked else None
            quantity = _value(best) if best else None
            strange = best is not None and slot.loose is not None and bool(best.features.get("unknown:givers"))
            if best and quantity and not strange and (score(best) > _WORTH or _place(best) in announced):
                filled.append(Filled(slot, best, *quantity))
                break
    return filled


def _is_before(candidate: Candidate, now: Candidate) -> bool:
    """Whether a figure is of an earlier grant or phase than another: by its words, or of an earlier release."""
    if candidate.features.get("previous:match"):
        return True
    day, today = candidate.source.release.date, now.source.release.date
    return candidate.source is not now.source and day is not None and today is not None and day < today


def _announced(part: Question, want: Wanted, ledger: Ledger) -> set[tuple[str, int]]:
    """Where the grants stand that fit a slot by names and times, if these are all that it says."""
    if want.kind != "amount" or specific(part) or part.asks & {"component", "previous", "cumulative", "need"}:
        return set()
    return {(row.release, row.start) for row in grants(part, ledger) or grants(part, ledger, main=False)}


def _place(candidate: Candidate) -> tuple[str, int]:
    return candidate.source.release.id, candidate.spans[0][0]


def _quantity(question: Question) -> Wanted:
    """What is added up or compared."""
    if _LONGER.search(question.standard):
        return _DURATION
    if question.counted:
        unit, noun = question.counted[0]
        return Wanted("count", unit=unit, noun=noun)
    return Wanted("amount", "amount")


def _fits(candidate: Candidate) -> bool:
    """Totals over years, packages, needs and small grants passed on never enter a sum."""
    if candidate.wanted.kind == "time":
        return bool(_months(candidate))
    return candidate.figure is not None and candidate.figure.role not in {"cumulative", "package", "need", "subgrant"}


def _value(candidate: Candidate) -> tuple[Decimal, str] | None:
    if candidate.wanted.kind == "time":
        months = _months(candidate)
        return (Decimal(months), "months") if months else None
    figure = candidate.figure
    return (figure.value, figure.unit) if figure else None


def _months(candidate: Candidate) -> int | None:
    for time in candidate.statement.times:
        if (time.start, time.end) == candidate.spans[0]:
            if time.months:
                return time.months
            if time.first and time.last:
                return (time.last[0] - time.first[0]) * 12 + (time.last[1] or 12) - (time.first[1] or 1) + 1
    return None


def _told(ask: Ask, question: Question, filled: Sequence[Filled], missing: Sequence[Slot]) -> Answer:
    """The rows of a total, a comparison or a list, the result first."""
    language = question.language
    plan = "compare" if "compare" in question.asks else "aggregate" if "aggregate" in question.asks else "list"
    names = [frozenset((*f.slot.question.names, *f.slot.question.countries)) for f in filled]
    shared = frozenset.intersection(*names)
    citations, marks = cite([f.candidate for f in filled])
    lines = []
    for row, mark in zip(filled, marks, strict=True):
        label = row.slot.label(language, shared) or row.candidate.source.release.title
        lines.append(f"• {label}: {_said(row, language)} [{mark}]")
    texts = _texts()[language]
    head = texts["rows"]
    units = {f.unit for f in filled}
    if plan == "aggregate":
        head = ("; " if language == "en" else "؛ ").join(
            texts["total"].format(
                total=_quantity_said(sum((f.value for f in filled if f.unit == u), Decimal(0)), u, language)
            )
            for u in sorted(units)
        )
    elif plan == "compare" and len(units) == 1:
        head = _verdict(question, filled, shared)
    notes = [texts["not_added"]] if plan == "aggregate" else []
    if len(units) > 1:
        notes.append(texts["currencies"])
    absent = [s.label(language, shared) for s in missing]
    if absent:
        lines.append(texts["missing"].format(what=("; " if language == "en" else "؛ ").join(absent)))
    return Answer(
        question=ask.question,
        text="\n".join([head, *lines]),
        refused=False,
        plan=plan,  # type: ignore[arg-type]
        language=language,
        citations=citations,
        missing=tuple(absent),
        notes=tuple(notes),
    )


def _verdict(question: Question, filled: Sequence[Filled], shared: frozenset[str]) -> str:
    language = question.language
    texts = _texts()[language]
    first, last = filled[0], filled[-1]
    if len({f.value for f in filled}) == 1:
        return texts["equal"].format(value=_said(first, language))
    if _CHANGE.match(question.standard) and len(filled) == 2:
        old, new = (last, first) if "previous" in last.slot.marks else (first, last)
        rose = new.value > old.value
        right = _EITHER_WAY.search(question.standard) or rose != bool(_FALLING.search(question.standard))
        text: str = texts["rose" if rose else "fell"]
        return texts["indeed" if right else "rather"] + text.format(old=_said(old, language), new=_said(new, language))
    less = _LESS.search(question.standard) is not None
    pick = min if less else max
    best = pick(filled, key=lambda f: f.value)
    verdict: str = texts["less" if less else "more"].format(
        what=best.slot.label(language, shared), value=_said(best, language)
    )
    if len(filled) == 2 and _DIFFERENCE.search(question.standard):
        gap = abs(first.value - last.value)
        verdict += texts["difference"].format(value=_quantity_said(gap, first.unit, language))
    return verdict


def _said(row: Filled, language: Any) -> str:
    return _quantity_said(row.value, row.unit, language, row.candidate)


def _quantity_said(value: Decimal, unit: str, language: Any, candidate: Candidate | None = None) -> str:
    if unit == "months":
        return _texts()[language]["months"].format(n=number(value, language))
    if candidate is not None and candidate.figure is not None and candidate.figure.kind == "count":
        return f"{number(value, language)} {candidate.figure.noun}".strip()
    return say(value, unit, language)


def _parts(ask: Ask, question: Question, evidence: Evidence) -> Answer | None:
    """The parts of one grant: the release that fits best, its items, rows or the sentence that shares the grant out."""
    plain = replace(question, asks=question.asks - {"component", "parts", "list", "aggregate"})
    ranked = sorted(candidates(plain, evidence, Wanted("amount", "amount")), key=score, reverse=True)
    for best in ranked[:1]:
        amounts = [c for c in ranked if c.source is best.source and c.figure and c.figure.role == "component"]
        if len(amounts) < 2:
            many = max(
                (s for s in best.source.facts.statements),
                key=lambda s: sum(f.kind == "amount" and f.role not in {"need", "cumulative"} for f in s.figures),
            )
            amounts = [c for c in ranked if c.source is best.source and c.statement == many]
        if len(amounts) < 2:
            return None
        amounts.sort(key=lambda c: c.spans[0][0])
        return replace(told(ask, question, amounts), plan="list")
    return None


def _grants(ask: Ask, question: Question, evidence: Evidence) -> Answer | None:
    """The announced sums of all releases that fit, reposts left out, as a list or a total."""
    plain = replace(question, asks=question.asks - {"cumulative"})
    found = [c for c in candidates(plain, evidence, Wanted("amount", "amount")) if c.figure and c.figure.main]
    found = [c for c in found if score(c) > 0 and not c.features.get("unknown:givers")]
    found = [c for c in found if not c.features.get("unknown:receivers") and not c.features.get("time:conflict")]
    found.sort(key=lambda c: (c.source.release.date is None, str(c.source.release.date), c.source.release.id))
    kept: list[Candidate] = []
    for candidate in found:
        if not any(same_story(candidate, other) for other in kept):
            kept.append(candidate)
    limit = next(
        (int(n.value) for n in find_numbers(question.standard) if n.kind != "percent" and 2 <= n.value <= 12), 12
    )
    kept = sorted(sorted(kept, key=score, reverse=True)[:limit], key=found.index)
    if len(kept) < 2:
        return None
    filled = []
    for c in kept:
        year = c.source.release.date.year if c.source.release.date else None
        filled.append(_row(question, c, str(year or "")))
    return _told(ask, question, filled, [])


def _row(question: Question, candidate: Candidate, label: str = "") -> Filled:
    """A row of an answer for a sum that no slot asked for; without a label its donor names it."""
    figure = candidate.figure
    assert figure is not None
    if not label and figure.donor:
        label = entity(figure.donor).display(question.language)
    return Filled(_Row(question, label), candidate, figure.value, figure.unit)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Row:
    """Stands where a slot would, with a label of its own."""

    question: Question
    name: str
    marks: frozenset[str] = frozenset()

    def label(self, _language: str, _shared: frozenset[str]) -> str:
        return self.name


@cache
def _texts() -> dict[str, dict[str, str]]:
    texts = load_yaml("answering", "plans.yaml")
    if not isinstance(texts, dict):
        raise TypeError("answering/data/plans.yaml: expected texts by language")
    return texts
