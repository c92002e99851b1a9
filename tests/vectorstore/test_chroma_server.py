"""Vectors in a Chroma server, a real one on loopback: published, read, killed, emptied, put back."""

import asyncio
import importlib.util
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from benchmarks.synthetic import text, write
from bot.ingest_process import IngestFailed, run
from ingest.pipeline import ingest, rollback
from ingest.reading import Readers
from ingest.report import Report
from ingest.verify import list_generations, verify
from settings import Settings
from vectorstore import chroma_server as module
from vectorstore.chroma_server import ChromaServer, Note
from vectorstore.embeddings import fingerprint, load_embeddings
from vectorstore.errors import ServerFault, VectorsElsewhere, VectorStoreError
from vectorstore.generations import Generation, Generations, LiveGeneration, open_generation
from vectorstore.replication.pull import pull
from vectorstore.replication.storage import Storage
from vectorstore.search import search

_PROGRAM = Path(sys.executable).parent / "chroma"
pytestmark = [
    pytest.mark.chroma_server,
    pytest.mark.skipif(not _PROGRAM.exists(), reason="the program `chroma` is not installed beside Python"),
    pytest.mark.skipif(importlib.util.find_spec("chromadb") is None, reason="chromadb is not installed"),
]
_MODEL = load_embeddings()
_STRANGE = "zzqqxx wwvvkk"  # words of no release: the vectors alone answer
_QUESTION = "كم قدمت اليابان من أجل ترميم المدارس؟"


