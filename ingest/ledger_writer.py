"""The ledger of a new generation, written while its vectors are: extraction has a processor of its own.

A large change is written by a process that reads the releases from the catalogue; a small one here, at the end.
"""

import errno
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ingest.catalogue import Catalogue
from ledger import store

_ALONE = 200
"""Releases from which starting a process pays."""
_ROOT = Path(__file__).parents[1]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from ingest.ledger_writer import main; main()"


class LedgerWriter:
    """Writes the `changed` releases (id to state) of a catalogue into a generation and drops the `removed` ones.

    As a context it ends the process where publishing fails before the ledger is complete.
    """

    def __init__(self, catalogue: Path, changed: Mapping[str, str], removed: Sequence[str]) -> None:
        self._catalogue, self._changed, self._removed = catalogue, dict(changed), list(removed)
        self._process: subprocess.Popen[bytes] | None = None
        self._target = Path()

    def __enter__(self) -> "LedgerWriter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def start(self, generation: Path) -> Callable[[], None]:
        """Begin; what is returned waits for the end. It raises OSError where the disk does not take the ledger."""
        self._target = generation / "ledger.db"
        if len(self._changed) >= _ALONE:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and code
                [sys.executable, "-I", "-c", _START, str(_ROOT), str(self._catalogue), str(self._target)],
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps([self._changed, self._removed]).encode())
            self._process.stdin.close()
            self._process.stdin = None
        return self._finish

    def _finish(self) -> None:
        if self._process is None:
            write(self._catalogue, self._target, self._changed, self._removed)
            return
        said = self._process.communicate()[1].decode(errors="replace").strip()
        if self._process.returncode:
            last = said.splitlines()[-1] if said else f"ended with {self._process.returncode}"
            raise OSError(errno.EIO, last, str(self._target))


def write(catalogue: Path, target: Path, changed: Mapping[str, str], removed: Sequence[str]) -> None:
    """Write the ledger. Raises sqlite3.Error."""
    source = Catalogue(catalogue)
    try:
        store.write(target, ((source.release(name), changed[name]) for name in changed), removed)
    finally:
        source.close()


def main() -> None:
    """Write what the standard input asks for."""
    changed, removed = json.load(sys.stdin)
    try:
        write(Path(sys.argv[2]), Path(sys.argv[3]), changed, removed)
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    main()
