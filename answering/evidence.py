"""Candidates: which releases may answer a question, and how well each of their statements does."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from answering.answer import Citation
from answering.question import Question, When
from answering.updates import takes_up
from arabic.analyzer import content_stems
from arabic.lexicon import related_stems
from arabic.stem import skeleton
from ledger.facts import Facts, Figure, Statement
from ledger.gazetteer import ancestors
from ledger.release import Release
from ledger.store import Ledger

_LEAST = 3.0

Search = Callable[[str, int], Sequence[tuple[str, float]]]
"""A query and how many releases are wanted → (release id, score in 0…1), best first."""


@dataclass(frozen=True, slots=True)
class Source:
    """A release that may answer, with its facts, its retrieval score (0…1), whether the conversation is about it,
    and the spans of it that the answer before quoted (`told`).

    `names` are the entities that it names, or that the release names which it `updates`; `updated` tells that another
    of the sources updates it. `before` is the year of the giver's grant before this one, where a source announces it.
    """

    release: Release
    facts: Facts
    score: float
    focus: bool = False
    names: frozenset[str] = frozenset()
    told: tuple[tuple[int, int], ...] = ()
    updates: str | None = None
    updated: bool = False
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A statement of a source and how much of the question's content it holds (0…1).

    `near` is what the statement itself covers, `context` with its neighbours, heading and title, `whole` the release;
    `gap` is the share of the weightiest word that the release lacks, `plain` how little the question says beside names,
    `phrases` the share of the question's pairs of words that other releases hold and this one lacks.
    """

    source: Source
    index: int
    near: float
    context: float
    whole: float = 0.0
    gap: float = 0.0
    plain: float = 0.0
    phrases: float = 0.0

    @property
    def statement(self) -> Statement:
        """The statement itself."""
        return self.source.facts.statements[self.index]

    @property
    def text(self) -> str:
        """Its words in the release."""
        return self.source.release.text[self.statement.start : self.statement.end]

    def before(self, figure: Figure) -> str:
        """The words between a figure of it and the figure before that one, or its beginning."""
        start = max((f.end for f in self.statement.figures if f.end <= figure.start), default=self.statement.start)
        return self.source.release.text[start : figure.start]

    @property
    def around(self) -> str:
        """Its words after those of the statement before it, its heading and the title."""
        statements = self.source.facts.statements
        start = statements[max(0, self.index - 1)].start
        text = self.source.release.text[start : self.statement.end]
        return f"{self.source.release.title} {self.statement.section} {text}"


@dataclass(frozen=True, slots=True)
class _Outline:
    """The stems of a release: of each statement, of each with what stands around it, and of everything."""

    sets: tuple[frozenset[str], ...]
    around: tuple[frozenset[str], ...]
    everything: frozenset[str]


class Evidence:
    """The sources of one question with everything that is compared between them."""

    def __init__(self, question: Question, sources: Sequence[Source]) -> None:
        self.question = question
        self.sources = tuple(sources)
        self._outlines = [outline(source) for source in self.sources]
        idf = _inverse_frequencies(self._outlines)
        self._weights = {w: idf(w) * (0.15 if w in question.fillers else 1.0) for w in question.words}
        self._total = max(sum(self._weights.values()), _LEAST)  # filler words alone prove nothing
        vocabulary = frozenset[str]().union(*(o.everything for o in self._outlines))
        self._matches = {word: _counterparts(word, vocabulary) for word in self._weights}
        self._meant = frozenset(
            stem for known in self._matches.values() for stem, value in known.items() if value >= 0.5
        )

    def statements(self) -> Iterable[Scored]:
        """Every statement of every source, scored."""
        plain = max(0.0, 1 - sum(self._weights.values()) / _LEAST)
        pairs = self.question.phrases
        held = [pairs & _pairs(s.release.text) if pairs else pairs for s in self.sources]
        any_held = frozenset[tuple[str, str]]().union(*held)
        for source, stems_of, own in zip(self.sources, self._outlines, held, strict=True):
            lacking = len(any_held - own) / max(1, len(any_held))
            whole = self.coverage(stems_of.everything)
            missing = set(self.missing_words(stems_of.everything)) - self.question.fields
            gap = max(map(self.weight, missing), default=0.0)
            for i in range(len(source.facts.statements)):
                near, context = self.coverage(stems_of.sets[i]), self.coverage(stems_of.around[i])
                yield Scored(source, i, near, context, whole, gap, plain, lacking)

    def coverage(self, have: frozenset[str]) -> float:
        """The share (0…1) of the question's content, by inverse frequency, that a set of stems holds."""
        return sum(w * self._match(word, have) for word, w in self._weights.items()) / self._total

    def echoed(self, have: frozenset[str]) -> float:
        """The share (0…1) of a set of stems for which some word of the question stands."""
        return len(have & self._meant) / max(1, len(have))

    def missing_words(self, have: frozenset[str]) -> list[str]:
        """Content words of the question without any counterpart, the weightiest first."""
        gone = [w for w in self._weights if self._match(w, have) < 0.5]
        return sorted(gone, key=lambda w: -self._weights[w])

    def weight(self, word: str) -> float:
        """The share of the question's content that one of its words carries."""
        return self._weights[word] / self._total

    def _match(self, word: str, have: frozenset[str]) -> float:
        return max((value for stem, value in self._matches[word].items() if stem in have), default=0.0)


