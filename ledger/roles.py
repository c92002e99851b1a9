"""What an amount is (this grant, a part of it, a package, a total …) by the words around it."""

import re
from collections.abc import Sequence

from arabic.cues import load_cues
from arabic.normalize import normalize
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
_STRONG = ("need", "package", "component", "subgrant")


def amount_role(before: str, after: str, figure: Figure, earlier: Sequence[Figure], sentence: str) -> Role:
    """The role of an amount.

    `before` and `after` are the text between it and the figures beside it, `sentence` the sentence up to it, `earlier`
    the sentence's figures before it with their roles.
    """
    cues = load_cues("ledger", "roles.yaml")
    before, after = normalize(before), normalize(after)
    chunk = _BOUNDARY.split(before)[-1]
    tail = _BOUNDARY.split(after)[0]
    previous = earlier[-1] if earlier and earlier[-1].kind == "amount" else None
    if previous and previous.unit != figure.unit and len(before.split()) <= 6:
        opened = _OPENED.search(before) or cues["equivalent"].search(before)
        if opened:
            return "equivalent"
    if previous and previous.unit == figure.unit and previous.value == figure.value and len(before.split()) <= 3:
        return previous.role
    if cues["subgrant"].search(chunk) or cues["subgrant"].search(" ".join(tail.split()[:3])):
        return "subgrant"
    if cues["unmet"].search(after):
        return "need"
    if cues["cumulative"].search(before) or _adds_up(before) or _adds_up(tail):
        return "cumulative"
    if cues["appeal"].search(before) and not cues["give"].search(_VALUED.sub(" ", chunk)):
        return "need"
    nearest = max(_STRONG, key=lambda group: _last(cues[group], chunk))
    if _last(cues[nearest], chunk) >= 0:
        return _as_role(nearest)
    if cues["package"].search(before):
        return "package"
    if previous and not cues["give"].search(before) and previous.role in {"cumulative", "component", "package"}:
        return previous.role
    if cues["give"].search(before) or cues["give"].search(after) or cues["give"].search(normalize(sentence)):
        return "grant"
    return "background"


def _adds_up(words: str) -> bool:
    """Whether a sum beside these words is one over the time since something."""
    since = _SINCE.search(words)
    return since is not None and _RECORD.search(words, 0, since.start()) is None


def count_role(before: str, sentence: str) -> Role:
    """Whether a count is planned or reached, by the nearest words that tell; "background" where none do."""
    cues = load_cues("ledger", "roles.yaml")
    for text in (normalize(before), normalize(sentence)):
        future = max(_last(cues["future"], text), _last(cues["goal"], text))
        past = _last(cues["outcome"], text)
        if future >= 0 or past >= 0:
            return "target" if future >= past else "outcome"
    return "background"


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match starts, -1 where there is none."""
    return max((m.start() for m in pattern.finditer(text)), default=-1)


def _as_role(group: str) -> Role:
    roles: dict[str, Role] = {r: r for r in ("need", "package", "component", "subgrant")}
    return roles[group]
