"""Ingesting with the embedding elsewhere: at an endpoint on loopback, and on a Ray cluster of this machine.

python -m benchmarks.bulk_embedding [--releases 7000] [--without-ray]

The endpoint has the bundled model, so that what is measured is the way there and back: a model that is worth the way
takes longer than it. One worker of the cluster is killed in the middle of embedding.
"""

import argparse
import importlib.util
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from langchain_core.embeddings import Embeddings

from benchmarks.same_generation import differences
from benchmarks.synthetic import write
from ingest.pipeline import ingest
from ingest.reading import Limits, Readers
from vectorstore.embeddings import Vectors, embed, load_embeddings
from vectorstore.endpoint import Endpoint
from vectorstore.generations import Generations
from vectorstore.remote import RemoteEmbeddings
from vectorstore.snapshot import read_passages

_SERVER = (
    "import time; from tests.openai_server import EmbeddingServer; from vectorstore.embeddings import embed, load_embeddings; "
    "model = load_embeddings(); server = EmbeddingServer(lambda texts: embed(model, texts)); "
    "print(server.url, flush=True); time.sleep(36000)"
)
_TEXTS = 5000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=7000)
    parser.add_argument("--without-ray", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="  %(name)s: %(message)s")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root / "source", options.releases)
        plain = load_embeddings()
        _ingest(root, "plain", plain)
        texts = _texts(root)
        began = time.perf_counter()
        for start in range(0, len(texts), 512):
            embed(plain, texts[start : start + 512])
        _rate("  embedding alone, 512 texts at a time", len(texts), began)
        _endpoint(root, texts)
        if not options.without_ray and importlib.util.find_spec("ray") is not None:
            _cluster(root, texts)


def _endpoint(root: Path, texts: list[str]) -> None:
    server = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        endpoint = Endpoint(server.stdout.readline().strip(), "static-ar")
        remote = RemoteEmbeddings(endpoint)
        _ingest(root, "endpoint", remote)
        remote.close()
        for requests, batch in ((1, 64), (2, 64), (8, 64), (8, 256)):
            remote = RemoteEmbeddings(Endpoint(endpoint.url, "static-ar", requests=requests, batch=batch))
            began = time.perf_counter()
            for _ in remote.stream(texts):
                pass
            _rate(f"  embedding alone, {requests} × {batch} texts under way", len(texts), began)
            took = []
            for text in texts[:100]:
                began = time.perf_counter()
                remote.embed_query(text[:80])
                took.append(time.perf_counter() - began)
            remote.close()
        took.sort()
        sys.stdout.write(f"  a question's vector: p50 {took[50] * 1000:.1f} ms, p95 {took[95] * 1000:.1f} ms\n")
    finally:
        server.kill()
        server.wait()


def _cluster(root: Path, texts: list[str]) -> None:
    from ingest.cluster import Cluster, ClusterEmbeddings

    class Attacked(ClusterEmbeddings):
        """Loses a worker after a quarter of the batches."""

        def stream(self, texts: Iterable[str]) -> Iterator[tuple[list[str], Vectors]]:
            wanted = list(texts)
            for number, (part, vectors) in enumerate(super().stream(wanted)):
                if number == len(wanted) // 256 // 4:
                    at_hand = sum(len(c.argument) for c in self.pool._calls.values())
                    os.kill(self.pool.pids[0], signal.SIGKILL)
                    sys.stdout.write(f"  a worker was killed, {at_hand} texts were at hand\n")
                yield part, vectors

    began = time.perf_counter()
    with Cluster("local") as cluster:
        sys.stdout.write(f"Ray started in {time.perf_counter() - began:.1f} s: {cluster.workers} worker(s)\n")
        for name, kind in (("Ray", ClusterEmbeddings), ("Ray, a worker killed", Attacked)):
            embeddings = kind(cluster, None, "cpu")
            with Readers() as local:
                _ingest(root, name, embeddings, cluster.readers(local, Limits()))
            if kind is ClusterEmbeddings:
                began = time.perf_counter()
                for _ in embeddings.stream(texts):
                    pass
                _rate("  embedding alone, 256 texts at a time", len(texts), began)
            embeddings.pool.close()


def _ingest(root: Path, name: str, embeddings: Embeddings, readers: Readers | None = None) -> None:
    report = ingest([root / "source"], data_dir=root / name, embeddings=embeddings, readers=readers)
    one, other = (root / n / "generations" / str(report.generation) for n in ("plain", name))
    tolerance = 1e-6 if name == "endpoint" else 0.0  # its vectors are brought to length one again
    found = (
        ""
        if name == "plain"
        else f"; differs in: {', '.join(differences(one, other, tolerance=tolerance)) or 'nothing'}"
    )
    sys.stdout.write(
        f"{name:<22} {report.passages} passages, {report.embedded} embedded in {report.seconds:.1f} s = "
        f"{report.passages / report.seconds:.0f} a second{found}\n"
    )
    sys.stdout.flush()


def _texts(root: Path) -> list[str]:
    live = Generations(root / "plain" / "generations").current()
    assert live is not None
    return [p.text for p in islice(read_passages(live / "passages.db"), _TEXTS)]


def _rate(name: str, texts: int, began: float) -> None:
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{name:<45} {texts} texts in {seconds:.1f} s = {texts / seconds:.0f} a second\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
