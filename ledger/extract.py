"""From a release to its facts, by rules over words, numbers, dates and names."""

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby, pairwise, permutations

from arabic.amounts import find_amounts, find_currencies
from arabic.counts import find_counts
from arabic.cues import groups_in
from arabic.dates import find_dates
from arabic.normalize import Folded, fold, normalize
from arabic.number_words import number_words
from arabic.numbers import find_numbers
from arabic.orders import paragraph, speaks_to_a_model
from arabic.sentences import split_sentences
from ledger.facts import Facts, Figure, Named, Role, Statement, Time
from ledger.gazetteer import Entity, ancestors, entity, find_mentions, related
from ledger.payers import comes_from, own_words, payer_classes, pays
from ledger.proposals import with_proposals
from ledger.reading import FROM, countries_of, read
from ledger.release import Release
from ledger.roles import amount_role, count_role

LEAD = 3
"""How many statements at the start announce the news; the inverted pyramid of a release puts it there."""

_ITEM = re.compile(r"\s*(?:[-•*▪◦–]|\d{1,2}[.)])\s+")
_HEADING = re.compile(r"^(?:#{1,6}\s+(.+?)\s*#*|\*\*([^*\n]{3,80})\*\*:?|([^\n]{3,60}؟))$", re.MULTILINE)
"""A marked heading, a line in bold, or one that asks («ما الذي تحقق في 2022؟»)."""
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
    funders = set().union(*(_funders(release, s, country) for s in bare[:LEAD]))
    default = next((d for d in donors if not any(related(d, f) for f in funders)), None)
    statements = _with_currencies(release, _with_tables(release, bare))
    shared = bool(funders) or _listed_funders(release, bare, country)
    statements = _one_main(
        [
            _with_roles(release, s, i, bool(donors), default, shared, recipients, country)
            for i, s in enumerate(statements)
        ]
    )
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
        for country, weight in countries_of(text):
            votes[country] += weight
    return votes.most_common(1)[0][0] if votes else None


def _read(
    release: Release, start: int, end: int, country: str | None, headings: Sequence[tuple[int, str]]
) -> Statement:
    """The statement's figures, times and names, the figures without their roles; `headings` with where they end."""
    reading = read(release.text[start:end], country)
    line = release.text.rfind("\n", 0, start) + 1
    listed = reading.kind == "sentence" and _ITEM.match(release.text, line, end)
    above = [heading for at, heading in headings if at <= start] if headings else ()
    figures = [
        Figure(f.kind, f.value, f.unit, f.noun, start + f.start, start + f.end, f.upper, f.qualifier)
        for f in reading.figures
    ]
    times = [Time(t.kind, start + t.start, start + t.end, t.first, t.last, t.months) for t in reading.times]
    if reading.relative and release.date is not None:
        times += _relative_times(release.date, reading.relative, start)
        times.sort(key=lambda t: t.start)
    named = [Named(n.entity, start + n.start, start + n.end) for n in reading.named]
    return Statement(
        start, end, "item" if listed else reading.kind, above[-1] if above else "",
        tuple(figures), tuple(times), tuple(named), reading.cues,
    )  # fmt: skip


def _relative_times(date: datetime.date, relative: Iterable[tuple[str, int, int]], offset: int) -> list[Time]:
    """«الشهر الماضي», «العام السابق» and the like, reckoned from the release's date."""
    points = {
        "last_month": (date.year, date.month - 1, 0) if date.month > 1 else (date.year - 1, 12, 0),
        "last_year": (date.year - 1, 0, 0),
        "this_year": (date.year, 0, 0),
    }
    return [Time("date", offset + a, offset + b, points[name], points[name]) for name, a, b in relative]


