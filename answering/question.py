"""Understanding a question: its language, what it asks for, whom and when it names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Literal

from answering.answer import Language
from arabic.amounts import find_currencies
from arabic.analyzer import content_stems, stems
from arabic.counts import find_counts
from arabic.cues import load_cues, load_yaml
from arabic.dates import DateMention, find_dates
from arabic.language import detect_language
from arabic.lexicon import related_stems, to_standard, translate
from arabic.normalize import normalize
from arabic.numbers import Number, find_numbers
from arabic.periods import Period, find_periods
from arabic.stopwords import is_stopword
from ledger.gazetteer import Mention, find_mentions
from ledger.parties import is_giver, is_receiver

_PLACE_BEFORE = re.compile(r"(?:^|\s)(?:و|ف)?(?:في|داخل|بداخل|لدي|الي|inside|in|within|له)\s*$")
_IN = re.compile(r"(?:^|\s)(?:و|ف)?ب$")  # «بلبنان»
_RECEIVER_BEFORE = re.compile(r"(?:^|\s)(?:و|ف)?(?:الي|لصالح|لفائده|to|for|بو)\s*(?:the\s*)?$")
_COUNTED = re.compile(
    r"(?<!\w)(?:و|ف)?(?:كم\s+(?:كان\s+|بلغ\s+|يبلغ\s+|صار\s+)?(?:عدد|من(?=\s+\w))|كم|(?:ال)?عدد|how\s+many|number\s+of|چهند|ژمارهي)\s+(?=((?:\S+\s*){1,6}))"
)
_RELATIVE = frozenset({"الذين", "الذي", "اللي", "من", "ما", "التي", "هم"})
_GLUED = re.compile(r"(?<!\w)(?:و|ف)?(?:بال|لل|ب|ال)(?=\w{3})|(?<=[ور])ي(?!\w)")
_GLUED_END = re.compile(r"(?<=[ور])ي(?!\w)")
_PAST = re.compile(
    r"[وف]?(?:بلغ|قدم|منح|اعط[يو]?|خصص|رصد|دفع|تبرع|ساهم|اسهم|مول|دعم|كلف|استغرق|وصل|بقي|صرف|انفق|اضاف|زاد|تلقي|استلم|تسلم|حصل|جمع|وفر|وجد|"
    r"صار|كان|استفاد|انتفع|اخذ|حول|وضع|التزم|تعهد|ضخ|اودع|سدد|ارسل|نال|خسر|فتح|اعاد|عاد)(?:ت|وا|ها|ه|ته|تها)?"
)
_DO = re.compile(
    r"[وف]?(?:وجد|نال|استفاد|انتفع|عاد|رجع|تخرج|التحق|انضم|نجا|توفي|مات|قتل|اصيب|شارك|حضر|تدرب|تطوع|غادر|نزح)(?:وا)?"
)
"""What people do, without a subject."""
_GETS = re.compile(r"[وف]?(?:نال|حصل|تلقي?|استلم|تسلم|اخذ|دفع|قدم|منح|اعط[يو]?|خصص|رصد|تبرع|ساهم|اسهم|مول)(?:ت|وا)?")
"""Who gets or gives is no thing that is counted: «كم نالت الجمعية»."""
_BECAME = re.compile(r"[وف]?(?:صار|كان|بقي)ت?")
_NO_NOUN = re.compile(
    r"(?:س?[ينت]|سا)\w+|\w+ت|\w{1,2}|ما|من|هو|هي|كان\w*|بلغ\w*|صار\w*|وصل\w*|(?:ارتفع|انخفض|تراجع|تقلص|هبط|صعد|نما|نزل|ازداد|نقص)\w?|مره|اكثر|ل\w{4,}|لكل|هذا|هذه|تقريبا|جمالي|مجموع\w*"
)
_NOUN = re.compile(r"\w{3,}[اه]|ت\w\w?ي\w|\w{2,}ات|\w{3,}ين")
_PEOPLE = re.compile(r"م\w{3,}(?:ين|ون)(?:ا|هم)?|م(?!ليون)\w{4,}ي")
_GRANT = re.compile(r"قرض|منح[هة]|تبرع|مساهم[هة]|هب[هة]|تمويل|دعم")
_SMALL = re.compile(r"(?:صغير|فردي|متناهي)\w*")
_THEM = re.compile(r"من(?:ها|هم|هن|هما)?")
_SHARE = re.compile(r"(?:نسب\w*|معدل\w*|بالمئه|بالمائه|بالميه|المئه|المائه|٪|%|percent|share)")
_AND_NOUN = re.compile(r"و(\w{2,}(?:(?<!و)ا|ه))")
_SUBSET = re.compile(
    r"(?<!\w)كم\s+\w+\s+(?:كان\w*\s+)?(?:من\s+)?بين\s+(?:ال)?|(?<!\w)[وف]?كم\s+من(?:هم|ها|هن)?(?!\w)|how many of"
)
_ENUMERATE = re.compile(r"\W*(?:عدد|عددي|اذكر|اسرد|سرد)\s")
_HOW_MANY = re.compile(r"(?<!\w)[وف]?(?:كم|شكد|چهند)(?!\w)|how many")
_MORE = re.compile(
    r"(?<!\w)(?:ال|ب)?(?:اكبر|اعلي|اكثر|اضخم|ازيد|اقل|اصغر|ادني|اطول|اقصر|more|larger|bigger|higher|longer|shorter|less|smaller|زياتر\w*|كهمتر\w*|كهورهتر\w*|دريژتر\w*)(?!\w)"
)
_EITHER = re.compile(r"(?<!\w)(?:ام|or|than|مقابل|يان)(?!\w)|(?<!\w)من(?=\s+(?:منحه|مساهمه|تمويل|دعم|مشروع)\w*(?!\w))")
_MORE_THAN = re.compile(r"(?<!\w)(?:اكثر|اكبر|اقل)\s+من\s+(?:ال)?$")
_WHAT_FOR = re.compile(r"\W*what(?:\W?s| (?:is|was|are|were|did|does|do|will))\s.*\sfor\W*$")
_SHARE_OF_PEOPLE = re.compile(r"(?<!\w)(?:نصيب|حصه|عدد)\s+(?:ال)?(\w+)")
_MONTHLY = re.compile(r"(?<!\w)(?:شهريا|في الشهر|كل شهر|بالشهر|monthly|(?:a|per|each|every) month)(?!\w)")
_AREA = re.compile(r"(?<!\w)(?:ما|كم|اي)\s+(?:هي\s+)?(?:ال)?مساح[هة]|(?:what|which|how large an?) area")
_MORE_OF = re.compile(r"(?<!\w)(\w{3,})\s+(?:اكثر|اقل|more|fewer)(?!\w)")
_WHO = re.compile(
    r"\W*(?:و|ف)?من(?:\s+(?:هو|هي|هم|الذي|التي|الذين))?\s+(?!بين\b|اي\b|متي\b|كم\b|حيث\b|اصل\b|ضمن\b|الفئه|المستفيد|الفئات|"
    r"(?:ال)?(?:منحه|مساهمه|مبلغ|اموال|تمويل|هبه|ميزانيه|موازنه|قرض|معونه|مخصصات)\b|ال(?:مال|دعم|تبرع)\b)"
)
_PARTICLES = frozenset({"ل", "لل", "ب", "ول", "ولل", "ال", "وب", "ف", "ك", "و", "بال"})
_ARABIC = re.compile("[ء-ي]{2}")
_QUOTED = re.compile(r'["«“]([^"»”]{6,})["»”]')


@dataclass(frozen=True, slots=True)
class When:
    """A point or a stretch of time that a question names: (year, month or 0); `last` equals `first` for a point.

    `day` is the day of a point, 0 where none is named. `until` tells that what had come about "by" then, or by the "end"
    of it, is asked for.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    day: int = 0
    until: Literal["", "by", "end"] = ""

    @property
    def years(self) -> range:
        """Every year that it touches."""
        return range(self.first[0], self.last[0] + 1)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the planner sees it.

    `standard` is the text in standard words and folded, `worded` the same with its capitals where they can be kept.
    Names are gazetteer ids in the order of the question, `within` the countries that «في» stands before. `counted` are the
    (unit, stem of the noun) that it wants counted, `modifiers` the stems of the adjectives after the first of them, `leads`
    the kinds of fact that its question words ask for, in order, `further` those of them that «و» joins on («ومتى ينتهي؟»).
    `words` are the stems that carry its content, `fillers` those of them that only say that somebody gave, `fields` those
    that only name what is asked for, `phrases` the pairs of them that stand side by side. `given` are the figures that it
    mentions itself, `months` those that it names without a year.
    """

    text: str
    language: Language
    standard: str
    worded: str
    asks: frozenset[str]
    counted: tuple[tuple[str, str], ...] = ()
    modifiers: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    ministries: tuple[str, ...] = ()
    times: tuple[When, ...] = ()
    ordinals: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    fillers: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    phrases: frozenset[tuple[str, str]] = frozenset()
    given: tuple[Decimal, ...] = ()
    currencies: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    months: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All entities that an answering release has to know, without the country at large."""
        return (*self.givers, *self.receivers, *self.places, *self.ministries)

    @property
    def years(self) -> tuple[int, ...]:
        """Every year that it names, in order."""
        return tuple(dict.fromkeys(y for t in self.times for y in t.years))


