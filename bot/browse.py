"""/start, /help, /about, /sources: what the bot is and which releases it knows."""

import re
from datetime import datetime
from importlib.metadata import version

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler
from telegram.ext import filters as only

from bot import sources
from bot.context import Context
from bot.keyboards import button, circled, pager, release_key
from bot.part import Part
from bot.releases import A_PAGE, find, listed, page_of, release_parts, search
from bot.render import rich_parts, text_part
from bot.richtext import Run, lines, rich
from bot.store import queries
from bot.texts import Wording
from vectorstore.errors import VectorStoreError

_PAYLOAD = re.compile(r"(?P<release>r)_(?P<key>[0-9a-f]{12})|s_(?P<answer>\d{1,19})_(?P<n>\d{1,3})")

Handlers = list[CommandHandler[Context, None] | CallbackQueryHandler[Context, None]]


def handlers() -> Handlers:
    """For the commands and the callbacks `b:r:<release>` and `b:p:<query>:<page>`."""
    fresh = only.UpdateType.MESSAGE
    return [
        CommandHandler("start", start, fresh),
        CommandHandler("help", help_, fresh),
        CommandHandler("about", about, fresh),
        CommandHandler("sources", list_sources, fresh),
        CallbackQueryHandler(open_release, pattern=r"^b:r:[0-9a-f]{12}$"),
        CallbackQueryHandler(turn_page, pattern=r"^b:p:[-0-9a-f]+:\d+$"),
    ]


async def start(_update: Update, context: Context) -> None:
    """Welcome; with a payload (t.me/bot?start=…) the release or the source that it names."""
    payload = _PAYLOAD.fullmatch(context.args[0]) if context.args else None
    if payload and payload["release"]:
        await _show_release(context, payload["key"])
        return
    if payload:
        await sources.show(context, int(payload["answer"]), payload["n"])
        return
    t = context.services.texts[context.language]
    await context.send(text_part(lines(t.rich("start"), "", *_examples(t), "", t.rich("start_more")), t.language))


async def help_(_update: Update, context: Context) -> None:
    """What can be asked, with examples, and the commands."""
    t = context.services.texts[context.language]
    commands = [rich(f"/{name} — {text}") for name, text in t.table["commands"].items()]
    if context.is_admin:
        commands += [rich(""), t.rich("help_admin")]
        commands += [rich(f"/{name} — {text}") for name, text in t.table["admin_commands"].items()]
    for part in rich_parts(
        lines(t.rich("help"), "", *_examples(t), "", t.rich("help_more"), "", *commands), t.language
    ):
        await context.send(part)


def _examples(t: Wording) -> list[tuple[Run, ...]]:
    return [rich("• ", Run(example, code=True)) for example in t.list("examples")]


async def about(_update: Update, context: Context) -> None:
    """What the bot is, what it answers from, how answers are made."""
    t = context.services.texts[context.language]
    try:
        facts = await context.in_thread(_facts, context, t)
    except VectorStoreError:
        facts = t.rich("no_corpus")
    await context.send(
        text_part(
            lines(t.rich("about"), "", facts, "", t.rich("about_how"), "", t.rich("version", version=version("sanad"))),
            t.language,
        )
    )


def _facts(context: Context, t: Wording) -> tuple[Run, ...]:
    with context.services.corpus.view() as view:
        manifest = view.manifest
    return t.rich(
        "about_facts",
        count=t("count_releases", n=manifest.releases),
        passages=t("count_passages", n=manifest.passages),
        generation=manifest.number,
        day=t.day(datetime.fromisoformat(manifest.created).date()),
    )


async def list_sources(_update: Update, context: Context) -> None:
    """The releases, newest first; with words behind the command those that they find, best first."""
    query = " ".join(context.args or ())[:200]
    key = await context.services.store.run(lambda connection: queries.remember(connection, query))
    await context.send(await _listing(context, query, key, 0))


async def turn_page(update: Update, context: Context) -> None:
    """Another page of a list, in its place."""
    assert update.callback_query is not None
    _, _, key, number = (update.callback_query.data or "").split(":")
    query = await context.services.store.run(lambda connection: queries.recall(connection, key))
    if query is None:
        await context.answer_callback(context.services.texts[context.language]("list_gone"), alert=True)
        return
    part = await _listing(context, query, key, int(number))
    await context.answer_callback()
    if update.callback_query.message is not None:
        await context.edit(update.callback_query.message.message_id, part)


async def _listing(context: Context, query: str, key: str, number: int) -> Part:
    t = context.services.texts[context.language]
    try:
        return await context.in_thread(_page, context, query, key, number, t)
    except VectorStoreError:
        return text_part(t.rich("no_corpus"), t.language)


def _page(context: Context, query: str, key: str, number: int, t: Wording) -> Part:
    with context.services.corpus.view() as view:
        ids = search(view, query) if query else view.ledger.ids()
        if not ids:
            return text_part(t.rich("sources_none", query=query) if query else t.rich("no_corpus"), t.language)
        page = page_of(ids, number)
        text = listed(view.ledger, page, query, t)
    opening = [button(circled(n), f"b:r:{release_key(name)}") for n, name in enumerate(page.ids, 1)]
    half = A_PAGE // 2 if len(opening) > 5 else A_PAGE
    rows = [opening[:half], opening[half:], pager(f"b:p:{key}", page.number, page.pages)]
    return text_part(text, t.language, InlineKeyboardMarkup([row for row in rows if row]))


async def open_release(update: Update, context: Context) -> None:
    """The page of a release, as a message below."""
    assert update.callback_query is not None
    await _show_release(context, (update.callback_query.data or "")[4:])


async def _show_release(context: Context, key: str) -> None:
    t = context.services.texts[context.language]
    try:
        found = await context.in_thread(_release, context, key, t)
    except VectorStoreError:
        found = None
    if found is None and context.incoming.callback_query is None:
        await context.send(text_part(t.rich("release_gone"), t.language))
    await context.answer_callback("" if found else t("release_gone"), alert=not found)
    for part in found or ():
        await context.send(part)


def _release(context: Context, key: str, t: Wording) -> tuple[Part, ...] | None:
    with context.services.corpus.view() as view:
        name = find(view.ledger, key)
    return release_parts(context.services.corpus, name, t, context.is_admin) if name is not None else None
