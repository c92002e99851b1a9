"""A disk that fills up, fails or may not be written at any step of a run."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.synthetic import text, write
from ingest.errors import DiskFault, IngestError, Locked
from ingest.pipeline import ingest, open_catalogue
from ingest.reading import Readers
from ingest.report import Report
from tests.ingest.disk import can_mount, filled, remount, small_disk
from vectorstore import generations as module
from vectorstore.embeddings import load_embeddings
from vectorstore.errors import VectorStoreError
from vectorstore.generations import Generations, open_generation
from vectorstore.search import search

_ROOT = Path(__file__).parents[2]
_MODEL = load_embeddings()
_FIRST, _MORE = 20, 50
needs_mount = pytest.mark.skipif(not can_mount(), reason="mounting a small disk needs root")


@pytest.fixture
def run(readers: Readers) -> Callable[[Path, Path], Report]:
    def ingested(source: Path, data: Path) -> Report:
        return ingest([source], data_dir=data, embeddings=_MODEL, readers=readers)

    return ingested


def _served(data: Path) -> tuple[int, list[str]]:
    """The live generation's number and its releases, after a search in it."""
    generation = open_generation(data / "generations", _MODEL)
    try:
        assert search(generation, "منحة من أجل المدارس", 5)
        assert generation.dense.count() == generation.manifest.vectors
        with closing(sqlite3.connect(generation.ledger_path)) as connection:
            names = sorted(row[0] for row in connection.execute("SELECT id FROM releases"))
        return generation.manifest.number, names
    finally:
        generation.close()


def _whole(data: Path, releases: int) -> None:
    """Everything is there once, nothing half built lies about."""
    assert _served(data)[1] == [f"{n:06}.txt" for n in range(releases)]
    with closing(sqlite3.connect(data / "catalogue.db")) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT source) FROM releases").fetchone() == (releases,) * 2
    assert not list((data / "generations").glob("*.building"))


@needs_mount
def test_a_full_disk_never_costs_the_live_generation(tmp_path: Path, run: Callable[[Path, Path], Report]) -> None:
    """Wherever the room ends, from the first write to the last: a fault of our own, the old generation serves, and the
    next run with room finishes the work."""
    source = tmp_path / "source"
    write(source, _FIRST)
    with small_disk(tmp_path / "disk", 64) as disk:
        data = disk / "data"
        run(source, data)
        before = _served(data)
        write(source, _MORE)
        faults = 0
        for leave in (0, 8_192, 40_960, 120_000, 250_000, 400_000, 700_000, 1_000_000, 1_400_000, 1_900_000, 2_600_000):
            with filled(disk, leave):
                try:
                    run(source, data)
                except (IngestError, VectorStoreError):
                    faults += 1
                    assert _served(data) == before
                else:
                    break
        assert faults >= 4
        run(source, data)
        _whole(data, _MORE)


@needs_mount
def test_a_disk_that_may_only_be_read_is_told_and_serves_on(
    tmp_path: Path, run: Callable[[Path, Path], Report]
) -> None:
    """Questions are answered from it; an ingest says what is wrong."""
    source = tmp_path / "source"
    write(source, 5)
    with small_disk(tmp_path / "disk", 32) as disk:
        run(source, disk / "data")
        write(source, 6)
        remount(disk, writable=False)
        try:
            with pytest.raises(DiskFault):
                run(source, disk / "data")
            assert len(_served(disk / "data")[1]) == 5
        finally:
            remount(disk, writable=True)
        run(source, disk / "data")
        _whole(disk / "data", 6)


_FAILING = """
import os, sys
from pathlib import Path
from ingest.pipeline import ingest
from ingest.errors import IngestError
from vectorstore.errors import VectorStoreError
from vectorstore.embeddings import load_embeddings, embed
import chromadb, bm25s, numpy
source, data, first, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
model = load_embeddings()
embed(model, ["x"])
WRITING = {"os.rename", "os.mkdir", "shutil.copytree", "shutil.copyfile", "sqlite3.connect"}
def attempt(number):
    left = [number]
    def count(path):
        if str(data) in os.fsdecode(path):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(5, "Input/output error", str(path))
    def hook(event, args):
        if event == "open" and isinstance(args[0], (str, bytes)) and (isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)):
            count(args[0])
        elif event in WRITING and args and isinstance(args[0], (str, bytes)):
            count(args[0])
    sync = os.fsync
    def failing(handle):
        count(os.readlink(f"/proc/self/fd/{handle if isinstance(handle, int) else handle.fileno()}"))
        sync(handle)
    os.fsync = failing
    sys.addaudithook(hook)
    try:
        ingest([source], data_dir=data, embeddings=model)
    except (IngestError, VectorStoreError):
        os._exit(3)
    except BaseException as error:
        sys.stderr.write(f"{number}: {error!r}\\n")
        sys.stderr.flush()
        os._exit(4)
    os._exit(3 if left[0] <= 0 else 0)
number = first
while True:
    child = os.fork()
    if child == 0:
        attempt(number)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.write(f"{number} {code}\\n")
    sys.stdout.flush()
    if sys.stdin.readline() != "on\\n" or code == 0:
        break
    number += step
"""


