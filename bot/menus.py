"""The commands that Telegram offers: by language and by who sees them; the bot's descriptions."""

from collections.abc import Mapping

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonCommands,
)
from telegram.error import BadRequest, Forbidden

from bot.services import Services
from bot.texts import LANGUAGES, Wording

CODES: Mapping[str, tuple[str, ...]] = {"ar": ("", "ar"), "en": ("en",), "ckb": ("ku",)}
"""Telegram's codes (ISO 639-1) of our languages; the empty one is for everybody else."""
_GROUP = ("ask", "sources", "ledger", "reset", "help")


async def publish(bot: Bot, services: Services) -> None:
    """Register commands, descriptions and the menu button. Raises telegram.error.NetworkError where it cannot be reached."""
    for language in LANGUAGES:
        t = services.texts[language]
        for code in CODES[language]:
            await _publish_in(bot, services, t, code or None)
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())


async def _publish_in(bot: Bot, services: Services, t: Wording, code: str | None) -> None:
    everybody = [BotCommand(name, text) for name, text in t.table["commands"].items()]
    admins = everybody + [BotCommand(name, text) for name, text in t.table["admin_commands"].items()]
    scopes: list[tuple[BotCommandScope, list[BotCommand]]] = [
        (BotCommandScopeAllPrivateChats(), everybody),
        (BotCommandScopeAllGroupChats(), [c for c in everybody if c.command in _GROUP]),
    ]
    for scope, commands in scopes:
        await bot.set_my_commands(commands, scope=scope, language_code=code)
    for admin in sorted(services.access.admins):
        try:
            await bot.set_my_commands(admins, scope=BotCommandScopeChat(admin), language_code=code)
        except (BadRequest, Forbidden):
            continue  # an administrator who has not written to the bot yet: there is no chat to show them in
    await bot.set_my_description(t("description"), language_code=code)
    await bot.set_my_short_description(t("description_short"), language_code=code)
