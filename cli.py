"""The `sanad` command: the one place where settings are read and the rooms are put together."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from cli_ledger import show_ledger
from settings import Settings, settings

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="سند: answers from Arabic press releases, with quotes."
)
releases_app = typer.Typer(no_args_is_help=True, help="What has been ingested.")
app.add_typer(releases_app, name="releases")
app.command("ledger")(show_ledger)
eval_app = typer.Typer(no_args_is_help=True, help="How good the answers and the retrieval are, on sets of questions.")
app.add_typer(eval_app, name="eval")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Run the command; known faults become one line in Arabic and in English."""
    from ingest.errors import IngestError
    from vectorstore.errors import VectorStoreError

    try:
        app()
    except (IngestError, VectorStoreError) as error:
        fail(error.message_ar, error.message_en)
    except ValidationError as error:
        first = error.errors()[0]
        name = "SANAD_" + "_".join(map(str, first["loc"])).upper()
        given = first.get("input")
        wanted = (first.get("ctx") or {}).get("expected") or first["msg"]
        fail(
            f"قيمة غير صالحة للإعداد {name}: {given!r}؛ المتوقع {wanted}",
            f"wrong setting {name}={given!r}; expected {wanted}",
        )


def fail(arabic: str, english: str) -> NoReturn:
    """Say in both languages what is wrong, and end with status 2."""
    from arabic.bidi import rtl_text

    sys.stderr.write(f"{rtl_text(arabic)}\n{english}\n")
    sys.exit(2)


def _embeddings(config: Settings) -> Any:
    from vectorstore.embeddings import load_embeddings

    return load_embeddings(config.embedding_model, device=config.device)


class _Asker:
    """The answerer over the live generation."""

    def __init__(self, config: Settings) -> None:
        from answering.extractive import answer, prepare
        from ledger.store import Ledger
        from vectorstore.generations import open_generation

        self._answer, self._prepare = answer, prepare
        self._reranker: Any = None
        if config.reranker_model:
            from vectorstore.reranker import Reranker

            self._reranker = Reranker(config.reranker_model, config.device)
        self._generation = open_generation(config.data_dir / "generations", _embeddings(config))
        self.ledger = Ledger(self._generation.ledger_path)

    def close(self) -> None:
        """Let go of the generation's files."""
        self.ledger.close()
        self._generation.close()

    def search(self, query: str, limit: int) -> Sequence[tuple[str, float]]:
        """Releases by their best passage."""
        from vectorstore.search import search

        best: dict[str, float] = {}
        hits = search(self._generation, query, 4 * limit)
        for hit in self._reranker.rerank(query, hits) if self._reranker else hits:
            best.setdefault(hit.passage.release, hit.score)
        return list(best.items())[:limit]

    def prepare(self, ask: Any) -> Any:
        """A question understood, with the evidence for it."""
        return self._prepare(ask, self.ledger, self.search)

    def ask(self, question: str, history: Sequence[Any] = ()) -> Any:
        """One answer."""
        from answering.answer import Ask

        return self._answer(Ask(question, tuple(history)), self.ledger, self.search)


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
        fail(f"لا يوجد بيان باسم {name}", f"no release named {name}")
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
        fail(f"لا يوجد بيان باسم {error.args[0]}", f"no release named {error.args[0]}")


@eval_app.command("retrieval")
def eval_retrieval(
    folder: Annotated[Path, typer.Argument(help="A set in BEIR's layout.")],
    as_json: Json = False,
    run: Annotated[Path | None, typer.Option(help="Write the fused ranking as a TREC run.")] = None,
) -> None:
    """Measure retrieval: fused, its lexical and its dense side, and BM25 over white-space tokens."""
    from dataclasses import asdict

    from evaluation.retrieval import BadSet, load_set, measure, write_run

    try:
        results = measure(load_set(folder), _embeddings(settings()))
    except BadSet as error:
        fail(f"ليست مجموعة استرجاع صالحة: {error}", f"not a usable retrieval set: {error}")
    if run is not None:
        write_run(run, results["fused"][1], "sanad")
    if as_json:
        typer.echo(json.dumps({mode: asdict(m) for mode, (m, _) in results.items()}))
        return
    typer.echo(f"{folder.name:<12} {'nDCG@10':>8} {'R@1':>8} {'R@5':>8} {'MRR@10':>8} {'ms':>8}")
    for mode, (m, _) in results.items():
        row = (m.ndcg_at_10, m.recall_at_1, m.recall_at_5, m.mrr_at_10)
        typer.echo(f"{mode:<12} " + " ".join(f"{100 * v:8.1f}" for v in row) + f" {m.milliseconds:8.1f}")