def understand(text: str, language: Language | None = None) -> Question:
    """Read a question in standard or dialect Arabic, English or Sorani; never fails, whatever the text is."""
    language = language or detect_language(text)
    plain = "".join(c for c in text if normalize(c) or c.isspace())  # without diacritics and marks
    worded = to_standard(plain) if language == "ar" else plain
    standard = normalize(worded)
    cues = load_cues("answering", "asks.yaml")
    matches = {group: list(pattern.finditer(standard)) for group, pattern in cues.items()}
    named_in = worded if len(worded) == len(standard) else standard  # acronyms need their capitals
    mentions = [m for m in find_mentions(named_in, fuzzy=language != "ckb") if not _is_money_or_date(standard, m)]
    bodies = [m for m in mentions if m.entity.kind in {"country", "organisation"}]
    matches = {  # the states of «الولايات المتحدة» ask for no place
        group: [h for h in hits if not any(m.start <= h.start() + 1 and h.end() <= m.end for m in bodies)]
        for group, hits in matches.items()
    }
    found = {group for group, hits in matches.items() if hits}
    if _MORE.search(standard) and _EITHER.search(standard):
        found.add("compare")
    if any(_MORE_THAN.search(standard, 0, m.start) for m in bodies):  # «هل أعطت كندا أكثر من اليابان؟»
        found.add("compare")
    if "negation_cumulative" in found:
        found -= {"cumulative", "negation_cumulative"}
    if _WHO.match(standard):
        found.add("actor")
    if _WHAT.match(standard):
        found.add("open")
    if _SUBSET.search(standard):
        found.add("subset")
    enumerated = False
    if _ENUMERATE.match(standard) and not _HOW_MANY.search(standard):
        enumerated = True
        found.discard("count")
        found.add("list")
    found |= {"previous"} if load_cues("ledger", "roles.yaml")["previous"].search(standard) else set()
    roles = _sorted_mentions(standard, mentions)
    numbers = find_numbers(standard)
    dates = find_dates(standard)
    times = tuple(_times(standard))
    currencies = tuple(find_currencies((_GLUED if language == "ar" else _GLUED_END).sub(" ", standard)))
    leads = _leads(standard, matches)
    counted, position = _counted(standard, language)
    if not counted and (share := _SHARE_OF_PEOPLE.search(standard)):
        people = find_counts("5 " + share.group(1))
        if people and people[0].unit == "people":
            counted, position = (("people", _stem(share.group(1), language)),), share.start()
            leads = tuple(pair for pair in leads if pair[0] != "amount")
            found = (found - {"amount", "component"}) | {"count", "subset"}
    if not counted and _AREA.search(standard):
        counted, position = (("m2", ""),), 0
        leads = tuple(pair for pair in leads if pair[0] != "amount")
    if not counted and (more := _MORE_OF.search(standard)):
        things = find_counts("5 " + more.group(1))
        counted, position = ((things[0].unit, _stem(more.group(1), language)),) if things else (), more.start()
    if enumerated:
        counted = ()
    if _WHAT_FOR.match(standard):
        found.add("goal")
        leads = (("goal", 0), *((kind, start) for kind, start in leads if kind != "goal"))
    if counted and counted[0][0] and "percent" in found and not _SHARE.search(standard):
        leads = tuple((kind, start) for kind, start in leads if kind != "percent")  # «إلى كم طفل وصل»
    if "price" in found and _MONTHLY.search(standard):
        found.discard("component")  # «كم تأخذ كل أسرة في الشهر من أموال المشروع»
    if counted and counted[0][0] == "grants":
        leads = tuple(pair for pair in leads if pair[0] != "amount")
    if counted and (position, -1) < min(((start, -1) for kind, start in leads if kind != "count"), default=(10**6, 0)):
        leads = (("count", position), *leads)
    else:
        counted = counted if counted and leads and leads[0][0] == "count" else ()
    if leads and leads[0][0] in _NO_PARTS:  # «كم سلة توزعت»
        found.discard("parts")
    head = None if _WHAT_FOR.match(standard) else _head(standard)
    if head and not counted:
        leads = ((head, 0), *((k, s) for k, s in leads if k != head))
    elif not leads and not counted and not found & _SUMS and _HEAD.match(standard):
        found.add("open")  # «أي مرض تستهدف الهبة الحد منه؟»
    words = tuple(_content(text, standard, language, mentions))
    if leads and leads[0][0] == "place" and _place_stems().issuperset(words):
        words = ()  # «وفي أي مدن؟»: a place need not be told with that word
    return Question(
        text=text,
        language=language,
        standard=standard,
        worded=named_in,
        asks=frozenset(found),
        counted=counted,
        modifiers=_modifiers(standard) if counted else (),
        leads=tuple(kind for kind, _ in leads),
        further=tuple(kind for kind, start in leads[1:] if _joined(standard, start)),
        times=times,
        ordinals=tuple(_ordinals(standard, numbers)),
        words=words,
        fillers=_fillers(words, standard, text, language),
        fields=_fields(words, matches),
        phrases=_phrases(standard, words) if language == "ar" else frozenset(),
        given=tuple(_given(standard, numbers, dates, times)),
        currencies=currencies,
        titles=tuple(normalize(t) for t in _QUOTED.findall(text) if _ARABIC.search(t)),
        months=() if times else tuple(dict.fromkeys(d.month for d in dates if d.month)),
        **roles,
    )


