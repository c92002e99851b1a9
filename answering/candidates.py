"""What in the releases may answer a question, each candidate with the features by which it is ranked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from answering.evidence import Evidence, Scored, Source, dated, stem_set
from answering.figures import (
    change_features,
    clause_of,
    figure_features,
    front_of,
    has_share,
    is_about,
    noun_match,
    of_payer,
    payer_features,
    whole_of,
    words_around,
)
from answering.question import Question, generic_stems
from answering.shares import Asked, asked_payers
from answering.stages import (
    asks_new,
    day_fit,
    insists_on_fact,
    is_of,
    is_past,
    paid_out,
    stage,
    story_fit,
    tense,
    too_early,
)
from answering.wanted import Wanted
from arabic.cues import load_cues
from arabic.normalize import normalize
from arabic.numbers import find_numbers
from ledger.facts import LEAD, Figure, Statement, Time
from ledger.gazetteer import ancestors, entity, related
from ledger.parties import is_giver, own_span

Span = tuple[int, int]

_TIMES: Mapping[str, Mapping[str, float]] = {
    "end": {"end": 1.0, "range": 0.9, "date": 0.3},
    "start": {"start": 1.0, "range": 0.9, "date": 0.3, "since": 0.3},
    "duration": {"duration": 1.0, "range": 0.5},
    "period": {"range": 1.0, "duration": 1.0, "end": 0.4, "start": 0.4},
    "span": {"range": 1.0, "end": 0.4, "start": 0.4},
    "date": {"date": 1.0, "end": 0.7, "start": 0.7, "range": 0.5},
}
"""The kinds of time that answer each sort of question, and how well (0…1)."""
_SPENT = re.compile(r"(?<!\w)[وف]?(?:انفق|صرف فعل|مصروف|انفاق)")
_PLACE_NOUN = re.compile(
    r"(?<!\w)[وف]?[بل]?(?:ال|لل)?(?:محافظ[هات]\w*|ولاي[هات]\w*|مدين[هت]\w*|مدن|بلد[هات]\w*|بلدي\w+|قري?[هت]?|قرى|قضاء|اقضيه|مديري\w+|مخيم\w*|"
    r"اقليم|اقاليم|منطق[هت]\w*|مناطق|احياء|حي|ضواحي|ريف|جزيره|جزر)(?!\w)"
)
_PLACES = re.compile(
    r"(?<!\w)[وبل]?(?:ال)?(?:محافظات|ولايات|مدن|مناطق|بلديات|مواقع|مخيمات|قري|اقضيه|نواحي|مديريات|احياء|بلدان|دول|اماكن|معتمديات|governorates|provinces|cities|areas|districts|camps|places)(?!\w)"
)
_REACHES = re.compile(
    r"(?<!\w)[وف]?س?(?:[يت]?غطي\w*|غطت|[يت]?شمل\w*|[يت]ستهدف\w*|[يت]نفذ\w*|[يت]متد\w*|[يت]جري|[يت]توزع\w*|توزعت|[يت]صل\w*|وصلت|[يت]طال\w*)(?!\w)"
)
"""Words for where something is done."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Spans of one statement that may answer, with the values of the features that rank it."""

    scored: Scored
    wanted: Wanted
    spans: tuple[Span, ...]
    figure: Figure | None = None
    features: Mapping[str, float] = field(default_factory=dict)

    @property
    def statement(self) -> Statement:
        """The statement that holds it."""
        return self.scored.statement

    @property
    def extent(self) -> Span:
        """The quote: the statement, or with it the list that it announces."""
        return extent(self.scored)

    @property
    def source(self) -> Source:
        """The release that holds it."""
        return self.scored.source


