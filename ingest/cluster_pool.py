"""Workers of one kind on a Ray cluster: a bounded number of calls each, made again elsewhere where a worker dies.

Ray can restart actors by itself, but then a call waits for its own actor for good where a node does not come back.
"""

import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ingest.errors import ClusterFault

_log = logging.getLogger("sanad.cluster")

_DEPTH = 2
"""Calls that a worker has at once: the next one is there when it has done the first."""
_TRIES = 3
"""Workers that may die of one call before it is the call's fault."""
_PATIENCE = 120.0
"""Seconds within which the first worker must be ready: a model may have to be loaded."""


@dataclass(eq=False, slots=True)
class _Worker:
    handle: Any
    pid: int = 0
    calls: int = 0


@dataclass(eq=False, slots=True)
class _Call:
    """`argument` for a worker; `key` is given back with its result."""

    key: Any
    argument: Any
    worker: _Worker | None = None
    deaths: int = 0


class Pool:
    """Workers of a class with `ready()`, which returns its `pid` and `version` or an `error`, and `work(argument)`.

    All must be of one version: `version`, or that of the first. A worker of another is refused whole (ClusterFault).
    """

    def __init__(
        self, kind: type, arguments: tuple[Any, ...], size: int, *, gpus: int = 0, version: str | None = None
    ) -> None:
        import ray

        self._ray, self._version = ray, version
        self._kind, self._arguments = ray.remote(num_cpus=1, num_gpus=gpus, max_restarts=0)(kind), arguments
        self._starting: dict[Any, _Worker] = {}
        self._workers: list[_Worker] = []
        self._waiting: deque[_Call] = deque()
        self._calls: dict[Any, _Call] = {}
        self.limit = _DEPTH * size
        """Calls that keep all workers busy; more only wait."""
        for _ in range(size):
            self._start()

    def __len__(self) -> int:
        """Calls whose results were not yet taken."""
        return len(self._waiting) + len(self._calls)

    @property
    def version(self) -> str:
        """The version of all workers. Waits for the first; raises ClusterFault."""
        while self._version is None:
            self._step()
        return self._version

    @property
    def pids(self) -> list[int]:
        """The processes of the workers that are ready."""
        return [worker.pid for worker in self._workers]

    def submit(self, key: Any, argument: Any) -> None:
        """Have a worker do something, once one has room."""
        self._waiting.append(_Call(key, argument))
        self._hand_out()

    def next(self) -> tuple[Any, Any]:
        """(key, result) of a call that is done, whichever it is. Raises ClusterFault."""
        while True:
            done = self._step()
            if done is not None:
                return done

    def close(self) -> None:
        """End the workers."""
        for worker in (*self._workers, *self._starting.values()):
            with suppress(Exception):  # the cluster may be gone, and its workers with it
                self._ray.kill(worker.handle)
        self._workers.clear()
        self._starting.clear()
        self._calls.clear()
        self._waiting.clear()

    def _start(self) -> None:
        worker = _Worker(self._kind.remote(*self._arguments))
        self._starting[worker.handle.ready.remote()] = worker

    def _hand_out(self) -> None:
        while self._waiting and self._workers:
            worker = min(self._workers, key=lambda w: w.calls)
            if worker.calls >= _DEPTH:
                return
            call = self._waiting.popleft()
            call.worker = worker
            worker.calls += 1
            self._calls[worker.handle.work.remote(call.argument)] = call

    def _step(self) -> tuple[Any, Any] | None:
        """Wait until something happens; the result that it was, if it was one."""
        errors = self._ray.exceptions
        try:
            ready, _ = self._ray.wait([*self._calls, *self._starting], num_returns=1, timeout=_PATIENCE)
            if not ready and not self._workers:
                raise ClusterFault(
                    f"لم يبدأ أي عامل خلال {_PATIENCE:.0f} ثانية", f"no worker started within {_PATIENCE:.0f} s"
                )
            for reference in ready:
                if reference in self._starting:
                    self._began(self._starting.pop(reference), reference)
                    continue
                call = self._calls.pop(reference)
                assert call.worker is not None
                call.worker.calls -= 1
                try:
                    result = self._ray.get(reference)
                except errors.RayActorError:
                    self._died(call)
                    continue
                self._hand_out()
                return call.key, result
        except (errors.RayError, OSError) as error:  # OSError: the connection to the cluster broke
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise ClusterFault(f"خلل في العنقود ({lines[-1][:200]})", f"a fault there ({lines[-1][:200]})") from error
        return None

    def _began(self, worker: _Worker, reference: Any) -> None:
        try:
            said = self._ray.get(reference)
        except self._ray.exceptions.RayActorError as error:
            if not self._workers and not self._starting:
                raise ClusterFault("لا يبدأ أي عامل", "no worker starts there") from error
            return
        if "error" in said:
            raise ClusterFault(*said["error"])
        self._version = self._version or said["version"]
        if said["version"] != self._version:
            raise ClusterFault(
                f"إصدار آخر من سند أو من النموذج ({said['version']}، والمطلوب {self._version})",
                f"another version of Sanad or of the model there ({said['version']}, expected {self._version})",
            )
        worker.pid = said["pid"]
        self._workers.append(worker)
        self._hand_out()

    def _died(self, call: _Call) -> None:
        """A worker died: its calls are made again, the first ones first, and another worker is started in its place."""
        if call.worker in self._workers:
            assert call.worker is not None
            self._workers.remove(call.worker)
            _log.warning("a worker died; its work goes to others")
            self._start()
        call.worker, call.deaths = None, call.deaths + 1
        if call.deaths >= _TRIES:
            raise ClusterFault(f"توقف {_TRIES} عمال عند العمل نفسه", f"{_TRIES} workers died of the same work")
        self._waiting.appendleft(call)
        self._hand_out()
