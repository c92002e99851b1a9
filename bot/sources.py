"""The buttons of an answer that show what it stands on: passages, quotes to copy, the nearest releases."""

from telegram import Update
from telegram.ext import CallbackQueryHandler

from answering.answer import Citation
from bot.citing import copied, source_view
from bot.context import Context
from bot.keyboards import copied_keyboard, source_keyboard
from bot.part import Part
from bot.releases import release_parts
from bot.render import rich_parts
from bot.richtext import lines
from bot.store import answers
from bot.store.answers import StoredAnswer
from bot.texts import Wording


def handlers() -> list[CallbackQueryHandler[Context, None]]:
    """For the callbacks `s:<answer>:<n>`, `s:<answer>:c<n>` (0: all) and `s:<answer>:r<n>`."""
    return [CallbackQueryHandler(pressed, pattern=r"^s:\d+:[cr]?\d+$")]


def wording(context: Context, stored: StoredAnswer | None) -> Wording:
    """The texts for an answer's buttons: in the language that the user chose, else in the answer's own."""
    chosen = context.known.language if context.known else None
    language = context.language if chosen or stored is None else stored.answer.language
    return context.services.texts[language]


async def pressed(update: Update, context: Context) -> None:
    """Show, as a message below, what the button stands for."""
    assert update.callback_query is not None
    _, answer_id, what = (update.callback_query.data or "").split(":")
    await show(context, int(answer_id), what)


async def show(context: Context, answer_id: int, what: str) -> None:
    """Source `n`, its quote to copy `cn` (all of them: c0), or the n-th nearest release `rn` of an answer."""
    stored = await answers.find(context.services.store, answer_id)
    t = wording(context, stored)
    if stored is None:
        await context.answer_callback(t("answer_gone"), alert=True)
        return
    number = int(what.lstrip("cr"))
    cited = [c for c in stored.answer.citations if c.n == number or what == "c0"]
    found: tuple[Part, ...] | None
    if what.startswith("r"):
        near = stored.answer.nearest[number - 1 : number]
        found = await context.in_thread(release_parts, context.services.corpus, near[0], t, False) if near else None
    elif not cited:
        found = None
    elif what.startswith("c"):
        keyboard = copied_keyboard(cited[0], t) if len(cited) == 1 else None
        found = rich_parts(lines(copied(cited, t), t.rich("copied_long")), t.language, keyboard)
    else:
        found = await context.in_thread(_passage, context, cited[0], answer_id, t)
    await context.answer_callback("" if found else t("release_gone"), alert=not found)
    for part in found or ():
        await context.send(part)


def _passage(context: Context, citation: Citation, answer_id: int, t: Wording) -> tuple[Part, ...]:
    with context.services.corpus.view() as view:
        try:
            release = view.ledger.release(citation.release)
        except KeyError:
            release = None
    return rich_parts(
        source_view(release, citation, t), t.language, source_keyboard(citation, answer_id, release is not None, t)
    )
