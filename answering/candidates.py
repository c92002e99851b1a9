"""What in the releases may answer a question, each candidate with the features by which it is ranked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from answering.evidence import Evidence, Scored, Source, dated, likeness, stem_set
from answering.question import Question, When, generic_stems
from answering.shares import Asked, asked_givers, asked_payers
from answering.stages import (
    asks_new,
    asks_planned,
    asks_reached,
    day_fit,
    insists_on_fact,
    is_of,
    is_past,
    planned,
    stage,
    story_fit,
    tense,
    too_early,
    years_told,
)
from arabic.cues import load_cues
from arabic.lexicon import related_stems
from arabic.normalize import normalize
from arabic.numbers import find_numbers
from arabic.stem import skeleton
from ledger.extract import is_giver, own_span
from ledger.facts import Figure, Statement, Time
from ledger.gazetteer import ancestors, entity, find_mentions, related
from ledger.payers import payer_classes, pays

Kind = Literal["amount", "count", "percent", "time", "place", "actor", "statement"]
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
_LEAD = 3
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
_ANYBODY = frozenset(
    s
    for w in ["شخص", "شخصا", "مستفيد", "مستفيدا", "نسمة", "فرد", "people", "beneficiaries", "انسان", "منتفع", "كەس"]
    for s in stem_set(w)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that a question asks for: a kind of candidate, the unit and noun of a count, the sort of a time."""

    kind: Kind
    sort: str = ""
    unit: str = ""
    noun: str = ""


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


def wanted(question: Question) -> list[Wanted]:
    """What the question asks for, in its order; several for «كم بئراً وكم جمعية»."""
    first = _first_wanted(question)
    more = [_FIELDS[kind] for kind in question.further if kind in _FIELDS]
    known = {_kind_of(want) for want in first}
    return list(dict.fromkeys([*first, *(want for want in more if _kind_of(want) not in known)]))[:_MOST_WANTED]


def _kind_of(want: Wanted) -> str:
    """What tells one wanted thing from another: how long something takes is not when it ends."""
    return want.sort if want.kind == "time" else want.kind


_MOST_WANTED = 4


def _first_wanted(question: Question) -> list[Wanted]:
    asks, leads = question.asks, question.leads
    if leads and leads[0] == "count":
        counts = [Wanted("count", unit=u, noun=n) for u, n in question.counted if u not in _TIME_UNITS]
        if counts and "of_them" in asks:  # «كم متدرباً …، وكم منهم …؟»
            return [replace(counts[0], sort="subset")]
        if counts:
            return counts
        return [Wanted("time", "duration")]
    order = [k for k in leads if k != "count"]
    if not order and "open" in asks:  # «ماذا سيفعلون بأموال …؟»
        order = [next((k for k in ("goal", "outcome") if k in asks), "text")]
    if not order and asks & {"cumulative", "aggregate", "count"}:
        order = ["amount"]
    order += [k for k in _BY_WEIGHT if k in asks]
    if not order and (question.givers or question.receivers) and question.fillers:
        order = ["amount"]  # «منحة اليابان 2020», with no question word at all
    first = order[0] if order else "amount" if asks & {"package", "need"} else "text"
    if first in _TIME_SORTS:
        told = [k for k in _TIME_SORTS if k != "date"]
        sorts = [k for k in leads if k in told] or [k for k in told if k in asks] or [first]
        if len(sorts) > 1 and "duration" not in sorts and "period" in sorts:
            sorts = ["duration" if s == "period" else s for s in sorts]
        if _FROM_TO.search(question.standard):
            sorts = ["span"]
        elif _LENGTH.search(question.standard):
            sorts = ["duration" if s == "period" else s for s in sorts]
        if sorts == ["date"] and _ENDS.search(question.standard):
            sorts = ["end"]
        elif sorts == ["date"] and _BEGINS.search(question.standard):
            sorts = ["start"]
        return [Wanted("time", s) for s in dict.fromkeys(sorts)][:2]
    if first in {"goal", "outcome", "text"}:
        return [Wanted("statement", first)]
    kinds: dict[str, Kind] = {"amount": "amount", "percent": "percent", "place": "place", "actor": "actor"}
    return [Wanted(kinds.get(first, "statement"), first)]


