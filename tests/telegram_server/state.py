"""The world behind the server: users, chats, messages and drafts, as Telegram would hold them."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .entities import Formatted
from .errors import ApiError, bad_request, forbidden
from .keyboards import buttons

DRAFT_SECONDS = 30.0
GROUP_TYPES = {"group", "supergroup"}


@dataclass
class User:
    """A person or a bot."""

    id: int
    first_name: str
    username: str | None = None
    last_name: str | None = None
    language_code: str | None = None
    is_bot: bool = False

    def to_json(self) -> dict[str, Any]:
        """Telegram's User."""
        row = {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language_code,
        }
        return {key: value for key, value in row.items() if value is not None}


@dataclass
class Message:
    """A message as it stands now; `versions` holds (seconds, text) of each state it had."""

    id: int
    chat: "Chat"
    sender: User
    date: int
    sent_at: float  # on the monotonic clock of this machine
    text: str = ""  # or the caption where there is media
    entities: tuple[dict[str, Any], ...] = ()
    media: dict[str, Any] = field(default_factory=dict)  # {"document": {...}}, {"photo": [...]}, {"sticker": {...}} …
    markup: dict[str, Any] | None = None
    reply_to: "Message | None" = None
    thread_id: int | None = None
    preview: dict[str, Any] | None = None
    edit_date: int | None = None
    deleted: bool = False
    via_bot: User | None = None
    inline_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)  # forward_origin, guest_query_id …
    reactions: dict[int, list[str]] = field(default_factory=dict)
    source: str | None = None  # the text as the bot sent it, with its markup
    versions: list[tuple[float, str]] = field(default_factory=list)

    @property
    def from_bot(self) -> bool:
        """Whether a bot sent it."""
        return self.sender.is_bot

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons under it, row by row."""
        return buttons(self.markup)

    def to_json(self, *, depth: int = 1) -> dict[str, Any]:
        """Telegram's Message; a replied-to message is given without its own reply."""
        row: dict[str, Any] = {
            "message_id": self.id,
            "from": self.sender.to_json(),
            "chat": self.chat.to_json(),
            "date": self.date,
            **self.media,
            **self.extra,
        }
        if self.thread_id is not None:
            row |= {"message_thread_id": self.thread_id, "is_topic_message": True}
        if (replied := self.reply_to or self._opening()) is not None and depth:
            row["reply_to_message"] = replied.to_json(depth=0)
        if self.edit_date is not None:
            row["edit_date"] = self.edit_date
        if self.text:
            row["caption" if self.media else "text"] = self.text
        if self.entities:
            row["caption_entities" if self.media else "entities"] = [_entity(e) for e in self.entities]
        if self.markup is not None:
            row["reply_markup"] = self.markup
        if self.via_bot is not None:
            row["via_bot"] = self.via_bot.to_json()
        if self.preview is not None:
            row["link_preview_options"] = self.preview
        return row

    def _opening(self) -> "Message | None":
        """The message that opened the topic: what Telegram says that every message of a topic replies to."""
        opening = self.chat.messages.get(self.thread_id) if self.thread_id is not None else None
        return None if opening is self else opening

    def write(self, formatted: Formatted, source: str | None) -> None:
        """Take on a new text."""
        self.text, self.entities, self.source = formatted.text, formatted.entities, source
        self.versions.append((time.monotonic(), formatted.text))


def _entity(entity: dict[str, Any]) -> dict[str, Any]:
    if (user := entity.get("user_id")) is None:
        return entity
    kept = {key: value for key, value in entity.items() if key != "user_id"}
    return kept | {"user": {"id": user, "is_bot": False, "first_name": str(user)}}


@dataclass(frozen=True)
class Draft:
    """A state of a message that was being written when `at` was on the monotonic clock."""

    draft_id: int
    text: str
    at: float
    thread_id: int | None = None
    entities: tuple[dict[str, Any], ...] = ()


