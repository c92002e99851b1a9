"""From a release to its facts, by rules over words, numbers, dates and names."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, permutations
from typing import Literal

from arabic.amounts import Amount, find_amounts, find_currencies
from arabic.counts import find_counts
from arabic.cues import groups_in
from arabic.dates import find_dates
from arabic.normalize import fold, normalize
from arabic.number_words import number_words
from arabic.numbers import Number, find_numbers
from arabic.orders import paragraph, speaks_to_a_model
from arabic.periods import find_periods
from arabic.sentences import split_sentences
from arabic.stopwords import is_stopword
from ledger.facts import Facts, Figure, FigureKind, Named, Role, Statement, Time
from ledger.gazetteer import Entity, ancestors, entity, find_mentions
from ledger.proposals import with_proposals
from ledger.release import Release
from ledger.roles import amount_role, count_role

LEAD = 3
"""How many statements at the start announce the news; the inverted pyramid of a release puts it there."""

_ITEM = re.compile(r"\s*(?:[-•*▪◦–]|\d{1,2}[.)])\s+")
_PAIR = re.compile(r"[^\n:.،]{2,80}:\s+[\d٠-٩۰-۹][^\n.]{0,40}$")
_LABEL_OF_PAIR = re.compile(r"[^\n:.،]{2,80}:\s+(?=[^\n.،]{3,50}$)")
"""«قطر الخيرية: مليونا دولار», a pair of a name and a number in words."""
_HEADING = re.compile(r"^(?:#{1,6}\s+(.+?)\s*#*|\*\*([^*\n]{3,80})\*\*:?|([^\n]{3,60}؟))$", re.MULTILINE)
"""A marked heading, a line in bold, or one that asks («ما الذي تحقق في 2022؟»)."""
_IN_PLACE = re.compile(r"(?:^|\s)(?:و|ف)?(?:في|داخل|لدي|الي|انحاء|عموم|ارجاء|شمال|جنوب|شرق|غرب|وسط|خارج|عبر)\s*$")
_ASIDE = re.compile(r"[،؛]|\sوه[وي]\s")
"""Where what a sum is for ends and another thought begins."""
_SMALL = {"IQD": 5_000_000, "LBP": 50_000_000, "SYP": 50_000_000, "YER": 5_000_000, "SDG": 2_000_000, "JPY": 500_000}
"""Below how many units of a currency a sum is no grant; 10,000 for the others."""
_NO_WAGE = 100
"""How many times as much a sum is no wage and no price, whatever words stand beside it."""
_NEWS_IN_ALL = re.compile(
    r"(?<!\w)(?:ب|ل)?(?:ال)?(?:منحتين|منحتان|منح|دفعات|عقود|اتفاقيات|اتفاقات|اتفاقيتين|اتفاقيتي|مساهمات|قروض|هبات|تبرعات)(?!\w)(?:(?!منذ)[^.])*"
    r"(?:مجموعها|مجموعهما|جملتها|قيمتها الاجماليه|بقيمه اجماليه|اجمالي قيمتها)\W*(?:نحو|حوالي|قرابه)?\W*$"
)
"""Several grants announced together, before the sum of them all."""
_TOTAL_ROW = re.compile(r"^\W*(?:ال)?(?:مجموع|اجمالي|جمله|total)")


def extract_facts(release: Release) -> Facts:
    """Every sentence, item and row of the release's body with the figures, times and names that it states, by the rules
    and by those of its proposals that hold.
    """
    facts = _by_rules(release)
    return with_proposals(release, facts) if release.proposals else facts


def _by_rules(release: Release) -> Facts:
    spans = list(_statement_spans(release))
    country = _country(release, spans)
    headings = list(_headings(release))
    bare = _with_currencies(release, [_read(release, start, end, country, headings) for start, end in spans])
    headline = tuple(m.entity.id for m in find_mentions(release.title))
    donors, recipients = _parties(bare[:LEAD], headline, country)
    statements = _with_currencies(release, _with_tables(release, bare))
    statements = _one_main([_with_roles(release, s, i, donors, recipients, country) for i, s in enumerate(statements)])
    statements = _with_lead_ins(release, statements)
    return Facts(release.id, donors, recipients, country, tuple(_with_sums(statements)))


def _headings(release: Release) -> Iterable[tuple[int, str]]:
    """What stands above the parts of a release, with where it ends: marked headings, and the lines left out of the body."""
    found = {m.end(): m.group(m.lastindex or 0) for m in _HEADING.finditer(release.text)}
    for before, after in pairwise(release.body):
        lines = (line.strip(" #*_") for line in release.text[before.end : after.start].splitlines())
        between = " ".join(line for line in lines if line)
        if 0 < len(between) <= _LONGEST_HEADING:
            found[after.start] = between
    return sorted(found.items())


_LONGEST_HEADING = 160


def is_giver(item: Entity) -> bool:
    """Whether such an entity gives money in releases."""
    if item.kind == "country":
        return "receives" not in item.roles
    return bool(item.roles & {"donor", "bank"})


def is_receiver(item: Entity) -> bool:
    """Whether such an entity receives and spends it."""
    return item.kind == "organisation" and bool(item.roles & {"agency", "programme", "fund", "ngo"})


def _statement_spans(release: Release) -> Iterable[tuple[int, int]]:
    """The sentences of the body, those of paragraphs left out that give orders to a program: nothing there is a fact."""
    for part in release.body:
        for sentence in split_sentences(release.text[part.start : part.end]):
            start, end = part.start + sentence.start, part.start + sentence.end
            if not speaks_to_a_model(paragraph(release.text, start, end)):
                yield start, end


def _country(release: Release, spans: list[tuple[int, int]]) -> str | None:
    """The country in which the aid is given: the one that places, «في …» and demonyms point to most often."""
    votes: Counter[str] = Counter()
    for text in (release.title, *(release.text[a:b] for a, b in spans)):
        for mention in find_mentions(text):
            item = mention.entity
            if item.kind == "place":
                votes.update(a for a in ancestors(item.id) if entity(a).kind == "country")
            elif item.kind == "country" and _IN_PLACE.search(normalize(text[: mention.start])):
                votes[item.id] += 2
    return votes.most_common(1)[0][0] if votes else None


def _read(
    release: Release, start: int, end: int, country: str | None, headings: Sequence[tuple[int, str]]
) -> Statement:
    """The statement's figures, times and names, the figures without their roles; `headings` with where they end."""
    text = release.text[start:end]
    line = release.text.rfind("\n", 0, start) + 1
    amounts = find_amounts(text, country=country)
    pair = _PAIR.match(text) or ((label := _LABEL_OF_PAIR.match(text)) and any(a.start == label.end() for a in amounts))
    kind: Literal["sentence", "item", "row"] = (
        "row" if " | " in text else "item" if pair or _ITEM.match(release.text[line:end]) else "sentence"
    )
    above = [heading for at, heading in headings if at <= start]
    taken = [(a.start, a.end) for a in amounts]
    figures = [_changed(_figure(a, start), text, start) for a in amounts]
    for count in find_counts(text):
        if not _touches(count.start, count.end, taken):
            taken.append((count.start, count.end))
            kind_of: FigureKind = "percent" if count.unit == "percent" else "count"
            figure = Figure(kind_of, count.value, count.unit, count.noun, start + count.start, start + count.end,
                            upper=count.upper, qualifier=count.qualifier)  # fmt: skip
            figures.append(_changed(figure, text, start))
    for number in find_numbers(text):
        if number.kind == "percent" and not _touches(number.start, number.end, taken):
            figures.append(
                Figure("percent", number.value, "percent", "", start + number.start, start + number.end,
                       upper=number.upper, qualifier=number.qualifier)
            )  # fmt: skip
    times = [
        Time(p.kind, start + p.start, start + p.end, _point(p.first), _point(p.last), p.months)
        for p in find_periods(text)
    ]
    spans = [(t.start - start, t.end - start) for t in times]
    for date in find_dates(text):
        taken.append((date.start, date.end))  # the 12 of «12 سبتمبر» counts nothing
        if not _touches(date.start, date.end, spans) and date.year:
            point = (date.year, date.month or 0, date.day or 0)
            times.append(Time("date", start + date.start, start + date.end, point, point))
    taken += [(f.start - start, f.end - start) for f in figures if f.kind == "percent"]
    taken += [(t.start - start, t.end - start) for t in times]
    figures = _without_ratios(text, start, _other_counts(text, start, taken, figures))
    money = [(a.start, a.end) for a in amounts]  # the American of «دولار أمريكي» names no donor
    times += _relative_times(release, text, start)
    named = tuple(
        Named(m.entity.id, start + m.start, start + m.end)
        for m in find_mentions(text)
        if not _touches(m.start, m.end, money)
    )
    folded = fold(text).text
    cues = groups_in("ledger", "roles.yaml", folded)
    if "كان" in folded and _HAD.search(folded):
        cues |= {"previous"}
    times.sort(key=lambda t: t.start)
    return Statement(start, end, kind, above[-1] if above else "", tuple(figures), tuple(times), named, cues)


