"""The ledger of a new generation, written while its vectors are: extraction has processors of its own.

A large change is written by a process that reads the releases from the catalogue, and that shares a ledger built from
nothing with another one; a small change is written here, at the end.
"""

import errno
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.catalogue import Catalogue
from ingest.child import collect_seldom, command
from ledger import store
from ledger.release import Release

_ALONE = 200
"""Releases from which starting a process pays."""
_MODULE = "ingest.ledger_writer"


class LedgerWriter:
    """Writes the `changed` releases (id to state) of a catalogue into a generation and drops the `removed` ones.

    As a context it ends the process where publishing fails before the ledger is complete.
    """

    def __init__(self, catalogue: Path, changed: Mapping[str, str], removed: Sequence[str]) -> None:
        self._catalogue, self._changed, self._removed = catalogue, dict(changed), list(removed)
        self._process: _Process | None = None
        self._target = Path()

    def __enter__(self) -> "LedgerWriter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.end()

    def start(self, generation: Path) -> Callable[[], None]:
        """Begin; what is returned waits for the end. It raises OSError or sqlite3.Error where the disk fails."""
        self._target = generation / "ledger.db"
        if len(self._changed) >= _ALONE:
            self._process = _Process(self._catalogue, self._target, self._changed, self._removed)
        return self._finish

    def _finish(self) -> None:
        if self._process is not None:
            self._process.wait()
        else:
            write(self._catalogue, self._target, self._changed, self._removed)


class _Process:
    """One that writes a ledger, or its share of one, and ends when this process does."""

    def __init__(
        self, catalogue: Path, target: Path, changed: Mapping[str, str], removed: Sequence[str], *, share: bool = False
    ) -> None:
        self.target = target
        request = target.with_suffix(
            ".request"
        )  # in a file, for a pipe would make this process wait for that one's start
        request.write_text(json.dumps([dict(changed), list(removed), share]), "utf-8")
        self.process = subprocess.Popen(  # noqa: S603  our own interpreter and code
            command(_MODULE, str(catalogue), str(target)),
            stdin=subprocess.PIPE,  # nothing is written to it: its end tells that this process is gone
            stderr=subprocess.PIPE,
        )

    def wait(self) -> None:
        """Until it has written all. Raises OSError with what it said."""
        assert self.process.stderr is not None
        said = self.process.stderr.read().decode(errors="replace").strip()
        self.process.wait()
        if self.process.returncode:
            last = said.splitlines()[-1] if said else f"ended with {self.process.returncode}"
            raise OSError(errno.EIO, last, str(self.target))

    def end(self) -> None:
        """At once; nothing happens to one that has ended."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def _stored(catalogue: Path, changed: Mapping[str, str]) -> Iterator[Iterator[tuple[Release, str]]]:
    """The changed releases with their states."""
    source = Catalogue(catalogue)
    try:
        yield ((source.release(name), state) for name, state in changed.items())
    finally:
        source.close()


def write(catalogue: Path, target: Path, changed: Mapping[str, str], removed: Sequence[str]) -> None:
    """Write the ledger. Raises sqlite3.Error."""
    with _stored(catalogue, changed) as releases:
        store.write(target, releases, removed)


def _write_part(catalogue: Path, target: Path, changed: Mapping[str, str]) -> None:
    with _stored(catalogue, changed) as releases:
        store.write_part(target, releases)


def _write_shared(catalogue: Path, target: Path, changed: Mapping[str, str]) -> None:
    """Write a ledger from nothing, half of it by another process. Raises sqlite3.Error or OSError."""
    names, part = list(changed), target.with_name("ledger.part.db")
    other = _Process(catalogue, part, {name: changed[name] for name in names[1::2]}, [], share=True)
    try:
        _write_part(catalogue, target, {name: changed[name] for name in names[::2]})
        other.wait()
    finally:
        other.end()
    store.join(target, part)
    part.unlink()


def main() -> None:
    """Write what the file beside the ledger asks for; end at once when the standard input does, for then the run is gone
    and another one may build in its place."""
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    os.nice(2)  # the run itself, all of it one after the other, takes as long as two of these
    catalogue, target = map(Path, sys.argv[1:])
    collect_seldom()
    try:
        request = target.with_suffix(".request")
        changed, removed, share = json.loads(request.read_text("utf-8"))
        request.unlink()
        if share:
            _write_part(catalogue, target, changed)
        elif target.exists():
            write(catalogue, target, changed, removed)
        else:
            _write_shared(catalogue, target, changed)
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
