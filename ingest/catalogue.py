"""The catalogue: what has been ingested, in SQLite; the truth from which every generation can be rebuilt."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import IngestError
from ledger.release import Proposal, Release, Span
from vectorstore.passage import Passage

if TYPE_CHECKING:  # the processes that write ledgers need neither embeddings nor numpy
    from vectorstore.embeddings import Vectors

SCHEMA_VERSION = 2

_AT_ONCE = 500
"""Ids in one query."""

_SCHEMA = """
CREATE TABLE releases (
    id TEXT PRIMARY KEY, source TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    reader TEXT NOT NULL, title TEXT NOT NULL, date TEXT, publisher TEXT, url TEXT, language TEXT NOT NULL,
    text TEXT NOT NULL, body TEXT NOT NULL, headline TEXT, added TEXT NOT NULL, changed TEXT NOT NULL
);
CREATE INDEX releases_hash ON releases (hash);
CREATE TABLE passages (
    id TEXT PRIMARY KEY, release TEXT NOT NULL REFERENCES releases ON DELETE CASCADE ON UPDATE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL
);
CREATE INDEX passages_release ON passages (release);
CREATE TABLE embeddings (
    model TEXT NOT NULL, text_hash BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, text_hash)
);
CREATE TABLE runs (id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, report TEXT);
"""

# Vectors lie in the order in which they came: kept in the order of their hashes («WITHOUT ROWID», as catalogues of before
# have them, which serve on) they take five times as long to write.

_PAGES = """
CREATE TABLE pages (url TEXT PRIMARY KEY, etag TEXT, modified TEXT, updated TEXT, fetched TEXT NOT NULL) WITHOUT ROWID;
"""
"""Since version 2: what was fetched from the web, releases and feeds alike, with what their servers said of them."""


_PROPOSALS = """
CREATE TABLE IF NOT EXISTS proposals (
    release TEXT PRIMARY KEY REFERENCES releases ON DELETE CASCADE ON UPDATE CASCADE, facts TEXT NOT NULL
) WITHOUT ROWID
"""
"""What a chat model proposed for a release, kept with its text: a rebuild asks nobody again."""

_LINEAGE = "CREATE TABLE IF NOT EXISTS lineage (id TEXT NOT NULL, pushed TEXT)"
"""Who pushes snapshots (vectorstore/replication): a random name, and the manifest of the generation pushed last."""


class CatalogueError(IngestError):
    """The catalogue cannot be used."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue knows of a release without its text."""

    id: str
    source: str
    hash: str
    size: int
    mtime: int
    reader: str
    title: str
    date: str | None
    publisher: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What is remembered of a fetched URL: its ETag and Last-Modified date as the server sent them, when a feed or
    sitemap said that it `updated`, and when it was fetched (ISO 8601)."""

    url: str
    etag: str | None
    modified: str | None
    updated: str | None
    fetched: str


class Catalogue:
    """Read by anyone, written by ingest alone (under its lock). `transaction` makes a group of changes one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA cache_size = -16384")  # kilobytes; vectors go all over their table
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version < SCHEMA_VERSION:
            with self.transaction():
                version = self._db.execute("PRAGMA user_version").fetchone()[0]  # another process may have been first
                for statement in (_SCHEMA if version == 0 else "").split(";") + (_PAGES if version < 2 else "").split(
                    ";"
                ):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            self._db.close()
            raise CatalogueError(
                f"{path.name}: صيغة الفهرس {version} أحدث من هذا الإصدار ({SCHEMA_VERSION})",
                f"{path.name}: schema {version}, this version reads {SCHEMA_VERSION}",
            )

        self._db.execute(_PROPOSALS)
        self._db.execute(_LINEAGE)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside, or none."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def entries(self) -> dict[str, Entry]:
        """Every release by its source."""
        rows = self._db.execute(
            "SELECT id, source, hash, size, mtime, reader, title, date, publisher, url FROM releases ORDER BY id"
        )
        return {row[1]: Entry(*row) for row in rows}

    def release(self, release_id: str) -> Release:
        """A release with its text. Raises KeyError."""
        row = self._db.execute(
            "SELECT id, text, title, body, headline, date, publisher, url, language FROM releases WHERE id = ?",
            (release_id,),
        ).fetchone()
        if row is None:
            raise KeyError(release_id)
        id_, text, title, body, headline, day, publisher, url, language = row
        return Release(
            id_,
            text,
            title,
            tuple(Span(a, b) for a, b in json.loads(body)),
            headline=Span(*json.loads(headline)) if headline else None,
            date=date.fromisoformat(day) if day else None,
            publisher=publisher,
            url=url,
            language=language,
            proposals=self._proposals(id_),
        )

    def _proposals(self, release_id: str) -> tuple[Proposal, ...]:
        row = self._db.execute("SELECT facts FROM proposals WHERE release = ?", (release_id,)).fetchone()
        return (
            tuple(Proposal(q, w, k, Decimal(v), u, d, r) for q, w, k, v, u, d, r in json.loads(row[0])) if row else ()
        )

    def unproposed(self) -> list[str]:
        """The releases for which no model was asked since their text changed, in order of id."""
        query = "SELECT id FROM releases WHERE id NOT IN (SELECT release FROM proposals) ORDER BY id"
        return [row[0] for row in self._db.execute(query)]

    def propose(self, release_id: str, proposals: Sequence[Proposal]) -> None:
        """Keep what a model proposed for a release, nothing among it."""
        facts = [[p.quote, p.words, p.kind, str(p.value), p.unit, p.donor, p.recipient] for p in proposals]
        self._db.execute(
            "INSERT OR REPLACE INTO proposals VALUES (?, ?)", (release_id, json.dumps(facts, ensure_ascii=False))
        )

    def put(self, release: Release, passages: Sequence[Passage], entry: tuple[str, str, int, int, str]) -> None:
        """Add or replace a release; `entry` is its (source, hash, size, mtime, reader version)."""
        source, digest, size, mtime, reader = entry
        now = datetime.now(UTC).isoformat(timespec="seconds")
        added = self._db.execute("SELECT added FROM releases WHERE source = ?", (source,)).fetchone()
        self._db.execute("DELETE FROM releases WHERE source = ? OR id = ?", (source, release.id))
        self._db.execute(
            "INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                release.id,
                source,
                digest,
                size,
                mtime,
                reader,
                release.title,
                release.date.isoformat() if release.date else None,
                release.publisher,
                release.url,
                release.language,
                release.text,
                json.dumps([(s.start, s.end) for s in release.body]),
                json.dumps((release.headline.start, release.headline.end)) if release.headline else None,
                added[0] if added else now,
                now,
            ),
        )
        self._db.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?)", [(p.id, release.id, p.start, p.end) for p in passages]
        )

    def touch(self, source: str, size: int, mtime: int) -> None:
        """Note that a file was looked at and holds the same bytes."""
        self._db.execute("UPDATE releases SET size = ?, mtime = ? WHERE source = ?", (size, mtime, source))

    def move(self, old: str, new: str, size: int, mtime: int) -> None:
        """A file has another place now; the release stays what it was."""
        self._db.execute(
            "UPDATE releases SET source = ?, size = ?, mtime = ? WHERE source = ?", (new, size, mtime, old)
        )

    def remove(self, ids: Iterable[str]) -> None:
        """Forget releases and their passages."""
        self._db.executemany("DELETE FROM releases WHERE id = ?", [(i,) for i in ids])

    def page(self, url: str) -> Page | None:
        """What is remembered of a URL, None where it was never fetched."""
        row = self._db.execute(
            "SELECT url, etag, modified, updated, fetched FROM pages WHERE url = ?", (url,)
        ).fetchone()
        return Page(*row) if row else None

    def keep_page(self, url: str, etag: str | None, modified: str | None, updated: str | None = None) -> None:
        """Remember that a URL was fetched just now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?)", (url, etag, modified, updated, now))

    def passage_ids(self) -> set[str]:
        """Every passage that a generation has to hold."""
        return {row[0] for row in self._db.execute("SELECT id FROM passages")}

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """The passages of those ids, in their order."""
        found: list[Passage] = []
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            query = (
                "SELECT p.id, p.release, p.start, p.end, substr(r.text, p.start + 1, p.end - p.start), r.title "  # noqa: S608
                f"FROM passages p JOIN releases r ON r.id = p.release WHERE p.id IN ({','.join('?' * len(part))})"
            )
            rows = {row[0]: row for row in self._db.execute(query, part)}
            found.extend(Passage(*rows[id_]) for id_ in part if id_ in rows)
        return found

    def state(self) -> dict[str, str]:
        """Each release's id with the hash that tells whether a ledger row is up to date."""
        state = dict(self._db.execute("SELECT id, hash || ':' || reader FROM releases"))
        for release, facts in self._proposed():
            state[release] += f":{hashlib.sha256(facts.encode()).hexdigest()[:16]}"
        return state

    def _proposed(self) -> list[tuple[str, str]]:
        """The releases with proposals, and these as they are kept."""
        return list(self._db.execute("SELECT release, facts FROM proposals WHERE facts != '[]' ORDER BY release"))

    def revision(self) -> str:
        """A digest of all that generations are built from."""
        digest = hashlib.sha256()
        for row in self._db.execute("SELECT id, hash, reader FROM releases ORDER BY id"):
            digest.update("\x1f".join(row).encode() + b"\x1e")
        for row in self._proposed():
            digest.update("\x1f".join(row).encode() + b"\x1d")
        return digest.hexdigest()[:16]

    def vectors(self, model: str, texts: Sequence[str]) -> "dict[str, Vectors]":
        """The cached vectors of those texts that have one."""
        import numpy as np

        found: dict[str, Vectors] = {}
        hashes = {_text_hash(t): t for t in texts}
        keys = list(hashes)
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            query = f"SELECT text_hash, vector FROM embeddings WHERE model = ? AND text_hash IN ({marks})"  # noqa: S608
            for key, blob in self._db.execute(query, (model, *part)):
                found[hashes[key]] = np.frombuffer(blob, dtype=np.float32)
        return found

    def keep_vectors(self, model: str, texts: Sequence[str], vectors: "Vectors") -> None:
        """Cache vectors, row by row those of the texts."""
        rows = [(model, _text_hash(t), v.astype("float32").tobytes()) for t, v in zip(texts, vectors, strict=True)]
        with self.transaction():
            self._db.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", rows)

    def lineage(self) -> tuple[str, str | None]:
        """The random name by which this catalogue is told from others, made now at the first call, and what it pushed
        last (`replication.Pushed.manifest`)."""
        with self.transaction():
            found = self._db.execute("SELECT id, pushed FROM lineage").fetchone()
            if found is None:
                found = (secrets.token_hex(16), None)
                self._db.execute("INSERT INTO lineage VALUES (?, ?)", found)
        return found[0], found[1]

    def keep_pushed(self, manifest: str) -> None:
        """Remember what was pushed."""
        self._db.execute("UPDATE lineage SET pushed = ?", (manifest,))

    def check(self) -> str:
        """«ok», or what SQLite finds wrong with the file."""
        return str(self._db.execute("PRAGMA quick_check").fetchone()[0])

    def copy_to(self, path: Path) -> None:
        """A compact copy of the whole catalogue in one file."""
        self._db.execute("VACUUM INTO ?", (str(path),))

    def restore_from(self, path: Path) -> None:
        """Take the contents of a copy in place of all there is, in one step; an older layout is brought up to date.

        A catalogue that has pushed stays who it is; else it becomes the one that was copied, which has moved here.
        """
        Catalogue(path).close()
        own = self._db.execute("SELECT id, pushed FROM lineage WHERE pushed IS NOT NULL").fetchone()
        source = sqlite3.connect(path)
        try:
            if own is not None:
                with source:
                    source.execute("DELETE FROM lineage")
                    source.execute("INSERT INTO lineage VALUES (?, ?)", own)
            source.backup(self._db)
        finally:
            source.close()
        self._db.execute("PRAGMA foreign_keys = ON")

    def start_run(self) -> int:
        """Note the start of a run; its number."""
        cursor = self._db.execute(
            "INSERT INTO runs (started) VALUES (?)", (datetime.now(UTC).isoformat(timespec="seconds"),)
        )
        return int(cursor.lastrowid or 0)

    def last_run(self) -> tuple[str, str | None] | None:
        """When the last run began and when it ended (ISO, UTC; None while it goes on or was killed); None before the first."""
        found = self._db.execute("SELECT started, finished FROM runs ORDER BY id DESC LIMIT 1").fetchone()
        return (found[0], found[1]) if found else None

    def finish_run(self, run: int, report: str) -> None:
        """Note its end."""
        self._db.execute(
            "UPDATE runs SET finished = ?, report = ? WHERE id = ?",
            (datetime.now(UTC).isoformat(timespec="seconds"), report, run),
        )


def _text_hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]
