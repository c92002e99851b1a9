"""The registry of Bot API methods, and what they share: the server's rooms and the checks of a message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .entities import Formatted, formatted, utf16
from .errors import bad_request
from .files import Files
from .keyboards import inline_keyboard
from .parameters import Parameters
from .queries import Queries
from .state import Chat, Message, World
from .updates import Updates

MOST_TEXT = 4096
MOST_CAPTION = 1024


@dataclass
class Bot:
    """What the bot has told Telegram about itself."""

    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)  # (scope, language)
    texts: dict[tuple[str, str], str] = field(
        default_factory=dict
    )  # (description | short_description | name, language)
    menus: dict[int | None, dict[str, Any]] = field(default_factory=dict)  # by chat
    logged_out: bool = False


@dataclass
class Rooms:
    """All parts of the server that methods and control work on."""

    world: World
    updates: Updates
    files: Files
    queries: Queries
    bot: Bot


Method = Callable[[Rooms, Parameters], Any]
METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Register a method; Telegram's names are read without regard to case."""

    def register(function: Method) -> Method:
        METHODS[name.lower()] = function
        return function

    return register


def message_text(given: Parameters, name: str = "text", *, most: int = MOST_TEXT, empty: bool = False) -> Formatted:
    """The text of a message with its entities. Raises ApiError: empty, too long, can't parse entities."""
    source = given.text(name) or ""
    if not source and not empty:
        raise bad_request("message text is empty")
    parse_mode = given.text("parse_mode")
    prefix = "caption_" if name == "caption" else ""
    shown = formatted(source, parse_mode, given.json(f"{prefix}entities", "message entities"))
    if not shown.text and not empty:
        raise bad_request("text must be non-empty")
    if utf16(shown.text) > most:
        raise bad_request("message caption is too long" if name == "caption" else "message is too long")
    return shown


def keyboard(given: Parameters) -> dict[str, Any] | None:
    """The inline keyboard of a call."""
    return inline_keyboard(given.json("reply_markup", "reply keyboard markup"))


def replied(rooms: Rooms, given: Parameters, chat: Chat) -> Message | None:
    """The message that a call replies to. Raises ApiError when it is gone and must be there."""
    wanted = given.json("reply_parameters", "reply parameters") or {}
    number = wanted.get("message_id") or given.number("reply_to_message_id")
    if number is None:
        return None
    other = wanted.get("chat_id")
    if other is not None:
        chat = rooms.world.reachable(other)
    message = chat.messages.get(int(number))
    if message is not None and not message.deleted:
        return message
    if wanted.get("allow_sending_without_reply") or given.flag("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def topic(given: Parameters, chat: Chat, reply_to: Message | None) -> int | None:
    """The topic of a new message: as asked, else that of the message replied to."""
    thread = given.number("message_thread_id")
    if thread is None:
        return reply_to.thread_id if reply_to is not None and chat.is_forum else None
    if not chat.is_forum or thread not in chat.topics:
        raise bad_request("message thread not found")
    return thread


def preview(given: Parameters) -> dict[str, Any] | None:
    """link_preview_options, with the older parameter read too."""
    options = given.json("link_preview_options", "link preview options")
    if options is None and given.flag("disable_web_page_preview"):
        return {"is_disabled": True}
    return dict(options) if options else None


def own_message(rooms: Rooms, given: Parameters, action: str) -> Message:
    """The bot's message that a call changes. Raises ApiError «message to edit not found» and «can't be edited»."""
    if (inline_id := given.text("inline_message_id")) is not None:
        if inline_id not in rooms.world.inline_messages:
            raise bad_request("MESSAGE_ID_INVALID")
        return rooms.world.inline_messages[inline_id]
    chat = rooms.world.writable(given.text("chat_id"))
    number = given.number("message_id")
    if number is None:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(number)
    if message is None or message.deleted:
        raise bad_request(f"message to {action} not found")
    if message.sender is not rooms.world.bot:
        raise bad_request(f"message can't be {action}ed")
    return message
