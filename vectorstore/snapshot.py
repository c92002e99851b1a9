"""The folder of a generation while it is built: changed, counted, checked, and brought safely to the disk."""

import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np

from vectorstore.chroma_server import ChromaServer, Note
from vectorstore.dense import DenseIndex
from vectorstore.embeddings import Vectors
from vectorstore.errors import DamagedGeneration, StoreNotWritten, VectorsElsewhere
from vectorstore.lexical import LexicalIndex, read_postings, write
from vectorstore.manifest import Manifest
from vectorstore.passage import Passage
from vectorstore.postings import Postings

BATCH = 1000
"""Passages whose vectors are in memory at once."""
_SAMPLE = 5
_SAME = 0.999
"""The cosine from which two vectors are taken for one."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS passages (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, release TEXT NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL
);
"""

Embed = Callable[[list[str]], Vectors]


def apply_dense(
    index: DenseIndex,
    deletes: Collection[str],
    inserts: Iterable[Passage],
    count: int,
    embed: Embed,
    progress: Callable[[int], None] | None,
) -> int:
    """Delete vectors and add `count` ones, BATCH at a time; how many there are then. Raises StoreNotWritten."""
    waiting = iter(inserts)
    with index.many(count):
        if deletes:
            index.delete(deletes)
        while part := list(islice(waiting, BATCH)):
            index.add([p.id for p in part], embed([p.text for p in part]))
            if progress:
                progress(len(part))
    return index.count()


def read_passages(path: Path) -> Iterator[Passage]:
    """All passages of a generation, in order of their ids."""
    with closing(sqlite3.connect(path)) as connection:
        for row in connection.execute("SELECT id, release, start, end, text, title FROM passages ORDER BY position"):
            yield Passage(*row)


def apply_passages(path: Path, live: Path | None, deletes: Collection[str], inserts: Iterable[Passage]) -> set[str]:
    """Write the passages of the live generation's file with the change, numbered 0…n-1 in order of their ids, as the
    lexical index counts them. The ids of the inserted ones."""
    fresh: set[str] = set()

    def rows() -> Iterator[tuple[str, str, int, int, str, str]]:
        for p in inserts:
            fresh.add(p.id)
            yield p.id, p.release, p.start, p.end, p.title, p.text

    with closing(sqlite3.connect(path, uri=True)) as connection:
        connection.execute("ATTACH ? AS live", (f"{live.absolute().as_uri()}?mode=ro" if live else ":memory:",))
        with connection:
            connection.executescript(_SCHEMA + ("" if live else _SCHEMA.replace("passages (", "live.passages (")))
            connection.execute("CREATE TEMP TABLE dropped (id TEXT PRIMARY KEY) WITHOUT ROWID")
            connection.executemany("INSERT INTO dropped VALUES (?)", ((d,) for d in deletes))
            connection.execute("CREATE TEMP TABLE added AS SELECT id, release, start, end, title, text FROM passages")
            connection.executemany("INSERT INTO added VALUES (?, ?, ?, ?, ?, ?)", rows())
            connection.execute(
                "INSERT INTO passages SELECT row_number() OVER (ORDER BY id) - 1, * FROM ("
                "SELECT id, release, start, end, title, text FROM live.passages WHERE id NOT IN (SELECT id FROM dropped) "
                "UNION ALL SELECT * FROM added)"
            )
    return fresh


def write_lexical(folder: Path, live: Path | None, fresh: Collection[str]) -> None:
    """Index the passages; those that the live generation counted already (all but the fresh ones) are not read again."""
    postings, old = Postings.empty(), list[str]()
    if live is not None:
        try:
            postings, old = read_postings(live / "lexical"), _ids(live / "passages.db")
        except (OSError, ValueError):
            postings, old = Postings.empty(), []
    now = {id_: place for place, id_ in enumerate(_ids(folder / "passages.db"))}
    places = np.array([-1 if id_ in fresh else now.get(id_, -1) for id_ in old], np.int32)
    wanted = sorted(now[id_] for id_ in now.keys() - (set(old) - set(fresh)))
    with closing(sqlite3.connect(folder / "passages.db")) as connection:
        query = "SELECT title, text FROM passages"
        rows: Iterable[tuple[str, str]]
        if len(wanted) == len(now):
            rows = connection.execute(f"{query} ORDER BY position")
        else:
            rows = (connection.execute(f"{query} WHERE position = ?", (place,)).fetchone() for place in wanted)
        texts = (f"{title}\n{title}\n{text}" for title, text in rows)
        write(postings.kept(places, len(now)).with_texts(wanted, texts), folder / "lexical")


