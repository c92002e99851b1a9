"""What a chat model is told: the question made whole, passages, what the ledger computes, all between boundaries."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from answering.answer import Answer, Ask, Citation, Language
from answering.corpus import View
from answering.extractive import Prepared
from answering.question import understand
from answering.verify import Cited, Sentence, Source, Total
from answering.verify_inputs import collect, totals_of
from answering.verify_quotes import sentence_spans
from answering.verify_reading import read
from arabic.bidi import strip_controls
from arabic.cues import load_yaml
from ledger.store import Ledger
from prompts.loader import Message

_PASSAGES = 10
_LETTERS = 12_000
"""Letters of passages in a prompt, 5,000 tokens or so."""
_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_REFERENCE = re.compile(r"\[(\d{1,2})\]")
_MESSAGES = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
_NAMES: Mapping[Language, str] = {
    "ar": "العربية",
    "en": "الإنجليزية (English)",
    "ckb": "الكردية السورانية (کوردیی سۆرانی)",
}


@dataclass(frozen=True, slots=True)
class Context:
    """The sources that may be quoted, the totals that may be stated, and the values of the answer prompt."""

    sources: tuple[Source, ...]
    totals: tuple[Total, ...]
    values: Mapping[str, str]

    def with_parts(self, sentence: Sentence) -> Sentence:
        """The sentence with the quotes of the parts of every total that it states: the ledger knows them itself."""
        extra: list[Cited] = []
        for total in self.totals:
            if not any(
                (q.value, q.unit) == (total.value, total.unit) and q.upper is None
                for q in read(sentence.text).quantities
            ):
                continue
            for release, start, end in total.parts:
                source = next((s for s in self.sources if _holds(s, release, start, end)), None)
                if source is not None:
                    extra.append(Cited(source.id, source.text[_sentence(source, start, end)]))
        have = set(sentence.citations)
        return Sentence(sentence.text, (*sentence.citations, *(c for c in dict.fromkeys(extra) if c not in have)))


def to_messages(rendered: Sequence[Message]) -> list[BaseMessage]:
    """Rendered prompt messages as LangChain's."""
    return [_MESSAGES[m.role](m.text) for m in rendered]


def random_boundary() -> str:
    """Sixteen letters and digits that no document can foresee."""
    return secrets.token_hex(8)


def completed(ask: Ask) -> str:
    """The question with the earlier ones that it leans on, by rules: the last that named somebody, and those since."""
    question = understand(ask.question)
    if not ask.history or question.givers or question.receivers:
        return ask.question
    kept: list[str] = []
    for turn in reversed(ask.history):
        kept.insert(0, turn.question)
        earlier = understand(turn.question)
        if earlier.givers or earlier.receivers:
            break
    return " ".join((*kept[-3:], ask.question))


def build(
    ask: Ask, query: str, prepared: Prepared, extract: Answer, view: View, boundary: Callable[[], str]
) -> Context:
    """Gather what a prompt needs. `query` is the completed question, `extract` the answer without a model."""
    ledger, question = view.ledger, prepared.question
    hits = view.passages(query, _PASSAGES)
    spans = [(h.passage.release, h.passage.start, h.passage.end) for h in hits]
    for c in extract.citations:
        if not any(r == c.release and a <= c.start and c.end <= b for r, a, b in spans):
            spans.insert(0, (c.release, c.start, c.end))
    focus = [s.release.id for s in prepared.sources if s.focus]
    documents = [Document(page_content="", metadata={"release": r, "start": a, "end": b}) for r, a, b in spans]
    sources = tuple(collect(question, ledger, documents, focus, _LETTERS))
    totals = (*computed(extract, ledger), *totals_of(question, sources, ledger))
    mark = boundary()
    language = question.language
    values = {
        "boundary": mark,
        "language": _NAMES[language],
        "passages": "\n\n".join(_shown(s, mark) for s in sources) or "–",
        "ledger": material(_rows(extract, sources), mark) or texts(language)["nothing"],
        "history": material(_history(ask, ledger, language), mark),
        "question": material(ask.question, mark),
    }
    return Context(sources, tuple(dict.fromkeys(totals)), values)


def material(text: str, boundary: str) -> str:
    """Text of others as a value: nothing unseen in it, and never the boundary."""
    return _UNSEEN.sub("", strip_controls(text)).replace(boundary, "")


def history_values(ask: Ask, ledger: Ledger, language: Language, boundary: str) -> dict[str, str]:
    """The values of the condensing prompt."""
    return {
        "boundary": boundary,
        "language": _NAMES[language],
        "history": material(_history(ask, ledger, language), boundary),
        "question": material(ask.question, boundary),
    }


