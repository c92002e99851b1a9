"""Runs the ingest process from the bot: request in, progress and result out."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from settings import Settings

Reason = Literal["told", "memory", "time", "broken"]
Progress = Callable[[int, int], Awaitable[None]]

_LINE = 8 << 20
"""The longest line that the process may write."""
_STARTUP_SECONDS = 120
_PREVIEW_SECONDS = 60
"""Of processor time: somebody waits for a preview."""
_ROOT = str(Path(__file__).resolve().parent.parent)
_CODE = f"import sys; sys.path.insert(0, {_ROOT!r}); from bot.ingest_child import main; main()"


class IngestFailed(Exception):
    """What was asked for was not done. `told` has messages for people; else it went beyond a limit, or broke."""

    def __init__(self, reason: Reason, kind: str = "", arabic: str = "", english: str = "") -> None:
        super().__init__(kind or reason)
        self.reason = reason
        self.kind = kind
        self.arabic = arabic
        self.english = english


async def run(
    action: str, request: Mapping[str, Any], settings: Settings, progress: Progress | None = None
) -> dict[str, Any]:
    """The result of an action of bot/ingest_child.py. Raises IngestFailed; the process is gone when this returns."""
    seconds = min(settings.ingest_cpu_seconds, _PREVIEW_SECONDS if action == "preview" else settings.ingest_cpu_seconds)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CODE,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=_LINE,
    )  # fmt: skip
    whole = {
        **request,
        "action": action,
        "data_dir": str(settings.data_dir.resolve()),
        "embedding_model": settings.embedding_model,
        "embedding_endpoint": settings.embedding_endpoint(),
        "device": settings.device,
        "memory_mb": settings.ingest_memory_mb,
        "cpu_seconds": seconds,
        "read_seconds": settings.read_seconds,
        "read_megabytes": settings.read_megabytes,
        "fetch_allowed": sorted(settings.fetch_allowed),
        "fetch_interval": settings.fetch_interval,
        "user_agent": settings.user_agent,
        "reliefweb_appname": settings.reliefweb_appname,
        "sources": str(settings.sources.resolve()),
        "snapshot_url": settings.snapshot_url,
        "chroma": settings.chroma_server(),  # keys go over the pipe, which nobody else reads
    }
    try:
        async with asyncio.timeout(2 * seconds + _STARTUP_SECONDS):
            return await _result(process, whole, progress)
    except TimeoutError as error:
        raise IngestFailed("time") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()


async def _result(
    process: asyncio.subprocess.Process, request: Mapping[str, Any], progress: Progress | None
) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
    while line := await process.stdout.readline():
        message = _message(line)
        if "progress" in message and progress is not None:
            await progress(*message["progress"])
        if "result" in message:
            return dict(message["result"])
        if "error" in message:
            error = message["error"]
            reason: Reason = "memory" if error["kind"] == "MemoryError" else "told" if "ar" in error else "broken"
            raise IngestFailed(reason, error["kind"], error.get("ar", ""), error.get("en", ""))
    code = await process.wait()
    # Without a word: killed by the limit of time (SIGXCPU, or SIGKILL behind it) or by that of memory.
    raise IngestFailed("time" if code == -24 else "memory" if code in {-6, -9, -11} else "broken", f"exit {code}")


def _message(line: bytes) -> dict[str, Any]:
    """A line of ours; what a library prints is none."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