def _changed(figure: Figure, text: str, offset: int) -> Figure:
    """«رُفع من 10 ملايين إلى 12 مليوناً» is no range between the two: the figure is what it has become."""
    if figure.upper is None:
        return figure
    before = normalize(text[: figure.start - offset])
    change = _CHANGE.search(before) is not None and _FROM.search(before) is not None
    return replace(figure, value=figure.upper, upper=None) if change else figure


_CHANGE = re.compile(
    r"(?<!\w)[وف]?(?:ال|لل|ل|ب)?(?:زياد\w*|[يت]?زيد\w*|زاد\w*|[يت]?رفع\w*|س?[يت]?رتفع\w*|ارتف\w*|[يت]?خفض\w*|[يت]نخفض\w*|انخف\w*|تراجع\w*|"
    r"هبط\w*|صعد\w*|قفز\w*|نما|نمت|توسع\w*|تقلص\w*|نزل\w*|عدل\w*|increas\w*|rose|rais\w*|grew|fell|cut)(?!\w)"
)
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
_MAGNITUDE = re.compile(r"(?:الف|الاف|الفا|الفان|الفين|مليون\w*|ملايين|مليار\w*|thousand|million|billion)\W*$")
_RATIO = re.compile(r"\s*(?:\S+\s+){0,2}من\s+(?:بين\s+)?كل\s")


