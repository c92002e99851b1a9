"""Documents and addresses of pages that administrators send: checked, read, shown, and published after a yes."""

import re
import unicodedata
from pathlib import Path
from typing import Any

from telegram import Document, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import MessageHandler
from telegram.ext import filters as only

from bot import question
from bot.context import Context
from bot.ingest_process import IngestFailed, run
from bot.keyboards import button, release_key
from bot.render import text_part
from bot.reports import failed_text, preview_text
from bot.richtext import Rich
from bot.store import jobs
from bot.texts import Wording

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx")
"""What ingest reads (ingest.readers.READERS, which is imported in the ingest process only; a test compares them)."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+')


def handlers() -> list[MessageHandler[Context, None]]:
    """For documents, and for messages that are nothing but an address, in private chats."""
    private = only.UpdateType.MESSAGE & only.ChatType.PRIVATE
    return [
        MessageHandler(private & only.Document.ALL, received),
        MessageHandler(private & only.Regex(r"^\s*https?://\S+\s*$"), addressed),
    ]


async def addressed(update: Update, context: Context) -> None:
    """Show what the page at an administrator's address holds; for anybody else an address is a question."""
    assert update.message is not None
    if not context.is_admin:
        await question.question(update, context)
        return
    t = context.services.texts[context.language]
    message = await context.send(text_part(t.rich("upload_fetching_page"), t.language))
    await preview(context, message, {"url": (update.message.text or "").strip()}, t)


async def received(update: Update, context: Context) -> None:
    """Check, fetch, read and show a document; ask whether to publish it."""
    assert update.message is not None
    assert update.message.document is not None
    t = context.services.texts[context.language]
    if not context.is_admin:
        await context.send(text_part(t.rich("upload_admins_only"), t.language))
        return
    document = update.message.document
    name = safe_name(document.file_name)
    if refused := _refused(document, name, context.services.settings.upload_megabytes, t):
        await context.send(text_part(refused, t.language))
        return
    message = await context.send(text_part(t.rich("upload_fetching"), t.language))
    # One folder for each update: what a handler that is run again fetches replaces what it fetched before.
    path = context.services.settings.data_dir.resolve() / "uploads" / ".pending" / str(update.update_id) / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        await (await document.get_file()).download_to_drive(path)
    except TelegramError:
        context.log.warning("upload_not_fetched")
        await context.edit(message, text_part(t.rich("upload_not_fetched"), t.language))
        return
    await preview(context, message, {"path": str(path), "name": name}, t)


async def preview(context: Context, message: int, source: dict[str, Any], t: Wording) -> None:
    """Show in a message what a document holds, with the buttons that publish it."""
    await context.edit(message, text_part(t.rich("upload_reading"), t.language))
    request = {**source, "language": t.language}
    try:
        found = await run("preview", request, context.services.settings)
    except IngestFailed as failure:
        context.log.info("upload_refused", reason=failure.reason, kind=failure.kind)
        _drop(source)
        await context.edit(message, text_part(failed_text(failure, t), t.language))
        return
    if twin := found["twin"]:
        _drop(source)
        keyboard = InlineKeyboardMarkup([[button(t("release_page"), f"b:r:{release_key(twin['id'])}")]])
        await context.edit(message, text_part(t.rich("upload_duplicate", title=twin["title"]), t.language, keyboard))
        return
    source = {**source, "replaces": found["same_name"] is not None}
    key = jobs.key_of(context.incoming.update_id)
    chat = context.incoming.effective_chat
    assert chat is not None
    await context.services.store.run(
        lambda connection: jobs.put(connection, key, "publish", source, (chat.id, message), t.language, "waiting")
    )
    if found["same_name"] and "url" in source:
        rows = [[button(t("replace_button"), f"a:ok:{key}")]]
    elif found["same_name"]:
        rows = [[button(t("replace_button"), f"a:ok:{key}")], [button(t("add_button"), f"a:new:{key}")]]
    else:
        rows = [[button(t("publish_button"), f"a:ok:{key}")]]
    rows[-1].append(button(t("cancel_button"), f"a:no:{key}"))
    await context.edit(message, text_part(preview_text(found, t), t.language, InlineKeyboardMarkup(rows)))


def _drop(source: dict[str, Any]) -> None:
    if "path" not in source:
        return
    path = Path(source["path"])
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def _refused(document: Document, name: str, megabytes: int, t: Wording) -> Rich | None:
    """Why a document is not even fetched."""
    if Path(name).suffix.lower() not in SUFFIXES:
        return t.rich("upload_type", name=name, kinds=" ".join(SUFFIXES))
    if (document.file_size or 0) > megabytes * 1_000_000:
        return t.rich("upload_large", name=name, limit=megabytes)
    return None


def safe_name(name: str | None) -> str:
    """A file's name without folders, controls and signs that file systems refuse; Arabic stays. At most 120 bytes."""
    name = unicodedata.normalize("NFC", _UNSAFE.sub(" ", (name or "").replace("\\", "/").split("/")[-1]))
    name = " ".join(name.split())
    name = (f"document{name}" if re.fullmatch(r"\.\w+", name) else name).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, suffix = suffix or "document", "txt" if not dot else suffix
    while len(f"{stem}.{suffix}".encode()) > 120 and stem:
        stem = stem[:-1]
    return f"{stem.strip() or 'document'}.{suffix[:10]}"


def free_target(folder: Path, name: str) -> str:
    """The name, with a number where a file of that name is there already."""
    stem, _, suffix = name.rpartition(".")
    target, number = name, 1
    while (folder / target).exists():
        number += 1
        target = f"{stem} ({number}).{suffix}"
    return target
