"""An OpenAI-compatible HTTP server that says what a test tells it to, and fails as it is told."""

from tests.openai_server.embeddings import Asked, EmbeddingServer, Trouble
from tests.openai_server.server import Fault, Reply, Request, ScriptedServer

__all__ = ["Asked", "EmbeddingServer", "Fault", "Reply", "Request", "ScriptedServer", "Trouble"]
