"""The ledger of a large change is written by processes of its own; it is the same ledger."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from benchmarks.synthetic import text, write
from ingest import ledger_writer
from ingest.errors import DiskFault
from ingest.pipeline import ingest
from ingest.reading import Readers
from ingest.report import Report
from vectorstore.embeddings import load_embeddings

_MODEL = load_embeddings()


def _run(root: Path, data: str, readers: Readers, **options: bool) -> Report:
    return ingest([root / "source"], data_dir=root / data, embeddings=_MODEL, readers=readers, **options)


def _ledger(data: Path) -> dict[str, list[tuple[object, ...]]]:
    number = (data / "generations" / "CURRENT").read_text().strip()
    with closing(sqlite3.connect(data / "generations" / number / "ledger.db")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {t: sorted(connection.execute(f"SELECT * FROM {t}"), key=repr) for t in tables}  # noqa: S608


def test_several_processes_write_what_one_writes(
    tmp_path: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From nothing and as a change: rows, mentions and reposts are equal, and no part is left over."""
    write(tmp_path / "source", 8)
    repost = tmp_path / "source" / "000" / "repost.txt"
    repost.write_text(text(3).replace("منحة قدرها", "منحة مالية قدرها"), "utf-8")
    _run(tmp_path, "one", readers)
    monkeypatch.setattr(ledger_writer, "_ALONE", 2)
    _run(tmp_path, "several", readers)
    assert _ledger(tmp_path / "several") == _ledger(tmp_path / "one")
    assert any(row[-1] is not None for row in _ledger(tmp_path / "one")["releases"])  # the repost is told as one
    for number in (1, 5):
        (tmp_path / "source" / "000" / f"00000{number}.txt").write_text(text(50 + number), "utf-8")
    repost.unlink()
    _run(tmp_path, "several", readers, force=True)
    monkeypatch.undo()
    _run(tmp_path, "one", readers, force=True)
    assert _ledger(tmp_path / "several") == _ledger(tmp_path / "one")
    assert not list((tmp_path / "several").rglob("ledger.part*"))


def test_a_writer_that_fails_is_a_fault_of_the_run(
    tmp_path: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it said is told; nothing half built is left."""
    write(tmp_path / "source", 4)
    monkeypatch.setattr(ledger_writer, "_ALONE", 2)
    failing = "import sys, os; sys.stderr.write('database or disk is full\\n'); sys.stderr.flush(); os._exit(1)"
    monkeypatch.setattr(ledger_writer, "command", lambda *_: [sys.executable, "-c", failing])
    with pytest.raises(DiskFault, match="disk is full"):
        _run(tmp_path, "data", readers)
    assert not list((tmp_path / "data" / "generations").glob("[0-9]*"))
    monkeypatch.undo()
    assert _run(tmp_path, "data", readers).releases == 4


def test_writers_end_when_the_run_fails(tmp_path: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is left behind."""
    write(tmp_path / "source", 4)
    monkeypatch.setattr(ledger_writer, "_ALONE", 2)
    monkeypatch.setattr(ledger_writer, "command", lambda *_: [sys.executable, "-c", "import time; time.sleep(600)"])
    begun: list[int] = []
    begin = ledger_writer._Process.__init__

    def noting(self: ledger_writer._Process, *args: object, **options: bool) -> None:
        begin(self, *args, **options)  # type: ignore[arg-type]
        begun.append(self.process.pid)

    monkeypatch.setattr(ledger_writer._Process, "__init__", noting)
    monkeypatch.setattr("vectorstore.generations.write_lexical", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(DiskFault):
        _run(tmp_path, "data", readers)
    assert len(begun) == 1
    assert not Path(f"/proc/{begun[0]}").exists()


def test_a_writer_ends_with_its_run(tmp_path: Path, readers: Readers) -> None:
    """When the process that asked is gone it stops at once, its transaction undone."""
    write(tmp_path / "source", 40)
    _run(tmp_path, "data", readers)
    names = _names(tmp_path / "data")
    target = tmp_path / "ledger.db"
    target.with_suffix(".request").write_text(json.dumps([dict.fromkeys(names, "state"), [], True]), "utf-8")
    command = ledger_writer.command("ingest.ledger_writer", str(tmp_path / "data" / "catalogue.db"), str(target))
    assert subprocess.run(command, input=b"", check=False, capture_output=True).returncode == 1
    with closing(sqlite3.connect(target)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert not any(connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables)  # noqa: S608


def test_both_writers_end_with_their_run(tmp_path: Path, readers: Readers) -> None:
    """The one that shares the work too: killed at any time, nobody writes on."""
    write(tmp_path / "source", 40)
    _run(tmp_path, "data", readers)
    names = _names(tmp_path / "data")
    generation = tmp_path / "new"
    generation.mkdir()
    (tmp_path / "run.py").write_text(
        "import sys, time\nfrom pathlib import Path\nfrom ingest.ledger_writer import _Process\n"
        f"_Process(Path(sys.argv[1]), Path(sys.argv[2]), dict.fromkeys({names!r}, 'state'), [])\ntime.sleep(600)\n"
    )
    run = subprocess.Popen(
        [
            sys.executable,
            str(tmp_path / "run.py"),
            str(tmp_path / "data" / "catalogue.db"),
            str(generation / "ledger.db"),
        ],
        env={"PYTHONPATH": str(Path(ledger_writer.__file__).parents[1])},
    )
    _wait((generation / "ledger.part.db").exists)
    run.kill()
    run.wait()
    _wait(lambda: not _writers(generation))


def _names(data: Path) -> list[str]:
    """The releases of a catalogue."""
    with closing(sqlite3.connect(data / "catalogue.db")) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM releases")]


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _writers(generation: Path) -> list[str]:
    """The command lines of the processes that write there."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            if str(generation) in line and "ledger_writer" in line:
                lines.append(line)
    return lines
