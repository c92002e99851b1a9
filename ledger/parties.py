"""Who gives and who receives: of a whole release by its headline and lead, of one figure by the names around it.

What the words themselves say of who pays is read in ledger/payers.py.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from arabic.normalize import Folded, normalize
from ledger.facts import Figure, Named, Statement
from ledger.gazetteer import Entity, ancestors, entity
from ledger.payers import comes_from, own_words, payer_classes, pays
from ledger.release import Release


def is_giver(item: Entity) -> bool:
    """Whether such an entity gives money in releases."""
    if item.kind == "country":
        return "receives" not in item.roles
    return bool(item.roles & {"donor", "bank"})


def is_receiver(item: Entity) -> bool:
    """Whether such an entity receives and spends it."""
    return item.kind == "organisation" and bool(item.roles & {"agency", "programme", "fund", "ngo"})


def announced(
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


def of_currency(statement: Statement, figure: Figure, country: str | None) -> str | None:
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


def receiver(statement: Statement, figure: Figure, text: Folded, donor: str | None) -> str | None:
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


def giver(
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


def funders(release: Release, statement: Statement, country: str | None) -> set[str]:
    """The givers of a sentence that gives several of them a sum of their own: none of them gave the release's grant."""
    amounts = [f for f in statement.figures if f.kind == "amount"]
    if len(amounts) < 2 or not _names_a_giver([statement]):
        return set()
    found = {giver(release, statement, f, country, None) for f in amounts}
    return {f for f in found if f is not None} if len(found - {None}) > 1 else set()


def listed_funders(release: Release, statements: Sequence[Statement], country: str | None) -> bool:
    """Whether a list of items gives sums to several givers."""
    for sentence, run in groupby(statements, key=lambda s: s.kind == "sentence"):
        items = [s for s in run if any(f.kind == "amount" for f in s.figures)]
        if sentence or len(items) < 2 or not _names_a_giver(items):
            continue
        found = {giver(release, s, f, country, None) for s in items for f in s.figures if f.kind == "amount"}
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
