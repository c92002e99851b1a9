"""Ingesting again by itself: soon after a folder changed, and everything at intervals."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ingest.standing import Source

_TICK = 500
"""Milliseconds after which a request to stop and the time are looked at."""
_QUIET = 1600
"""Milliseconds without a further change after which a change counts: files are copied one after another."""


def folders(sources: Iterable[Source]) -> tuple[Path, ...]:
    """The folders to look at: those of the sources, and those around single files (a file may be replaced)."""
    found = [source.resolve() for source in sources if isinstance(source, Path)]
    return tuple(dict.fromkeys(path if path.is_dir() else path.parent for path in found if path.parent.is_dir()))


def watch(
    places: Sequence[Path],
    every: float,
    run: Callable[[bool], None],
    stop: threading.Event,
    *,
    tick: int = _TICK,
    quiet: int = _QUIET,
) -> None:
    """Call `run(True)` (ask every source) at once and every `every` seconds, `run(False)` (files and folders alone)
    when something in the places changed, until `stop` is set. Changes during a run are seen after it."""
    changed = threading.Event()
    watcher = threading.Thread(target=_look, args=(places, changed, stop, tick, quiet), daemon=True)
    if places:
        watcher.start()
    due = time.monotonic()
    while not stop.is_set():
        if time.monotonic() >= due:
            changed.clear()
            run(True)
            due = time.monotonic() + every
        elif changed.is_set():
            changed.clear()
            run(False)
        else:
            stop.wait(tick / 1000)
    if places:
        watcher.join()


def _look(places: Sequence[Path], changed: threading.Event, stop: threading.Event, tick: int, quiet: int) -> None:
    from watchfiles import watch as changes_in

    for _ in changes_in(
        *places,
        stop_event=stop,
        step=min(50, quiet),
        debounce=quiet,
        rust_timeout=tick,
        raise_interrupt=False,
        ignore_permission_denied=True,
    ):
        changed.set()