_FROM_TO = re.compile(
    r"(?<!\w)من\s+(?:اي|متي)\s.{0,20}?(?<!\w)(?:الي|حتي|لغايه)\s+(?:اي|متي)(?!\w)|from when (?:to|until)|between which"
)
_ENDS = re.compile(
    r"(?<!\w)(?:س)?[يت](?:نته\w+|ختتم\w*|كتمل\w*|نقضي|خلص\w*|جهز\w*|نجز\w*|غلق\w*|قفل\w*|فرغ\w*|سلم\w*|توقف\w*|تم)(?!\w)|(?<!\w)(?:end|close|finish|complete\w*|expire)s?(?!\w)"
)
_BEGINS = re.compile(
    r"(?<!\w)(?:س)?[يت](?:بدا\w*|نطلق\w*|باشر\w*|شرع\w*)(?!\w)|(?<!\w)(?:بدا|بدات|انطلق\w*|شرع\w*)(?!\w)|(?<!\w)(?:start|begin|launch)\w*(?!\w)"
)
_FIELDS: Mapping[str, Wanted] = {
    "amount": Wanted("amount", "amount"),
    "end": Wanted("time", "end"),
    "start": Wanted("time", "start"),
    "period": Wanted("time", "period"),
    "place": Wanted("place", "place"),
    "actor": Wanted("actor", "actor"),
    "goal": Wanted("statement", "goal"),
    "outcome": Wanted("statement", "outcome"),
}
_LENGTH = re.compile(
    r"(?<!\w)كم\s+(?:شهر\w*|سن[هو]\w*|عام\w*|اسبوع\w*|يوم\w*)|(?<!\w)(?:كم|لاي|ما|اي)\s+(?:مد[هت]\w*|طول|تستغرق|يستغرق|[يت]دوم|[يت]طول|[يت]ستمر|[يت]متد|سيستمر|ستستمر)|how long|"
    r"how many (?:months|years|weeks|days)|duration|چهند (?:مانك|سال|ههفته|روژ)|ماوهي"
)
_TIME_UNITS = frozenset({"months", "years", "weeks", "days"})
_TIME_SORTS = ("end", "start", "period", "date")
_BY_WEIGHT = ("percent", "end", "start", "period", "amount", "place", "goal", "outcome", "actor", "date")


def candidates(question: Question, evidence: Evidence, want: Wanted) -> list[Candidate]:
    """Every candidate for one wanted thing, unranked; whole statements stand in where a release names it oddly."""
    found: list[Candidate] = []
    strangers = _strangers(question, evidence)
    asked = asked_payers(question) if want.kind == "amount" else Asked()
    shared_out = _of_payer(question, asked)
    paying = frozenset(s.release.id for s in evidence.sources if asked.names and _has_share(asked, s))
    for scored in evidence.statements():
        if scored.source.release.id in strangers:
            continue
        shared = _statement_features(question, scored, want)
        for spans, figure, extra in _offers(question, scored, want):
            around = _around(scored, spans, figure is not None and figure.kind == "amount")
            features = shared | extra
            low, high = _clause(scored, spans, figure)
            clause = scored.source.release.text[low:high]
            whole = _whole(scored, figure)  # «14 خزاناً، منها 9 في القامشلي»: what is said of all holds for some of them
            if whole is not None:
                span = ((whole.start, whole.end),)
                around += " " + _around(scored, span, money=False)
                clause += " " + scored.source.release.text[slice(*_clause(scored, span, whole))]
            features["local"] = evidence.coverage(stem_set(around))
            features["clause"] = evidence.coverage(stem_set(clause))
            if figure is not None:
                features |= _change(question, scored, low, figure)
            if figure is not None and figure.kind == "amount" and asked:
                own_part = own_span(scored.source.release.text, scored.statement, figure)
                features |= _payer(asked, scored, figure, own_part, paying)
            if figure is not None and question.places:
                front = _front(scored, spans, figure)
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
                features |= _figure_features(shared_out, scored, figure, want, around, features)
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
        extra["actor:news"] = float(not gives and "give" in statement.cues and scored.index < _LEAD)
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