def candidates(question: Question, evidence: Evidence, want: Wanted) -> list[Candidate]:
    """Every candidate for one wanted thing, unranked; whole statements stand in where a release names it oddly."""
    found: list[Candidate] = []
    strangers = _strangers(question, evidence)
    asked = asked_payers(question) if want.kind == "amount" else Asked()
    shared_out = of_payer(question, asked)
    paying = frozenset(s.release.id for s in evidence.sources if asked.names and has_share(asked, s))
    for scored in evidence.statements():
        if scored.source.release.id in strangers:
            continue
        shared = _statement_features(question, scored, want)
        for spans, figure, extra in _offers(question, scored, want):
            around = words_around(scored, spans, figure is not None and figure.kind == "amount")
            features = shared | extra
            low, high = clause_of(scored, spans, figure)
            clause = scored.source.release.text[low:high]
            whole = whole_of(scored, figure)
            if whole is not None:  # «14 خزاناً، منها 9 في القامشلي»: what is said of all holds for some of them
                span = ((whole.start, whole.end),)
                around += " " + words_around(scored, span, money=False)
                clause += " " + scored.source.release.text[slice(*clause_of(scored, span, whole))]
            features["local"] = evidence.coverage(stem_set(around))
            features["clause"] = evidence.coverage(stem_set(clause))
            if figure is not None:
                features |= change_features(question, scored, low, figure)
            if figure is not None and figure.kind == "amount" and "paid_out" in question.asks:
                features |= paid_out(scored, figure)
            if figure is not None and figure.kind == "amount" and asked:
                own_part = own_span(scored.source.release.text, scored.statement, figure)
                features |= payer_features(asked, scored, figure, own_part, paying)
            if figure is not None and question.places:
                front = front_of(scored, spans, figure)
                inside = {
                    n.entity for n in scored.statement.named if (low <= n.start and n.end <= high) or n.end <= front
                }
                features["place:clause"] = float(bool(inside & set(question.places)))
            if question.givers and figure is not None and figure.kind == "amount":
                givers = [
                    n for n in scored.statement.named if low <= n.start and n.end <= high and is_giver(entity(n.entity))
                ]
                own = any(related(g, n.entity) for n in scored.statement.named for g in question.givers)
                features["giver:other"] = float(bool(givers) and not own)
            if question.names:
                beside = {n.entity for n in scored.statement.named if low <= n.start and n.end <= high}
                features["names:clause"] = len(beside & set(question.names)) / len(question.names)
            if figure is not None:
                features |= figure_features(shared_out, scored, figure, want, around, features)
                features |= _label(question, scored, evidence)
                if figure.kind != "amount":
                    features |= tense(question, scored, figure)
                    features["reached:target"] = float(figure.role == "target" and insists_on_fact(question))
            found.append(Candidate(scored, want, spans, figure, features))
    return found


def _strangers(question: Question, evidence: Evidence) -> frozenset[str]:
    """The releases that do not know a giver, a receiver or a place that the question names: nothing in them answers it."""
    return frozenset(
        source.release.id
        for source in evidence.sources
        if not source.focus
        and any(
            not _knows(source, n, part) and not _knows_above(source, n)
            for part in _BINDING
            for n in getattr(question, part)
        )
    )


_BINDING = ("givers", "receivers", "places")


def _knows_above(source: Source, name: str) -> bool:
    """Whether a release names what a fund or a town belongs to: it may call them otherwise, or tell of the region."""
    return any(above in source.names for above in ancestors(name) if entity(above).kind != "country")


def _label(question: Question, scored: Scored, evidence: Evidence) -> dict[str, float]:
    """How far a row or an item is the one asked for, by its first cell or what stands before its colon."""
    statement = scored.statement
    if statement.kind == "sentence":
        return {}
    match = _LABELLED.match(scored.text)
    if match is None:
        return {}
    end = statement.start + match.end(1)
    parties = question.receivers or question.givers
    for name in statement.named:
        if name.end <= end and name.entity in (*parties, *question.places):
            return {"label:match": float(2 * (name.end - name.start) >= match.end(1) - match.start(1))}
    stems = stem_set(match.group(1)) - generic_stems()
    echoed = evidence.echoed(stems)
    return {"label:match": echoed} if stems else {}


_LABELLED = re.compile(r"\W*(\w[^|:：\n]{1,60}?)\s*(?:\||[:：])")


