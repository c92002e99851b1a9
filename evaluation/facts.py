"""Fact sets: how many of the listed figures of a set's releases the ledger holds, and which of its own are unlisted.

`releases.jsonl` of a set: an object a line with "file" and "facts", each {"kind", "text", "value", "unit"}; a figure is
a fact of kind funding, goal or outcome with a value. Listings name most facts, not every background figure, so what
they lack has to be judged by hand.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from arabic.cues import load_cues, load_yaml
from arabic.normalize import normalize
from evaluation.answers import BadSet
from ledger.rows import Row

_FIGURES = frozenset({"funding", "goal", "outcome"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A figure that a set lists; `role` where its text tells one."""

    release: str
    kind: str
    text: str
    value: Decimal
    unit: str
    role: str | None


@dataclass(frozen=True, slots=True)
class FactReport:
    """Listed figures found, by kind; roles right of those told; what was missed; what the list lacks."""

    found: Mapping[str, int]
    total: Mapping[str, int]
    roles_right: int
    roles_told: int
    missed: Sequence[Listed]
    wrong_roles: Sequence[tuple[Listed, str]]
    unlisted: Sequence[tuple[Row, str, str]]

    def to_dict(self) -> dict[str, Any]:
        """What `sanad eval ledger --json` prints."""
        of = sum(self.total.values())
        right = sum(self.found.values())
        return {
            "recall": {"found": right, "of": of, "share": round(right / of, 4) if of else None},
            "by_kind": {k: {"found": self.found.get(k, 0), "of": n} for k, n in sorted(self.total.items())},
            "roles": {
                "right": self.roles_right,
                "of": self.roles_told,
                "share": round(self.roles_right / self.roles_told, 4) if self.roles_told else None,
            },
            "missed": [
                {"release": m.release, "text": m.text, "value": str(m.value), "unit": m.unit} for m in self.missed
            ],
            "wrong_roles": [
                {"release": m.release, "text": m.text, "expected": m.role, "got": got} for m, got in self.wrong_roles
            ],
            "unlisted": [
                {
                    "release": r.release,
                    "value": str(r.value),
                    "unit": r.unit,
                    "role": r.role,
                    "printed": printed,
                    "quote": quote,
                }
                for r, printed, quote in self.unlisted
            ],
        }


def load_listed(folder: Path) -> list[Listed]:
    """The figures that a set lists. Raises BadSet where releases.jsonl is missing or malformed, naming the line."""
    path = folder / "releases.jsonl"
    listed: list[Listed] = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise BadSet(f"{path}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            for fact in row["facts"]:
                if fact["kind"] in _FIGURES and fact.get("value") is not None and fact.get("unit"):
                    unit = _alias(str(fact["unit"]))
                    value = Decimal(str(fact["value"]))
                    role = told_role(str(fact["text"])) if fact["kind"] == "funding" and unit != "percent" else None
                    listed.append(Listed(str(row["file"]), fact["kind"], str(fact["text"]), value, unit, role))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSet(f"{path}, line {number}: {error}") from error
    return listed


def told_role(text: str) -> str | None:
    """What the Arabic description of a listed amount says that it is; None where it does not tell."""
    folded = normalize(text)
    for role, pattern in load_cues("evaluation", "roles.yaml").items():
        if pattern.search(folded):
            return role
    return None


def compare(listed: Sequence[Listed], rows: Iterable[Row], text_of: Callable[[str], str]) -> FactReport:
    """Match the listed figures with the ledger's rows by release, value and unit; `text_of` gives a release's text."""
    by_release: dict[str, list[Row]] = {}
    for row in rows:
        by_release.setdefault(row.release, []).append(row)
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    right = told = 0
    missed: list[Listed] = []
    wrong: list[tuple[Listed, str]] = []
    for fact in listed:
        total[fact.kind] += 1
        hits = [r for r in by_release.get(fact.release, ()) if _matches(fact, r)]
        if not hits:
            missed.append(fact)
            continue
        found[fact.kind] += 1
        if fact.role is not None:
            told += 1
            if _broad(fact.role) in {_broad(r.role) for r in hits}:
                right += 1
            else:
                wrong.append((fact, hits[0].role))
    names = {fact.release for fact in listed}
    unlisted = [
        (row, text_of(name)[row.start : row.end], text_of(name)[row.quote_start : row.quote_end])
        for name, own in sorted(by_release.items())
        if name in names
        for row in own
        if row.kind in {"funding", "outcome"}
        and not any(fact.release == name and _matches(fact, row) for fact in listed)
    ]
    return FactReport(found, total, right, told, missed, wrong, unlisted)


def _matches(fact: Listed, row: Row) -> bool:
    if fact.value not in {row.value, row.upper}:
        return False
    return fact.unit == row.unit or (fact.unit not in _units() and row.kind == "outcome")


def _broad(role: str) -> str:
    """The ledger's role in the terms of a listing: what is only in another currency or background is no error."""
    return {"equivalent": "grant"}.get(role, role)


def _alias(unit: str) -> str:
    table = load_yaml("evaluation", "units.yaml")
    assert isinstance(table, dict)
    return str(table.get(unit, unit))


def _units() -> frozenset[str]:
    table = load_yaml("arabic", "units.yaml")
    assert isinstance(table, dict)
    return frozenset({*table, "percent"})