@lru_cache(maxsize=65536)
def noun_match(wanted_stem: str, noun: str) -> float:
    """How well a counted noun is the wanted one: 1 the same word, 0.6 a synonym or another form of it, 0 another."""
    if not wanted_stem:
        return 0.0
    best = 0.0
    for stem in stem_set(noun):
        if stem.removesuffix("ا") == wanted_stem.removesuffix("ا"):
            return 1.0
        bones = skeleton(stem)
        kin = bones is not None and bones == skeleton(wanted_stem)
        if kin or stem in related_stems(wanted_stem) or likeness(stem, wanted_stem) >= 0.6:
            best = 0.6
    return best


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
        "lead": float(scored.index < _LEAD and statement.kind == "sentence"),
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
    if question.places and not source.focus and not _is_about(source, question.places):
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


@lru_cache(maxsize=4096)
def _scope(source: Source) -> frozenset[str]:
    """The places of a release's title and lead."""
    lead = {n.entity for s in source.facts.statements[:_LEAD] for n in s.named}
    lead |= {m.entity.id for m in find_mentions(source.release.title)}
    return frozenset(name for name in lead if entity(name).kind == "place")


def _is_about(source: Source, places: Iterable[str]) -> bool:
    """Whether a release's title and lead name one of the places, or none at all; an update is about what it updates."""
    if source.updates is not None and not source.names.isdisjoint(places):
        return True
    scope = _scope(source)
    return not scope or any(related(p, q) for p in scope for q in places)


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


def _around(scored: Scored, spans: tuple[Span, ...], money: bool) -> str:
    """The words between the figures beside a candidate; beside money only other money counts."""
    statement = scored.statement
    low, high = spans[0][0], spans[-1][1]
    beside = [f for f in statement.figures if not money or f.kind == "amount"]
    beside = _without_origin(scored, beside, low)
    before = max((f.end for f in beside if f.end <= low), default=statement.start)
    after = min((f.start for f in beside if f.start >= high), default=statement.end)
    return scored.source.release.text[before:after]


def _whole(scored: Scored, figure: Figure | None) -> Figure | None:
    """The count of which another is a part, or which shares its noun with it («منها 9 في …، و5 في …»)."""
    if figure is None or figure.kind != "count":
        return None
    text, found, part = scored.source.release.text, None, figure
    for before in reversed([f for f in scored.statement.figures if f.kind == "count" and f.end <= figure.start]):
        among = _AMONG.search(normalize(text[before.end : part.start])) is not None
        if before.unit != part.unit or not (among or _inherits(text, before, part)):
            break
        found, part = before, before
    return found


def _inherits(text: str, before: Figure, figure: Figure) -> bool:
    """Whether a count has its noun from one before it: «و5 في المالكية»."""
    return (
        bool(before.noun) and figure.noun.startswith(before.noun) and before.noun not in text[figure.start : figure.end]
    )


def _without_origin(scored: Scored, figures: list[Figure], at: int) -> list[Figure]:
    """The figures beside one that begins `at`, without that from which it came («من 43 إلى 30»): they share their words."""
    last = max((f for f in figures if f.end <= at), key=lambda f: f.end, default=None)
    if last is None or _UP_TO.match(normalize(scored.source.release.text[last.end : at])) is None:
        return figures
    return [f for f in figures if f is not last]


_UP_TO = re.compile(r"^\W*(?:\w+\s+){0,2}?(?:الي|to|بو)\s*(?:(?:نحو|حوالي|قرابه|زهاء|about)\s*)?$")
_COMMA = re.compile(r"[،؛:]|,(?!\d)|\s[–—-]\s|[.](?!\d)")


def _clause(scored: Scored, spans: tuple[Span, ...], figure: Figure | None) -> Span:
    """What of a sentence is said of a candidate: from comma to comma, no further than the figures beside it.

    A sum in brackets belongs to the words before it.
    """
    statement, text = scored.statement, scored.source.release.text
    low, high = spans[0][0], spans[-1][1]
    beside = [f for f in statement.figures if figure is None or f.kind == figure.kind]
    beside = _without_origin(scored, beside, low)
    before = max((f.end for f in beside if f.end <= low), default=statement.start)
    after = min((f.start for f in beside if f.start >= high), default=statement.end)
    opened = text[max(before, low - 12) : low].rfind("(") >= 0
    commas = [m.end() for m in _COMMA.finditer(text, before, low)]
    closing = _COMMA.search(text, high, after)
    start = commas[-1] if commas else before
    return start, high if opened else closing.start() if closing else after


