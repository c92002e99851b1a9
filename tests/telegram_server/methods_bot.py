"""Methods about the bot itself, its chats, its files and its webhook."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from .errors import ApiError, bad_request
from .methods import Rooms, method
from .parameters import Parameters
from .state import GROUP_TYPES
from .updates import Webhook

SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WEBHOOK_PORTS = {80, 88, 443, 8443}


@method("getMe")
def get_me(rooms: Rooms, given: Parameters) -> Any:
    """The bot."""
    return rooms.world.bot.to_json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "supports_guest_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


def scope_key(scope: dict[str, Any] | None) -> str:
    """A command scope as a key. Raises ApiError for unknown or incomplete ones."""
    scope = scope or {"type": "default"}
    kind = scope.get("type")
    if kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    missing = [name for name in SCOPES[kind] if name not in scope]
    if missing:
        raise bad_request(f"can't parse BotCommandScope: {missing[0]} is empty")
    return json.dumps([kind, *(str(scope[name]) for name in SCOPES[kind])])


def _commands_key(rooms: Rooms, given: Parameters) -> tuple[str, str]:
    scope = given.json("scope", "BotCommandScope")
    key = scope_key(scope)
    if scope and "chat_id" in scope:
        rooms.world.reachable(scope["chat_id"])
    language = given.text("language_code") or ""
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("language code is invalid")
    return key, language


@method("setMyCommands")
def set_my_commands(rooms: Rooms, given: Parameters) -> bool:
    """The commands of a scope and language."""
    key = _commands_key(rooms, given)
    commands = given.json("commands", "commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    rooms.bot.commands[key] = [
        {"command": c["command"].removeprefix("/"), "description": c["description"]} for c in commands
    ]
    rooms.world.changed()
    return True


@method("getMyCommands")
def get_my_commands(rooms: Rooms, given: Parameters) -> Any:
    """What was set for exactly this scope and language."""
    return rooms.bot.commands.get(_commands_key(rooms, given), [])


@method("deleteMyCommands")
def delete_my_commands(rooms: Rooms, given: Parameters) -> bool:
    """Back to those of the wider scope."""
    rooms.bot.commands.pop(_commands_key(rooms, given), None)
    return True


def _text_methods(name: str, field: str, most: int) -> None:
    def put(rooms: Rooms, given: Parameters) -> bool:
        value = given.text(field) or ""
        if len(value) > most:
            raise bad_request(f"bot {field.replace('_', ' ')} is too long")
        rooms.bot.texts[field, given.text("language_code") or ""] = value
        return True

    def get(rooms: Rooms, given: Parameters) -> Any:
        return {field: rooms.bot.texts.get((field, given.text("language_code") or ""), "")}

    method(f"setMy{name}")(put)
    method(f"getMy{name}")(get)


_text_methods("Description", "description", 512)
_text_methods("ShortDescription", "short_description", 120)
_text_methods("Name", "name", 64)


@method("setChatMenuButton")
def set_chat_menu_button(rooms: Rooms, given: Parameters) -> bool:
    """The button beside the text field."""
    button = given.json("menu_button", "MenuButton") or {"type": "default"}
    if button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("MenuButton has unsupported type")
    rooms.bot.menus[given.number("chat_id")] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(rooms: Rooms, given: Parameters) -> Any:
    """That button."""
    menus = rooms.bot.menus
    return menus.get(given.number("chat_id")) or menus.get(None) or {"type": "commands"}


@method("getChat")
def get_chat(rooms: Rooms, given: Parameters) -> Any:
    """Telegram's ChatFullInfo."""
    chat = rooms.world.reachable(given.text("chat_id"))
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return chat.to_json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


