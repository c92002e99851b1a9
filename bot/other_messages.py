"""What is no question: edited messages, voice, stickers and the like, stray buttons, and users who stop or resume the bot."""

from telegram import ChatMember, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot.context import Context
from bot.render import text_part
from bot.store import users

_UNREAD = (
    filters.VOICE | filters.AUDIO | filters.VIDEO_NOTE | filters.VIDEO | filters.Sticker.ALL | filters.ANIMATION
    | filters.PHOTO | filters.LOCATION | filters.CONTACT | filters.POLL | filters.Dice.ALL | filters.Document.ALL
    | filters.STORY
)  # fmt: skip


def handlers() -> list["BaseHandler[Update, Context, None]"]:
    """Behind those of documents that administrators send."""
    return [
        MessageHandler(filters.UpdateType.EDITED_MESSAGE & filters.TEXT, edited),
        MessageHandler(filters.UpdateType.MESSAGE & _UNREAD, unread),
        CallbackQueryHandler(stray),
        ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]


async def edited(update: Update, context: Context) -> None:  # noqa: ARG001  the handlers' signature
    """An edited question is not answered again: the answer under it would stand beside words it does not answer."""
    if not context.in_group:
        await context.send(text_part(context.say("edited"), context.language), reply=True)


async def unread(update: Update, context: Context) -> None:
    """Say that only text is read; in groups say nothing."""
    assert update.message is not None
    if not context.in_group:
        spoken = update.message.voice or update.message.audio or update.message.video_note
        await context.send(text_part(context.say("voice" if spoken else "unread"), context.language))


async def stray(update: Update, context: Context) -> None:  # noqa: ARG001  the handlers' signature
    """A button of an earlier version, or made up: end the waiting that its press shows."""
    await context.answer_callback()


async def membership(update: Update, context: Context) -> None:
    """Note that a user blocked the bot, or came back."""
    change = update.my_chat_member
    assert change is not None
    if change.chat.type == "private" and change.new_chat_member.status in {ChatMember.BANNED, ChatMember.LEFT}:
        user = change.from_user.id
        await context.services.store.run(lambda connection: users.deactivate(connection, user))
        context.services.people.forget(user)
