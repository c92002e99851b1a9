"""Generations: immutable snapshots of the indexes on disk, published by swapping one pointer file.

Publishing copies the live generation, applies deletes and inserts, closes, reopens and checks, syncs to disk and then
replaces CURRENT. A reader sees exactly one generation; a kill at any instant leaves the old one serving.
"""

import math
import os
import re
import shutil
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from langchain_core.embeddings import Embeddings

from arabic.analyzer import ANALYZER_VERSION
from vectorstore.chroma_server import NOTE, ChromaServer, Note
from vectorstore.dense import DenseIndex
from vectorstore.embeddings import fingerprint
from vectorstore.errors import (
    DamagedGeneration,
    NoGeneration,
    NoSuchGeneration,
    ServerFault,
    StaleGeneration,
    StoreNotWritten,
    VectorsElsewhere,
    VectorsMissing,
)
from vectorstore.lexical import LexicalIndex
from vectorstore.manifest import FORMAT, Manifest, Rollback
from vectorstore.passage import Passage
from vectorstore.snapshot import (
    Embed,
    apply_dense,
    apply_passages,
    check,
    check_files,
    open_vectors,
    read_passages,
    sync_folder,
    sync_tree,
    write_lexical,
)

_FOLDER = re.compile(r"[0-9]+(\.[0-9a-f]{16})?")
"""A generation's number; with the digest of its content where it was made elsewhere (vectorstore/replication)."""