def _other_counts(text: str, offset: int, taken: list[tuple[int, int]], figures: list[Figure]) -> list[Figure]:
    """The figures of a statement with the numbers that have no known unit beside them.

    «منهم» and numbers that break off after the magnitude («نداء من ١٣١ مليون دولار، وصل منها ٤٦ مليوناً») count what the
    figure before them counts; others count the word that follows them, in unit "other".
    """
    result = sorted(figures, key=lambda f: f.start)
    for number in find_numbers(text):
        if number.kind not in {"cardinal", "range"} or _touches(number.start, number.end, taken):
            continue
        if _LABEL.search(normalize(text[max(0, number.start - 20) : number.start])):
            continue
        if number.value < 2 and number.upper is None:
            continue
        if number.text.isdecimal() and len(number.text) == 4 and 1900 <= number.value <= 2100:
            continue
        if number.text[:1] == "0" and number.text.isdecimal():
            continue  # a telephone number
        noun = _NOUN_AFTER.match(text, number.end)
        first = normalize(noun.group(1).split()[0]) if noun else ""
        before = [f for f in result if f.end - offset <= number.start and f.kind != "percent"]
        purpose = first.startswith("ل") and len(first) > 3 and _MAGNITUDE.search(normalize(number.text))
        money = bool(before) and before[-1].kind == "amount" and _MAGNITUDE.search(normalize(number.text)) is not None
        source = noun is not None and money and text[number.end : noun.start(1)].split() == ["من"]
        if (
            noun
            and not _OF_THEM.fullmatch(first)
            and (is_stopword(first) or _NO_NOUN.fullmatch(first) or purpose or source)
        ):
            noun = None  # «و11 مليوناً للمنح» counts no grants
        end = noun.end() if noun else number.end
        if noun and _OF_THEM.fullmatch(first):
            counts = [f for f in before if f.kind == "count"]
            if counts:
                noun_of = f"{counts[-1].noun} {noun.group(1).split()[0]}"
                result.append(_another(counts[-1], number, offset, end, noun_of))
        elif noun is None and before and (before[-1].kind == "count" or _MAGNITUDE.search(normalize(number.text))):
            result.append(_another(before[-1], number, offset, end, before[-1].noun))
        elif noun or number.text[:1].isdigit():
            result.append(
                Figure("count", number.value, "other", noun.group(1) if noun else "", offset + number.start,
                       offset + end, upper=number.upper, qualifier=number.qualifier)
            )  # fmt: skip
        result.sort(key=lambda f: f.start)
    return result


