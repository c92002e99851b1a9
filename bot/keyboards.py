"""Buttons. What a button carries (64 bytes at most) is a word, an id of ours and numbers, never a name or a text."""

import hashlib
from collections.abc import Sequence

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from answering.answer import Answer, Citation
from bot.citing import COPIED, link, press_quote
from bot.richtext import units
from bot.texts import Wording

_A_ROW = 6
_MOST = 48
"""More sources than this get no button; Telegram allows 100 in all."""


def release_key(release: str) -> str:
    """12 hex digits for a release id, the same after a restart and a re-ingest."""
    return hashlib.blake2b(release.encode(), digest_size=6).hexdigest()


def button(label: str, data: str) -> InlineKeyboardButton:
    """A button that calls back."""
    return InlineKeyboardButton(label, callback_data=data)


def circled(number: int) -> str:
    """①…⑳: a number in front of a line that may begin with a number itself, which plain digits would run into."""
    return chr(0x2460 + number - 1) if 1 <= number <= 20 else f"({number})"


def answer_keyboard(answer: Answer, answer_id: int, t: Wording) -> InlineKeyboardMarkup:
    """[1][2]… to see the passages, a button to copy, the votes; under a refusal the nearest releases and the votes."""
    rows = []
    numbers = [button(f"[{c.n}]", f"s:{answer_id}:{c.n}") for c in answer.citations[:_MOST]]
    rows += [numbers[i : i + _A_ROW] for i in range(0, len(numbers), _A_ROW)]
    if answer.refused:
        rows += [[button(f"📄 {circled(i)}", f"s:{answer_id}:r{i}") for i in range(1, len(answer.nearest) + 1)]]
    last = [copy_button(answer.citations, answer_id, t)] if answer.citations else []
    last += [button("👍", f"f:{answer_id}:up"), button("👎", f"f:{answer_id}:down")]
    return InlineKeyboardMarkup([row for row in (*rows, last) if row])


def copy_button(citations: Sequence[Citation], answer_id: int, t: Wording) -> InlineKeyboardButton:
    """Copies the press-ready quote at once where it is one and short enough, else asks for it as a message."""
    if len(citations) == 1 and units(whole := press_quote(citations[0], t)) <= COPIED:
        return InlineKeyboardButton(t("copy"), copy_text=CopyTextButton(whole))
    return button(t("copy"), f"s:{answer_id}:c{citations[0].n if len(citations) == 1 else 0}")


def source_keyboard(citation: Citation, answer_id: int, known: bool, t: Wording) -> InlineKeyboardMarkup:
    """Under a passage: the web page at the quoted words, a copy, the release's page where the release is still known."""
    first = [InlineKeyboardButton(t("open_release"), url=link(citation))] if link(citation) else []
    first.append(copy_button([citation], answer_id, t))
    rows = [first]
    if known:
        rows.append([button(t("release_page"), f"b:r:{release_key(citation.release)}")])
    return InlineKeyboardMarkup(rows)


def copied_keyboard(citation: Citation, t: Wording) -> InlineKeyboardMarkup:
    """Under a press-ready quote that is too long for a button: the same, shortened."""
    short = press_quote(citation, t, COPIED)
    return InlineKeyboardMarkup([[InlineKeyboardButton(t("copy_short"), copy_text=CopyTextButton(short))]])


def pager(prefix: str, page: int, pages: int) -> list[InlineKeyboardButton]:
    """‹ 2/7 › with the callbacks `prefix:page`; nothing where there is one page. The middle is `prefix` of this page."""
    if pages <= 1:
        return []
    before = [button("‹", f"{prefix}:{page - 1}")] if page > 0 else []
    behind = [button("›", f"{prefix}:{page + 1}")] if page + 1 < pages else []
    return [*before, button(f"{page + 1}/{pages}", f"{prefix}:{page}"), *behind]
