"""What people do: write, press, ask inline, upload, block. Each deed gives the update that the bot gets, if it gets one."""

import time
from typing import Any

from .entities import Formatted, detected
from .files import StoredFile
from .methods import Rooms
from .methods_bot import member_json
from .methods_messages import origin
from .methods_queries import post_result
from .queries import Query
from .state import GROUP_TYPES, Chat, Message, User

SERVICE = ("new_chat_members", "left_chat_member", "forum_topic_created", "pinned_message", "new_chat_title")


class Control:
    """Deeds of users, on the server's event loop. Chats and users that are not known yet come into being."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.world = rooms.world

    # people and chats

    def add_user(self, /, user: int, first_name: str, **more: Any) -> User:
        """A user with a name (username, last_name, language_code, is_bot)."""
        self.world.users[user] = User(user, first_name, **more)
        if (chat := self.world.chats.get(user)) is not None:
            chat.user = self.world.users[user]
        return self.world.users[user]

    def add_group(
        self, chat: int, title: str, *, forum: bool = False, kind: str = "supergroup", bot_status: str = "member"
    ) -> Chat:
        """A group that the bot is in; a forum has topics."""
        group = Chat(chat, kind, title=title, is_forum=forum, bot_status=bot_status)
        self.world.chats[chat] = group
        self.world.changed()
        return group

    def add_topic(self, chat: int, name: str, *, by_bot: bool = False) -> int:
        """A topic of a forum: its message_thread_id."""
        group, opener = self.world.chat(chat), self.world.bot if by_bot else self.world.user(1)
        message = self.world.post(group, opener, media={"forum_topic_created": {"name": name, "icon_color": 0}})
        group.topics[message.id] = name
        message.thread_id = message.id
        return message.id

    # messages

    def user_says(
        self,
        chat: int,
        user: int | None,
        text: str,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        media: dict[str, Any] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> Message:
        """A message of a user (None: of the private chat's own); `media` and `extra` are fields of Telegram's Message."""
        where, who = self._place(chat, user)
        shown = Formatted(text, tuple(detected(text)))
        replied = where.messages.get(reply_to) if reply_to is not None else None
        if thread is None and replied is not None and where.is_forum:
            thread = replied.thread_id
        message = self.world.post(
            where, who, shown, reply_to=replied, thread_id=thread, media=media or {}, extra=extra or {}
        )
        self._deliver("message", message)
        return message

    def edit(self, chat: int, message: int, text: str) -> Message:
        """A user changes a message of theirs."""
        found = self._message(chat, message)
        found.write(Formatted(text, tuple(detected(text))), None)
        found.edit_date = int(time.time())
        self._deliver("edited_message", found)
        self.world.changed()
        return found

    def delete(self, chat: int, message: int) -> None:
        """A user takes a message away; a bot is not told."""
        self._message(chat, message).deleted = True
        self.world.changed()

    def upload(
        self,
        /,
        chat: int,
        user: int | None,
        data: bytes,
        name: str,
        *,
        caption: str = "",
        mime: str | None = None,
        size: int | None = None,
        **more: Any,
    ) -> Message:
        """A user sends a file; `size` pretends another size."""
        stored = self.rooms.files.keep(data, name, mime, folder="documents", size=size)
        media = {"document": self.rooms.files.document_of(stored)}
        return self.user_says(chat, user, caption, media=media, **more)

    def photo(self, /, chat: int, user: int | None, data: bytes, *, caption: str = "", **more: Any) -> Message:
        """A user sends a picture."""
        stored = self.rooms.files.keep(data, "photo.jpg", "image/jpeg", folder="photos")
        return self.user_says(chat, user, caption, media=self.rooms.files.photo_of(stored), **more)

    def sticker(self, /, chat: int, user: int | None, **more: Any) -> Message:
        """A user sends a sticker."""
        stored = self._stored(b"sticker", "sticker.webp", "stickers")
        kind = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👍"}
        return self.user_says(chat, user, "", media={"sticker": stored.to_json() | kind}, **more)

    def voice(self, /, chat: int, user: int | None, **more: Any) -> Message:
        """A user sends a voice message."""
        stored = self._stored(b"voice", "voice.ogg", "voice")
        media = {"voice": stored.to_json() | {"duration": 3, "mime_type": "audio/ogg"}}
        return self.user_says(chat, user, "", media=media, **more)

    def forward(self, /, chat: int, user: int | None, from_chat: int, message: int, **more: Any) -> Message:
        """A user forwards a message into a chat."""
        found = self._message(from_chat, message)
        extra = {"forward_origin": origin(found)}
        return self.user_says(chat, user, found.text, media=dict(found.media), extra=extra, **more)

    def guest(self, user: int, text: str, *, chat: int = -100_999) -> Query:
        """A user calls the bot by name in a chat where it is no member."""
        where, who = self.world.chat(chat), self.world.user(user)
        where.bot_status = "left"
        message = self.world.post(where, who, Formatted(text, tuple(detected(text))))
        query = self.rooms.queries.new("guest", who, chat=where, message=message)
        message.extra["guest_query_id"] = query.id
        self.rooms.updates.put("guest_message", message.to_json(), f"chat{where.id}")
        return query

    # buttons and queries

    def press(self, chat: int, message: int, button: str | int, *, user: int | None = None) -> Query:
        """Press a button by its text, callback data or number. Raises ValueError where it has no callback."""
        found = self._message(chat, message)
        return self._press(found, self._button(found, button), user)

    def press_inline(self, inline_id: str, button: str | int, *, user: int) -> Query:
        """Press a button of a message that came from an inline result."""
        found = self.world.inline_messages[inline_id]
        return self._press(found, self._button(found, button), user)

    def press_data(self, chat: int, message: int, data: str, *, user: int | None = None) -> Query:
        """A callback that no button of the message holds, as a tampering client could send it."""
        return self._press(self._message(chat, message), data, user)

    def _press(self, found: Message, data: str, user: int | None) -> Query:
        who = self.world.user(found.chat.id if user is None else user)
        query = self.rooms.queries.new("callback", who, message=found)
        body: dict[str, Any] = {
            "id": query.id,
            "from": who.to_json(),
            "chat_instance": str(-7 * found.chat.id),
            "data": data,
        }
        body |= {"inline_message_id": found.inline_id} if found.inline_id else {"message": found.to_json()}
        self.rooms.updates.put("callback_query", body, f"chat{found.chat.id}")
        return query

    def inline(self, user: int, text: str, *, offset: str = "", chat_type: str = "sender") -> Query:
        """A user types «@bot text» into any chat."""
        who = self.world.user(user)
        query = self.rooms.queries.new("inline", who)
        body = {"id": query.id, "from": who.to_json(), "query": text, "offset": offset, "chat_type": chat_type}
        self.rooms.updates.put("inline_query", body, f"inline{user}")
        return query

    def choose(self, query_id: str, result_id: str, chat: int) -> Message:
        """The user posts one of the results into a chat; the bot is told."""
        query = self.rooms.queries.rows[query_id]
        result = next(r for r in (query.answer or {})["results"] if r["id"] == result_id)
        message = post_result(self.rooms, query, result, self.world.chat(chat))
        body: dict[str, Any] = {"result_id": result_id, "from": query.user.to_json(), "query": ""}
        body |= {"inline_message_id": message.inline_id} if message.markup else {}
        self.rooms.updates.put("chosen_inline_result", body, f"inline{query.user.id}")
        if message.chat.type in GROUP_TYPES or message.chat.started:
            self._deliver("message", message)
        return message

    def react(self, chat: int, message: int, user: int, emoji: str) -> None:
        """A user reacts to a message ("" takes the reaction back)."""
        found = self._message(chat, message)
        before = found.reactions.get(user, [])
        found.reactions[user] = [emoji] if emoji else []
        body = {
            "chat": found.chat.to_json(),
            "message_id": found.id,
            "user": self.world.user(user).to_json(),
            "date": int(time.time()),
            "old_reaction": [{"type": "emoji", "emoji": e} for e in before],
            "new_reaction": [{"type": "emoji", "emoji": e} for e in found.reactions[user]],
        }
        self.rooms.updates.put("message_reaction", body, f"chat{chat}")
        self.world.changed()

    # membership

    def block(self, user: int, *, blocked: bool = True) -> None:
        """A user blocks the bot in private, or lets it in again."""
        chat = self.world.chat(user)
        chat.blocked = blocked
        self._membership(chat, self.world.user(user), *(("member", "kicked") if blocked else ("kicked", "member")))

    def kick(self, chat: int, user: int = 1) -> None:
        """The bot is thrown out of a group."""
        group = self.world.chat(chat)
        before, group.bot_status = group.bot_status, "kicked"
        self._membership(group, self.world.user(user), before, "kicked")

    def invite(self, chat: int, user: int = 1) -> None:
        """The bot is added to a group."""
        group = self.world.chat(chat)
        before, group.bot_status = group.bot_status, "member"
        self._membership(group, self.world.user(user), before if before != "member" else "left", "member")

    def migrate(self, chat: int, to: int) -> None:
        """A basic group becomes a supergroup with another id."""
        old = self.world.chat(chat)
        self.add_group(to, old.title or "")
        old.migrated_to = to

    # the inside

    def _membership(self, chat: Chat, who: User, before: str, after: str) -> None:
        bot = self.world.bot.to_json()
        body = {
            "chat": chat.to_json(),
            "from": who.to_json(),
            "date": int(time.time()),
            "old_chat_member": member_json(bot, before),
            "new_chat_member": member_json(bot, after),
        }
        self.rooms.updates.put("my_chat_member", body, f"chat{chat.id}")
        self.world.changed()

    def _place(self, chat: int, user: int | None) -> tuple[Chat, User]:
        where = self.world.chat(chat)
        who = self.world.user(chat if user is None else user)
        if where.type == "private":
            where.started = True
            where.blocked = False  # who writes to a bot has it unblocked
        else:
            where.members.setdefault(who.id, "member")
        return where, who

    def _message(self, chat: int, message: int) -> Message:
        found = self.world.chat(chat).messages.get(message)
        if found is None or found.deleted:
            raise ValueError(f"no message {message} in chat {chat}")
        return found

    def _button(self, message: Message, button: str | int) -> str:
        if isinstance(button, int):
            chosen = message.buttons[button]
        else:
            named = [b for b in message.buttons if button in {b["text"], b.get("callback_data")}]
            named = named or [b for b in message.buttons if button in b["text"]]
            if not named:
                raise ValueError(f"no button {button!r} among {[b['text'] for b in message.buttons]}")
            chosen = named[0]
        if "callback_data" not in chosen:
            raise ValueError(f"the button {chosen['text']!r} calls nothing back: {chosen}")
        return str(chosen["callback_data"])

    def _stored(self, data: bytes, name: str, folder: str) -> StoredFile:
        return self.rooms.files.keep(data, name, folder=folder)

    def _deliver(self, kind: str, message: Message) -> None:
        if self.reaches_bot(message):
            self.rooms.updates.put(kind, message.to_json(), f"chat{message.chat.id}")

    def reaches_bot(self, message: Message) -> bool:
        """What a bot in privacy mode gets to see: https://core.telegram.org/bots/features#privacy-mode.

        In groups: commands for it or for any bot where none other spoke last, mentions, replies to it, posts by way of
        it, service messages; as an administrator everything. Never what bots write.
        """
        bot, chat = self.world.bot, message.chat
        if message.sender.is_bot:
            return False
        if chat.type not in GROUP_TYPES or chat.bot_status == "administrator":
            return True
        if chat.bot_status in {"left", "kicked"}:
            return False
        if message.via_bot is bot or (message.reply_to is not None and message.reply_to.sender is bot):
            return True
        name = f"@{bot.username}".lower()
        for entity in message.entities:
            words = _part(message.text, entity).lower()
            if entity["type"] == "mention" and words == name:
                return True
            if entity["type"] == "bot_command" and entity["offset"] == 0:
                if "@" in words:
                    return words.endswith(name)
                return chat.last_bot in {None, bot.id}
        return any(name in message.media for name in SERVICE)


def _part(text: str, entity: dict[str, Any]) -> str:
    units = text.encode("utf-16-le")
    return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
