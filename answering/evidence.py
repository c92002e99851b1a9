"""Candidates: which releases may answer a question, and how well each of their statements does."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from answering.question import Question, When, generic_stems
from arabic.analyzer import stems
from arabic.lexicon import related_stems
from ledger.facts import Facts, Figure, Statement
from ledger.gazetteer import ancestors
from ledger.release import Release
from ledger.store import Ledger

_LEAST = 3.0

Search = Callable[[str, int], Sequence[tuple[str, float]]]
"""A query and how many releases are wanted → (release id, score in 0…1), best first."""


@dataclass(frozen=True, slots=True)
class Source:
    """A release that may answer, with its facts, its retrieval score (0…1) and whether the conversation is about it."""

    release: Release
    facts: Facts
    score: float
    focus: bool = False
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scored:
    """A statement of a source and how much of the question's content it holds."""

    source: Source
    index: int
    near: float
    context: float

    @property
    def statement(self) -> Statement:
        """The statement itself."""
        return self.source.facts.statements[self.index]

    @property
    def text(self) -> str:
        """Its words in the release."""
        return self.source.release.text[self.statement.start : self.statement.end]


class Evidence:
    """The sources of one question with everything that is compared between them."""

    def __init__(self, question: Question, sources: Sequence[Source]) -> None:
        self.question = question
        self.sources = tuple(sources)
        self._idf = _inverse_frequencies(self.sources)
        generic = generic_stems()
        self._weights = {w: self._idf(w) * (0.15 if w in generic else 1.0) for w in question.words}
        self._total = max(sum(self._weights.values()), _LEAST)  # filler words alone prove nothing
        self.alternatives = {w: related_stems(w) for w in self._weights}

    def statements(self) -> Iterable[Scored]:
        """Every statement of every source, scored."""
        for source in self.sources:
            texts = [source.release.text[s.start : s.end] for s in source.facts.statements]
            title = stem_set(source.release.title)
            sets = [stem_set(t) for t in texts]
            for i, statement in enumerate(source.facts.statements):
                near = self.coverage(sets[i])
                around = sets[max(0, i - 1)] | sets[i] | title | stem_set(statement.section)
                if statement.kind != "sentence":
                    lead_in = i
                    while lead_in and source.facts.statements[lead_in].kind != "sentence":
                        lead_in -= 1
                    around = around | sets[lead_in]
                yield Scored(source, i, near, self.coverage(around))

    def coverage(self, have: frozenset[str]) -> float:
        """The share (0…1) of the question's content, by inverse frequency, that a set of stems holds."""
        return sum(w * self._match(word, have) for word, w in self._weights.items()) / self._total

    def missing_words(self, have: frozenset[str]) -> list[str]:
        """Content words of the question without any counterpart, the weightiest first."""
        gone = [w for w in self._weights if self._match(w, have) < 0.5]
        return sorted(gone, key=lambda w: -self._weights[w])

    def weight(self, word: str) -> float:
        """The share of the question's content that one of its words carries."""
        return self._weights[word] / self._total

    def _match(self, word: str, have: frozenset[str]) -> float:
        if word in have:
            return 1.0
        if self.alternatives[word] & have:
            return 0.8
        if len(word) >= 4:
            best = max((_likeness(word, other) for other in have if abs(len(other) - len(word)) <= 2), default=0.0)
            if best >= 0.6:
                return 0.7 * best
        return 0.0


@lru_cache(maxsize=8192)
def stem_set(text: str) -> frozenset[str]:
    """The stems of a text."""
    return frozenset(stems(text))


@lru_cache(maxsize=65536)
def _likeness(a: str, b: str) -> float:
    """Dice's coefficient of padded letter pairs: typing errors and other forms of a word keep most of them."""
    if a[0] != b[0] and a[-1] != b[-1]:
        return 0.0
    x, y = (Counter(zip("^" + w, w + "$", strict=True)) for w in (a, b))
    return 2 * (x & y).total() / (x.total() + y.total())


def _inverse_frequencies(sources: Sequence[Source]) -> Callable[[str], float]:
    frequency: Counter[str] = Counter()
    size = 0
    for source in sources:
        for statement in source.facts.statements:
            frequency.update(stem_set(source.release.text[statement.start : statement.end]))
            size += 1

    def idf(word: str) -> float:
        return math.log(1 + (size + 1) / (frequency[word] + 0.5))

    return idf


def names_of(facts: Facts) -> frozenset[str]:
    """Every entity that a release names, with what those belong to."""
    names = {n.entity for s in facts.statements for n in s.named} | set(facts.donors) | set(facts.recipients)
    return frozenset(names | {a for n in names for a in ancestors(n)})


def gather(question: Question, ledger: Ledger, search: Search, focus: Sequence[str], limit: int = 12) -> list[Source]:
    """The releases that may answer: those that retrieval ranks highest, those that name what the question names."""
    ranked = dict(search(question.text, limit))
    for release_id in focus:
        ranked.setdefault(release_id, 0.5)
    named = ledger.naming(question.names) if question.names else []
    for release_id in named[: 4 * limit]:
        ranked.setdefault(release_id, 0.0)
    sources = []
    for release_id, score in ranked.items():
        facts = ledger.facts(release_id)
        names = names_of(facts)
        sources.append(Source(ledger.release(release_id), facts, score, release_id in focus, names))
    return sources


def dated(source: Source, when: When, statement: Statement | None = None, figure: Figure | None = None) -> float:
    """How well a source (or one of its statements or figures) fits a time that the question names: 0 not, 1 exactly.

    A figure that carries its own years is judged by these; otherwise the release's date and then its periods count.
    """
    if figure is not None and figure.years:
        return 1.0 if set(figure.years) & set(when.years) else _spans_match(source, when, statement)
    day = source.release.date
    if day is not None and when.first == when.last:
        if when.first[1]:
            if (day.year, day.month) == when.first:
                return 1.0
        elif day.year == when.first[0]:
            return 1.0
    return _spans_match(source, when, statement)


def _spans_match(source: Source, when: When, statement: Statement | None) -> float:
    best = 0.0
    statements = (statement,) if statement else source.facts.statements
    for item in statements:
        for time in item.times:
            if time.first and time.last and time.kind == "range":
                first, last = time.first[:2], time.last[:2]
                if _same(first, when.first) and _same(last, when.last):
                    best = max(best, 1.0)
                elif when.first == when.last and (_same(first, when.first) or _same(last, when.last)):
                    best = max(best, 0.8)
            else:
                point = time.first or time.last
                if point and (_same(point[:2], when.first) or _same(point[:2], when.last)):
                    best = max(best, 0.8 if time.kind == "date" else 0.6)
    return best


def _same(have: tuple[int, ...], want: tuple[int, int]) -> bool:
    return have[0] == want[0] and (not want[1] or have[1] == want[1])
