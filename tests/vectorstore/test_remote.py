"""Embeddings from an endpoint: what is sent, what is believed, what is tried again and what is not."""

import logging
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

import numpy as np
import pytest

from tests.openai_server import EmbeddingServer, Trouble
from vectorstore import endpoint as wire
from vectorstore.embeddings import embed, fingerprint, load_embeddings
from vectorstore.endpoint import Endpoint
from vectorstore.errors import EndpointChanged, EndpointError, EndpointRefused, EndpointUnavailable
from vectorstore.remote import RemoteEmbeddings

_MODEL = load_embeddings()
_TEXTS = [f"قدمت اليابان منحة رقم {i} لإصلاح محطة المياه" for i in range(100)]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """A server that has the bundled model."""
    opened = EmbeddingServer(lambda texts: embed(_MODEL, texts))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts a hundredth as long."""
    monkeypatch.setattr(wire, "_BACK_OFF", 0.005)
    monkeypatch.setattr(wire, "_LONGEST", 0.02)


@pytest.fixture
def remote(server: EmbeddingServer) -> Iterator[RemoteEmbeddings]:
    """Embeddings from that server."""
    opened = RemoteEmbeddings(_endpoint(server))
    yield opened
    opened.close()


def _endpoint(server: EmbeddingServer) -> Endpoint:
    return Endpoint(server.url, "static-ar", "s3cret", batch=16, requests=4, seconds=20)


def test_the_vectors_are_those_of_the_model_there(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """In order, of length one whatever the server gives, in batches of the set size, with name and key."""
    vectors = embed(remote, _TEXTS)
    assert np.allclose(vectors, embed(_MODEL, _TEXTS), atol=1e-6)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.allclose(remote.embed_query(_TEXTS[0]), vectors[0], atol=1e-6)
    assert [len(a.texts) for a in server.asked[:7]].count(16) == 6
    assert {a.headers["authorization"] for a in server.asked} == {"Bearer s3cret"}
    assert {a.body["model"] for a in server.asked} == {"static-ar"}
    assert "dimensions" not in server.asked[0].body


def test_a_text_that_comes_twice_is_asked_for_once(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """And both places get its vector; no text, no request."""
    found = embed(remote, [*_TEXTS[:5], _TEXTS[0]])
    assert np.array_equal(found[0], found[5])
    assert len(server.texts) == 5
    assert remote.embed_documents([]) == []
    assert len(server.asked) == 1


def test_prompts_are_those_of_the_family_or_the_settings(server: EmbeddingServer) -> None:
    """An e5 by name gets its own; a setting goes before them; they are part of the identity."""
    plain = RemoteEmbeddings(_endpoint(server))
    e5 = RemoteEmbeddings(replace(_endpoint(server), model="intfloat/multilingual-e5-large"))
    own = RemoteEmbeddings(replace(_endpoint(server), query_prompt="Q: ", passage_prompt="P: ", dimensions=128))
    for embeddings in (plain, e5, own):
        embeddings.embed_query("سؤال")
        embeddings.embed_documents(["مقطع"])
        embeddings.close()
    assert server.texts == ["سؤال", "مقطع", "query: سؤال", "passage: مقطع", "Q: سؤال", "P: مقطع"]
    assert server.asked[-1].body["dimensions"] == 128
    assert len({fingerprint(e) for e in (plain, e5, own)}) == 3


def test_the_fingerprint_needs_no_server_and_knows_no_url() -> None:
    """The same model at another address has the same; another model, or another number of dimensions, another."""
    here = Endpoint("http://127.0.0.1:9/v1", "bge-m3")
    same = fingerprint(RemoteEmbeddings(here))
    assert fingerprint(load_embeddings("bge-m3", endpoint=replace(here, url="https://elsewhere.example/v1"))) == same
    assert fingerprint(RemoteEmbeddings(replace(here, model="bge-m4"))) != same
    assert fingerprint(RemoteEmbeddings(replace(here, dimensions=256))) != same
    assert same != fingerprint(_MODEL)


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("status", 429, headers=(("Retry-After", "0"),)),
        Trouble("status", 500),
        Trouble("status", 502),
        Trouble("status", 503),
        Trouble("status", 408),
        Trouble("drop"),
        Trouble("short body"),
        Trouble("broken json"),
        Trouble("count"),
        Trouble("nan"),
        Trouble("ragged"),
        Trouble("words"),
    ],
    ids=lambda t: f"{t.kind} {t.status}" if t.kind == "status" else t.kind,
)
def test_what_may_pass_is_tried_again(server: EmbeddingServer, remote: RemoteEmbeddings, trouble: Trouble) -> None:
    """Two troubles in a row cost two attempts, and the vectors are right in the end."""
    server.troubles = [trouble, trouble]
    assert np.allclose(embed(remote, _TEXTS[:3]), embed(_MODEL, _TEXTS[:3]), atol=1e-6)
    assert len(server.asked) == 3


@pytest.mark.parametrize("trouble", ["count", "nan", "ragged", "words", "broken json"])
def test_a_server_that_computes_wrongly_is_not_believed(
    server: EmbeddingServer, remote: RemoteEmbeddings, trouble: wire.Any
) -> None:
    """After three replies of the kind it is given up."""
    server.for_good = Trouble(trouble)
    with pytest.raises(EndpointUnavailable):
        remote.embed_documents(_TEXTS[:3])
    assert len(server.asked) == 3


def test_rows_in_any_order_find_their_places(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """By their index."""
    server.for_good = Trouble("shuffled")
    assert np.allclose(embed(remote, _TEXTS), embed(_MODEL, _TEXTS), atol=1e-6)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422])
def test_a_refusal_is_final_and_names_the_settings(
    server: EmbeddingServer, remote: RemoteEmbeddings, status: int
) -> None:
    """One request, a line in Arabic and one in English with the server's words, and no key in either."""
    server.for_good = Trouble("status", status, said="the key s3cret is not known here")
    with pytest.raises(EndpointRefused) as caught:
        remote.embed_documents(_TEXTS[:3])
    assert len(server.asked) == 1
    for message in (caught.value.message_ar, caught.value.message_en):
        assert f"HTTP {status}" in message
        assert "SANAD_EMBEDDING_KEY" in message
        assert "is not known here" in message
        assert "s3cret" not in message
    assert "not known" not in caught.value.reason