def _with_currencies(release: Release, statements: list[Statement]) -> list[Statement]:
    """A bare «جنيه» or «دينار» is the one that the release names in full, «جنيه إسترليني», if it names only one."""
    amounts = [f for s in statements for f in s.figures if f.kind == "amount"]
    if len({f.unit for f in amounts}) < 2:
        return statements
    named: dict[str, set[str]] = {}
    for figure in amounts:
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
            statement = replace(statement, figures=tuple(figure._replace(unit=unit) for figure, unit in figures))
        result.append(statement)
    return result


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
        told = [f._replace(role=column.role, years=column.years) if f.kind != "amount" else f for f in inside]
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
    given: bool,
    default: str | None,
    shared: bool,
    recipients: tuple[str, ...],
    country: str | None,
) -> Statement:
    """The statement with what each of its amounts is, who gave it and who received it.

    `given` tells whether the release names anybody who gives, `default` who gives what no words give to another,
    `shared` whether several give to the same project: nobody gives its whole cost.
    """
    if not statement.figures:
        return statement
    figures: list[Figure] = []
    text = fold(release.text[statement.start : statement.end])
    before = 0
    for place, figure in enumerate(statement.figures, 1):
        start, end = figure.start - statement.start, figure.end - statement.start
        following = (f.start for f in statement.figures[place:] if f.start >= figure.end)
        after = next(following, statement.end) - statement.start
        words, sentence = text.between(before, start), text.between(0, start)
        years = figure.years or _years(release, statement, index, before, end, after)
        before = max(before, end)
        if figure.kind != "amount":
            role = figure.role
            if role == "background":
                role = count_role(words, text.between(end, after), sentence, statement.cues)
            figures.append(_told(figure, role, years))
            continue
        role = figure.role
        if role == "background":
            large = figure.value >= _NO_WAGE * _SMALL.get(figure.unit, 10_000)
            cues = statement.cues - {"subgrant"} if large else statement.cues  # «بما فيها أجور النقل 41 مليون ريال»
            role = amount_role(words, text.between(end, after), figure, figures, sentence, cues)
            if statement.kind != "sentence" and role in {"background", "grant"} and not _TOTAL_ROW.match(text.text):
                role = "component"  # items and rows share out what was announced above them
        if role == "cumulative" and index < LEAD - 1 and _NEWS_IN_ALL.search(sentence):
            role = "grant"  # «ثلاث منح مجموعها 134.5 مليون» are announced together
        small = figure.value < _SMALL.get(figure.unit, 10_000)
        if small and role in {"grant", "component", "background"} and not misprinted(figure, words):
            role = "subgrant"  # wages, prices, cash for a family: no donor gives a programme so little
        costs = shared and _COSTS.search(words) is not None
        donor = _of_currency(statement, figure, country)
        donor = donor or _giver(release, statement, figure, country, None if costs else default)
        others = [r for r in recipients if r != donor]  # a fund that gives receives nothing of it
        recipient = _receiver(statement, figure, text, donor) or (others[0] if others else None)
        if role == "background" and index < 2 and not any(f.kind == "amount" for f in figures):
            role = (
                "component" if statement.kind != "sentence" else "grant"
            )  # the first sum of a release is its news, whatever verb announces it
        if role == "grant" and FROM.search(words) and _UP_TO.match(text.between(end, after)):
            role = "background"  # «من 10 ملايين إلى 12 مليون دولار»: what it was
        main = role == "grant" and index < LEAD and not any(f.main for f in figures) and given
        figures.append(_told(figure, role, years, donor, recipient, main=main))
    figures = _with_share(figures, announced=index < LEAD and given)
    return Statement(
        statement.start, statement.end, statement.kind, statement.section, tuple(figures), statement.times,
        statement.named, statement.cues,
    )  # fmt: skip


def _told(
    figure: Figure,
    role: Role,
    years: tuple[int, ...],
    donor: str | None = None,
    recipient: str | None = None,
    *,
    main: bool = False,
) -> Figure:
    """The figure with what the words around it tell."""
    return Figure(
        figure.kind, figure.value, figure.unit, figure.noun, figure.start, figure.end, figure.upper, figure.qualifier,
        role, donor, recipient, years, main,
    )  # fmt: skip


