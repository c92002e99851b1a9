"""Who pays a sum, by the words that a sentence says of it: the state, an authority, the people themselves, or a name."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from arabic.cues import groups_in, load_cues
from arabic.normalize import fold, normalize
from ledger.gazetteer import Mention, find_mentions

Span = tuple[int, int]
CLASSES = ("state", "authority", "community")
"""Payers that have no name in the gazetteer."""

_BREAK = re.compile(r"[،؛;]|,(?!\d)|\s(?=و)")
_BRACKET = re.compile(r"[^()]{0,40}\)")
_CLAUSE = re.compile(r"[،؛;]|,(?!\d)")
_TAKES = re.compile(r"[وف]?(?:ل|بال|كال)")
"""«للحكومة» and «بالحكومة» are no subjects."""
_OF = re.compile(r"(?:^|\s)(?:و|ف)?(?:الي|لصالح|لفائده|في|داخل|مع|to|for|in|with)\s+(?:the\s+)?$")
_NAMED = 5
"""Words within which a government or a ministry is called by its country: «وزارة الخارجية في لوكسمبورغ»."""
_NEAR = 3
"""Words that may stand between a verb and the one who pays."""
_LABEL = re.compile(r"^\W*(?:\d{1,2}\s*[.)]\s*)?(\w+(?:\s+\w+){0,2})\W*$")


def own_words(text: str, low: int, high: int, amount: Span, others: Sequence[Span], names: Sequence[Span]) -> Span:
    """What of a sentence [low, high) is said of one of its amounts, cut between it and the amounts beside it.

    «9 ملايين من البنك و5 ملايين من الصندوق» is cut after the giver, «يقدم البنك 9 ملايين، ويدفع الصندوق 5» before
    it; no name is cut. All are offsets into `text`.
    """
    before = max((end for _, end in others if end <= amount[0]), default=None)
    after = min((start for start, _ in others if start >= amount[1]), default=None)
    start = low if before is None else _cut(text, before, amount[0], names)
    end = high if after is None else _cut(text, amount[1], after, names)
    return start, end


def _cut(text: str, start: int, end: int, names: Sequence[Span]) -> int:
    """Where between two amounts the words of the second begin."""
    bracket = _BRACKET.match(text, start, end)  # «(8 ملايين دولار، قرضاً)»
    after = max(start + comes_from(text[start:end]), bracket.end() if bracket else start)
    for pattern in (_CLAUSE, _BREAK):
        for found in pattern.finditer(text, after, end):
            if not any(a < found.end() < b for a, b in names):
                return found.end()
    return end


@lru_cache(maxsize=65536)
def comes_from(after: str) -> int:
    """How far, right after a sum, the words go that begin to say from whom it comes: «قرضاً من …», «أتاحها …»; else 0."""
    folded = fold(after)
    if found := _from().match(folded.text):
        return folded.span(0, found.end())[1]
    for verb in verbs_of_paying(folded.text)[:1]:
        if _WHICH.fullmatch(verb.group()) and len(folded.text[: verb.start()].split()) <= 1:
            return folded.span(0, verb.end())[1]
    return 0


_WHICH = re.compile(r"[^و].*(?:ها|ه|هما)")


@lru_cache(maxsize=1)
def _from() -> re.Pattern[str]:
    source = load_cues("ledger", "payers.yaml")["source"].pattern
    return re.compile(rf"\W*(?:(?![لو]|ال?باقي|ال?متبقي|البقي)\w+\W+){{0,3}}?(?:{source})\s+")


@lru_cache(maxsize=65536)
def payer_classes(before: str, after: str) -> frozenset[str]:
    """Which of CLASSES pay a sum, by the words before it and those after it that are its own."""
    head, tail = normalize(before), normalize(after)
    named = groups_in("ledger", "payers.yaml", f"{head} {tail}").intersection(CLASSES)
    if not named:
        return frozenset()
    cues = load_cues("ledger", "payers.yaml")
    label = _LABEL.match(head)
    found = set()
    for kind in named:
        for word in cues[kind].finditer(head):
            if _is_subject(head, word.start(), word.end()) or (label and _begins(label, word)):
                found.add(kind)
        found |= {kind for word in cues[kind].finditer(tail) if _follows(tail, word)}
    if "state" in found and _are_donors(head, tail):
        found.discard("state")
    return frozenset(found)


@lru_cache(maxsize=65536)
def pays(name: str, before: str, after: str) -> bool:
    """Whether a body pays a sum, by the words before it and those after it that are its own: no signatory does."""
    head, tail, word = normalize(before), normalize(after), re.escape(normalize(name))
    if re.match(rf"\W*{word}[^:|]*[:|(]", head):
        return True  # «وزارة التربية الاتحادية: 600 ألف دولار»
    return any(_names_payer(head[: found.start()]) for found in re.finditer(word, head)) or any(
        _follows(tail, found) for found in re.finditer(word, tail)
    )


def _begins(label: re.Match[str], word: re.Match[str]) -> bool:
    """Whether all that stands before a sum is a name that begins with this word: «والخزينة العامة (2 مليون)»."""
    return word.start() <= label.start(1) + 1 and _TAKES.match(word.group()) is None


def _is_subject(text: str, start: int, end: int) -> bool:
    """Whether a noun at [start, end) pays: after a verb of paying or before one, or where its purse is named."""
    if _TAKES.match(text, start, end) or _OF.search(text[:start]):
        return False
    after = " ".join(_CLAUSE.split(text[end:])[0].split()[: _NEAR + 2])
    return _names_payer(text[:start]) or any(not _crosses(after[: verb.start()]) for verb in verbs_of_paying(after)[:1])


def _names_payer(before: str) -> bool:
    """Whether the words right before a name say that it pays: a verb of paying, or whose purse it is."""
    clause = _last_words(_CLAUSE.split(before)[-1], _NEAR + 1)
    if load_cues("ledger", "payers.yaml")["purse"].search(clause):
        return True
    return any(not _crosses(clause[verb.end() :]) for verb in verbs_of_paying(clause))


def verbs_of_paying(text: str) -> list[re.Match[str]]:
    """The verbs of a normalised text that say that somebody pays; after a preposition or with an article they are nouns."""
    found = load_cues("ledger", "payers.yaml")["pays"].finditer(text)
    return [v for v in found if not _NOUN.search(text[: v.start()]) and "ال" not in v.group()[:3]]


_NOUN = re.compile(r"(?:^|\s)[وف]?(?:من|في|عن|علي|الي)\s+$")


_PREPOSITION = re.compile(r"(?<!\w)[وف]?(?:الي|في|علي|مع|ان|ل\w{2,}|to|for|in|that)(?!\w)")


def _crosses(between: str) -> bool:
    """Whether the words between a verb and a noun belong to something else: «تدفع هولندا للحكومة»."""
    return len(between.split()) > _NEAR or _PREPOSITION.search(between) is not None


def _last_words(text: str, count: int) -> str:
    return " ".join(text.split()[-count:])


def _follows(tail: str, word: re.Match[str]) -> bool:
    """Whether one who is named after a sum gives it: «من الحكومة», «تتكفل بها الحكومة»."""
    if _TAKES.match(word.group()):
        return False
    if not tail[: word.start()].strip() and _DEFINITE.match(word.group()):
        return True  # «يدفع الصندوق 6 ملايين دولار، ومليوني دولار السلطة المحلية»
    begun = comes_from(tail)
    if begun and begun <= word.start() and len(tail[begun : word.start()].split()) < _NEAR:
        return not _crosses(tail[begun : word.start()])
    return any(
        verb.end() <= word.start() and not _crosses(tail[verb.end() : word.start()])
        for verb in verbs_of_paying(tail)
        if len(tail[: verb.start()].split()) <= 1
    )


_DEFINITE = re.compile(r"ال|\w+\s+ال")


def _are_donors(*texts: str) -> bool:
    """Whether every government that is named is a donor's: «الحكومة اليابانية», «دولة قطر»."""
    words = [(text, word) for text in texts for word in load_cues("ledger", "payers.yaml")["state"].finditer(text)]
    return all(gives(find_mentions(" ".join(text[word.start() :].split()[:_NAMED]))) for text, word in words)


def gives(mentions: Iterable[Mention]) -> bool:
    """Whether a country that gives aid is among the mentions."""
    return any(m.entity.kind == "country" and "receives" not in m.entity.roles for m in mentions)