class Generations:
    """The generations below a folder and the pointer to the live one; one writer at a time, which the caller ensures.

    With a `server` the vectors of new generations go there; the rest of a generation is a folder all the same.
    """

    def __init__(self, root: Path, server: ChromaServer | None = None) -> None:
        self.root = root
        self.server = server
        self._pointer = root / "CURRENT"

    def current(self) -> Path | None:
        """The folder of the live generation, None before the first."""
        try:
            name = self._pointer.read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        folder = self.root / name
        return folder if folder.is_dir() else None

    def manifest(self) -> Manifest | None:
        """The live generation's manifest, None where there is none that can be read."""
        folder = self.current()
        if folder is None:
            return None
        try:
            return Manifest.read(folder)
        except (OSError, ValueError, TypeError):
            return None

    def whole(self) -> bool:
        """Whether the live generation's vectors lie where a new one's would, and a server still has them.

        Raises ServerFault where that cannot be told.
        """
        folder, manifest = self.current(), self.manifest()
        if folder is None or manifest is None:
            return False
        try:
            note = Note.read(folder)
        except (OSError, ValueError, TypeError):
            return False
        if note is None or self.server is None:
            return note is None and self.server is None
        return self.server.holds(note, manifest.vectors)

    def passages(self) -> dict[str, str]:
        """The release of each passage of the live generation; empty where there is none."""
        folder = self.current()
        if folder is None or not (folder / "passages.db").exists():
            return {}
        with closing(sqlite3.connect(folder / "passages.db")) as connection:
            return dict(connection.execute("SELECT id, release FROM passages"))

    def publish(
        self,
        *,
        deletes: Collection[str],
        inserts: Collection[Passage],
        embed: Embed,
        embedding: str,
        facts: str,
        revision: str,
        releases: int,
        expected: Collection[str],
        extra: Callable[[Path], Callable[[], None] | None],
        rebuild: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Manifest:
        """Build, check and publish the next generation.

        `embed` turns texts into vectors; `extra` writes what else belongs into the folder, or begins to and returns
        what waits for its end; `expected` are the passage ids that it must hold in the end. With `rebuild` it starts
        from nothing and `inserts` are all passages; they are gone through several times. Raises DamagedGeneration if
        the checks fail, StoreNotWritten or OSError if the disk does; CURRENT is then unchanged.
        """
        served = self.current()
        live = None if rebuild else served
        number = 1 + max((int(p.name) for p in self.root.glob("[0-9]*") if p.name.isdigit()), default=0)
        self.root.mkdir(parents=True, exist_ok=True)
        for leftover in self.root.glob("*.building"):
            self._drop(leftover)
        # A name of its own: what a killed run's processes may still write never meets the files of this one.
        building = self.root / f"{number}.{uuid.uuid4().hex[:8]}.building"
        try:
            if live is None:
                building.mkdir()
            else:
                left = ["manifest.json", "lexical", "passages.db", *(["chroma", NOTE] if self.server else [])]
                shutil.copytree(live, building, ignore=shutil.ignore_patterns(*left))
            finish = extra(building)
            fresh = apply_passages(building / "passages.db", live and live / "passages.db", deletes, inserts)
            write_lexical(building, live, fresh)
            vectors = self._write_vectors(building, number, len(expected), deletes, inserts, embed, progress)
            if finish is not None:
                finish()
            manifest = Manifest(
                number=number,
                passages=len(expected),
                vectors=vectors,
                releases=releases,
                embedding=embedding,
                analyzer=ANALYZER_VERSION,
                facts=facts,
                revision=revision,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            dense = open_vectors(building, self.server, vectors, patient=True)
            try:
                check(building, dense, set(expected), embed)
            finally:
                dense.close()
            manifest.write(building)
            sync_tree(building)
        except BaseException:
            with suppress(ServerFault, OSError):
                self._drop(building)  # a full disk is not left fuller
            raise
        os.replace(building, self.root / str(number))
        sync_folder(self.root)
        self._point(str(number))
        self._prune({str(number), served.name if served else ""})
        return manifest

    def _write_vectors(
        self,
        building: Path,
        number: int,
        held: int,
        deletes: Collection[str],
        inserts: Collection[Passage],
        embed: Embed,
        progress: Callable[[int], None] | None,
    ) -> int:
        """Into the folder the change alone, into a server all that is to be `held`; how many vectors there are then."""
        stored = read_passages(building / "passages.db")
        if self.server is None:
            index = DenseIndex(building / "chroma")
            try:
                passages = stored if len(inserts) == held else inserts  # which takes half the time
                return apply_dense(index, deletes, passages, len(inserts), embed, progress)
            finally:
                index.close()
        note = self.server.new_note(number)
        note.write(building)  # before the collection: what a killed run leaves is found by the next one
        sync_tree(building)
        index = self.server.create(note)
        try:
            vectors = apply_dense(index, (), stored, held, embed, progress)
            replace(note, dimension=len(index.first())).write(building)
            return vectors
        finally:
            index.close()

    def _drop(self, folder: Path) -> None:
        """Delete a generation with its collection; its note stays for the next time where the server does not answer."""
        note = None
        with suppress(OSError, ValueError, TypeError):
            note = Note.read(folder)
        if note is not None and self.server is not None:
            try:
                self.server.delete(note.collection)
            except ServerFault:
                for path in folder.iterdir():
                    if path.name != NOTE:
                        shutil.rmtree(path) if path.is_dir() else path.unlink()
                raise
        shutil.rmtree(folder, ignore_errors=True)

    def numbers(self) -> list[int]:
        """The generations on disk, oldest first."""
        return sorted({int(folder.name.partition(".")[0]) for folder in self.folders()})

    def folders(self) -> list[Path]:
        """Their folders; on a replica two of them may have one number, made by two writers."""
        return sorted(p for p in self.root.glob("[0-9]*") if _FOLDER.fullmatch(p.name))

    def folder(self, number: int) -> Path:
        """Where the generation of a number lies, or would; of two the live one."""
        live = self.current()
        found = [p for p in self.folders() if p.name.partition(".")[0] == str(number)]
        return live if live in found and live is not None else found[-1] if found else self.root / str(number)

    def take(self, name: str) -> None:
        """Make live a generation whose folder was brought here whole; the others but the one that served are deleted."""
        served = self.current()
        self._point(name)
        self._prune({name, served.name if served else ""})

    def rollback(self, to: int | None = None, *, revision: str) -> Rollback:
        """Make another generation live: `to`, or the newest one below the live one. Nothing is deleted.

        `revision` is the catalogue's state that is no longer to be published by itself; `rolled_back` gives it back
        for as long as that generation is live. Raises NoGeneration where nothing is live, NoSuchGeneration where there
        is none to go back to, DamagedGeneration where its files do not agree.
        """
        live = self.current()
        if live is None:
            raise NoGeneration
        have, now = self.numbers(), int(live.name)
        wanted = max((n for n in have if n < now), default=None) if to is None else to
        if wanted is None or wanted not in have or wanted == now:
            raise NoSuchGeneration(wanted, now, [n for n in have if n != now])
        check_files(self.root / str(wanted), self.server)
        record = Rollback(now, wanted, revision, datetime.now(UTC).isoformat(timespec="seconds"))
        record.write(self.root)  # before the pointer: it counts only while it names the live generation
        self._point(str(wanted))
        return record

    def rolled_back(self) -> Rollback | None:
        """The way back that made the live generation live, None where it was published (or gone forward to again)."""
        live, record = self.current(), Rollback.read(self.root)
        if live is None or record is None or live.name != str(record.to) or record.to > record.left:
            return None
        return record

    def _point(self, name: str) -> None:
        temporary = self.root / "CURRENT.new"
        with temporary.open("w", encoding="utf-8") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self._pointer)
        sync_folder(self.root)

    def _prune(self, kept: set[str]) -> None:
        """Keep the new generation and the one that served before it, which readers may still have open."""
        for folder in self.folders():
            if folder.name not in kept:
                with suppress(ServerFault):  # the next run tries again
                    self._drop(folder)


class Generation:
    """An open generation: its indexes, its passages and where its ledger lies."""

    def __init__(self, folder: Path, embeddings: Embeddings, server: ChromaServer | None = None) -> None:
        try:
            self.manifest = Manifest.read(folder)
        except (OSError, ValueError, TypeError) as error:
            raise DamagedGeneration(folder.name, f"manifest: {error}") from error
        if self.manifest.format != FORMAT or self.manifest.analyzer != ANALYZER_VERSION:
            raise StaleGeneration(folder.name, f"analyser {self.manifest.analyzer}", f"analyser {ANALYZER_VERSION}")
        if self.manifest.embedding != fingerprint(embeddings):
            raise StaleGeneration(folder.name, self.manifest.embedding, fingerprint(embeddings))
        self.folder = folder
        self.embeddings = embeddings
        self.ledger_path = folder / "ledger.db"
        self._server = server
        try:
            self._note = Note.read(folder)
        except (OSError, ValueError, TypeError) as error:
            raise DamagedGeneration(folder.name, f"{NOTE}: {error}") from error
        if self._note is not None and server is None:
            raise VectorsElsewhere(folder.name, self._note.url)
        if self._note is None and not (folder / "chroma").is_dir():
            raise DamagedGeneration(folder.name, "no vectors")
        uri = f"{(folder / 'passages.db').absolute().as_uri()}?mode=ro&immutable=1"
        try:
            self.lexical = LexicalIndex.load(folder / "lexical")
            self._passages = sqlite3.connect(uri, uri=True, check_same_thread=False)
            # The positions run from 0 without a gap, which `check` has made sure of: no need to count.
            held = self._passages.execute("SELECT coalesce(max(position) + 1, 0) FROM passages").fetchone()[0]
        except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
            raise DamagedGeneration(folder.name, str(error).splitlines()[0]) from error
        if held != self.lexical.size:
            raise DamagedGeneration(folder.name, f"{self.lexical.size} lexical entries for {held} passages")
        self._dense: DenseIndex | None = None
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._close_too: list[Callable[[], None]] = []

    @property
    def dense(self) -> DenseIndex:
        """The vectors, opened at the first use: Chroma takes half a second, and many a question needs none."""
        with self._opening:
            if self._dense is None:
                self._dense = self._opened()
            return self._dense

    def nearest(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        """The passages nearest to a vector with their cosine similarity, best first; none while a server does not answer."""
        server = self._server if self._note is not None else None
        if server is None:
            return self.dense.search(vector, limit)
        if server.resting():
            return []
        try:
            found = self.dense.search(vector, limit)
        except (ServerFault, VectorsMissing) as error:
            server.met(error)
            return []
        server.met(None)
        return found

    def warm(self) -> None:
        """Load what a first search would have to load; a server that is away does not hinder."""
        if self._note is None:
            self.dense.warm()
        else:
            self.nearest([0.0] * self._note.dimension, 1)

    def _opened(self) -> DenseIndex:
        """Chroma writes when it opens a folder: from a full or read-only disk it reads a copy elsewhere."""
        try:
            return open_vectors(self.folder, self._server, self.manifest.vectors)
        except StoreNotWritten:
            self._copy = tempfile.TemporaryDirectory(prefix="sanad-")
            shutil.copytree(self.folder / "chroma", Path(self._copy.name) / "chroma")
        try:
            return DenseIndex(Path(self._copy.name) / "chroma")
        except StoreNotWritten as error:  # not for want of room
            raise DamagedGeneration(self.folder.name, error.reason) from error

    def close_with(self, close: Callable[[], None]) -> None:
        """Have something that reads this generation's files closed together with it."""
        self._close_too.append(close)

    def close(self) -> None:
        """Let go of all files."""
        for close in self._close_too:
            close()
        if self._dense is not None:
            self._dense.close()
        if self._copy is not None:
            self._copy.cleanup()
        self._passages.close()

    def ids_at(self, positions: Sequence[int]) -> dict[int, str]:
        """The passages at positions of the lexical index."""
        query = f"SELECT position, id FROM passages WHERE position IN ({_marks(positions)})"  # noqa: S608
        with self._lock:
            return dict(self._passages.execute(query, positions))

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """The passages of the ids, in that order."""
        query = f"SELECT id, release, start, end, text, title FROM passages WHERE id IN ({_marks(ids)})"  # noqa: S608
        with self._lock:
            found = {row[0]: Passage(*row) for row in self._passages.execute(query, ids)}
        return [found[i] for i in ids]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def open_generation(root: Path, embeddings: Embeddings, server: ChromaServer | None = None) -> Generation:
    """The live generation. Raises NoGeneration, StaleGeneration, VectorsElsewhere or DamagedGeneration."""
    folder = Generations(root).current()
    if folder is not None:
        return Generation(folder, embeddings, server)
    if (root / "CURRENT").exists():
        raise DamagedGeneration((root / "CURRENT").read_text("utf-8").strip(), "its folder is missing")
    raise NoGeneration


class LiveGeneration:
    """The live generation for long-running readers: polls CURRENT, warms the new one, swaps, closes the drained one.

    Nothing is opened before the first lease, so that a reader may start before anything was ingested.
    """

    def __init__(
        self, root: Path, embeddings: Embeddings, *, server: ChromaServer | None = None, poll_seconds: float = 1.0
    ) -> None:
        self._root, self._embeddings, self._server, self._poll = root, embeddings, server, poll_seconds
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._generation: Generation | None = None
        self._leases: dict[Generation, int] = {}
        self._checked = -math.inf

    @contextmanager
    def lease(self) -> Iterator[Generation]:
        """The newest generation, kept open until the block ends.

        Raises NoGeneration, StaleGeneration, VectorsElsewhere or DamagedGeneration while no generation could be opened yet; once one
        serves, it serves on until a newer one can take its place.
        """
        self._refresh()
        with self._lock:
            generation = self._generation
            if generation is None:
                raise NoGeneration
            self._leases[generation] += 1
        try:
            yield generation
        finally:
            with self._lock:
                self._leases[generation] -= 1
                self._drop_drained()

    def close(self) -> None:
        """Close every generation that is still open."""
        with self._lock:
            for generation in self._leases:
                generation.close()
            self._leases.clear()
            self._generation = None

    def _refresh(self) -> None:
        """Take up a newer generation. One thread opens it; the others go on with the old one, or wait for the first."""
        if self._generation is not None and time.monotonic() - self._checked < self._poll:
            return
        if not self._opening.acquire(blocking=self._generation is None):
            return
        try:
            self._checked = time.monotonic()
            if self._generation is None:
                self._take(open_generation(self._root, self._embeddings, self._server))
                return
            folder = Generations(self._root).current()
            if folder is None or folder == self._generation.folder:
                return
            fresh = Generation(folder, self._embeddings, self._server)
            fresh.warm()
            self._take(fresh)
        except (DamagedGeneration, StaleGeneration, VectorsElsewhere, OSError, sqlite3.Error):
            if self._generation is None:
                raise
        finally:
            self._opening.release()

    def _take(self, fresh: Generation) -> None:
        with self._lock:
            self._generation = fresh
            self._leases[fresh] = 0
            self._drop_drained()

    def _drop_drained(self) -> None:
        for generation, leases in list(self._leases.items()):
            if leases == 0 and generation is not self._generation:
                generation.close()
                del self._leases[generation]
