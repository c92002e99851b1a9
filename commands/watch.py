"""`sanad watch`: the standing sources, ingested by themselves."""

import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.corpus import run_ingest
from settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.report import Report

_TRIES, _PAUSE = 60, 5.0
"""How often and how many seconds apart a run is tried while another ingest is writing."""


def watch(
    every: Annotated[float, typer.Option(help="Minutes between two runs over all sources.", min=0.01)] = 60.0,
    once: Annotated[bool, typer.Option(help="Run once over all sources and end.")] = False,
) -> None:
    """Ingest the standing sources of sources.yaml on a schedule, and folders soon after they change."""
    from ingest.errors import IngestError
    from ingest.standing import read_sources
    from ingest.watch import folders
    from ingest.watch import watch as keep_watching
    from vectorstore.errors import VectorStoreError

    config = settings()
    sources = read_sources(config.sources)
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())

    def run(everything: bool) -> None:
        """A run; what goes wrong is told, and the next one tries again."""
        wanted = sources if everything else [source for source in sources if isinstance(source, Path)]
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            report = _patiently(lambda: run_ingest(config, wanted), stop)
        except (IngestError, VectorStoreError) as error:
            sys.stderr.write(f"{now} {error.message_ar}\n{now} {error.message_en}\n")
        else:
            if report.published or report.failed or report.unpushed or report.held is not None:
                typer.echo(f"{now}\n{report.render()}")
            else:
                typer.echo(f"{now} لا جديد · nothing new ({report.releases} releases)")
        sys.stdout.flush()
        if once:
            stop.set()

    keep_watching(() if once else folders(sources), every * 60, run, stop)


def _patiently(run: "Callable[[], Report]", stop: threading.Event) -> "Report":
    """Try again for a while where another ingest is writing. Raises Locked in the end."""
    from ingest.errors import Locked

    for _ in range(_TRIES):
        try:
            return run()
        except Locked:
            if stop.wait(_PAUSE):
                raise
    return run()
