"""Methods that send, change and delete messages."""

import re
import time
from typing import Any

from .entities import Formatted
from .errors import bad_request
from .keyboards import same
from .methods import (
    MOST_CAPTION,
    Rooms,
    keyboard,
    message_text,
    method,
    own_message,
    preview,
    replied,
    topic,
)
from .parameters import Parameters
from .state import Draft, Message

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
EDITABLE_SECONDS = 48 * 3600


def _send(rooms: Rooms, given: Parameters, shown: Formatted, source: str | None, media: dict[str, Any]) -> Message:
    chat = rooms.world.writable(given.text("chat_id"))
    reply_to = replied(rooms, given, chat)
    return rooms.world.post(
        chat,
        rooms.world.bot,
        shown,
        source=source,
        media=media,
        markup=keyboard(given),
        reply_to=reply_to,
        thread_id=topic(given, chat, reply_to),
        preview=preview(given),
    )


@method("sendMessage")
def send_message(rooms: Rooms, given: Parameters) -> Any:
    """Text."""
    rooms.world.writable(given.text("chat_id"))
    return _send(rooms, given, message_text(given), given.text("text"), {}).to_json()


@method("sendDocument")
def send_document(rooms: Rooms, given: Parameters) -> Any:
    """A file."""
    rooms.world.writable(given.text("chat_id"))
    caption = message_text(given, "caption", most=MOST_CAPTION, empty=True)
    return _send(rooms, given, caption, given.text("caption"), rooms.files.document(given)).to_json()


@method("sendPhoto")
def send_photo(rooms: Rooms, given: Parameters) -> Any:
    """A picture."""
    rooms.world.writable(given.text("chat_id"))
    caption = message_text(given, "caption", most=MOST_CAPTION, empty=True)
    return _send(rooms, given, caption, given.text("caption"), rooms.files.photo(given)).to_json()


@method("sendMessageDraft")
def send_message_draft(rooms: Rooms, given: Parameters) -> bool:
    """A message in the making; private chats only."""
    chat = rooms.world.writable(given.text("chat_id"))
    if chat.type != "private":
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    if not given.number("draft_id"):
        raise bad_request("RANDOM_ID_INVALID")
    shown = message_text(given, empty=True)
    thread = given.number("message_thread_id")
    chat.drafts.append(Draft(given.number("draft_id") or 0, shown.text, time.monotonic(), thread, shown.entities))
    rooms.world.changed()
    return True


@method("copyMessage")
def copy_message(rooms: Rooms, given: Parameters) -> Any:
    """A message again, without saying where it came from."""
    original = rooms.world.reachable(given.text("from_chat_id")).messages.get(given.number("message_id") or 0)
    if original is None or original.deleted:
        raise bad_request("message to copy not found")
    shown = Formatted(original.text, original.entities)
    return {"message_id": _send(rooms, given, shown, original.source, original.media).id}


@method("forwardMessage")
def forward_message(rooms: Rooms, given: Parameters) -> Any:
    """A message again, with its origin."""
    original = rooms.world.reachable(given.text("from_chat_id")).messages.get(given.number("message_id") or 0)
    if original is None or original.deleted:
        raise bad_request("message to forward not found")
    sent = _send(rooms, given, Formatted(original.text, original.entities), original.source, original.media)
    sent.extra["forward_origin"] = origin(original)
    return sent.to_json()


def origin(message: Message) -> dict[str, Any]:
    """Telegram's MessageOrigin of a forwarded message."""
    return {"type": "user", "date": message.date, "sender_user": message.sender.to_json()}


def _changed(rooms: Rooms, given: Parameters, message: Message, shown: Formatted, source: str | None) -> Any:
    """Put new content and keyboard on a message; the same ones are refused."""
    markup = keyboard(given)
    before = [message.text, list(message.entities), message.markup, message.preview]
    if same(before, [shown.text, list(shown.entities), markup, preview(given)]):
        raise bad_request(NOT_MODIFIED)
    message.markup, message.preview = markup, preview(given)
    message.edit_date = int(time.time())
    message.write(shown, source)
    rooms.world.changed()
    return True if message.inline_id else message.to_json()


@method("editMessageText")
def edit_message_text(rooms: Rooms, given: Parameters) -> Any:
    """Another text."""
    message = own_message(rooms, given, "edit")
    shown = message_text(given)
    if message.media:
        raise bad_request("there is no text in the message to edit")
    return _changed(rooms, given, message, shown, given.text("text"))


@method("editMessageCaption")
def edit_message_caption(rooms: Rooms, given: Parameters) -> Any:
    """Another caption."""
    message = own_message(rooms, given, "edit")
    shown = message_text(given, "caption", most=MOST_CAPTION, empty=True)
    if not message.media:
        raise bad_request("there is no caption in the message to edit")
    return _changed(rooms, given, message, shown, given.text("caption"))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(rooms: Rooms, given: Parameters) -> Any:
    """Other buttons, or none."""
    message = own_message(rooms, given, "edit")
    markup = keyboard(given)
    if same(markup, message.markup):
        raise bad_request(NOT_MODIFIED)
    message.markup = markup
    message.edit_date = int(time.time())
    rooms.world.changed()
    return True if message.inline_id else message.to_json()


def _delete(rooms: Rooms, chat_id: str | None, number: int | None) -> None:
    chat = rooms.world.reachable(chat_id)
    message = chat.messages.get(number or 0)
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    own = message.sender is rooms.world.bot
    if not own and chat.type != "private" and chat.bot_status != "administrator":
        raise bad_request("message can't be deleted")
    if time.time() - message.date > EDITABLE_SECONDS and chat.bot_status != "administrator":
        raise bad_request("message can't be deleted for everyone")
    message.deleted = True
    rooms.world.changed()


@method("deleteMessage")
def delete_message(rooms: Rooms, given: Parameters) -> bool:
    """Take a message away."""
    _delete(rooms, given.text("chat_id"), given.number("message_id"))
    return True


@method("deleteMessages")
def delete_messages(rooms: Rooms, given: Parameters) -> bool:
    """Take several away; those that are not there are passed over."""
    chat = rooms.world.reachable(given.text("chat_id"))
    for number in given.json("message_ids") or []:
        if (message := chat.messages.get(number)) is not None and not message.deleted:
            _delete(rooms, given.text("chat_id"), number)
    return True


@method("sendChatAction")
def send_chat_action(rooms: Rooms, given: Parameters) -> bool:
    """«typing…», seen for five seconds."""
    chat = rooms.world.writable(given.text("chat_id"))
    action = given.text("action") or ""
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    topic(given, chat, None)
    chat.actions.append((time.monotonic(), action))
    rooms.world.changed()
    return True


@method("setMessageReaction")
def set_message_reaction(rooms: Rooms, given: Parameters) -> bool:
    """The bot's own reaction to a message."""
    chat = rooms.world.writable(given.text("chat_id"))
    message = chat.messages.get(given.number("message_id") or 0)
    if message is None or message.deleted:
        raise bad_request("message to react not found")
    wanted = given.json("reaction", "reaction") or []
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(r.get("type") == "emoji" and r.get("emoji") not in REACTIONS for r in wanted):
        raise bad_request("REACTION_INVALID")
    message.reactions[rooms.world.bot.id] = [r.get("emoji", "") for r in wanted]
    rooms.world.changed()
    return True


# https://core.telegram.org/bots/api#reactiontypeemoji
REACTIONS = set(re.findall(
    r"\S+",
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 "
    "👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡",
))  # fmt: skip
