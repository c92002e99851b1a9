"""What is sent: one message, ready for Telegram."""

from dataclasses import dataclass

from telegram import InlineKeyboardMarkup


@dataclass(frozen=True, slots=True)
class Part:
    """One message: its HTML (at most 4,096 characters once entities are parsed) and the same words as plain text."""

    html: str
    plain: str
    keyboard: InlineKeyboardMarkup | None = None
