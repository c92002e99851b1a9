"""The corpus of the chain's tests, ingested once, and a scripted server."""

import pytest

from tests.answering.house import build
from tests.openai_server import ScriptedServer


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """Four releases."""
    opened = build(tmp_path_factory.mktemp("house"))
    yield opened
    opened.close()


@pytest.fixture
def server():
    """An OpenAI-compatible server on loopback."""
    running = ScriptedServer()
    yield running
    running.close()
