"""`sanad ingest` and `sanad releases`: what the corpus is made of."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands.compose import Json, fail, open_embeddings, open_proposer
from settings import settings

releases_app = typer.Typer(no_args_is_help=True, help="What has been ingested.")


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders of releases.")],
    force: Annotated[bool, typer.Option(help="Remove more than a fifth of the corpus if so be it.")] = False,
    rebuild: Annotated[bool, typer.Option(help="Build the indexes anew from the catalogue.")] = False,
    with_model: Annotated[bool, typer.Option(help="Ask the chat model for facts that the rules missed.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the corpus up to date with files and folders."""
    from rich.progress import Progress as Bars

    from ingest.pipeline import Progress
    from ingest.pipeline import ingest as run

    config = settings()
    propose = open_proposer(config) if with_model else None
    with Bars(disable=as_json or not sys.stderr.isatty(), transient=True) as bars:
        files, passages = bars.add_task("ملفات files", total=None), bars.add_task("مقاطع passages", total=None)
        proposals = bars.add_task("نموذج model", total=None, visible=with_model)
        report = run(
            paths,
            data_dir=config.data_dir,
            embeddings=open_embeddings(config),
            force=force,
            rebuild=rebuild,
            progress=Progress(
                lambda done, of: bars.update(files, completed=done, total=of),
                lambda done, of: bars.update(passages, completed=done, total=of),
                lambda done, of: bars.update(proposals, completed=done, total=of),
            ),
            propose=propose,
        )
    typer.echo(json.dumps(report.to_dict(), ensure_ascii=False) if as_json else report.render())
    raise typer.Exit(report.exit_code)


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

    catalogue = Catalogue(settings().data_dir / "catalogue.db")
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
        typer.echo(remove_releases(names, data_dir=config.data_dir, embeddings=open_embeddings(config)).render())
    except KeyError as error:
        fail(f"لا يوجد بيان باسم {error.args[0]}", f"no release named {error.args[0]}")
