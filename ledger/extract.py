"""From a release to its facts, by rules over words, numbers, dates and names."""

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, permutations

from arabic.amounts import find_currencies
from arabic.cues import groups_in
from arabic.normalize import fold, normalize
from arabic.orders import paragraph, speaks_to_a_model
from arabic.sentences import split_sentences
from ledger import parties
from ledger.facts import LEAD, Facts, Figure, Named, Role, Statement, Time
from ledger.gazetteer import find_mentions, related
from ledger.proposals import with_proposals
from ledger.reading import FROM, countries_of, read
from ledger.release import Release
from ledger.roles import amount_role, count_role
from ledger.tables import TOTAL_ROW, with_tables

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
    donors, recipients = parties.announced(bare[:LEAD], headline, country)
    funders = set().union(*(parties.funders(release, s, country) for s in bare[:LEAD]))
    default = next((d for d in donors if not any(related(d, f) for f in funders)), None)
    statements = _with_currencies(release, with_tables(release, bare))
    shared = bool(funders) or parties.listed_funders(release, bare, country)
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
            if statement.kind != "sentence" and role in {"background", "grant"} and not TOTAL_ROW.match(text.text):
                role = "component"  # items and rows share out what was announced above them
        if role == "cumulative" and index < LEAD - 1 and _NEWS_IN_ALL.search(sentence):
            role = "grant"  # «ثلاث منح مجموعها 134.5 مليون» are announced together
        small = figure.value < _SMALL.get(figure.unit, 10_000)
        if small and role in {"grant", "component", "background"} and not misprinted(figure, words):
            role = "subgrant"  # wages, prices, cash for a family: no donor gives a programme so little
        costs = shared and _COSTS.search(words) is not None
        donor = parties.of_currency(statement, figure, country)
        donor = donor or parties.giver(release, statement, figure, country, None if costs else default)
        others = [r for r in recipients if r != donor]  # a fund that gives receives nothing of it
        recipient = parties.receiver(statement, figure, text, donor) or (others[0] if others else None)
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
