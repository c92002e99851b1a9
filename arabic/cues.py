"""Word cues from data files, compiled to one pattern a group that runs on folded text.

A cue is written as a person would write it: `مجموع` matches the word with the usual proclitics and article (والمجموع,
بمجموع); `التزم*` matches any ending; `=من` matches the bare word only; a space matches any white space.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import yaml

from arabic.normalize import normalize

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PROCLITICS = r"(?<!\w)(?:[وف])?(?:[بلكس]|لل)?(?:ال)?"
_WORD = re.compile(r"\w+")
_FIRST = re.compile(r"=?[\w*]+")


def load_yaml(package: str, name: str) -> object:
    """The content of `package`/data/`name`."""
    text = resources.files(package).joinpath("data", name).read_text("utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  a safe loader, in C where there is one


def cue_pattern(cues: Iterable[str]) -> re.Pattern[str]:
    """One pattern, for folded text, that finds any of the cues as whole words; never matches if there are none."""
    free: list[str] = []
    exact: list[str] = []
    for cue in sorted(map(normalize, cues), key=len, reverse=True):
        (exact if cue.startswith("=") else free).append(_expression(cue.lstrip("=")))
    kinds = [r"(?<!\w)(?:" + "|".join(exact) + ")"] if exact else []
    kinds += [_PROCLITICS + "(?:" + "|".join(free) + ")"] if free else []
    return re.compile("(?:" + "|".join(kinds) + r")(?!\w)" if kinds else r"(?!)")


def _expression(cue: str) -> str:
    """A cue, or the rest of one, as an expression."""
    blank = r"\s+" if cue[:1].isspace() else ""
    return blank + r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in cue.split())


@cache
def load_cues(package: str, name: str) -> Mapping[str, re.Pattern[str]]:
    """The groups of a cue file, each as one pattern."""
    return {group: cue_pattern(cues) for group, cues in _cues(package, name).items()}


def groups_in(package: str, name: str, folded: str) -> frozenset[str]:
    """The groups of a cue file whose pattern finds anything in a folded text.

    Looked up word by word, which takes a tenth of the time of trying the patterns: words are few and recur.
    """
    found: set[str] = set()
    table = _word_table(package, name)
    for match in _WORD.finditer(folded):
        row = table[match.group()]
        if row is not _NONE:
            whole, begun = row
            found.update(whole)
            for group, rest in begun:
                if group not in found and rest.match(folded, match.end()):
                    found.add(group)
    return frozenset(found)


_Groups = tuple[tuple[str, ...], tuple[tuple[str, re.Pattern[str]], ...]]
_NONE: _Groups = ((), ())
_MOST = 200_000
"""Words that are remembered; more begin anew."""


class _WordTable(dict[str, _Groups]):
    """For each word that was met: the groups that have it for a cue; those with longer cues that begin with it, and how
    these go on."""

    def __init__(self, groups: Mapping[str, list[str]]) -> None:
        super().__init__()
        self._whole: dict[str, re.Pattern[str]] = {}
        self._longer: list[tuple[str, re.Pattern[str], str]] = []
        every: list[str] = []
        for group, cues in groups.items():
            words: list[str] = []
            for cue in map(normalize, cues):
                first = _FIRST.match(cue)
                if first is None:
                    raise ValueError(f"{group}: «{cue}» does not begin with a word")
                every.append(first.group())
                if first.end() == len(cue):
                    words.append(cue)
                else:
                    self._longer.append((group, cue_pattern([first.group()]), _expression(cue[first.end() :])))
            self._whole[group] = cue_pattern(words)
        self._any = cue_pattern(every)

    def __missing__(self, word: str) -> _Groups:
        if len(self) >= _MOST:
            self.clear()
        found = self[word] = self._groups(word) if self._any.match(word) else _NONE
        return found

    def _groups(self, word: str) -> _Groups:
        rests: dict[str, list[str]] = {}
        for group, first, rest in self._longer:
            if first.match(word):
                rests.setdefault(group, []).append(rest)
        whole = tuple(group for group, pattern in self._whole.items() if pattern.match(word))
        return whole, tuple((group, re.compile(f"(?:{'|'.join(rest)})(?!\\w)")) for group, rest in rests.items())


@cache
def _word_table(package: str, name: str) -> _WordTable:
    return _WordTable(_cues(package, name))


def _cues(package: str, name: str) -> Mapping[str, list[str]]:
    groups = load_yaml(package, name)
    if not isinstance(groups, dict):
        raise TypeError(f"{package}/data/{name}: expected groups of cues, found {type(groups).__name__}")
    return {group: cues or [] for group, cues in groups.items()}
