"""What happens when a handler fails: it is logged without anything that was written, and the user is told."""

from telegram import Update
from telegram.error import TelegramError

from bot.context import Context
from bot.delivery import Gone
from bot.render import text_part
from bot.store.claims import Fenced


async def on_error(update: object, context: Context) -> None:
    """The Application's error handler."""
    error = context.error
    services = context.services
    if isinstance(error, Gone):
        context.log.info("chat_gone")
        services.metrics.errors.labels("gone").inc()
        if context.user is not None:
            services.people.forget(context.user.id)
        return
    if isinstance(error, Fenced):
        context.log.warning("fenced")
        return
    context.log.error("handler_failed", exc_info=error)
    services.metrics.errors.labels("handler").inc()
    if not isinstance(update, Update) or context.chat is None:
        return
    try:
        if update.callback_query is not None:
            await context.answer_callback(services.texts.plain("failed", context.language), alert=True)
        elif update.message is not None:
            await context.send_failure(text_part(context.say("failed"), context.language))
    except (TelegramError, Gone, Fenced) as second:
        context.log.warning("failure_not_told", error=type(second).__name__)