_FRONTED = re.compile(r"\W*(?:و|ف|ثم\s|اما\s)?\s*(?:في|لدي|داخل|علي صعيد|in)\s[^،؛:.]{2,60}،")


def _front(scored: Scored, spans: tuple[Span, ...], figure: Figure) -> int:
    """Where a place at the head of a sentence ends («وفي كركوك، موّل المكتب …»): it holds for the first figure after it."""
    start, first = scored.statement.start, spans[0][0]
    if any(f.kind == figure.kind and f.end <= first for f in scored.statement.figures):
        return start
    found = _FRONTED.match(normalize(scored.source.release.text[start:first]))
    return start + found.end() if found else start


_OUT_OF = re.compile(r"(?<!\w)(?:من|from)(?:\s+(?:نحو|حوالي|قرابه))?\s*$")
_INTO = re.compile(r"^[^،؛.:]{0,40}?(?<!\w)(?:الي|to)\s+(?:نحو\s+|حوالي\s+)?[\d٠-٩]")
_INSTEAD = re.compile(r"(?<!\w)(?:بدلا من|بدل|عوضا عن|من اصل|instead of|rather than|out of)\s*(?:ال)?$")
_WAS = re.compile(r"(?<!\w)(?:كان|كانت|قبل|سابقا|was|before|بوو)(?!\w)")


def _change(question: Question, scored: Scored, low: int, figure: Figure) -> dict[str, float]:
    """Whether a figure is where a change began («من 62 لتراً إلى 95 لتراً») or what another took the place of."""
    text = scored.source.release.text
    before, after = normalize(text[low : figure.start]), normalize(text[figure.end : scored.statement.end])
    asked = "original" in question.asks or _WAS.search(question.standard) is not None
    began = _OUT_OF.search(before) is not None and _INTO.search(after) is not None
    return {
        "change:from": float(began and not asked),
        "change:instead": float(_INSTEAD.search(before) is not None and not planned(question)),
    }


def _payer(asked: Asked, scored: Scored, figure: Figure, own: Span, paying: frozenset[str]) -> dict[str, float]:
    """Whether a sum is the share of those who are asked for, by its own words; `paying` are the releases that have one."""
    text = scored.source.release.text
    told = payer_classes(text[own[0] : figure.start], text[figure.end : own[1]])
    features: dict[str, float] = {}
    named = {n.entity for n in scored.statement.named if own[0] <= n.start and n.end <= own[1]}
    ministries = {n for n in asked.names if entity(n).kind == "ministry"}  # it pays only where that is said
    if asked.classes or ministries:
        before, after = text[own[0] : figure.start], text[figure.end : own[1]]
        beside = (n for n in scored.statement.named if n.entity in ministries and n.entity in named)
        paid = any(pays(text[n.start : n.end], before, after) for n in beside)
        features["payer:match"] = float(bool(asked.classes & told) or paid)
        features["payer:missed"] = 1.0 - features["payer:match"]
    elif asked.names:
        mine = {n for n in named if any(related(n, a) for a in asked.names)}
        others = {n for n in named - mine if is_giver(entity(n)) and n != scored.source.facts.country}
        features["payer:own"] = float(bool(mine))
        features["payer:other"] = float(not mine and bool(others or told or not figure.donor))
        features["payer:elsewhere"] = float(not figure.donor and scored.source.release.id in paying)
    if asked.stems:
        features["payer:match"] = float(asked.stems <= stem_set(text[own[0] : figure.start]))
    return features


_BRACKETED = re.compile(r"[^()]{0,40}\)")
_LOAN = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:قرض\w*|قروض\w*|تسهيل\w*|ائتمان\w*|loans?|credit|قهرز)(?!\w)")
_GIFT = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:هب[هة]|هبات|منح[هة]|تبرع\w*|grants?|donations?)(?!\w)")


