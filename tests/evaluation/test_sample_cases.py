"""The cases that ship with the samples."""

from pathlib import Path

import pytest

from evaluation.answers import comparable, states
from evaluation.cases import Case, load_cases
from evaluation.report import read_report
from ingest.readers import read_file

_FOLDER = Path(__file__).parents[2] / "samples" / "cases"
_CASES = load_cases([_FOLDER])
_TAGS = {
    "funding", "period", "goal", "outcome", "place", "actor", "refusal", "followup", "aggregate", "compare",
    "injection", "dialect", "english", "sorani",
}  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The comparable text of each sample, as the readers read it."""
    files = (file for folder in {case.corpus for case in _CASES if case.corpus} for file in folder.iterdir())
    return {f.name: comparable(read_file(f).text) for f in files}


def test_there_are_forty_for_everything_that_users_ask() -> None:
    """Every tag has its cases, and no tag is misspelt."""
    assert len(_CASES) >= 40
    assert {tag for case in _CASES for tag in case.tags} == _TAGS
    assert all(case.note for case in _CASES)


@pytest.mark.parametrize("case", [c for c in _CASES if c.expect.has and "aggregate" not in c.tags], ids=lambda c: c.id)
def test_what_is_expected_stands_in_the_releases(case: Case, texts: dict[str, str]) -> None:
    """One alternative at least of everything that an answer has to state; sums stand in none."""
    named = [texts[name] for group in case.expect.sources for name in group]
    lengths = "compare" in case.tags and "period" in case.tags  # years made months are computed
    for group in case.expect.has:
        assert lengths or any(states(text, word) for text in named for word in group), group


def test_the_baseline_knows_every_case() -> None:
    """It was made of the cases as they are now: `make prompts-baseline`."""
    rows = {row.id: row.digest for row in read_report(_FOLDER / "baseline.json").rows}
    assert rows == {case.id: case.digest for case in _CASES}
