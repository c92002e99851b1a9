"""Nothing leaves the machine unless our own setting says so."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from answering.answer import Ask
from answering.tracing import SpanHandler
from tests.answering.house import ANSWER, QUESTION, RELEASES, SWEDEN, draft, with_ids, writer
from tests.openai_server import Fault, Reply, ScriptedServer

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def collector():
    """What LangSmith would get."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_PATCH = _take  # noqa: N815

        def log_message(self, *args) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", seen
    http.shutdown()
    http.server_close()
    thread.join(5)


def _ask(folder: Path, server: ScriptedServer, collector: str, **settings: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SANAD_", "LANG", "OTEL"))} | {
        "LANGCHAIN_TRACING_V2": "true", "LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "k", "LANGCHAIN_API_KEY": "k",
        "LANGSMITH_ENDPOINT": collector, "LANGCHAIN_ENDPOINT": collector, "PYTHONPATH": str(_ROOT),
        "SANAD_DATA_DIR": str(folder / "data"), "SANAD_CHAT_MODEL": "openai:test", "SANAD_CHAT_URL": server.url,
    } | settings  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(_ROOT / "cli.py"), "ask", "--json", QUESTION],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder for processes."""
    from tests.answering.house import build

    path = tmp_path_factory.mktemp("traced")
    build(path, {"sweden.md": RELEASES["sweden.md"]}).close()
    return path


def test_langsmith_in_the_environment_alone_sends_nothing(folder, server, collector) -> None:
    """`sanad ask` answers by the model, and nobody else hears of it; with our setting LangSmith does."""
    url, seen = collector
    server.script(lambda r: Reply(with_ids(draft((ANSWER, SWEDEN)), r.text)))
    assert '"outcome": "written"' in _ask(folder, server, url)
    assert seen == []
    assert '"outcome": "written"' in _ask(folder, server, url, SANAD_TRACING="langsmith")
    assert seen


def test_opentelemetry_gets_spans_without_anybodys_text(corpus, server) -> None:
    """The chain with its model calls below it, tokens, errors; no question, no quote."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    server.script(
        Fault("status", 500, (("Retry-After", "0"),)), lambda r: Reply(with_ids(draft((ANSWER, SWEDEN)), r.text))
    )
    found = writer(corpus, server, callbacks=[SpanHandler(provider)]).invoke(Ask(QUESTION))
    assert found.trace.outcome == "written"
    spans = exporter.get_finished_spans()
    top = next(s for s in spans if s.parent is None)
    calls = [s for s in spans if s.attributes.get("gen_ai.request.model") == "test-model"]
    assert {s.parent.span_id for s in calls} == {top.context.span_id}
    assert [s.status.is_ok for s in calls].count(False) + len(calls) >= 2
    assert any(s.attributes.get("gen_ai.usage.input_tokens") == 100 for s in calls)
    told = " ".join(f"{s.name} {dict(s.attributes)} {s.status.description}" for s in spans)
    assert "السويد" not in told
