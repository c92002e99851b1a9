"""The words of a sentence: links and mark-up, names that nobody knows, instructions leaked, content without a source."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from answering.verify_claims import Found
from answering.verify_quotes import Piece
from answering.verify_reading import Reading, read, table, units_named
from arabic.analyzer import words as words_of
from arabic.counts import unit_of
from arabic.cues import cue_pattern
from arabic.language import Language, detect_language
from arabic.lexicon import related_stems, to_standard, translate
from arabic.normalize import normalize
from arabic.stem import light10, skeleton
from arabic.stopwords import is_stopword

MOST = 500
"""Characters that a sentence of an answer may have."""

_LINK = re.compile(
    r"\w+://|\bwww\.|\bhxxp|\bmailto:|\btel:|\S@\S|(?<!\w)@\w{3,}|\bt\.me\b"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\s*(?:\.|\[\.\]|\(\.\)|\sdot\s)\s*(?:com|org|net|int|info|io|co|me|ly|gl|xyz|site|online|link|app|ru|cn|edu|gov|biz|top|shop)\b"
    r"|\bxn--|[\w-]+\.(?:شبكة|موقع)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<>{}`\\|]|\]\(|!\[|\*\*|__|^#{1,6}\s|&#?\w+;", re.MULTILINE)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'’.-]*[A-Za-z\u00c0-\u024f]|\b[A-Z]\b")
_COMMON = re.compile(r"\w{3}(?:tion|sion|ment|ing|ance|ence|ity|ship|ness|ers|ed|ees|ies|ives)$")
"""Endings of common nouns, with which an English sentence may open in a capital."""
_LETTERS = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u064b-\u0652\u0670\u0640])*")
_HOLE = "·"
"""Stands for a letter of what is judged elsewhere; no letter and no white space."""
_PROCLITIC = re.compile(rf"\w+(?={_HOLE})")
_OWNER = re.compile(r"(?<=\w{3})(?:نا|هم|هما|هن|كم|ها|ه)$")
_LEAKED = 6
"""Words in a row of the instructions that no answer repeats unless its quotes do."""
_SHARE = {"ar": 0.75, "en": 0.5, "ckb": 0.3}
"""The least share of a sentence's own content words that its quotes have to know, by language: across languages the
tables know only some words."""
_RUN = 3
"""Content words in a row that no quote knows: a statement of its own, however long the sentence."""
_UNKNOWN = 0.35
"""What a word without a translation counts, where the tables are all there is."""


def form_faults(text: str, language: Language) -> Iterator[Found]:
    """Emptiness, length, links, mark-up, another language than the question's."""
    if not any(c.isalnum() for c in text):
        yield "empty", text
        return
    if len(text) > MOST:
        yield "long", f"{text[:30]}…"
    link = _LINK.search(text) or _LINK.search(normalize(text))
    if link:
        yield "link", link.group()
    markup = _MARKUP.search(text)
    if markup:
        yield "markup", markup.group()
    if not _in_language(text, language):
        yield "language", text[:40]


def _in_language(text: str, language: Language) -> bool:
    if detect_language(text) == language:
        return True
    letters = _LETTERS.findall(text)
    arabic = sum(normalize(w)[:1] >= "\u0620" for w in letters)
    if language == "en":
        return arabic == 0
    return arabic > len(letters) / 2 and language == "ckb" and any(c in text for c in "ۆێڕڵەڤھ")


def leak_faults(text: str, instructions: str, quoted: Sequence[Piece]) -> Iterator[Found]:
    """Words in a row that stand in the instructions and in no quote."""
    runs = _runs(instructions)
    mine = words_of(text)
    own = set().union(*(_runs(p.text) for p in quoted)) if quoted else set()
    for i in range(len(mine) - _LEAKED + 1):
        run = tuple(mine[i : i + _LEAKED])
        if run in runs and run not in own:
            yield "leak", " ".join(run)
            return


@lru_cache(maxsize=64)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    found = words_of(text)
    return frozenset(tuple(found[i : i + _LEAKED]) for i in range(len(found) - _LEAKED + 1))


