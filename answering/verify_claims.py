"""Whether what a sentence states stands in its quotes: figures, dates, periods, shares, names, denials."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from answering.verify_quotes import Piece
from answering.verify_reading import (
    Date,
    Length,
    Point,
    Quantity,
    Reading,
    Stretch,
    is_duration,
    read,
    share_percent,
    table,
    units_named,
)
from answering.verify_types import FaultKind, Total
from arabic.dates import find_dates
from arabic.normalize import normalize
from arabic.stem import light10, skeleton
from arabic.stopwords import is_stopword
from ledger.gazetteer import ancestors, find_mentions

Found = tuple[FaultKind, str]
"""What is wrong and the words concerned."""

_STRICT = frozenset({"more_than", "less_than"})
_JOINED = re.compile(r"\s*(?:[-–—/]|الي|حتي|لغايه|و|to|until|till|through|and)\s*(?:عام\s+|سنه\s+|نهايه\s+|شهر\s+)*")
_CLAUSE = re.compile(r"[،؛,;.:]")
_REACHED = "بلغ"
"""Says how many there are, too: «لم يبلغ هدفه» denies no «بلغ العدد 64»."""
_MARKS = '.,،؛:!؟?()[]«»"“”'


def claim_faults(text: str, quoted: Sequence[Piece], totals: Sequence[Total]) -> Iterator[Found]:
    """Everything that the text states and the quoted sentences do not."""
    claims = read(text)
    for quantity in claims.quantities:
        yield from _quantity_faults(text, quantity, claims, quoted, totals)
    yield from _date_faults(text, claims, quoted)
    yield from _unread_digits(text, claims, quoted)
    for length in _stated_lengths(claims):
        counted = [q for q in claims.quantities if length.start <= q.start and q.end <= length.end]
        if not any(length.months == other.months for p in quoted for other in p.reading.lengths) and not any(
            occurrence for q in counted for occurrence in occurrences(q, quoted)
        ):
            yield "period", text[length.start : length.end]
    for share in claims.shares:
        if not any(_has_share(p, share.group) for p in quoted):
            yield "share", text[share.start : share.end]
    for crowd in claims.crowds:
        if not any(crowd.group == other.group for p in quoted for other in p.reading.crowds):
            yield "crowd", text[crowd.start : crowd.end]
    yield from _name_faults(text, claims, quoted)
    if claims.negations and not any(p.reading.negations for p in quoted):
        first = claims.negations[0]
        yield "denial", text[first.start : first.end]
    elif not claims.negations and (denied := _affirmed(text, quoted)):
        yield "denial", denied


def _unread_digits(text: str, claims: Reading, quoted: Sequence[Piece]) -> Iterator[Found]:
    """Figures that no reading knows («8020» where a year is meant): they have to stand in a quote as they are."""
    spans = [
        (x.start, x.end)
        for g in (claims.quantities, claims.dates, claims.stretches, claims.lengths, claims.names)
        for x in g
    ]
    for match in re.finditer(r"\d+", text):
        if any(a <= match.start() and match.end() <= b for a, b in spans):
            continue
        digits = normalize(match.group())
        if not any(re.search(rf"(?<!\d){digits}(?!\d)", normalize(f"{p.text} {p.source.title}")) for p in quoted):
            yield "number", match.group()


def same(claim: Quantity, other: Quantity, piece: Piece) -> bool:
    """Whether a quoted quantity is the claimed one, in value, unit and currency."""
    if (claim.value, claim.upper) != (other.value, other.upper):
        return False
    if claim.kind == "number":
        return other.kind in {"number", "count", "amount"}
    if claim.kind == "amount" and other.kind == "number":  # «31 مليون دولار … سوى 12 مليوناً»
        return any(q.kind == "amount" and q.unit == claim.unit for q in piece.quantities)
    if claim.kind == "count" and other.kind == "number":  # «1.35 مليون شخص، أي بزيادة 150 ألفاً» counts no families
        return claim.unit == "other" or claim.unit in units_named(piece.text)
    if claim.kind == "amount" and other.kind == "amount":
        if claim.money and claim.money in {
            w.rstrip("ا") for w in normalize(piece.text[other.start : other.end]).split()
        }:
            return True  # «كرونة» of what the quote calls «كرونة دنماركية»
        return claim.unit == other.unit or claim.unit == _local(other, piece)
    return claim.kind == other.kind and claim.unit == other.unit


def _local(amount: Quantity, piece: Piece) -> str:
    """The currency of a bare «دينار» in the country that the release is about."""
    from arabic.amounts import find_amounts

    for found in find_amounts(piece.text, country=piece.source.country):
        if (found.start, found.value) == (amount.start, amount.value):
            return found.currency
    return amount.unit


def occurrences(claim: Quantity, quoted: Sequence[Piece]) -> Iterator[tuple[Piece, Quantity]]:
    """Where the quoted sentences state the claimed quantity, what they deny left out."""
    for piece in quoted:
        for other in piece.quantities:
            if same(claim, other, piece):
                yield piece, other


def _quantity_faults(
    text: str, claim: Quantity, claims: Reading, quoted: Sequence[Piece], totals: Sequence[Total]
) -> Iterator[Found]:
    words = text[claim.start : claim.end]
    if claim.kind == "number" and claim.value == 1 and not any(c.isdigit() for c in words):
        return  # «one of the …»
    found = list(occurrences(claim, quoted))
    if is_duration(claim) and any(claim.start < p.end and p.start < claim.end for p in _stated_lengths(claims)):
        spread = normalize(text[: claim.start]).rstrip().endswith("over")  # «over ten months» is no more than ten
        if claim.qualifier in _STRICT and not spread and all(o.qualifier != claim.qualifier for _, o in found):
            yield "qualifier", words
        return  # its length is judged by itself
    if claim.kind == "percent" and not found:
        found = [
            (p, claim) for p in quoted if any(_near(share_percent(s.group), claim.value) for s in p.reading.shares)
        ]
    if not found:
        if not any(_is_total(claim, total, quoted) for total in totals):
            yield claim.kind, words
        return
    if claim.qualifier in _STRICT and all(other.qualifier != claim.qualifier for _, other in found):
        yield "qualifier", text[max(0, claim.start - 15) : claim.end]
    if not claims.negations and all(_denied(p, other) for p, other in found):
        yield "denial", words


def _is_total(claim: Quantity, total: Total, quoted: Sequence[Piece]) -> bool:
    if claim.value != total.value or claim.upper is not None:
        return False
    if claim.kind in {"amount", "count"} and claim.unit != total.unit:
        return False
    return claim.kind in {"amount", "count", "number"} and all(
        any(
            p.source.release == release and p.source.start + p.start <= start and end <= p.source.start + p.end
            for p in quoted
        )
        for release, start, end in total.parts
    )


def _denied(piece: Piece, quantity: Quantity) -> bool:
    """Whether the clause before a quoted figure denies it; «لم نتسلم سوى 12 مليوناً» does not."""
    exceptions = table()["exceptions"]
    assert isinstance(exceptions, list)
    before = piece.text[: quantity.start]
    begin = max((m.end() for m in _CLAUSE.finditer(before)), default=0)
    denials = [n for n in piece.reading.negations if n.group == "no" and begin <= n.start and n.end <= quantity.start]
    if not denials:
        return False
    between = normalize(before[denials[-1].end :]).split()
    return not any(word in {normalize(str(e)) for e in exceptions} for word in between)


def _affirmed(text: str, quoted: Sequence[Piece]) -> str | None:
    """The verb that every quote holding it denies («لم يتمكن») and the sentence says without a denial («تمكن»)."""
    exceptions = table()["exceptions"]
    assert isinstance(exceptions, list)
    let = {normalize(str(e)) for e in exceptions}
    mine = {bones for word in normalize(text).split() if (bones := skeleton(light10(word.strip(_MARKS))))}
    for piece in quoted:
        for negation in piece.reading.negations:
            if negation.group != "no" or not piece.text[negation.start : negation.end].strip():
                continue
            rest = _CLAUSE.split(piece.text[negation.end :])[0]
            words = normalize(rest).split()
            if not words or let & set(words):
                continue
            verb = skeleton(light10(words[0].strip(_MARKS)))
            others = {
                skeleton(light10(w.strip(_MARKS)))
                for p in quoted
                for w in normalize(p.text if p is not piece else p.text[: negation.start]).split()
            }
            if verb and verb != _REACHED and verb in mine and verb not in others:
                return rest.split()[0]
    return None


def _near(a: Decimal, b: Decimal) -> bool:
    return abs(a - b) < 1


def _has_share(piece: Piece, group: str) -> bool:
    if any(s.group == group for s in piece.reading.shares):
        return True
    return any(q.kind == "percent" and _near(q.value, share_percent(group)) for q in piece.quantities)


def _stated_lengths(claims: Reading) -> list[Length]:
    """Durations in words; the length of a from-to range is no claim of its own."""
    ranges = [(s.start, s.end) for s in claims.stretches]
    return [p for p in claims.lengths if not any(p.start < b and a < p.end for a, b in ranges)]


def covers(claim: Point, have: Point) -> bool:
    """Whether a date says all that the claimed one says: «May 2022» stands in «17 May 2022»."""
    return all(want in (0, got) for want, got in zip(claim, have, strict=True))


def _date_faults(text: str, claims: Reading, quoted: Sequence[Piece]) -> Iterator[Found]:
    for date in claims.dates:
        words = text[date.start : date.end]
        counted = words.strip().isdecimal() and any(q.value == date.point[0] for p in quoted for q in p.quantities)
        if not (counted or any(_dated(date.point, p, quoted) for p in quoted)) or _two_months(words):
            yield "date", words
    for stretch in claims.stretches:
        if not any(_stretched(stretch, p) for p in quoted) and not _two_points(stretch, quoted):
            yield "period", text[stretch.start : stretch.end]
    for a, b in pairwise(claims.dates):
        if _joined(text, a, b) and a.point[0] and b.point[0] and a.point > b.point and not _printed_so(a, b, quoted):
            yield "period", text[a.start : b.end]


def _two_months(words: str) -> bool:
    """Whether «أيار/أكتوبر» or «أيار (أكتوبر)» puts two months in the place of one month's two names."""
    parts = re.split(r"[/(]", words)
    months = {d.month for part in parts for d in find_dates(f"شهر {part.strip()}") if d.month}
    return len(parts) > 1 and len(months) > 1


