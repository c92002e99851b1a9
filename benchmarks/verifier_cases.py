"""Right sentences about releases: cut from them, made by rules from what the ledger reads, and written by hand."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import yaml

from answering.clip import clip
from answering.verify import Cited, Sentence, Source
from answering.verify_inputs import source_of
from arabic.counts import TIME_UNITS
from arabic.language import Language
from ingest.readers import READERS, read_file
from ingest.split import split_release
from ledger.extract import extract_facts
from ledger.facts import Facts, Figure, Statement, Time
from ledger.gazetteer import entity
from ledger.parties import is_giver, is_receiver
from ledger.release import Release

_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_MONTHS = [
    ("كانون الثاني", "يناير", "January", "کانوونی دووەمی"), ("شباط", "فبراير", "February", "شوباتی"),
    ("آذار", "مارس", "March", "ئازاری"), ("نيسان", "أبريل", "April", "نیسانی"), ("أيار", "مايو", "May", "ئایاری"),
    ("حزيران", "يونيو", "June", "حوزەیرانی"), ("تموز", "يوليو", "July", "تەمموزی"), ("آب", "أغسطس", "August", "ئابی"),
    ("أيلول", "سبتمبر", "September", "ئەیلوولی"), ("تشرين الأول", "أكتوبر", "October", "تشرینی یەکەمی"),
    ("تشرين الثاني", "نوفمبر", "November", "تشرینی دووەمی"), ("كانون الأول", "ديسمبر", "December", "کانوونی یەکەمی"),
]  # fmt: skip
_MONEY = {
    "USD": ("دولار", "US dollars", "دۆلار"), "EUR": ("يورو", "euros", "یۆرۆ"),
    "SEK": ("كرونة سويدية", "Swedish kronor", ""), "GBP": ("جنيه إسترليني", "pounds sterling", ""),
    "CHF": ("فرنك سويسري", "Swiss francs", ""), "NOK": ("كرونة نرويجية", "Norwegian kroner", ""),
}  # fmt: skip
TELLING: Mapping[str, Sequence[tuple[Language, str]]] = {
    "grant": [
        ("ar", "بلغت قيمة التمويل {sum}."), ("ar", "تبلغ المنحة {sum}."), ("ar", "قيمة المساهمة {sum} بحسب البيان."),
        ("ar", "خُصص للمشروع مبلغ {sum}."), ("en", "The grant amounts to {sum}."), ("en", "The funding is worth {sum}, the release says."),
    ],
    "cumulative": [
        ("ar", "وصل مجموع التمويل إلى {sum}."), ("ar", "بلغ إجمالي ما قُدم {sum}."), ("en", "In total, {sum} has been provided."),
    ],
    "need": [
        ("ar", "تبلغ الحاجة {sum}."), ("ar", "تُقدر الاحتياجات بمبلغ {sum}."), ("en", "The need is estimated at {sum}."),
    ],
    "package": [("ar", "تبلغ حزمة المساعدات {sum}."), ("en", "The package is worth {sum}.")],
    "component": [("ar", "يبلغ هذا الجزء {sum}."), ("ar", "منها {sum}."), ("en", "Of this, {sum} is one part.")],
}  # fmt: skip
"""How a sum of each role is told rightly."""
COUNTED: Mapping[str, Sequence[str]] = {
    "target": ["يستهدف المشروع {count}.", "من المتوقع أن يكون العدد {count}.", "العدد المستهدف {count}."],
    "outcome": ["بلغ العدد {count} بحسب البيان.", "كان العدد {count}.", "وصل العدد إلى {count}."],
}
_GIVEN: Sequence[tuple[Language, str]] = [
    ("ar", "قدمت {giver} إلى {receiver} {sum}."), ("ar", "خصصت {giver} مبلغ {sum} لصالح {receiver}."),
    ("ar", "تلقت {receiver} من {giver} {sum}."), ("ar", "حصلت {receiver} على {sum} من {giver}."),
    ("ar", "بلغت منحة {giver} المقدمة إلى {receiver} {sum}."), ("en", "{giver} gave {receiver} {sum}."),
    ("en", "{receiver} received {sum} from {giver}."), ("en", "A grant of {sum} from {giver} to {receiver}."),
    ("ckb", "{giver} {sum} بە {receiver} دا."),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence in a language over sources; `kind` names the rule that made it or the corruption, `role` its figure's."""

    kind: str
    sentence: Sentence
    language: Language
    sources: tuple[Source, ...]
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A release with its facts and its sources, which are the passages that retrieval gives."""

    release: Release
    facts: Facts
    sources: tuple[Source, ...]


def read_folder(folder: Path) -> list[Read]:
    """Every release of a folder."""
    found = []
    for path in sorted(p for p in folder.iterdir() if p.suffix in READERS):
        release = read_file(path)
        facts = extract_facts(release)
        sources = tuple(
            source_of(f"{path.name}#{i}", release, facts, p.start, p.end) for i, p in enumerate(split_release(release))
        )
        found.append(Read(release, facts, sources))
    return found


def right_cases(reads: Sequence[Read], seed: int) -> list[Case]:
    """All right sentences that the rules make, shuffled."""
    found = [case for one in reads for statement in one.facts.statements for case in _of_statement(one, statement)]
    random.Random(seed).shuffle(found)  # noqa: S311  a benchmark, not a secret
    return found


def hand_cases(reads: Sequence[Read], path: Path) -> list[Case]:
    """The sentences of a file of data/verifier whose releases are among those read.

    A row is (kind,) language, text, words that the quoted statement holds. Raises LookupError for words that no
    statement holds.
    """
    by_name = {one.release.id.rsplit("/", 1)[-1]: one for one in reads}
    found = []
    for name, rows in yaml.safe_load(path.read_text("utf-8")).items():
        one = by_name.get(name)
        for row in rows if one else ():
            kind, language, text, words = row if len(row) == 4 else ("in other words, by hand", *row)
            quotes = [
                cited for s in one.facts.statements
                if words in one.release.text[s.start : s.end] and (cited := quote_of(one, s.start, s.end))
            ]  # fmt: skip
            if not quotes:
                raise LookupError(f"{path.name}: {name}: {words}")
            found.append(Case(kind, Sentence(text, (quotes[0],)), language, one.sources))
    return found


def quote_of(one: Read, start: int, end: int) -> Cited | None:
    """[start, end) of a release quoted from the passage that holds it."""
    for source in one.sources:
        if source.start <= start and end <= source.start + len(source.text):
            return Cited(source.id, one.release.text[start:end])
    return None


def _of_statement(one: Read, statement: Statement) -> Iterator[Case]:
    cited = quote_of(one, statement.start, statement.end)
    if cited is None:
        return
    text = one.release.text[statement.start : statement.end]

    def case(kind: str, text: str, language: Language = "ar", figure: Figure | None = None) -> Case:
        return Case(kind, Sentence(text, (cited,)), language, one.sources, figure)

    whole = " ".join(text.split())
    if 30 < len(whole) < 450 and not re.search(r"[|*#<>@]", whole):
        yield case("whole", whole)
        yield case("eastern digits", whole.translate(_EASTERN))
        months = _other_months(whole)
        if months != whole:
            yield case("other month names", months)
    for figure in statement.figures:
        at = statement.start
        others = [(f.start - at, f.end - at) for f in statement.figures if f is not figure]
        a, b = clip(text, [(figure.start - at, figure.end - at)], others)
        clause = " ".join(text[a:b].split())
        if len(clause) > 15 and not re.search(r"[|*#<>@]", clause):
            yield case("clause", clause, figure=figure)
        if figure.kind == "amount" and figure.unit in _MONEY:
            yield from _amounts(one, statement, figure, case)
        elif _countable(figure):
            for form in COUNTED[figure.role]:
                said = f"{_short(figure.value)} {figure.noun}"
                yield case(f"a count, {figure.role}", form.format(count=said), figure=figure)
    for time in statement.times:
        yield from _periods(time, case)


def _countable(figure: Figure) -> bool:
    """Whether a count stands for itself: no length of time, no «من 310 إلى 745»."""
    return (
        figure.kind == "count" and bool(figure.noun) and figure.value >= 3 and figure.role in COUNTED
        and figure.unit not in TIME_UNITS and figure.upper is None
    )  # fmt: skip


def _amounts(one: Read, statement: Statement, figure: Figure, case: Callable[..., Case]) -> Iterator[Case]:
    sums = list(sums_of(figure))
    for n, (language, form) in enumerate(TELLING.get(figure.role, ())):
        fitting = [words for spoken, words in sums if spoken == language]
        if fitting:
            told = form.format(sum=fitting[n % len(fitting)])
            yield case(f"a sum, {figure.role}, {language}", told, language, figure)
    givers = {n.entity for n in statement.named if is_giver(entity(n.entity)) and n.entity != one.facts.country}
    receivers = {n.entity for n in statement.named if is_receiver(entity(n.entity))} - givers
    alone = len({f.value for f in statement.figures if f.kind == "amount"}) == 1
    if figure.role != "grant" or not alone or len(givers) != 1 or len(receivers) != 1:
        return
    giver, receiver = entity(givers.pop()), entity(receivers.pop())
    for n, (language, form) in enumerate(_GIVEN):
        fitting = [words for spoken, words in sums if spoken == language]
        names = (giver.name_en, receiver.name_en) if language == "en" else (giver.name, receiver.name)
        if fitting and all(names) and language != "ckb":
            told = form.format(giver=names[0], receiver=names[1], sum=fitting[n % len(fitting)])
            yield case(f"giver and receiver, {language}", told, language, figure)


def sums_of(figure: Figure) -> Iterator[tuple[Language, str]]:
    """The same sum as people write it, by language; nothing for ranges and fractions."""
    if figure.upper is not None or figure.value != figure.value.to_integral_value() or figure.unit not in _MONEY:
        return
    arabic, english, _ = _MONEY[figure.unit]
    yield "ar", f"{int(figure.value):,} {arabic}"
    yield "en", f"{int(figure.value):,} {english}"
    for size, word, spoken in (
        (1_000_000_000, "مليار", "billion"),
        (1_000_000, "مليون", "million"),
        (1000, "ألف", "thousand"),
    ):
        if figure.value >= size:
            short = _short(figure.value / size)
            yield "ar", f"{short} {word} {arabic}"
            yield "ar", f"{short.replace('.', '٫').translate(_EASTERN)} {word} {arabic}"
            yield "en", f"{short} {spoken} {english}"
            if figure.unit == "USD":
                yield "en", f"US${short} {spoken}"
            return


def _periods(time: Time, case: Callable[..., Case]) -> Iterator[Case]:
    if time.kind != "range" or not time.first or not time.last or not (time.first[1] and time.last[1]):
        return
    first, last = (_MONTHS[p[1] - 1] for p in (time.first, time.last))
    a, b = time.first[0], time.last[0]
    yield case("a period, ar", f"يمتد المشروع من {first[0]} {a} إلى {last[0]} {b}.")
    yield case("a period, ar", f"تبدأ الفترة في {first[1]} {a} وتنتهي في {last[1]} {b}.")
    yield case("a period, en", f"The project runs from {first[2]} {a} to {last[2]} {b}.", "en")
    yield case("a period, ckb", f"پرۆژەکە لە {first[3]} {a} تا {last[3]} {b} بەردەوام دەبێت.", "ckb")


def _short(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def _other_months(text: str) -> str:
    pairs = [(m[0], m[1]) for m in _MONTHS]

    def swapped(match: re.Match[str]) -> str:
        return next(b if match[0] == a else a for a, b in pairs if match[0] in (a, b))

    names = "|".join(sorted((n for pair in pairs for n in pair), key=len, reverse=True))
    once = re.sub(rf"(?:{names})/(?:{names})", lambda m: m[0], text)
    return text if "/" in once else re.sub(rf"(?<![\w])(?:{names})(?=\s+(?:عام\s+)?\d{{4}})", swapped, text)