class _Server:
    """`chroma run` on a folder and a port of its own, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [_PROGRAM, "run", "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("the Chroma server did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Server]:
    server = _Server(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.kill()


class _Corpus:
    """A data folder whose vectors go to the server."""

    def __init__(self, folder: Path, running: _Server, readers: Readers, prefix: str = "sanad") -> None:
        self.source, self.data, self._readers = folder / "source", folder / "data", readers
        self.server: ChromaServer | None = ChromaServer(running.url, prefix=prefix)
        write(self.source, 12)

    @property
    def root(self) -> Path:
        return self.data / "generations"

    def ingest(self, **options: bool) -> Report:
        return ingest(
            [self.source], data_dir=self.data, embeddings=_MODEL, readers=self._readers, server=self.server, **options
        )

    def change(self, number: int) -> None:
        (self.source / "000" / "000000.txt").write_text(text(number), "utf-8")

    def note(self, number: int) -> Note:
        note = Note.read(self.root / str(number))
        assert note is not None
        return note

    def open(self) -> Generation:
        return open_generation(self.root, _MODEL, self.server)


@pytest.fixture
def corpus(tmp_path: Path, running: _Server, readers: Readers) -> _Corpus:
    return _Corpus(tmp_path, running, readers)


def _names(running: _Server) -> set[str]:
    found = httpx.get(f"{running.url}/api/v2/tenants/default_tenant/databases/default_database/collections?limit=1000")
    return {c["name"] for c in found.json()}


def _hits(generation: Generation, query: str = _STRANGE) -> list[str]:
    return [hit.passage.id for hit in search(generation, query, 10)]


def test_the_answers_are_those_of_vectors_in_the_folder(corpus: _Corpus, running: _Server, tmp_path: Path) -> None:
    """The same passages in the same order; the folder holds no vectors but says where they lie; old collections go."""
    first = corpus.ingest()
    local = ingest([corpus.source], data_dir=tmp_path / "local", embeddings=_MODEL)
    assert (first.passages, first.embedded) == (local.passages, local.embedded)
    here, there = open_generation(tmp_path / "local" / "generations", _MODEL), corpus.open()
    try:
        for query in (_STRANGE, _QUESTION, "متى ينتهي المشروع؟"):
            assert _hits(there, query) == _hits(here, query) != []
        assert there.dense.ids() == here.dense.ids()
    finally:
        here.close()
        there.close()
    assert not (corpus.root / "1" / "chroma").exists()
    (listed,) = list_generations(corpus.data)
    assert listed.vectors == f"{running.url} {corpus.note(1).collection}"
    assert verify(corpus.data, 1, corpus.server).fault is None
    names = [corpus.note(1).collection]
    for number in (100, 101):
        corpus.change(number)
        assert corpus.ingest().embedded <= 6
        names.append(corpus.note(number - 98).collection)
    assert set(names) & _names(running) == set(names[1:])
    assert rollback(corpus.data, server=corpus.server).to == 2
    assert verify(corpus.data, 3, corpus.server).fault is None


def test_without_its_server_a_generation_says_where_its_vectors_lie(corpus: _Corpus, running: _Server) -> None:
    """No address, or that of nobody: both languages name what to set; `ingest` brings the vectors home, embedding nothing."""
    corpus.ingest()
    with pytest.raises(VectorsElsewhere, match="SANAD_CHROMA_URL") as caught:
        open_generation(corpus.root, _MODEL)
    assert running.url in caught.value.message_ar
    nobody = ChromaServer("http://127.0.0.1:9")
    fault = verify(corpus.data, 1, nobody).fault
    assert fault is not None
    assert "http://127.0.0.1:9" in fault
    with pytest.raises(ServerFault):
        Generations(corpus.root, nobody).whole()
    corpus.server = None
    report = corpus.ingest()
    assert (report.published, report.embedded) == (True, 0)
    generation = open_generation(corpus.root, _MODEL)
    assert len(generation.dense.ids()) == report.passages
    generation.close()


def test_a_server_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and is silent: a fault after the set time, not a hang."""
    monkeypatch.setattr(module, "_ASK_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ServerFault, match="tim"):
        ChromaServer(f"http://127.0.0.1:{silent.getsockname()[1]}").version()


def test_answers_go_on_by_words_while_the_server_is_down(
    corpus: _Corpus, running: _Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Killed while asked: no error, words alone, one line in the log; started again, the vectors are back by themselves."""
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.3)
    corpus.ingest()
    live = LiveGeneration(corpus.root, _MODEL, server=corpus.server)
    try:
        with live.lease() as generation:
            before = _hits(generation)
            assert before
            running.kill()
            for _ in range(5):
                assert _hits(generation) == []
                assert _hits(generation, _QUESTION)
            assert corpus.server is not None
            assert corpus.server.missed() >= 5
            assert corpus.server.missed() == 0
            assert len([r for r in caplog.records if "words alone" in r.getMessage()]) == 1
            running.start()
            until = time.monotonic() + 30
            while _hits(generation) != before and time.monotonic() < until:
                time.sleep(0.1)
            assert _hits(generation) == before
            assert any("searched again" in r.getMessage() for r in caplog.records)
    finally:
        live.close()


def test_a_reader_may_start_while_the_server_is_down(corpus: _Corpus, running: _Server) -> None:
    """It answers by words from the start; an ingest says what is wrong and changes nothing."""
    corpus.ingest()
    running.kill()
    try:
        generation = corpus.open()
        assert _hits(generation) == []
        assert _hits(generation, _QUESTION)
        generation.close()
        corpus.change(200)
        with pytest.raises(ServerFault) as caught:
            corpus.ingest()
        assert running.url in caught.value.message_ar
        assert Generations(corpus.root).current() == corpus.root / "1"
    finally:
        running.start()
    assert corpus.ingest().generation == 2


def test_a_server_killed_during_an_ingest_costs_nothing(
    corpus: _Corpus, running: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old generation serves on; the next run removes what was begun, embeds nothing again, and publishes."""
    corpus.ingest()
    before = corpus.note(1).collection
    write(corpus.source, 24)
    add = module._Remote.add
    begun: list[str] = []

    def killed(self: module._Remote, *args: object) -> None:
        add(self, *args)  # type: ignore[arg-type]
        begun.append(self._collection.name)
        running.kill()

    with monkeypatch.context() as patch:
        patch.setattr(module._Remote, "add", killed)
        patch.setattr("vectorstore.snapshot.BATCH", 20)
        with pytest.raises(ServerFault):
            corpus.ingest()
    assert Generations(corpus.root).current() == corpus.root / "1"
    running.start()
    assert begun[0] in _names(running)
    generation = corpus.open()
    assert _hits(generation)
    generation.close()
    report = corpus.ingest()
    assert (report.generation, report.published) == (2, True)
    assert begun[0] not in _names(running)
    assert {before, corpus.note(2).collection} <= _names(running)
    assert not list(corpus.root.glob("*.building"))
    assert verify(corpus.data, 2, corpus.server).fault is None


@pytest.mark.parametrize("damage", ["gone", "fewer", "space", "dimension"])
def test_damage_on_the_server_is_found_and_mended_from_the_cache(
    corpus: _Corpus, running: _Server, damage: str
) -> None:
    """A collection that is gone, incomplete, of another space or another length of vectors: words answer meanwhile,
    `verify` tells, and an ingest with nothing changed rebuilds, embedding nothing."""
    passages = corpus.ingest().passages
    note, server = corpus.note(1), corpus.server
    assert server is not None
    _spoil(server, note, passages, damage)
    generation = corpus.open()
    try:
        assert _hits(generation) == []
        assert _hits(generation, _QUESTION)
    finally:
        generation.close()
    fault = verify(corpus.data, 1, server).fault
    assert fault is not None
    assert note.collection in fault or "vectors" in fault
    report = corpus.ingest()
    assert (report.published, report.embedded, report.passages) == (True, 0, passages)
    generation = open_generation(corpus.root, _MODEL, ChromaServer(running.url))
    try:
        assert _hits(generation)
    finally:
        generation.close()


def _spoil(server: ChromaServer, note: Note, passages: int, damage: str) -> None:
    client = server._client(10)
    ids = client.get_collection(note.collection, embedding_function=None).get(include=[])["ids"]
    if damage == "fewer":
        client.get_collection(note.collection, embedding_function=None).delete(ids=ids[:1])
    else:
        client.delete_collection(note.collection)
    if damage in ("space", "dimension"):
        space, length = ("l2", 192) if damage == "space" else ("cosine", 3)
        made = client.create_collection(
            note.collection, embedding_function=None, configuration={"hnsw": {"space": space}}
        )
        made.add(ids=ids, embeddings=[[1.0] * length for _ in ids])
        assert made.count() == passages
    module._let_go(client)


def test_an_emptied_store_is_rebuilt(corpus: _Corpus, running: _Server) -> None:
    """The server lost its whole folder: the next ingest fills it from the cache."""
    corpus.ingest()
    running.kill()
    shutil.rmtree(running.folder)
    running.folder.mkdir()
    running.start()
    report = corpus.ingest()
    assert (report.published, report.embedded) == (True, 0)
    assert verify(corpus.data, 2, corpus.server).fault is None


def test_the_ingest_process_of_the_bot_knows_the_server(corpus: _Corpus, running: _Server) -> None:
    """What the settings say reaches it: it goes back to a generation after it has looked at its vectors."""
    corpus.ingest()
    corpus.change(400)
    corpus.ingest()
    config = Settings(data_dir=corpus.data, chroma_url=running.url, chroma_key=SecretStr("of no use here"))
    assert asyncio.run(run("rollback", {"left": 2, "to": 1}, config))["to"] == 1
    with pytest.raises(IngestFailed) as caught:
        asyncio.run(run("rollback", {"left": 1, "to": 2}, Settings(data_dir=corpus.data)))
    assert caught.value.kind == "VectorsElsewhere"


def test_a_replica_reads_the_same_server(corpus: _Corpus, tmp_path: Path) -> None:
    """What is pushed holds no vectors but says where they lie; a replica that knows the server finds the same."""
    url = (tmp_path / "snapshots").as_uri()
    ingest([corpus.source], data_dir=corpus.data, embeddings=_MODEL, server=corpus.server, snapshots=url)
    assert pull(tmp_path / "replica", Storage(url), embedding=fingerprint(_MODEL)) is not None
    here, there = corpus.open(), open_generation(tmp_path / "replica" / "generations", _MODEL, corpus.server)
    try:
        assert _hits(there) == _hits(here) != []
    finally:
        here.close()
        there.close()


def test_two_corpora_on_one_server_leave_each_other_alone(
    corpus: _Corpus, running: _Server, readers: Readers, tmp_path: Path
) -> None:
    """Published at the same time and several times, under one prefix: both whole, both with their own passages."""
    other = _Corpus(tmp_path / "other", running, readers)
    for path in other.source.rglob("*.txt"):
        path.write_text(text(5000 + int(path.stem)), "utf-8")
    faults: list[BaseException] = []

    def publish(one: _Corpus) -> None:
        try:
            for number in (300, 301, 302):
                one.change(number)
                ingest([one.source], data_dir=one.data, embeddings=_MODEL, server=one.server)
        except VectorStoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=publish, args=(one,)) for one in (corpus, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    for one in (corpus, other):
        for number in (2, 3):
            assert verify(one.data, number, one.server).fault is None
