"""Is the bot alive, and is it ready: what monitors, proxies and process managers ask at SANAD_METRICS_PORT.

All three paths are served from the event loop itself, so that a loop that hangs answers none of them.

- `/healthz`: the loop turns and the database's thread takes work, whatever comes of it. Failing means: restart me.
- `/readyz`: each check with its reason. Failing means: send nobody here, and tell somebody; a restart mends nothing.
- `/metrics`: for Prometheus, the checks among them.
"""

import asyncio
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from typing import Any

from prometheus_client.exposition import choose_encoder
from sqlalchemy import Connection, delete, insert
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.services import Services
from bot.store.schema import probes

_WRITTEN_SECONDS = 5.0
"""After so long a database that has not written counts as one that cannot."""
_HUNG_SECONDS = 25.0
"""After so long its thread counts as hung: longer than two batches wait for a lock, which a restart would not undo."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `reason` says how it is, well or not."""

    ok: bool
    reason: str
    number: int | None = None
    """Of the generation."""
    age_seconds: float | None = None


async def is_alive(services: Services) -> bool:
    """Whether the database's thread takes work; that the caller runs shows that the loop turns."""
    if services.store.away:  # a server that comes back without a restart of the bot
        return True
    try:
        async with asyncio.timeout(_HUNG_SECONDS):
            await services.store.run(lambda _connection: None)
    except TimeoutError:
        return False
    except Exception:  # a database that is away comes back without a restart
        return True
    return True


async def readiness(services: Services) -> dict[str, Check]:
    """Every check by name; the bot is ready if all are ok."""
    standing = services.standing
    return {
        "running": Check(standing.stage == "running", standing.stage),
        "token": Check(
            standing.token_accepted is True,
            {True: "accepted", False: "declined by Telegram", None: "Telegram not reached yet"}[
                standing.token_accepted
            ],
        ),
        "database": await _database(services),
        "generation": _generation(services),
        "updates": _updates(services),
    }


async def _database(services: Services) -> Check:
    """Write something, for a full or read-only disk reads on."""
    if services.store.away:
        return Check(False, "the server is away")
    try:
        async with asyncio.timeout(_WRITTEN_SECONDS):
            await services.store.run(_write)
    except TimeoutError:
        return Check(False, f"not written within {_WRITTEN_SECONDS:g} s")
    except Exception as error:
        return Check(False, f"cannot be written ({type(error).__name__})")
    return Check(True, "written")


def _write(connection: Connection) -> None:
    row = secrets.randbits(62)  # of its own: replicas that probe at the same time never wait for each other
    connection.execute(insert(probes).values(id=row))
    connection.execute(delete(probes).where(probes.c.id == row))


def _generation(services: Services) -> Check:
    standing = services.standing
    if not standing.generation:
        return Check(False, standing.generation_trouble)
    return Check(True, "open", standing.generation, round(time.time() - standing.generation_made, 1))


def _updates(services: Services) -> Check:
    heard, trouble = services.standing.heard, services.standing.trouble
    if heard is None:
        return Check(False, trouble)
    age = round(time.monotonic() - heard, 1)
    if age > services.settings.ready_seconds:
        return Check(False, trouble or "Telegram was not heard", age_seconds=age)
    return Check(True, "arriving", age_seconds=age)


class _Page(RequestHandler):
    def initialize(self, services: Services) -> None:
        self.services = services

    def _tell(self, ok: bool, told: dict[str, Any]) -> None:
        self.set_status(200 if ok else 503)
        self.set_header("Cache-Control", "no-store")
        self.finish(told)


class _Alive(_Page):
    async def get(self) -> None:
        alive = await is_alive(self.services)
        self._tell(alive, {"alive": alive, "reason": "ok" if alive else "the database's thread hangs"})


class _Ready(_Page):
    async def get(self) -> None:
        checks = await readiness(self.services)
        ready = all(check.ok for check in checks.values())
        told = {n: {k: v for k, v in asdict(c).items() if v is not None} for n, c in checks.items()}
        self._tell(ready, {"ready": ready, "checks": told})


class _Metrics(_Page):
    async def get(self) -> None:
        metrics, standing = self.services.metrics, self.services.standing
        for name, check in (await readiness(self.services)).items():
            metrics.ready.labels(name).set(check.ok)
        disk = shutil.disk_usage(self.services.settings.data_dir)
        metrics.disk_free.set(disk.free)
        metrics.disk_size.set(disk.total)
        if standing.heard is not None:
            metrics.heard.set(time.time() - (time.monotonic() - standing.heard))
        encode, kind = choose_encoder(self.request.headers.get("Accept", ""))
        self.set_header("Content-Type", kind)
        self.finish(encode(metrics.registry))


def listen(services: Services, host: str, port: int) -> HTTPServer:
    """Serve the three paths from the running loop; `stop` the server in the end. Raises OSError where the port is taken."""
    shared = {"services": services}
    pages = [("/healthz", _Alive, shared), ("/readyz", _Ready, shared), ("/metrics", _Metrics, shared)]
    return Application(pages, log_function=lambda _handler: None).listen(port, host)
