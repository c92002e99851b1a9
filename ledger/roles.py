"""What an amount is (this grant, a part of it, a package, a total …) by the words around it."""

import re
from collections.abc import Collection, Sequence

from arabic.cues import load_cues
from ledger.facts import Figure, Role

_BOUNDARY = re.compile(r"[،؛:.!?؟]|,(?!\d)")
_SINCE = re.compile(
    r"(?<!\w)[وف]?(?:منذ|مذ|since)\s+(?!(?:(?:اول|بضعه|نحو|قرابه|حوالي)\s+)?(?:امس|ايام|يوم|يومين|اسبوع\w*|اسابيع|ساع\w*|دقائق|قليل|حين|مده|لحظ\w*)(?!\w))"
)
"""«منذ» with a year, a month or an event adds up; «منذ أيام» only says when."""
_RECORD = re.compile(r"(?<!\w)(?:ال|لل|ل|ب)?(?:اسوا|اكبر|اضخم|اقسي|اشد|اعلي|ادني|اقل|اول|افضل|اطول)(?!\w)")
"""«أسوأ موسم منذ نصف قرن» adds nothing up."""
_OPENED = re.compile(r"[(（]\s*(?:(?:نحو|حوالي|قرابه|زهاء|اي|ما|يعادل|يساوي|بما)\s*)*$")
_VALUED = re.compile(r"(?<!\w)و?(?:ب?قيمت\w*|ب?قيمه|قدر\w*|مقدار\w*|ب?مبلغ\w*)(?!\w)")
"""Words that say how large something is, not that somebody gives it."""
_HAD = re.compile(r"\W*(?:\w+\s+){0,2}قد\s+(?![ينت]\w{3})\w")
"""After a count: «كان 850 مريضاً قد عولجوا»."""
_MEANT = re.compile(
    r"\W*(?:\w+\s+){0,2}?(?:التي\s+|الذين\s+)?(?:كان\w*\s+)?(?:[يت]راد|مراد\w*|مستهدف\w*|استهدف\w*|مخطط\w*|مقرر\w*|متوقع\w*|مرسوم\w*|منتظر\w*|وعد\w*)(?!\w)"
)
"""After a count: «من أصل 3,000 كان يراد تدريبهم», «400 التي وُعد بها»."""
_INSTALMENT = re.compile(r"(?<!\w)(?:ال|لل|ب|ل|و)?(?:قسط|اقساط|دفعات|instalments?)(?!\w)")
_SHARED_OUT = re.compile(r"[:：][^:.]*$")
_OUT_OF = re.compile(r"(?<!\w)من اصل(?:\s+(?:نحو|حوالي|قرابه))?\s*$")
"""Before a count, where a goal is spoken of: «لم يبلغ هدفه، إذ أُنجز 64 صفاً من أصل مئة»."""
_STRONG: tuple[Role, ...] = ("need", "package", "component", "subgrant")


def amount_role(
    before: str, after: str, figure: Figure, earlier: Sequence[Figure], sentence: str, cues: Collection[str]
) -> Role:
    """The role of an amount.

    `before` and `after` are the folded text between it and the figures beside it, `sentence` the sentence up to it,
    folded, `earlier` the sentence's figures before it with their roles, `cues` the groups that the whole sentence
    holds: no others are looked for.
    """
    patterns = load_cues("ledger", "roles.yaml")

    def has(group: str, text: str) -> bool:
        return group in cues and patterns[group].search(text) is not None

    chunk = _BOUNDARY.split(before)[-1]
    tail = _BOUNDARY.split(after)[0]
    previous = earlier[-1] if earlier and earlier[-1].kind == "amount" else None
    another = previous is not None and previous.unit != figure.unit and len(before.split()) <= 6
    if another and (_OPENED.search(before) or has("equivalent", before)):
        return "equivalent"
    if previous and previous.unit == figure.unit and previous.value == figure.value and len(before.split()) <= 3:
        return previous.role
    if _INSTALMENT.search(chunk) and "component" in cues:
        return "component"  # «على أقساط قدر الواحد منها 10 ملايين» is no price
    if has("subgrant", chunk) or has("subgrant", " ".join(tail.split()[:3])):
        return "subgrant"
    if has("unmet", after):
        return "need"
    if has("cumulative", before) or _adds_up(before) or _adds_up(tail):
        return "cumulative"
    if has("appeal", before) and not has("give", _VALUED.sub(" ", chunk)):
        return "need"
    last = {group: _last(group, chunk, cues) for group in _STRONG}
    nearest = max(_STRONG, key=last.__getitem__)
    if last[nearest] >= 0:
        return nearest
    if has("package", before):
        return "package"
    if _SHARED_OUT.search(before) and has("component", before):
        return "component"  # «وصارت الحصص كما يلي: …»
    if previous and not has("give", before) and previous.role in {"cumulative", "component", "package"}:
        return previous.role
    if has("give", before) or has("give", after) or has("give", sentence):
        return "grant"
    return "background"


def _adds_up(words: str) -> bool:
    """Whether a sum beside these words is one over the time since something."""
    since = _SINCE.search(words)
    return since is not None and _RECORD.search(words, 0, since.start()) is None


def count_role(before: str, after: str, sentence: str, cues: Collection[str]) -> Role:
    """Whether a count is planned or reached, by the nearest words that tell; "background" where none do.

    `before` and `after` are the folded text between it and the figures beside it, `sentence` the sentence up to it,
    folded, `cues` the groups that the whole sentence holds.
    """
    if _HAD.match(after):
        return "outcome"
    if _MEANT.match(after) or (_OUT_OF.search(before) and not {"future", "goal"}.isdisjoint(cues)):
        return "target"
    if not {"future", "goal", "outcome"}.isdisjoint(cues):
        for text in (before, sentence):
            future = max(_last("future", text, cues), _last("goal", text, cues))
            past = _last("outcome", text, cues)
            if future >= 0 or past >= 0:
                return "target" if future >= past else "outcome"
    return "background"


def _last(group: str, text: str, cues: Collection[str]) -> int:
    """Where the last cue of the group starts, -1 where there is none."""
    last = -1
    if group in cues:
        for match in load_cues("ledger", "roles.yaml")[group].finditer(text):
            last = match.start()
    return last
