"""One event loop in a thread of its own, where all calls of chat models run, whoever waits for them.

The connections of an HTTP client belong to one loop, and providers' packages share clients between models. So neither
a loop for each call (asyncio.run) nor the loops of several callers will do.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run there and wait here, in code without an event loop of its own."""
    return asyncio.run_coroutine_threadsafe(work, _running()).result()


async def stream(work: Callable[[], AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """What a generator gives that runs there; it ends when this one is closed or cancelled."""
    mine, there = asyncio.get_running_loop(), _running()
    if mine is there:
        async with aclosing(work()) as items:
            async for item in items:
                yield item
        return
    queue: asyncio.Queue[tuple[T] | None] = asyncio.Queue()

    def put(item: tuple[T] | None) -> None:
        with suppress(RuntimeError):  # the loop that waited is closed: nobody wants it
            mine.call_soon_threadsafe(queue.put_nowait, item)

    async def pump() -> None:
        async with aclosing(work()) as items:
            async for item in items:
                put((item,))

    pumping = asyncio.run_coroutine_threadsafe(pump(), there)
    pumping.add_done_callback(lambda _: put(None))
    try:
        while (got := await queue.get()) is not None:
            yield got[0]
        pumping.result()  # raises what the generator raised
    finally:
        pumping.cancel()


def _running() -> asyncio.AbstractEventLoop:
    global _loop  # noqa: PLW0603  one a process
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="chat-model", daemon=True).start()
        return _loop
