"""`ledger.db`: the releases of a generation with their facts, in SQLite; written at ingest, read-only afterwards."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from ledger import reposts, rows
from ledger.extract import extract_facts
from ledger.facts import Facts, Figure, Named, Statement, Time
from ledger.gazetteer import ancestors
from ledger.release import Release, Span
from ledger.rows import Filter, Row, Total

_CACHED = 128
"""How many releases are kept in memory; each takes about a quarter of a megabyte with its facts."""
FACTS_VERSION = "18"
"""Changes when the rules or the layout change: a ledger of another version is rebuilt, never mixed."""

_TABLES = (
    """
CREATE TABLE releases (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, date TEXT, publisher TEXT, url TEXT, language TEXT NOT NULL,
    text TEXT NOT NULL, body TEXT NOT NULL, headline TEXT, facts TEXT NOT NULL, state TEXT NOT NULL,
    original TEXT
)
""",
    """
CREATE TABLE mentions (entity TEXT NOT NULL, release TEXT NOT NULL, PRIMARY KEY (entity, release)) WITHOUT ROWID
""",
    rows.TABLE,
)
_INDICES = ("CREATE INDEX mentions_release ON mentions (release)", *rows.INDICES)


def write(path: Path, releases: Iterable[tuple[Release, str]], removed: Iterable[str] = ()) -> None:
    """Create or update the ledger at `path`: drop the `removed` releases, replace or add the (release, state) pairs.

    A state is whatever tells the caller that a release is up to date; `state` gives it back. Raises sqlite3.Error if
    the file cannot be written; the transaction is then rolled back.
    """
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("BEGIN")
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            _fill(connection, releases)
            _complete(connection)
            return
        touched: set[str] = set()
        for release_id in removed:
            touched |= reposts.sharing(connection, release_id)
            _delete(connection, release_id)
        for release, token in releases:
            touched |= {release.id} | reposts.sharing(connection, release.id)
            _delete(connection, release.id)
            _insert(connection, release, extract_facts(release), token)
        reposts.mark(connection, touched)


def write_part(path: Path, releases: Iterable[tuple[Release, str]]) -> None:
    """Begin a ledger, or one that is to `join` it, with (release, state) pairs. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("BEGIN")
        _fill(connection, releases)


