"""`sanad snapshots`: generations through object storage, from the writer to its replicas."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import Json, fail, open_embeddings
from settings import settings

if TYPE_CHECKING:
    from vectorstore.replication.storage import Storage

snapshots_app = typer.Typer(no_args_is_help=True, help="What replicas pull: push, pull, list, check.")


@snapshots_app.command()
def push(
    force: Annotated[
        bool, typer.Option(help="Take the storage over from another writer, and send every file again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Push the live generation, if it is not there already; every ingest does so by itself."""
    from ingest.pipeline import open_catalogue
    from ingest.pushing import push as send
    from vectorstore.errors import NoGeneration
    from vectorstore.generations import Generations

    config, storage = settings(), _storage()
    if Generations(config.data_dir / "generations").current() is None:
        raise NoGeneration
    with open_catalogue(config.data_dir) as catalogue:
        done = send(catalogue, config.data_dir, storage, force=force)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    elif done.moved:
        typer.echo(
            f"generation {done.number} pushed to {storage.name}: {done.files} files, {done.sent / 1e6:.1f} "
            f"of {done.bytes / 1e6:.1f} MB sent, {done.seconds:.1f} s"
        )
    else:
        typer.echo(f"generation {done.number} is at {storage.name} already")


@snapshots_app.command()
def pull(as_json: Json = False) -> None:
    """Fetch what the writer pushed last, check it and make it live; a running bot does so by itself."""
    from vectorstore.embeddings import fingerprint
    from vectorstore.replication.index import read_pointer
    from vectorstore.replication.pull import pull as fetch

    config, storage = settings(), _storage()
    done = fetch(config.data_dir, storage, embedding=fingerprint(open_embeddings(config)))
    if as_json:
        typer.echo(json.dumps(asdict(done) if done else None))
    elif done is not None:
        typer.echo(
            f"generation {done.number} is live: {done.files} files, {done.bytes / 1e6:.1f} MB fetched, "
            f"{done.seconds:.1f} s"
        )
    elif read_pointer(storage) is None:
        typer.echo(f"nothing has been pushed to {storage.name} yet")
    else:
        typer.echo("the newest generation is live already")


@snapshots_app.command("list")
def list_(as_json: Json = False) -> None:
    """The generations in the storage; * marks what replicas pull."""
    from vectorstore.replication.look import list_snapshots

    for found in list_snapshots(_storage()):
        if as_json:
            typer.echo(json.dumps(asdict(found)))
        elif found.fault is not None:
            typer.echo(f"{'*' if found.live else ' '}    ✗ {found.fault}")
        else:
            typer.echo(
                f"{'*' if found.live else ' '} {found.number:>4}  {found.created}  {found.releases} releases, "
                f"{found.passages} passages, {found.bytes / 1e6:.1f} MB  {found.index[:16]}  by {found.lineage[:8]}"
            )


@snapshots_app.command()
def verify(
    quick: Annotated[bool, typer.Option(help="Look at names and sizes only; fetch nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Compare every object in the storage with its digest; status 1 if one is missing or damaged."""
    from vectorstore.replication.look import verify as check

    verdicts = check(_storage(), quick=quick)
    for verdict in verdicts:
        if as_json:
            typer.echo(json.dumps(asdict(verdict)))
        elif not verdict.faults:
            typer.echo(f"✓ {verdict.number}: {verdict.files} files")
        else:
            typer.echo("\n".join((f"✗ {verdict.number}", *(f"  {fault}" for fault in verdict.faults))))
    raise typer.Exit(int(any(verdict.faults for verdict in verdicts)))


def _storage() -> "Storage":
    from vectorstore.replication.storage import Storage

    url = settings().snapshot_url
    if url is None:
        fail(
            "لا مخزن للنسخ: اضبط SANAD_SNAPSHOT_URL، مثلاً s3://bucket/prefix",
            "no snapshot storage: set SANAD_SNAPSHOT_URL, for example s3://bucket/prefix",
        )
    return Storage(url)
