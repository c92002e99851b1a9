"""A question about several things at once, taken apart into one question for each: «منحة 2018 أم منحة 2020؟»."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from answering.question import Question, When, understand
from ledger.gazetteer import entity, find_mentions

_BREAK = re.compile(
    r"\s+(?=و(?!(?:احد|فق|زار|كال|لاي|ظيف|باء|ادي|سط|رش)\w)\S)|\s+(?:[أا]م|[أا]و|لو|ولا|مقابل|مقارن[هة]|and|or|versus|vs|compared)(?=\s)"
    r"|\s+(?=ب(?:ال)?(?:عدد|مبلغ|قيم[هة]|مد[هة])\w*)|\s+عن(?=\s+ال)|\s+(?=معها|معه|وياها|وياه|مع\s)|[،:](?=\s)|\s+و(?=\s)"
)
_MARKS = {
    "previous": re.compile(
        r"(?<!\w)[وب]?(?:ال)?(?:سابق\w*|اسبق|تجريبي\w*|اول[يى]|ماضي\w*|previous|earlier|pilot|first)(?!\w)"
    ),
    "new": re.compile(
        r"(?<!\w)[وب]?(?:(?:ال)?(?:جديد\w*|حالي\w*|راهن\w*|لاحق\w*|اخير\w*)|تلتها|تلاها|new|current|latest)(?!\w)"
    ),
    "planned": re.compile(r"(?<!\w)[وب]?(?:ال)?(?:مخطط|مستهدف\w*|مقرر\w*|متوقع\w*|planned|target\w*)(?!\w)"),
    "reached": re.compile(r"(?<!\w)(?:فعلا|فعليا|حقيق[هت]|تحقق\w*|actually|reached|achieved)(?!\w)"),
}
_AFTERWARDS = re.compile(r"(?<!\w)(?:ال)?(?:تلتها|تلاها|تلته|تلاه|تالي\w*|لاحق\w*|بعدها|following|next)(?!\w)")
"""A phase that follows another lies in no time that the other names."""
_PARTS = ("givers", "receivers", "countries", "places", "ministries", "times")


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the things asked about; `loose` is its question without what it only took over from the others."""

    question: Question
    loose: Question | None
    marks: frozenset[str]

    def variants(self) -> list[Question]:
        """The question, and then the looser ones."""
        return [self.question, *([self.loose] if self.loose else [])]

    def label(self, language: str, shared: frozenset[str]) -> str:
        """What tells it from the others: the names that they do not share, else its years or its phase."""
        names = [n for n in (*self.question.names, *self.question.countries) if n not in shared]
        words = [entity(n).display(language) for n in names]
        years = "–".join(dict.fromkeys(str(y) for w in self.question.times for y in (w.first[0], w.last[0])))
        if years:
            words.append(years)
        if not words:
            words = [_PHASES[m][language] for m in sorted(self.marks) if m in _PHASES]
        return (", " if language == "en" else "، ").join(words)


_PHASES = {
    "previous": {"ar": "المرحلة السابقة", "en": "previous phase", "ckb": "قۆناغی پێشوو"},
    "new": {"ar": "المرحلة الجديدة", "en": "new phase", "ckb": "قۆناغی نوێ"},
    "planned": {"ar": "المخطط", "en": "planned", "ckb": "پلان بۆ دانراو"},
    "reached": {"ar": "المتحقق", "en": "reached", "ckb": "بەدیهاتوو"},
}


