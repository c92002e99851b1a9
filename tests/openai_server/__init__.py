"""An OpenAI-compatible HTTP server that says what a test tells it to, and fails as it is told."""

from tests.openai_server.server import Fault, Reply, Request, ScriptedServer

__all__ = ["Fault", "Reply", "Request", "ScriptedServer"]
