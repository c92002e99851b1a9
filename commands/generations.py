"""`sanad generations`: what is published, whether it is whole, and the way back."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from commands.compose import Json, open_server
from settings import settings

generations_app = typer.Typer(no_args_is_help=True, help="What is published: list, check, go back.")


@generations_app.command("list")
def list_(as_json: Json = False) -> None:
    """The generations on disk, oldest first; * marks the live one."""
    from ingest.verify import list_generations

    for found in list_generations(settings().data_dir):
        if as_json:
            typer.echo(json.dumps(asdict(found)))
            continue
        about = found.manifest
        what = f"{about.created}  {about.releases} releases, {about.passages} passages" if about else "damaged"
        back = f"  (put back in place of {found.rolled_back_from})" if found.rolled_back_from is not None else ""
        there = f"  (vectors: {found.vectors})" if found.vectors else ""
        typer.echo(f"{'*' if found.live else ' '} {found.number:>4}  {what}, {found.bytes / 1e6:.1f} MB{there}{back}")


@generations_app.command()
def rollback(
    to: Annotated[int | None, typer.Option(help="Its number; without it the one before the live one.")] = None,
    as_json: Json = False,
) -> None:
    """Serve an older generation again; the next changed source publishes on from the catalogue."""
    from ingest.pipeline import rollback as run
    from ingest.report import unpushed_line

    done = run(settings().data_dir, to, server=open_server(settings()), snapshots=settings().snapshot_url)
    if as_json:
        typer.echo(json.dumps(asdict(done), ensure_ascii=False))
        raise typer.Exit(int(done.unpushed is not None))
    typer.echo(f"الفهرس {done.to} يعمل الآن مكان {done.left} · generation {done.to} is live in place of {done.left}")
    for mark, names in (("-", done.gone), ("+", done.back), ("~", done.other)):
        for name in names:
            typer.echo(f"  {mark} {name}")
    if done.unpushed is not None:
        typer.echo(unpushed_line(done.unpushed))
        raise typer.Exit(1)


@generations_app.command()
def verify(
    number: Annotated[int | None, typer.Argument(help="One generation; without it all of them.")] = None,
    as_json: Json = False,
) -> None:
    """Compare a generation's files with each other and every passage with its release; status 1 if one is not whole."""
    from ingest.verify import list_generations
    from ingest.verify import verify as check

    data_dir = settings().data_dir
    numbers = [found.number for found in list_generations(data_dir)] if number is None else [number]
    server = open_server(settings())
    verdicts = [check(data_dir, n, server) for n in numbers]
    for verdict in verdicts:
        if as_json:
            typer.echo(json.dumps(asdict(verdict), ensure_ascii=False))
        elif verdict.fault is not None:
            typer.echo(f"✗ {verdict.number}: {verdict.fault}")
        else:
            step = "" if verdict.in_step else " · يختلف عن الفهرس الأم / differs from the catalogue"
            typer.echo(f"✓ {verdict.number}: {verdict.releases} releases, {verdict.passages} passages{step}")
    raise typer.Exit(int(any(v.fault for v in verdicts)))
