"""What a sentence, an item or a row states wherever it stands: figures, times, names and cues, read once and remembered."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from arabic.amounts import find_amounts
from arabic.counts import find_counts
from arabic.cues import groups_in
from arabic.dates import find_dates
from arabic.normalize import Folded, fold, normalize
from arabic.numbers import Number, find_numbers
from arabic.periods import PartialDate, find_periods
from arabic.stopwords import is_stopword
from ledger.facts import Figure, Named, Time
from ledger.gazetteer import ancestors, entity, find_mentions

_PAIR = re.compile(r"[^\n:.،]{2,80}:\s+[\d٠-٩۰-۹][^\n.]{0,40}$")
_LABEL_OF_PAIR = re.compile(r"[^\n:.،]{2,80}:\s+(?=[^\n.،]{3,50}$)")
"""«قطر الخيرية: مليونا دولار», a pair of a name and a number in words."""
_IN_PLACE = re.compile(r"(?:^|\s)(?:و|ف)?(?:في|داخل|لدي|الي|انحاء|عموم|ارجاء|شمال|جنوب|شرق|غرب|وسط|خارج|عبر)\s*$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement as Statement has it, the figures without their roles; all offsets count from its own start.

    `relative` are the times that only the release's date dates: "last_month", "last_year" or "this_year", start, end.
    """

    kind: Literal["sentence", "item", "row"]
    figures: tuple[Figure, ...]
    times: tuple[Time, ...]
    relative: tuple[tuple[str, int, int], ...]
    named: tuple[Named, ...]
    cues: frozenset[str]


@lru_cache(maxsize=2048)
def read(text: str, country: str | None) -> Reading:
    """The reading of one statement's text in a release about a country."""
    folded = fold(text)
    figures, taken = _known_figures(text, folded, country)
    money = [(f.start, f.end) for f in figures if f.kind == "amount"]
    times = _times(text)
    taken += [(t.start, t.end) for t in times]
    taken += [(d.start, d.end) for d in find_dates(text)]  # the 12 of «12 سبتمبر» counts nothing
    label = _LABEL_OF_PAIR.match(text)
    pair = _PAIR.match(text) or (label and any(start == label.end() for start, _ in money))
    cues = groups_in("ledger", "roles.yaml", folded.text)
    if "previous" in cues and (ranked := _WAS_THE_MOST.search(folded.text)):
        cues = groups_in("ledger", "roles.yaml", folded.text[: ranked.start()] + folded.text[ranked.end() :])
    if "كان" in folded.text and _HAD.search(folded.text):
        cues |= {"previous"}
    return Reading(
        "row" if " | " in text else "item" if pair else "sentence",
        tuple(_without_ratios(folded, _other_counts(text, folded, taken, figures))),
        tuple(times),
        tuple(_relative_times(folded)),
        tuple(
            Named(m.entity.id, m.start, m.end)
            for m in find_mentions(text)
            if not _touches(m.start, m.end, money)  # the American of «دولار أمريكي» names no donor
        ),
        cues,
    )


@lru_cache(maxsize=2048)
def countries_of(text: str) -> tuple[tuple[str, int], ...]:
    """The countries to which the places, «في …» and demonyms of a text point, with how often they do."""
    votes: Counter[str] = Counter()
    for mention in find_mentions(text):
        item = mention.entity
        if item.kind == "place":
            votes.update(a for a in ancestors(item.id) if entity(a).kind == "country")
        elif item.kind == "country" and _IN_PLACE.search(fold(text).between(0, mention.start)):
            votes[item.id] += 2
    return tuple(votes.items())


def _known_figures(text: str, folded: Folded, country: str | None) -> tuple[list[Figure], list[tuple[int, int]]]:
    """The amounts, the counts in known units and the shares, and the spans that they take."""
    figures = [
        Figure("amount", a.value, a.currency, "", a.start, a.end, upper=a.upper, qualifier=a.qualifier)
        for a in find_amounts(text, country=country)
    ]
    taken = [(f.start, f.end) for f in figures]
    for count in find_counts(text):
        magnitude = _MAGNITUDE_OF.match(text, count.start) if figures and figures[0].end <= count.start else None
        if magnitude and _comes_from_a_body(text, magnitude.end()):
            continue  # «و15 مليوناً من مؤسسة ساويرس» counts no foundations
        if not _touches(count.start, count.end, taken):
            taken.append((count.start, count.end))
            figures.append(
                Figure("percent" if count.unit == "percent" else "count", count.value, count.unit, count.noun,
                       count.start, count.end, upper=count.upper, qualifier=count.qualifier)
            )  # fmt: skip
    shares = [
        Figure("percent", n.value, "percent", "", n.start, n.end, upper=n.upper, qualifier=n.qualifier)
        for n in find_numbers(text)
        if n.kind == "percent" and not _touches(n.start, n.end, taken)
    ]
    figures = [_changed(f, folded) for f in figures]
    return figures + shares, taken + [(f.start, f.end) for f in shares]