@dataclass
class Chat:
    """A private chat or a group; messages keep their order and are never forgotten, deleted ones included."""

    id: int
    type: str
    title: str | None = None
    user: User | None = None  # the other side of a private chat
    is_forum: bool = False
    members: dict[int, str] = field(default_factory=dict)  # user id → status
    bot_status: str = "member"
    started: bool = True  # whether the user has ever written
    blocked: bool = False
    migrated_to: int | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    actions: list[tuple[float, str]] = field(default_factory=list)
    last_bot: int | None = None  # the bot that spoke last

    def to_json(self) -> dict[str, Any]:
        """Telegram's Chat."""
        if self.user is not None:
            named = {k: v for k, v in self.user.to_json().items() if k in {"first_name", "last_name", "username"}}
            return {"id": self.id, "type": self.type, **named}
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.type, "title": self.title, **forum}

    def shown(self, thread: int | None = None) -> list[Message]:
        """The messages that a user sees, oldest first; of one topic if it is named."""
        return [m for m in self.messages.values() if not m.deleted and (thread is None or m.thread_id == thread)]

    def live_draft(self) -> Draft | None:
        """The draft that a user sees now: the last one, until a message follows or it expires."""
        if not self.drafts or time.monotonic() - self.drafts[-1].at > DRAFT_SECONDS:
            return None
        last = next((m for m in reversed(self.messages.values()) if m.from_bot), None)
        return None if last is not None and last.sent_at >= self.drafts[-1].at else self.drafts[-1]


class World:
    """Everything that exists, with its counters; `version` grows with each change and wakes who waits."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.inline_messages: dict[str, Message] = {}
        self.version = 0
        self.condition = threading.Condition()
        self._private_ids = 100  # one counter for all private chats and basic groups, as for a real account

    def changed(self) -> None:
        """Tell those who wait that something happened."""
        with self.condition:
            self.version += 1
            self.condition.notify_all()

    def user(self, user_id: int) -> User:
        """A user, made on first mention."""
        if user_id not in self.users:
            self.users[user_id] = User(user_id, f"User {user_id}", language_code="ar")
        return self.users[user_id]

    def chat(self, chat_id: int) -> Chat:
        """A chat, made on first mention: private for a positive id, else a supergroup."""
        if chat_id not in self.chats:
            if chat_id > 0:
                self.chats[chat_id] = Chat(chat_id, "private", user=self.user(chat_id), started=False)
            else:
                self.chats[chat_id] = Chat(chat_id, "supergroup", title=f"Group {chat_id}")
        return self.chats[chat_id]

    def reachable(self, chat_id: Any) -> Chat:
        """The chat for a call of the bot. Raises ApiError as Telegram does: not found, blocked, kicked, migrated."""
        try:
            number = int(chat_id)
        except (TypeError, ValueError):
            raise bad_request("chat_id is empty" if not chat_id else "chat not found") from None
        chat = self.chats.get(number)
        if chat is None:
            if number in self.users:
                raise forbidden("bot can't initiate conversation with a user")
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            why = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, why, migrate_to_chat_id=chat.migrated_to)
        if chat.bot_status in {"kicked", "left"}:
            raise forbidden(f"bot was kicked from the {chat.type.replace('group', 'group chat')}")
        return chat

    def writable(self, chat_id: Any) -> Chat:
        """The chat, if the bot may write there."""
        chat = self.reachable(chat_id)
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat

    def next_id(self, chat: Chat) -> int:
        """The next message id: per supergroup, else from one counter."""
        if chat.type == "supergroup":
            return max(chat.messages, default=0) + 1
        self._private_ids += 1
        return self._private_ids

    def post(self, chat: Chat, sender: User, formatted: Formatted | None = None, **more: Any) -> Message:
        """Put a message into a chat."""
        source = more.pop("source", None)
        message = Message(self.next_id(chat), chat, sender, int(time.time()), time.monotonic(), **more)
        message.write(formatted or Formatted(""), source)
        chat.messages[message.id] = message
        if sender.is_bot:
            chat.last_bot = sender.id
        self.changed()
        return message

    def all_messages(self) -> Iterator[Message]:
        """Every message that was ever posted, deleted ones too."""
        for chat in self.chats.values():
            yield from chat.messages.values()