def _ids(passages: Path) -> list[str]:
    with closing(sqlite3.connect(passages)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM passages ORDER BY position")]


def check(folder: Path, dense: DenseIndex, expected: set[str], embed: Embed) -> None:
    """Reopen everything and compare, with the vectors too, which have been opened anew. Raises DamagedGeneration."""
    with closing(sqlite3.connect(folder / "passages.db")) as connection:
        ids = {row[0] for row in connection.execute("SELECT id FROM passages")}
        every = max(1, len(ids) // _SAMPLE)
        sample = connection.execute("SELECT id, text FROM passages WHERE position % ? = 0", (every,)).fetchall()
    lexical = LexicalIndex.load(folder / "lexical")
    if ids != expected:
        raise DamagedGeneration(folder.name, f"{len(ids)} passages, expected {len(expected)}")
    if lexical.size != len(ids):
        raise DamagedGeneration(folder.name, f"{lexical.size} lexical entries for {len(ids)} passages")
    if dense.ids() != expected:
        raise DamagedGeneration(folder.name, "vectors and passages differ")
    lost = [id_ for id_, text in sample if not _finds_itself(dense, id_, embed([text])[0])]
    if 2 * len(lost) > len(sample):  # the graph is approximate: in a crowd of like passages it may miss one
        raise DamagedGeneration(folder.name, f"passage {lost[0]} does not find itself, nor do most")


def _finds_itself(dense: DenseIndex, id_: str, vector: Vectors) -> bool:
    """Whether a passage, or another one with the very same sentence, is among those nearest to its vector."""
    found = dict(dense.search(vector.tolist(), 20)) if np.any(vector) else {id_: 1.0}
    return id_ in found or max(found.values(), default=0.0) >= _SAME


def open_vectors(
    folder: Path, server: ChromaServer | None, vectors: int | None = None, *, patient: bool = False
) -> DenseIndex:
    """The vectors of a generation, in its folder or on the server; there it must hold so many `vectors`.

    Raises VectorsElsewhere, ServerFault or VectorsMissing; StoreNotWritten where Chroma cannot open the folder.
    """
    note = Note.read(folder)
    if note is None:
        return DenseIndex(folder / "chroma")
    if server is None:
        raise VectorsElsewhere(folder.name, note.url)
    return server.open(note, vectors, patient=patient)


def check_files(folder: Path, server: ChromaServer | None = None, *, ask_server: bool = True) -> Manifest:
    """A generation's manifest, after its files were opened and compared with it, and the vectors that a server holds
    where it is to be asked.

    Raises DamagedGeneration, and VectorsElsewhere, VectorsMissing or ServerFault for vectors on a server.
    """
    try:
        manifest = Manifest.read(folder)
        with closing(
            sqlite3.connect(f"{(folder / 'passages.db').absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            ids = {row[0] for row in connection.execute("SELECT id FROM passages")}
            sound = connection.execute("PRAGMA quick_check").fetchone()[0]
        lexical = LexicalIndex.load(folder / "lexical")
        counted = read_postings(folder / "lexical")
        if Note.read(folder) is not None and not ask_server:
            vectors = ids
        elif Note.read(folder) is None and not (folder / "chroma").is_dir():
            raise DamagedGeneration(folder.name, "no vectors")
        else:
            dense = open_vectors(folder, server, manifest.vectors, patient=True)
            try:
                vectors = dense.ids()
            finally:
                dense.close()
    except (OSError, ValueError, KeyError, TypeError, EOFError, sqlite3.Error, StoreNotWritten) as error:
        raise DamagedGeneration(folder.name, (str(error) or repr(error)).splitlines()[0]) from error
    if sound != "ok":
        raise DamagedGeneration(folder.name, f"passages.db: {sound}")
    if len(ids) != manifest.passages:
        raise DamagedGeneration(folder.name, f"{len(ids)} passages, expected {manifest.passages}")
    if lexical.size != len(ids) or len(counted.lengths) != len(ids) or len(counted.rows) != len(counted.counts):
        raise DamagedGeneration(folder.name, f"{lexical.size} lexical entries for {len(ids)} passages")
    if vectors != ids:
        raise DamagedGeneration(folder.name, "vectors and passages differ")
    return manifest


def sync_tree(folder: Path) -> None:
    """Bring every file and folder below to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
        sync_folder(path)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
