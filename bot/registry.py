"""All handlers, in the order in which they are tried: the first that matches an update takes it."""

from typing import Any

from telegram.ext import Application

from bot import (
    admin,
    browse,
    errors,
    feedback,
    funding,
    gate,
    inline,
    language,
    other_messages,
    question,
    sources,
    uploads,
)


def register(application: "Application[Any, Any, Any, Any, Any, Any]") -> None:
    """Add them to an Application."""
    application.add_handlers(gate.handlers(), group=gate.GROUP)
    for module in (sources, feedback, browse, funding, language, admin, uploads, inline, other_messages, question):
        application.add_handlers(module.handlers())
    application.add_error_handler(errors.on_error)