def test_nothing_follows_a_redirect(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """Neither key nor texts go to another host; the message says where it points."""
    other = EmbeddingServer(lambda texts: embed(_MODEL, texts))
    try:
        server.for_good = Trouble("status", 307, headers=(("Location", f"{other.url}/embeddings"),))
        with pytest.raises(EndpointRefused, match=str(other.port)):
            remote.embed_documents(_TEXTS[:3])
        assert other.asked == []
    finally:
        other.close()


def test_a_batch_that_is_too_large_is_halved_and_the_next_are_smaller(server: EmbeddingServer) -> None:
    """text-embeddings-inference takes 32 texts unless told otherwise: each refusal is paid for once."""
    server.most_texts = 5
    remote = RemoteEmbeddings(replace(_endpoint(server), batch=32, requests=1))
    try:
        assert np.allclose(embed(remote, _TEXTS), embed(_MODEL, _TEXTS), atol=1e-6)
    finally:
        remote.close()
    sizes = [len(a.texts) for a in server.asked]
    assert sizes[:4] == [32, 16, 8, 4]
    assert max(sizes[sizes.index(4) + 12 :]) <= 5


def test_413_without_a_word_is_halved_too(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """Proxies say no more than that."""
    server.troubles = [Trouble("status", 413, said="")]
    assert np.allclose(embed(remote, _TEXTS[:4]), embed(_MODEL, _TEXTS[:4]), atol=1e-6)
    assert [len(a.texts) for a in server.asked] == [4, 2, 2]


def test_a_text_that_is_too_long_alone_is_cut_as_models_cut(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """Its neighbours keep their vectors and the batch its size; a short text that is refused is an error."""
    server.most_letters = 300
    long = " ".join(_TEXTS[:10])
    found = embed(remote, [_TEXTS[1], long, _TEXTS[2]])
    assert np.allclose(found[[0, 2]], embed(_MODEL, _TEXTS[1:3]), atol=1e-6)
    assert np.isclose(np.linalg.norm(found[1]), 1)
    server.most_letters = 3
    with pytest.raises(EndpointRefused, match="context length"):
        remote.embed_documents([_TEXTS[3]])


def test_a_server_without_base64_is_asked_for_figures(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """Once refused it is never asked for again."""
    server.takes_base64 = False
    assert np.allclose(embed(remote, _TEXTS), embed(_MODEL, _TEXTS), atol=1e-6)
    refused = [a for a in server.asked if "encoding_format" in a.body]
    assert 1 <= len(refused) <= 4  # of those that were under way at once
    assert "encoding_format" not in server.asked[-1].body


def test_no_more_than_the_set_number_is_under_way(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """And texts are taken as there is room for them, not all before."""
    server.pause = 0.02
    taken = 0

    def texts() -> Iterator[str]:
        nonlocal taken
        for text in _TEXTS:
            taken += 1
            yield text

    stream = remote.stream(texts())
    next(stream)
    assert taken <= 5 * 16
    for _ in stream:
        pass
    assert max(a.under_way for a in server.asked) == 4


def test_a_server_that_has_too_much_gets_less(server: EmbeddingServer) -> None:
    """After 429 nothing is sent until the time that it names, and then less at a time."""
    server.pause = 0.01
    server.troubles = [Trouble("status", 429, headers=(("Retry-After", "0.3"),))] * 4
    remote = RemoteEmbeddings(replace(_endpoint(server), batch=2))
    times: list[float] = []
    encode, server.encode = server.encode, lambda texts: (times.append(time.monotonic()), encode(texts))[1]
    began = time.monotonic()
    try:
        assert np.allclose(embed(remote, _TEXTS), embed(_MODEL, _TEXTS), atol=1e-6)
    finally:
        remote.close()
    assert min(times) - began >= 0.3
    assert server.asked[4].under_way <= 2
    assert max(a.under_way for a in server.asked[4:8]) <= 3


def test_retry_after_may_be_a_date_and_may_be_too_late(server: EmbeddingServer) -> None:
    """A server that wants to be left alone for longer than a batch may take is given up at once."""
    server.for_good = Trouble("status", 503, headers=(("Retry-After", formatdate(time.time() + 3600, usegmt=True)),))
    remote = RemoteEmbeddings(_endpoint(server))
    with pytest.raises(EndpointUnavailable):
        remote.embed_documents(_TEXTS[:3])
    remote.close()
    assert len(server.asked) == 1


def test_a_batch_has_a_time_in_all(server: EmbeddingServer) -> None:
    """A server that hangs, or that fails again and again, is given up when it is over."""
    remote = RemoteEmbeddings(replace(_endpoint(server), seconds=0.3))
    for trouble in (Trouble("hang"), Trouble("status", 500)):
        server.for_good = trouble
        with pytest.raises(EndpointUnavailable) as caught:
            remote.embed_documents(_TEXTS[:3])
        assert remote.place in caught.value.message_ar
        assert remote.place in caught.value.message_en
    remote.close()


def test_an_endpoint_that_is_not_there_is_named_without_its_password() -> None:
    """No connection, no name, no URL at all: one class of error with the address."""
    server = EmbeddingServer(lambda texts: embed(_MODEL, texts))
    server.close()  # a port that nobody listens at
    for url in (server.url.replace("//", "//user:hunter@2@"), "http://[broken"):
        remote = RemoteEmbeddings(Endpoint(url, "m", "s3cret", seconds=0.2))
        with pytest.raises(EndpointError) as caught:
            remote.embed_documents(["نص"])
        assert "hunter" not in caught.value.message_en
        remote.close()
    assert remote.place == "http://[broken/embeddings"
    assert "s3cret" not in repr(Endpoint("http://x", "m", "s3cret"))


def test_vectors_of_another_length_are_another_model(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """What a server gives under one name stays of one length."""
    embed(remote, _TEXTS[:3])
    server.encode = lambda texts: embed(_MODEL, texts)[:, :7]
    with pytest.raises(EndpointChanged, match="7 dimensions"):
        remote.embed_documents(_TEXTS[3:6])


def test_a_question_waits_a_short_time_only(
    server: EmbeddingServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it fails, the next ones fail at once until a while has passed, and the log has said so once, without it."""
    remote = RemoteEmbeddings(replace(_endpoint(server), query_seconds=0.2))
    server.for_good = Trouble("hang")
    with caplog.at_level(logging.WARNING), pytest.raises(EndpointUnavailable):
        remote.embed_query("كم قدمت اليابان")
    for _ in range(3):
        with pytest.raises(EndpointUnavailable):
            remote.embed_query("كم قدمت كندا")
    assert len(server.asked) == 1
    assert [r for r in caplog.records if "their words alone" in r.getMessage()]
    assert not any("اليابان" in r.getMessage() or "s3cret" in r.getMessage() for r in caplog.records)
    server.for_good = None
    monkeypatch.setattr("vectorstore.remote.time.monotonic", lambda clock=time.monotonic: clock() + 11)
    assert math.isclose(float(np.linalg.norm(remote.embed_query("كم قدمت كندا"))), 1, rel_tol=1e-5)
    remote.close()


def test_a_question_does_not_wait_for_batches(server: EmbeddingServer) -> None:
    """However many are under way."""
    remote = RemoteEmbeddings(replace(_endpoint(server), requests=1, batch=1))
    server.pause = 0.15
    batches = threading.Thread(target=remote.embed_documents, args=(_TEXTS[:20],))
    batches.start()
    while not server.asked:
        time.sleep(0.01)
    remote.embed_query("سؤال")
    assert batches.is_alive()
    assert "سؤال" in server.texts[:5]
    batches.join()
    remote.close()


def test_what_was_done_is_given_out_before_the_failure(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """A stream whose server fails for good in the middle loses nothing that was computed."""
    server.fail_after, server.for_good = 3, Trouble("status", 401)
    done: list[str] = []
    with pytest.raises(EndpointRefused):
        done.extend(text for texts, _ in remote.stream(_TEXTS) for text in texts)
    assert len(done) == 3 * 16


def test_a_stream_that_is_left_ends_what_is_under_way(server: EmbeddingServer, remote: RemoteEmbeddings) -> None:
    """And the embeddings serve on."""
    server.fail_after, server.for_good = 1, Trouble("hang")
    stream = remote.stream(_TEXTS)
    next(stream)
    stream.close()
    server.for_good = None
    assert np.allclose(embed(remote, _TEXTS[:3]), embed(_MODEL, _TEXTS[:3]), atol=1e-6)