def _offers(
    question: Question, scored: Scored, want: Wanted
) -> Iterable[tuple[tuple[Span, ...], Figure | None, dict[str, float]]]:
    statement = scored.statement
    if _heads_a_table(scored):
        return  # «المكوّن | المبلغ | الجهة المنفذة» states nothing
    whole = (extent(scored),)
    if want.kind in {"amount", "count", "percent"}:
        for figure in statement.figures:
            fits = figure.kind == want.kind and not _is_echo(question, figure) and not _counts_else(want, figure)
            fits = fits and not (figure.kind == "count" and _is_other_sex(question.standard, figure.noun))
            if fits and not _is_no_part(question, scored, figure, want):
                yield ((figure.start, figure.end),), figure, {}
    elif want.kind == "time":
        yield from _times(scored, want)
    elif want.kind == "place":
        places = [n for n in statement.named if entity(n.entity).kind == "place" and n.entity not in question.places]
        noun = float(_PLACE_NOUN.search(normalize(scored.text)) is not None)
        if places:
            extra = {"place:named": min(len(places), 4) / 4, "place:noun": noun}
            extra["place:many"] = extra["place:named"] * float(_PLACES.search(question.standard) is not None)
            extra["place:speech"] = float("speech" in statement.cues)
            extra["place:reach"] = float(_REACHES.search(normalize(scored.text)) is not None)
            yield ((places[0].start, places[-1].end),), None, extra
        elif noun:
            yield whole, None, {"place:unnamed": 1.0}
    elif want.kind == "actor":
        kinds = {entity(n.entity).kind for n in statement.named if n.entity not in question.names}
        ministry = _MINISTRY.search(question.standard) is not None
        told = _MINISTRY.search(normalize(scored.text)) is not None
        gives = load_cues("ledger", "roles.yaml")["give"].search(question.standard) is not None
        extra = {"actor:named": float(bool(kinds - {"place"}))}
        if "list" in question.asks:
            extra["actor:many"] = min(len({n.entity for n in statement.named}), 6) / 6
        extra["actor:giver"] = float(gives and "give" in statement.cues)
        if gives:
            givers = {
                n.entity for n in statement.named if is_giver(entity(n.entity)) and n.entity not in question.names
            }
            extra["actor:givers"] = min(len(givers), 4) / 4
        extra["actor:agent"] = float(_AGENT.search(normalize(scored.text)) is not None)
        extra["actor:news"] = float(not gives and "give" in statement.cues and scored.index < LEAD)
        extra["actor:ministry"] = (1.0 if told else -1.0) if ministry else 0.0
        yield whole, None, extra
    else:
        says = {"goal": statement.cues & {"goal", "future"}, "outcome": statement.cues & {"outcome"}}
        clash = {"goal": statement.cues & {"outcome"}, "outcome": statement.cues & {"goal", "future"}}
        told = bool(says.get(want.sort))
        yield whole, None, {"says": float(told), "says:other": float(not told and bool(clash.get(want.sort)))}


def _heads_a_table(scored: Scored) -> bool:
    """Whether a row without figures is the first of a table whose next row has some."""
    statements, i = scored.source.facts.statements, scored.index
    if scored.statement.kind != "row" or scored.statement.figures or (i and statements[i - 1].kind == "row"):
        return False
    return i + 1 < len(statements) and statements[i + 1].kind == "row" and bool(statements[i + 1].figures)


def _times(scored: Scored, want: Wanted) -> Iterable[tuple[tuple[Span, ...], None, dict[str, float]]]:
    """Each time alone, and all of them together; the dateline tells of no project."""
    fitting = [t for t in scored.statement.times if t.kind in _TIMES[want.sort] and not _is_dateline(scored, t)]
    fits = {t: _TIMES[want.sort][t.kind] for t in fitting}
    for time in fitting:
        month = float((time.first or time.last or (0, 0))[1] > 0)
        yield ((time.start, time.end),), None, {
            "time:kind": fits[time], "time:month": month, "time:news": float(_is_news(scored, time)),
        }  # fmt: skip
    if len(fitting) > 1:
        spans = tuple((t.start, t.end) for t in fitting)
        kinds = {t.kind for t in fitting}
        whole = want.sort in {"period", "span"} and {"start", "end"} <= kinds
        news = max(float(_is_news(scored, t)) for t in fitting)
        yield (
            spans,
            None,
            {"time:kind": max(fits.values()), "time:all": 1.0, "time:news": news, "time:span": float(whole)},
        )


def _is_news(scored: Scored, time: Time) -> bool:
    """Whether a time is that of the announced project: neither called an earlier one nor over when the release came out."""
    day = scored.source.release.date
    over = bool(time.years) and day is not None and time.years[-1] < day.year
    return not over and "previous" not in scored.statement.cues


