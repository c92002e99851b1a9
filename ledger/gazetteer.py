"""Which donors, agencies, ministries and places a text names, with exact spans; the names are data files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

from arabic.cues import load_yaml
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


@dataclass(frozen=True, slots=True)
class Mention:
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


_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_GAP = re.compile(r"[\s\u00a0]*[-–.]?[\s\u00a0]*")
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
_PLACED = frozenset(
    normalize(w)
    for w in "في مدينة محافظة قضاء ولاية مديرية مخيم ناحية بلدة قرية إقليم منطقة محافظتي مدينتي بمدينة بمحافظة لمحافظة بولاية ولايتي ومحافظة ومدينة محافظات مدن ولايات أحياء غرب شرق شمال جنوب وسط ريف إلى من بين سهل".split()  # noqa: SIM905
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


def related(a: str, b: str) -> bool:
    """Whether two ids name the same entity, or one belongs to the other."""
    return a == b or a in ancestors(b) or b in ancestors(a)


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    entities: Mapping[str, Entity]
    root: _Node
    singles: Mapping[int, tuple[str, ...]]


@lru_cache(maxsize=2048)
def _find(text: str, fuzzy: bool) -> tuple[Mention, ...]:
    folded = fold(text)
    words = [(m.group(), m.start(), m.end()) for m in _WORD.finditer(folded.text)]
    table = _gazetteer()
    found: list[Mention] = []
    i = 0
    while i < len(words):
        hit = _match(folded.text, words, i, table.root, text, folded.origins)
        if hit is None and fuzzy:
            hit = _match_fuzzy(words, i, table)
        if hit is None:
            i += 1
            continue
        name, start, last = hit
        a, b = folded.span(start, words[last][2])
        found.append(Mention(table.entities[name], a, b, text[a:b]))
        i = last + 1
    return tuple(found)


def _forms(word: str) -> Iterator[tuple[str, int]]:
    """The word, then the word without proclitics, with how many letters were taken off."""
    yield word, 0
    for prefix in _PREFIXES:
        rest = word[len(prefix) :]
        if word.startswith(prefix) and len(rest) >= 2:
            article = _ARTICLES.get(prefix)
            if article:
                yield article + rest, len(prefix) - (0 if prefix in {"لل", "ولل", "فلل"} else 2)
            yield rest, len(prefix)


def _match(
    text: str, words: list[tuple[str, int, int]], i: int, root: _Node, original: str, origins: tuple[int, ...]
) -> tuple[str, int, int] | None:
    """(entity, start, index of the last word) of the longest name that starts at word i."""
    best: tuple[str, int, int] | None = None
    for form, cut in _forms(words[i][0]):
        node = root.children.get(form)
        j = i
        while node is not None:
            if (
                node.entity is not None
                and (best is None or j > best[2])
                and _allowed(node, words, i, original, origins, j)
            ):
                best = (node.entity, words[i][1] + cut, j)
            if j + 1 >= len(words) or not _GAP.fullmatch(text[words[j][2] : words[j + 1][1]]):
                break
            node = node.children.get(words[j + 1][0])
            j += 1
    return best


def _allowed(
    node: _Node, words: list[tuple[str, int, int]], i: int, original: str, origins: tuple[int, ...], j: int
) -> bool:
    if node.cased is not None:
        printed = original[origins[words[i][1]] : origins[words[j][2] - 1] + 1]
        if printed.replace(".", "") != node.cased.replace(".", "") and printed.lower() == printed:
            return False
    if node.cautious:
        before = words[i - 1][0] if i else ""
        return before in _PLACED or (words[i][0].startswith(("ب", "و")) and i > 0 and words[i][0] != "و")
    return True


def _match_fuzzy(words: list[tuple[str, int, int]], i: int, table: _Gazetteer) -> tuple[str, int, int] | None:
    """A name, of one word or more, that differs by one edit in each of its longer words."""
    word = words[i][0]
    if len(word) < 5 or is_stopword(word) or word in _common_words():
        return None
    best: tuple[str, int, int] | None = None
    for form, cut in _forms(word):
        if len(form) < 5 or form in _common_words():
            continue
        for length in (len(form) - 1, len(form), len(form) + 1):
            for candidate in table.singles.get(length, ()):
                if candidate[0] != form[0] and candidate[-1] != form[-1]:
                    continue
                if not _one_edit(form, candidate):
                    continue
                node: _Node | None = table.root.children[candidate]
                j = i
                while node is not None:
                    if (
                        node.entity is not None
                        and not node.cautious
                        and not node.exact
                        and (j > i or len(candidate) >= 5)
                    ) and (best is None or j > best[2]):
                        best = (node.entity, words[i][1] + cut, j)
                    if j + 1 >= len(words):
                        break
                    following = words[j + 1][0]
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
        for n in ("months", "units", "synonyms")
    ]
    words = {w for text in texts for w in _WORD.findall(normalize(text))}
    return frozenset(
        words | {"ال" + w for w in words} | {"وزاره", "الوزاره", "جديده", "الجديده", "الاول", "الاولي", "الادني"}
    )


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
    entities[key] = Entity(
        key,
        kind,
        row["ar"][0],
        english[0] if english else "",
        kurdish[0] if kurdish else "",
        row.get("parent"),
        frozenset(row.get("roles", ())) | ({"receives"} if row.get("receives") else set()),
    )
    cautious = "needs" in row
    for name in (*row["ar"], *kurdish, *row.get("by", ()), *row.get("people", ())):
        _insert(root, name, key, cautious)
    for name in kurdish:
        _insert(root, name + "ی", key, cautious)
        _insert(root, name + "وە", key, cautious)
        _insert(root, name + "یی", key, cautious)
    for name in english:
        _insert(root, name, key, cautious, cased=name if len(name) <= 4 or name.isupper() else None)
    for adjective in row.get("adj", ()):
        for ending in ("", "ة", "ين", "ون", "ا"):
            for article in ("", "ال"):
                name = " ".join(article + w + ending for w in adjective.split())
                _insert(root, name, key, cautious, exact=True)


def _insert(root: _Node, name: str, key: str, cautious: bool, cased: str | None = None, *, exact: bool = False) -> None:
    node = root
    for match in _WORD.finditer(normalize(name)):
        node = node.children.setdefault(match.group(), _Node())
    if node.entity is None:
        node.entity, node.cautious, node.cased, node.exact = key, cautious, cased, exact


def _add_places(entities: dict[str, Entity], root: _Node) -> None:
    table = load_yaml("ledger", "places.yaml")
    assert isinstance(table, dict)
    for country, regions in table.items():
        for region, places in regions.items():
            key = _add_place(entities, root, str(country), region)
            for place in places:
                _add_place(entities, root, key, place)


def _add_place(entities: dict[str, Entity], root: _Node, parent: str, line: str) -> str:
    arabic, _, others = line.partition("=")
    names = [n.strip() for n in arabic.split("/")]
    foreign = [n.strip() for n in others.split("/") if n.strip()]
    english = next((n for n in foreign if n.isascii() or "é" in n), "")
    kurdish = next((n for n in foreign if not n.isascii()), "")
    key = f"{parent}.{names[0].rstrip('!')}"
    entities[key] = Entity(key, "place", names[0].rstrip("!"), english, kurdish, parent)
    for name in names:
        _insert(root, name.rstrip("!"), key, name.endswith("!"), exact="." in parent)
    for name in foreign:
        _insert(root, name, key, False, exact=True)
        if not name.isascii():
            _insert(root, name + "ی", key, False)
    return key