def _with_share(figures: list[Figure], *, announced: bool) -> list[Figure]:
    """«60 في المئة من كلفة قدرها 10 ملايين، أي 6 ملايين»: the share is the grant, the whole the package that holds it."""
    amounts = [f for f in figures if f.kind == "amount" and f.upper is None]
    for percent in (f for f in figures if f.kind == "percent" and f.upper is None):
        for whole, share in permutations(amounts, 2):
            if whole.unit == share.unit and 0 < share.value < whole.value == share.value * 100 / (percent.value or 1):
                news = announced and not any(f.main and f not in {whole, share} for f in figures)
                changed = {
                    whole: whole._replace(role="package", main=False),
                    share: share._replace(role="grant", main=news),
                }
                return [changed.get(f, f) for f in figures]
    return figures


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
            figures = tuple(f._replace(role=role) if f in untold else f for f in statement.figures)
            statement = replace(statement, figures=figures)
        result.append(statement)
    return result


_COSTS = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:كلف|تكلف|ميزاني|موازن)(?:ه|ت)\w*(?!\w)")


def misprinted(figure: Figure, before: str) -> bool:
    """Whether a sum, with the folded text before it, seems to lack its magnitude: «كلفة البرنامج الوطني بلغت 23.9 دولار»
    is no price.
    """
    if figure.value >= _FEW or figure.value == figure.value.to_integral_value():
        return False
    return _WHOLE.search(before) is not None and _APIECE.search(before) is None


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
    lead = [
        replace(s, figures=tuple(f._replace(main=False) if f.main and f is not keep else f for f in s.figures))
        for s in statements[:LEAD]
    ]
    return lead + statements[LEAD:]


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


def _receiver(statement: Statement, figure: Figure, text: Folded, donor: str | None) -> str | None:
    """The receiver, not the donor itself, that stands nearest to the figure, those before it first."""
    offset = statement.start
    names = [n for n in statement.named if is_receiver(entity(n.entity)) and n.entity != donor]
    before = [n for n in names if n.end <= figure.start]
    after = [n for n in names if n.start >= figure.end]
    best = before[-1] if before else after[0] if after else None
    if after and _TO_WHOM.match(text.between(figure.end - offset, after[0].start - offset)):
        best = after[0]  # «2.9 مليون لليونيسف و1.8 مليون لمنظمة الصحة العالمية»
    return best.entity if best else None


_TO_WHOM = re.compile(
    r"^\s*(?:[،,]?\s*(?:و|ف)?(?:س?[يت]ذهب|ذهب|ذهبت|خصص\w*|مخصص\w*|موجه\w*|دفع\w*|قدم\w*|منح\w*|كامله|نقدا)\s+){0,2}(?:ل|لل|الي|لصالح|لفائده|عبر|بواسطه|to|for|through)\s*(?:\w+\s+){0,1}$"
)


def _giver(
    release: Release, statement: Statement, figure: Figure, country: str | None, default: str | None
) -> str | None:
    """Who gives an amount, by its own words first: «9.8 مليون من الوزارة و2.6 مليون من الاتحاد، وتتحمل الحكومة مليوناً».

    The state of the aided country is that country; an authority or the people themselves are nobody known.
    """
    givers = [n for n in statement.named if is_giver(entity(n.entity)) and n.entity != country]
    start, end = own_span(release.text, statement, figure)
    tail = release.text[figure.end : end]
    after = [n for n in givers if figure.end <= n.start < end]
    begun = comes_from(tail)
    if after and begun and 0 <= tail.count(" ", begun, after[0].start - figure.end) <= _BESIDE:
        return after[0].entity
    if after and not release.text[figure.end : after[0].start].strip(" ال"):
        return after[0].entity  # «تدفع اليابان 3 ملايين، ومليونين الاتحاد الأوروبي»
    if _own_ministry(release.text, statement, givers, (start, end), figure):
        return country
    own = [n for n in givers if start <= n.start and n.end <= figure.start]
    if own and not payer_classes(release.text[own[-1].end : figure.start], "") - {"state"}:
        return own[-1].entity  # «قال مسؤول في وكالة الإمارات إن الدولة تعهدت …»: their own state
    if classes := payer_classes(release.text[start : figure.start], tail):
        return country if classes == {"state"} else None
    if _REST.search(normalize(release.text[start : figure.start])) and not _FOR.match(normalize(tail)):
        return None
    before = [n for n in givers if n.end <= figure.start]
    if before or default:
        return before[-1].entity if before else default
    following = min((f.start for f in statement.figures if f.start >= figure.end), default=statement.end)
    return next((n.entity for n in givers if figure.end <= n.start < following), None)


