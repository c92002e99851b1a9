"""`sanad watch`: the standing sources, ingested by themselves."""

import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import fail
from commands.corpus import run_ingest
from settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.report import Report

_TRIES, _PAUSE = 60, 5.0
"""How often and how many seconds apart a run is tried while another ingest is writing."""


def watch(
    every: Annotated[float, typer.Option(help="Minutes between two runs over all sources.", min=0.01)] = 60.0,
    once: Annotated[
        bool,
        typer.Option(help="Run once over all sources and end; status 1 where files failed, 2 where it was refused."),
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="Serve /healthz, /readyz and /metrics there.", min=1, max=65535)
    ] = None,
) -> None:
    """Ingest the standing sources of sources.yaml on a schedule, and folders soon after they change."""
    from commands.watch_health import WatchHealth
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
    health, status = WatchHealth(every * 60), 0
    if port is not None:
        try:
            health.serve(config.metrics_host, port)
        except OSError as error:
            fail(f"تعذّر فتح المنفذ {port}: {error.strerror}", f"cannot listen at port {port}: {error.strerror}")

    def run(everything: bool) -> None:
        """A run; what goes wrong is told, and the next one tries again."""
        wanted = sources if everything else [source for source in sources if isinstance(source, Path)]
        nonlocal status
        health.begin()
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            report = _patiently(lambda: run_ingest(config, wanted), stop)
        except (IngestError, VectorStoreError) as error:
            status = 2
            health.refuse(type(error).__name__)
            sys.stderr.write(f"{now} {error.message_ar}\n{now} {error.message_en}\n")
        else:
            status = report.exit_code
            health.end(report)
            if report.published or report.failed or report.unpushed or report.held is not None:
                typer.echo(f"{now}\n{report.render()}")
            else:
                typer.echo(f"{now} لا جديد · nothing new ({report.releases} releases)")
        sys.stdout.flush()
        if once:
            stop.set()

    keep_watching(() if once else folders(sources), every * 60, run, stop)
    raise typer.Exit(status if once else 0)


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
