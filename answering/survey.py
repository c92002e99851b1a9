"""Questions to all releases at once, answered from the ledger: totals, the largest donor, tables, what ends when."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from answering.answer import Answer, Ask, Citation, Plan
from answering.question import Question, When
from answering.updates import takes_up
from arabic.analyzer import content_stems
from arabic.cues import load_cues, load_yaml
from arabic.lexicon import translate
from arabic.normalize import normalize
from ledger.gazetteer import ancestors, descendants, entity
from ledger.money import say
from ledger.rows import Filter, Row
from ledger.store import Ledger

_MOST = 12
"""How many rows an answer tells; the rest is counted, and `sanad ledger` shows it."""
_TOP = 5


@dataclass(frozen=True, slots=True)
class _Told:
    """A line of the answer and the rows that it stands on."""

    text: str
    rows: tuple[Row, ...]


def survey(ask: Ask, question: Question, ledger: Ledger) -> Answer | None:
    """The answer to a question about all releases; None where it is none, or where the ledger has nothing to say."""
    tell = _told_by(question)
    return tell(ask, question, ledger) if tell else None


def asks_all(question: Question) -> bool:
    """Whether a question is to all releases, whatever was spoken of before it."""
    return _told_by(question) is not None


def asks_trend(question: Question) -> bool:
    """Whether a question asks how somebody's grants went over the years."""
    return load_cues("answering", "survey.yaml")["trend"].search(question.standard) is not None


_Tell = Callable[[Ask, Question, Ledger], Answer | None]


def _told_by(question: Question) -> _Tell | None:
    """What tells the answer to a question about all releases; None for a question of another sort."""
    cues = {
        group for group, pattern in load_cues("answering", "survey.yaml").items() if pattern.search(question.standard)
    }
    cues -= {"filler"}
    if not cues or "one" in cues or specific(question) or any(w.first[1] and w.first == w.last for w in question.times):
        return None
    plural = _plural(question)
    if plural and cues & {"projects", "grants"}:
        for group, column in (("ending", "last"), ("starting", "first")):
            if group in cues and question.times and "period" not in question.leads:
                return partial(_dated, column=column)
        if "running" in cues and question.times:
            return partial(_dated, column="both")
    if "trend" in cues and "grants" in cues and (question.givers or question.receivers):
        return _table
    superlative = cues & {"most", "least"}
    if superlative and ("givers" in cues or "gave" in cues) and not question.givers:
        return partial(_donors, least="least" in cues)
    if (superlative or "newest" in cues) and "grants" in cues:
        which = "newest" if "newest" in cues else "least" if "least" in cues else "most"
        return partial(_extreme, which=which)
    if "rank" in cues and "givers" in cues:
        return _donors
    if "table" in cues or ("all" in cues and plural) or (plural and _asks_what(question)):
        return _table
    if "givers" in cues and plural:
        return _donors
    return None


def total(ask: Ask, question: Question, ledger: Ledger) -> Answer | None:
    """The sum of the announced grants that fit, by currency, with what was left out; None for fewer than two."""
    found = _without_replaced(grants(question, ledger), ledger)
    if len(found) < 2:
        return None
    texts = _texts(question.language)
    sums = _sums(found)
    head = texts["semicolon"].join(texts["total"].format(total=say(v, u, question.language)) for u, v in sums.items())
    notes = _left_out(question, ledger, found)
    if len(sums) > 1:
        notes = (texts["currencies"], *notes)
    return _answer(ask, question, ledger, "aggregate", head, [_line(question, ledger, r) for r in found], notes)


def yearly(ask: Ask, question: Question, ledger: Ledger) -> Answer | None:
    """A comparison of years by all that was announced in each; None where a year has nothing or two currencies."""
    years = [(w, grants(replace(question, times=(w,)), ledger)) for w in question.times]
    if len(years) < 2 or not all(found for _, found in years):
        return None
    if all(len(found) == 1 for _, found in years):
        return None  # grant against grant: the slots tell it better
    units = {r.unit for _, found in years for r in found}
    if len(units) > 1:
        return None
    unit = units.pop()
    language, texts = question.language, _texts(question.language)
    values = [(_year(w), sum((r.value or Decimal(0) for r in found), Decimal(0)), found) for w, found in years]
    best = max(values, key=lambda v: v[1])
    same = len({v for _, v, _ in values}) == 1
    said = say(best[1], unit, language)
    head = texts["equal"].format(value=said) if same else texts["more"].format(what=best[0], value=said)
    told = [_Told(f"• {label}: {say(value, unit, language)}", tuple(found)) for label, value, found in values]
    return _answer(ask, question, ledger, "compare", head, told, ())


