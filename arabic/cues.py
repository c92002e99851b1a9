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


def load_yaml(package: str, name: str) -> object:
    """The content of `package`/data/`name`."""
    text = resources.files(package).joinpath("data", name).read_text("utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  a safe loader, in C where there is one


def cue_pattern(cues: Iterable[str]) -> re.Pattern[str]:
    """One pattern, for folded text, that finds any of the cues as whole words; never matches if there are none."""
    free: list[str] = []
    exact: list[str] = []
    for cue in sorted(map(normalize, cues), key=len, reverse=True):
        words = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in cue.lstrip("=").split())
        (exact if cue.startswith("=") else free).append(words)
    kinds = [r"(?<!\w)(?:" + "|".join(exact) + ")"] if exact else []
    kinds += [_PROCLITICS + "(?:" + "|".join(free) + ")"] if free else []
    return re.compile("(?:" + "|".join(kinds) + r")(?!\w)" if kinds else r"(?!)")


@cache
def load_cues(package: str, name: str) -> Mapping[str, re.Pattern[str]]:
    """The groups of a cue file, each as one pattern."""
    groups = load_yaml(package, name)
    if not isinstance(groups, dict):
        raise TypeError(f"{package}/data/{name}: expected groups of cues, found {type(groups).__name__}")
    return {group: cue_pattern(cues or ()) for group, cues in groups.items()}
