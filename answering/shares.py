"""Whose share of the money a question asks for: «كم تدفع المحافظة من كلفة المشروع الذي تموله هولندا؟»."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from answering.evidence import Scored
from answering.question import Question, generic_stems
from arabic.analyzer import content_stems
from arabic.cues import load_cues
from arabic.stopwords import is_stopword
from ledger.facts import Figure
from ledger.gazetteer import Mention, entity, find_mentions, related
from ledger.parties import is_giver, own_span
from ledger.payers import CLASSES, gives, payer_classes, verbs_of_paying

_SUBJECT = re.compile(r"\s*(?:(?:هي|هو|فعلا|ايضا|ايضاً|the)\s+)?")
_OBJECT = re.compile(r"(?:و|ف)?(?:ل|ب|ال?ي\b|من\b|في\b|علي\b|عن\b|الي\b|كل\b|كم\b|ان\b|ما\b)")
_AUXILIARY = re.compile(r"(?<!\w)(?:does|do|did|will|would|is|are|was|were|has|have)\s+(?:the\s+)?")
_ASKED = re.compile(r"(?<!\w)[وف]?(?:كم|بكم|شكد|ما|ماذا|من|مقدار|مبلغ|المبلغ|how much|what|چهند)(?:\s+\S+){0,5}\s*$")
"""A question word, shortly before the verb."""
_ASKED_LATE = re.compile(
    r"\W*(?:(?:هي|هو|طيب|طب)\s+)?(?!كم|ما\b|من\b|في\b|هل\b)((?:\w+\s+){1,4})\w+\s+كم\s+(?:من|في|ل\w+)(?!\w)"
)
"""«الحكومة المصرية هتدفع كام من التكلفة؟»: who pays, the verb, then the question word."""
_OUT_OF_A_GRANT = re.compile(
    r"(?<!\w)(?:من|out of|from)\s+(?:ال|the\s+)?(?:منح|قرض|مبلغ|تمويل|مساهم|هب|تبرع|مال|اموال|دفع|grant|loan|money)"
)
_AND = re.compile(r"\s*(?:و|and|،)\s*$")


@dataclass(frozen=True, slots=True)
class Asked:
    """The payers whose share is asked for: of CLASSES, gazetteer ids, and the stems of one that neither knows."""

    classes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.classes or self.names or self.stems)


def asked_payers(question: Question) -> Asked:
    """Who is the subject of a verb of paying in the question, or owns the share that it asks for; else its givers."""
    found = _asked(question.standard, question.worded if len(question.worded) == len(question.standard) else "")
    return found if found.classes or found.names else replace(found, names=frozenset(question.givers))


@lru_cache(maxsize=4096)
def _asked(standard: str, worded: str) -> Asked:
    cues = load_cues("ledger", "payers.yaml")
    mentions = find_mentions(worded or standard, fuzzy=True)
    for start, share in _openings(standard):
        if found := _payer_at(standard, start, mentions, share=share):
            return found
    if purse := cues["purse"].search(standard):
        return _payer_at(standard, purse.end() + 1, mentions, share=True)
    return Asked()


def _openings(standard: str) -> list[tuple[int, bool]]:
    """Where one who pays may be named, each with whether it is as the owner of a share."""
    cues = load_cues("ledger", "payers.yaml")
    verbs = [v for v in verbs_of_paying(standard) if _ASKED.search(standard[: v.start()])]
    if _OUT_OF_A_GRANT.search(standard):
        verbs = [v for v in verbs if cues["spends"].fullmatch(v.group()) is None]
    found = [(v.end(), False) for v in verbs] + [(s.end(), True) for s in cues["share"].finditer(standard)]
    if verbs_of_paying(standard) and (late := _ASKED_LATE.match(standard)):
        found.append((late.start(1), False))
    for auxiliary in _AUXILIARY.finditer(standard):
        if any(0 <= v.start() - auxiliary.end() <= _NAME for v in verbs):
            found.append((auxiliary.end(), False))
    return sorted(found)


_NAME = 60
"""Letters that a name between "does" and "pay" may have."""


def _payer_at(standard: str, at: int, mentions: list[Mention], *, share: bool) -> Asked:
    """Who is named right there; nobody where a preposition or what is paid for stands there."""
    space = _SUBJECT.match(standard, at)
    at = space.end() if space else at
    cues = load_cues("ledger", "payers.yaml")
    named = [m for m in mentions if at <= m.start and standard[at : m.start] in {"", "ال"}]
    if named and named[0].entity.kind == "country" and "receives" in named[0].entity.roles:
        of_it = cues["state"].match(standard, named[0].end + 1)  # "the Tunisian government"
        if of_it or named[0].text != standard[named[0].start : named[0].end].split(maxsplit=1)[0]:
            return Asked(classes=frozenset({"state"}))
    bodies = [m for m in named if m.entity.kind == "organisation" or gives([m])]
    for kind in CLASSES if not bodies else ():
        word = cues[kind].match(standard, at)
        if word and not standard[at:].startswith(("لل", "بال")):
            after = find_mentions(" ".join(standard[word.start() :].split()[:3]))
            if kind == "state" and gives(after):
                break
            return Asked(classes=frozenset(k for k in CLASSES if cues[k].match(standard, at)))
    if named and not share:
        names = [named[0]]
        for mention in mentions:
            if mention.start >= names[-1].end and _AND.match(standard[names[-1].end : mention.start]):
                names.append(mention)
        verb = standard[:at].rstrip().rpartition(" ")[2]  # an agency spends what others gave
        kinds = {"ministry"} if cues["spends"].fullmatch(verb) else {"ministry", "organisation"}
        return Asked(names=frozenset(m.entity.id for m in names if m.entity.kind in kinds or is_giver(m.entity)))
    if share or named or _OBJECT.match(standard, at):
        return Asked()
    words = [word for word in standard[at:].split()[:2] if not is_stopword(word.strip("؟?.،"))]  # «كم صرف منه؟»
    if len(words) > 1 and not words[1].startswith("ال"):
        words = words[:1]
    return Asked(stems=frozenset(content_stems(" ".join(words))) - generic_stems())


def asked_givers(question: Question, asked: Asked) -> frozenset[str]:
    """The givers of the question that are asked for; those that it names beside another payer only tell the project."""
    if asked.classes:
        return frozenset()
    own = asked.names & set(question.givers)
    return own or (frozenset() if asked.names else frozenset(question.givers))


def payer_of(scored: Scored, figure: Figure) -> str | None:
    """Who pays a sum by its own words: the id of a giver or a ministry, or one of CLASSES; None where they name nobody."""
    text, statement = scored.source.release.text, scored.statement
    start, end = own_span(text, statement, figure)
    own = [n.entity for n in statement.named if start <= n.start and n.end <= end]
    named = [n for n in own if is_giver(entity(n))]
    if figure.donor and any(related(n, figure.donor) for n in named):
        return figure.donor
    classes = payer_classes(text[start : figure.start], text[figure.end : end])
    ministry = next((n for n in own if entity(n).kind == "ministry"), None)
    return ministry or next((c for c in CLASSES if c in classes), None)