def _is_dateline(scored: Scored, time: Time) -> bool:
    day = scored.source.release.date
    return (
        scored.index == 0
        and time.kind == "date"
        and (day is None or time.first == (day.year, day.month, day.day))
        and time.start - scored.statement.start < _DATELINE
    )


_DATELINE = 40
"""Within how many characters of its start a release names its place and day."""


def _counts_else(want: Wanted, figure: Figure) -> bool:
    """A count of another known unit than the one asked for: months for people, schools for tents."""
    if figure.kind != "count" or not want.unit or figure.unit in {want.unit, "other"}:
        return False
    alike = any(want.unit in group and figure.unit in group for group in (_ALIKE, _AREAS))
    return noun_match(want.noun, figure.noun) < 1 and not alike


_ALIKE = frozenset({"people", "households", "deaths", "other"})
_AREAS = frozenset({"m2", "hectares", "km2", "dunams", "feddans"})


_FEMALE = re.compile(
    r"(?<!\w)و?[بل]?(?:ال|لل)?(?:امراه|امراتين|نساء|نسوه|فتاه|فتيات|بنت|بنات|سيده|سيدات|انثي|اناث\w?|women|woman|girls?|females?|ئافرهت\w*|ژن\w*|كچ\w*)(?!\w)"
)
_MALE = re.compile(
    r"(?<!\w)و?[بل]?(?:ال|لل)?(?:رجل\w?|رجال|فتي|فتيان|ولدا?|اولاد|صبيا?|صبيان|ذكور\w?|men|man|boys?|males?|پياو\w*|كور\w*)(?!\w)"
)


def asks_women(text: str) -> bool:
    """Whether a folded text speaks of women or girls, and of no men or boys."""
    return _FEMALE.search(text) is not None and _MALE.search(text) is None


@lru_cache(maxsize=65536)
def _is_other_sex(asked: str, noun: str) -> bool:
    """Whether girls are counted where boys are asked for, or men where women are."""
    told = normalize(noun)
    female, male = (pattern.search(asked) is not None for pattern in (_FEMALE, _MALE))
    return (
        female != male
        and bool((_MALE if female else _FEMALE).search(told))
        and not (_FEMALE if female else _MALE).search(told)
    )


_PART_OF = re.compile(
    r"(?<!\w)كم\s+\S+\s+(?:\S+\s+)?(?:كان\w*\s+)?(?:من\s+بين|بين|من\s+ضمن|ضمن)\s|how many (?:of|among)"
)


def _is_no_part(question: Question, scored: Scored, figure: Figure, want: Wanted) -> bool:
    """Whether a count is none of the part that is asked for: «كم امرأة بين 8,500 شخص؟» needs women beside the 8,500."""
    if want.kind != "count" or not question.given or _PART_OF.search(question.standard) is None:
        return False
    beside = scored.source.facts.statements[max(0, scored.index - 1) : scored.index + 1]
    values = {f.value for s in beside for f in s.figures}
    whole = [given for given in question.given if given in values and given > figure.value]
    return not whole or noun_match(want.noun, figure.noun) == 0


def _is_echo(question: Question, figure: Figure) -> bool:
    """The same sum in another currency answers only a question that names that currency or asks for the worth."""
    if figure.role != "equivalent":
        return False
    return figure.unit not in question.currencies


_AGENT = re.compile(
    r"(?<!\w)[وف]?(?:من طرف|عن طريق|من قبل|من جانب|بواسطه|بالتعاون مع|بالشراكه مع|بالتنسيق مع|ب?شراكه مع|بمعاونه|بمشاركه|"
    r"[يت]تول[يا]\w*|[يت]سهر\w*|[يت]نفذ\w*|نفذ\w*|[يت]نجز\w*|[يت]تسلم\w*|[يت]ستلم\w*|[يت]نسق\w*|[يت]شرف\w*|[يت]دير\w*|[يت]شارك\w*|شارك\w*|[يت]ساهم\w*|[يت]وزع\w*|شركا\w*|شريك\w*|"
    r"[يت]عمل\w* مع|[يت]تعاون\w*|[يت]ؤول|[يت]غط[يى]|ي[اأ]تي)(?!\w)"
)
_MINISTRY = re.compile(r"(?<!\w)[وف]?[بل]?(?:ال|لل)?(?:وزار[هات]\w*|ministr\w+|وهزارهت\w*)")


