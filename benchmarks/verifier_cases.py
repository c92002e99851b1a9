"""Right sentences about releases, and their corruptions, made from what the ledger reads in the releases."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from answering.clip import clip
from answering.verify import Cited, Sentence, Source
from answering.verify_inputs import source_of
from arabic.language import Language
from ingest.readers import READERS, read_file
from ledger.extract import extract_facts, is_giver, is_receiver
from ledger.facts import Facts, Figure, Statement
from ledger.gazetteer import entity
from ledger.release import Release

_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_MONTHS = [
    ("كانون الثاني", "يناير"), ("شباط", "فبراير"), ("آذار", "مارس"), ("نيسان", "أبريل"), ("أيار", "مايو"),
    ("حزيران", "يونيو"), ("تموز", "يوليو"), ("آب", "أغسطس"), ("أيلول", "سبتمبر"), ("تشرين الأول", "أكتوبر"),
    ("تشرين الثاني", "نوفمبر"), ("كانون الأول", "ديسمبر"),
]  # fmt: skip
_MONEY = {"USD": ("دولار", "US dollars"), "EUR": ("يورو", "euros"), "SEK": ("كرونة سويدية", "Swedish kronor"),
          "GBP": ("جنيه إسترليني", "pounds sterling"), "CHF": ("فرنك سويسري", "Swiss francs")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence in a language over sources; `kind` names the rule that made it or the corruption."""

    kind: str
    sentence: Sentence
    language: Language
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A release with its facts and one source a statement."""

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
            source_of(f"{path.name}#{i}", release, facts, s.start, s.end) for i, s in enumerate(facts.statements)
        )
        found.append(Read(release, facts, sources))
    return found


def right_cases(reads: Sequence[Read], seed: int) -> list[Case]:
    """All right sentences that the rules make, shuffled."""
    found = [case for one in reads for i in range(len(one.sources)) for case in _of_statement(one, i)]
    random.Random(seed).shuffle(found)  # noqa: S311  a benchmark, not a secret
    return found


def _of_statement(one: Read, i: int) -> Iterator[Case]:
    source, statement = one.sources[i], one.facts.statements[i]

    def case(kind: str, text: str, language: Language = "ar") -> Case:
        return Case(kind, Sentence(text, (Cited(source.id, source.text),)), language, one.sources)

    whole = " ".join(source.text.split())
    if 30 < len(whole) < 450 and not re.search(r"[|*#<>@]", whole):
        yield case("whole", whole)
        yield case("eastern digits", whole.translate(_EASTERN))
        months = _other_months(whole)
        if months != whole:
            yield case("other month names", months)
    for figure in statement.figures:
        others = [(f.start - source.start, f.end - source.start) for f in statement.figures if f is not figure]
        a, b = clip(source.text, [(figure.start - source.start, figure.end - source.start)], others)
        clause = " ".join(source.text[a:b].split())
        if len(clause) > 15 and not re.search(r"[|*#<>@]", clause):
            yield case("clause", clause)
        if figure.kind == "amount" and figure.unit in _MONEY:
            yield from _amounts(one, statement, figure, case)
        elif figure.kind == "count" and figure.noun and figure.value >= 3:
            yield case("count", f"بلغ العدد {_short(figure.value)} {figure.noun} بحسب البيان.")


def _amounts(one: Read, statement: Statement, figure: Figure, case: Callable[..., Case]) -> Iterator[Case]:
    arabic, english = _MONEY[figure.unit]
    givers = [n.entity for n in statement.named if is_giver(entity(n.entity)) and n.entity != one.facts.country]
    receivers = [n.entity for n in statement.named if is_receiver(entity(n.entity)) and n.entity not in givers]
    alone = len({f.value for f in statement.figures if f.kind == "amount"}) == 1
    for words in _renderings(figure):
        yield case("amount", f"بلغت قيمة التمويل {words} {arabic}.")
        if alone and len(set(givers)) == 1:
            giver = entity(givers[0])
            yield case("giver", f"قدمت {giver.name} مبلغ {words} {arabic}.")
            if len(set(receivers)) == 1:
                receiver = entity(receivers[0])
                yield case("giver and receiver", f"خصصت {giver.name} مبلغ {words} {arabic} لصالح {receiver.name}.")
                if giver.name_en and receiver.name_en and figure.value >= 1_000_000:
                    millions = _short(figure.value / 1_000_000)
                    yield case(
                        "English", f"{giver.name_en} gave {receiver.name_en} {millions} million {english}.", "en"
                    )


def _short(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def _renderings(figure: Figure) -> Iterator[str]:
    """The same value as people print it."""
    if figure.upper is not None or figure.value != figure.value.to_integral_value():
        return
    yield f"{int(figure.value):,}"
    for size, word in ((1_000_000_000, "مليار"), (1_000_000, "مليون"), (1000, "ألف")):
        if figure.value >= size:
            short = _short(figure.value / size)
            yield f"{short} {word}"
            yield f"{short.replace('.', '٫').translate(_EASTERN)} {word}"
            return


def _other_months(text: str) -> str:
    def swapped(match: re.Match[str]) -> str:
        return next(b if match[0] == a else a for a, b in _MONTHS if match[0] in (a, b))

    names = "|".join(sorted((n for pair in _MONTHS for n in pair), key=len, reverse=True))
    once = re.sub(rf"(?:{names})/(?:{names})", lambda m: m[0], text)
    return text if "/" in once else re.sub(rf"(?<![\w])(?:{names})(?=\s+(?:عام\s+)?\d{{4}})", swapped, text)


Corruption = Callable[[Case, random.Random, Sequence[Read]], str | Sentence | None]


def corrupt(
    right: Sequence[Case], reads: Sequence[Read], kinds: dict[str, Corruption], wanted: int, seed: int
) -> list[Case]:
    """`wanted` corruptions, the kinds in turn, each of another right sentence; a kind without a match passes."""
    chance = random.Random(seed)  # noqa: S311
    found: list[Case] = []
    seen: set[tuple[str, str]] = set()
    pool = list(right)
    while len(found) < wanted:
        for kind, change in kinds.items():
            for _ in range(60):
                case = chance.choice(pool)
                changed = change(case, chance, reads)
                if changed is None:
                    continue
                sentence = replace(case.sentence, text=changed) if isinstance(changed, str) else changed
                key = (kind, sentence.text + "".join(c.quote for c in sentence.citations))
                if sentence == case.sentence or key in seen:
                    continue
                seen.add(key)
                found.append(replace(case, kind=kind, sentence=sentence))
                break
            if len(found) == wanted:
                break
    return found
