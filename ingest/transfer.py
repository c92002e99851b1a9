"""A corpus as one file: the catalogue (releases, passages, cached vectors), from which everything else is rebuilt."""

import hashlib
import json
import sqlite3
import tempfile
import time
import zipfile
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from langchain_core.embeddings import Embeddings

from ingest.catalogue import SCHEMA_VERSION, Catalogue
from ingest.errors import BadCorpusFile, CorpusExists, EmptySource
from ingest.pipeline import open_catalogue
from ingest.publish import publish
from ingest.pushing import unpushed
from ingest.report import Report
from vectorstore.chroma_server import ChromaServer

_FORMAT = 1
_MANIFEST, _CATALOGUE = "manifest.json", "catalogue.db"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """What a corpus file says of itself; `digest` is the SHA-256 of the catalogue in it."""

    releases: int
    passages: int
    revision: str
    schema: int
    created: str
    digest: str
    format: int = _FORMAT


def export_corpus(data_dir: Path, target: Path) -> CorpusFile:
    """Write the corpus to a file, whole or not at all. Raises Locked, EmptySource for an empty corpus, DiskFault."""
    with open_catalogue(data_dir) as catalogue, tempfile.TemporaryDirectory(dir=data_dir) as folder:
        releases, passages = len(catalogue.entries()), len(catalogue.passage_ids())
        if not releases:
            raise EmptySource(str(data_dir), "sanad ingest")
        copy = Path(folder) / _CATALOGUE
        catalogue.copy_to(copy)
        about = CorpusFile(
            releases,
            passages,
            catalogue.revision(),
            SCHEMA_VERSION,
            datetime.now(UTC).isoformat(timespec="seconds"),
            _digest(copy),
        )
        draft = Path(folder) / "corpus.zip"
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.writestr(_MANIFEST, json.dumps(asdict(about), indent=1))
            archive.write(copy, _CATALOGUE)
        waiting = target.with_name(f"{target.name}.part")
        _copy(draft, waiting)
        waiting.replace(target)
        return about


def import_corpus(
    source: Path,
    *,
    data_dir: Path,
    embeddings: Embeddings,
    force: bool = False,
    server: ChromaServer | None = None,
    snapshots: str | None = None,
) -> Report:
    """Take a corpus file's releases in place of those that are there, publish and push them.

    Vectors of the same model come along, so that nothing is embedded again. Raises BadCorpusFile, Locked, DiskFault, and
    CorpusExists where there are releases already and `force` is not given; nothing has then changed.
    """
    began = time.monotonic()
    with open_catalogue(data_dir) as catalogue, tempfile.TemporaryDirectory(dir=data_dir) as folder:
        before = set(catalogue.state())
        if before and not force:
            raise CorpusExists(len(before))
        copy = Path(folder) / _CATALOGUE
        _unpack(source, copy)
        _check(source, copy)
        catalogue.restore_from(copy)
        state = set(catalogue.state())
        report = Report(added=tuple(sorted(state - before)), removed=tuple(sorted(before - state)))
        report = publish(
            catalogue, data_dir, embeddings, report, rebuild=False, count=lambda _done, _of: None, server=server
        )
        return replace(report, unpushed=unpushed(catalogue, data_dir, snapshots), seconds=time.monotonic() - began)


def _unpack(source: Path, copy: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            about = CorpusFile(**json.loads(archive.read(_MANIFEST)))
            with archive.open(_CATALOGUE) as packed, copy.open("wb") as out:
                while part := packed.read(_CHUNK):
                    out.write(part)
    except FileNotFoundError as error:
        raise BadCorpusFile(source.name, "غير موجود", "missing") from error
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
        raise BadCorpusFile(source.name, "ليس ملفاً من sanad export", "not written by sanad export") from error
    if about.format != _FORMAT or about.schema > SCHEMA_VERSION:
        raise BadCorpusFile(source.name, "من إصدار أحدث", "written by a newer version")
    if _digest(copy) != about.digest:
        raise BadCorpusFile(
            source.name, "تالف: المحتوى لا يطابق البصمة", "damaged: its content is not what was exported"
        )


def _check(source: Path, copy: Path) -> None:
    """Refuse a database that is damaged, or that holds more than a catalogue does (triggers and views run code)."""
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            kinds = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
            sound = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise BadCorpusFile(source.name, "قاعدة بيانات تالفة", "a damaged database") from error
    own = _tables(copy.with_name("empty.db"))
    foreign = [name for kind, name in kinds if kind not in ("table", "index") or (kind == "table" and name not in own)]
    if sound != "ok" or foreign:
        raise BadCorpusFile(
            source.name, "قاعدة بيانات غير سليمة", f"no sound catalogue ({', '.join(foreign) or sound})"
        )


def _tables(path: Path) -> set[str]:
    """The tables of a catalogue, as a new one has them."""
    Catalogue(path).close()
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as data, target.open("wb") as out:
        while part := data.read(_CHUNK):
            out.write(part)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
