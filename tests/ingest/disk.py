"""Disks that fill up, fail or may not be written, for tests that publish onto them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def can_mount() -> bool:
    """Whether this machine lets the tests make a small file system of their own."""
    done = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return os.geteuid() == 0 and done.returncode == 0


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of that size in memory."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, *, writable: bool) -> None:
    """Make the disk read-only, or writable again."""
    subprocess.run(["mount", "-o", f"remount,{'rw' if writable else 'ro'}", str(place)], check=True)


@contextmanager
def filled(place: Path, leave: int) -> Iterator[None]:
    """Fill the disk up to so many bytes for a while."""
    status = os.statvfs(place)
    ballast = place / "ballast"
    try:
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, status.f_bavail * status.f_frsize - leave))
        yield
    finally:
        ballast.unlink(missing_ok=True)
