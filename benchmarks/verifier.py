"""How many corruptions of right sentences the verifier catches, how many right ones it rejects, and how long it takes.

Run from the repository's root: `python -m benchmarks.verifier [--folder samples/releases] [--show]`.
"""

import argparse
import itertools
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from answering.verify import Cited, Sentence, verify
from answering.verify_reading import read
from benchmarks.verifier_cases import Case, Corruption, Read, corrupt, read_folder, right_cases
from ledger.extract import is_giver, is_receiver
from ledger.gazetteer import entity

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
            for n in read(f"{s.text} {s.title}").names
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
    if case.kind not in {"giver", "giver and receiver"}:
        return None
    mine = case.sentence
    own = {q.value for q in read(mine.text).quantities}
    donor = next(n.entity for n in read(mine.text).names)
    others = [
        (s, f) for one in reads for s in one.sources for f in s.figures
        if f.kind == "amount" and f.unit == "USD" and f.value not in own and f.upper is None and s not in case.sources
        and not any(entity(n).id == donor for n in s.names)
    ]  # fmt: skip
    source, figure = chance.choice(others)
    words = source.text[figure.start - source.start : figure.end - source.start]
    text = re.sub(r"مبلغ .*?(?= لصالح|\.$)", f"مبلغ {words}", mine.text)
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


def _added(words: Sequence[str]) -> Corruption:
    return lambda case, chance, _: (
        f"{case.sentence.text.rstrip('.')} {chance.choice(words)}" if case.language == "ar" else None
    )


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
    "a share": _added(["أي نصف الاحتياج.", "أي ثلث ما طلب.", "وهو ضعف ما سبقه."]),
    "more than": _replaced([("بلغت قيمة التمويل", "بلغت قيمة التمويل أكثر من"), ("مبلغ", "أقل من"), ("العدد", "العدد أكثر من")]),
}  # fmt: skip


def measure(cases: Sequence[Case]) -> tuple[list[bool], list[float]]:
    """Of each case whether it stands, and the milliseconds that judging an answer with it took."""
    stands, times = [], []
    for case in cases:
        began = time.perf_counter()
        verdict = verify([case.sentence], case.sources, case.language)
        times.append(1000 * (time.perf_counter() - began))
        stands.append(verdict.clean)
    return stands, times


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=Path("samples/releases"))
    parser.add_argument("--wanted", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print what was judged wrongly")
    options = parser.parse_args()
    reads = read_folder(options.folder)
    every = right_cases(reads, options.seed)
    right = every[: options.wanted]
    stands, warm = measure(right)
    good = [c for c, ok in zip(right, stands, strict=True) if ok]
    wrong = corrupt(good, reads, KINDS, options.wanted, options.seed)
    passed, times = measure(wrong)
    if options.show:
        for case, ok in zip(right, stands, strict=True):
            if not ok:
                faults = verify([case.sentence], case.sources, case.language).faults
                print(
                    "REJECTED",
                    case.kind,
                    [(f.kind, f.detail) for f in faults],
                    "\n   ",
                    case.sentence.text,
                    "\n   ",
                    case.sentence.citations[0].quote,
                )
        for case, ok in zip(wrong, passed, strict=True):
            if ok:
                print(
                    "MISSED",
                    case.kind,
                    "\n   ",
                    case.sentence.text,
                    "\n   ",
                    [c.quote for c in case.sentence.citations],
                )
    total, missed = Counter(c.kind for c in wrong), Counter(c.kind for c, ok in zip(wrong, passed, strict=True) if ok)
    for kind, number in total.items():
        print(f"{kind:38} {number - missed[kind]:4} of {number:4}")
    print(f"caught {len(wrong) - sum(passed)} of {len(wrong)} ({100 * (1 - sum(passed) / len(wrong)):.1f} %)")
    print(
        f"rejected {len(right) - sum(stands)} of {len(right)} right ones ({100 * (1 - sum(stands) / len(right)):.1f} %), of {len(every)} made"
    )
    both = sorted([*warm, *times])
    print(
        f"ms a sentence: median {both[len(both) // 2]:.2f}, p95 {both[int(0.95 * len(both))]:.2f}, most {both[-1]:.1f}"
    )


if __name__ == "__main__":
    main()