def word_faults(text: str, language: Language, quoted: Sequence[Piece]) -> Iterator[Found]:
    """Names that no quote, title or gazetteer knows, and sentences whose content their quotes do not hold."""
    claims = read(text)
    texts = [f"{p.text} {p.source.title}" for p in quoted]
    around = dict.fromkeys(
        f"{p.source.text} {p.source.title}" for p in quoted
    )  # a passage says what its parts are about
    have = frozenset().union(*map(stem_set, around))
    exact = frozenset().union(*map(_exact_stems, texts))
    latin = {w.lower() for t in texts for w in _LATIN.findall(t)}
    rest = _masked(text, claims)
    yield from _unknown_names(text, rest, language, exact, latin)
    bones = frozenset().union(*map(_skeletons, around))
    share, unknown, run = _support(rest, language, have | _role_words(quoted), bones)
    units = {unit for t in texts for unit in units_named(t)}
    if (claimed := _superlative(text)) and not any(map(_superlative, texts)):
        yield "words", claimed
    things = [w for w in unknown if unit_of(w) is not None and unit_of(w) not in units]
    if share < _SHARE[language] or things or (language == "ar" and run >= _RUN):
        yield "words", "، ".join(things or unknown[:5])


@lru_cache(maxsize=4096)
def _superlative(text: str) -> str | None:
    """The word by which a text says that nothing is larger, or that there was nothing like it."""
    found = _superlatives().search(normalize(text))
    return found.group() if found else None


@cache
def _superlatives() -> re.Pattern[str]:
    return cue_pattern(str(w) for w in _list("superlatives"))


@lru_cache(maxsize=2048)
def stem_set(text: str) -> frozenset[str]:
    """The stems of a text, those with and those without a one-letter proclitic."""
    return frozenset(form for word in words_of(text) for form in forms(word))


@lru_cache(maxsize=2048)
def _exact_stems(text: str) -> frozenset[str]:
    return frozenset(form for word in words_of(text) for form in _exact(word))


def _exact(word: str) -> frozenset[str]:
    """The stems of a name with and without «ل» and «ب», of which no near miss is another name."""
    bare = word[1:] if len(word) > 4 and word[0] in "لب" else word
    return frozenset({light10(word), light10(bare)})


@lru_cache(maxsize=1 << 15)
def forms(word: str) -> frozenset[str]:
    """The stems that a normalised word may have."""
    bare = word.removeprefix("و") if len(word) > 3 else word
    found = {light10(word), light10(bare)}
    if len(bare) > 4 and bare.endswith("ت"):  # «أنشأت»
        found.add(light10(bare[:-1]))
    if len(bare) > 3 and bare[0] in "بلكفسيتن":
        found.add(light10(bare[1:]))
    owned = _OWNER.sub("", bare)  # «خطتنا» is «خطة» with its owner
    if owned != bare:
        found |= {light10(owned), light10(owned.removesuffix("ت"))}
    return frozenset(found)


def _masked(text: str, claims: Reading) -> str:
    """The text without what is judged elsewhere: names, figures, dates, shares."""
    letters = list(text)
    for group in (claims.names, claims.quantities, claims.dates, claims.stretches, claims.lengths, claims.shares):
        for item in group:
            letters[item.start : item.end] = _HOLE * (item.end - item.start)
    for item in (*claims.crowds, *claims.negations):
        letters[item.start : item.end] = _HOLE * (item.end - item.start)
    return _PROCLITIC.sub(" ", "".join(letters))


def _unknown_names(text: str, rest: str, language: Language, exact: frozenset[str], latin: set[str]) -> Iterator[Found]:
    for match in _LATIN.finditer(rest):
        word = match.group()
        plain = word.lower().removesuffix("'s").removesuffix("’s").rstrip(".")
        if plain in latin or (language == "en" and not word[0].isupper()):
            continue
        parts = [p for p in re.split(r"[-.]", plain) if p]
        if all(p in latin or (language == "en" and (p in _capitals() or translate(p, "en"))) for p in parts):
            continue
        if language == "en" and _opens(text, match.start()) and (is_stopword(plain) or _COMMON.search(plain)):
            continue
        yield "unknown_name", word
        return
    tokens = list(_LETTERS.finditer(rest))
    for head, following in pairwise(tokens):
        if rest[head.end() : following.start()].strip():
            continue
        word, name = normalize(head.group()), normalize(following.group())
        titled = word.startswith("ال")
        if not (forms(word) & (_titles() if titled else _heads())):
            continue
        if is_stopword(name) or forms(name) & _free() or _exact(name) & exact:
            continue
        yield "unknown_name", f"{head.group()} {following.group()}"
        return


