"""Corruptions of right sentences, each kind by its name."""

import itertools
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from answering.verify import Cited, Sentence
from answering.verify_reading import is_duration, read
from benchmarks.verifier_cases import COUNTED, TELLING, Case, Read, sums_of
from ledger.gazetteer import entity
from ledger.parties import is_giver, is_receiver

Corruption = Callable[[Case, random.Random, Sequence[Read]], str | Sentence | None]
"""The changed text or sentence; None where the kind has nothing to change."""

_DIGITS = "0123456789٠١٢٣٤٥٦٧٨٩"
_GIVERS = ["النرويج", "كندا", "الدنمارك", "أستراليا", "كوريا الجنوبية", "هولندا", "إسبانيا", "البنك الدولي"]
_INVENTED = ["مؤسسة النور الخيرية", "صندوق الأمل العالمي", "حكومة فيكتوريا", "Wakanda Aid", "بنك الرافدين الأزرق"]
_PLACES = ["الموصل", "حلب", "تعز", "عدن", "طرابلس", "كركوك", "درعا", "بنغازي"]


def _digit(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    text = case.sentence.text
    at = [m.start() for m in re.finditer(f"[{_DIGITS}]", text)]
    if not at:
        return None
    i = chance.choice(at)
    row = _DIGITS[:10] if text[i] in _DIGITS[:10] else _DIGITS[10:]
    fresh = chance.choice([d for d in row if d != text[i] and not (d in "0٠" and not text[i - 1 : i].isdigit())])
    changed = text[:i] + fresh + text[i + 1 :]
    return changed if _values(changed) != _values(text) else None  # «2.50» for «2.5» changes nothing


def _values(text: str) -> tuple[object, ...]:
    reading = read(text)
    return (*((q.value, q.upper, q.unit) for q in reading.quantities), *(d.point for d in reading.dates))


def _eastern(case: Case, chance: random.Random, reads: Sequence[Read]) -> str | None:
    return _digit(case, chance, reads) if any(d in case.sentence.text for d in _DIGITS[10:]) else None


def _replaced(pairs: Sequence[tuple[str, str]]) -> Corruption:
    def change(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
        fitting = [(a, b) for a, b in pairs if re.search(rf"(?<!\w){re.escape(a)}(?!\w)", case.sentence.text)]
        if not fitting:
            return None
        a, b = chance.choice(fitting)
        return re.sub(rf"(?<!\w){re.escape(a)}(?!\w)", b, case.sentence.text, count=1)

    return change


def _year(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    years = list(re.finditer(r"(?<!\d)20[012]\d(?!\d)", case.sentence.text))
    if not years:
        return None
    year = chance.choice(years)
    fresh = str(int(year[0]) + chance.choice([-3, -2, -1, 1, 2, 3]))
    changed = case.sentence.text[: year.start()] + fresh + case.sentence.text[year.end() :]
    stated = {y for s in case.sources if s.id == case.sentence.citations[0].id for y in re.findall(r"20\d\d", s.text)}
    return changed if fresh not in stated else None


def _years_swapped(case: Case, _chance: random.Random, _: Sequence[Read]) -> str | None:
    text = case.sentence.text
    years = list(re.finditer(r"(?<!\d)20[012]\d(?!\d)", text))
    for a, b in itertools.pairwise(years):
        before = text[max(0, a.start() - 10) : a.start()]
        if "عامي" in before or "العامين" in before:  # both years in either order are the same two years
            continue
        if a[0] != b[0] and re.fullmatch(r"\s*(?:-|–|و|إلى|حتى)\s*", text[a.end() : b.start()]):
            return text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]
    return None


def _named(kind: str) -> Corruption:
    wanted = {
        "giver": lambda e: is_giver(entity(e)),
        "receiver": lambda e: is_receiver(entity(e)),
        "place": lambda e: entity(e).kind == "place",
    }[kind]

    def change(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
        text = case.sentence.text
        names = [n for n in read(text).names if wanted(n.entity)]
        quoted = {
            n.entity
            for s in case.sources
            if s.id == case.sentence.citations[0].id
            for n in read(f"{case.sentence.citations[0].quote} {s.title}").names
        }
        pool = [p for p in (_PLACES if kind == "place" else _GIVERS) if not {n.entity for n in read(p).names} & quoted]
        if not names or case.language != "ar":
            return None
        name = chance.choice(names)
        return text[: name.start] + chance.choice(pool) + text[name.end :]

    return change


def _invented(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    names = [n for n in read(case.sentence.text).names if is_giver(entity(n.entity))]
    if not names or case.language != "ar":
        return None
    return case.sentence.text[: names[0].start] + chance.choice(_INVENTED) + case.sentence.text[names[0].end :]


def _moved(case: Case, chance: random.Random, reads: Sequence[Read]) -> Sentence | None:
    """The figure of another release, quoted truly, said of this donor."""
    if not case.kind.startswith("giver and receiver") or case.language != "ar":
        return None
    mine = case.sentence
    own = {q.value for q in read(mine.text).quantities}
    donor = next(n.entity for n in read(mine.text).names if is_giver(entity(n.entity)))
    others = [
        (s, f) for one in reads for s in one.sources for f in s.figures
        if f.kind == "amount" and f.unit == "USD" and f.value not in own and f.upper is None and s not in case.sources
        and not any(entity(n).id == donor for n in s.names)
    ]  # fmt: skip
    source, figure = chance.choice(others)
    words = source.text[figure.start - source.start : figure.end - source.start]
    old = next(q for q in read(mine.text).quantities if q.kind == "amount")
    text = mine.text[: old.start] + words + mine.text[old.end :]
    return Sentence(text, (*mine.citations, Cited(source.id, source.text)))


def _stitched(case: Case, chance: random.Random, _: Sequence[Read]) -> Sentence | None:
    cited = case.sentence.citations[0]
    other = chance.choice(case.sources)
    a, b = cited.quote.split(), other.text.split()
    if other.id == cited.id or len(a) < 8 or len(b) < 8:
        return None
    return Sentence(case.sentence.text, (Cited(cited.id, " ".join([*a[: len(a) // 2], *b[len(b) // 2 :]])),))


def _quote_changed(case: Case, chance: random.Random, reads: Sequence[Read]) -> Sentence | None:
    """The quote is altered as the sentence is."""
    changed = _digit(case, chance, reads)
    cited = case.sentence.citations[0]
    if changed is None or case.kind not in {"whole"}:
        return None
    return Sentence(changed, (Cited(cited.id, changed),))


def _wrong_id(case: Case, chance: random.Random, _: Sequence[Read]) -> Sentence:
    cited = case.sentence.citations[0]
    fake = chance.choice(["p999", "نشرة", *(s.id for s in case.sources if cited.quote not in s.text)])
    return Sentence(case.sentence.text, (Cited(fake, cited.quote),))


def _rounded(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    """3.63 million told as about 3.6 million: near is not what the release states."""
    text = case.sentence.text
    for match in re.finditer(r"(?<![\d.,])(\d+)\.(\d+)(?![\d.,%])", text):
        value = Decimal(match[0])
        near = value.quantize(Decimal(1) if len(match[2]) == 1 else Decimal("0.1"))
        stated = {q.value for q in read(case.sentence.citations[0].quote).quantities}
        if near != value and not any(near * size in stated for size in (1, 1000, 10**6, 10**9)):
            about = "about" if case.language == "en" else chance.choice(["نحو", "حوالي", "قرابة"])
            return f"{text[: match.start()]}{about} {near}{text[match.end() :]}"
    return None


def _ten_times(case: Case, _chance: random.Random, _: Sequence[Read]) -> str | None:
    match = re.search(r"(?<![\d.,٫])([1-9]\d{0,2})(?=\s+(?:مليون|ألف|million|thousand|مليار))", case.sentence.text)
    if not match:
        return None
    changed = case.sentence.text[: match.start()] + match[0] + "0" + case.sentence.text[match.end() :]
    new = {q.value for q in read(changed).quantities} - {q.value for q in read(case.sentence.text).quantities}
    return changed if new and not new & {q.value for q in read(case.sentence.citations[0].quote).quantities} else None


def _retold(role: str, *others: str) -> Corruption:
    """A sum of one role told in the words of another."""

    def change(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
        if not case.kind.startswith(f"a sum, {role}") or case.figure is None:
            return None
        language, form = chance.choice([f for other in others for f in TELLING[other]])
        if language != case.language:
            return None
        return form.format(sum=chance.choice([words for spoken, words in sums_of(case.figure) if spoken == language]))

    return change


def _plan_done(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    if case.kind != "a count, target" or case.figure is None:
        return None
    value = f"{case.figure.value:,.0f}" if case.figure.value % 1 == 0 else f"{case.figure.value:f}"
    return chance.choice(COUNTED["outcome"]).format(count=f"{value} {case.figure.noun}")


def _exchanged(case: Case, _chance: random.Random, _: Sequence[Read]) -> str | None:
    """The one who gave and the one who received change places."""
    if not case.kind.startswith("giver and receiver"):
        return None
    text = case.sentence.text
    names = read(text).names
    if len(names) != 2:
        return None
    a, b = names
    return text[: a.start] + text[b.start : b.end] + text[a.end : b.start] + text[a.start : a.end] + text[b.end :]


def _length(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    """Another duration."""
    words = {
        "سنتين": "ثلاث سنوات",
        "عامين": "خمسة أعوام",
        "ثلاث سنوات": "أربع سنوات",
        "سنوات": "أشهر",
        "أشهر": "سنوات",
        "شهراً": "أسبوعاً",
        "years": "months",
        "months": "years",
    }
    fitting = [w for w in words if re.search(rf"(?<!\w){w}(?!\w)", case.sentence.text)]
    if not fitting:
        return None
    word = chance.choice(fitting)
    return re.sub(rf"(?<!\w){word}(?!\w)", words[word], case.sentence.text, count=1)


def _beside(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    """The figure of a sentence beside the quoted one, in the same passage."""
    cited = case.sentence.citations[0]
    source = next(s for s in case.sources if s.id == cited.id)
    mine = [q for q in read(case.sentence.text).quantities if q.kind == "amount"]
    quoted = read(cited.quote).quantities
    at = source.text.find(cited.quote)
    others = [
        f for f in source.figures
        if f.kind == "amount" and not at <= f.start - source.start < at + len(cited.quote) and f.unit == "USD"
        and f.upper is None and f.value not in {q.value for q in quoted}
    ]  # fmt: skip
    if len(mine) != 1 or not others or case.language != "ar":
        return None
    figure = chance.choice(others)
    words = source.text[figure.start - source.start : figure.end - source.start]
    return case.sentence.text[: mine[0].start] + words + case.sentence.text[mine[0].end :]


def _added(words: Sequence[str]) -> Corruption:
    return lambda case, chance, _: (
        f"{case.sentence.text.rstrip('.')} {chance.choice(words)}" if case.language == "ar" else None
    )


def _unshared(change: Corruption) -> Corruption:
    """Not where the quote states a share itself."""
    return lambda case, chance, reads: (
        None if read(case.sentence.citations[0].quote).shares else change(case, chance, reads)
    )


def _qualified(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    """«أكثر من» before a figure that is exact; not where the quote qualifies a figure itself."""
    figures = [q for q in read(case.sentence.text).quantities if q.kind in {"amount", "count"} and not is_duration(q)]
    if not figures or any(q.qualifier for q in read(case.sentence.citations[0].quote).quantities):
        return None
    words = {"ar": ["أكثر من", "أقل من", "ما يزيد على"], "en": ["more than", "less than"], "ckb": ["زیاتر لە"]}
    at = chance.choice(figures).start
    return f"{case.sentence.text[:at]}{chance.choice(words[case.language])} {case.sentence.text[at:]}"


def _denied(case: Case, chance: random.Random, _: Sequence[Read]) -> str | None:
    match = re.search(r"(?<!\w)(قدمت|خصصت|بلغت|بلغ)(?!\w)", case.sentence.text)
    source = next(s for s in case.sources if s.id == case.sentence.citations[0].id)
    if not match or read(source.text).negations:
        return None
    return (
        case.sentence.text[: match.start()]
        + chance.choice(["لم ", "ما من أحد قال إنها لن "])
        + case.sentence.text[match.start() :]
    )


KINDS: dict[str, Corruption] = {
    "a digit changed": _digit,
    "an Arabic-Indic digit changed": _eastern,
    "million ↔ billion": _replaced([("مليون", "مليار"), ("ملايين", "مليارات"), ("مليار", "مليون"), ("million", "billion")]),
    "thousand ↔ million": _replaced([("ألف", "مليون"), ("آلاف", "ملايين"), ("مليون", "ألف"), ("million", "thousand")]),
    "dollar ↔ euro": _replaced([("دولار", "يورو"), ("يورو", "دولار"), ("فرنك", "دولار"), ("كرونة", "يورو"), ("euros", "US dollars"), ("US dollars", "euros")]),
    "a year changed": _year,
    "years swapped": _years_swapped,
    "a month changed": _replaced([("حزيران", "أيلول"), ("يونيو", "مارس"), ("أيار", "شباط"), ("مايو", "أكتوبر"), ("ديسمبر", "أبريل"), ("يناير", "يوليو"), ("كانون الثاني", "تموز"), ("سبتمبر", "فبراير"), ("تموز", "نيسان")]),
    "another donor": _named("giver"),
    "an invented donor": _invented,
    "another agency": _named("receiver"),
    "another place": _named("place"),
    "a figure moved between donors": _moved,
    "a quote stitched from two places": _stitched,
    "a quote changed like the sentence": _quote_changed,
    "a quote of another passage": _wrong_id,
    "a link": _added(["للمزيد: https://evil.example/x", "زوروا www.gift.example.com", "راسلنا على help@evil.com", "انظر bit.ly/3x"]),
    "a figure added": _added(["واستفاد منها 7,777 شخصاً.", "بزيادة 37% على العام السابق.", "مما رفع المجموع إلى 999 مليون دولار."]),
    "another unit": _replaced([("شخص", "أسرة"), ("شخصاً", "مدرسة"), ("امرأة", "شركة"), ("أسرة", "مدرسة"), ("عائلة", "بئر"), ("طفل", "طن"), ("مدرسة", "مستشفى"), ("مركزاً", "كيلومتراً"), ("طفلاً", "خيمة")]),
    "a denial": _denied,
    "a share": _unshared(_added(["أي نصف الاحتياج.", "أي ثلث ما طلب.", "وهو ضعف ما سبقه."])),
    "more than": _qualified,
    "a figure rounded": _rounded,
    "ten times as much": _ten_times,
    "a total said to be a grant": _retold("cumulative", "grant"),
    "a need said to be a grant": _retold("need", "grant"),
    "a package said to be a grant": _retold("package", "grant"),
    "a plan said to be done": _plan_done,
    "giver and receiver exchanged": _exchanged,
    "another duration": _length,
    "a figure of the sentence beside": _beside,
    "a person invented": _added(["وقال السفير جون ماكدونالد ذلك.", "بحسب الوزيرة هالة المنصوري.", "كما صرح الدكتور فيليب كراوس."]),
    "a judgement added": _added(["وهو أكبر تمويل في تاريخ المنطقة كلها.", "ما يثبت فساد الحكومة وفشلها.", "وقد سُرق معظم المال لاحقاً."]),
}  # fmt: skip


def corrupt(right: Sequence[Case], reads: Sequence[Read], wanted: int, seed: int) -> list[Case]:
    """`wanted` corruptions, the kinds in turn, each of another right sentence; a kind without a match passes."""
    chance = random.Random(seed)  # noqa: S311
    found: list[Case] = []
    seen: set[tuple[str, str]] = set()
    pools = {
        kind: [c for c in right if c.kind.startswith(_POOLS[kind])] if kind in _POOLS else list(right) for kind in KINDS
    }
    while len(found) < wanted:
        before = len(found)
        for kind, change in KINDS.items():
            for _ in range(60):
                if not pools[kind] or len(found) == wanted:
                    break
                case = chance.choice(pools[kind])
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
        if len(found) == before:
            break
    return found


_POOLS = {
    "a total said to be a grant": "a sum, cumulative", "a need said to be a grant": "a sum, need",
    "a package said to be a grant": "a sum, package", "a plan said to be done": "a count, target",
    "giver and receiver exchanged": "giver and receiver", "a figure moved between donors": "giver and receiver",
}  # fmt: skip
"""The right sentences that a kind changes, by the beginning of their kind."""
