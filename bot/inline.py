"""Inline mode: @bot and a question in any chat gives cited answers to post there; and guest messages, which ask the same way."""

import time
from uuid import uuid4

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import InlineQueryResultLimit, ParseMode
from telegram.error import BadRequest
from telegram.ext import BaseHandler, InlineQueryHandler, TypeHandler

from answering.answer import Answer, Ask
from bot import asking
from bot.asking import TooSlow
from bot.context import Context
from bot.groups import without_mentions
from bot.part import Part
from bot.render import inline_part, text_part
from vectorstore.errors import NoGeneration

_SHORTEST = 4
"""Characters; what is shorter is the beginning of a question."""
_CACHE_SECONDS = 60


def handlers() -> list["BaseHandler[Update, Context, None]"]:
    """Inline queries, and guest messages, of which the library has no handler yet."""
    return [InlineQueryHandler(inline), _GuestHandler(Update, guest)]


class _GuestHandler(TypeHandler[Update, Context, None]):
    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and update.guest_message is not None


async def inline(update: Update, context: Context) -> None:
    """Offer the answer; of what a user types on, only the newest is looked into."""
    query = update.inline_query
    assert query is not None
    if context.replayed or context.bot.newest_inline.get(query.from_user.id) != update.update_id:
        return
    text = " ".join(query.query.split())
    texts, language = context.services.texts, context.language
    results: list[InlineQueryResultArticle] = []
    hint = texts.plain("inline_hint", language)
    if _SHORTEST <= len(text) <= context.services.settings.question_characters:
        if await context.services.limits.wait(query.from_user.id, time.time()):
            hint = texts.plain("inline_wait", language)
        else:
            try:
                given = await _answer(context, text)
                results = [_article(text, given, context)]
            except NoGeneration:
                hint = texts.plain("inline_no_releases", language)
            except TooSlow:
                hint = texts.plain("inline_too_slow", language)
    button = None if results else InlineQueryResultsButton(hint[:64], start_parameter="inline")
    try:
        await query.answer(results, cache_time=_CACHE_SECONDS if results else 0, is_personal=True, button=button)
    except BadRequest:
        context.log.info("inline_too_old")


async def guest(update: Update, context: Context) -> None:
    """Answer a message in a chat that the bot is no member of."""
    message = update.guest_message
    assert message is not None
    if context.replayed:
        return
    text = " ".join(without_mentions(message, context.bot.id, context.bot.username).split())
    services = context.services
    if not text or len(text) > services.settings.question_characters:
        await tell_guest(context, "ask_what")
    elif seconds := await services.limits.wait(message.from_user.id if message.from_user else 0, time.time()):
        await tell_guest(context, "wait", n=seconds)
    else:
        try:
            await _answer_guest(context, _article(text, await _answer(context, text), context))
        except NoGeneration:
            await tell_guest(context, "no_releases")
        except TooSlow:
            await tell_guest(context, "too_slow")


async def tell_guest(context: Context, key: str, **values: object) -> None:
    """Answer a guest message with one of the bot's own texts."""
    await _answer_guest(context, _plain_article(text_part(context.say(key, **values), context.language), "…"))


async def _answer_guest(context: Context, result: InlineQueryResultArticle) -> None:
    message = context.incoming.guest_message
    assert message is not None
    if message.guest_query_id is None:
        return
    try:
        await context.bot.answer_guest_query(message.guest_query_id, result)
    except BadRequest:
        context.log.info("guest_too_old")


async def _answer(context: Context, text: str) -> Answer:
    """An answer without a conversation before it, which is not kept: it has no buttons."""
    found = await asking.found(context.services, Ask(text), lambda _: None)
    context.services.metrics.answered(found, "inline")
    return found


def _article(question: str, given: Answer, context: Context) -> InlineQueryResultArticle:
    described = " ".join(given.text.split())[:120]
    return _plain_article(inline_part(given, context.services.texts), question, described)


def _plain_article(part: Part, title: str, described: str | None = None) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        part.html, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    id_ = uuid4().hex[: InlineQueryResultLimit.MAX_ID_LENGTH]
    return InlineQueryResultArticle(id_, title[:100], content, description=described)
