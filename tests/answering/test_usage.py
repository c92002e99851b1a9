"""The usage file: budgets hold between processes, counts add up."""

import subprocess
import sys
from pathlib import Path

from answering.usage import Spent, Usage

_BOOKING = """
import sys
from pathlib import Path
from answering.usage import Usage
usage = Usage(Path(sys.argv[1]), calls=40, tokens=10_000)
print(sum(usage.book(100) for _ in range(30)))
"""


def test_processes_share_a_budget(tmp_path: Path) -> None:
    """Three of them book at once, and together no more than the day allows."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _BOOKING, str(tmp_path / "usage.db")]
    running = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    booked = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(booked) == 40
    assert Usage(tmp_path / "usage.db").spent() == Spent(40, 4_000)


def test_tokens_are_booked_before_and_corrected_after(tmp_path: Path) -> None:
    """What a call may cost at most has to fit."""
    usage = Usage(tmp_path / "usage.db", tokens=1_000)
    assert usage.book(900)
    assert not usage.book(200)
    usage.correct(-800)
    assert usage.spent() == Spent(1, 100)
    assert usage.book(200)


def test_no_limit_is_no_limit(tmp_path: Path) -> None:
    """And the folder is made where there is none."""
    usage = Usage(tmp_path / "new" / "usage.db")
    assert all(usage.book(10**9) for _ in range(3))
    usage.count("fallback", "rate")
    usage.count("fallback", "rate")
    usage.count("written", None)
    assert usage.outcomes() == {("fallback", "rate"): 2, ("written", ""): 1}