def grants(question: Question, ledger: Ledger, *, main: bool = True) -> list[Row]:
    """The grants that the question's names, places, currencies and times let pass, oldest first, reposts out.

    With `main` only those that a release announces, without it also those that it looks back on.
    """
    wanted = Filter(
        kinds=("funding",), roles=("grant",), main=main, reposts=False, units=question.currencies,
        places=(*question.countries, *question.places),
    )  # fmt: skip
    found = [r for r in ledger.rows(wanted) if r.value is not None and _fits(r, question, ledger)]
    return sorted(found, key=lambda r: (r.first_year is None, _day(ledger, r), r.release))


def _without_replaced(rows: list[Row], ledger: Ledger) -> list[Row]:
    """The grants without those whose sum a later release of the same story has changed: 10 raised to 12 are not 22."""

    def replaced(row: Row) -> bool:
        old = ledger.release(row.release), ledger.facts(row.release)
        return any(
            takes_up(ledger.release(o.release), ledger.facts(o.release), *old)
            for o in rows
            if o.release != row.release and o.donor == row.donor and o.unit == row.unit
        )

    return [row for row in rows if not replaced(row)]


def _fits(row: Row, question: Question, ledger: Ledger) -> bool:
    if question.givers and not any(_is(row.donor, g, row.release, ledger) for g in question.givers):
        return False
    if question.receivers and not any(_is(row.recipient, r, row.release, ledger) for r in question.receivers):
        return False
    return not question.times or any(_within(row, when, ledger) for when in question.times)


def _is(have: str | None, wanted: str, release: str, ledger: Ledger) -> bool:
    """Whether a party is the wanted one or belongs to it; a parent counts where the release names the wanted one too."""
    if have is None:
        return False
    if have in descendants(wanted):
        return True
    return have in ancestors(wanted) and ledger.names(release, [wanted])


def _within(row: Row, when: When, ledger: Ledger) -> bool:
    """Whether a sum belongs to a time: by the year that its own words give, else by the day on which it was announced.

    The years over which a grant is spent («للفترة 2020–2024») date it only where its release has no date.
    """
    day = ledger.release(row.release).date
    if day is not None and (not row.own_years or row.first_year != row.last_year):
        first, last = (when.first[0], when.first[1] or 1), (when.last[0], when.last[1] or 12)
        return first <= (day.year, day.month) <= last
    if row.first_year is None or row.last_year is None:
        return False
    return row.first_year <= when.last[0] and when.first[0] <= row.last_year


def _donors(ask: Ask, question: Question, ledger: Ledger, *, least: bool = False) -> Answer | None:
    """Who gave how much, by currency, the largest first."""
    found = [r for r in grants(question, ledger) if r.donor]
    if not found:
        return None
    language, texts = question.language, _texts(question.language)
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in found:
        groups.setdefault((row.unit, _nation(str(row.donor))), []).append(row)
    count: dict[str, int] = {}
    for unit, _ in groups:
        count[unit] = count.get(unit, 0) + sum(len(v) for k, v in groups.items() if k[0] == unit)
    told: list[_Told] = []
    heads: list[str] = []
    for unit in sorted(count, key=lambda u: (-count[u], u)):
        ranked = sorted(
            (
                (sum((r.value or Decimal(0) for r in rows), Decimal(0)), donor, rows)
                for (u, donor), rows in groups.items()
                if u == unit
            ),
            key=lambda g: (g[0] if least else -g[0], g[1]),
        )
        if len(ranked) > 1 or not heads:
            heads.append(f"{entity(ranked[0][1]).display(language)} ({say(ranked[0][0], unit, language)})")
        for value, donor, rows in ranked[:_TOP]:
            times = (
                f" ({texts['two_grants' if len(rows) == 2 else 'grants'].format(n=len(rows))})" if len(rows) > 1 else ""
            )
            told.append(_Told(f"• {entity(donor).display(language)}: {say(value, unit, language)}{times}", tuple(rows)))
    head = texts["least_donor" if least else "top_donor"].format(who=texts["semicolon"].join(heads))
    notes = (texts["announced_only"], *((texts["currencies"],) if len(count) > 1 else ()))
    return _answer(ask, question, ledger, "aggregate", head, told, notes)


def _extreme(ask: Ask, question: Question, ledger: Ledger, which: str) -> Answer | None:
    """The largest, smallest or newest announced grant; one for each currency."""
    found = grants(question, ledger)
    if not found:
        return None
    if which == "newest":
        dated = [r for r in found if _day(ledger, r)]
        chosen = [max(dated or found, key=lambda r: _day(ledger, r))]
    else:
        pick: Callable[..., Row] = max if which == "most" else min
        units = list(dict.fromkeys(r.unit for r in found))
        chosen = [pick([r for r in found if r.unit == u], key=lambda r: r.value or 0) for u in units]
    told = [_line(question, ledger, r) for r in chosen]
    notes = (_texts(question.language)["currencies"],) if len(chosen) > 1 else ()
    return _answer(ask, question, ledger, "list", "", told, notes)