_FROM_THERE = re.compile(r"(?:^|\s)(?:من|from)\s*$")


def _sorted_mentions(standard: str, mentions: list[Mention]) -> dict[str, tuple[str, ...]]:
    """The entities by the part that they play in the question."""
    parts: dict[str, list[str]] = {
        "givers": [],
        "receivers": [],
        "places": [],
        "countries": [],
        "within": [],
        "ministries": [],
    }
    for mention in mentions:
        item = mention.entity
        before = standard[: mention.start]
        if item.kind == "place":
            part = "places"
        elif item.kind == "ministry":
            part = "ministries"
        elif item.kind == "country" and "receives" in item.roles and _FROM_THERE.search(before):
            continue  # «القادمون من السودان» are helped elsewhere
        elif item.kind == "country":
            glued = before[len(before.rstrip()) :] == "" and re.search(r"(?:^|[\s])(?:و|ف)?[بل]$", before)
            placed = (
                "receives" in item.roles or _PLACE_BEFORE.search(before) or glued or _RECEIVER_BEFORE.search(before)
            )
            if mention.text.endswith(("وە", "وه")):  # Sorani: from there
                placed = None
            part = "countries" if placed else "givers"
            if (_PLACE_BEFORE.search(before) or _IN.search(before)) and item.id not in parts["within"]:
                parts["within"].append(item.id)
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
            if _listed(standard, period):
                yield from (When((p.year, p.month or 0), (p.year, p.month or 0)) for p in (period.first, period.last))
                continue
            yield When(
                (period.first.year, period.first.month or 0),
                (period.last.year, period.last.month or 0),
            )
    for date in find_dates(standard):
        if date.year and not any(date.start < b and a < date.end for a, b in taken):
            point = (date.year, date.month or 0)
            until = _UNTIL.search(standard[: date.start]) or _UNTIL_THEN.search(standard)
            by: Literal["", "by", "end"] = "" if not until else "end" if _AT_END.search(until.group()) else "by"
            yield When(point, point, date.day or 0, by)


