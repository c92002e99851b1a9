"""A PostgreSQL of one's own on a socket in a new folder, from the programs that are installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

_PLACES = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"), Path("/opt/homebrew/opt"))


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, None where it is not installed (for root: or has no user to run as)."""
    if os.geteuid() == 0 and "postgres" not in {user.pw_name for user in pwd.getpwall()}:
        return None
    found = [path for place in _PLACES for path in place.glob("*/bin") if (path / "initdb").exists()]
    if found:
        return max(found)
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


class PostgresServer:
    """For `with`; as root it runs as the user `postgres`, as PostgreSQL wants it."""

    def __init__(self) -> None:
        found = programs()
        assert found is not None, "PostgreSQL is not installed"
        self._programs = found
        self._folder = Path(tempfile.mkdtemp(prefix="sanad-pg-"))
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._databases = 0

    def __enter__(self) -> Self:
        if self._as_user:
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-N")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start it (again)."""
        options = f"-c listen_addresses='' -k {self._folder} -c fsync=off -c max_connections=50 -c shared_buffers=32MB"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: immediate, as a crash does; fast, as an operator does."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def create(self) -> str:
        """A new database; its URL."""
        self._databases += 1
        name = f"sanad{self._databases}"
        self._run("createdb", "-h", str(self._folder), "-U", "postgres", name)
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as_user, str(self._programs / program), *arguments],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
            close_fds=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{program}: {done.stderr.decode()[-2000:]}"