def _table(ask: Ask, question: Question, ledger: Ledger) -> Answer | None:
    """All announced grants that fit, with their periods."""
    found = grants(question, ledger)
    if not found:
        return None
    texts = _texts(question.language)
    told = [_line(question, ledger, r, period=True) for r in found]
    return _answer(ask, question, ledger, "list", texts["rows"], told, ())


def _dated(ask: Ask, question: Question, ledger: Ledger, column: str) -> Answer | None:
    """The projects whose stated period ends, starts or runs in the years that the question names."""
    years = {y for when in question.times for y in when.years}
    told = []
    for release in ledger.ids():
        periods = ledger.rows(Filter(kinds=("period",), releases=(release,), main=True, reposts=False))
        row = next((r for r in periods if _in(r, years, column)), None)
        if row is None or not _about(release, question, ledger):
            continue
        text = ledger.release(release)
        told.append(_Told(f"• {text.title}: {_told_period(ledger, row, question.language)}", (row,)))
    if not told:
        return _none(ask, question, ledger, column)
    return _answer(ask, question, ledger, "list", _texts(question.language)["rows"], told, ())


def _none(ask: Ask, question: Question, ledger: Ledger, column: str) -> Answer:
    """No release states such a period: a refusal, with the releases whose own come nearest."""
    years = [y for when in question.times for y in when.years]
    rows = ledger.rows(Filter(kinds=("period",), main=True, reposts=False))
    dated = [(r, r.first_year, r.last_year) for r in rows if _about(r.release, question, ledger)]
    near = sorted((min(abs(y - at) for y in years for at in (a, b)), r.release) for r, a, b in dated if a and b)
    names = tuple(dict.fromkeys(name for _, name in near))[:3]
    texts = _texts(question.language)
    what = texts["columns"][column].format(years=texts["comma"].join(str(y) for y in years))
    titles = texts["comma"].join(ledger.release(name).title for name in names)
    return Answer(
        question=ask.question,
        text=texts["no_project"].format(what=what) + (f" {texts['nearest'].format(titles=titles)}" if titles else ""),
        refused=True,
        plan="refuse",
        language=question.language,
        missing=(what,),
        nearest=names,
    )


def _in(row: Row, years: set[int], column: str) -> bool:
    first, last = (int(p[:4]) if p else None for p in (row.first, row.last))
    if column == "both":
        return first is not None and last is not None and any(first <= y <= last for y in years)
    if column == "first":
        return first in years and row.role in {"start", "range"}
    return last in years and row.role in {"end", "range"}


def _about(release: str, question: Question, ledger: Ledger) -> bool:
    facts = ledger.facts(release)
    if question.givers and not any(set(descendants(g)) & set(facts.donors) for g in question.givers):
        return False
    if question.receivers and not any(set(descendants(r)) & set(facts.recipients) for r in question.receivers):
        return False
    places = (*question.countries, *question.places)
    return ledger.names(release, places)


def _line(question: Question, ledger: Ledger, row: Row, *, period: bool = False) -> _Told:
    language = question.language
    release = ledger.release(row.release)
    parties = [entity(p).display(language) for p in dict.fromkeys((row.donor, row.recipient)) if p]
    year = str(release.date.year if release.date else row.first_year or "")
    texts = _texts(language)
    label = texts["comma"].join([texts["gives"].join(parties) or release.title, *([year] if year else [])])
    rows, text = [row], say(row.value or Decimal(0), row.unit, language)
    if period:
        times = ledger.rows(Filter(kinds=("period",), releases=(row.release,), main=True))
        best = min(times, key=lambda t: (_PERIODS.index(t.role), t.start), default=None)
        if best is not None:
            rows.append(best)
            text += texts["semicolon"] + _told_period(ledger, best, language)
    return _Told(f"• {label}: {text}", tuple(rows))


_PERIODS = ("range", "duration", "end", "start")


def _left_out(question: Question, ledger: Ledger, added: Sequence[Row]) -> tuple[str, ...]:
    """What looks like it belongs to a total but is not added, and why."""
    texts = _texts(question.language)
    wanted = Filter(kinds=("funding",), places=(*question.countries, *question.places))
    rows = [r for r in ledger.rows(wanted) if r.value is not None and _fits(r, question, ledger)]
    reasons: dict[str, list[Row]] = {}
    for row in rows:
        if row in added:
            continue
        if row.repost and row.main:
            reasons.setdefault("repost", []).append(row)
        elif row.role in {"cumulative", "package", "component"}:
            reasons.setdefault(row.role, []).append(row)
        elif question.currencies and row.main and row.unit not in question.currencies:
            reasons.setdefault("currency", []).append(row)
    notes = []
    for reason, members in reasons.items():
        said = dict.fromkeys(f"{say(r.value or Decimal(0), r.unit, question.language)}" for r in members)
        notes.append(
            texts["left_out"].format(why=texts["reasons"][reason], what=texts["comma"].join(list(said)[:_TOP]))
        )
    return tuple(notes)


