"""How well a figure fits a question: its unit, role, parties and time, and the words that are said of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from answering.evidence import Scored, Source, dated, likeness, stem_set
from answering.question import Question, When
from answering.shares import Asked, asked_givers
from answering.stages import (
    asks_planned,
    asks_reached,
    planned,
    years_told,
)
from answering.wanted import Wanted
from arabic.lexicon import related_stems
from arabic.normalize import normalize
from arabic.stem import skeleton
from ledger.facts import LEAD, Figure
from ledger.gazetteer import entity, find_mentions, related
from ledger.parties import is_giver
from ledger.payers import payer_classes, pays

Span = tuple[int, int]

_ANYBODY = frozenset(
    s
    for w in ["شخص", "شخصا", "مستفيد", "مستفيدا", "نسمة", "فرد", "people", "beneficiaries", "انسان", "منتفع", "كەس"]
    for s in stem_set(w)
)


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


@lru_cache(maxsize=4096)
def _scope(source: Source) -> frozenset[str]:
    """The places of a release's title and lead."""
    lead = {n.entity for s in source.facts.statements[:LEAD] for n in s.named}
    lead |= {m.entity.id for m in find_mentions(source.release.title)}
    return frozenset(name for name in lead if entity(name).kind == "place")


def is_about(source: Source, places: Iterable[str]) -> bool:
    """Whether a release's title and lead name one of the places, or none at all; an update is about what it updates."""
    if source.updates is not None and not source.names.isdisjoint(places):
        return True
    scope = _scope(source)
    return not scope or any(related(p, q) for p in scope for q in places)


def words_around(scored: Scored, spans: tuple[Span, ...], money: bool) -> str:
    """The words between the figures beside a candidate; beside money only other money counts."""
    statement = scored.statement
    low, high = spans[0][0], spans[-1][1]
    beside = [f for f in statement.figures if not money or f.kind == "amount"]
    beside = _without_origin(scored, beside, low)
    before = max((f.end for f in beside if f.end <= low), default=statement.start)
    after = min((f.start for f in beside if f.start >= high), default=statement.end)
    return scored.source.release.text[before:after]


def whole_of(scored: Scored, figure: Figure | None) -> Figure | None:
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


def clause_of(scored: Scored, spans: tuple[Span, ...], figure: Figure | None) -> Span:
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


def front_of(scored: Scored, spans: tuple[Span, ...], figure: Figure) -> int:
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


def change_features(question: Question, scored: Scored, low: int, figure: Figure) -> dict[str, float]:
    """Whether a figure is where a change began («من 62 لتراً إلى 95 لتراً») or what another took the place of."""
    text = scored.source.release.text
    before, after = normalize(text[low : figure.start]), normalize(text[figure.end : scored.statement.end])
    asked = "original" in question.asks or _WAS.search(question.standard) is not None
    began = _OUT_OF.search(before) is not None and _INTO.search(after) is not None
    return {
        "change:from": float(began and not asked),
        "change:instead": float(_INSTEAD.search(before) is not None and not planned(question)),
    }


def payer_features(asked: Asked, scored: Scored, figure: Figure, own: Span, paying: frozenset[str]) -> dict[str, float]:
    """Whether a sum is the share of those who are asked for, by its own words; `paying` are the releases that have one."""
    text = scored.source.release.text
    before, after = text[own[0] : figure.start], text[figure.end : own[1]]
    told = payer_classes(before, after)
    features: dict[str, float] = {}
    named = {n.entity for n in scored.statement.named if own[0] <= n.start and n.end <= own[1]}
    # A ministry or an agency pays only where that is said, or where a row or an item is its own.
    others_pay = {n for n in asked.names if entity(n).kind == "ministry" or not is_giver(entity(n))}
    if asked.classes or others_pay:
        beside = (n for n in scored.statement.named if n.entity in others_pay and n.entity in named)
        listed = scored.statement.kind != "sentence"
        paid = any(pays(text[n.start : n.end], before, after) or (listed and n.end <= figure.start) for n in beside)
        features["payer:match"] = float(bool(asked.classes & told) or paid)
        features["payer:missed"] = 1.0 - features["payer:match"]
    elif asked.names:
        mine = {n for n in named if any(related(n, a) for a in asked.names)}
        others = {n for n in named - mine if is_giver(entity(n)) and n != scored.source.facts.country}
        features["payer:own"] = float(bool(mine))
        features["payer:other"] = float(not mine and bool(others or told or not figure.donor))
        features["payer:elsewhere"] = float(not figure.donor and scored.source.release.id in paying)
        features["payer:match"] = float(not named and _in_short(asked, scored.source, before))
    if asked.stems:
        features["payer:match"] = float(asked.stems <= stem_set(before))
    return features