@eval_app.command("answers")
def eval_answers(
    folder: Annotated[Path, typer.Argument(help="A question set: releases/ and questions.jsonl.")],
    answers: Annotated[Path | None, typer.Option(help="Score these answers instead of asking.")] = None,
    failures: Annotated[int, typer.Option(help="Print so many wrong answers.")] = 0,
    as_json: Json = False,
) -> None:
    """Ask all questions of a set over its own releases, and judge the answers."""
    from evaluation.answers import BadSet, load_questions, release_texts, score

    try:
        cases = load_questions(folder)
        texts = release_texts(folder)
    except (BadSet, OSError) as error:
        fail(f"ليست مجموعة أسئلة صالحة: {error}", f"not a usable question set: {error}")
    given = _answers_of(answers) if answers else _asked(folder / "releases", [(c.id, c.turns) for c in cases])
    report = score(cases, given, texts).to_dict()
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for name, row in report["categories"].items():
        typer.echo(f"{name:<16} {row['right']:>4}/{row['of']:<4} {row['share']:6.1%}")
    for label, key in (
        ("unanswerable, refused", "refused_unanswerable"),
        ("answerable, refused", "refused_answerable"),
    ):
        typer.echo(f"{label}: {report[key]['count']}/{report[key]['of']} = {report[key]['share']:.1%}")
    typer.echo(f"seconds an answer: p50 {report['seconds']['p50']}, p95 {report['seconds']['p95']}")
    for name, why in list(report["faults"].items())[:failures]:
        typer.echo(f"- {name}: {'; '.join(why)}\n  {given[name]['answer'] if name in given else ''}")


@eval_app.command("ledger")
def eval_ledger(
    folder: Annotated[Path, typer.Argument(help="A set: releases/ and releases.jsonl, which lists their facts.")],
    as_json: Json = False,
) -> None:
    """Measure the extraction of facts: which listed figures the ledger holds, with which roles, and what it adds."""
    import tempfile

    from evaluation.answers import BadSet
    from evaluation.facts import compare, load_listed
    from ingest.pipeline import ingest as run

    try:
        listed = load_listed(folder)
    except BadSet as error:
        fail(f"ليست مجموعة حقائق صالحة: {error}", f"not a usable set of facts: {error}")
    with tempfile.TemporaryDirectory() as scratch:
        config = settings().model_copy(update={"data_dir": Path(scratch)})
        run([folder / "releases"], data_dir=config.data_dir, embeddings=_embeddings(config))
        asker = _Asker(config)
        try:
            from ledger.rows import Filter

            rows = asker.ledger.rows(Filter())
            report = compare(listed, rows, lambda name: asker.ledger.release(name).text)
        finally:
            asker.close()
    result = report.to_dict()
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    recall, roles = result["recall"], result["roles"]
    typer.echo(f"recall {recall['found']}/{recall['of']} = {recall['share'] or 0:.1%}")
    for kind, row in result["by_kind"].items():
        typer.echo(f"  {kind:<8} {row['found']}/{row['of']}")
    typer.echo(f"roles  {roles['right']}/{roles['of']} = {roles['share'] or 0:.1%}")
    for fact in result["missed"]:
        typer.echo(f"missed: {fact['release']}: {fact['text']} ({fact['value']} {fact['unit']})")
    for fact in result["wrong_roles"]:
        typer.echo(f"role:   {fact['release']}: {fact['text']}: {fact['expected']}, not {fact['got']}")
    typer.echo(f"unlisted: {len(result['unlisted'])} (shown with --json)")


def _answers_of(path: Path) -> dict[str, Any]:
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return {row["id"]: row for row in rows}


def _asked(releases: Path, questions: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """The answers to conversations over a folder of releases, which is ingested for the purpose."""
    import tempfile

    from answering.extractive import turns
    from ingest.pipeline import ingest as run

    with tempfile.TemporaryDirectory() as folder:
        config = settings().model_copy(update={"data_dir": Path(folder)})
        run([releases], data_dir=config.data_dir, embeddings=_embeddings(config))
        asker = _Asker(config)
        try:
            return {name: asker.ask(asked[-1], turns(asked[:-1])).to_dict(name) for name, asked in questions}
        finally:
            asker.close()


def _shown(found: Any) -> str:
    from arabic.bidi import rtl_text

    lines = [found.text]
    for c in found.citations:
        lines += ["", f"[{c.n}] {c.title}" + (f" — {c.date}" if c.date else ""), f"«{' '.join(c.quote.split())}»"]
        lines += [c.url] if c.url else []
    return rtl_text("\n".join(lines))


if __name__ == "__main__":
    main()