_ANNOUNCES = re.compile(r"[:：]\W*$")
_FIRST_OF = re.compile(r"(?<!\w)(?:اول(?:هما|ها|هم|ا)|الاول[يه]?|احد(?:هما|اهما))(?!\w)")
_NEXT_OF = re.compile(
    r"^\W*(?:و|ثم\s+|اما\s+)?(?:ثاني(?:هما|ها|هم|ا|ه)|الثاني[هي]?|ثالث\w*|الثالث\w*|الاخر\w*|اخر\w*)(?!\w)"
)


def extent(scored: Scored) -> Span:
    """A statement's span; with the items after its colon, with the «ثانيهما» after its «أولهما»."""
    statements = scored.source.facts.statements
    last = scored.index
    if _ANNOUNCES.search(scored.text):
        while last + 1 < len(statements) and statements[last + 1].kind != "sentence":
            last += 1
        if last == scored.index and last + 1 < len(statements):
            last += 1
    elif _FIRST_OF.search(normalize(scored.text)):
        text = scored.source.release.text
        while last + 1 < len(statements) and last < scored.index + 4:
            following = statements[last + 1]
            if not _NEXT_OF.match(normalize(text[following.start : following.end])):
                break
            last += 1
    return scored.statement.start, statements[last].end


def _statement_features(question: Question, scored: Scored, want: Wanted) -> dict[str, float]:
    """How well a statement and its release fit the names, times and words of the question."""
    source, statement = scored.source, scored.statement
    named = {n.entity for n in statement.named}
    features = {
        "near": scored.near,
        "context": scored.context,
        "plain": scored.plain,
        "covered": scored.whole,
        "phrases": 0.0 if source.focus else scored.phrases,
        "gap": 0.0 if source.focus else scored.gap,  # a follow-up does not say again what it is about
        "retrieval": 1.0 if source.focus else source.score,
        "lead": float(scored.index < LEAD and statement.kind == "sentence"),
        "focus": float(source.focus),
        "told": float(_refers(question) and any(a < statement.end and statement.start < b for a, b in source.told)),
        "names:here": len(named & set(question.names)) / max(1, len(question.names)),
    }
    if not source.focus:
        features["unknown:within"] = float(any(not _knows(source, n, "countries") for n in question.within))
        for part in ("givers", "receivers", "places", "ministries", "countries"):
            names: tuple[str, ...] = getattr(question, part)
            features[f"unknown:{part}"] = float(any(not _knows(source, n, part) for n in names))
        if question.countries and source.facts.country and source.facts.country not in question.countries:
            beside = bool(source.names & set(question.countries))  # «أرسل الأردن إلى غزة» tells of Gaza
            features["country:beside" if beside else "country:other"] = 1.0
    past = is_past(scored)
    of_before = past and any(not w.first[1] and source.before in w.years for w in question.times)
    if question.times:
        fits = max(0.8 * of_before, *(dated(source, w) for w in question.times))
        features["time:release"] = fits
        features["time:here"] = max(dated(source, w, statement) for w in question.times)
        earlier_one = source.facts.statements[max(0, scored.index - 1)]
        features["time:near"] = max(features["time:here"], *(dated(source, w, earlier_one) for w in question.times))
        features["time:conflict"] = 0.0 if source.focus else float(fits < 0.5)
        if want.kind in {"count", "percent"} or want.sort == "outcome":
            features["outcome:early"] = float(all(too_early(question, source, w) for w in question.times))
        features["time:day"] = max(day_fit(source, w, statement) for w in question.times)
    earlier = "previous" in question.asks
    features["previous:match"] = float(earlier and past)
    features["previous:untold"] = float(earlier and not past)
    dated_so = of_before or "afterwards" in question.asks or any(is_of(scored, w) for w in question.times)
    features["previous:unasked"] = float(past and not earlier and not dated_so)
    features["previous:new"] = float(past and not earlier and asks_new(question))
    features["story:fits"] = story_fit(question, scored)
    if want.kind == "statement":
        features |= tense(question, scored)
    if question.places and not source.focus and not is_about(source, question.places):
        near = {n.entity for s in source.facts.statements[max(0, scored.index - 1) : scored.index + 1] for n in s.named}
        features["place:outside"] = float(not any(related(n, p) for n in near for p in question.places))
    told_before = source.updates is not None and source.names.issuperset(question.places)
    if question.places and not told_before and not named & set(question.places):
        around = {
            n.entity for s in source.facts.statements[max(0, scored.index - 1) : scored.index + 1] for n in s.named
        }
        absent = not any(related(n, p) for n in around if entity(n).kind == "place" for p in question.places)
        elsewhere = any(entity(n).kind == "place" for n in named)
        features["place:absent"] = float(absent and not elsewhere)
        features["place:other"] = float(absent and elsewhere)
    if question.titles:
        told = normalize(source.release.text)
        features["title:missing"] = float(not source.focus and not any(_holds(told, t) for t in question.titles))
    if question.given:
        figures = {f.value for s in source.facts.statements for f in s.figures}
        features["given:absent"] = float(not any({g, g * 1000, g * 10**6} & figures for g in question.given))
    if phases := _phases(question.standard):
        said = _phases(normalize(scored.text)) or _phases(normalize(statement.section))
        for before in reversed(source.facts.statements[max(0, scored.index - 2) : scored.index]):
            said = said or _phases(normalize(source.release.text[before.start : before.end]))
        features["phase:match"] = float(bool(phases & said))
        features["phase:clash"] = float(bool(said) and not phases & said)
    fit = stage(question, scored)
    features["stage:match"], features["stage:clash"] = float(fit > 0), float(fit < 0)
    if "spent" in question.asks:
        features["spent:untold"] = float(_SPENT.search(normalize(scored.text)) is None)
    if wanted_ordinals := {o for o in question.ordinals if o > 2}:
        features["ordinal:unknown"] = float(not wanted_ordinals <= _ordinals(source))
    return features


