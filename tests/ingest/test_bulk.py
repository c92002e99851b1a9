"""Ingesting and asking with an embedding model elsewhere."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from answering.corpus import Corpus
from benchmarks.same_generation import differences
from benchmarks.synthetic import text, write
from bot.ingest_process import run
from ingest.pipeline import ingest
from ingest.report import Report
from settings import Settings
from tests.in_process import Sanad
from tests.openai_server import EmbeddingServer, Trouble
from vectorstore import endpoint as wire
from vectorstore.embeddings import embed, fingerprint, load_embeddings
from vectorstore.endpoint import Endpoint
from vectorstore.errors import EndpointChanged, EndpointUnavailable
from vectorstore.generations import Generations, LiveGeneration, open_generation
from vectorstore.remote import RemoteEmbeddings
from vectorstore.search import search

_MODEL = load_embeddings()
_QUESTION = "ما هي الجهة التي تعطي نقوداً؟"  # shares no word with the releases: the dense side is asked


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddingServer]:
    """A server that has the bundled model; attempts follow each other quickly."""
    monkeypatch.setattr(wire, "_BACK_OFF", 0.005)
    monkeypatch.setattr(wire, "_LONGEST", 0.02)
    opened = EmbeddingServer(lambda texts: embed(_MODEL, texts))
    yield opened
    opened.close()


@pytest.fixture
def remote(server: EmbeddingServer) -> Iterator[RemoteEmbeddings]:
    """Embeddings from that server."""
    opened = RemoteEmbeddings(Endpoint(server.url, "static-ar", batch=4, requests=2, seconds=60, query_seconds=20))
    yield opened
    opened.close()


def _run(folder: Path, model: RemoteEmbeddings, **options: bool) -> Report:
    return ingest([folder / "releases"], data_dir=folder / "data", embeddings=model, **options)


def _kept(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "data" / "catalogue.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM embeddings").fetchone()[0])


def test_the_generation_is_the_one_that_the_same_model_makes_here(
    tmp_path: Path, server: EmbeddingServer, remote: RemoteEmbeddings
) -> None:
    """Passages and vectors are the same; every text is asked for once; a rebuild asks for nothing."""
    write(tmp_path / "releases", 20)
    report = _run(tmp_path, remote)
    here = ingest([tmp_path / "releases"], data_dir=tmp_path / "here", embeddings=_MODEL)
    assert (report.passages, report.embedded) == (here.passages, here.embedded)
    assert sorted(server.texts) == sorted(set(server.texts))
    assert len(server.texts) == report.embedded
    one, other = (tmp_path / name / "generations" / "1" for name in ("data", "here"))
    assert differences(one, other, tolerance=1e-6) == []
    assert differences(one, other, tolerance=1e-12) == ["vectors"]
    server.asked.clear()
    assert _run(tmp_path, remote, rebuild=True).published
    assert server.asked == []


def test_a_run_whose_server_dies_goes_on_where_it_was(
    tmp_path: Path, server: EmbeddingServer, remote: RemoteEmbeddings
) -> None:
    """What was embedded is kept, the live generation serves on, and the next run asks for the rest alone."""
    write(tmp_path / "releases", 2)
    first = _run(tmp_path, remote)
    write(tmp_path / "releases", 20)
    before = _kept(tmp_path)
    server.asked.clear()
    server.fail_after, server.for_good = server._served + 1 + 5, Trouble("nan")  # one to compare, five batches
    with pytest.raises(EndpointUnavailable):
        _run(tmp_path, remote)
    assert _kept(tmp_path) == before + 20
    live = Generations(tmp_path / "data" / "generations")
    assert live.manifest().number == first.generation
    assert not list(live.root.glob("*.building"))
    server.for_good = None
    server.asked.clear()
    again = _run(tmp_path, remote)
    assert again.published
    assert again.passages > 40
    assert again.embedded == _kept(tmp_path) - before - 20
    assert len(server.texts) == again.embedded + 1  # and the one to compare


def test_an_endpoint_that_is_down_is_two_lines(tmp_path: Path, sanad: Sanad) -> None:
    """`sanad ingest` names the address in Arabic and English; nothing is published, and files are not read again."""
    server = EmbeddingServer(lambda texts: embed(_MODEL, texts))
    server.close()
    write(tmp_path / "releases", 2)
    where = {
        "SANAD_EMBEDDING_URL": server.url,
        "SANAD_EMBEDDING_MODEL": "static-ar",
        "SANAD_EMBEDDING_KEY": "s3cret",
        "SANAD_EMBEDDING_SECONDS": "0.2",
    }
    done = sanad(tmp_path / "data", "ingest", str(tmp_path / "releases"), **where)
    assert done.returncode == 2
    arabic, english = done.stderr.strip().splitlines()[-2:]
    assert "خادم التضمين" in arabic
    assert f"{server.port}/v1/embeddings gives no vectors (no connection)" in english
    assert "s3cret" not in done.stderr
    assert not (tmp_path / "data" / "generations" / "CURRENT").exists()


def test_another_model_under_the_same_name_is_found_out(
    tmp_path: Path, server: EmbeddingServer, remote: RemoteEmbeddings
) -> None:
    """Before one of its vectors is kept, whether they are of the same length or not; another name is another model."""
    write(tmp_path / "releases", 2)
    _run(tmp_path, remote)
    before = _kept(tmp_path)
    write(tmp_path / "releases", 4)
    for encode in (lambda texts: embed(_MODEL, texts)[:, ::-1], lambda texts: embed(_MODEL, texts)[:, :9]):
        server.encode = encode
        fresh = RemoteEmbeddings(remote._endpoint)
        with pytest.raises(EndpointChanged):
            _run(tmp_path, fresh)
        assert _kept(tmp_path) == before
        fresh.close()
    renamed = RemoteEmbeddings(replace(remote._endpoint, model="static-ar-9"))
    report = _run(tmp_path, renamed)
    assert report.embedded == report.passages
    renamed.close()


def test_a_bot_starts_and_answers_without_the_endpoint(
    tmp_path: Path, server: EmbeddingServer, remote: RemoteEmbeddings
) -> None:
    """By words alone, and with the vectors again when it is back; a search for vectors alone fails."""
    write(tmp_path / "releases", 10)
    _run(tmp_path, remote)
    server.for_good = Trouble("status", 401)
    fresh = RemoteEmbeddings(remote._endpoint)
    corpus = Corpus(tmp_path / "data", fresh)
    with corpus.view() as view:
        assert view.search("كم قدمت الحكومة إلى المنظمة؟", 5)
        assert search(view.generation, _QUESTION, 5) == search(view.generation, _QUESTION, 5, mode="lexical")
        with pytest.raises(Exception, match="endpoint"):
            search(view.generation, _QUESTION, 5, mode="dense")
        server.for_good = None
        fresh._rests_until = 0.0
        with_vectors = search(view.generation, _QUESTION, 5)
        assert with_vectors
        assert with_vectors != search(view.generation, _QUESTION, 5, mode="lexical")
    corpus.close()
    fresh.close()


def test_questions_with_vectors_of_another_length_are_answered_by_words(
    tmp_path: Path, server: EmbeddingServer, remote: RemoteEmbeddings
) -> None:
    """A server that got another model does not break the answers."""
    write(tmp_path / "releases", 5)
    _run(tmp_path, remote)
    server.encode = lambda texts: embed(_MODEL, texts)[:, :9]
    fresh = RemoteEmbeddings(remote._endpoint)
    generation = open_generation(tmp_path / "data" / "generations", fresh)
    try:
        assert search(generation, _QUESTION, 5) == search(generation, _QUESTION, 5, mode="lexical")
    finally:
        generation.close()
        fresh.close()


def test_a_reader_takes_up_a_generation_while_the_endpoint_is_down(
    tmp_path: Path, server: EmbeddingServer, remote: RemoteEmbeddings
) -> None:
    """Warming it asks nobody, and needs no knowledge of the vectors' length."""
    write(tmp_path / "releases", 2)
    first = _run(tmp_path, remote)
    fresh = RemoteEmbeddings(replace(remote._endpoint, url="http://127.0.0.1:9/v1"))
    assert fingerprint(fresh) == fingerprint(remote)
    live = LiveGeneration(tmp_path / "data" / "generations", fresh, poll_seconds=0)
    with live.lease() as generation:
        assert generation.manifest.number == first.generation
    (tmp_path / "releases" / "new.txt").write_text(text(99), "utf-8")
    second = _run(tmp_path, remote)
    with live.lease() as generation:
        assert generation.manifest.number == second.generation
    live.close()
    fresh.close()