def _listed(standard: str, period: Period) -> bool:
    """Whether two years stand in a list («في أعوام 2018 و2020 و2022»), so that no stretch of time is meant."""
    joined = _AND_YEAR.search(standard[period.start : period.end]) is not None
    between = _BETWEEN.search(standard[: period.start]) is not None
    assert period.first is not None
    assert period.last is not None
    apart = abs(period.last.year - period.first.year) > 1
    return joined and not between and (apart or _AND_YEAR.match(standard, period.end) is not None)


_UNTIL = re.compile(
    r"(?<!\w)(?:حتي|لغايه|الي غايه|لحد|بحلول|until|till|up to|by|as of|تا|ههتا)\s+"
    r"(?:(?:نهايه|اخر|اواخر|منتصف|نصف|مطلع|اوايل|اوائل|بدايه|شهر|يوم|تاريخ|عام|سنه|the|end|middle|mid|of|كوتايي)\s+)*$"
)
_UNTIL_THEN = re.compile(
    r"(?<!\w)(?:حتي|لغايه|بحلول)\s+(?:نهايه\s+|اخر\s+)?(?:ذلك|تلك|نفس|هذا|هذه)\s+(?:ال)?(?:عام|سنه)(?!\w)|(?:until|by) the end of that year"
)
"""«بمنحة 2019 حتى نهاية ذلك العام»."""
_AT_END = re.compile(r"(?<!\w)(?:نهايه|اخر|اواخر|end|كوتايي)(?!\w)")
_AND_YEAR = re.compile(r"\s*(?:و|and\s|،)\s*(?=(?:عام\s+|سنه\s+)?(?:19|20)\d\d)")
_BETWEEN = re.compile(r"(?:بين|between)\s*(?:\S+\s+)?$")
_FROM = re.compile(r"من\s(?!ي\w{3})")  # «مشروع المياه من يموله؟»: before a verb it is "who"
_WHO_THEN = re.compile(r"من\s+الذي(?!\w)")
_THAN = frozenset({"اكثر", "اقل", "اكبر", "اصغر", "اعلي"})
_KINDS = ("amount", "percent", "start", "end", "period", "date", "release_date", "place", "goal", "outcome", "actor")
_NO_PARTS = frozenset({"count", "place", "actor", "start", "end", "date", "period"})
_ASKING = re.compile(
    r"[وف]?(?:كم|ما|ماذا|من|متي|اين|اي|ايه|لماذا|هل|بكم|في\s+اي|الي\s+(?:اي|كم)|لاي|مع|حتي\s+متي|منذ\s+متي|فيم|فيما|بين\s+اي|قبل\s+اي|علي\s+مدي|(?:في|علي|الي)\s+ماذا|حتي|لغايه|how|when|where|who|whom|what|which|until|by|"
    r"چهند|كي|كين|كوي|كهي|كام|چي|له|بوچي)(?!\w)"
)