def _instrument(question: Question, before: str) -> dict[str, float]:
    """Whether a question about a loan meets a gift, or one about a gift a loan, by the words before a sum."""
    loan, gift = _LOAN.search(question.standard) is not None, _GIFT.search(question.standard) is not None
    if _NOT_LOAN.search(question.standard):
        loan = False
    if loan == gift:
        return {}
    lent, given = _LOAN.search(before) is not None, _GIFT.search(before) is not None
    if lent == given:
        return {}
    return {"instrument:match": float(lent == loan), "instrument:clash": float(lent != loan)}


_COST = re.compile(
    r"(?<!\w)[وفبل]?(?:ال|لل)?(?:كلف[هت]\w*|تكلف[هت]\w*|تكاليف\w*|كلف|ميزاني[هت]\w*|موازن[هت]\w*|قيم[هت]\w*|cost\w*|budget\w*|worth|value)(?!\w)"
)
"""What something costs or is worth as a whole, whoever pays."""
_COST_OF = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:كلف[هت]\w*|تكلف[هت]\w*|تكاليف\w*|ميزاني[هت]\w*|موازن[هت]\w*)(?!\w)")
_DIED = re.compile(
    r"(?<!\w)(?:توف\w+|ماتت?|ماتوا|قتلت?|قتلوا|لقوا|لقي|قضوا|راحوا? ضحيه|وفيات|وفاه|died|killed|deaths?|dead|مردن|مرد)(?!\w)"
)
_AMONG = re.compile(r"(?<!\w)و?(?:من|بين|ضمن)(?:هم|ها|هن|هما)\s+(?:\w+\s+)?$|(?:of them|including|among them),?\s*$")
_AMONG_REACH = 30
"""«منهم 655 امرأة»: within how many characters before a count."""
_PRICE = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:ثمن|سعر|اجر|راتب|price|wage|salary)(?!\w)")
_NOT_LOAN = re.compile(r"(?<!\w)(?:لا|ليس|وليس|غير|not)\s+(?:ال|the\s+|a\s+)?(?:قرض|loan)")


_OF_THE_COST = re.compile(r"(?<!\w)(?:من|في)\s+(?:اجمالي\s+|مجمل\s+)?(?:ال)?(?:كلف|تكلف|ميزاني|موازن)\w+|of the cost")


def _has_share(asked: Asked, source: Source) -> bool:
    """Whether a release gives a sum of its own to one who is asked for."""
    given = (f.donor for s in source.facts.statements for f in s.figures if f.role in {"grant", "component"})
    return any(related(donor, name) for donor in given if donor for name in asked.names)


def _of_payer(question: Question, asked: Asked) -> Question:
    """The question with those as givers whose share it asks for: those beside them only tell which project is meant.

    A share of the cost is no part of a grant.
    """
    asks = question.asks
    if asked.classes or asked.stems or (asked.names and _OF_THE_COST.search(question.standard)):
        asks = asks - {"component"}
    return replace(question, asks=asks, givers=tuple(g for g in question.givers if g in asked_givers(question, asked)))