def test_the_bots_own_ingest_asks_the_endpoint(tmp_path: Path, server: EmbeddingServer) -> None:
    """The settings reach its process, the key with them and by no argument."""
    write(tmp_path / "releases", 2)
    here = ingest([tmp_path / "releases"], data_dir=tmp_path / "data", embeddings=_MODEL)
    config = Settings(
        data_dir=tmp_path / "data",
        embedding_url=server.url,
        embedding_model="static-ar",
        embedding_key=SecretStr("s3cret"),
    )
    report = asyncio.run(run("reingest", {}, config))
    assert report["published"]
    assert len(server.texts) == report["embedded"] == here.embedded
    assert {a.headers["authorization"] for a in server.asked} == {"Bearer s3cret"}


def test_doctor_says_what_the_endpoint_gives_and_what_it_does_not(
    tmp_path: Path, server: EmbeddingServer, sanad: Sanad
) -> None:
    """Dimensions and time of a question; a slow one is a warning, a refusal a fault with the server's words."""
    where = {"SANAD_EMBEDDING_URL": server.url, "SANAD_EMBEDDING_MODEL": "static-ar", "SANAD_EMBEDDING_KEY": "s3cret"}

    def model() -> dict[str, str]:
        done = sanad(tmp_path / "data", "doctor", "--json", SANAD_EMBEDDING_QUERY_SECONDS="1", **where)
        assert "s3cret" not in done.stdout + done.stderr
        return next(c for c in map(json.loads, done.stdout.splitlines()) if c["name"] == "model")

    found = model()
    assert found["state"] == "ok"
    assert f"{_MODEL.dimension} dimensions" in found["found"]
    server.fail_after, server.for_good = server._served + 1, Trouble("hang")
    assert model()["state"] == "warning"
    server.fail_after, server.for_good = 0, Trouble("status", 401, said="who are you, s3cret?")
    found = model()
    assert found["state"] == "fault"
    assert "who are you" in found["found"]


def test_a_url_without_a_model_is_refused(tmp_path: Path, sanad: Sanad) -> None:
    """The vectors need a name."""
    done = sanad(tmp_path / "data", "doctor", SANAD_EMBEDDING_URL="http://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert "SANAD_EMBEDDING_MODEL" in done.stderr
