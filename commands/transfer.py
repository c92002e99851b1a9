"""`sanad export` and `sanad import`: a corpus as one file."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from commands.compose import Json, open_embeddings, open_server
from settings import settings


def export(
    file: Annotated[Path, typer.Argument(help="The file to write, by custom NAME.sanad.")],
    wait: Annotated[float, typer.Option(help="Minutes to wait for an ingest that is running to end.", min=0)] = 0.0,
    as_json: Json = False,
) -> None:
    """Write the whole corpus to one file, vectors included."""
    from ingest.errors import Locked
    from ingest.transfer import export_corpus

    until = time.monotonic() + 60 * wait
    while True:
        try:
            about = export_corpus(settings().data_dir, file)
        except Locked:
            if time.monotonic() >= until:
                raise
            time.sleep(1)
        else:
            break
    size = file.stat().st_size
    if as_json:
        typer.echo(json.dumps({**asdict(about), "bytes": size}))
    else:
        typer.echo(f"{file}: {about.releases} releases, {about.passages} passages, {size / 1e6:.1f} MB")


def import_(
    file: Annotated[Path, typer.Argument(help="A file that `sanad export` wrote.")],
    force: Annotated[bool, typer.Option(help="Replace the releases that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Take the corpus of a file, and publish it."""
    from ingest.transfer import import_corpus

    config = settings()
    report = import_corpus(
        file,
        data_dir=config.data_dir,
        embeddings=open_embeddings(config),
        force=force,
        server=open_server(config),
        snapshots=config.snapshot_url,
    )
    typer.echo(json.dumps(report.to_dict(), ensure_ascii=False) if as_json else report.render())
    raise typer.Exit(report.exit_code)