def _leads(standard: str, matches: Mapping[str, list[re.Match[str]]]) -> tuple[tuple[str, int], ...]:
    """The kinds whose cues begin with a question word, by position, the longer cue first where two begin together."""
    found: dict[str, tuple[int, int]] = {}
    for kind in _KINDS:
        for match in matches.get(kind, ()):
            word = match.group().lstrip()
            before = standard[: match.start()].split()
            if before and _FROM.match(word) and (before[-1] in _THAN or not _WHO_THEN.match(word)):
                # «من تبرع دبلن» in mid-sentence asks for nobody, «من الذي تبرع» does
                continue
            asked = len(before) <= 2 and bool(before) and _ASKING.match(before[0] + " ") is not None
            asked = asked or _ASKED_AFTER.match(standard, match.end()) is not None
            if _ASKING.match(word) or asked:
                start = match.start() + len(match.group()) - len(word)
                found.setdefault(kind, (start if _ASKING.match(word) else match.start(), -len(word)))
            elif when := _WHEN_BEFORE.search(standard, 0, match.start()):
                found.setdefault(kind, (when.start(1), -len(word)))
    if _WHO.match(standard):
        found["actor"] = min(found.get("actor", (10**6, 0)), (0, -4))
    return tuple((kind, start) for kind, (start, _) in sorted(found.items(), key=lambda item: item[1]))