def _figure_features(
    question: Question, scored: Scored, figure: Figure, want: Wanted, around: str, known: Mapping[str, float]
) -> dict[str, float]:
    """How well a figure's unit, role, parties and time fit; `known` has the features of who pays it."""
    features: dict[str, float] = {}
    share = bool(known.get("payer:match") or known.get("payer:own"))
    source = scored.source
    features["given"] = float(figure.value in question.given)
    if question.times:
        features["time:figure"] = max(_in_time(scored, figure, w) for w in question.times)
        features["time:ahead"] = float(all(_is_ahead(source, figure, w) for w in question.times))
        near = max(dated(source, w, scored.statement) for w in question.times)
        features["time:off"] = float(bool(figure.years) and features["time:figure"] < 0)
        features["time:loose"] = float(not source.focus and features["time:figure"] <= 0 and near < 0.5)
    if "between" in question.asks:
        features["range"] = 1.0 if figure.upper is not None else -1.0
    if figure.kind == "count":
        features |= _count_features(question, scored, figure, want, around)
        return features
    if figure.kind == "percent":
        return features
    if figure.main and _is_about(source, question.places):  # a lead also names the place of its dateline
        features |= {"place:other": 0.0, "place:absent": 0.0}
    start = max((f.end for f in scored.statement.figures if f.end <= figure.start), default=scored.statement.start)
    told = source.release.text[start : figure.start]
    before = normalize(told)
    if bracketed := _BRACKETED.match(source.release.text, figure.end):
        told = told.rpartition(")")[2] + bracketed.group()  # «والوكالة (3 ملايين دولار، هبة)»
    features |= _instrument(question, normalize(told))
    cost = _COST.search(question.standard) is not None and _COST.search(before) is not None
    features["cost:match"] = float(cost)
    features["cost:unasked"] = float(_COST_OF.search(before) is not None and not _COST.search(question.standard))
    if figure.main and figure.donor and question.givers:
        features["donor:other"] = float(not any(related(g, figure.donor) for g in question.givers))
    if question.currencies:
        features["currency"] = 1.0 if figure.unit in question.currencies else -1.0
        twins = [f for f in scored.statement.figures if f.role == "equivalent" and f.unit in question.currencies]
        features["currency:beside"] = float(bool(twins) and figure.unit not in question.currencies)
    for part, party in (("givers", figure.donor), ("receivers", figure.recipient)):
        names: tuple[str, ...] = getattr(question, part)
        if names:
            fits = party is not None and any(related(n, party) for n in names)
            features[f"party:{part}"] = 1.0 if fits else -1.0 if party else -0.5
    main = (
        figure.main
        and features.get("time:figure", 0) >= 0
        and min(features.get("party:givers", 0), features.get("party:receivers", 0)) >= 0
    )
    asked = next((r for r in _SPECIAL if r in question.asks), "")
    part_asked = "component" in question.asks and not asked and scored.plain < _SPECIFIC
    features["role:match"] = float(bool(asked) and figure.role == asked)
    features["role:missed"] = float(bool(asked) and figure.role != asked)
    features["role:special"] = float(
        not asked and figure.role in _SPECIAL and not (cost and figure.role != "cumulative")
    )
    features["role:minor"] = float(figure.role == "background")
    priced = "price" in question.asks
    features["price:match"] = float(priced and figure.role == "subgrant")
    features["price:missed"] = float(figure.role != "subgrant" and _PRICE.search(question.standard) is not None)
    features["price:unasked"] = float(figure.role == "subgrant" and not priced)
    features["component:asked"] = float(part_asked and figure.role == "component")
    parties = [features[p] for p in ("party:receivers", "party:givers") if p in features]
    named = bool(parties) and parties[0] > 0 and min(parties) >= 0
    beside = {n.entity for n in scored.statement.named} & set(question.names)
    features["part:named"] = float(
        figure.role == "component" and named and bool(beside) and scored.statement.kind != "sentence"
    )
    features["component:unasked"] = float(
        not (part_asked or asked or share) and figure.role == "component" and not features["part:named"]
    )
    features["component:party"] = features["component:asked"] * max(0.0, features.get("party:receivers", 0.0))
    features["component:missed"] = float(part_asked and figure.role in {"grant", "package", "cumulative"})
    features["main"] = float(main and not asked and not part_asked and not known.get("payer:missed"))
    features["main:plain"] = features["main"] * scored.plain
    return features


_SPECIFIC = 0.7
"""From which share of names and fillers on a question says nothing of its own."""
_SPECIAL = ("cumulative", "package", "need")


def _announced_elsewhen(source: Source, when: When) -> bool:
    """Whether a release came out in no year that is asked for, and tells of no project that runs in it."""
    day = source.release.date
    if day is None or day.year in when.years:
        return False
    lead = (t for s in source.facts.statements[: 2 * _LEAD] for t in s.times if t.kind in {"range", "start", "end"})
    return not any(set(t.years) & set(when.years) for t in lead)


def _is_ahead(source: Source, figure: Figure, when: When) -> bool:
    """Whether a release came out before the time asked about, and the figure is not of that time by its own words."""
    day = source.release.date
    if day is None or set(figure.years) & set(when.years):
        return False
    return when.first > (day.year, day.month if when.first[1] else 12)