def _another(figure: Figure, number: Number, offset: int, end: int, noun: str) -> Figure:
    """A number that counts what a figure before it counts."""
    return replace(
        figure, noun=noun, value=number.value, upper=number.upper, start=offset + number.start, end=offset + end,
        qualifier=number.qualifier,
    )  # fmt: skip


def _without_ratios(text: str, offset: int, figures: list[Figure]) -> list[Figure]:
    """«سبع من كل عشر أسر» counts neither seven nor ten families."""
    whole = fold(text)

    def is_ratio(figure: Figure) -> bool:
        before, after = whole.position(figure.start - offset), whole.position(figure.end - offset)
        told = _RATIO.match(whole.text, after, after + 24) is not None
        return told or whole.text[max(0, before - 12) : before].rstrip().endswith("من كل")

    return [figure for figure in figures if not is_ratio(figure)]


def _with_currencies(release: Release, statements: list[Statement]) -> list[Statement]:
    """A bare «جنيه» or «دينار» is the one that the release names in full, «جنيه إسترليني», if it names only one."""
    named: dict[str, set[str]] = {}
    for figure in (f for s in statements for f in s.figures if f.kind == "amount"):
        words = normalize(release.text[figure.start : figure.end]).split()
        if len(words) > 2 and find_currencies(words[-2]):
            named.setdefault(words[-2].rstrip("ا"), set()).add(figure.unit)
    known = {noun: next(iter(units)) for noun, units in named.items() if len(units) == 1}
    if not known:
        return statements
    plain = {next(iter(find_currencies(noun)), ""): unit for noun, unit in known.items()}  # SEK → DKK after «دنماركية»

    def unit_of(figure: Figure, statement: Statement) -> str:
        if figure.kind != "amount":
            return figure.unit
        if figure.unit == "USD" and statement.cues & {"need", "appeal"}:
            return "USD"  # appeals are in American dollars, also beside a Canadian grant
        words = normalize(release.text[figure.start : figure.end]).split()
        if not words:
            return figure.unit
        if any(find_currencies(word) for word in words):
            return known.get(words[-1].rstrip("ا"), figure.unit)
        if any(sign in words[0] + words[-1] for sign in "$€£¥"):
            return figure.unit
        return plain.get(figure.unit, figure.unit)  # «و11 مليوناً» after «26 مليون كرونة», a cell below «مليون كرونة»

    result = []
    for statement in statements:
        units = [unit_of(figure, statement) for figure in statement.figures]
        if units != [figure.unit for figure in statement.figures]:
            figures = zip(statement.figures, units, strict=True)
            statement = replace(statement, figures=tuple(replace(figure, unit=unit) for figure, unit in figures))
        result.append(statement)
    return result


_HAD = re.compile(r"(?<!\w)[وف]?كان(?:ت|وا)?\s+(?:\S+\s+){1,6}?قد\s+\w")
"""«كانت النمسا قد منحت» looks back."""
_RELATIVE = re.compile(
    r"(?P<last_month>(?:الشهر\s+(?:الماضي|الفايت|المنصرم|السابق))|last month)|(?P<last_year>(?:العام|السنه)\s+(?:الماضي|الماضيه|السابق|السابقه|المنصرم|المنصرمه|الفايت))"
    r"|(?P<this_year>(?:هذا العام|هذه السنه|العام الحالي|السنه الحاليه|العام الجاري|السنه الجاريه|لهذا العام))"
)


def _relative_times(release: Release, text: str, offset: int) -> list[Time]:
    """«الشهر الماضي», «العام السابق» and the like, reckoned from the release's date."""
    if release.date is None:
        return []
    folded = fold(text)
    year, month = release.date.year, release.date.month
    points = {
        "last_month": (year, month - 1, 0) if month > 1 else (year - 1, 12, 0),
        "last_year": (year - 1, 0, 0),
        "this_year": (year, 0, 0),
    }
    found = []
    for match in _RELATIVE.finditer(folded.text):
        start, end = folded.span(match.start(), match.end())
        point = points[str(match.lastgroup)]
        found.append(Time("date", offset + start, offset + end, point, point))
    return found


def _figure(amount: Amount, offset: int) -> Figure:
    return Figure(
        "amount", amount.value, amount.currency, "", offset + amount.start, offset + amount.end,
        upper=amount.upper, qualifier=amount.qualifier,
    )  # fmt: skip


def _point(date: object) -> tuple[int, int, int] | None:
    if date is None:
        return None
    return (getattr(date, "year", None) or 0, getattr(date, "month", None) or 0, getattr(date, "day", None) or 0)


