"""Which donors, agencies, ministries and places a text names, with exact spans; the names are data files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import resources
from typing import Any, Literal, NamedTuple, cast

from arabic.cues import load_yaml
from arabic.lexicon import is_translated
from arabic.normalize import fold, normalize
from arabic.stopwords import is_stopword

EntityKind = Literal["country", "organisation", "place", "ministry"]


@dataclass(frozen=True, slots=True)
class Entity:
    """Something with a name. `parent` is what it belongs to (KfW → DE, Mosul → Nineveh → IQ), `roles` what it does."""

    id: str
    kind: EntityKind
    name: str
    name_en: str
    name_ckb: str
    parent: str | None = None
    roles: frozenset[str] = frozenset()

    def display(self, language: str) -> str:
        """Its name in "ar", "en" or "ckb", falling back to the nearest that is known."""
        return {"en": self.name_en or self.name, "ckb": self.name_ckb or self.name}.get(language, self.name)


class Mention(NamedTuple):
    """An entity as named at [start, end) of the original text, proclitics left out."""

    entity: Entity
    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    entity: str | None = None
    cautious: bool = False
    cased: str | None = None
    exact: bool = False  # never found by a near miss: adjectives and small places look like common words


_NOT_A_NAME = ""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_GAP = re.compile(r"[\s\u00a0]*[-–.]?[\s\u00a0]*")
_COMMA = re.compile(r"[,،]")
_PREFIXES = (
    "و",
    "ف",
    "ب",
    "ل",
    "ك",
    "وب",
    "ول",
    "وك",
    "فب",
    "فل",
    "ال",
    "وال",
    "بال",
    "فال",
    "كال",
    "لل",
    "ولل",
    "فلل",
    "وبال",
)
_ARTICLES = {
    "لل": "ال",
    "ولل": "ال",
    "فلل": "ال",
    "ال": "",
    "وال": "ال",
    "بال": "ال",
    "فال": "ال",
    "كال": "ال",
    "وبال": "ال",
}
_ENGLISH_WORDS = frozenset(
    {"who", "us", "care", "echo", "act", "aid", "save", "in", "it", "no", "at", "las", "ned", "pin", "spark"}
)


def find_mentions(text: str, *, fuzzy: bool = False) -> list[Mention]:
    """The entities that a text names, longest name first, in order and not overlapping.

    With `fuzzy`, as for questions typed on a phone, a word of five letters or more may differ from a name by one edit.
    """
    return list(_find(text, fuzzy))


def entity(id: str) -> Entity:  # noqa: A002
    """The entity of that id. Raises KeyError for an unknown one."""
    return _gazetteer().entities[id]


@lru_cache(maxsize=4096)
def ancestors(id: str) -> tuple[str, ...]:  # noqa: A002
    """What an entity belongs to, nearest first."""
    chain: list[str] = []
    known = _gazetteer().entities
    while (parent := known[id].parent) is not None and parent in known:
        chain.append(parent)
        id = parent  # noqa: A001
    return tuple(chain)


def descendants(id: str) -> tuple[str, ...]:  # noqa: A002
    """The entity itself and all that belongs to it, in order of id: DE → BMZ, DE, GIZ, KFW."""
    return _families().get(id, (id,))


@cache
def _families() -> Mapping[str, tuple[str, ...]]:
    families: dict[str, list[str]] = {}
    for name in sorted(_gazetteer().entities):
        for member in (name, *ancestors(name)):
            families.setdefault(member, []).append(name)
    return {name: tuple(members) for name, members in families.items()}


def related(a: str, b: str) -> bool:
    """Whether two ids name the same entity, or one belongs to the other."""
    return a == b or a in ancestors(b) or b in ancestors(a)


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    entities: Mapping[str, Entity]
    root: _Node
    singles: Mapping[int, tuple[str, ...]]


class _Words:
    """The words of a text, folded, and where they stand in the folded text."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text)
        self.words: list[str] = _WORD.findall(self.folded.text)

    @cached_property
    def _matches(self) -> list[re.Match[str]]:
        return list(_WORD.finditer(self.folded.text))

    def start(self, i: int) -> int:
        return self._matches[i].start()

    def end(self, i: int) -> int:
        return self._matches[i].end()

    def between(self, i: int, j: int) -> str:
        """What stands between the words i and j."""
        return self.folded.text[self.end(i) : self.start(j)]


