"""👍 and 👎 under answers; a 👎 asks what was wrong and becomes a case to review."""

from pathlib import Path

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import CallbackQueryHandler

from bot import cases
from bot.context import Context
from bot.keyboards import button
from bot.render import text_part
from bot.sources import wording
from bot.store import answers, feedback
from bot.store.answers import StoredAnswer
from bot.texts import Wording

REASONS = {"figure": "wrong_figure", "source": "wrong_source", "unanswered": "not_answered"}
"""What buttons and table call a reason, and its tag in the case."""


def handlers() -> list[CallbackQueryHandler[Context, None]]:
    """For the callbacks `f:<answer>:up`, `f:<answer>:down` and `f:<answer>:<reason>`."""
    return [CallbackQueryHandler(voted, pattern=rf"^f:\d+:(up|down|{'|'.join(REASONS)})$")]


async def voted(update: Update, context: Context) -> None:
    """Take a vote, or the reason of one."""
    assert update.callback_query is not None
    _, answer_id, pressed = (update.callback_query.data or "").split(":")
    stored = await answers.find(context.services.store, int(answer_id))
    t = wording(context, stored)
    if stored is None or context.user is None:
        await context.answer_callback(t("answer_gone"), alert=True)
        return
    if pressed in REASONS:
        await _complain(context, stored, pressed, t)
        return
    before = await _cast(context, stored, pressed, None)
    same = before is not None and before.vote == pressed and pressed == "up"
    await context.answer_callback(t("vote_same" if same else f"vote_{pressed}"))
    if pressed == "down":
        rows = [[button(t(f"vote_{reason}"), f"f:{stored.id}:{reason}")] for reason in REASONS]
        await context.send(text_part(t.rich("vote_ask"), t.language, InlineKeyboardMarkup(rows)))


async def _complain(context: Context, stored: StoredAnswer, reason: str, t: Wording) -> None:
    before = await _cast(context, stored, "down", reason)
    await context.in_thread(cases.add, _file(context), cases.case_of(stored, REASONS[reason]))
    await context.answer_callback(t("vote_same") if before and before.reason == reason else "")
    message = context.incoming.callback_query.message if context.incoming.callback_query else None
    if message is not None:
        await context.edit(message.message_id, text_part(t.rich("vote_thanks"), t.language))


async def _cast(context: Context, stored: StoredAnswer, vote: str, reason: str | None) -> feedback.Vote | None:
    """Keep the vote; a complaint that nobody upholds any more is taken back."""
    assert context.user is not None
    user = context.user.id
    before = await context.services.store.run(lambda c: feedback.cast(c, stored.id, user, vote, reason))
    changed = vote == "up" or reason is not None
    if before is not None and before.reason is not None and changed and before.reason != reason:
        old = before.reason
        if not await context.services.store.run(lambda c: feedback.complaints(c, stored.id, old)):
            await context.in_thread(cases.withdraw, _file(context), cases.case_id(stored.id, REASONS[old]))
    return before


def _file(context: Context) -> Path:
    return context.services.settings.data_dir / "feedback.jsonl"
