"""Prompt cases: a question, the releases that it is asked over, and what a right answer holds.

A file is YAML (a list of cases, or `corpus:` for all of them and `cases:`) or JSON lines with a case each, which is how
the bot writes 👎 reports. Scalars are read as they are written, so that `3.60` stays three characters and a digit.
"""

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LIVE = "live"
"""The corpus that the bot answers from, in place of a folder of releases."""

_CASE = ("id", "question", "turns", "corpus", "expect", "tags", "note", "answer")
_EXPECT = ("has", "lacks", "sources", "refuse", "max_length", "rubric")
_FILE = ("corpus", "cases")
_SUFFIXES = frozenset({".yaml", ".yml", ".jsonl"})
_NOTHING = frozenset({"", "~", "null"})
_TRUE, _FALSE = frozenset({"true", "yes"}), frozenset({"false", "no"})

Group = tuple[str, ...]


class BadCase(Exception):
    """A case file that cannot be read; the message names the file, the line or case, and the key."""


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Strings, lists and mappings; a key that stands twice is a mistake, not the last one of the two."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key «{key.value}» stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class Expect:
    """What a right answer holds. Each group of `has` and of `sources` is met by any one of its alternatives.

    `refuse` is None where nobody has judged yet (a 👎 report as it comes in). `max_length` counts characters. `rubric`
    is for a model grader and means nothing without one.
    """

    has: tuple[Group, ...] = ()
    lacks: tuple[str, ...] = ()
    sources: tuple[Group, ...] = ()
    refuse: bool | None = None
    max_length: int | None = None
    rubric: str | None = None

    @property
    def refusal(self) -> bool | None:
        """Whether the answer has to be a refusal; None where either will do."""
        return False if self.refuse is None and (self.has or self.sources) else self.refuse