@lru_cache(maxsize=2048)
def _find(text: str, fuzzy: bool) -> tuple[Mention, ...]:
    text_words = _Words(text)
    words = text_words.words
    if not fuzzy and not any(map(_first_nodes, words)):
        return ()
    table = _gazetteer()
    found: list[Mention] = []
    last_word = -1
    for i, word in enumerate(words):
        if i <= last_word or not (fuzzy or _first_nodes(word)):
            continue
        listed = bool(found) and last_word == i - 1 and found[-1].entity.kind == "place"
        listed = listed and (word.startswith("و") or _COMMA.search(text_words.between(i - 1, i)) is not None)
        hit = _match(text_words, i, listed=listed, typed=fuzzy)
        if hit is None and fuzzy:
            hit = _match_fuzzy(text_words, i, table)
            if hit and table.entities[hit[0]].kind == "place" and not _placed(words, i):
                hit = None  # «الفقيرة» is no misspelt «الفجيرة»
        if hit is None:
            continue
        name, start, last_word = hit
        if name != _NOT_A_NAME:
            a, b = text_words.folded.span(start, text_words.end(last_word))
            found.append(Mention(table.entities[name], a, b, text[a:b]))
    return tuple(found)


def _forms(word: str) -> tuple[tuple[str, int], ...]:
    """The word, then the word without proclitics, with how many letters were taken off."""
    found = [(word, 0)]
    for prefix in filter(word.startswith, _PREFIXES):
        rest = word[len(prefix) :]
        if len(rest) >= 2:
            article = _ARTICLES.get(prefix)
            if article:
                found.append((article + rest, len(prefix) - (0 if prefix in {"لل", "ولل", "فلل"} else 2)))
            found.append((rest, len(prefix)))
    return tuple(found)


@lru_cache(maxsize=65536)
def _first_nodes(word: str) -> tuple[tuple[str, int, _Node], ...]:
    """The forms of a word with which a name begins: how many letters were taken off, and where names go on."""
    children = _gazetteer().root.children
    return tuple((form, cut, children[form]) for form, cut in _forms(word) if form in children)


def _match(text: _Words, i: int, *, listed: bool, typed: bool) -> tuple[str, int, int] | None:
    """(entity, start, index of the last word) of the longest name that starts at word i."""
    words = text.words
    best: tuple[str, int, int] | None = None
    for form, cut, first in _first_nodes(words[i]):
        node: _Node | None = first
        j = i
        while node is not None:
            if (
                node.entity is not None
                and (best is None or j > best[2])
                and _allowed(node, text, i, j, form, listed=listed, typed=typed)
            ):
                best = (node.entity, text.start(i) + cut, j)
            if j + 1 >= len(words):
                break
            node = node.children.get(words[j + 1])
            if node is None or not _GAP.fullmatch(text.between(j, j + 1)):
                break
            j += 1
    return best


def _placed(words: list[str], i: int) -> bool:
    """Whether a word for a place or a preposition stands before word i."""
    return (bool(i) and words[i - 1] in _place_words()) or words[i][0] in "بل"


def _allowed(node: _Node, text: _Words, i: int, j: int, form: str, *, listed: bool, typed: bool) -> bool:
    """Whether a name that may be a common word is one here.

    An acronym or a short name («Iraq») needs a capital, unless it was `typed` on a phone and is no English word; a short
    cautious name («إب») needs its hamza; a cautious name follows a word for a place or بـ, or stands in a `listed` row
    of places.
    """
    if node.cased is not None:
        first, last = text.folded.origins[text.start(i)], text.folded.origins[text.end(j) - 1]
        printed = text.folded.original[first : last + 1].replace(".", "")
        small = printed.lower() == printed and not (typed and printed.isascii())
        if not printed.endswith(node.cased.replace(".", "")) and (small or printed.lower() in _ENGLISH_WORDS):
            return False
    if node.cautious:
        before, prefix = text.words[i - 1] if i else "", text.words[i].removesuffix(form)
        near = before in _place_words() or (before[:1] in {"و", "ف", "ب", "ل"} and before[1:] in _place_words())
        return near or (listed and prefix in {"", "و", "ال", "وال"}) or prefix in {"ب", "وب", "بال", "وبال"}
    return True