def _changed(figure: Figure, folded: Folded) -> Figure:
    """«رُفع من 10 ملايين إلى 12 مليوناً» is no range between the two: the figure is what it has become."""
    if figure.upper is None:
        return figure
    before = folded.between(0, figure.start)
    change = _CHANGE.search(before) is not None and FROM.search(before) is not None
    return figure._replace(value=figure.upper, upper=None) if change else figure


FROM = re.compile(r"(?<!\w)(?:من|from)\s*(?:(?:نحو|حوالي|قرابه|about)\s*)?$")
"""What stands before the sum from which a change began."""
_CHANGE = re.compile(
    r"(?<!\w)[وف]?(?:ال|لل|ل|ب)?(?:زياد\w*|[يت]?زيد\w*|زاد\w*|[يت]?رفع\w*|س?[يت]?رتفع\w*|ارتف\w*|[يت]?خفض\w*|[يت]نخفض\w*|انخف\w*|تراجع\w*|"
    r"هبط\w*|صعد\w*|قفز\w*|نما|نمت|توسع\w*|تقلص\w*|نزل\w*|عدل\w*|increas\w*|rose|rais\w*|grew|fell|cut)(?!\w)"
)


def _times(text: str) -> list[Time]:
    """The periods, and the dated points in time that are in none, in order."""
    times = [Time(p.kind, p.start, p.end, _point(p.first), _point(p.last), p.months) for p in find_periods(text)]
    spans = [(t.start, t.end) for t in times]
    for date in find_dates(text):
        if date.year and not _touches(date.start, date.end, spans):
            point = (date.year, date.month or 0, date.day or 0)
            times.append(Time("date", date.start, date.end, point, point))
    return sorted(times, key=lambda t: t.start)


def _point(date: PartialDate | None) -> tuple[int, int, int] | None:
    return (date.year, date.month or 0, date.day or 0) if date else None


def _touches(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in spans)


_LABEL = re.compile(
    r"(?<!\w)(?:ال)?(?:قرار|قانون|ماده|صفحه|رقم|ساعه|هاتف|تلفون|فاكس|جوال|موبايل|بند|فقره|مرحله|نسخه|كوفيد|covid|resolution|article|page|phone|tel)\W*$"
)
"""What stands before a number that names something rather than counts it."""
_NOUN_AFTER = re.compile(r"\s+(?:من\s+)?(?:ال)?([^\W\d_]{2,}(?:\s+[^\W\d_]{2,})?)")
_OF_THEM = re.compile(r"من(?:هم|ها|هن|هما)")
_NO_NOUN = re.compile(
    r"(?:قبل|بعد|حتي|خلال|منذ|خارج|داخل|ضمن|بين|حول|دون|تحت|فوق|لدي|عند|مقابل|سوي)(?:ه|ها|هم|هن|نا)?|من(?:ه|ها|هم|هن)|\w*(?:هناك|فقط)|بحلول|"
    r"(?:نقد|عين|سنوي|شهري|يومي|كامل|تقريب|حالي|فعلي|اجمال)ا"
)


def _comes_from_a_body(text: str, end: int) -> bool:
    """Whether a number that ends there is said to come from a body or a country that is named: «و23 مليوناً من الصليب الأحمر»."""
    if (of := _FROM_A.match(text, end)) is None:
        return False
    return any(m.start in {of.end(), of.end() + 2} and m.entity.kind != "place" for m in find_mentions(text))


_FROM_A = re.compile(r"\s+من\s+")
_MAGNITUDE_OF = re.compile(r"\S+\s+(?:ألف|آلاف|مليون|ملايين|مليار)[\w\u064b]*")
_MAGNITUDE = re.compile(r"(?:الف|الاف|الفا|الفان|الفين|مليون\w*|ملايين|مليار\w*|thousand|million|billion)\W*$")
_RATIO = re.compile(r"\s*(?:\S+\s+){0,2}من\s+(?:بين\s+)?كل\s")


