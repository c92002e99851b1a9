"""What administrators alone may: state, re-reading, removal, the generation before; the buttons of jobs."""

import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select
from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler
from telegram.ext import filters as only

from bot import jobs as running
from bot.context import Context
from bot.ingest_process import IngestFailed, run
from bot.keyboards import button, release_key
from bot.releases import find, search
from bot.render import text_part
from bot.richtext import Rich, lines
from bot.store import jobs
from bot.store.jobs import Kind
from bot.store.schema import answers
from bot.store.updates import depth
from bot.texts import Wording
from bot.uploads import free_target
from vectorstore.errors import VectorStoreError
from vectorstore.generations import Generations

Handlers = list[CommandHandler[Context, None] | CallbackQueryHandler[Context, None]]

_CHOICES = 6
"""Releases that /remove with words offers."""


def handlers() -> Handlers:
    """For the commands and the callbacks `a:rm:<release>`, `a:ok|new|no:<job>`."""
    fresh = only.UpdateType.MESSAGE
    return [
        CommandHandler("status", status, fresh),
        CommandHandler("reingest", reingest, fresh),
        CommandHandler("remove", remove, fresh),
        CommandHandler("rollback", rollback, fresh),
        CallbackQueryHandler(ask_removal, pattern=r"^a:rm:[0-9a-f]{12}$"),
        CallbackQueryHandler(decided, pattern=r"^a:(ok|new|no):[0-9a-f]{16}$"),
    ]


async def _allowed(context: Context) -> bool:
    """Whether the user is an administrator; one who is not is told so, and nothing else happens."""
    if context.is_admin:
        return True
    t = context.services.texts[context.language]
    if context.incoming.callback_query is not None:
        await context.answer_callback(t("admins_only"), alert=True)
    else:
        await context.send(text_part(t.rich("admins_only"), t.language))
    return False