def _opens(text: str, position: int) -> bool:
    return not text[:position].strip()


def _role_words(quoted: Sequence[Piece]) -> frozenset[str]:
    """The words that say what the quoted figures are: «الحاجة» of what the release calls an appeal."""
    groups = table()["roles"]
    assert isinstance(groups, dict)
    roles = {
        f.role
        for p in quoted
        for f in p.source.figures
        if p.source.start + p.start <= f.start and f.end <= p.source.start + p.end
    }
    return frozenset().union(*(_role_forms(role) for role in roles & groups.keys()))


@cache
def _role_forms(role: str) -> frozenset[str]:
    groups = table()["roles"]
    assert isinstance(groups, dict)
    return frozenset(form for word in groups[role] for form in forms(normalize(word.strip("*="))))


def _support(
    rest: str, language: Language, have: frozenset[str], bones: frozenset[str]
) -> tuple[float, list[str], int]:
    """The share of the content words that the quotes know (1 where there are none), the unknown words, and how many of
    these stand in a row.
    """
    total, known, unknown = 0.0, 0.0, []
    run = longest = 0
    text = to_standard(rest) if language == "ar" else rest
    for match in _LETTERS.finditer(text):
        word = normalize(match.group())
        if len(word) < 2 or is_stopword(word) or forms(word) & _free():
            continue
        total += 1
        if _known(word, have, bones):
            known += 1
            run = 0
            continue
        terms = translate(match.group(), language) if language != "ar" else []
        if terms and any(_known(normalize(t), have, bones) or forms(normalize(t)) & _free() for t in terms):
            known += 1
            run = 0
            continue
        run += 1
        longest = max(longest, run)
        if language != "ar" and not terms:
            known += _UNKNOWN
        unknown.append(match.group())
    return (known / total if total else 1.0), unknown, longest


def _known(word: str, have: frozenset[str], bones: frozenset[str]) -> bool:
    mine = forms(word)
    if mine & have or any(related_stems(form) & have for form in mine):
        return True
    if not bones.isdisjoint(b for form in mine if (b := skeleton(form))):
        return True
    return any(len(form) >= 4 and _alike(form, other) for form in mine for other in have)


@lru_cache(maxsize=2048)
def _skeletons(text: str) -> frozenset[str]:
    return frozenset(b for form in stem_set(text) if (b := skeleton(form)))


@lru_cache(maxsize=1 << 16)
def _alike(a: str, b: str) -> bool:
    """Whether two stems look like forms of one word: three in five letter pairs shared, the first letters among them."""
    if abs(len(a) - len(b)) > 2 or len(b) < 3 or a[:2] != b[:2]:
        return False
    x, y = (Counter(zip("^" + w, w + "$", strict=True)) for w in (a, b))
    return 2 * (x & y).total() / (x.total() + y.total()) >= 0.6


@cache
def _free() -> frozenset[str]:
    free = table()["free"]
    assert isinstance(free, list)
    return frozenset(form for word in free for form in forms(normalize(str(word))))


@cache
def _heads() -> frozenset[str]:
    return frozenset(light10(normalize(str(w))) for w in _list("heads"))


@cache
def _titles() -> frozenset[str]:
    """Heads with the article of their own: persons («السفير …»)."""
    return frozenset(light10(normalize(str(w))) for w in _list("heads") if str(w).startswith("ال"))


@cache
def _capitals() -> frozenset[str]:
    return frozenset(str(w) for w in _list("capitals"))


def _list(group: str) -> list[object]:
    found = table()[group]
    assert isinstance(found, list)
    return found