def _other_counts(text: str, folded: Folded, taken: list[tuple[int, int]], figures: list[Figure]) -> list[Figure]:
    """The figures of a statement with the numbers that have no known unit beside them.

    «منهم» and numbers that break off after the magnitude («نداء من ١٣١ مليون دولار، وصل منها ٤٦ مليوناً») count what the
    figure before them counts; others count the word that follows them, in unit "other".
    """
    result = sorted(figures, key=lambda f: f.start)
    for number in find_numbers(text):
        if number.kind not in {"cardinal", "range"} or _touches(number.start, number.end, taken):
            continue
        if _LABEL.search(folded.between(max(0, number.start - 20), number.start)):
            continue
        if number.value < 2 and number.upper is None:
            continue
        if number.text.isdecimal() and len(number.text) == 4 and 1900 <= number.value <= 2100:
            continue
        if number.text[:1] == "0" and number.text.isdecimal():
            continue  # a telephone number
        following = next((f for f in result if f.start >= number.end and f.kind != "percent"), None)
        if following and _falls_to(folded, number, following):
            result.append(_another(following, number, number.end, following.noun))
            result.sort(key=lambda f: f.start)
            continue
        noun = _NOUN_AFTER.match(text, number.end)
        first = normalize(noun.group(1).split()[0]) if noun else ""
        before = [f for f in result if f.end <= number.start and f.kind != "percent"]
        purpose = first.startswith("ل") and len(first) > 3 and _MAGNITUDE.search(normalize(number.text))
        money = bool(before) and before[-1].kind == "amount" and _MAGNITUDE.search(normalize(number.text)) is not None
        source = noun is not None and money and text[number.end : noun.start(1)].split() == ["من"]
        source = source or (money and _comes_from_a_body(text, number.end))
        if (
            noun
            and not _OF_THEM.fullmatch(first)
            and (is_stopword(first) or _NO_NOUN.fullmatch(first) or purpose or source)
        ):
            noun = None  # «و11 مليوناً للمنح» counts no grants
        end = noun.end() if noun else number.end
        if noun and _OF_THEM.fullmatch(first):
            counts = [f for f in before if f.kind == "count"]
            if money:  # «جاء 1.8 مليون منها من كندا»
                result.append(_another(before[-1], number, number.end, before[-1].noun))
            elif counts:
                noun_of = f"{counts[-1].noun} {noun.group(1).split()[0]}"
                result.append(_another(counts[-1], number, end, noun_of))
        elif noun is None and before and (before[-1].kind == "count" or _MAGNITUDE.search(normalize(number.text))):
            result.append(_another(before[-1], number, end, before[-1].noun))
        elif noun or number.text[:1].isdigit():
            result.append(
                Figure("count", number.value, "other", noun.group(1) if noun else "", number.start, end,
                       upper=number.upper, qualifier=number.qualifier)
            )  # fmt: skip
        result.sort(key=lambda f: f.start)
    return result


def _falls_to(folded: Folded, number: Number, figure: Figure) -> bool:
    """«من 8,000 إلى 3,500 ليرة»: the first number counts what the second one does."""
    return (
        _TO.fullmatch(folded.between(number.end, figure.start)) is not None
        and FROM.search(folded.between(max(0, number.start - 20), number.start)) is not None
    )


_TO = re.compile(r"\s*(?:الي|to)\s*(?:(?:نحو|حوالي|قرابه|about)\s*)?")


def _another(figure: Figure, number: Number, end: int, noun: str) -> Figure:
    """A number that counts what a figure before it counts."""
    return figure._replace(
        noun=noun, value=number.value, upper=number.upper, start=number.start, end=end, qualifier=number.qualifier
    )


def _without_ratios(folded: Folded, figures: list[Figure]) -> list[Figure]:
    """«سبع من كل عشر أسر» counts neither seven nor ten families."""

    def is_ratio(figure: Figure) -> bool:
        before, after = folded.position(figure.start), folded.position(figure.end)
        told = _RATIO.match(folded.text, after, after + 24) is not None
        return told or folded.text[max(0, before - 12) : before].rstrip().endswith("من كل")

    return [f for f in figures if not is_ratio(f)] if "كل" in folded.text else figures


_WAS_THE_MOST = re.compile(
    r"(?<!\w)وكان(?:ت|وا)?\s+(?:\w+\s+){1,4}?(?=(?:من\s+)?(?:اكبر|ابرز|اهم|اعلي|اكثر|اول|في مقدمه|في طليعه)(?!\w))"
)
"""«وكانت ألمانيا أكبر المانحين» is the news, not what was before."""
_HAD = re.compile(r"(?<!\w)[وف]?كان(?:ت|وا)?\s+(?:\S+\s+){1,6}?قد\s+\w")
"""«كانت النمسا قد منحت» looks back."""
_RELATIVE = re.compile(
    r"(?P<last_month>(?:الشهر\s+(?:الماضي|الفايت|المنصرم|السابق))|last month)|(?P<last_year>(?:العام|السنه)\s+(?:الماضي|الماضيه|السابق|السابقه|المنصرم|المنصرمه|الفايت))"
    r"|(?P<this_year>(?:هذا العام|هذه السنه|العام الحالي|السنه الحاليه|العام الجاري|السنه الجاريه|لهذا العام))"
)


def _relative_times(folded: Folded) -> list[tuple[str, int, int]]:
    """«الشهر الماضي», «العام السابق» and the like."""
    if not any(noun in folded.text for noun in ("شهر", "month", "عام", "سنه")):
        return []
    return [(str(m.lastgroup), *folded.span(m.start(), m.end())) for m in _RELATIVE.finditer(folded.text)]