_WHEN_BEFORE = re.compile(r"(?<!\w)(كهي)\s+$")
_ASKED_AFTER = re.compile(
    r"[^؟?،,]*?(?<!\w)(?:چهنده|چهندن|چهند\s+بوو|چييه|چيه|كيه|كييه|كهيه|كوييه)(?=\s*(?:[؟?،,]|$|و\s))"
)
"""In Sorani the question word may end its clause: «بڕی پارەکە چەندە؟»"""


def _joined(standard: str, start: int) -> bool:
    """Whether a question word is joined on to the question before it by «و» or "and"."""
    return _JOINED.search(standard[: start + 1]) is not None


_JOINED = re.compile(r"(?<!\w)(?:و|and\s+|و\s+)\w?$")


def _is_money_or_date(standard: str, mention: Mention) -> bool:
    """The American of «دولار أمريكي» names no donor, the month of «في آب» no town."""
    if any(d.start < mention.end and mention.start < d.end for d in find_dates(standard)):
        return True
    before = standard[: mention.start].split()
    after = standard[mention.end :].split()
    beside = [before[-1:], after[:1], mention.text.split()[-1:]]
    return mention.entity.kind == "country" and any(w and find_currencies(w[0].strip("؟?.,،")) for w in beside)


def _head(standard: str) -> str | None:
    """What the noun after the first «ما», «أي», "which" or "what" asks for; "text" where nothing else tells."""
    match = _HEAD.match(standard)
    if match is None:
        return None
    words = match.group(2).split()
    if len(words) > 1 and find_numbers(words[0]):
        words = words[1:]  # «أي ثلاث جهات»
    nouns = [re.sub(r"^(?:ال|لل)(?=\w{3})", "", word.strip("؟?.,،")) for word in words]
    for kind, known in _heads().items():
        if any(
            nouns[0] == k or (len(k) > 3 and nouns[0] in {k + e for e in ("ات", "ين", "ي", "ان", "ه", "ها", "يه")})
            for k in known
        ):
            if kind == "time":
                return _TIME_HEADS.get(nouns[0], "period" if match.group(1) in _OVER else "date")
            return kind
    return None


_HEAD = re.compile(
    r"\W*(?:و|ف)?(?:(في|خلال|من|الي|علي|عن|ب|ل|حتي|منذ|in|over|during|at|on|by|for)\s+)?[بل]?"
    r"(?:ما|اي|ايه|ماهي|ماهو|ايش|which|what|كام)(?:\s+(?:هي|هو|هم|كانت|كان|is|are|was|were|the))*\s+((?:\S+\s*){1,3})"
)
_SUMS = frozenset({"amount", "aggregate", "cumulative", "compare", "list"})
_OVER = frozenset({"خلال", "من", "over", "during"})
_WHAT = re.compile(
    r"\W*(?:و|ف)?(?:ماذا|ما الذي|ما التي|لماذا|فيم|فيما|علام|كيف|why|how(?! (?:much|many|long|large|big))|what (?:did|do|does|will|has|have|happened))(?!\w)"
)
_TIME_HEADS = {
    "بدايه": "start",
    "نهايه": "end",
    "طول": "period",
    "مده": "period",
    "فتره": "period",
    "تاريخ": "date",
    "موعد": "date",
}


@cache
def _heads() -> Mapping[str, frozenset[str]]:
    groups = load_yaml("answering", "heads.yaml")
    assert isinstance(groups, dict)
    return {kind: frozenset(map(normalize, nouns)) for kind, nouns in groups.items()}


@cache
def _place_stems() -> frozenset[str]:
    return frozenset(stem for noun in _heads()["place"] for stem in content_stems(noun))


