"""Understanding a question: its language, what it asks for, whom and when it names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from answering.answer import Language
from arabic.amounts import find_currencies
from arabic.analyzer import stems
from arabic.counts import find_counts
from arabic.cues import load_cues, load_yaml
from arabic.dates import find_dates
from arabic.language import detect_language
from arabic.lexicon import to_standard, translate
from arabic.normalize import normalize
from arabic.numbers import Number, find_numbers
from arabic.periods import find_periods
from arabic.stopwords import is_stopword
from ledger.extract import is_giver, is_receiver
from ledger.gazetteer import Mention, find_mentions

_PLACE_BEFORE = re.compile(r"(?:^|\s)(?:و|ف)?(?:في|داخل|بداخل|لدي|الي|inside|in|within|له)\s*$")
_RECEIVER_BEFORE = re.compile(r"(?:^|\s)(?:و|ف)?(?:الي|لصالح|لفائده|to|for|بو)\s*(?:the\s*)?$")
_COUNTED = re.compile(
    r"(?:كم\s+(?:كان\s+)?عدد|كم\s+من(?=\s+ال)|كم|عدد|how\s+many|number\s+of|چهند|ژمارهي)\s+((?:\S+\s*){1,4})"
)
_WHO = re.compile(r"\W*(?:و|ف)?من(?:\s+(?:هو|هي|هم|الذي|التي|الذين))?\s+(?!بين\b|اي\b|متي\b|كم\b|حيث\b|اصل\b|ضمن\b)")
_PARTICLES = frozenset({"ل", "لل", "ب", "ول", "ولل", "ال", "وب", "ف", "ك", "و", "بال"})
_QUOTED = re.compile(r'["«“]([^"»”]{6,})["»”]')


@dataclass(frozen=True, slots=True)
class When:
    """A point or a stretch of time that a question names: (year, month or 0); `last` equals `first` for a point."""

    first: tuple[int, int]
    last: tuple[int, int]

    @property
    def years(self) -> range:
        """Every year that it touches."""
        return range(self.first[0], self.last[0] + 1)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the planner sees it.

    Names are gazetteer ids in the order of the question. `units` are what it wants counted, `nouns` the stems of those
    words. `words` are the stems that carry its content, `given` the figures that it mentions itself.
    """

    text: str
    language: Language
    standard: str
    asks: frozenset[str]
    units: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    ministries: tuple[str, ...] = ()
    times: tuple[When, ...] = ()
    ordinals: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    given: tuple[Decimal, ...] = ()
    currencies: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All entities that an answering release has to know, without the country at large."""
        return (*self.givers, *self.receivers, *self.places, *self.ministries)

    @property
    def years(self) -> tuple[int, ...]:
        """Every year that it names, in order."""
        return tuple(dict.fromkeys(y for t in self.times for y in t.years))


def understand(text: str) -> Question:
    """Read a question in standard or dialect Arabic, English or Sorani; never fails, whatever the text is."""
    language = detect_language(text)
    standard = normalize(to_standard(text) if language == "ar" else text)
    found = {group for group, pattern in load_cues("answering", "asks.yaml").items() if pattern.search(standard)}
    if _WHO.match(standard):
        found.add("actor")
    named_in = text if language == "en" and len(text) == len(standard) else standard  # acronyms need their capitals
    mentions = find_mentions(named_in, fuzzy=True)
    roles = _sorted_mentions(standard, mentions)
    numbers = find_numbers(standard)
    times = tuple(_times(standard))
    units, nouns = _counted(standard)
    currencies = tuple(find_currencies(standard))
    return Question(
        text=text,
        language=language,
        standard=standard,
        asks=frozenset(found),
        units=units,
        nouns=nouns,
        times=times,
        ordinals=tuple(int(n.value) for n in numbers if n.kind == "ordinal"),
        words=tuple(_content(text, standard, language, mentions)),
        given=tuple(_given(numbers, times)),
        currencies=currencies,
        titles=tuple(normalize(t) for t in _QUOTED.findall(text)),
        **roles,
    )


def _sorted_mentions(standard: str, mentions: list[Mention]) -> dict[str, tuple[str, ...]]:
    """The entities by the part that they play in the question."""
    parts: dict[str, list[str]] = {
        "givers": [],
        "receivers": [],
        "places": [],
        "countries": [],
        "ministries": [],
    }
    for mention in mentions:
        item = mention.entity
        before = standard[: mention.start]
        if item.kind == "place":
            part = "places"
        elif item.kind == "ministry":
            part = "ministries"
        elif item.kind == "country":
            glued = before[len(before.rstrip()) :] == "" and re.search(r"(?:^|[\s])(?:و|ف)?[بل]$", before)
            placed = (
                "receives" in item.roles or _PLACE_BEFORE.search(before) or glued or _RECEIVER_BEFORE.search(before)
            )
            if mention.text.endswith(("وە", "وه")):  # Sorani: from there
                placed = None
            part = "countries" if placed else "givers"
        elif is_giver(item) and not (is_receiver(item) and _is_receiving(before)):
            part = "givers"
        else:
            part = "receivers"
        if item.id not in parts[part]:
            parts[part].append(item.id)
    return {part: tuple(ids) for part, ids in parts.items()}


def _is_receiving(before: str) -> bool:
    return bool(re.search(r"(?:^|\s)(?:و|ف)?لل?$", before)) or bool(_RECEIVER_BEFORE.search(before))


def _times(standard: str) -> Iterable[When]:
    taken: list[tuple[int, int]] = []
    for period in find_periods(standard):
        if period.kind == "range" and period.first and period.last and period.first.year and period.last.year:
            taken.append((period.start, period.end))
            yield When(
                (period.first.year, period.first.month or 0),
                (period.last.year, period.last.month or 0),
            )
    for date in find_dates(standard):
        if date.year and not any(date.start < b and a < date.end for a, b in taken):
            point = (date.year, date.month or 0)
            yield When(point, point)


def _counted(standard: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The units, and the stems of the nouns, that follow «كم», «عدد» and their like."""
    units: list[str] = []
    nouns: list[str] = []
    for match in _COUNTED.finditer(standard):
        words = match.group(1).split()
        if not words:
            continue
        first = re.sub(r"^(?:ال|من ال)", "", words[0])
        counts = find_counts(" ".join(["5", first, *words[1:]]))
        if counts and counts[0].start == 0 and counts[0].text.startswith("5 " + counts[0].noun):
            units.append(counts[0].unit)
            nouns.extend(stems(counts[0].noun)[:1])
        elif "عدد" in match.group():
            nouns.extend(stems(first)[:1])
    return tuple(dict.fromkeys(units)), tuple(dict.fromkeys(nouns))