def _dated(claim: Point, piece: Piece, quoted: Sequence[Piece]) -> bool:
    for date in piece.reading.dates:
        if covers(claim, date.point):
            return True
        if not date.point[0] and claim[0] and covers((0, *claim[1:]), date.point):
            release = [p for p in quoted if p.source.release == piece.source.release]
            if any(d.point[0] == claim[0] for p in release for d in p.reading.dates):
                return True  # «14 أغسطس», of a year that the same release is quoted with
    return False


def _stretched(claim: Stretch, piece: Piece) -> bool:
    return any(covers(claim.first, s.first) and covers(claim.last, s.last) for s in piece.reading.stretches)


def _two_points(claim: Stretch, quoted: Sequence[Piece]) -> bool:
    """A range put together from a start and an end that are stated each by itself, in one release."""
    for release in {p.source.release for p in quoted}:
        alone = [
            d.point
            for p in quoted
            if p.source.release == release
            for d in p.reading.dates
            if not any(s.start <= d.start < s.end for s in p.reading.stretches)
        ]
        if any(covers(claim.first, p) for p in alone) and any(covers(claim.last, p) for p in alone):
            return True
    return False


def _joined(text: str, a: Date, b: Date) -> bool:
    return _JOINED.fullmatch(normalize(text[a.end : b.start])) is not None


def _printed_so(a: Date, b: Date, quoted: Sequence[Piece]) -> bool:
    """Whether a quote prints the later date before the earlier one, too («2021 و2019»)."""
    for piece in quoted:
        pairs = [(x, y) for x, y in pairwise(piece.reading.dates) if _joined(piece.text, x, y)]
        if any(covers(a.point, x.point) and covers(b.point, y.point) for x, y in pairs):
            return True
    return False


def _name_faults(text: str, claims: Reading, quoted: Sequence[Piece]) -> Iterator[Found]:
    known: set[str] = set()
    printed: list[str] = []
    for piece in quoted:
        names = [n.entity for n in piece.reading.names]
        names += [m.entity.id for m in find_mentions(piece.source.title)]
        known |= {a for n in names for a in (n, *ancestors(n))}
        printed.append(f" {normalize(piece.text)} {normalize(piece.source.title)} ")
    for name in claims.names:
        words = text[name.start : name.end]
        if name.entity not in known and not (
            len(words) > 3 and not is_stopword(normalize(words)) and any(f" {normalize(words)} " in p for p in printed)
        ):
            yield "name", words
