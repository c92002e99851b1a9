"""The ledger of a new generation, written while its vectors are: extraction has processors of its own.

A large change is written by processes that read the releases from the catalogue; a small one here, at the end.
"""

import errno
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.catalogue import Catalogue
from ingest.child import command
from ledger import reposts, store

_ALONE = 200
"""Releases from which starting a process pays."""
_PARTS = 2
"""Processes that a ledger built from nothing is divided among; a change to one that exists is written by one."""
_MODULE = "ingest.ledger_writer"


@dataclass(frozen=True, slots=True)
class _Part:
    """A share of the releases, the file that it goes into, and the process that writes it."""

    target: Path
    names: tuple[str, ...]
    process: "subprocess.Popen[bytes]"


class LedgerWriter:
    """Writes the `changed` releases (id to state) of a catalogue into a generation and drops the `removed` ones.

    As a context it ends the processes where publishing fails before the ledger is complete.
    """

    def __init__(self, catalogue: Path, changed: Mapping[str, str], removed: Sequence[str]) -> None:
        self._catalogue, self._changed, self._removed = catalogue, dict(changed), list(removed)
        self._parts: list[_Part] = []
        self._target = Path()

    def __enter__(self) -> "LedgerWriter":
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts:
            part.process.kill()  # nothing happens to one that has ended
            part.process.wait()
            for stream in (part.process.stdin, part.process.stderr):
                if stream is not None:
                    stream.close()

    def start(self, generation: Path) -> Callable[[], None]:
        """Begin; what is returned waits for the end. It raises OSError or sqlite3.Error where the disk fails."""
        self._target = generation / "ledger.db"
        if len(self._changed) >= _ALONE:
            names = tuple(self._changed)
            count = 1 if self._target.exists() else _PARTS
            for number in range(count):
                target = self._target if number == 0 else generation / f"ledger.part{number}.db"
                self._parts.append(self._begin(target, names[number::count], self._removed if number == 0 else []))
        return self._finish

    def _begin(self, target: Path, names: tuple[str, ...], removed: Sequence[str]) -> _Part:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and code
            command(_MODULE, str(self._catalogue), str(target)),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        request = json.dumps([{name: self._changed[name] for name in names}, list(removed)])
        process.stdin.write(request.encode() + b"\n")  # and it stays open: its end tells that this process is gone
        process.stdin.flush()
        return _Part(target, names, process)

    def _finish(self) -> None:
        if not self._parts:
            write(self._catalogue, self._target, self._changed, self._removed)
            return
        for part in self._parts:
            assert part.process.stderr is not None
            said = part.process.stderr.read().decode(errors="replace").strip()
            part.process.wait()
            if part.process.returncode:
                last = said.splitlines()[-1] if said else f"ended with {part.process.returncode}"
                raise OSError(errno.EIO, last, str(part.target))
        for part in self._parts[1:]:
            _join(self._target, part)


def _join(target: Path, part: _Part) -> None:
    """Take a part's rows into the ledger, and find the reposts across the parts."""
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS part", (str(part.target),))
        connection.execute("BEGIN")
        tables = connection.execute("SELECT name FROM part.sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM part.{table}")  # noqa: S608  our own names
        reposts.mark(connection, part.names)
        connection.execute("COMMIT")
        connection.execute("DETACH part")
    part.target.unlink()


def write(catalogue: Path, target: Path, changed: Mapping[str, str], removed: Sequence[str]) -> None:
    """Write the ledger. Raises sqlite3.Error."""
    source = Catalogue(catalogue)
    try:
        store.write(target, ((source.release(name), changed[name]) for name in changed), removed)
    finally:
        source.close()


def main() -> None:
    """Write what the first line of the standard input asks for; end at once when the input does, for then the run is
    gone and another one may build in its place."""
    changed, removed = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    try:
        write(Path(sys.argv[1]), Path(sys.argv[2]), changed, removed)
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # without waiting for the thread that waits for the input's end


def _end_with_the_run() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    main()