def _match_fuzzy(text: _Words, i: int, table: _Gazetteer) -> tuple[str, int, int] | None:
    """A name, of one word or more, that differs by one edit in each of its longer words.

    A word that the English and Sorani tables know is no misspelt one: "finish" is not "Finnish". It may begin a name.
    """
    words = text.words
    word = words[i]
    common = _common_words()
    if len(word) < 5 or is_stopword(word) or any(form in common for form, _ in _forms(word)):
        return None
    known = is_translated(word)
    best: tuple[str, int, int] | None = None
    for form, cut in _forms(word):
        if len(form) < 5:
            continue
        for length in (len(form) - 1, len(form), len(form) + 1):
            for candidate in table.singles.get(length, ()):
                if candidate[0] != form[0] and candidate[-1] != form[-1]:
                    continue
                if form != candidate if known else not _one_edit(form, candidate):
                    continue
                node: _Node | None = table.root.children[candidate]
                j = i
                while node is not None:
                    if (
                        node.entity is not None
                        and not node.cautious
                        and not node.exact
                        and (j > i or (len(candidate) >= 5 and not known))
                    ) and (best is None or j > best[2]):
                        best = (node.entity, text.start(i) + cut, j)
                    if j + 1 >= len(words):
                        break
                    following = words[j + 1]
                    step = node.children.get(following)
                    if step is None and len(following) >= 5:
                        step = next((n for w, n in node.children.items() if _one_edit(following, w)), None)
                    node = step
                    j += 1
    return best