def computed(extract: Answer, ledger: Ledger) -> list[Total]:
    """The sums that an extractive answer states, each with the figures that make it up, where these are known to add up."""
    if extract.plan not in {"aggregate", "compare", "list"} or extract.refused:
        return []
    by_number = {c.n: c for c in extract.citations}
    found: list[Total] = []
    everything: dict[tuple[str, int, int], Decimal] = {}
    units: dict[tuple[str, int, int], str] = {}
    lines = extract.text.splitlines()
    for line in lines:
        cited = [by_number[int(n)] for n in _REFERENCE.findall(line) if int(n) in by_number]
        for quantity in read(_REFERENCE.sub("", line)).quantities:
            if quantity.kind not in {"amount", "count"} or quantity.upper is not None or not cited:
                continue
            parts = _adding_up(quantity.value, quantity.unit, cited, ledger)
            for part, value in parts.items():
                everything[part], units[part] = value, quantity.unit
            if len(parts) > 1:
                found.append(Total(quantity.value, quantity.unit, tuple(parts)))
    for quantity in read(lines[0]).quantities if lines else ():
        parts = {p: v for p, v in everything.items() if units[p] == quantity.unit}
        if len(parts) > 1 and sum(parts.values()) == quantity.value:
            found.append(Total(quantity.value, quantity.unit, tuple(parts)))
    return found


def _adding_up(
    value: Decimal, unit: str, cited: Sequence[Citation], ledger: Ledger
) -> dict[tuple[str, int, int], Decimal]:
    """The figures of the citations that make up a value: the figure itself, or one of each citation."""
    figures = [
        {(c.release, f.start, f.end): f.value for s in ledger.facts(c.release).statements for f in s.figures
         if c.start <= f.start and f.end <= c.end and f.unit == unit and f.upper is None}
        for c in cited
    ]  # fmt: skip
    for group in figures:
        for part, number in group.items():
            if number == value:
                return {part: number}
    firsts = [next(iter(group.items())) for group in figures if group]
    if len(firsts) == len(cited) and sum(n for _, n in firsts) == value:
        return dict(firsts)
    return {}


def _holds(source: Source, release: str, start: int, end: int) -> bool:
    return source.release == release and source.start <= start and end <= source.start + len(source.text)


def _sentence(source: Source, start: int, end: int) -> slice:
    """The figure with enough around it to be found again; the verifier widens it to whole sentences."""
    a, b = start - source.start, end - source.start
    spans = [(x, y) for x, y in sentence_spans(source.text) if x < b and a < y]
    return slice(min(x for x, _ in spans), max(y for _, y in spans)) if spans else slice(a, b)


def _shown(source: Source, boundary: str) -> str:
    day = source.day.isoformat() if source.day else "بلا تاريخ"
    title = " ".join(material(source.title, boundary).split())
    return f"<{source.id} {boundary}> {title} ({day})\n{material(source.text, boundary)}\n</{source.id} {boundary}>"


def _rows(extract: Answer, sources: Sequence[Source]) -> str:
    """The extractive answer to a question that the ledger computes, its marks turned into the passages' ids."""
    if extract.plan not in {"aggregate", "compare", "list"} or extract.refused:
        return ""
    ids = {}
    for c in extract.citations:
        source = next((s for s in sources if _holds(s, c.release, c.start, c.end)), None)
        ids[c.n] = f"({source.id})" if source else ""
    lines = [_REFERENCE.sub(lambda m: ids.get(int(m[1]), ""), extract.text), *extract.notes]
    return "\n".join(lines)


def _history(ask: Ask, ledger: Ledger, language: Language) -> str:
    forms = texts(language)["history"]
    lines = []
    for turn in ask.history:
        lines.append(forms["question"].format(question=" ".join(turn.question.split())))
        titles = [ledger.release(r).title for r in turn.releases[:3] if r in _known(ledger, turn.releases)]
        if titles:
            lines.append(forms["releases"].format(titles="؛ ".join(titles)))
    return "\n".join(lines) or forms["none"]


def _known(ledger: Ledger, releases: Sequence[str]) -> set[str]:
    """Those of the releases that are still there."""
    found = set()
    for release in releases:
        try:
            ledger.release(release)
        except KeyError:
            continue
        found.add(release)
    return found


@cache
def _texts() -> dict[str, Any]:
    loaded = load_yaml("answering", "chain.yaml")
    assert isinstance(loaded, dict)
    return loaded


def texts(language: Language) -> dict[str, Any]:
    """answering/data/chain.yaml in a language."""
    found = _texts()[language]
    assert isinstance(found, dict)
    return found