def _touches(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in spans)


def _parties(
    lead: list[Statement], headline: tuple[str, ...], country: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who gives and who receives, by headline and lead, most often named first."""
    given: Counter[str] = Counter()
    received: Counter[str] = Counter()
    for weight, names in ((2, headline), *((3 - i, tuple(n.entity for n in s.named)) for i, s in enumerate(lead))):
        for name in dict.fromkeys(names):
            item = entity(name)
            if is_giver(item) and name != country:
                given[name] += weight
            if is_receiver(item):
                received[name] += weight
    return tuple(n for n, _ in given.most_common()), tuple(n for n, _ in received.most_common())


def _with_tables(release: Release, statements: list[Statement]) -> list[Statement]:
    """Rows get from the heading of each column what its bare numbers are: money of a currency, or a count of something."""
    result: list[Statement] = []
    columns: list[_Column] | None = None
    money = next((f.unit for s in statements[:LEAD] for f in s.figures if f.kind == "amount"), None)
    for statement in statements:
        if statement.kind != "row":
            columns = None
            result.append(statement)
            continue
        text = release.text[statement.start : statement.end]
        if columns is None:
            heads = [c.strip() for c in text.split("|")]
            titled = not any(_BARE_CELL.fullmatch(normalize(head)) for head in heads if head)
            columns = _columns(heads, money) if titled else []
            result.append(replace(statement, figures=()) if titled else statement)
            continue
        result.append(_read_cells(statement, text, columns))
    return result


@dataclass(frozen=True, slots=True)
class _Column:
    """What the bare numbers of a table's column are: `unit` a currency where `money`, else a unit of counts."""

    head: str
    unit: str = "other"
    money: bool = False
    scale: int = 1

    @property
    def role(self) -> Role:
        """Whether its counts are planned or reached, "background" where its heading does not tell."""
        head = normalize(self.head)
        return "target" if _PLANNED_HEAD.search(head) else "outcome" if _REACHED_HEAD.search(head) else "background"

    @property
    def years(self) -> tuple[int, ...]:
        """The years that its heading names: «الهدف بحلول نهاية 2023»."""
        return tuple(dict.fromkeys(date.year for date in find_dates(self.head) if date.year))


_PLANNED_HEAD = re.compile(r"(?<!\w)(?:ال)?(?:مستهدف\w*|هدف|مخطط\w*|مقرر\w*|متوقع\w*|خطه|target\w*|planned)(?!\w)")
_REACHED_HEAD = re.compile(
    r"(?<!\w)(?:ال)?(?:متحقق\w*|محقق\w*|منجز\w*|منفذ\w*|فعلي\w*|نتيجه|حصيله|واقع|وصل\w*|reached|achieved|actual)(?!\w)"
)


def _counted_in(column: _Column, label: str) -> tuple[str, str]:
    """The unit and the noun of a count: what its column names, or the row where the heading only says planned or reached."""
    if column.unit != "other" or column.role == "background":
        return column.unit, column.head
    counted = find_counts(f"5 {label}")
    return (counted[0].unit if counted and counted[0].start == 0 else "other"), label


def _columns(heads: list[str], money: str | None) -> list[_Column]:
    """The columns by their headings; one that names no unit of its own takes that of the column before it."""
    columns: list[_Column] = []
    for head in heads:
        currency = _currency_of(head) or (money if _MONEY_HEAD.search(normalize(head)) else None)
        counted = find_counts("5 " + re.sub(r"^\W*(?:ال)?عدد\s+(?:ال)?", "", head))
        before = columns[-1] if len(columns) > 1 else None
        if currency:
            columns.append(_Column(head, currency, True, _scale_of(head)))
        elif counted:
            columns.append(_Column(head, counted[0].unit, scale=_scale_of(head)))
        elif before is not None and before.unit != "other" and not re.search(r"[(（]", head):
            columns.append(replace(before, head=head))
        else:
            columns.append(_Column(head, scale=_scale_of(head)))
    return columns


def _scale_of(head: str) -> int:
    """What the numbers below a heading are to be multiplied by: a million for «القيمة (مليون دولار)»."""
    words = normalize(head).replace("(", " ").replace(")", " ").split()
    return next((number_words().magnitudes[w] for w in words if w in number_words().magnitudes), 1)


def _read_cells(statement: Statement, text: str, columns: list[_Column]) -> Statement:
    figures = list(statement.figures)
    label = text.partition("|")[0].strip()
    total = _TOTAL_ROW.match(normalize(text)) is not None
    year = _YEAR_CELL.match(normalize(text))
    position = 0
    for place, cell in enumerate(text.split("|")):
        column = columns[place] if place < len(columns) else _Column("")
        low, high = statement.start + position, statement.start + position + len(cell)
        inside = [f for f in figures if f.start < high and low < f.end]
        position += len(cell) + 1
        if not place:
            figures = [f for f in figures if f not in inside or not year]
            continue
        told = [replace(f, role=column.role, years=column.years) if f.kind != "amount" else f for f in inside]
        figures = [told[inside.index(f)] if f in inside else f for f in figures]
        inside = told
        if any(f.kind == "amount" or f.unit != "other" for f in inside):
            continue
        numbers = [n for n in find_numbers(cell) if n.kind in {"cardinal", "range"}]
        if not numbers or _BARE_CELL.fullmatch(normalize(cell)) is None:
            continue
        number = numbers[0]
        figures = [f for f in figures if f not in inside]
        start, end = low + number.start, low + number.end
        value = number.value * column.scale
        upper = number.upper * column.scale if number.upper is not None else None
        years = (int(year.group(1)),) if year else ()
        if column.money:
            whole = total or (bool(year) and place == 1)
            role: Role = "grant" if whole else "component"
            figures.append(Figure("amount", value, column.unit, "", start, end, upper=upper, role=role, years=years))
        else:
            figures.append(
                Figure(
                    "count",
                    value,
                    *_counted_in(column, label),
                    start,
                    end,
                    upper=upper,
                    years=years or column.years,
                    role=column.role,
                )
            )
    return replace(statement, figures=tuple(sorted(figures, key=lambda f: f.start)))


_YEAR_CELL = re.compile(r"\W*(?:عام|سنه)?\s*((?:19|20)\d\d)\s*\|")
_BARE_CELL = re.compile(r"\W*[\d.,،٫٬ ]+(?:\s*[-–—]\s*[\d.,،٫٬ ]+)?(?:\s*[^\W\d_]+)?\W*")
_MONEY_HEAD = re.compile(
    r"(?<!\w)(?:ال)?(?:مبلغ|مبالغ|قيمه|تمويل|ميزانيه|كلفه|تكلفه|مخصصات|حصه|amount|budget|cost|funding)(?!\w)"
)


def _currency_of(head: str) -> str | None:
    """The currency that a column's heading names: «المبلغ (دولار أمريكي)»."""
    for word in (head, re.sub(r".*[(（]([^)）]*)[)）].*", r"\1", head)):
        found = find_amounts("1 " + word.strip())
        if found:
            return found[0].currency
    return None


def _with_roles(
    release: Release,
    statement: Statement,
    index: int,
    donors: tuple[str, ...],
    recipients: tuple[str, ...],
    country: str | None,
) -> Statement:
    """The statement with what each of its amounts is, who gave it and who received it."""
    figures: list[Figure] = []
    text = release.text[statement.start : statement.end]
    for figure in statement.figures:
        before = max([statement.start, *(f.end for f in figures)])
        after = min([statement.end, *(f.start for f in statement.figures if f.start >= figure.end)])
        window = release.text[before : figure.start], release.text[figure.end : after]
        aside = _ASIDE.search(release.text, figure.end, after)
        years = figure.years or _years(release, statement, index, before, aside.start() if aside else after)
        if figure.kind != "amount":
            role = figure.role
            if role == "background":
                role = count_role(*window, release.text[statement.start : figure.start], statement.cues)
            figures.append(replace(figure, role=role, years=years))
            continue
        role = figure.role
        if role == "background":
            sentence = release.text[statement.start : figure.start]
            large = figure.value >= _NO_WAGE * _SMALL.get(figure.unit, 10_000)
            cues = statement.cues - {"subgrant"} if large else statement.cues  # «بما فيها أجور النقل 41 مليون ريال»
            role = amount_role(*window, figure, figures, sentence, cues)
            if (
                statement.kind != "sentence"
                and role in {"background", "grant"}
                and not _TOTAL_ROW.match(normalize(text))
            ):
                role = "component"  # items and rows share out what was announced above them
        if (
            role == "cumulative"
            and index < LEAD - 1
            and _NEWS_IN_ALL.search(normalize(release.text[statement.start : figure.start]))
        ):
            role = "grant"  # «ثلاث منح مجموعها 134.5 مليون» are announced together
        small = figure.value < _SMALL.get(figure.unit, 10_000)
        if small and role in {"grant", "component", "background"} and not misprinted(figure, window[0]):
            role = "subgrant"  # wages, prices, cash for a family: no donor gives a programme so little
        donor = _of_currency(statement, figure, country) or _nearest(statement, figure, is_giver, country, text)
        donor = donor or (donors[0] if donors else None)
        others = [r for r in recipients if r != donor]  # a fund that gives receives nothing of it
        recipient = _nearest(statement, figure, is_receiver, country, text, donor) or (others[0] if others else None)
        if role == "background" and index < 2 and not any(f.kind == "amount" for f in figures):
            role = (
                "component" if statement.kind != "sentence" else "grant"
            )  # the first sum of a release is its news, whatever verb announces it
        if role == "grant" and _FROM.search(normalize(window[0])) and _UP_TO.match(normalize(window[1])):
            role = "background"  # «من 10 ملايين إلى 12 مليون دولار»: what it was
        main = role == "grant" and index < LEAD and not any(f.main for f in figures) and bool(donors)
        figures.append(replace(figure, role=role, donor=donor, recipient=recipient, years=years, main=main))
    return replace(statement, figures=tuple(_with_share(figures, announced=index < LEAD and bool(donors))))


def _with_share(figures: list[Figure], *, announced: bool) -> list[Figure]:
    """«60 في المئة من كلفة قدرها 10 ملايين، أي 6 ملايين»: the share is the grant, the whole the package that holds it."""
    amounts = [f for f in figures if f.kind == "amount" and f.upper is None]
    for percent in (f for f in figures if f.kind == "percent" and f.upper is None):
        for whole, share in permutations(amounts, 2):
            if whole.unit == share.unit and 0 < share.value < whole.value == share.value * 100 / (percent.value or 1):
                news = announced and not any(f.main and f not in {whole, share} for f in figures)
                changed = {
                    whole: replace(whole, role="package", main=False),
                    share: replace(share, role="grant", main=news),
                }
                return [changed.get(f, f) for f in figures]
    return figures


_FROM = re.compile(r"(?<!\w)(?:من|from)\s*(?:(?:نحو|حوالي|قرابه|about)\s*)?$")
_UP_TO = re.compile(r"^\W*(?:\w+\s+){0,2}?(?:الي|to)\s*(?:(?:نحو|حوالي|قرابه|about)\s*)?$")


def _with_lead_ins(release: Release, statements: list[Statement]) -> list[Statement]:
    """Counts of items that say nothing of it themselves are planned or reached as what announces the items says, or their
    heading."""
    lead_in = ""
    result = []
    for statement in statements:
        text = release.text[statement.start : statement.end]
        if statement.kind == "sentence":
            lead_in = text if text.rstrip("*_ ").endswith((":", "؟")) else ""
        above = lead_in if statement.kind != "sentence" and lead_in else statement.section
        untold = [f for f in statement.figures if f.kind != "amount" and f.role == "background"]
        if above and untold:
            folded = normalize(above)
            role = count_role(folded, "", folded, groups_in("ledger", "roles.yaml", folded))
            figures = tuple(replace(f, role=role) if f in untold else f for f in statement.figures)
            statement = replace(statement, figures=figures)
        result.append(statement)
    return result


def misprinted(figure: Figure, before: str) -> bool:
    """Whether a sum seems to lack its magnitude: «كلفة البرنامج الوطني بلغت 23.9 دولار» is no price."""
    if figure.value >= _FEW or figure.value == figure.value.to_integral_value():
        return False
    words = normalize(before)
    return _WHOLE.search(words) is not None and _APIECE.search(words) is None


_FEW = 1000
_WHOLE = re.compile(
    r"(?<!\w)[وفبل]?(?:ال|لل)?(?:برنامج|مشروع|خطه|استراتيجيه|موازنه|ميزانيه|منحه|مساهمه|حزمه|رزمه|صندوق|تمويل|اتفاق\w*|قرض)(?!\w)"
)
_APIECE = re.compile(
    r"(?<!\w)(?:لكل|للفرد|للاسره|للشخص|للطفل|المتر|الطن|البرميل|اللتر|الكيلو|الواحد|الواحده|شهريا|يوميا|سعر|ثمن)(?!\w)"
)


def _one_main(statements: list[Statement]) -> list[Statement]:
    """A release announces one sum: the first that nothing calls an earlier one, else the first."""
    marked = [(s, f) for s in statements for f in s.figures if f.main]
    if len(marked) < 2:
        return statements
    news = [pair for pair in marked if "previous" not in pair[0].cues]
    keep = (news or marked)[0][1]
    return [replace(s, figures=tuple(replace(f, main=f is keep) for f in s.figures)) for s in statements]


def _of_currency(statement: Statement, figure: Figure, country: str | None) -> str | None:
    """The giver named beside a figure whose own money it is: Danish kroner are Denmark's, dollars and euros anybody's.

    ISO 4217 codes begin with the ISO 3166 code of the country.
    """
    home = figure.unit[:2]
    if figure.unit in {"USD", "EUR"} or home == country:
        return None
    own = [n for n in statement.named if n.entity == home or home in ancestors(n.entity)]
    own = [n for n in own if is_giver(entity(n.entity))]
    if len({n.entity for n in own}) != 1:
        return None
    return own[0].entity


def _nearest(
    statement: Statement, figure: Figure, wanted: object, country: str | None, text: str, other: str | None = None
) -> str | None:
    """The entity of the wanted sort, not the `other` one, that stands nearest to the figure, those before it first."""
    assert callable(wanted)
    offset = statement.start
    names = [n for n in statement.named if wanted(entity(n.entity)) and n.entity not in {country, other}]
    before = [n for n in names if n.end <= figure.start]
    after = [n for n in names if n.start >= figure.end]
    best = before[-1] if before else after[0] if after else None
    if (
        wanted is is_giver
        and after
        and _FROM_WHOM.match(normalize(text[figure.end - offset : after[0].start - offset]))
    ):
        best = after[0]  # «9.8 مليون يورو من الوزارة و2.6 مليون من الاتحاد الأوروبي»
    if (
        wanted is is_receiver
        and after
        and _TO_WHOM.match(normalize(text[figure.end - offset : after[0].start - offset]))
    ):
        best = after[0]  # «2.9 مليون لليونيسف و1.8 مليون لمنظمة الصحة العالمية»
    return best.entity if best else None


_TO_WHOM = re.compile(
    r"^\s*(?:[،,]?\s*(?:و|ف)?(?:س?[يت]ذهب|ذهب|ذهبت|خصص\w*|مخصص\w*|موجه\w*|دفع\w*|قدم\w*|منح\w*|كامله|نقدا)\s+){0,2}(?:ل|لل|الي|لصالح|لفائده|عبر|بواسطه|to|for|through)\s*(?:\w+\s+){0,1}$"
)
_FROM_WHOM = re.compile(
    r"^\s*(?:من|عن|مصدرها|مصدره|قدمها|قدمتها|تقدمها|يقدمها|دفعها|دفعتها|مقدم\w*\s+من|بتمويل\s+من|عن\s+طريق|تموله\w?|from)\s+(?:\w+\s+){0,2}$"
)


def _years(release: Release, statement: Statement, index: int, before: int, after: int) -> tuple[int, ...]:
    """The years that the words around a figure give to it; a dateline gives none."""
    years: list[int] = []
    for time in statement.times:
        if not (before <= time.start < after) or time.kind in {"since", "duration"}:
            continue
        if index == 0 and time.kind == "date" and time.first and time.first[1] and _is_dateline(release, time):
            continue
        if time.first and time.first[0]:
            years.append(time.first[0])
        if time.kind == "range" and time.last and time.last[0]:
            years.append(time.last[0])
    return tuple(dict.fromkeys(years))


def _is_dateline(release: Release, time: Time) -> bool:
    day = release.date
    return day is not None and time.first is not None and time.first[:2] == (day.year, day.month)


def _with_sums(statements: list[Statement]) -> list[Statement]:
    """Amounts of one statement that add up to the announced grant are its components."""
    main = next((f for s in statements for f in s.figures if f.main), None)
    if main is None:
        return statements
    result = []
    for statement in statements:
        parts = [f for f in statement.figures if f.kind == "amount" and f.unit == main.unit and not f.main]
        if len(parts) > 1 and sum((f.value for f in parts), Decimal(0)) == main.value:
            figures = tuple(replace(f, role="component") if f in parts else f for f in statement.figures)
            statement = replace(statement, figures=figures)
        result.append(statement)
    return result
