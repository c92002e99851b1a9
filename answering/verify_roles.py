"""Whether a figure is said to be what its quote says it is: given or needed, this grant or a total, planned or done.

A figure may be right to the last digit, its unit and its donor too, and the sentence be a scandal: the 293 million that a
programme lacks, told as money received. The ledger knows what each figure of a release is; a sentence that tells a need,
a total over years or a package has to say so, and none may tell a plan as done, a part as the whole, or exchange the
giver with the receiver.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from answering.verify_claims import Found, occurrences
from answering.verify_quotes import Piece
from answering.verify_reading import Name, Quantity, Reading, is_duration, read, table
from arabic.cues import cue_pattern, load_cues
from arabic.normalize import normalize
from ledger.facts import Figure
from ledger.gazetteer import related

_SAID = ("need", "cumulative", "package")
"""The roles of amounts that a sentence has to say; the groups of words that say them have the same names."""
_TO = re.compile(r"(?:^|\s)(?:و|ف)?(?:الي|لصالح|لفائده|to|for|لل?)\s*(?:the\s+|(?:حكومه|دوله|مملكه|وزاره)\s+)?(?:ال)?$")
_NOT_TO = re.compile(r"(?:وفقا?|طبقا?|شكرا?|تابعه?|according|thanks)\s+(?:ل\w*|to)\s*(?:\w+\s+)?$")
_GRANT_OF = re.compile(r"(?:منحه|مساهمه|تبرع|تمويل|هبه|مساعده|grant|contribution|donation)\s+(?:of\s+)?(?:\w+\s+)?$")
_ITEM = re.compile(r"\s*(?:[-•*–]|\d{1,2}[.)])\s")
_FUTURE = re.compile(r"(?<!\w)[وف]?س[يتن](?!ا|د|ول|طر|ين|ه|ون|وك)\w{3,}")
"""«سيستفيد», and no car, lady or flood."""
_FROM = re.compile(r"(?:من|بتمويل|بدعم|by|from|of|with)\s*(?:\w+\s+)?$")


def role_faults(text: str, quoted: Sequence[Piece]) -> Iterator[Found]:
    """What is wrong with the parts that the sentence's figures and parties play."""
    claims = read(text)
    for claim in claims.quantities:
        if claim.kind not in {"amount", "count", "number"} or is_duration(claim):
            continue
        where = list(occurrences(claim, quoted))
        figures = [figure for piece, quantity in where if (figure := _figure(piece, quantity)) is not None]
        if not figures:
            continue  # what the ledger does not know is judged elsewhere
        words = text[claim.start : claim.end]
        if fault := _misplayed(text, claim, figures, where):
            yield "role", f"{words} – {fault}"
        elif claim.kind == "amount" and all(_exchanged(text, claims, f) for f in figures):
            yield "role", f"{words} – giver and receiver"


def _figure(piece: Piece, quantity: Quantity) -> Figure | None:
    """The ledger's figure at the quoted quantity."""
    at = piece.source.start + piece.start
    for figure in piece.source.figures:
        if figure.start < at + quantity.end and at + quantity.start < figure.end and figure.value == quantity.value:
            return figure
    return None


def _misplayed(
    text: str, claim: Quantity, figures: Sequence[Figure], where: Sequence[tuple[Piece, Quantity]]
) -> str | None:
    roles = {f.role for f in figures}
    if claim.kind != "amount":
        planned = roles <= {"target", "background"} and all(
            _planned(piece, quantity, roles == {"target"}) for piece, quantity in where
        )
        return "target" if planned and _done(text) else None
    if roles == {"background"} and all(_asked(piece, quantity) for piece, quantity in where):
        handed = any(verb.search(normalize(text)) for verb in _verbs().values())
        return "need" if handed and not _says(text, "need") else None
    role = figures[0].role
    told = role in _SAID and all(_says(piece.text, role) for piece, _ in where)
    if len(roles) == 1 and told and not _says(text, role):
        received = role == "need" and any(_excepted(piece, quantity) for piece, quantity in where)
        if not received:
            return role
    if roles == {"component"} and _says(text, "whole"):
        return "component"
    return None