def _own_ministry(
    text: str, statement: Statement, givers: Sequence[Named], own: tuple[int, int], figure: Figure
) -> bool:
    """Whether a ministry pays an amount that is no donor's: no giver stands beside its name."""
    before, after = text[own[0] : figure.start], text[figure.end : own[1]]
    return any(
        entity(n.entity).kind == "ministry"
        and own[0] <= n.start < own[1]
        and not any(0 <= g.start - n.end <= _BESIDE_A_MINISTRY for g in givers)
        and pays(text[n.start : n.end], before, after)
        for n in statement.named
    )


_BESIDE_A_MINISTRY = 20
"""Characters after a ministry's name within which its country stands: «وزارة الخارجية في لوكسمبورغ»."""


def _funders(release: Release, statement: Statement, country: str | None) -> set[str]:
    """The givers of a sentence that gives several of them a sum of their own: none of them gave the release's grant."""
    amounts = [f for f in statement.figures if f.kind == "amount"]
    if len(amounts) < 2 or not _names_a_giver([statement]):
        return set()
    found = {_giver(release, statement, f, country, None) for f in amounts}
    return {f for f in found if f is not None} if len(found - {None}) > 1 else set()


def _listed_funders(release: Release, statements: Sequence[Statement], country: str | None) -> bool:
    """Whether a list of items gives sums to several givers."""
    for sentence, run in groupby(statements, key=lambda s: s.kind == "sentence"):
        items = [s for s in run if any(f.kind == "amount" for f in s.figures)]
        if sentence or len(items) < 2 or not _names_a_giver(items):
            continue
        found = {_giver(release, s, f, country, None) for s in items for f in s.figures if f.kind == "amount"}
        if len(found - {None}) > 1:
            return True
    return False


def _names_a_giver(statements: Iterable[Statement]) -> bool:
    return any(is_giver(entity(n.entity)) for s in statements for n in s.named)


_REST = re.compile(r"(?<!\w)[وفب]?ال(?:باقي|متبقي|بقيه)(?!\w)")
"""Who pays the rest is none of those who pay something else."""
_FOR = re.compile(r"\W*ل\w{3}")
"""«والباقي، وهو 3.5 مليون، للإدارة» is the rest of the same money."""
_BESIDE = 2
"""Words that may stand between «من» and the giver's name."""


def own_span(text: str, statement: Statement, figure: Figure) -> tuple[int, int]:
    """What of a statement is said of one of its figures; other figures of its kind end it."""
    others = [(f.start, f.end) for f in statement.figures if f.kind == figure.kind and f.start != figure.start]
    names = [(n.start, n.end) for n in statement.named]
    return own_words(text, statement.start, statement.end, (figure.start, figure.end), others, names)


def _years(release: Release, statement: Statement, index: int, before: int, end: int, after: int) -> tuple[int, ...]:
    """The years that the words around a figure give to it; a dateline gives none.

    The figure ends at `end`, the figures beside it at `before` and begin at `after`, all from the statement's start.
    """
    years: list[int] = []
    if not statement.times:
        return ()
    aside = _ASIDE.search(release.text, statement.start + end, statement.start + after)
    after = aside.start() - statement.start if aside else after
    for time in statement.times:
        if not (before <= time.start - statement.start < after) or time.kind in {"since", "duration"}:
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
    shared = False
    for statement in statements:
        parts = [f for f in statement.figures if f.kind == "amount" and f.unit == main.unit and not f.main]
        if len(parts) > 1 and sum((f.value for f in parts), Decimal(0)) == main.value:
            givers = {f.donor for f in parts}
            shared |= len(givers) > 1 and any(main.donor and g and related(main.donor, g) for g in givers)
            figures = tuple(f._replace(role="component") if f in parts else f for f in statement.figures)
            statement = replace(statement, figures=figures)
        result.append(statement)
    if shared:  # several give what adds up to the announced sum: it is nobody's alone
        of_all = [tuple(f._replace(donor=None) if f.main else f for f in s.figures) for s in result]
        result = [replace(s, figures=figures) for s, figures in zip(result, of_all, strict=True)]
    return result