@method("getChatMember")
def get_chat_member(rooms: Rooms, given: Parameters) -> Any:
    """Telegram's ChatMember: creator, administrator, member, left or kicked."""
    chat = rooms.world.reachable(given.text("chat_id"))
    number = given.number("user_id")
    if number is None or number not in rooms.world.users:
        raise bad_request("invalid user_id specified")
    user = rooms.world.users[number]
    if chat.type not in GROUP_TYPES:
        status = "member" if number in {chat.id, rooms.world.bot.id} else "left"
    else:
        status = chat.bot_status if user is rooms.world.bot else chat.members.get(number, "left")
    return member_json(user.to_json(), status)


def member_json(user: dict[str, Any], status: str) -> dict[str, Any]:
    """A ChatMember with the fields that its kind must have."""
    row: dict[str, Any] = {"user": user, "status": status}
    if status == "creator":
        row["is_anonymous"] = False
    elif status == "administrator":
        rights = (
            "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
            "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
            "can_edit_stories", "can_delete_stories",
        )  # fmt: skip
        row |= dict.fromkeys(rights, True)
    elif status == "kicked":
        row["until_date"] = 0
    return row


@method("getChatAdministrators")
def get_chat_administrators(rooms: Rooms, given: Parameters) -> Any:
    """Those who lead a group."""
    chat = rooms.world.reachable(given.text("chat_id"))
    if chat.type not in GROUP_TYPES:
        raise bad_request("there are no administrators in the private chat")
    chiefs = [(n, s) for n, s in chat.members.items() if s in {"creator", "administrator"}]
    return [member_json(rooms.world.user(number).to_json(), status) for number, status in chiefs]


@method("getChatMemberCount")
def get_chat_member_count(rooms: Rooms, given: Parameters) -> Any:
    """How many are in a chat, the bot included."""
    chat = rooms.world.reachable(given.text("chat_id"))
    return 2 if chat.type == "private" else len(chat.members) + 1


@method("leaveChat")
def leave_chat(rooms: Rooms, given: Parameters) -> bool:
    """Out of a group."""
    rooms.world.reachable(given.text("chat_id")).bot_status = "left"
    rooms.world.changed()
    return True


@method("getFile")
def get_file(rooms: Rooms, given: Parameters) -> Any:
    """Where a file can be downloaded."""
    return rooms.files.describe(given.text("file_id"))


@method("setWebhook")
def set_webhook(rooms: Rooms, given: Parameters) -> bool:
    """Updates by POST from now on; loopback addresses may use plain HTTP and any port."""
    url = given.text("url") or ""
    _drop_pending(rooms, given)
    rooms.updates.allow(given.json("allowed_updates", "allowed updates"))
    if not url:
        rooms.updates.set_webhook(None)
        return True
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK:
        if parts.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if (parts.port or 443) not in WEBHOOK_PORTS:
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = given.text("secret_token")
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    rooms.updates.set_webhook(Webhook(url, secret, given.number("max_connections", 40) or 40))
    return True


@method("deleteWebhook")
def delete_webhook(rooms: Rooms, given: Parameters) -> bool:
    """Back to getUpdates."""
    _drop_pending(rooms, given)
    rooms.updates.set_webhook(None)
    return True


def _drop_pending(rooms: Rooms, given: Parameters) -> None:
    if given.flag("drop_pending_updates"):
        rooms.updates.pending.clear()


@method("getWebhookInfo")
def get_webhook_info(rooms: Rooms, given: Parameters) -> Any:
    """How the webhook does."""
    hook, updates = rooms.updates.webhook, rooms.updates
    info: dict[str, Any] = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(updates.pending),
    }
    if hook is not None:
        info["max_connections"] = hook.max_connections
        if hook.last_error_date is not None:
            info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error_message}
    if updates.allowed:
        info["allowed_updates"] = sorted(updates.allowed)
    return info


@method("logOut")
def log_out(rooms: Rooms, given: Parameters) -> bool:
    """Leave this server; later calls are refused."""
    rooms.bot.logged_out = True
    return True


@method("close")
def close(rooms: Rooms, given: Parameters) -> bool:
    """Close this instance; refused while a webhook is set."""
    if rooms.updates.webhook is not None:
        raise ApiError(400, "Bad Request: webhook must be deleted before closing the bot")
    return True
