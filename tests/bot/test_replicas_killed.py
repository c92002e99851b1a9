"""benchmarks/replicas.py for some seconds: replicas killed and stopped, PostgreSQL crashed, a generation published."""

from pathlib import Path

import pytest

from benchmarks.replicas import run
from tests.nginx_server import program
from tests.postgres_server import programs


@pytest.mark.postgres
@pytest.mark.nginx
@pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed (Debian: postgresql)")
@pytest.mark.skipif(program() is None, reason="nginx is not installed (Debian: nginx-light)")
def test_every_question_is_answered_once_and_in_order(tmp_path: Path) -> None:
    """Nothing is lost, doubled or in wrong order; how long it takes is the benchmark's business."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (the extra postgres)")
    outcome = run(tmp_path, 16, kills=2, pauses=1, generations=1, rate=4, chats=12)
    assert outcome.asked > 20
    assert (outcome.lost, outcome.doubled, outcome.disordered, outcome.other) == (0, 0, 0, 0), outcome.notes
