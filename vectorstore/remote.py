"""Embeddings from an OpenAI-compatible endpoint as a LangChain `Embeddings`."""

import asyncio
import hashlib
import json
import logging
import threading
import time
import weakref
from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any

from langchain_core.embeddings import Embeddings

from vectorstore.embeddings import Vectors, family_prompts
from vectorstore.endpoint import Client, Endpoint
from vectorstore.errors import EndpointError, EndpointUnavailable

_log = logging.getLogger("sanad.embedding")

_REST = 10.0
"""Seconds for which an endpoint that failed a question is not asked another: each would wait in vain."""


class RemoteEmbeddings(Embeddings):
    """Vectors from an endpoint. Nothing is asked of it before the first text, so that it may be down at the start.

    The fingerprint is made of what names the vectors (the model, its prompts, the dimensions asked for) and not of the
    URL: the same model elsewhere goes on with the same index. Whether the server still has the model of that name is
    seen in its vectors (EndpointChanged). Safe to share between threads.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        query, passage = family_prompts(endpoint.model)
        self._endpoint = endpoint
        self._query = query if endpoint.query_prompt is None else endpoint.query_prompt
        self._passage = passage if endpoint.passage_prompt is None else endpoint.passage_prompt
        named = json.dumps([endpoint.model, self._query, self._passage, endpoint.dimensions])
        self.fingerprint = f"endpoint:{hashlib.sha256(named.encode()).hexdigest()[:16]}"
        self.place = endpoint.place
        self._lock = threading.Lock()
        self._line: _Line | None = None
        self._rests_until = 0.0

    def close(self) -> None:
        """Let go of the connections; the next text opens them again."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question. Raises EndpointError, after `query_seconds` at the latest.

        Once it failed it fails at once for ten seconds, which the log tells.
        """
        if time.monotonic() < self._rests_until:
            raise EndpointUnavailable(self.place, "it failed a moment ago")
        line = self._connected()
        try:
            vectors = line.start(line.client.question(self._query + text)).result()
        except EndpointError as error:
            self._rests_until = time.monotonic() + _REST
            _log.warning(
                "%s: %s; for %.0f s questions are answered by their words alone", self.place, error.reason, _REST
            )
            raise
        return vectors[0].tolist()  # type: ignore[no-any-return]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of passages. Raises EndpointError."""
        found: dict[str, list[float]] = {}
        for part, vectors in self.stream(dict.fromkeys(texts)):
            found.update(zip(part, vectors.tolist(), strict=True))
        return [found[text] for text in texts]

    def stream(self, texts: Iterable[str]) -> Iterator[tuple[list[str], Vectors]]:
        """Passages with their unit vectors, a batch at a time in the order in which they are done.

        The texts are taken as there is room for them: what is under way stays bounded however many there are. Raises
        EndpointError after everything that was under way has been given out.
        """
        line, source, failure = self._connected(), iter(texts), None
        waiting: dict[Future[Vectors], list[str]] = {}
        try:
            while True:
                while failure is None and len(waiting) < self._endpoint.requests:
                    part = list(islice(source, line.client.batch))
                    if not part:
                        break
                    waiting[line.start(line.client.vectors([self._passage + text for text in part]))] = part
                if not waiting:
                    break
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    part = waiting.pop(future)
                    try:
                        vectors = future.result()
                    except EndpointError as error:
                        failure = failure or error
                    else:
                        yield part, vectors
        finally:
            for future in waiting:
                future.cancel()
        if failure is not None:
            raise failure

    def _connected(self) -> "_Line":
        with self._lock:
            if self._line is None:
                self._line = _Line(self._endpoint)
                weakref.finalize(self, self._line.close)
            return self._line


class _Line:
    """A client in an event loop of its own thread: all threads share its connections, and deadlines hold to the instant."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.client = Client(endpoint)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sanad-embedding", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, Vectors]) -> Future[Vectors]:
        """Begin; cancelling the future ends it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """End what is under way and the thread; a second time does nothing."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.client.close()