def _planned(piece: Piece, quantity: Quantity, known: bool) -> bool:
    """Whether a quote tells a count as a plan: the ledger knows it, or the words before it do (for a list those of the
    line above it); and nothing before it is told as done.
    """
    before = piece.text[: quantity.start]
    if _ITEM.match(piece.text):
        before = f"{_announced(piece)} {before}"
    plain = normalize(before)
    future = known or _FUTURE.search(plain) or any(p.search(plain) for p in _cues()["plans"])
    return bool(future) and not any(p.search(normalize(piece.text[: quantity.start])) for p in _cues()["done"])


def _announced(piece: Piece) -> str:
    """The line that ends with a colon before the list in which a piece stands."""
    lines = [line for line in piece.source.text[: piece.start].splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line.rstrip().endswith(":")), "")


def _asked(piece: Piece, quantity: Quantity) -> bool:
    """Whether the clause before a sum asks for it («دعت المانحين إلى تأمين 77 مليون دولار»)."""
    clause = re.split(r"[،؛:.]", piece.text[: quantity.start])[-1]
    return any(p.search(normalize(clause)) for p in _cues()["asks"])


def _done(text: str) -> bool:
    """Whether a count is told as reached, and nothing in the sentence tells of a plan."""
    if _says(text, "planned"):
        return False
    return _says(text, "done")


def _excepted(piece: Piece, quantity: Quantity) -> bool:
    """«لم نتسلم منها سوى 12 مليوناً»: what was received of a need."""
    words = normalize(piece.text[max(0, quantity.start - 40) : quantity.start]).split()
    exceptions = table()["exceptions"]
    assert isinstance(exceptions, list)
    return any(w in {normalize(str(e)) for e in exceptions} for w in words)


def _exchanged(text: str, claims: Reading, figure: Figure) -> bool:
    """Whether the quote's receiver is told as giving to the quote's giver, or its giver as receiving from its receiver."""
    if figure.donor is None or figure.recipient is None or related(figure.donor, figure.recipient):
        return False
    giver = next((n for n in claims.names if related(n.entity, figure.donor or "")), None)
    receiver = next((n for n in claims.names if related(n.entity, figure.recipient or "")), None)
    if giver is None or receiver is None or related(giver.entity, receiver.entity):
        return False
    before_giver, before_receiver = (
        normalize(text[: n.start]) + " " * (text[n.start - 1 : n.start] == " ") for n in (giver, receiver)
    )
    if _TO.search(before_receiver) or _FROM.search(before_giver):
        return False
    if (
        _TO.search(before_giver)
        and not _NOT_TO.search(before_giver)
        and (_GRANT_OF.search(before_receiver) or _FROM.search(before_receiver))
    ):
        return True
    verbs = _verbs()
    first = giver if giver.start < receiver.start else receiver
    gave, got = (_subject(text, first, verbs[kind]) for kind in ("gave", "got"))
    if gave and not got:
        return first is receiver and not _FROM.search(before_giver)
    if got and not gave:
        return first is giver and not _TO.search(before_giver)
    return False


def _subject(text: str, name: Name, verb: re.Pattern[str]) -> bool:
    """Whether the name is the verb's subject: right behind it in Arabic and Sorani, right before it in English."""
    before = normalize(text[max(0, name.start - 40) : name.start])
    after = normalize(text[name.end : name.end + 30])
    found = list(verb.finditer(before))
    if found and len(before[found[-1].end() :].split()) <= 2 and not _TO.search(before):
        return True
    return verb.match(after.lstrip()) is not None


def _says(text: str, group: str) -> bool:
    plain = normalize(text)
    return any(pattern.search(plain) for pattern in _cues()[group]) or (
        group == "planned" and _FUTURE.search(plain) is not None
    )


@cache
def _cues() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """The words by which a sentence says a role: those of the ledger for Arabic, those of verify.yaml beside them."""
    own = table()["roles"]
    assert isinstance(own, dict)
    ledger = load_cues("ledger", "roles.yaml")
    theirs = {
        "need": ("need", "unmet", "appeal"), "cumulative": ("cumulative", "since"), "package": ("package",),
        "planned": ("goal", "future"), "plans": ("goal", "future"), "asks": (), "done": (), "whole": (),
    }  # fmt: skip
    return {group: (cue_pattern(own[group]), *(ledger[name] for name in names)) for group, names in theirs.items()}


@cache
def _verbs() -> Mapping[str, re.Pattern[str]]:
    own = table()["roles"]
    assert isinstance(own, dict)
    return {kind: cue_pattern([f"={word}" for word in own[kind]]) for kind in ("gave", "got")}
