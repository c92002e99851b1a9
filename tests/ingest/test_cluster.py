"""Ingesting over a Ray cluster on this machine."""

import importlib.util
import logging
import os
import signal
import sqlite3
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.same_generation import differences
from benchmarks.synthetic import text, write
from ingest.cluster import Cluster, ClusterEmbeddings, _groups
from ingest.cluster_pool import Pool
from ingest.errors import ClusterFault, IngestError, TooCostly
from ingest.pipeline import ingest
from ingest.reading import Document, Job, Limits, Readers
from tests.in_process import Sanad
from vectorstore.embeddings import Vectors, embed, fingerprint, load_embeddings

_MODEL = load_embeddings()
_TEXTS = [text(i) for i in range(3000)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster on 127.0.0.1 with two workers."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed (pip install 'sanad[ray]')")
    with Cluster("local") as opened:
        opened.workers, opened.gpus = 2, 0
        yield opened


def _told(outcomes: Iterable[tuple[Job, Document | IngestError]]) -> list[tuple[str, str]]:
    return [(job.id, o.digest if isinstance(o, Document) else o.message_en) for job, o in outcomes]


def _rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.ray
def test_the_generation_is_the_same_with_and_without(tmp_path: Path, cluster: Cluster) -> None:
    """Passages, vectors, facts and the files of the lexical index; reports alike, with what could not be read."""
    folder = tmp_path / "releases" / "000"
    write(tmp_path / "releases", 150)
    (folder / "000050.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "000060.txt").write_text("  ", "utf-8")
    (folder / "twin.txt").write_text(text(3), "utf-8")
    os.mkfifo(folder / "000065.txt.txt")
    with zipfile.ZipFile(folder / "000070.zip", "w") as archive:
        for number in range(200, 204):
            archive.writestr(f"{number}.txt", text(number))
    plain = ingest([tmp_path / "releases"], data_dir=tmp_path / "plain", embeddings=_MODEL)
    embeddings = cluster.embeddings(None, "cpu")
    with Readers() as local:
        spread = ingest(
            [tmp_path / "releases"],
            data_dir=tmp_path / "spread",
            embeddings=embeddings,
            readers=cluster.readers(local, Limits()),
        )
    embeddings.pool.close()
    assert (spread.added, spread.failed, spread.duplicates) == (plain.added, plain.failed, plain.duplicates)
    assert len(plain.failed) >= 2
    assert len(plain.duplicates) == 1
    assert (spread.passages, spread.embedded) == (plain.passages, plain.embedded)
    one, other = (tmp_path / name / "generations" / "1" for name in ("plain", "spread"))
    assert differences(one, other) == []


@pytest.mark.ray
def test_a_killed_worker_costs_its_calls_alone(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    """What it had at hand is done by another, a new one takes its place; all vectors come, each once and right."""
    embeddings = ClusterEmbeddings(cluster, None, "cpu")
    stream = embeddings.stream(_TEXTS)
    done = [next(stream)]
    pool = embeddings.pool
    victim = next(call.worker for call in pool._calls.values())
    assert victim is not None
    at_hand = [call for call in pool._calls.values() if call.worker is victim]
    with caplog.at_level(logging.WARNING, "sanad.cluster"):
        os.kill(victim.pid, signal.SIGKILL)
        done += stream
    assert [r.getMessage() for r in caplog.records] == ["a worker died; its work goes to others"]
    assert sum(call.deaths for call in at_hand) in range(1, len(at_hand) + 1)
    assert victim.pid not in pool.pids
    assert [t for texts, _ in sorted(done, key=lambda d: _TEXTS.index(d[0][0])) for t in texts] == _TEXTS
    assert all(np.array_equal(vectors, embed(_MODEL, texts)) for texts, vectors in done)
    pool.close()


@pytest.mark.ray
def test_documents_come_in_order_though_a_reader_is_killed(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same outcomes as read here, in the order of the jobs."""
    write(tmp_path, 200)
    jobs = [Job(p.name, p.name, p) for p in sorted(tmp_path.rglob("*.txt"))]
    pools: list[Pool] = []
    opened = cluster.reading_pool
    monkeypatch.setattr(cluster, "reading_pool", lambda limits: pools.append(opened(limits)) or pools[-1])
    with Readers() as local:
        spread = cluster.readers(local, Limits()).read_all(jobs)
        found = [next(spread)]
        os.kill(pools[0].pids[0], signal.SIGKILL)
        assert _told([*found, *spread]) == _told(local.read_all(jobs))
    assert pools[0].pids == []  # closed with the last document


@pytest.mark.ray
def test_the_limits_of_a_document_hold_in_the_cluster(tmp_path: Path, cluster: Cluster) -> None:
    """A document made to exhaust its reader is refused as here, its neighbours are read, no worker dies of it."""
    write(tmp_path, 80)
    bomb = b"<html><body>" + b"<div>" * 300_000 + b"</div>" * 300_000
    jobs = [Job(p.name, p.name, p) for p in sorted(tmp_path.rglob("*.txt"))]
    jobs.insert(40, Job("deep.html", "deep.html", data=bomb))
    limits = Limits(seconds=2, megabytes=768)
    with Readers(1, limits) as local:
        with pytest.raises(IngestError) as here:
            local.read(jobs[40])
        outcomes = dict(_told(cluster.readers(local, limits).read_all(jobs)))
    assert isinstance(here.value, TooCostly)
    assert outcomes["deep.html"] == here.value.message_en
    assert sum(len(told) == 64 for told in outcomes.values()) == 80


@pytest.mark.ray
def test_a_run_that_is_stopped_goes_on_from_the_cache(tmp_path: Path, cluster: Cluster) -> None:
    """What the workers gave is kept batch by batch; the next run, without a cluster, embeds the rest alone."""

    class Stopped(ClusterEmbeddings):
        def stream(self, texts: Iterable[str]) -> Iterator[tuple[list[str], Vectors]]:
            yield next(super().stream(texts))
            raise ClusterFault("توقف", "stopped")

    write(tmp_path / "releases", 150)
    stopped = Stopped(cluster, None, "cpu")
    assert fingerprint(stopped) == fingerprint(_MODEL)
    with pytest.raises(ClusterFault):
        ingest([tmp_path / "releases"], data_dir=tmp_path / "data", embeddings=stopped)
    stopped.pool.close()
    kept = _rows(tmp_path / "data" / "catalogue.db", "SELECT count(*) FROM embeddings")[0][0]
    assert kept == 256
    report = ingest([tmp_path / "releases"], data_dir=tmp_path / "data", embeddings=_MODEL)
    total = _rows(tmp_path / "data" / "catalogue.db", "SELECT count(*) FROM embeddings")[0][0]
    assert report.embedded == total - kept > 0


@pytest.mark.ray
def test_work_that_kills_every_worker_is_given_up(cluster: Cluster) -> None:
    """After three of them, with an error in both languages; another version of a worker is refused at once."""
    assert cluster.workers

    class Deadly:  # within the test: what has no importable name is sent to the workers whole
        def ready(self) -> dict[str, Any]:
            return {"pid": os.getpid(), "version": "1"}

        def work(self, deadly: bool) -> str:
            if deadly:
                os._exit(1)
            return "done"

    pool = Pool(Deadly, (), 2)
    pool.submit("a", False)
    assert pool.next() == ("a", "done")
    pool.submit("b", True)
    with pytest.raises(ClusterFault, match="3 workers died of the same work") as caught:
        pool.next()
    assert "3 عمال" in caught.value.message_ar
    pool.close()
    other = Pool(Deadly, (), 1, version="2")
    other.submit("a", False)
    with pytest.raises(ClusterFault, match="another version"):
        other.next()
    other.close()


def test_jobs_are_sent_in_small_groups_and_archives_stay_here(tmp_path: Path) -> None:
    """At most sixteen documents or a megabyte; members, and files that cannot be opened, are read where they lie."""
    (tmp_path / "large.txt").write_bytes(b"x" * 1_500_000)
    small, large = Job("s", "s.txt", data=b"x"), Job("l", "large.txt", tmp_path / "large.txt")
    member, missing = Job("m", "m.txt", tmp_path / "a.zip", "m.txt"), Job("n", "n.txt", tmp_path / "n.txt")
    groups = list(_groups([*[small] * 20, large, small, member, missing, small]))
    assert [(len(g.jobs), g.sent is not None) for g in groups] == [
        (16, True),
        (5, True),
        (1, True),
        (2, False),
        (1, True),
    ]
    assert [job for g in groups for job in g.jobs] == [*[small] * 20, large, small, member, missing, small]


def test_without_ray_the_command_says_how_to_install_it(
    tmp_path: Path, sanad: Sanad, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines, nothing ingested."""
    monkeypatch.setitem(sys.modules, "ray", None)
    write(tmp_path / "releases", 2)
    done = sanad(tmp_path / "data", "ingest", str(tmp_path / "releases"), "--ray", "local")
    assert done.returncode == 2
    arabic, english = done.stderr.strip().splitlines()
    assert "Ray" in arabic
    assert "sanad[ray]" in english