def outline(source: Source) -> _Outline:
    """The stems of a source, read once and kept."""
    statements = source.facts.statements
    return _outline(
        source.release.title,
        source.release.text,
        tuple((s.start, s.end, s.kind == "sentence", s.section) for s in statements),
    )


@lru_cache(maxsize=256)
def _outline(title: str, text: str, statements: tuple[tuple[int, int, bool, str], ...]) -> _Outline:
    sets = tuple(stem_set(text[a:b]) for a, b, _, _ in statements)
    head = stem_set(title)
    around = []
    lead_in = 0  # the sentence that announces the items and rows after it
    for i, (_, _, sentence, section) in enumerate(statements):
        lead_in = i if sentence else lead_in
        around.append(sets[max(0, i - 1)] | sets[i] | sets[lead_in] | head | stem_set(section))
    return _Outline(sets, tuple(around), head.union(*sets))


def _counterparts(word: str, vocabulary: frozenset[str]) -> dict[str, float]:
    """The stems that stand for a word of the question and how well (0…1): itself, synonyms, other forms and typing errors."""
    found = dict.fromkeys(related_stems(word) & vocabulary, 0.8)
    if word in vocabulary:
        found[word] = 1.0
    if bones := skeleton(word):
        for stem in vocabulary:
            if skeleton(stem) == bones:
                found.setdefault(stem, _KIN)
    if len(word) >= _LONG:
        first, last, size = word[0], word[-1], len(word)
        for stem in vocabulary:
            alike = stem not in found and (stem[0] == first or stem[-1] == last) and abs(len(stem) - size) <= 2
            if alike and (value := likeness(word, stem)) >= _ALIKE:
                found[stem] = 0.7 * value
    return found


_LONG = 4
_ALIKE = 0.6
_KIN = 0.6
"""How well a word of the same root stands for another: «معالج» for «علاج»."""


@lru_cache(maxsize=256)
def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """The pairs of neighbouring stems of a text."""
    stems = content_stems(text)  # «نداء لمستشفيات غزة» has the pair of «نداء مستشفيات غزة»
    return frozenset(pairwise(stems)) | frozenset((a, b[1:]) for a, b in pairwise(stems) if b[0] in "لب" and len(b) > 4)


@lru_cache(maxsize=4096)
def stem_set(text: str) -> frozenset[str]:
    """The stems of a text, also without a preposition that the light stemmer leaves on («لغسل»)."""
    found = set(content_stems(text))
    return frozenset(found | {s[1:] for s in found if len(s) >= 4 and s[0] in "لبكوف"})


@lru_cache(maxsize=65536)
def likeness(a: str, b: str) -> float:
    """Dice's coefficient of padded letter pairs: typing errors and other forms of a word keep most of them."""
    if a[0] != b[0] and a[-1] != b[-1]:
        return 0.0
    x, y = (Counter(zip("^" + w, w + "$", strict=True)) for w in (a, b))
    return 2 * (x & y).total() / (x.total() + y.total())


def _inverse_frequencies(outlines: Sequence[_Outline]) -> Callable[[str], float]:
    frequency: Counter[str] = Counter()
    for stems_of in outlines:
        for stem in stems_of.sets:
            frequency.update(stem)
    size = sum(len(o.sets) for o in outlines)

    def idf(word: str) -> float:
        return math.log(1 + (size + 1) / (frequency[word] + 0.5))

    return idf


