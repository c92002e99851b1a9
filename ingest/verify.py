"""Whether what is published is whole: the files of each generation agree, every quote stands in its release."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.catalogue import Catalogue
from ingest.publish import states
from vectorstore.chroma_server import ChromaServer, Note
from vectorstore.errors import DamagedGeneration, VectorStoreError
from vectorstore.generations import Generations
from vectorstore.manifest import Manifest
from vectorstore.snapshot import check_files


@dataclass(frozen=True, slots=True)
class Listed:
    """A generation on disk; `manifest` is None where it cannot be read, `rolled_back_from` the one that it replaced,
    `vectors` the Chroma server and the collection that hold its vectors, None where they lie in its folder."""

    number: int
    manifest: Manifest | None
    live: bool
    rolled_back_from: int | None
    bytes: int
    vectors: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault` is None for a generation that is whole; `in_step` tells whether it holds what the catalogue holds, which
    is so where there is none (a replica)."""

    number: int
    fault: str | None
    passages: int
    releases: int
    in_step: bool


def list_generations(data_dir: Path) -> list[Listed]:
    """The generations on disk, oldest first."""
    generations = Generations(data_dir / "generations")
    live, record = generations.current(), generations.rolled_back()
    found = []
    for folder in sorted(generations.folders(), key=_number):
        try:
            manifest = Manifest.read(folder)
        except (OSError, ValueError, TypeError):
            manifest = None
        try:
            note = Note.read(folder)
        except (OSError, ValueError, TypeError):
            note = None
        is_live = live is not None and live.name == folder.name
        left = record.left if record is not None and is_live else None
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
        vectors = f"{note.url} {note.collection}" if note else None
        found.append(Listed(_number(folder), manifest, is_live, left, size, vectors))
    return found


def _number(folder: Path) -> int:
    return int(folder.name.partition(".")[0])


def verify(data_dir: Path, number: int, server: ChromaServer | None = None) -> Verdict:
    """Open all of a generation's files and compare them with each other, passage by passage, and with the catalogue."""
    folder = Generations(data_dir / "generations").folder(number)
    held = states(folder)
    try:
        manifest = check_files(folder, server)
        _check_spans(folder)
        if len(held) != manifest.releases:
            raise DamagedGeneration(folder.name, f"{len(held)} releases in the ledger, expected {manifest.releases}")
    except VectorStoreError as error:
        return Verdict(number, error.message_en, 0, len(held), False)
    return Verdict(number, None, manifest.passages, manifest.releases, _catalogue(data_dir) in (None, held))


def _check_spans(folder: Path) -> None:
    """Raise DamagedGeneration for a passage that is not its release's text from start to end."""
    try:
        with closing(
            sqlite3.connect(f"{(folder / 'passages.db').absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            connection.execute("ATTACH ? AS ledger", (f"{(folder / 'ledger.db').absolute().as_uri()}?mode=ro",))
            if (sound := connection.execute("PRAGMA ledger.quick_check").fetchone()[0]) != "ok":
                raise DamagedGeneration(folder.name, f"ledger.db: {sound}")
            wrong = connection.execute(
                "SELECT p.id FROM passages p LEFT JOIN ledger.releases r ON r.id = p.release "
                "WHERE r.id IS NULL OR substr(r.text, p.start + 1, p.end - p.start) <> p.text LIMIT 1"
            ).fetchone()
    except sqlite3.Error as error:
        raise DamagedGeneration(folder.name, str(error)) from error
    if wrong is not None:
        raise DamagedGeneration(folder.name, f"passage {wrong[0]} does not stand in its release")


def _catalogue(data_dir: Path) -> dict[str, str] | None:
    if not (data_dir / "catalogue.db").exists():
        return None
    catalogue = Catalogue(data_dir / "catalogue.db")
    try:
        return catalogue.state()
    finally:
        catalogue.close()
