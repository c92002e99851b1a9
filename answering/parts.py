"""A question that counts several things, taken apart at «وكم»: «كم مدرسة رُممت، وكم منها للبنات؟»."""

import itertools
import re
from dataclasses import replace
from typing import Any

from answering.question import Question, understand
from arabic.analyzer import content_stems

_ALSO = re.compile(r"[،,؛]?\s+و\s?(?=(?:كم|چهند\w*)(?!\w))|[,;]?\s+and\s+(?=how (?:many|much)(?!\w))")
_OF_THEM = re.compile(
    r"^\W*و?\s*(?:كم\s+(?:\w+\s+)?(?:من|بين|ضمن)(?:هم|ها|هن|هما)|how many (?:of|among) (?:them|these|those)|چهنديان)(?!\w)"
)
_SHARED = ("givers", "receivers", "ministries", "times", "currencies", "ordinals")
_PLACED = ("places", "countries")
_AIMS = frozenset(stem for word in ("هدف", "مستهدف", "مخطط", "مقرر", "متوقع", "منشود") for stem in content_stems(word))
_STAGES = frozenset({"previous", "updated", "original", "current"})
_TENSES = frozenset({"planned", "reached", "negation_plan"})


def parts(question: Question) -> list[Question]:
    """One question for each «كم» of a question that has several, each with what it takes over from the others; else none.

    A part that asks for some of what the part before it counts has "of_them" among its `asks`.
    """
    text, cuts = question.worded, list(_ALSO.finditer(question.standard))
    if not cuts:
        return []
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(text)]
    read = [understand(text[a:b], question.language) for a, b in zip(starts, ends, strict=True)]
    if not (read[0].counted or read[0].leads or read[0].asks & {"amount"}):
        return []
    found: list[Question] = []
    for i, part in enumerate(read):
        of_them = _OF_THEM.search(part.standard) is not None
        aim = bool(part.counted) and part.counted[0][1] in _AIMS  # «وكم كان الهدف؟» counts what was counted before
        bare = (not part.counted or aim) and "amount" not in part.asks
        if bare and (aim or not part.leads):  # «وكم منهم عمل؟», «وكم في النجف؟»
            if not found:
                return []
            part = replace(part, counted=found[-1].counted, leads=found[-1].leads[:1], asks=part.asks | found[-1].asks)
        asks = part.asks | question.asks & _STAGES | (frozenset() if part.asks & _TENSES else question.asks & _TENSES)
        asks = asks | {"of_them"} if of_them else asks - {"of_them", "subset"}
        part = part if of_them else _with_names(part, [*reversed(read[:i]), *read[i + 1 :]])
        found.append(replace(part, text=question.text, asks=asks, words=_words(read, i)))
    return found


def _with_names(part: Question, others: list[Question]) -> Question:
    """The part with the names and times that it lacks, of the nearest part before it, else after it."""
    values: dict[str, Any] = {name: _first([part, *others], name) for name in _SHARED}
    if not any(getattr(part, name) for name in _PLACED):
        values |= {name: _first(others, name) for name in _PLACED}
    return replace(part, **values)


def _first(questions: list[Question], name: str) -> tuple[object, ...]:
    return next((value for q in questions if (value := getattr(q, name))), ())


def _words(read: list[Question], i: int) -> tuple[str, ...]:
    """The words of a part; those of the last part too where it has but its noun: «كم بئراً وكم مدرسة بُنيت في …؟»."""
    own = read[i].words
    if len(own) > 1 or i + 1 == len(read):
        return own
    nouns = {noun for q in read for _, noun in q.counted}
    return tuple(dict.fromkeys(itertools.chain(own, (w for w in read[-1].words if w not in nouns))))