def _given(numbers: list[Number], times: tuple[When, ...]) -> Iterable[Decimal]:
    years = {y for t in times for y in t.years}
    for number in numbers:
        if number.kind == "ordinal" or int(number.value) in years:
            continue
        if number.value >= 13 or number.value != number.value.to_integral_value() or number.kind == "percent":
            yield number.value


@cache
def generic_stems() -> frozenset[str]:
    """Stems of words that nearly every release and question holds."""
    groups = load_yaml("answering", "generic.yaml")
    assert isinstance(groups, dict)
    return frozenset(s for word in groups["generic"] for s in stems(word))


def _content(text: str, standard: str, language: Language, mentions: list[Mention]) -> Iterable[str]:
    """The stems that say what is asked about: no names, times, question words or filler."""
    if language != "ar":
        standard = " ".join(normalize(term) for term in translate(text, language))
        mentions = find_mentions(standard)
    masked = list(standard)
    spans = [(m.start, m.end) for m in mentions]
    spans += [(d.start, d.end) for d in find_dates(standard)]
    for start, end in spans:
        masked[start:end] = " " * (end - start)
    cues = load_cues("answering", "asks.yaml")
    seen = set()
    for word in "".join(masked).split():
        bare = word.strip('؟?.,،؛:!()[]«»"“”-–')
        if not bare or is_stopword(bare) or cues["interrogative"].fullmatch(bare):
            continue
        for stem in stems(bare):
            if stem not in seen and stem not in _PARTICLES and not stem[0].isdigit():
                seen.add(stem)
                yield stem
