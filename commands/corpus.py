"""`sanad ingest` and `sanad releases`: what the corpus is made of."""

import json
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import (
    Json,
    fail,
    open_embeddings,
    open_on_cluster,
    open_online,
    open_proposer,
    open_readers,
    open_server,
)
from settings import Settings, settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from ingest.cluster import Cluster
    from ingest.report import Report
    from ingest.standing import Source

releases_app = typer.Typer(no_args_is_help=True, help="What has been ingested.")


def ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders, zip archives, lists of URLs, pages, feeds, sitemaps (https://…)."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The standing sources of sources.yaml too.")] = False,
    force: Annotated[bool, typer.Option(help="Remove more than a fifth of the corpus if so be it.")] = False,
    rebuild: Annotated[bool, typer.Option(help="Build the indexes anew from the catalogue.")] = False,
    with_model: Annotated[bool, typer.Option(help="Ask the chat model for facts that the rules missed.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Read and embed on a Ray cluster: local, auto, host:port or ray://host:port."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring the corpus up to date with files, folders and pages."""
    from ingest.standing import named, read_sources

    config = settings()
    wanted = [named(argument) for argument in sources or []]
    if everything:
        wanted += read_sources(config.sources)
    if not wanted and not rebuild:
        raise typer.BadParameter("sources, --all or --rebuild are needed")
    report = run_ingest(config, wanted, force=force, rebuild=rebuild, with_model=with_model, bars=not as_json, ray=ray)
    typer.echo(json.dumps(report.to_dict(), ensure_ascii=False) if as_json else report.render())
    raise typer.Exit(report.exit_code)


def run_ingest(
    config: Settings,
    sources: "Sequence[Source]",
    *,
    force: bool = False,
    rebuild: bool = False,
    with_model: bool = False,
    bars: bool = False,
    ray: str | None = None,
) -> "Report":
    """One run with the settings' model, readers and fetcher; with bars where a person looks on.

    Reading and embedding are done on the Ray cluster at the address `ray`, if there is one.
    """
    from rich.progress import Progress as Bars

    from ingest.pipeline import Progress
    from ingest.pipeline import ingest as run

    propose = open_proposer(config) if with_model else None
    with (
        Bars(disable=not bars or not sys.stderr.isatty(), transient=True) as shown,
        open_readers(config) as local,
        _cluster(ray) as cluster,
    ):
        readers, embeddings = (
            open_on_cluster(config, cluster, local) if cluster is not None else (local, open_embeddings(config))
        )
        files, passages = shown.add_task("ملفات files", total=None), shown.add_task("مقاطع passages", total=None)
        proposals = shown.add_task("نموذج model", total=None, visible=with_model)
        return run(
            sources,
            data_dir=config.data_dir,
            embeddings=embeddings,
            force=force,
            rebuild=rebuild,
            readers=readers,
            online=open_online(config),
            progress=Progress(
                lambda done, of: shown.update(files, completed=done, total=of),
                lambda done, of: shown.update(passages, completed=done, total=of),
                lambda done, of: shown.update(proposals, completed=done, total=of),
            ),
            propose=propose,
            snapshots=config.snapshot_url,
            server=open_server(config),
        )


def _cluster(address: str | None) -> "AbstractContextManager[Cluster | None]":
    if address is None:
        return nullcontext()
    from ingest.cluster import Cluster

    return Cluster(address)


@releases_app.command("list")
def list_(as_json: Json = False) -> None:
    """All releases."""
    from ingest.pipeline import list_releases

    for entry in list_releases(settings().data_dir):
        row = {
            "release": entry.id,
            "date": entry.date,
            "title": entry.title,
            "publisher": entry.publisher,
            "url": entry.url,
        }
        typer.echo(
            json.dumps(row, ensure_ascii=False) if as_json else f"{entry.id}  {entry.date or '—'}  {entry.title}"
        )


@releases_app.command()
def show(name: str) -> None:
    """The text of a release."""
    from ingest.catalogue import Catalogue

    path = settings().data_dir / "catalogue.db"
    if not path.exists():
        fail(f"لا يوجد بيان باسم {name}", f"no release named {name}")
    catalogue = Catalogue(path)
    try:
        typer.echo(catalogue.release(name).text)
    except KeyError:
        fail(f"لا يوجد بيان باسم {name}", f"no release named {name}")
    finally:
        catalogue.close()


@releases_app.command()
def remove(names: list[str]) -> None:
    """Forget releases."""
    from ingest.pipeline import remove_releases

    config = settings()
    try:
        report = remove_releases(
            names,
            data_dir=config.data_dir,
            embeddings=open_embeddings(config),
            server=open_server(config),
            snapshots=config.snapshot_url,
        )
    except KeyError as error:
        fail(f"لا يوجد بيان باسم {error.args[0]}", f"no release named {error.args[0]}")
    typer.echo(report.render())
    raise typer.Exit(report.exit_code)