_UNDATED = 0.5
"""How well a figure without a year of its own fits the year of its release: most are of it, some look back."""


def _in_time(scored: Scored, figure: Figure, when: When) -> float:
    """1 if a figure is of the time asked for, -1 if of another; what is announced and its parts are of the release's date."""
    years = figure.years or years_told(scored, figure)
    if not years:
        source = scored.source
        if figure.main and _announced_elsewhen(source, when):
            return -1.0
        if dated(source, when) < 1:
            return 0.0
        return 1.0 if figure.main or figure.role == "component" else _UNDATED
    first, last = min(years), max(years)
    if when.first[0] != when.last[0] and first != last:
        return 1.0 if (first, last) == (when.first[0], when.last[0]) else -1.0
    return 1.0 if set(range(first, last + 1)) & set(when.years) else -1.0


_BESIDE = 40
"""Within how many characters after a figure the adjectives of what it counts stand."""


def _kin(stem: str, have: frozenset[str]) -> bool:
    """Whether a word of the same root stands among the others."""
    bones = skeleton(stem)
    return bones is not None and any(skeleton(other) == bones for other in have)


@lru_cache(maxsize=1024)
def _modified(text: str, modifiers: tuple[str, ...]) -> bool:
    """Whether a release has every one of the adjectives anywhere: «94 قسماً» may be told of «أقسام دراسية»."""
    have = stem_set(text)
    return all(bool(({m} | related_stems(m)) & have) or _kin(m, have) for m in modifiers)


def _count_features(question: Question, scored: Scored, figure: Figure, want: Wanted, around: str) -> dict[str, float]:
    fit = noun_match(want.noun, figure.noun) if want.noun else 0.0
    beside = max((noun_match(want.noun, w) for w in around.split()), default=0.0) if want.noun and fit < 1 else 0.0
    died = figure.unit == "deaths" and _DIED.search(question.standard) is not None
    unit = bool(want.unit) and (figure.unit == want.unit or died)
    features = {
        "noun:same": float(fit == 1),
        "noun:alike": float(0 < fit < 1),
        "noun:unit": float(unit and not fit),
        "noun:other": float(bool(want.noun) and not fit and not unit),
        "noun:unknown": float(not want.noun and not unit),
        "noun:beside": beside,
    }
    if want.unit == "people" and want.noun and want.noun not in _ANYBODY and not fit and not died:
        told = stem_set(scored.around)
        kin = {skeleton(s) for s in told} - {None}
        known = bool(({want.noun} | related_stems(want.noun)) & told) or skeleton(want.noun) in kin
        anybody = bool(stem_set(figure.noun) & _ANYBODY)
        features["people:other"] = float(not known and not anybody)
        features["people:anybody"] = float(not known and anybody)
    if question.modifiers:
        source_text = scored.source.release.text
        following = (f.start for f in scored.statement.figures if f.start >= figure.end)
        beside_it = stem_set(source_text[figure.start : min((figure.end + _BESIDE, *following))] + f" {figure.noun}")
        agree = [bool(({m} | related_stems(m)) & beside_it) or _kin(m, beside_it) for m in question.modifiers]
        features["modifier:match"] = float(all(agree))
        features["modifier:unknown"] = float(not all(agree) and not _modified(source_text, question.modifiers))
    part = "منهم" in figure.noun
    asked = want.sort == "subset" or "subset" in question.asks
    if asked and not part:
        low = max(scored.statement.start, figure.start - _AMONG_REACH)
        part = _AMONG.search(normalize(scored.source.release.text[low : figure.start])) is not None
        if part and figure.unit == "other":  # «منها 5,310 للنساء»
            features |= {"noun:unit": 1.0, "noun:other": 0.0}
    if asked and question.given:
        values = {f.value for f in scored.statement.figures}
        features["given:beside"] = 1.0 if set(question.given) & values else -1.0
    features["subset:match"] = float(part and asked)
    features["subset:unasked"] = float(part and not asked)
    features["subset:missed"] = float(asked and not part)
    plan, reached = asks_planned(question), asks_reached(question)
    if plan != reached and figure.role in {"target", "outcome"}:
        features["count:role"] = 1.0 if plan == (figure.role == "target") else -1.0
    return features