def _one_edit(a: str, b: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours turns a into b."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    k = 0
    while k < min(len(a), len(b)) and a[k] == b[k]:
        k += 1
    if len(a) == len(b):
        return a[k + 1 :] == b[k + 1 :] or (a[k : k + 2] == b[k : k + 2][::-1] and a[k + 2 :] == b[k + 2 :])
    return a[k + 1 :] == b[k:] if len(a) > len(b) else a[k:] == b[k + 1 :]


@cache
def _common_words() -> frozenset[str]:
    """Words of the language data, which are no misspelt names: «نيسان» is not «ميسان»."""
    texts = [
        resources.files("arabic").joinpath("data", f"{n}.yaml").read_text("utf-8")
        for n in ("months", "units", "synonyms", "numbers")
    ]
    words = {w for text in texts for w in _WORD.findall(normalize(text))}
    words |= set(resources.files("arabic").joinpath("data", "common_words.txt").read_text("utf-8").split())
    return frozenset(
        words
        | {"ال" + w for w in words}
        | {"وزاره", "الوزاره", "جديده", "الجديده", "الاول", "الاولي", "الادني", "النص", "نصف", "النصف", "رقم", "الرقم"}
    )


@cache
def _place_words() -> frozenset[str]:
    """Words before places, which tell that a name that is also a common word is one."""
    rows = cast("list[list[str]]", load_yaml("ledger", "place_words.yaml"))
    return frozenset(normalize(word) for row in rows for word in row)


@cache
def _gazetteer() -> _Gazetteer:
    entities: dict[str, Entity] = {}
    root = _Node()
    for name, kind in (("countries", "country"), ("organisations", "organisation"), ("ministries", "ministry")):
        table = load_yaml("ledger", f"{name}.yaml")
        assert isinstance(table, dict)
        for key, row in table.items():
            _add_row(entities, root, str(key), kind, row)  # type: ignore[arg-type]
    _add_places(entities, root)
    singles: dict[int, list[str]] = {}
    for word in root.children:
        if len(word) >= 4 and not is_stopword(word):
            singles.setdefault(len(word), []).append(word)
    return _Gazetteer(entities, root, {n: tuple(w) for n, w in singles.items()})


def _add_row(entities: dict[str, Entity], root: _Node, key: str, kind: EntityKind, row: dict[str, Any]) -> None:
    english, kurdish = row.get("en", []), row.get("ckb", [])
    arabic, latin, sorani = (names[0].rstrip("!") if names else "" for names in (row["ar"], english, kurdish))
    roles = frozenset(row.get("roles", ())) | ({"receives"} if row.get("receives") else set())
    entities[key] = Entity(key, kind, arabic, latin, sorani, row.get("parent"), roles)
    mark = "!" if "needs" in row else ""
    for name in (*row["ar"], *kurdish, *row.get("by", ()), *row.get("people", ())):
        _insert(root, name + mark, key)
    for name in kurdish:
        for ending in ("ی", "وە", "یی"):
            _insert(root, name + ending, key, shared=True)
    for name in english:
        bare = name.rstrip("!")
        acronym = name.endswith("!") or len(bare) <= _ACRONYM or bare.isupper()
        _insert(root, bare, key, cased=bare if acronym else None)
    for adjective in row.get("adj", ()):
        for ending in ("", "ة", "ين", "ون", "ا"):
            for article in ("", "ال"):
                name = " ".join(article + w + ending for w in adjective.split())
                _insert(root, name, key, exact=True, shared=True)
                for currency in row.get("money", ()):
                    _insert(root, f"{currency} {name}", _NOT_A_NAME, exact=True, shared=True)
                    _insert(root, f"ال{currency} {name}", _NOT_A_NAME, exact=True, shared=True)
    for phrase in row.get("not", ()):
        _insert(root, phrase, _NOT_A_NAME, exact=True)


_ACRONYM = 4
"""Latin names up to this length are taken for acronyms, which need a capital."""


def _insert(
    root: _Node, name: str, key: str, *, cased: str | None = None, exact: bool = False, shared: bool = False
) -> None:
    """Let a name, cautious if it ends in !, stand for an entity; the first keeps a name that is `shared` with others.

    Raises ValueError for an empty name, and for one that already stands for another entity.
    """
    bare = name.rstrip("!")
    node = root
    for match in _WORD.finditer(normalize(bare)):
        node = node.children.setdefault(match.group(), _Node())
    if node is root:
        raise ValueError(f"{key}: expected letters or digits in the name {name!r}")
    if node.entity is None:
        node.entity, node.cautious, node.cased, node.exact = key, bare != name, cased, exact
    elif node.entity != key and not shared:
        raise ValueError(f"the name {bare!r} of {key} already stands for {node.entity or 'no name'}")


def _add_places(entities: dict[str, Entity], root: _Node) -> None:
    table = load_yaml("ledger", "places.yaml")
    assert isinstance(table, dict)
    for country, regions in table.items():
        _add_regions(entities, root, str(country), regions)


def _add_regions(entities: dict[str, Entity], root: _Node, parent: str, regions: Mapping[str, Any]) -> None:
    """Regions with their places; a place that is itself a region has places of its own."""
    for line, places in regions.items():
        key = _add_place(entities, root, parent, line)
        for place in places:
            if isinstance(place, dict):
                _add_regions(entities, root, key, place)
            else:
                _add_place(entities, root, key, place, exact=True)


def _add_place(entities: dict[str, Entity], root: _Node, parent: str, line: str, *, exact: bool = False) -> str:
    arabic, _, others = line.partition("=")
    names = [n.strip() for n in arabic.split("/")]
    foreign = [n.strip() for n in others.split("/") if n.strip()]
    english = next((n.rstrip("!") for n in foreign if n[0] < "\u0600"), "")
    kurdish = next((n.rstrip("!") for n in foreign if n[0] >= "\u0600"), "")
    key = f"{parent}.{names[0].rstrip('!')}"
    entities[key] = Entity(key, "place", names[0].rstrip("!"), english, kurdish, parent)
    for name in names:
        # «إب» without its hamza is the month «آب»
        cased = name[:-1] if name.endswith("!") and len(name) <= 4 and name[0] in "أإآ" else None
        _insert(root, name, key, cased=cased, exact=exact, shared=True)
        bare = name.rstrip("!")
        if bare.endswith("اء"):  # «الزرقا» for «الزرقاء»
            _insert(root, name.replace(bare, bare[:-1]), key, exact=True, shared=True)
    for name in foreign:
        _insert(root, name, key, exact=True, shared=True)
        if name[0] >= "\u0600":
            bare = name.rstrip("!")
            _insert(root, name.replace(bare, bare + "ی"), key, shared=True)
    return key
