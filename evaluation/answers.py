"""Question sets: what an answer has to state and to leave out, which releases it has to cite, when to refuse.

The layout of a set: releases/, and questions.jsonl with an object a line: id, category, lang, turns, and expected
(answer_has: groups of which one string each must stand in the answer; answer_lacks: groups of which none may; sources:
the releases to cite; refuse).
"""

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arabic.normalize import normalize

_EVERY_SOURCE = frozenset({"list", "aggregate", "compare"})
_COMPUTED = frozenset({"aggregate", "compare"})
_MAY_BE_LONG = _EVERY_SOURCE | {"ambiguous"}
_SHORT, _LONG = 700, 1800
_THOUSANDS = re.compile(r"(?<=\d)[,،٬](?=\d{3}(?!\d))")
_DECIMAL = re.compile(r"(?<=\d)٫(?=\d)")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class BadSet(Exception):
    """A folder that is no question set."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a right answer states, leaves out and cites, or that it refuses."""

    has: tuple[tuple[str, ...], ...] = ()
    lacks: tuple[tuple[str, ...], ...] = ()
    sources: frozenset[str] = frozenset()
    refuse: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation whose last turn is judged."""

    id: str
    category: str
    language: str
    turns: tuple[str, ...]
    expected: Expected = field(default_factory=Expected)


@dataclass(frozen=True, slots=True)
class Report:
    """Right answers by category («ALL» for all), refusals, and the faults of each wrong answer."""

    right: Mapping[str, int]
    total: Mapping[str, int]
    refused_unanswerable: int
    unanswerable: int
    refused_answerable: int
    answerable: int
    faults: Mapping[str, Sequence[str]]
    seconds: Sequence[float]

    def to_dict(self) -> dict[str, Any]:
        """What `sanad eval answers --json` prints."""
        ordered = sorted(self.seconds)
        return {
            "categories": {
                name: {"right": self.right.get(name, 0), "of": of, "share": round(self.right.get(name, 0) / of, 3)}
                for name, of in sorted(self.total.items())
            },
            "refused_unanswerable": _share(self.refused_unanswerable, self.unanswerable),
            "refused_answerable": _share(self.refused_answerable, self.answerable),
            "seconds": {
                "p50": round(statistics.median(ordered), 4) if ordered else None,
                "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 4) if ordered else None,
            },
            "faults": {name: list(why) for name, why in self.faults.items()},
        }


def _share(part: int, whole: int) -> dict[str, float]:
    return {"count": part, "of": whole, "share": round(part / whole, 3) if whole else 0.0}


def load_questions(folder: Path) -> list[Case]:
    """The cases of a set. Raises BadSet for a missing file or a broken line, which it names."""
    path = folder / "questions.jsonl"
    cases = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise BadSet(f"{path}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            wanted = row["expected"]
            expected = Expected(
                tuple(map(tuple, wanted.get("answer_has", ()))),
                tuple(map(tuple, wanted.get("answer_lacks", ()))),
                frozenset(wanted.get("sources", ())),
                bool(wanted.get("refuse")),
            )
            cases.append(Case(row["id"], row["category"], row["lang"], tuple(row["turns"]), expected))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSet(f"{path}, line {number}: {error!r}") from error
    return cases


def release_texts(folder: Path) -> dict[str, str]:
    """The comparable text of the releases whose files are plain text, by file name."""
    files = (folder / "releases").iterdir()
    return {p.name: comparable(p.read_text("utf-8")) for p in files if p.suffix in {".txt", ".md"}}


def comparable(text: str) -> str:
    """Text as a judge compares it: folded letters and digits, no marks, no separators of thousands, one space."""
    text = _DECIMAL.sub(".", _INVISIBLE.sub("", text))
    text = _THOUSANDS.sub("", normalize(text).lower())
    return " ".join(text.split())


def states(text: str, wanted: str) -> bool:
    """Whether a comparable text holds the wanted string, a number at either end only as a whole number."""
    wanted = comparable(wanted)
    before = r"(?<![\d.,])" if wanted[:1].isdigit() else ""
    after = r"(?!\d|[.,]\d)" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, text) is not None


def judge(case: Case, answer: Mapping[str, Any] | None, releases: Mapping[str, str]) -> list[str]:
    """The faults of an answer (an object as `sanad ask --json` prints it); none if it is right."""
    expected = case.expected
    if answer is None:
        return ["no answer"]
    if expected.refuse:
        return [] if answer.get("refused") else ["should have been refused"]
    if answer.get("refused"):
        return ["refused"]
    text = comparable(answer["answer"])
    faults = [f"lacks {group[0]}" for group in expected.has if not any(states(text, w) for w in group)]
    faults += [f"says {word}" for group in expected.lacks for word in group if states(text, word)]
    quotes = []
    cited = set()
    for citation in answer.get("citations", ()):
        name, quote = Path(citation["release"]).name, comparable(citation.get("quote", ""))
        cited.add(name)
        quotes.append(quote)
        if not quote:
            faults.append("empty quote")
        elif name in releases and quote not in releases[name]:
            faults.append(f"quote is not in {name}")
    every = case.category in _EVERY_SOURCE
    if expected.sources and not (expected.sources <= cited if every else expected.sources & cited):
        faults.append(f"cites {sorted(cited) or 'nothing'}, not {sorted(expected.sources)}")
    if case.category not in _COMPUTED:
        everything = " ".join(quotes)
        for group in expected.has:
            figures = all(any(c.isdigit() for c in comparable(w)) for w in group)
            if figures and not any(states(everything, w) for w in group):
                faults.append(f"{group[0]} is in no quote")
    limit = _LONG if case.category in _MAY_BE_LONG else _SHORT
    if len(answer["answer"]) > limit:
        faults.append(f"{len(answer['answer'])} characters")
    return faults


def score(cases: Iterable[Case], answers: Mapping[str, Mapping[str, Any]], releases: Mapping[str, str]) -> Report:
    """Judge the answers of a set, by the case's id."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    faults: dict[str, list[str]] = {}
    refusals: Counter[tuple[bool, bool]] = Counter()
    for case in cases:
        answer = answers.get(case.id)
        why = judge(case, answer, releases)
        refusals[case.expected.refuse, bool(answer and answer.get("refused"))] += 1
        for name in (case.category, f"lang {case.language}", "ALL"):
            total[name] += 1
            right[name] += not why
        if why:
            faults[case.id] = why
    return Report(
        right,
        total,
        refused_unanswerable=refusals[True, True],
        unanswerable=refusals[True, True] + refusals[True, False],
        refused_answerable=refusals[False, True],
        answerable=refusals[False, True] + refusals[False, False],
        faults=faults,
        seconds=[float(a.get("seconds") or 0) for a in answers.values()],
    )