def join(path: Path, part: Path) -> None:
    """Complete a ledger with the rows of the other part. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS part", (str(part),))
        connection.execute("BEGIN")
        for (table,) in connection.execute("SELECT name FROM part.sqlite_master WHERE type = 'table'").fetchall():
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM part.{table}")  # noqa: S608  our own names
        _complete(connection)
        connection.execute("COMMIT")
        connection.execute("DETACH part")


def _fill(connection: sqlite3.Connection, releases: Iterable[tuple[Release, str]]) -> None:
    for table in _TABLES:
        connection.execute(table)
    for release, token in releases:
        _insert(connection, release, extract_facts(release), token)


def _complete(connection: sqlite3.Connection) -> None:
    """The indices, which take less time now than kept with each row, and the reposts."""
    for index in _INDICES:
        connection.execute(index)
    reposts.mark(connection)


def state(path: Path) -> dict[str, str]:
    """The state of every release in a ledger; empty if it cannot be read."""
    return {str(a): str(b) for a, b in _rows(path, "SELECT id, state FROM releases")}


def _rows(path: Path, query: str) -> list[tuple[str, ...]]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error:
        return []


def _delete(connection: sqlite3.Connection, release_id: str) -> None:
    connection.execute("DELETE FROM releases WHERE id = ?", (release_id,))
    connection.execute("DELETE FROM mentions WHERE release = ?", (release_id,))
    connection.execute("DELETE FROM facts WHERE release = ?", (release_id,))


def _insert(connection: sqlite3.Connection, release: Release, facts: Facts, token: str) -> None:
    connection.execute(
        "INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            release.id,
            release.title,
            release.date.isoformat() if release.date else None,
            release.publisher,
            release.url,
            release.language,
            release.text,
            json.dumps([(s.start, s.end) for s in release.body]),
            json.dumps((release.headline.start, release.headline.end)) if release.headline else None,
            _dump(facts),
            token,
        ),
    )
    named = {n.entity for s in facts.statements for n in s.named} | set(facts.donors) | set(facts.recipients)
    named |= {a for n in named for a in ancestors(n)}
    connection.executemany("INSERT INTO mentions VALUES (?, ?)", sorted((n, release.id) for n in named))
    rows.insert(connection, rows.rows_of(release, facts))


class Ledger:
    """Reads a ledger; safe to share between threads. Close it when the generation is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.release = lru_cache(maxsize=_CACHED)(self._release)
        self.facts = lru_cache(maxsize=_CACHED)(self._facts)

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    def ids(self) -> list[str]:
        """The ids of all releases, newest first, those without a date last."""
        return [row[0] for row in self._query("SELECT id FROM releases ORDER BY date IS NULL, date DESC, id")]

    def count(self) -> int:
        """How many releases there are."""
        return int(self._query("SELECT count(*) FROM releases")[0][0])

    def naming(self, entities: Sequence[str], limit: int = -1) -> list[str]:
        """The releases that name every one of the entities (or something that belongs to it), in order of id.

        With a `limit` the first ones alone, which takes no longer in a big ledger.
        """
        first, *others = dict.fromkeys(entities) if entities else [None]
        if first is None:
            return []
        joined = "".join(
            f" JOIN mentions m{i} ON m{i}.release = m.release AND m{i}.entity = ?" for i in range(len(others))
        )
        query = f"SELECT m.release FROM mentions m{joined} WHERE m.entity = ? ORDER BY m.release LIMIT ?"  # noqa: S608  only question marks are inserted
        return [row[0] for row in self._connection().execute(query, (*others, first, limit))]

    def names(self, release_id: str, entities: Sequence[str]) -> bool:
        """Whether a release names every one of the entities, or something that belongs to it."""
        query = "SELECT 1 FROM mentions WHERE entity = ? AND release = ?"
        return all(self._query(query, (entity, release_id)) for entity in entities)

    def original(self, release_id: str) -> str | None:
        """The release that this one repeats, None for an original or an unknown id."""
        found = self._query("SELECT original FROM releases WHERE id = ?", (release_id,))
        return found[0][0] if found else None

    def rows(self, wanted: Filter) -> list[Row]:
        """The facts that match, by release and place in its text."""
        return rows.select(self._connection(), wanted)

    def totals(self, wanted: Filter) -> list[Total]:
        """The exact sum of the matching amounts for each unit."""
        return rows.totals(self._connection(), wanted)

    def _release(self, release_id: str) -> Release:
        rows = self._query("SELECT * FROM releases WHERE id = ?", (release_id,))
        if not rows:
            raise KeyError(release_id)
        id_, title, day, publisher, url, language, text, body, headline, *_ = rows[0]
        return Release(
            id_, text, title, tuple(Span(a, b) for a, b in json.loads(body)),
            headline=Span(*json.loads(headline)) if headline else None,
            date=date.fromisoformat(day) if day else None, publisher=publisher, url=url, language=language,
        )  # fmt: skip

    def _facts(self, release_id: str) -> Facts:
        rows = self._query("SELECT facts FROM releases WHERE id = ?", (release_id,))
        if not rows:
            raise KeyError(release_id)
        return _load(release_id, rows[0][0])

    def _query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[str, ...]]:
        return self._connection().execute(sql, tuple(parameters)).fetchall()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            uri = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection


def _dump(facts: Facts) -> str:
    statements = [
        [
            s.start, s.end, s.kind, s.section,
            [[f.kind, str(f.value), f.unit, f.noun, f.start, f.end, str(f.upper) if f.upper is not None else None,
              f.qualifier, f.role, f.donor, f.recipient, f.years, f.main] for f in s.figures],
            [[t.kind, t.start, t.end, t.first, t.last, t.months] for t in s.times],
            [[n.entity, n.start, n.end] for n in s.named],
            sorted(s.cues),
        ]
        for s in facts.statements
    ]  # fmt: skip
    return json.dumps([facts.donors, facts.recipients, facts.country, statements], ensure_ascii=False)


def _load(release_id: str, data: str) -> Facts:
    donors, recipients, country, statements = json.loads(data)
    return Facts(
        release_id, tuple(donors), tuple(recipients), country,
        tuple(
            Statement(
                start, end, kind, section,
                tuple(
                    Figure(k, Decimal(value), unit, noun, a, b, Decimal(upper) if upper is not None else None,
                           qualifier, role, donor, recipient, tuple(years), main)
                    for k, value, unit, noun, a, b, upper, qualifier, role, donor, recipient, years, main in figures
                ),
                tuple(
                    Time(k, a, b, tuple(first) if first else None, tuple(last) if last else None, months)
                    for k, a, b, first, last, months in times
                ),
                tuple(Named(*n) for n in named),
                frozenset(cues),
            )
            for start, end, kind, section, figures, times, named, cues in statements
        ),
    )  # fmt: skip