def _answer(
    ask: Ask, question: Question, ledger: Ledger, plan: Plan, head: str, told: Sequence[_Told], notes: Sequence[str]
) -> Answer:
    """The lines with their marks; the rows past the limit are counted."""
    citations: dict[tuple[str, int, int], Citation] = {}
    texts = _texts(question.language)
    lines = [head] if head else []
    for line in told[:_MOST]:
        marks = []
        for row in line.rows:
            key = (row.release, row.quote_start, row.quote_end)
            if key not in citations:
                release = ledger.release(row.release)
                day = release.date.isoformat() if release.date else None
                quote = release.text[row.quote_start : row.quote_end]
                citations[key] = Citation(
                    len(citations) + 1, release.id, release.title, day, release.url, quote, row.quote_start, row.quote_end
                )  # fmt: skip
            marks.append(citations[key].n)
        lines.append(line.text + " " + "".join(f"[{n}]" for n in dict.fromkeys(marks)))
    if len(told) > _MOST:
        lines.append(texts["more_rows"].format(n=len(told) - _MOST))
    return Answer(
        question=ask.question,
        text="\n".join(lines),
        refused=False,
        plan=plan,
        language=question.language,
        citations=tuple(citations.values()),
        notes=tuple(notes),
    )


def _sums(rows: Sequence[Row]) -> dict[str, Decimal]:
    """The sum for each currency, the one with the most rows first."""
    units = sorted({r.unit for r in rows}, key=lambda u: (-sum(r.unit == u for r in rows), u))
    return {u: sum((r.value or Decimal(0) for r in rows if r.unit == u), Decimal(0)) for u in units}


def _printed(ledger: Ledger, row: Row) -> str:
    return " ".join(ledger.release(row.release).text[row.start : row.end].split())


def _told_period(ledger: Ledger, row: Row, language: str) -> str:
    """The words of a period; a mere end or start is said to be one."""
    words = _printed(ledger, row)
    bare = not words.startswith(_ENDS) if row.role == "end" else row.role == "start"
    return _texts(language)["bounds"][row.role].format(when=words) if row.role in {"end", "start"} and bare else words


_ENDS = ("حتى", "لغاية", "إلى", "until", "till", "تا", "هەتا")


def _day(ledger: Ledger, row: Row) -> str:
    day = ledger.release(row.release).date
    return day.isoformat() if day else str(row.first_year or "")


def _year(when: When) -> str:
    return "–".join(dict.fromkeys(str(p[0]) for p in (when.first, when.last)))


def _nation(donor: str) -> str:
    return next((a for a in ancestors(donor) if entity(a).kind == "country"), donor)


def specific(question: Question) -> bool:
    """Whether the question has words of its own, so that only some sentence of a release can answer it."""
    rest = question.standard
    for pattern in load_cues("answering", "survey.yaml").values():
        rest = pattern.sub(" ", rest)
    if question.language != "ar":
        rest = " ".join(translate(rest, question.language))
    left = set(content_stems(rest))
    return any(word in left and word not in question.fillers for word in question.words)


_PLURAL = (
    "منح",
    "مساهمات",
    "تبرعات",
    "هبات",
    "قروض",
    "اتفاقات",
    "مشاريع",
    "مشروعات",
    "برامج",
    "مانحون",
    "مانحين",
    "جهات",
    "دول",
    "ممولون",
    "ممولين",
    "متبرعون",
    "داعمون",
    "داعمين",
)


def _plural(question: Question) -> bool:
    words = {normalize(w).removeprefix("ال") for w in question.standard.strip("؟?. ").split()}
    if words & {*_PLURAL, "grants", "projects", "donors", "contributions"}:
        return True
    return _PLURAL_CKB.search(question.standard) is not None


_PLURAL_CKB = re.compile(
    "|".join(
        map(
            normalize,
            ("پڕۆژەکان", "پڕۆژان", "کام پڕۆژە", "بەخشینەکان", "بەخشینان", "کۆمەککاران", "بەخشەران", "بەخشەرەکان"),
        )
    )
)


def _asks_what(question: Question) -> bool:
    return question.standard.split(" ")[0] in {"ما", "ماهي", "اي", "ماذا", "what", "which", "اذكر", "عدد"} and not (
        question.asks
        & {"amount", "period", "end", "start", "goal", "outcome", "place", "parts", "aggregate", "compare"}
    )


def _texts(language: str) -> dict[str, Any]:
    texts = load_yaml("answering", "plans.yaml")
    assert isinstance(texts, dict)
    return texts[language]  # type: ignore[no-any-return]