async def status(_update: Update, context: Context) -> None:
    """What is live, what was asked, what waits."""
    if not await _allowed(context):
        return
    t = context.services.texts[context.language]
    try:
        live = await context.in_thread(_live, context, t)
    except VectorStoreError as error:
        live = (t.rich("status_none", why=error.message_en if t.language == "en" else error.message_ar),)
    counts = await context.services.store.run(_counts)
    ran = await _last_run(context, t)
    hours, minutes = divmod(int(time.time() - context.services.standing.started) // 60, 60)
    await context.send(
        text_part(
            lines(
                t.rich("status_head"),
                *live,
                *ran,
                t.rich("status_asked", day=counts["day"], refused=counts["refused"]),
                t.rich("status_queue", waiting=max(0, counts["waiting"] - 1), jobs=counts["jobs"]),
                t.rich("status_uptime", hours=hours, minutes=minutes),
            ),
            t.language,
        )
    )


async def _last_run(context: Context, t: Wording) -> list[Rich]:
    try:
        found = await run("last_run", {}, context.services.settings)
    except IngestFailed:
        found = {}
    if not found:
        return []
    began = datetime.fromisoformat(found["started"]).astimezone(UTC)
    return [
        t.rich(
            "status_run" if found["finished"] else "status_run_open", day=t.day(began.date()), time=f"{began:%H:%M} UTC"
        )
    ]


def _live(context: Context, t: Wording) -> tuple[Rich, ...]:
    generations = Generations(context.services.settings.data_dir / "generations")
    with context.services.corpus.view() as view:
        manifest = view.manifest
    made = datetime.fromisoformat(manifest.created).astimezone(UTC)
    return (
        t.rich("status_live", generation=manifest.number, day=t.day(made.date()), time=f"{made:%H:%M} UTC"),
        t.rich(
            "status_counts",
            count=t("count_releases", n=manifest.releases),
            passages=t("count_passages", n=manifest.passages),
        ),
        t.rich("status_kept", numbers=t("comma").join(map(str, generations.numbers()))),
    )


def _counts(connection: Connection) -> dict[str, int]:
    def count(query: Any) -> int:
        return int(connection.execute(query).scalar() or 0)

    day = select(func.count()).select_from(answers).where(answers.c.at > time.time() - 86_400)
    return {
        "day": count(day),
        "refused": count(day.where(answers.c.answer.contains('"refused": true'))),
        "waiting": depth(connection),
        "jobs": count(select(func.count()).select_from(jobs.jobs).where(jobs.jobs.c.state == "running")),
    }


async def reingest(_update: Update, context: Context) -> None:
    """Read again what changed of the ingested files."""
    if await _allowed(context):
        t = context.services.texts[context.language]
        message = await context.send(text_part(t.rich("job_running"), t.language))
        if await _put(context, "reingest", {}, message, "running"):
            key = jobs.key_of(context.incoming.update_id)
            context.spawn(running.work(context.services, context.delivery, key))


async def remove(_update: Update, context: Context) -> None:
    """Ask whether to remove the release of that id; with other words offer the releases that they find."""
    if not await _allowed(context):
        return
    t = context.services.texts[context.language]
    words = " ".join(context.args or ())[:200]
    try:
        found = await context.in_thread(_candidates, context, words) if words else []
    except VectorStoreError:
        found = []
    if not found:
        await context.send(
            text_part(t.rich("remove_unknown", words=words) if words else t.rich("remove_usage"), t.language)
        )
        return
    if found[0][0] == words:
        await _ask(context, "remove", {"release": words}, t.rich("remove_ask", title=found[0][1]), "remove_button")
        return
    rows = [[button(f"🗑 {title[:50]}", f"a:rm:{release_key(name)}")] for name, title in found]
    await context.send(text_part(t.rich("remove_which"), t.language, InlineKeyboardMarkup(rows)))


def _candidates(context: Context, words: str) -> list[tuple[str, str]]:
    """(id, title) of the release of that id, or of the best that the words find."""
    with context.services.corpus.view() as view:
        names = [words] if words in view.ledger.ids() else search(view, words)[:_CHOICES]
        return [(name, view.ledger.release(name).title) for name in names]


async def ask_removal(update: Update, context: Context) -> None:
    """Ask for a yes before a release is removed."""
    if not await _allowed(context):
        return
    assert update.callback_query is not None
    t = context.services.texts[context.language]
    found = await context.in_thread(_release, context, (update.callback_query.data or "").split(":")[2])
    await context.answer_callback("" if found else t("release_gone"), alert=not found)
    if found:
        name, title = found
        await _ask(context, "remove", {"release": name}, t.rich("remove_ask", title=title), "remove_button")


def _release(context: Context, key: str) -> tuple[str, str] | None:
    try:
        with context.services.corpus.view() as view:
            name = find(view.ledger, key)
            return (name, view.ledger.release(name).title) if name is not None else None
    except VectorStoreError:
        return None


async def rollback(_update: Update, context: Context) -> None:
    """Ask for a yes before the generation before is made live again."""
    if not await _allowed(context):
        return
    t = context.services.texts[context.language]
    left, to = await context.in_thread(_before, context)
    if left is None or to is None:
        await context.send(text_part(t.rich("rollback_none"), t.language))
        return
    await _ask(
        context, "rollback", {"left": left, "to": to}, t.rich("rollback_ask", left=left, to=to), "rollback_button"
    )


def _before(context: Context) -> tuple[int | None, int | None]:
    """The number of the live generation and of the newest one before it on disk."""
    generations = Generations(context.services.settings.data_dir / "generations")
    live = generations.manifest()
    if live is None:
        return None, None
    return live.number, max((n for n in generations.numbers() if n < live.number), default=None)


async def _ask(context: Context, kind: Kind, payload: dict[str, Any], question: Rich, yes: str) -> None:
    t = context.services.texts[context.language]
    key = jobs.key_of(context.incoming.update_id)
    row = [button(t(yes), f"a:ok:{key}"), button(t("cancel_button"), f"a:no:{key}")]
    message = await context.send(text_part(question, t.language, InlineKeyboardMarkup([row])))
    await _put(context, kind, payload, message, "waiting")


async def _put(context: Context, kind: Kind, payload: dict[str, Any], message: int, state: jobs.State) -> bool:
    """Whether the job is new, and not one of a handler that is run again."""
    chat = context.incoming.effective_chat
    assert chat is not None
    key, place, language = jobs.key_of(context.incoming.update_id), (chat.id, message), context.language
    return await context.services.store.run(
        lambda connection: jobs.put(connection, key, kind, payload, place, language, state)
    )


async def decided(update: Update, context: Context) -> None:
    """Yes (ok), yes as a new release (new) or no to a waiting job; the first press counts."""
    if not await _allowed(context):
        return
    assert update.callback_query is not None
    t = context.services.texts[context.language]
    _, answer, key = (update.callback_query.data or "").split(":")
    if answer == "no":
        job = await running.cancel(context.services, key)
    else:
        job = await _confirm(context, key, new=answer == "new")
    await context.answer_callback("" if job else t("job_over"), alert=not job)
    if job is None:
        return
    if answer == "no":
        await context.edit(job.message, text_part(t.rich("job_cancelled"), t.language))
    else:
        context.spawn(running.work(context.services, context.delivery, key))


async def _confirm(context: Context, key: str, *, new: bool) -> jobs.Job | None:
    """The job, running now; None if it was not waiting."""
    job = await context.services.store.run(lambda connection: jobs.find(connection, key))
    if job is None:
        return None
    changes: dict[str, Any] = {}
    if "name" in job.payload:
        folder = context.services.settings.data_dir / "uploads"
        name = str(job.payload["name"])
        # What came in under that name since the preview is not to be replaced unseen.
        replaces = job.payload.get("replaces") and not new
        changes = {"target": name if replaces else free_target(folder, name)}
    moved = await context.services.store.run(
        lambda connection: jobs.move(connection, key, "waiting", "running", changes)
    )
    return job if moved else None
