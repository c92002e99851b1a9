"""The `sanad` command: the one place where settings are read and the rooms are put together."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from settings import Settings, settings

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="سند: answers from Arabic press releases, with quotes."
)
releases_app = typer.Typer(no_args_is_help=True, help="What has been ingested.")
app.add_typer(releases_app, name="releases")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Run the command; known faults become one line in Arabic and in English."""
    from ingest.errors import IngestError
    from vectorstore.errors import VectorStoreError

    try:
        app()
    except (IngestError, VectorStoreError) as error:
        _fail(error.message_ar, error.message_en)
    except ValidationError as error:
        first = error.errors()[0]
        name = "SANAD_" + "_".join(map(str, first["loc"])).upper()
        given = first.get("input")
        _fail(f"قيمة غير صالحة للإعداد {name}: {given!r}", f"wrong setting {name}={given!r}: {first['msg']}")


def _fail(arabic: str, english: str) -> None:
    from arabic.bidi import rtl_text

    sys.stderr.write(f"{rtl_text(arabic)}\n{english}\n")
    sys.exit(2)


def _embeddings(config: Settings) -> Any:
    from vectorstore.embeddings import load_embeddings

    return load_embeddings(config.embedding_model, device=config.device)


class _Asker:
    """The answerer over the live generation."""

    def __init__(self, config: Settings) -> None:
        from answering.extractive import answer
        from ledger.store import Ledger
        from vectorstore.generations import open_generation
        from vectorstore.retriever import HybridRetriever

        self._answer = answer
        generation = open_generation(config.data_dir / "generations", _embeddings(config))
        self._retriever = HybridRetriever(generation=generation)
        self._ledger = Ledger(generation.ledger_path)

    def search(self, query: str, limit: int) -> Sequence[tuple[str, float]]:
        """Releases by their best passage."""
        best: dict[str, float] = {}
        for hit in self._retriever.search(query, 4 * limit):
            best.setdefault(hit.passage.release, hit.score)
        return list(best.items())[:limit]

    def ask(self, question: str, history: Sequence[Any] = ()) -> Any:
        """One answer."""
        from answering.answer import Ask

        return self._answer(Ask(question, tuple(history)), self._ledger, self.search)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders of releases.")],
    force: Annotated[bool, typer.Option(help="Remove more than a fifth of the corpus if so be it.")] = False,
    rebuild: Annotated[bool, typer.Option(help="Build the indexes anew from the catalogue.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the corpus up to date with files and folders."""
    from rich.progress import Progress as Bars

    from ingest.pipeline import Progress
    from ingest.pipeline import ingest as run

    config = settings()
    with Bars(disable=as_json or not sys.stderr.isatty(), transient=True) as bars:
        files, passages = bars.add_task("ملفات files", total=None), bars.add_task("مقاطع passages", total=None)
        report = run(
            paths,
            data_dir=config.data_dir,
            embeddings=_embeddings(config),
            force=force,
            rebuild=rebuild,
            progress=Progress(
                lambda done, of: bars.update(files, completed=done, total=of),
                lambda done, of: bars.update(passages, completed=done, total=of),
            ),
        )
    typer.echo(json.dumps(report.to_dict(), ensure_ascii=False) if as_json else report.render())
    raise typer.Exit(report.exit_code)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    as_json: Json = False,
    batch: Annotated[Path | None, typer.Option(help="A questions.jsonl file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the answers of a batch go.")] = None,
) -> None:
    """Answer a question, or a file of them."""
    asker = _Asker(settings())
    if batch is not None:
        from answering.extractive import turns

        lines = []
        for line in batch.read_text("utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                found = asker.ask(row["turns"][-1], turns(row["turns"][:-1]))
                lines.append(json.dumps(found.to_dict(row.get("id")), ensure_ascii=False))
        text = "\n".join(lines) + "\n"
        if out:
            out.write_text(text, "utf-8")
        else:
            typer.echo(text, nl=False)
        return
    if question is None:
        raise typer.BadParameter("a question or --batch is needed")
    found = asker.ask(question)
    typer.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else _shown(found))


@app.command()
def chat() -> None:
    """Ask in a conversation; an empty line ends it."""
    from answering.answer import Turn

    asker = _Asker(settings())
    history: list[Turn] = []
    while question := typer.prompt("؟", default="", show_default=False).strip():
        found = asker.ask(question, history[-6:])
        history.append(Turn(question, tuple(c.release for c in found.citations)))
        typer.echo(_shown(found))


@app.command()
def demo() -> None:
    """Ingest the bundled samples, answer three questions, and open a chat when at a terminal."""
    from ingest.pipeline import ingest as run

    config = settings()
    samples = Path(__file__).parent / "samples" / "releases"
    typer.echo(run([samples], data_dir=config.data_dir, embeddings=_embeddings(config)).render())
    asker = _Asker(config)
    for question in (
        "كم بلغ التمويل الياباني للمنظمة الدولية للهجرة في العراق؟",
        "شكد شركة حصلت على دعم مالي في تلعفر والنجف؟",
        "How much did Sweden give to WFP in Iraq?",
    ):
        typer.echo(f"\n❓ {question}\n{_shown(asker.ask(question))}")
    if sys.stdin.isatty():
        chat()


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
        _fail(f"لا يوجد بيان باسم {name}", f"no release named {name}")
    finally:
        catalogue.close()


@releases_app.command()
def remove(names: list[str]) -> None:
    """Forget releases."""
    from ingest.pipeline import remove_releases

    config = settings()
    try:
        typer.echo(remove_releases(names, data_dir=config.data_dir, embeddings=_embeddings(config)).render())
    except KeyError as error:
        _fail(f"لا يوجد بيان باسم {error.args[0]}", f"no release named {error.args[0]}")


def _shown(found: Any) -> str:
    from arabic.bidi import rtl_text

    lines = [found.text]
    for c in found.citations:
        lines += ["", f"[{c.n}] {c.title}" + (f" — {c.date}" if c.date else ""), f"«{' '.join(c.quote.split())}»"]
        lines += [c.url] if c.url else []
    return rtl_text("\n".join(lines))


if __name__ == "__main__":
    main()