_IT = re.compile(
    r"(?<!\w)[وف]?(?:ل|من|ب|في|بي|علي|عن)(?:ه|ها|هم)(?!\w)|(?<!\w)\w{3,}(?:ها|هم)(?!\w)|(?<!\w)(?:it|them|its|their|that)(?!\w)"
)


def _refers(question: Question) -> bool:
    """Whether a follow-up speaks of what was just told by a pronoun («ومنو دفعها؟»), and of nowhere else."""
    return not question.places and not question.countries and _IT.search(question.standard) is not None


def _holds(text: str, title: str) -> bool:
    """Whether a text holds a title that the question quotes; a short slip is forgiven."""
    return title in text or all(word in text for word in title.split())


_PHASE = re.compile(
    r"(?<!\w)[وفبل]?(?:ال|لل)?(?:مرحل[هت]|مرحلتي|جزء|دوره|دفعه|نسخه|طور|شق|شريحه|phase)\s+(?:ال)?(\w+)|(first|second|third|fourth)\s+phase"
)


@lru_cache(maxsize=65536)
def _phases(text: str) -> frozenset[int]:
    """Which phases a text speaks of by their number: «المرحلة الثانية» is 2; a pilot or the first part is 1."""
    found = set()
    for match in _PHASE.finditer(text):
        for number in find_numbers(match.group(1) or match.group(2) or ""):
            if number.kind == "ordinal":
                found.add(int(number.value))
    return frozenset(found)


def _knows(source: Source, name: str, part: str) -> bool:
    """Whether a release names what the question names; a donor also by what belongs to it, a country as its own."""
    if name in source.names:
        return True
    if part == "countries":
        return source.facts.country == name
    if part == "places" and (above := ancestors(name)) and above[0] in source.names:
        return normalize(entity(above[0]).name) in normalize(entity(name).name)  # «مخيمات تندوف» lie in تندوف
    return part == "givers" and any(related(name, n) and entity(n).kind != "country" for n in source.facts.donors)


@lru_cache(maxsize=2048)
def _ordinals(source: Source) -> frozenset[int]:
    texts = (source.release.title, *(source.release.text[s.start : s.end] for s in source.facts.statements))
    return frozenset(int(n.value) for t in texts for n in find_numbers(t) if n.kind == "ordinal")