NOTHING = Expect()
"""What a case expects that nobody has judged."""


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation whose last turn is judged; `corpus` is a folder of releases or the live corpus."""

    id: str
    turns: tuple[str, ...]
    corpus: Path | None
    expect: Expect
    tags: tuple[str, ...] = ()
    note: str = ""
    file: str = ""
    generation: int | None = None
    reported: str | None = field(default=None, compare=False)
    """The answer that a 👎 report is about."""

    @property
    def question(self) -> str:
        """The turn that is judged."""
        return self.turns[-1]

    @property
    def digest(self) -> str:
        """Changes when what is asked or expected changes."""
        return hashlib.sha256(repr((self.turns, self.expect)).encode()).hexdigest()[:16]


def load_cases(paths: Iterable[Path]) -> list[Case]:
    """All cases of files and folders of them, in order. Raises BadCase, also where two have one id or there are none."""
    cases = [case for path in paths for file in _files(path) for case in read_file(file)]
    twice = [name for name, count in Counter(case.id for case in cases).items() if count > 1]
    if twice:
        files = ", ".join(sorted({case.file for case in cases if case.id == twice[0]}))
        raise BadCase(f"{files}: two cases have the id «{twice[0]}»")
    return cases


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if path.suffix.lower() not in _SUFFIXES:
            raise BadCase(f"{path}: a case file ends with .yaml, .yml or .jsonl")
        return [path]
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES)
    if not found:
        raise BadCase(f"{path}: no .yaml, .yml or .jsonl file in this folder")
    return found


def read_file(path: Path) -> list[Case]:
    """The cases of one file; folders of releases are relative to it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCase(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if path.suffix.lower() == ".jsonl":
        return [_case(row, f"{path}:{line}", path, None) for line, row in _json_lines(text, path)]
    try:
        content: Any = yaml.load(text, Loader=_Loader)  # noqa: S506  it builds strings, lists and mappings alone
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f":{mark.line + 1}" if mark else ""
        raise BadCase(f"{path}{at}: {getattr(error, 'problem', None) or 'not YAML'}") from error
    if not content:
        raise BadCase(f"{path}: holds no case")
    corpus = None
    if isinstance(content, dict):
        _known(content, _FILE, str(path), "")
        corpus = content.get("corpus")
        content = content.get("cases")
    if not isinstance(content, list):
        raise BadCase(f"{path}: expected a list of cases, or «corpus» and «cases»")
    return [_case(row, f"{path}: case {number}", path, corpus) for number, row in enumerate(content, 1)]


def _json_lines(text: str, path: Path) -> Iterable[tuple[int, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line, parse_int=str, parse_float=str)
            except ValueError as error:
                raise BadCase(f"{path}:{number}: not JSON: {error}") from error


def _case(row: Any, where: str, path: Path, corpus: Any) -> Case:
    if not isinstance(row, dict):
        raise BadCase(f"{where}: expected a mapping with «id» and «question», found {_shown(row)}")
    name = _text(row, "id", where)
    if not name:
        raise BadCase(f"{where}: «id» is missing")
    where = f"{where} «{name}»"
    _known(row, _CASE, where, "")
    folder, generation = _corpus(row.get("corpus") or corpus, path, where)
    return Case(
        id=name,
        turns=_turns(row, where),
        corpus=folder,
        expect=_expect(row.get("expect"), where),
        tags=tuple(_strings(row.get("tags"), where, "tags")),
        note=_text(row, "note", where),
        file=str(path),
        generation=generation,
        reported=_text(row, "answer", where) or None,
    )


def _turns(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """`turns` are the whole conversation, or those before `question`."""
    question = _text(row, "question", where)
    turns = [t for t in _strings(row.get("turns"), where, "turns") if t.strip()]
    if question and turns[-1:] != [question]:
        turns.append(question)
    if not turns:
        raise BadCase(f"{where}: «question» (or «turns») is missing")
    return tuple(turns)


def _corpus(value: Any, path: Path, where: str) -> tuple[Path | None, int | None]:
    if _nothing(value) or value == LIVE:
        return None, None
    if not isinstance(value, str):
        raise BadCase(f"{where}: «corpus» is a folder, «{LIVE}» or a generation's number, not {_shown(value)}")
    if value.isdecimal():
        return None, int(value)
    folder = (path.parent / value).resolve()
    if not folder.is_dir():
        raise BadCase(f"{where}: «corpus»: there is no folder {value} beside {path.name}")
    return folder, None


def _expect(value: Any, where: str) -> Expect:
    if _nothing(value):
        return NOTHING
    if not isinstance(value, dict):
        raise BadCase(f"{where}: «expect» is a mapping, not {_shown(value)}")
    _known(value, _EXPECT, where, "expect.")
    expect = Expect(
        has=_groups(value.get("has"), where, "expect.has"),
        lacks=tuple(word for group in _groups(value.get("lacks"), where, "expect.lacks") for word in group),
        sources=_groups(value.get("sources"), where, "expect.sources"),
        refuse=_truth(value.get("refuse"), where, "expect.refuse"),
        max_length=_count(value.get("max_length"), where, "expect.max_length"),
        rubric=_text(value, "rubric", where) or None,
    )
    if expect.refuse and (expect.has or expect.sources):
        raise BadCase(f"{where}: «expect»: a refusal states and cites nothing; drop «refuse», or «has» and «sources»")
    return expect


def _groups(value: Any, where: str, key: str) -> tuple[Group, ...]:
    """A list whose items are strings or lists of alternatives."""
    if _nothing(value):
        return ()
    if not isinstance(value, list):
        raise BadCase(f"{where}: «{key}» is a list, not {_shown(value)}")
    return tuple(tuple(_strings(v, where, key)) if isinstance(v, list) else (_string(v, where, key),) for v in value)


def _strings(value: Any, where: str, key: str) -> Sequence[str]:
    if _nothing(value):
        return ()
    if not isinstance(value, list):
        raise BadCase(f"{where}: «{key}» is a list, not {_shown(value)}")
    return [_string(v, where, key) for v in value]


def _string(value: Any, where: str, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadCase(f"{where}: «{key}» holds strings, not {_shown(value)}")
    return value


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadCase(f"{where}: «{key}» is text, not {_shown(value)}")
    return value.strip()


def _truth(value: Any, where: str, key: str) -> bool | None:
    if _nothing(value):
        return None
    word = str(value).lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise BadCase(f"{where}: «{key}» is true, false or null, not {_shown(value)}")


def _count(value: Any, where: str, key: str) -> int | None:
    if _nothing(value):
        return None
    if isinstance(value, str) and value.isdecimal() and int(value) > 0:
        return int(value)
    raise BadCase(f"{where}: «{key}» is a number of characters, not {_shown(value)}")


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def _known(row: Mapping[str, Any], keys: Sequence[str], where: str, prefix: str) -> None:
    for key in row:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, 1)
            hint = f"did you mean «{prefix}{near[0]}»?" if near else f"known: {', '.join(keys)}"
            raise BadCase(f"{where}: unknown key «{prefix}{key}»; {hint}")


def _shown(value: Any) -> str:
    kind = {dict: "a mapping", list: "a list", bool: "true or false"}.get(type(value))
    return f"«{value}»" if kind is None else kind
