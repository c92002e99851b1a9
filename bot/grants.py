"""The ledger in a chat: donors with their sums, grants by donor, recipient, place and year."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from arabic.bidi import strip_controls
from arabic.normalize import normalize
from arabic.stopwords import is_stopword
from bot.citing import web
from bot.render import one_style
from bot.richtext import Rich, Run, bold, lines, rich
from bot.texts import Wording
from ledger.export import GRANTS, nation
from ledger.gazetteer import descendants, entity, find_mentions
from ledger.links import at_quote
from ledger.money import say
from ledger.rows import Filter, Row, Total
from ledger.store import Ledger

A_PAGE = 6
"""Grants on a page: with their sources they fill a phone's screen."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Donor:
    """A donor (gazetteer id, empty where none is named), how many grants it announced and their sum in each currency."""

    id: str
    grants: int
    sums: tuple[Total, ...]

    def name(self, t: Wording) -> str:
        """As people of the language call it."""
        return entity(self.id).display(t.language) if self.id else t("donor_unnamed")


def donors(ledger: Ledger) -> list[Donor]:
    """Every donor, those with most grants first; agencies and banks of a state count as it. Reposts, packages and
    cumulative totals are left out, and currencies are never added to each other."""
    found: dict[str, list[Row]] = {}
    for row in ledger.rows(GRANTS):
        if row.value is not None:
            found.setdefault(nation(row.donor), []).append(row)
    known = [Donor(name, len(rows), _totals(rows)) for name, rows in found.items()]
    return sorted(known, key=lambda d: (not d.id, -d.grants, d.id))


def _totals(rows: Iterable[Row]) -> tuple[Total, ...]:
    sums: dict[str, tuple[Decimal, int]] = {}
    for row in rows:
        value, count = sums.get(row.unit, (Decimal(0), 0))
        sums[row.unit] = (value + (row.value or Decimal(0)), count + 1)
    return tuple(Total(u, v, n) for u, (v, n) in sorted(sums.items(), key=lambda i: (-i[1][1], i[0])))


def donors_text(found: Sequence[Donor], t: Wording) -> Rich:
    """The donors, one a line."""
    rows: list[Rich] = [t.rich("donors_head", n=len(found)), rich("")]
    for donor in found:
        sums = t("plus").join(say(s.value, s.unit, t.language) for s in donor.sums)
        rows.append(rich("• ", bold(donor.name(t)), ": ", t("count_grants", n=donor.grants), t("comma"), sums))
    return lines(*rows, "", t.rich("donors_note"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What words after /ledger ask for: the filter, how it was understood, and the words that were not."""

    wanted: Filter
    names: tuple[str, ...]
    unknown: tuple[str, ...]


def understood(text: str, ledger: Ledger, t: Wording) -> Asked:
    """Names of donors, recipients and places in any of the languages, near misses too; years and spans of years.

    A country where aid is spent is a place; another name is a donor if it gives anywhere in the ledger, else a recipient.
    """
    text = strip_controls(text)
    giving = {donor for donor in (r.donor for r in ledger.rows(GRANTS)) if donor}
    found: dict[str, list[str]] = {"donors": [], "recipients": [], "places": []}
    names: list[str] = []
    rest = text
    for mention in reversed(find_mentions(text, fuzzy=True)):
        item = mention.entity
        if item.kind == "place" or "receives" in item.roles:
            side = "places"
        else:
            gives = bool(giving & set(descendants(item.id)))
            side = "donors" if gives else "recipients"
        found[side].append(item.id)
        names.insert(0, item.display(t.language))
        rest = rest[: mention.start] + " " + rest[mention.end :]
    years = sorted(int(y) for y in _YEAR.findall(one_style(rest)))
    if years:
        names.append(str(years[0]) if years[0] == years[-1] else f"{years[0]}–{years[-1]}")
    unknown = tuple(w for w in _WORD.findall(rest) if not is_stopword(normalize(w)))
    wanted = replace(
        GRANTS,
        donors=tuple(found["donors"]),
        recipients=tuple(found["recipients"]),
        places=tuple(found["places"]),
        first_year=years[0] if years else None,
        last_year=years[-1] if years else None,
    )
    return Asked(wanted, tuple(dict.fromkeys(names)), unknown)


def grants(ledger: Ledger, wanted: Filter) -> list[Row]:
    """The grants that match, newest first."""
    rows = [r for r in ledger.rows(wanted) if r.value is not None]
    return sorted(rows, key=lambda r: (-(r.first_year or 0), r.release, r.start))


def grants_text(ledger: Ledger, asked: Asked, page: int, t: Wording) -> Rich:
    """A page of grants, each with its parties, year and source, and the totals of all that match."""
    rows = grants(ledger, asked.wanted)
    head = t.rich(
        "ledger_head", count=t("count_grants", n=len(rows)), names=t("comma").join(asked.names) or t("ledger_all")
    )
    out: list[Rich] = [head]
    if asked.unknown:
        out.append(t.rich("ledger_unknown", words=t("comma").join(asked.unknown)))
    for row in rows[page * A_PAGE : (page + 1) * A_PAGE]:
        out += [rich(""), *_grant(ledger, row, t)]
    if len(rows) > 1:
        totals = t("plus").join(say(s.value, s.unit, t.language) for s in _totals(rows))
        out += [rich(""), t.rich("ledger_totals", totals=totals)]
    return lines(*out)


def _grant(ledger: Ledger, row: Row, t: Wording) -> list[Rich]:
    release = ledger.release(row.release)
    quote = release.text[row.quote_start : row.quote_end]
    title = " ".join(one_style(release.title).split())
    href = at_quote(release.url, quote) if release.url and web(release.url) else ""
    amount = say(row.value or Decimal(0), row.unit, t.language)
    if row.upper is not None:
        amount = t("range", first=amount, last=say(row.upper, row.unit, t.language))
    donor = entity(row.donor).display(t.language) if row.donor else t("donor_unnamed")
    parties = (
        t("gives_to", donor=donor, recipient=entity(row.recipient).display(t.language)) if row.recipient else donor
    )
    year = f" · {row.first_year}" if row.first_year else ""
    return [rich("▪️ ", bold(amount)), rich(parties, year), rich(Run(title, href=href, italic=not href))]
