"""Which messages are for the bot: all in private, in groups only commands, mentions and replies to it."""

from collections.abc import Iterable

from telegram import Chat, Message, MessageEntity


def addressed(message: Message, bot_id: int, username: str) -> bool:
    """Whether a message is meant for the bot."""
    if message.chat.type == Chat.PRIVATE:
        return True
    return _is_reply(message, bot_id) or any(_names(message, entity, bot_id, username) for entity in _entities(message))


def without_mentions(message: Message, bot_id: int, username: str) -> str:
    """The text of a message without the bot's name, which is no part of a question."""
    text = message.text or message.caption or ""
    raw = text.encode("utf-16-le")  # entities count UTF-16 units
    for entity in sorted(_entities(message), key=lambda e: -e.offset):
        if entity.type != MessageEntity.BOT_COMMAND and _names(message, entity, bot_id, username):
            raw = raw[: 2 * entity.offset] + raw[2 * (entity.offset + entity.length) :]
    return raw.decode("utf-16-le", "replace").strip(" \t\n،,:؛")


def _is_reply(message: Message, bot_id: int) -> bool:
    answered = message.reply_to_message
    # In a topic every message replies to the one that opened it, which may be the bot's.
    return (
        answered is not None
        and answered.forum_topic_created is None
        and answered.from_user is not None
        and answered.from_user.id == bot_id
    )


def _entities(message: Message) -> Iterable[MessageEntity]:
    return message.entities or message.caption_entities


def _names(message: Message, entity: MessageEntity, bot_id: int, username: str) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == bot_id
    if entity.type not in {MessageEntity.MENTION, MessageEntity.BOT_COMMAND}:
        return False
    named = (message.parse_entity(entity) if message.text else message.parse_caption_entity(entity)).casefold()
    if entity.type == MessageEntity.MENTION:
        return named == f"@{username}".casefold()
    return "@" not in named or named.endswith(f"@{username}".casefold())