def slots(question: Question) -> list[Slot]:
    """The things that a question asks about side by side, in its order; fewer than two for an ordinary question."""
    pieces = list(_pieces(question))
    if len(pieces) < 2 and question.asks & {"compare", "aggregate"}:
        if _BOTH_PHASES.search(question.standard):
            return _phases(question)
        if "compare" in question.asks and len(question.times) == 1 and len(question.times[0].years) > 1:
            when = question.times[0]  # «هل كبرت المنحة من 2020 إلى 2021؟»
            points = (When(when.first, when.first), When(when.last, when.last))
            asks = question.asks - {"compare"}
            return [Slot(replace(question, asks=asks, times=(p,)), None, frozenset()) for p in points]
    if len(pieces) < 2:
        if "compare" in question.asks and _MARKS["previous"].search(question.standard):
            return _phases(question)
        return []
    read = [understand(p) for p, _ in pieces]
    bodies = [i for i, (_, kinds) in enumerate(pieces) if kinds & {"givers", "receivers"}]
    marks = [frozenset(m for m, pattern in _MARKS.items() if pattern.search(q.standard)) for q in read]
    found = []
    for i, part in enumerate(read):
        values: dict[str, tuple[object, ...]] = {}
        borrowed: set[str] = set()
        for name in _PARTS:
            own = getattr(part, name)
            if not own:
                own, late = _inherited(read, i, name)
                borrowed |= {name} if late and own else set()
            values[name] = own
        if "new" in marks[i] and _AFTERWARDS.search(part.standard) and not part.times:
            values["times"] = ()
        asks = frozenset(a for a in part.asks if a not in {"aggregate", "compare", "cumulative", "list", "previous"})
        if "previous" in marks[i]:
            asks |= {"previous"}
        if _AFTERWARDS.search(part.standard):
            asks |= {"afterwards"}
        asks |= marks[i] & {"planned", "reached"}
        whole = replace(part, language=question.language, asks=asks, **values)  # type: ignore[arg-type]
        loose = None
        if borrowed & {"times", "givers"} or (part.givers and not part.receivers and values["receivers"]):
            givers = part.givers if "givers" in borrowed else whole.givers
            loose = replace(whole, times=part.times, receivers=part.receivers, givers=givers)
        found.append(Slot(whole, loose, marks[i]))
        if pieces[i][1] == {"times"} and len(bodies) > 1:  # «كندا واليابان في 2020 و2021»: a year for each of them
            others = [found[j].question for j in bodies if j < i and found[j].loose is not None]
            found += [Slot(replace(q, times=whole.times), None, frozenset()) for q in others]
    return found


_BOTH_PHASES = re.compile(r"(?<!\w)[وفبل]?(?:ال|لل)?(?:مرحلت\w{1,3}|دورت\w{1,3}|both phases|two phases)(?!\w)")


def _phases(question: Question) -> list[Slot]:
    """The new and the earlier phase of what a question is about."""
    asks = question.asks - {"compare", "aggregate", "previous", "cumulative"}
    now = replace(question, asks=asks)
    earlier = replace(question, asks=asks | {"previous"})
    return [Slot(now, None, frozenset({"new"})), Slot(earlier, None, frozenset({"previous"}))]


def _inherited(read: list[Question], i: int, name: str) -> tuple[tuple[object, ...], bool]:
    """What a slot takes over from those before it, or else from those after it, and whether it is from after."""
    if name in {"countries", "places"} and (read[i].countries or read[i].places):
        return (), False
    for other in reversed(read[:i]):
        if getattr(other, name):
            return getattr(other, name), False
    if name in {"countries", "places"}:
        return (), False
    for other in read[i + 1 :]:
        if getattr(other, name):
            return getattr(other, name), True
    return (), False


def _pieces(question: Question) -> Iterable[tuple[str, frozenset[str]]]:
    """The text cut at the connectives whose two sides hold a key of the same kind, each piece with its kinds."""
    text = question.worded
    names = [(m.start, m.end) for m in find_mentions(text, fuzzy=True)]
    cuts = [m for m in _BREAK.finditer(text.lower()) if not any(a < m.end() < b for a, b in names)]
    bounds = [0, *(m.start() for m in cuts), len(text)]
    start, kinds = 0, frozenset[str]()
    compares = "compare" in question.asks
    for low, high in itertools.pairwise(bounds):
        own = _keys(text[low:high])
        apart = _OR.match(text[low:high].lower()) is not None and compares
        if (own & kinds) - _WHERE or (apart and _where(own) and _where(kinds)):
            yield text[start:low].strip(" ؟?.،:"), kinds
            start, kinds = low, own
        else:
            kinds |= own
    yield text[start:].strip(" ؟?.،:"), kinds


_OR = re.compile(r"\s*(?:[أا]م|[أا]و|لو|ولا|مقابل|or|versus|vs)\s")
_WHERE = frozenset({"countries", "places"})


def _where(kinds: frozenset[str]) -> bool:
    """Whether a place or a country tells a thing from another: «مشروع موريتانيا أم مشروع سوريا»."""
    return bool(kinds & _WHERE)


def _keys(text: str) -> frozenset[str]:
    """The kinds of key in a piece: givers, receivers, places, times, and words for a phase or for plan and result.

    Places and countries alone part nothing but what «أم» sets against each other.
    """
    read = understand(text)
    found = {part for part in ("givers", "receivers", "times", *_WHERE) if getattr(read, part)}
    found |= {"phase" for m in ("previous", "new") if _MARKS[m].search(read.standard)}
    found |= {"state" for m in ("planned", "reached") if _MARKS[m].search(read.standard)}
    return frozenset(found)
