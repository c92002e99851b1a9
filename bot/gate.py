"""What every update passes first: is it for the bot, and may this user ask."""

import time

from telegram import Message, Update
from telegram.ext import ApplicationHandlerStop, BaseHandler, TypeHandler

from bot.cluster import needs_writer
from bot.context import Context
from bot.groups import addressed
from bot.inline import tell_guest
from bot.render import text_part

GROUP = -1
"""The handlers' group: before all others."""


def handlers() -> list["BaseHandler[Update, Context, None]"]:
    """The gate itself."""
    return [TypeHandler(Update, gate)]


async def gate(update: Update, context: Context) -> None:
    """Stop what is not for the bot, silently, and whom the bot does not serve, with one line; note who is served."""
    message = update.message or update.edited_message
    if message is not None and not addressed(message, context.bot.id, context.bot.username):
        raise ApplicationHandlerStop
    user = context.user
    if not context.services.access.may_ask(user.id if user else None):
        await _turn_away(update, context)
        raise ApplicationHandlerStop
    if user is not None and update.my_chat_member is None:
        context.known = await context.services.people.see(user.id)
    replica = context.services.replica
    if replica is not None and not replica.writer and needs_writer(update, context.services.access):
        await _no_writer(update, context)
        raise ApplicationHandlerStop


async def _no_writer(update: Update, context: Context) -> None:
    """Say that nobody is there who can change the corpus; only then such an update comes to another replica."""
    if update.callback_query is not None:
        await context.answer_callback(context.services.texts.plain("no_writer", context.language), alert=True)
    else:
        await context.send(text_part(context.say("no_writer"), context.language))


async def _turn_away(update: Update, context: Context) -> None:
    """One line, as often as a user may ask; of the message itself nothing is kept."""
    if await context.services.limits.wait(context.user.id if context.user else 0, time.time()):
        return
    if isinstance(update.message, Message):
        await context.send(text_part(context.say("unlisted"), context.language))
    elif update.callback_query is not None:
        await context.answer_callback(context.services.texts.plain("unlisted", context.language), alert=True)
    elif update.inline_query is not None:
        await update.inline_query.answer([], cache_time=60, is_personal=True)
    elif update.guest_message is not None:
        await tell_guest(context, "unlisted")