def _counted(standard: str, language: Language) -> tuple[tuple[tuple[str, str], ...], int]:
    """(unit or "", stem of the noun) of all that follows «كم», «عدد» and their like, and where the first of them begins.

    Money and verbs are not counted.
    """
    found: list[tuple[str, str]] = []
    first = 0
    amount = load_cues("answering", "asks.yaml")["amount"]
    for match in _COUNTED.finditer(standard):
        words = [w.strip("؟?.,،") for w in match.group(1).split()]
        number_of = "عدد" in match.group() or language != "ar"
        for i, word in enumerate(words):
            if i:
                if _PAST.fullmatch(word):
                    break  # «كم عائلة استلمت أكلاً وأغطية» counts no blankets
                joined = _AND_NOUN.fullmatch(word)
                if not joined or i > 3 or not found:
                    continue
                word = joined.group(1)
            if not i and "عدد" in match.group() and word in _RELATIVE:
                found.append(("people", ""))
                break
            bare = re.sub(r"^ال(?=\w{3})", "", word)
            rest = words[i + 1 : i + 3]
            # «كم قرض الصندوق» asks for a sum, «كم منحة صغيرة» does not
            small = _SMALL.match(" ".join(rest)) is not None
            if not i and match.group().split()[-1] == "كم" and _DO.fullmatch(word) and not _has_subject(words[1:]):
                first = first if found else match.start()
                found.append(("people", ""))  # «كم وجد عملاً»
                break
            if not i and match.group().split()[-1] == "كم" and _PAST.fullmatch(word) and len(words) > 1 and not small:
                bare = words[1].removeprefix("ال")  # «كم صارت الولادات»
                known = find_counts(f"5 {bare}")
                if (
                    not words[1].startswith("ال")
                    or _GETS.fullmatch(word)
                    or amount.search(standard)
                    or (not known and not _BECAME.fullmatch(word))
                ):
                    break
                if any(m.start == 0 for m in find_mentions(" ".join(words[1:]))):
                    break
                rest = words[2:4]
            if any(find_currencies(_GLUED.sub(" ", w)) for w in [bare, *rest[:1]]) or amount.fullmatch(bare):
                break
            if not i and match.group().split()[-1] == "من" and _GRANT.fullmatch(bare):
                break  # «كم من مساهمة كندا يذهب إلى …»
            if not i and amount.match(standard, match.start()) and "عدد" not in match.group() and not small:
                break
            counts = find_counts(" ".join(["5", bare, *rest]))
            if counts and counts[0].start == 0 and (language != "ar" or counts[0].noun.split()[0] == bare):
                unit = counts[0].unit
                if unit == "grants" and not number_of and _GRANT.fullmatch(bare) and not small:
                    break
                bare = counts[0].noun if language != "ar" else bare
            elif _THEM.fullmatch(bare):
                break
            elif _PEOPLE.fullmatch(bare):
                unit = "people"  # «المعالجين»: participles in the plural of persons
            elif (
                i
                or number_of
                or _is_noun(bare)
                or _heads_a_noun(bare, rest)
                or bare != re.sub(r"^ال(?=\w{3})", "", word)
            ):
                unit = ""
            else:
                break
            first = first if found else match.start()
            found.append((unit, _stem(bare, language)))
    return tuple(dict.fromkeys(found)), first


def _has_subject(words: Sequence[str]) -> bool:
    """Whether what follows a verb begins with who does it."""
    return bool(words) and (words[0].startswith("ال") or any(m.start == 0 for m in find_mentions(" ".join(words))))


_NOUN_PHRASE = re.compile(r"(?<!\w)(?:كم|عدد)\s+(?:من\s+)?(\w{2,})\s+(\w{3,})(?:\s+(\w{3,}))?")


def _modifiers(standard: str) -> tuple[str, ...]:
    """The stems of the adjectives after a counted noun, by their agreement with it: «كم عائلة فلسطينية لاجئة»."""
    match = _NOUN_PHRASE.search(standard)
    if match is None:
        return ()
    noun, *rest = (word for word in match.groups() if word)
    found: list[str] = []
    for word in rest:
        definite = noun.startswith("ال")
        agrees = word.startswith("ال") if definite else noun[-1] in "اه" and word[-1] == noun[-1]
        if not agrees or is_stopword(word) or _PAST.fullmatch(word) or find_currencies(word) or find_numbers(word):
            break
        found.append(_stem(word.removeprefix("ال") if definite else word, "ar"))
    return tuple(found)


def _is_noun(word: str) -> bool:
    return _NOUN.fullmatch(word) is not None and _PAST.fullmatch(word) is None


def _heads_a_noun(word: str, rest: list[str]) -> bool:
    """Whether a bare word is counted with a bare noun after it: «كم عقد عمل»; a verb takes a definite noun or a particle."""
    following = rest[0] if rest else ""
    bare = re.fullmatch(r"(?!ال|لل|ب|ل|و|ف|م[نع]$|عن$|في$|علي$|الي$)\w{3,}", following)
    if _NO_NOUN.fullmatch(word) or is_stopword(word):
        return False
    return (
        bare is not None
        and not is_stopword(following)
        and _PAST.fullmatch(word) is None
        and not find_mentions(following)
    )


