"""Logs: JSON lines that hold no token, no message and no name, at any level, tracebacks included.

Not by searching for secrets, which cannot know what people write, but by what is let through: of our own loggers the
named fields, of all others (httpx logs the token at INFO, python-telegram-bot whole updates at DEBUG) the place in the
code, the level and the constant template without what was to be filled in; of an exception its type and its frames, not
its message, which may quote anything.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog

_OURS = "sanad"
_EVENT = "event"
_CHATTY = ("httpx", "httpcore", "telegram", "tornado", "chromadb")
"""They tell each call and each step at INFO."""


class Safe(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The fields that are let through."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name.split(".")[0] == _OURS and isinstance(record.msg, dict):
            line |= {key: _plain(value) for key, value in record.msg.items() if key not in {"exc_info", "stack"}}
        else:
            line |= {_EVENT: _template(record), "at": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str) -> None:
    """Send all logs of the process, warnings and uncaught exceptions included, to standard error as safe lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Safe())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in list(logging.root.manager.loggerDict):  # handlers that libraries brought along
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    if level != "debug":
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _hand_on,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _uncaught


def told(error: BaseException | None) -> list[dict[str, Any]]:
    """An exception and those that caused it: types and frames, no messages."""
    chain: list[dict[str, Any]] = []
    while error is not None and len(chain) < 5:
        frames = traceback.extract_tb(error.__traceback__)
        chain.append(
            {"type": type(error).__name__, "frames": [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames]}
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def _hand_on(_logger: object, _method: str, event: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """structlog's last step: the fields as the record's message, the exception as the record's."""
    return (event,), {"exc_info": event.pop("exc_info", None)}


def _plain(value: object) -> object:
    """Numbers as they are; of strings, short names that our own code chose."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:100]


def _template(record: logging.LogRecord) -> str:
    """The message as written in the code where that can be told: a template whose values are still apart."""
    if isinstance(record.msg, str) and record.args:
        return record.msg
    return record.funcName


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("sanad").critical({_EVENT: "uncaught"}, exc_info=(kind, error, trace))
