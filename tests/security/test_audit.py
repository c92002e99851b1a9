"""`make audit` cannot pass by looking away."""

from datetime import date
from pathlib import Path

import pytest

from security.audit import Excuse, findings, pinned_in, read_excuses, unexcused

_ROOT = Path(__file__).parents[2]
_TODAY = date(2026, 11, 25)
_VULNERABLE = {
    "dependencies": [
        {"name": "a", "version": "1", "vulns": []},
        {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"]}]},
        {"name": "c", "skip_reason": "not found"},
    ]
}


def test_what_is_found_skipped_or_unmentioned_counts() -> None:
    """A sound package does not."""
    found = findings(_VULNERABLE, ["a", "b", "c", "D_d"])
    assert [(f.package, f.id) for f in found] == [("b", "PYSEC-1"), ("c", None), ("D_d", None)]


@pytest.mark.parametrize(
    ("excuse", "left"),
    [
        (Excuse("b", "r", date(2026, 12, 1), "PYSEC-1"), ["c"]),
        (Excuse("B", "r", date(2026, 11, 25), "CVE-1"), ["c"]),
        (Excuse("b", "r", date(2026, 11, 24), "PYSEC-1"), ["b", "c"]),
        (Excuse("b", "r", date(2026, 12, 1), "PYSEC-2"), ["b", "c"]),
        (Excuse("b", "r", date(2026, 12, 1)), ["b", "c"]),
        (Excuse("c", "r", date(2026, 12, 1)), ["b"]),
    ],
)
def test_an_excuse_names_the_finding_and_expires(excuse: Excuse, left: list[str]) -> None:
    """By id or alias; one for a package that cannot be looked up excuses no vulnerability."""
    assert [f.package for f in unexcused(findings(_VULNERABLE, []), [excuse], _TODAY)] == left


def test_an_excuse_without_a_reason_or_a_day_is_refused(tmp_path: Path) -> None:
    """The file is read strictly; the project's own can be read."""
    file = tmp_path / "excused.yaml"
    for content in (
        "- {package: a, until: 2026-01-01}",
        "- {package: a, reason: r}",
        "- {package: a, reason: r, until: soon}",
    ):
        file.write_text(content, "utf-8")
        with pytest.raises(ValueError, match=r"excused\.yaml"):
            read_excuses(file)
    read_excuses(_ROOT / "security" / "excused.yaml")


def test_everything_that_the_project_names_is_pinned() -> None:
    """An audit of the lock audits what is used."""
    import re
    import tomllib

    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += [r for extra in project["project"].get("optional-dependencies", {}).values() for r in extra]
    pinned = {name.lower().replace("_", "-") for name in pinned_in(_ROOT / "constraints.txt")}
    names = {re.split(r"[\[<>=!~; ]", r)[0].lower().replace("_", "-") for r in wanted if isinstance(r, str)}
    assert names - pinned == set()