def names_of(facts: Facts) -> frozenset[str]:
    """Every entity that a release names, with what those belong to."""
    names = {n.entity for s in facts.statements for n in s.named} | set(facts.donors) | set(facts.recipients)
    return frozenset(names | {a for n in names for a in ancestors(n)})


def gather(
    question: Question,
    ledger: Ledger,
    search: Search,
    focus: Sequence[str],
    told: Sequence[Citation] = (),
    limit: int = 12,
) -> list[Source]:
    """The releases that may answer: those that retrieval ranks highest, those that name what the question names."""
    ranked = dict(search(question.text, limit))
    for release_id in focus:
        ranked.setdefault(release_id, 0.5)
    for release_id in ledger.naming(question.names, limit):
        ranked.setdefault(release_id, 0.0)
    sources = []
    for release_id, score in ranked.items():
        facts = ledger.facts(release_id)
        names = names_of(facts)
        spans = tuple((c.start, c.end) for c in told if c.release == release_id)
        sources.append(Source(ledger.release(release_id), facts, score, release_id in focus, names, spans))
    return _with_updates(sources)


def _with_updates(sources: Sequence[Source]) -> list[Source]:
    """The sources with which of them revises which, and the year of the grant before: a release need not say again where it
    all happened, and what it says of an earlier grant has that grant's year.
    """
    revised: dict[str, Source] = {}
    for later in sources:
        for first in sources:
            if later is not first and takes_up(later.release, later.facts, first.release, first.facts):
                revised[later.release.id] = first
    outdated = {first.release.id for first in revised.values()}
    result = []
    for source in sources:
        if source.release.id in revised:
            first = revised[source.release.id]
            source = replace(source, names=source.names | first.names, updates=first.release.id)
        before = max((year for other in sources if (year := _year_before(other, source))), default=None)
        result.append(replace(source, updated=source.release.id in outdated, before=before))
    return result


def _year_before(earlier: Source, later: Source) -> int | None:
    """The year of a release that announces an earlier grant of the same giver to the same body in the same country."""
    days = earlier.release.date, later.release.date
    if days[0] is None or days[1] is None or (days[1] - days[0]).days < _NEXT_GRANT:
        return None
    a, b = earlier.facts, later.facts
    same = a.country == b.country and set(a.donors) & set(b.donors) and set(a.recipients) & set(b.recipients)
    if not same or not all(any(f.main for s in facts.statements for f in s.figures) for facts in (a, b)):
        return None
    return days[0].year


_NEXT_GRANT = 90
"""Days between two grants of a series; what is nearer repeats or updates the first."""


def dated(source: Source, when: When, statement: Statement | None = None, figure: Figure | None = None) -> float:
    """How well a source (or one of its statements or figures) fits a time that the question names: 0 not, 1 exactly.

    A figure that carries its own years is judged by these; otherwise the release's date and then its periods count.
    """
    if figure is not None and figure.years:
        return 1.0 if set(figure.years) & set(when.years) else _spans_match(source, when, statement)
    day = source.release.date
    if day is not None:
        if when.first != when.last:
            inside = (
                when.first <= (day.year, day.month) and (day.year, 0 if not when.last[1] else day.month) <= when.last
            )
            best = 0.6 if inside else 0.0
        elif when.first[1]:
            months = 12 * (day.year - when.first[0]) + day.month - when.first[1]
            best = 1.0 if not months else _SOON if 0 < months <= _MONTHS_AFTER else 0.0
        else:
            best = float(day.year == when.first[0])
            if when.until and day.year == when.first[0] + 1 and day.month <= _MONTHS_AFTER:
                best = _SOON
        if best == 1.0:
            return best
        return max(best, _spans_match(source, when, statement))
    return _spans_match(source, when, statement)


_SOON, _MONTHS_AFTER = 0.5, 3
"""A release tells of the months before it: «حتى أيلول 2020» is told in October."""


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
                elif point and when.first != when.last and point[0] in when.years:
                    best = max(best, 0.5)
    return best


def _same(have: tuple[int, ...], want: tuple[int, int]) -> bool:
    return have[0] == want[0] and (not want[1] or have[1] == want[1])
