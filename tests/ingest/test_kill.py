"""An ingest may be killed at any instant."""

from pathlib import Path

import pytest

from benchmarks.kill_ingest import run


def test_killed_ingests_lose_nothing_and_readers_see_no_error(tmp_path: Path) -> None:
    """After kills spread over a run the next run equals a clean build, and a reader running through it met no error."""
    outcome = run(tmp_path, releases=120, kills=5)
    assert outcome.kills >= 3
    assert not outcome.errors
    assert not outcome.differences
    assert outcome.queries > 0


@pytest.mark.slow
def test_killed_ingests_of_twenty_thousand_vectors(tmp_path: Path) -> None:
    """The same with more than 20,000 vectors, where Chroma writes its index files."""
    outcome = run(tmp_path, releases=7000, kills=12)
    assert outcome.vectors >= 20_000
    assert not outcome.errors
    assert not outcome.differences
