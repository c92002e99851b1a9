"""Work on the corpus that was said yes to: done in the ingest process, told in the message that asked, finished after a kill."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any, cast

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.cluster import Replica
from bot.delivery import Delivery, Gone, Target, Text
from bot.ingest_process import IngestFailed, run
from bot.keyboards import button, release_key
from bot.part import Part
from bot.render import text_part
from bot.reports import failed_text, report_text
from bot.services import Services
from bot.store import jobs
from bot.store.jobs import Job
from bot.texts import Language, Wording

Spawn = Callable[[Coroutine[Any, Any, None]], object]

_EDIT_SECONDS = 3.0
"""Progress is shown no more often: Telegram counts edits."""
_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 20.0
"""After so long a job that nobody has begun is given another look."""
_WAITING_DAYS = 2
"""So long an upload waits for its yes."""

_log = structlog.get_logger("sanad.bot.jobs")


async def resume(services: Services, delivery: Delivery, spawn: Spawn) -> None:
    """Go on with the jobs that a kill cut off, and forget uploads that nobody said yes or no to."""
    for job in await services.store.run(lambda connection: jobs.in_state(connection, "running")):
        if services.replica is None:  # else `watch` does
            spawn(work(services, delivery, job.key))
    for job in await services.store.run(lambda connection: jobs.in_state(connection, "waiting")):
        if (services.replica is None or services.replica.writer) and job.at < time.time() - _WAITING_DAYS * 86_400:
            await cancel(services, job.key)


async def watch(services: Services, delivery: Delivery, spawn: Spawn, replica: Replica) -> None:
    """Until cancelled: take up jobs that other replicas were told to do, or died over; say so where nobody can."""
    told: set[str] = set()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            found = await services.store.run(lambda connection: jobs.in_state(connection, "running"))
        except SQLAlchemyError:
            continue
        for job in found:
            here = Path(job.payload["path"]).exists() if "path" in job.payload else True
            old = job.at < time.time() - _PATIENCE_SECONDS
            if replica.writer and (here or old):  # a file that nobody has is told as any ingest that fails
                spawn(work(services, delivery, job.key))
            elif not replica.standing.writers and job.key not in told and old:
                told.add(job.key)
                t = services.texts[cast("Language", job.language)]
                await _show(delivery, job, text_part(t.rich("job_waits"), t.language))


async def cancel(services: Services, key: str) -> Job | None:
    """Drop a waiting job and its file; None if it is not waiting any more."""
    job = await services.store.run(
        lambda connection: jobs.find(connection, key) if jobs.move(connection, key, "waiting", "cancelled") else None
    )
    if job is not None:
        drop_pending(job)
    return job


def drop_pending(job: Job) -> None:
    """Delete the folder in which an upload waited."""
    if path := job.payload.get("path"):
        rmtree(Path(path).parent, ignore_errors=True)


async def work(services: Services, delivery: Delivery, key: str) -> None:
    """Do a running job and show in its message how it goes and what came of it. Never raises for a failed ingest.

    Of several replicas one does it; on the others this returns at once.
    """
    replica = services.replica
    if replica is None:
        await _do(services, delivery, key)
    elif await replica.begin_job(key):
        try:
            await _do(services, delivery, key)
        finally:
            await replica.end_job(key)


async def _do(services: Services, delivery: Delivery, key: str) -> None:
    job = await services.store.run(lambda connection: jobs.find(connection, key))
    if job is None or job.state != "running":
        return
    t = services.texts[cast("Language", job.language)]
    shown = 0.0
    result: Mapping[str, Any] = {}

    async def progress(done: int, of: int) -> None:
        nonlocal shown
        if time.monotonic() - shown >= _EDIT_SECONDS:
            shown = time.monotonic()
            await _show(delivery, job, text_part(t.rich("job_progress", done=done, of=of), t.language))

    await _show(delivery, job, text_part(t.rich("job_running"), t.language))
    try:
        result = await run(job.kind, job.payload, services.settings, progress)
        text, state = report_text(job.kind, result, t), "done"
    except IngestFailed as failure:
        _log.warning("job_failed", job=job.kind, reason=failure.reason, kind=failure.kind)
        text, state = failed_text(failure, t), "failed"
    drop_pending(job)
    after = cast("jobs.State", state)
    await services.store.run(lambda connection: jobs.move(connection, key, "running", after))
    _log.info("job", job=job.kind, state=state)
    await _show(delivery, job, text_part(text, t.language, _opened(result, t) if state == "done" else None))


def _opened(result: Mapping[str, Any], t: Wording) -> InlineKeyboardMarkup | None:
    """A button for the page of the release that came in, so that its facts can be checked at once."""
    names = [*result.get("added", ()), *result.get("changed", ())]
    return (
        InlineKeyboardMarkup([[button(t("release_page"), f"b:r:{release_key(names[0])}")]]) if len(names) == 1 else None
    )


async def _show(delivery: Delivery, job: Job, part: Part) -> None:
    """Edit the job's message; work on the corpus does not stop because a chat is gone."""
    try:
        await delivery.edit(Target(job.chat), job.message, Text(part))
    except (TelegramError, Gone) as error:
        _log.warning("job_not_shown", error=type(error).__name__)