def _every_write_fails(tmp_path: Path, run: Callable[[Path, Path], Report], step: int) -> int:
    """Fail the n-th write for n = 1, 1 + step, … until a run meets no fault; how many failed."""
    source, data = tmp_path / "source", tmp_path / "data"
    write(source, 6)
    run(source, data)
    before = _served(data)
    write(source, 9)
    failed = 0
    command = [sys.executable, "-W", "ignore", "-c", _FAILING, str(source), str(data), "1", str(step)]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            number, code = map(int, line.split())
            if code not in (0, 3):
                process.kill()
                pytest.fail(f"write {number} ended a run with {code}: {process.stderr.read()}")
            served = _served(data)
            if code == 3:
                failed += 1
                if served != before:  # the pointer had been set: the fault came after, the new generation is whole
                    assert served[1] == [f"{n:06}.txt" for n in range(9)]
                    (source / "000" / "000008.txt").write_text(text(100 + number), "utf-8")
                    before = served
            process.stdin.write("on\n")
            process.stdin.flush()
    run(source, data)
    _whole(data, 9)
    return failed


def test_a_failing_disk_at_any_write_leaves_a_whole_generation(
    tmp_path: Path, run: Callable[[Path, Path], Report]
) -> None:
    """Every twelfth write, rename, folder and sync of a run fails with EIO, one run each."""
    assert _every_write_fails(tmp_path, run, 12) >= 3


@pytest.mark.slow
def test_a_failing_disk_at_every_single_write(tmp_path: Path, run: Callable[[Path, Path], Report]) -> None:
    """The same for each of them."""
    assert _every_write_fails(tmp_path, run, 1) >= 30


def test_nothing_is_published_before_it_is_on_the_disk(
    tmp_path: Path, run: Callable[[Path, Path], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When CURRENT turns to a generation every file and folder of it has been synced: a loss of power keeps it."""
    synced: set[str] = set()
    sync, replace = os.fsync, os.replace
    unsynced: list[str] = []

    def noting(handle: int) -> None:
        synced.add(re.sub(r"\.\w+\.building", "", os.readlink(f"/proc/self/fd/{handle}")))
        sync(handle)

    def replacing(old: object, new: object) -> None:
        if str(new).endswith("CURRENT"):
            folder = Path(str(new)).parent / "1"
            unsynced.extend(str(p) for p in [folder, *folder.rglob("*")] if str(p) not in synced)
            assert str(folder.parent) in synced
        replace(old, new)  # type: ignore[arg-type]

    monkeypatch.setattr(module.os, "fsync", noting)
    monkeypatch.setattr(module.os, "replace", replacing)
    write(tmp_path / "source", 5)
    run(tmp_path / "source", tmp_path / "data")
    assert len(synced) > 10
    assert unsynced == []


def test_what_was_not_yet_synced_may_be_lost(tmp_path: Path, run: Callable[[Path, Path], Report]) -> None:
    """A half-built folder of empty files, as a loss of power leaves it, is swept away by the next run."""
    write(tmp_path / "source", 5)
    run(tmp_path / "source", tmp_path / "data")
    debris = tmp_path / "data" / "generations" / "2.building"
    (debris / "chroma").mkdir(parents=True)
    for name in ("chroma/chroma.sqlite3", "passages.db", "ledger.db"):
        (debris / name).touch()
    (tmp_path / "data" / "generations" / "CURRENT.new").write_text("2")
    write(tmp_path / "source", 7)
    assert run(tmp_path / "source", tmp_path / "data").generation == 2
    _whole(tmp_path / "data", 7)


def test_two_ingests_at_once_do_not_mix(tmp_path: Path, run: Callable[[Path, Path], Report]) -> None:
    """The second is told so and has changed nothing; afterwards it does its work."""
    write(tmp_path / "source", 5)
    run(tmp_path / "source", tmp_path / "data")
    write(tmp_path / "source", 7)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with open_catalogue(tmp_path / "data"):
            entered.set()
            leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    try:
        with pytest.raises(Locked):
            run(tmp_path / "source", tmp_path / "data")
    finally:
        leave.set()
        holder.join()
    assert len(_served(tmp_path / "data")[1]) == 5
    run(tmp_path / "source", tmp_path / "data")
    _whole(tmp_path / "data", 7)


def test_a_failed_run_leaves_no_half_built_generation(
    tmp_path: Path, run: Callable[[Path, Path], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is not left fuller."""
    write(tmp_path / "source", 5)
    run(tmp_path / "source", tmp_path / "data")
    write(tmp_path / "source", 7)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_lexical", full)
    with pytest.raises(DiskFault, match="No space left"):
        run(tmp_path / "source", tmp_path / "data")
    assert [p.name for p in (tmp_path / "data" / "generations").iterdir() if p.is_dir()] == ["1"]
    assert Generations(tmp_path / "data" / "generations").numbers() == [1]