def _in_short(asked: Asked, source: Source, before: str) -> bool:
    """Whether a payer is named right before a sum by the noun that its name begins with: «والمؤسسة ستة ملايين»."""
    noun = _BODY_BEFORE.search(normalize(before))
    if noun is None:
        return False
    of_that_noun = {n for n in source.names if normalize(entity(n).name).split()[:1] == [noun.group(1)]}
    return len(of_that_noun) == 1 and any(related(n, a) for n in of_that_noun for a in asked.names)


_BODY_BEFORE = re.compile(
    r"(?<!\w)[وف]?ال(مؤسسه|هيئه|صندوق|بنك|وكاله|منظمه|مفوضيه|شركه|مركز|جمعيه|برنامج|لجنه|اتحاد|اداره)\s+(?:منها\s+|نحو\s+|ب)?$"
)
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


def has_share(asked: Asked, source: Source) -> bool:
    """Whether a release gives a sum of its own to one who is asked for."""
    given = (f.donor for s in source.facts.statements for f in s.figures if f.role in {"grant", "component"})
    return any(related(donor, name) for donor in given if donor for name in asked.names)


def of_payer(question: Question, asked: Asked) -> Question:
    """The question with those as givers whose share it asks for: those beside them only tell which project is meant.

    A share of the cost is no part of a grant.
    """
    asks = question.asks
    if asked.classes or asked.stems or (asked.names and _OF_THE_COST.search(question.standard)):
        asks = asks - {"component"}
    return replace(question, asks=asks, givers=tuple(g for g in question.givers if g in asked_givers(question, asked)))


def figure_features(
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
    if figure.main and is_about(source, question.places):  # a lead also names the place of its dateline
        features |= {"place:other": 0.0, "place:absent": 0.0}
    told = scored.before(figure)
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
    lead = (t for s in source.facts.statements[: 2 * LEAD] for t in s.times if t.kind in {"range", "start", "end"})
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


def _is_told(stem: str, have: frozenset[str]) -> bool:
    """Whether a word, a synonym of it or a word of its root stands among others."""
    bones = skeleton(stem)
    kin = bones is not None and any(skeleton(other) == bones for other in have)
    return kin or not have.isdisjoint({stem} | related_stems(stem))


@lru_cache(maxsize=1024)
def _modified(text: str, modifiers: tuple[str, ...]) -> bool:
    """Whether a release has every one of the adjectives anywhere: «94 قسماً» may be told of «أقسام دراسية»."""
    have = stem_set(text)
    return all(_is_told(m, have) for m in modifiers)


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
        known = _is_told(want.noun, stem_set(scored.around))
        anybody = bool(stem_set(figure.noun) & _ANYBODY)
        features["people:other"] = float(not known and not anybody)
        features["people:anybody"] = float(not known and anybody)
    if question.modifiers:
        source_text = scored.source.release.text
        following = (f.start for f in scored.statement.figures if f.start >= figure.end)
        beside_it = stem_set(source_text[figure.start : min((figure.end + _BESIDE, *following))] + f" {figure.noun}")
        agree = all(_is_told(m, beside_it) for m in question.modifiers)
        features["modifier:match"] = float(agree)
        features["modifier:unknown"] = float(not agree and not _modified(source_text, question.modifiers))
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
