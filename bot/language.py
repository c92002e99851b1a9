"""/language: in which language the bot's own words are."""

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler, CommandHandler
from telegram.ext import filters as only

from bot.context import Context
from bot.keyboards import button
from bot.render import text_part
from bot.texts import LANGUAGES

NAMES = {"ar": "العربية", "en": "English", "ckb": "کوردی"}


def handlers() -> list[CommandHandler[Context, None] | CallbackQueryHandler[Context, None]]:
    """For the command and the callback `l:<language>`."""
    return [
        CommandHandler("language", ask, only.UpdateType.MESSAGE),
        CallbackQueryHandler(chosen, pattern=f"^l:({'|'.join(LANGUAGES)}|auto)$"),
    ]


async def ask(_update: Update, context: Context) -> None:
    """A button for each language, and one to follow the telephone."""
    t = context.services.texts[context.language]
    rows = [[button(name, f"l:{code}") for code, name in NAMES.items()], [button(t("language_auto"), "l:auto")]]
    await context.send(text_part(t.rich("language_ask"), t.language, InlineKeyboardMarkup(rows)))


async def chosen(update: Update, context: Context) -> None:
    """Keep the choice and say so in the language chosen."""
    assert update.callback_query is not None
    code = (update.callback_query.data or "")[2:]
    await context.choose_language(next((language for language in LANGUAGES if language == code), None))
    t = context.services.texts[context.language]
    await context.answer_callback()
    if update.callback_query.message is not None:
        await context.edit(
            update.callback_query.message.message_id,
            text_part(t.rich("language_set", name=NAMES[t.language]), t.language),
        )
