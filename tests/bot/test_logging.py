"""No token, message or name passes the log, at any level, tracebacks included."""

import json
import logging

import pytest

from bot.log import Safe, told

SECRET = "7000000001:AAsecret-token"  # noqa: S105  opens nothing
WRITTEN = "رسالة سرية من هدى"


def shown(logger: str, message: object, *args: object, error: Exception | None = None) -> str:
    """A record as it is written."""
    exc = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(logger, logging.DEBUG, __file__, 1, message, args, exc, func="work")
    return Safe().format(record)


@pytest.mark.parametrize(
    ("logger", "message", "args"),
    [
        ("httpx", "HTTP Request: %s %s", ("POST", f"https://api.telegram.org/bot{SECRET}/sendMessage")),
        ("telegram.ext.Application", "Processing update %s", (WRITTEN,)),
        ("telegram.Bot", f"Calling with {WRITTEN} {SECRET}", ()),
        ("py.warnings", "%s", (f"{WRITTEN} {SECRET}",)),
        ("asyncio", f"Task exception was never retrieved {WRITTEN}", ()),
        ("tornado.access", "%d %s", (200, WRITTEN)),
    ],
)
def test_other_loggers_tell_the_place_and_the_template(logger: str, message: str, args: tuple[object, ...]) -> None:
    """Of libraries the values are left out, and messages that were put together before."""
    line = shown(logger, message, *args)
    assert SECRET not in line
    assert WRITTEN not in line
    assert json.loads(line)["at"] == "test_logging:1"


def test_exceptions_tell_types_and_frames() -> None:
    """The chain of causes is told without the messages, which quote what was sent."""
    with pytest.raises(RuntimeError) as raised:
        _fail()
    line = shown("sanad.bot", {"event": "handler_failed"}, error=raised.value)
    assert [e["type"] for e in told(raised.value)] == ["RuntimeError", "ValueError"]
    assert WRITTEN not in line
    assert SECRET not in line
    assert "_fail" in line


def test_our_fields_are_told() -> None:
    """Our own loggers' fields are JSON."""
    line = json.loads(shown("sanad.bot", {"event": "answered", "request": 5, "seconds": 0.25, "prompt": None}))
    assert (line["event"], line["request"], line["seconds"], line["prompt"]) == ("answered", 5, 0.25, None)


def _fail() -> None:
    try:
        raise ValueError(WRITTEN)
    except ValueError as cause:
        raise RuntimeError(f"failed for {WRITTEN} with {SECRET}") from cause
