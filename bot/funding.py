"""/donors and /ledger: who funded what, as messages, as a spreadsheet, as a chart."""

import tempfile
from pathlib import Path

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler
from telegram.ext import filters as only

from bot.context import Context
from bot.grants import A_PAGE, Asked, donors, donors_text, grants, grants_text, understood
from bot.keyboards import button, pager
from bot.part import Part
from bot.render import rich_parts, text_part
from bot.store import queries
from bot.texts import Wording
from ledger.export import Language, chart, lines, to_xlsx
from vectorstore.errors import VectorStoreError

Handlers = list[CommandHandler[Context, None] | CallbackQueryHandler[Context, None]]


def handlers() -> Handlers:
    """For the commands and the callbacks `d:p:<query>:<page>`, `d:x:<query>`, `d:c:<query>`."""
    return [
        CommandHandler("donors", list_donors, only.UpdateType.MESSAGE),
        CommandHandler("ledger", list_grants, only.UpdateType.MESSAGE),
        CallbackQueryHandler(turn_page, pattern=r"^d:p:[-0-9a-f]+:\d+$"),
        CallbackQueryHandler(export, pattern=r"^d:[xc]:[-0-9a-f]+$"),
    ]


async def list_donors(_update: Update, context: Context) -> None:
    """Every donor with its grants and sums."""
    t = context.services.texts[context.language]
    try:
        shown = await context.in_thread(_donors, context, t)
    except VectorStoreError:
        shown = (text_part(t.rich("no_corpus"), t.language),)
    for part in shown:
        await context.send(part)


def _donors(context: Context, t: Wording) -> tuple[Part, ...]:
    with context.services.corpus.view() as view:
        found = donors(view.ledger)
    if not found:
        return (text_part(t.rich("ledger_none"), t.language),)
    keyboard = InlineKeyboardMarkup([[button(t("chart_button"), "d:c:-"), button(t("xlsx_button"), "d:x:-")]])
    return rich_parts(donors_text(found, t), t.language, keyboard)


async def list_grants(_update: Update, context: Context) -> None:
    """Grants; the words behind the command choose donors, recipients, places and years."""
    words = " ".join(context.args or ())[:200]
    key = await context.services.store.run(lambda connection: queries.remember(connection, words))
    await context.send(await _listing(context, words, key, 0))


async def turn_page(update: Update, context: Context) -> None:
    """Another page of grants, in its place."""
    assert update.callback_query is not None
    _, _, key, number = (update.callback_query.data or "").split(":")
    words = await _words(context, key)
    if words is not None and update.callback_query.message is not None:
        part = await _listing(context, words, key, int(number))
        await context.answer_callback()
        await context.edit(update.callback_query.message.message_id, part)


async def _words(context: Context, key: str) -> str | None:
    words = await context.services.store.run(lambda connection: queries.recall(connection, key))
    if words is None:
        await context.answer_callback(context.services.texts[context.language]("list_gone"), alert=True)
    return words


async def _listing(context: Context, words: str, key: str, number: int) -> Part:
    t = context.services.texts[context.language]
    try:
        return await context.in_thread(_page, context, words, key, number, t)
    except VectorStoreError:
        return text_part(t.rich("no_corpus"), t.language)


def _page(context: Context, words: str, key: str, number: int, t: Wording) -> Part:
    with context.services.corpus.view() as view:
        asked = understood(words, view.ledger, t)
        count = 0 if _nothing_understood(asked) else len(grants(view.ledger, asked.wanted))
        if not count:
            return text_part(t.rich("ledger_none_for", words=words) if words else t.rich("ledger_none"), t.language)
        pages = -(-count // A_PAGE)
        number = min(number, pages - 1)
        text = grants_text(view.ledger, asked, number, t)
    rows = [
        pager(f"d:p:{key}", number, pages),
        [button(t("chart_button"), f"d:c:{key}"), button(t("xlsx_button"), f"d:x:{key}")],
    ]
    return text_part(text, t.language, InlineKeyboardMarkup([row for row in rows if row]))


def _nothing_understood(asked: Asked) -> bool:
    return bool(asked.unknown) and not asked.names


async def export(update: Update, context: Context) -> None:
    """The grants of a list as an Excel file (x) or a chart (c)."""
    assert update.callback_query is not None
    _, kind, key = (update.callback_query.data or "").split(":")
    words = await _words(context, key)
    if words is None:
        return
    t = context.services.texts[context.language]
    try:
        data, count = await context.in_thread(_exported, context, words, kind, t)
    except VectorStoreError:
        data, count = b"", 0
    await context.answer_callback("" if count else t("ledger_none"), alert=not count)
    if not count:
        return
    caption = text_part(
        t.rich("ledger_caption", count=t("count_grants", n=count), names=words or t("ledger_all")), t.language
    )
    if kind == "c":
        await context.send_photo("ledger.png", data, caption)
    else:
        await context.send_file("ledger.xlsx", data, caption)


def _exported(context: Context, words: str, kind: str, t: Wording) -> tuple[bytes, int]:
    language: Language = "en" if t.language == "en" else "ar"
    with tempfile.TemporaryDirectory() as folder, context.services.corpus.view() as view:
        asked = understood(words, view.ledger, t)
        path = Path(folder) / ("ledger.png" if kind == "c" else "ledger.xlsx")
        if kind == "c":
            count = chart(view.ledger, asked.wanted, path, language)
        else:
            rows = grants(view.ledger, asked.wanted)
            count = len(rows)
            to_xlsx(lines(view.ledger, rows, language), path, language)
        return (path.read_bytes() if count else b""), count
