"""From chosen candidates to an answer: each cut from its sentence, marked with the quote that it stands on."""

import re
from collections.abc import Sequence
from dataclasses import replace

from answering.answer import Answer, Ask, Citation, Language
from answering.candidates import Candidate
from answering.clip import clip
from answering.question import Question
from arabic.amounts import find_amounts
from arabic.normalize import normalize
from arabic.sentences import clauses
from ledger.gazetteer import entity
from ledger.money import currency
from ledger.parties import is_giver


def told(ask: Ask, question: Question, chosen: Sequence[Candidate], *, in_order: bool = False) -> Answer:
    """The answer that states the candidates one a line; with the year, or the day, of each release where there are several.

    They are sorted by time, unless they answer the parts of a question `in_order`.
    """
    several = len({c.source.release.id for c in chosen}) > 1
    kinds = {c.figure.kind if c.figure else "" for c in chosen}
    differ = several and kinds == {"count"} and not in_order
    if differ or (several and kinds == {"amount"} and not in_order):  # sums as a series, of counts the newer first
        chosen = sorted(chosen, key=lambda c: str(c.source.release.date or ""), reverse=differ)
    citations, marks = cite(chosen)
    days = {c.source.release.id: c.source.release.date for c in chosen}
    years = [day.year for day in days.values() if day]
    apart = len(set(years)) == len(years)
    lines = []
    for candidate, mark in zip((_narrowed(c, question) for c in chosen), marks, strict=True):
        day = days[candidate.source.release.id]
        label = f"{day.year if apart else day.isoformat()}: " if several and day else ""
        lines.append(f"{label}{shown(candidate, question.language)} [{mark}]")
    return Answer(
        question=ask.question,
        text="\n".join(dict.fromkeys(lines)),
        refused=False,
        plan="list" if several else "fact",
        language=question.language,
        citations=citations,
        notes=(_DIFFER[question.language],) if differ else (),
    )


def _narrowed(candidate: Candidate, question: Question) -> Candidate:
    """A statement without the half of it that is another's: «… المساهمة الدنماركية على …، بينما تذهب السويدية إلى …»."""
    if candidate.wanted.kind != "statement" or candidate.statement.kind != "sentence":
        return candidate
    start, end = candidate.statement.start, candidate.statement.end
    contrast = _CONTRAST.search(candidate.source.release.text, start, end)
    asked = set(question.names)
    if contrast is None or not asked:
        return candidate
    for a, b in ((start, contrast.start()), (contrast.end(), end)):
        inside = {n.entity for n in candidate.statement.named if a <= n.start < b}
        outside = {n.entity for n in candidate.statement.named} - inside
        if inside & asked and not outside & asked and any(is_giver(entity(n)) for n in outside):
            return replace(candidate, spans=((a, b),))
    return candidate


_CONTRAST = re.compile(r"[،؛]\s*(?:بينما|فيما|في حين(?:\s+أن)?|أما)\s")


_DIFFER = {
    "ar": "تختلف الأرقام بين البيانات بحسب تاريخها؛ الأحدث أولاً.",
    "en": "The releases give different figures at different times; the newest comes first.",
    "ckb": "بەیاننامەکان لە کاتی جیاوازدا ژمارەی جیاواز دەدەن؛ نوێترین یەکەمە.",
}


def cite(chosen: Sequence[Candidate]) -> tuple[tuple[Citation, ...], list[int]]:
    """The quotes of the candidates, each once, and for each candidate the number of its quote."""
    citations: dict[tuple[str, int, int], Citation] = {}
    marks = []
    for candidate in chosen:
        release = candidate.source.release
        first, last = candidate.extent
        key = (release.id, first, last)
        if key not in citations:
            day = release.date.isoformat() if release.date else None
            quote = release.text[first:last]
            n = len(citations) + 1
            citations[key] = Citation(n, release.id, release.title, day, release.url, quote, first, last)
        marks.append(citations[key].n)
    return tuple(citations.values()), marks


def shown(candidate: Candidate, language: Language = "ar") -> str:
    """The words of the release that state the candidate, without the figures beside it, on one line."""
    first, last = candidate.extent
    text = candidate.source.release.text[first:last]
    told_spans = _with_part(candidate)
    spans = [(a - first, b - first) for a, b in told_spans]
    if candidate.statement.kind == "row":
        figure = candidate.figure
        unit = figure.unit if figure is not None and figure.kind == "amount" else ""
        bare = unit and not find_amounts(text[spans[0][0] :])
        return _readable(_cells(text, spans)) + (f" {currency(unit, language)}" if bare else "")
    start, end = clip(text, spans, [(a - first, b - first) for a, b in _barred(candidate, told_spans)])
    return _readable(text[start:end])


def _with_part(candidate: Candidate) -> list[tuple[int, int]]:
    """The spans of a candidate; of «14 محطة من أصل 16» the whole is told with its part."""
    spans, figure = list(candidate.spans), candidate.figure
    before = [f for f in candidate.statement.figures if figure is not None and f.end <= figure.start]
    if figure is None or not before:
        return spans
    part = max(before, key=lambda f: f.end)
    between = normalize(candidate.source.release.text[part.end : figure.start])
    return [(part.start, part.end), *spans] if _OUT_OF.fullmatch(between) else spans


_OUT_OF = re.compile(r"[^،؛.]{0,30}?(?<!\w)(?:من اصل|من مجموع|out of)\s+(?:نحو\s+|حوالي\s+|ال)?")


def _barred(candidate: Candidate, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What the answer must not repeat: the other figures beside a figure, the other times beside a time."""
    statement = candidate.statement
    if candidate.figure is not None:
        low, high = _clause(candidate)
        money = candidate.figure.kind == "amount"
        beside = [
            (f.start, f.end)
            for f in statement.figures
            if f.kind == "amount" or (f.kind == "count" and not (money and low <= f.start and f.end <= high))
        ]
    elif candidate.wanted.kind == "time":
        beside = [(t.start, t.end) for t in statement.times] + [
            (f.start, f.end) for f in statement.figures if f.kind == "amount"
        ]
    elif candidate.wanted.kind == "statement":
        low, high = spans[0][0], spans[-1][1]
        beside = [(a, b) for a, b in ((statement.start, low), (high, statement.end)) if a < b]
    else:
        return []
    return [b for b in beside if not any(b[0] < end and start < b[1] for start, end in spans)]


def _cells(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Of a table's row the first cell, which names it, and the cells that hold the spans."""
    cells, position = [], 0
    for cell in text.split("|"):
        held = any(a < position + len(cell) and position < b for a, b in spans)
        if held or not position:
            cells.append(cell.strip())
        position += len(cell) + 1
    return " | ".join(c for c in cells if c)


def _clause(candidate: Candidate) -> tuple[int, int]:
    """The clause that holds the candidate's first span."""
    statement = candidate.statement
    text = candidate.source.release.text[statement.start : statement.end]
    at = candidate.spans[0][0] - statement.start
    for clause in clauses(text):
        if clause.start <= at < clause.end:
            return statement.start + clause.start, statement.start + clause.end
    return statement.start, statement.end


def _readable(text: str) -> str:
    """The words on one line, table cells told apart by colons and without Markdown's marks."""
    return re.sub(r"\s*\|\s*", ": ", " ".join(text.split())).replace("**", "").strip(": ")