def _stem(word: str, language: Language) -> str:
    if language != "ar":
        word = next(iter(translate(word, language)), "")
    elif word.endswith("ا") and len(word) >= 4:
        word = word[:-1]  # «كم طفلاً»
    return next(iter(content_stems(word)), "")


def _given(
    standard: str, numbers: list[Number], dates: Sequence[DateMention], times: tuple[When, ...]
) -> Iterable[Decimal]:
    years = {y for t in times for y in t.years}
    for number in numbers:
        if (
            number.kind == "ordinal"
            or (number.text.isalpha() and _ASKED.search(standard, 0, number.start))  # «كم مليون»
            or any(d.start <= number.start and number.end <= d.end for d in dates)
            or _MONTH_NAME.match(standard, number.end)
            or int(number.value) in years
            or (number.text.isdecimal() and 1990 <= number.value <= 2100)
        ):
            continue
        if number.value >= 13 or number.value != number.value.to_integral_value() or number.kind == "percent":
            yield number.value


def _ordinals(standard: str, numbers: list[Number]) -> Iterable[int]:
    """Ordinals, and numbers that stand for one («المرحلة 2», "phase two")."""
    for number in numbers:
        if number.kind == "ordinal" or (number.value < 10 and _PHASE.search(standard, 0, number.start)):
            yield int(number.value)


_MONTH_NAME = re.compile(r"\s+(?:تشرين|كانون)(?!\w)")
"""Half the name of a month: «21 تشرين» is a day all the same."""
_PHASE = re.compile(r"(?<!\w)(?:(?:ال)?(?:مرحله|دفعه|جوله)|phase|tranche|stage|round|قوناغي)\s+$")
_ASKED = re.compile(r"(?<!\w)[وف]?(?:كم|بكم|چهند|how many)\s+(?:من\s+)?$")


@cache
def generic_stems() -> frozenset[str]:
    """Stems of words that nearly every release and question holds."""
    groups = load_yaml("answering", "generic.yaml")
    assert isinstance(groups, dict)
    found = frozenset(s for word in groups["generic"] for s in content_stems(word))
    return found | related_stems(next(iter(stems("منحة"))))


def _fillers(words: Iterable[str], standard: str, text: str, language: Language) -> frozenset[str]:
    """Those of the content words that only say that somebody gave something."""
    if language != "ar":
        standard = " ".join(normalize(term) for term in translate(text, language))
    gives = load_cues("ledger", "roles.yaml")["give"]
    said = {stem for word in standard.split() if gives.fullmatch(word.strip("؟?.,،")) for stem in content_stems(word)}
    return frozenset(w for w in words if w in said or w in generic_stems())


def _fields(words: Iterable[str], matches: Mapping[str, list[re.Match[str]]]) -> frozenset[str]:
    """Those of the content words that only name what is asked for: a release need not call its aim «هدف»."""
    said = {
        stem
        for kind in _FIELD_WORDS
        for match in matches.get(kind, ())
        for word in match.group().split()
        for stem in _stems(word)
    }
    return frozenset(w for w in words if w in said)


_FIELD_WORDS = ("goal", "outcome", "start", "end", "period")


def _phrases(standard: str, words: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The pairs of neighbouring stems in which each word carries content: «جسور الفرات», «حملة نور»."""
    content = frozenset(words)
    found = [stem for word in re.findall(r"\w+", standard) for stem in _stems(word)]
    return frozenset(pair for pair in pairwise(found) if content.issuperset(pair))


def _stems(word: str) -> list[str]:
    """The stems of a word, without a glued ل or ب and an accusative alef where only the rest has synonyms: «لترميم»."""
    for first in (0, 1) if word[0] in "لب" else (0,):
        for last in (len(word), -1) if word[-1] == "ا" else (len(word),):
            found = content_stems(word[first:last]) if len(word[first:last]) >= 3 else []
            if found and related_stems(found[0]):
                return found
    return content_stems(word)


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
        for stem in _stems(bare):
            if stem not in seen and stem not in _PARTICLES and not stem[0].isdigit():
                seen.add(stem)
                yield stem
