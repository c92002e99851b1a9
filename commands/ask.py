"""`sanad ask`, `sanad chat` and `sanad demo`."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.compose import Json, fail, open_answerer, open_corpus, open_embeddings, open_server
from settings import settings

if TYPE_CHECKING:
    from answering.answer import Answer, Ask

_REMEMBERED = 6
"""How many turns of a conversation a question is understood with."""


def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    as_json: Json = False,
    batch: Annotated[Path | None, typer.Option(help="A questions.jsonl file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the answers of a batch go.")] = None,
) -> None:
    """Answer a question, or a file of them."""
    from answering.answer import Ask

    config = settings()
    corpus = open_corpus(config)
    answer = open_answerer(config, corpus)
    try:
        if batch is not None:
            lines = (json.dumps(row, ensure_ascii=False) for row in _asked(batch, answer))
            if out is None:
                for line in lines:
                    typer.echo(line)
            else:
                out.write_text("".join(line + "\n" for line in lines), "utf-8")
            return
        if question is None:
            raise typer.BadParameter("a question or --batch is needed")
        found = answer(Ask(question))
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else shown(found))
    except OSError as error:
        fail(f"تعذّرت القراءة أو الكتابة: {error}", f"cannot read or write: {error}")
    finally:
        corpus.close()


def chat() -> None:
    """Ask in a conversation; an empty line ends it."""
    from answering.answer import Ask, Turn

    config = settings()
    corpus = open_corpus(config)
    answer = open_answerer(config, corpus)
    history: list[Turn] = []
    try:
        while question := typer.prompt("؟", default="", show_default=False).strip():
            found = answer(Ask(question, tuple(history[-_REMEMBERED:])))
            history.append(Turn(question, tuple(c.release for c in found.citations)))
            typer.echo(shown(found))
    finally:
        corpus.close()


def demo() -> None:
    """Ingest the bundled samples, answer three questions, and open a chat when at a terminal."""
    from answering.answer import Ask
    from ingest.pipeline import ingest

    config = settings()
    samples = Path(__file__).parents[1] / "samples" / "releases"
    embeddings, server = open_embeddings(config), open_server(config)
    typer.echo(ingest([samples], data_dir=config.data_dir, embeddings=embeddings, server=server).render())
    corpus = open_corpus(config)
    try:
        answer = open_answerer(config, corpus)
        for question in (
            "كم بلغ التمويل الياباني للمنظمة الدولية للهجرة في العراق؟",
            "شكد شركة حصلت على دعم مالي في تلعفر والنجف؟",
            "How much did Sweden give to WFP in Iraq?",
        ):
            typer.echo(f"\n❓ {question}\n{shown(answer(Ask(question)))}")
    finally:
        corpus.close()
    if sys.stdin.isatty():
        chat()


def shown(found: "Answer") -> str:
    """An answer with its quotes as a terminal shows it, right to left."""
    from arabic.bidi import rtl_text

    lines = [found.text, *(f"— {note}" for note in found.notes)]
    for c in found.citations:
        lines += ["", f"[{c.n}] {c.title}" + (f" — {c.date}" if c.date else ""), f"«{' '.join(c.quote.split())}»"]
        lines += [c.url] if c.url else []
    return rtl_text("\n".join(lines))


def _asked(batch: Path, answer: "Callable[[Ask], Answer]") -> "Iterator[dict[str, object]]":
    """The answers to a file of conversations, an object a line."""
    from answering.answer import Ask
    from answering.extractive import turns

    for line in batch.read_text("utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            yield answer(Ask(row["turns"][-1], turns(row["turns"][:-1]))).to_dict(row.get("id"))
