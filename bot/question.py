"""Questions: text that is addressed to the bot, and /ask; and /reset, which ends a conversation."""

import time

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from answering.answer import Answer
from bot import asking
from bot.asking import Asked, TooSlow
from bot.context import Context
from bot.groups import without_mentions
from bot.part import Part
from bot.render import answer_parts, draft_html, text_part
from bot.store import answers, conversations
from bot.streaming import Progress
from vectorstore.errors import NoGeneration


def handlers() -> list["BaseHandler[Update, Context, None]"]:
    """The last of all: they take whatever text is left. TEXT alone would match edited messages too."""
    new = filters.UpdateType.MESSAGE
    return [
        CommandHandler("ask", ask, filters=new),
        CommandHandler("reset", reset, filters=new),
        MessageHandler(new & filters.COMMAND, unknown_command),
        MessageHandler(new & filters.TEXT, question),
    ]


async def question(update: Update, context: Context) -> None:
    """Answer a message."""
    assert update.message is not None
    await _ask(context, update.message, without_mentions(update.message, context.bot.id, context.bot.username))


async def ask(update: Update, context: Context) -> None:
    """Answer what stands behind /ask, or the message that /ask replies to."""
    assert update.message is not None
    _, _, text = (update.message.text or "").partition(" ")
    if not text.strip() and update.message.reply_to_message is not None:
        text = update.message.reply_to_message.text or ""
    await _ask(context, update.message, text)


async def reset(update: Update, context: Context) -> None:
    """Forget the conversation."""
    assert update.message is not None
    scope = conversation_scope(update.message)
    await context.services.store.run(lambda connection: conversations.forget(connection, scope))
    await context.send(text_part(context.say("reset_done"), context.language))


async def unknown_command(update: Update, context: Context) -> None:  # noqa: ARG001  the handlers' signature
    """Say where the commands are told; in groups they may be another bot's."""
    if not context.in_group:
        await context.send(text_part(context.say("unknown_command"), context.language))


def conversation_scope(message: Message) -> str:
    """What follow-ups lean on: this user's turns in this chat and topic."""
    thread = message.message_thread_id if message.is_topic_message else None
    user = message.from_user.id if message.from_user else 0
    return f"{message.chat_id}:{thread or 0}:{user}"


async def _ask(context: Context, message: Message, text: str) -> None:
    text = " ".join(text.split())
    user = message.from_user.id if message.from_user else 0
    declined = await _declined(context, user, text, min(message.date.timestamp(), time.time()))
    if declined is not None:
        if declined:
            await context.send(text_part(declined, context.language))
        return
    asked = Asked(context.incoming.update_id, message.chat_id, user, conversation_scope(message), text)
    services = context.services
    try:
        given = await _given(context, asked)
    except NoGeneration:
        await _instead(context, "no_releases")
        return
    except TooSlow:
        services.metrics.errors.labels("too_slow").inc()
        await _instead(context, "too_slow")
        return
    await context.send_all(answer_parts(given, asked.update_id, services.texts, group=context.in_group))
    asking.remember(asked, given, services)
    _count(context, given)


async def _given(context: Context, asked: Asked) -> Answer:
    """The answer that an earlier process had found for this very update, or a new one."""
    if context.replayed:
        kept = await answers.find(context.services.store, asked.update_id)
        if kept is not None and kept.question == asked.question:
            return kept.answer
    async with Progress(context, _drawn) as progress:
        return await asking.answer(asked, context.services, progress.show)


def _drawn(growing: Answer) -> Part:
    return Part(draft_html(growing), growing.text)


async def _instead(context: Context, key: str) -> None:
    await context.send_all([text_part(context.say(key), context.language)])


async def _declined(context: Context, user: int, text: str, written: float) -> str | None:
    """Why a question is not looked into, as HTML (nothing where it was told a moment ago), None if it is."""
    services = context.services
    if not text:
        return context.say("ask_what")
    if len(text) > services.settings.question_characters:
        return context.say("too_long", n=services.settings.question_characters)
    if context.replayed:  # counted when it first came
        return None
    seconds = await services.limits.wait(user, written)
    if not seconds:
        return None
    services.metrics.limited.labels("questions").inc()
    return context.say("wait", n=seconds) if await services.limits.tell(user, written, seconds) else ""


def _count(context: Context, given: Answer) -> None:
    metrics = context.services.metrics
    seconds = time.monotonic() - context.arrived
    metrics.answered(given, "group" if context.in_group else "private")
    metrics.latency.observe(seconds)
    context.log.info(
        "answered", plan=given.plan, refused=given.refused, quotes=len(given.citations), model=given.model,
        prompt=given.prompt, worked=round(given.seconds, 3), seconds=round(seconds, 3),
    )  # fmt: skip
