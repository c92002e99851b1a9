"""Which messages of a group are for the bot, and what of them is the question."""

from datetime import UTC, datetime

import pytest
from telegram import Chat, ForumTopicCreated, Message, MessageEntity, User

from bot.groups import addressed, without_mentions

BOT = User(5, "سند", is_bot=True, username="Sanad_bot")
SOMEBODY = User(6, "هدى", is_bot=False)


def message(
    text: str, *entities: MessageEntity, reply_to: Message | None = None, kind: str = Chat.SUPERGROUP
) -> Message:
    """A message of a user."""
    return Message(
        1,
        datetime.now(UTC),
        Chat(-1, kind),
        from_user=SOMEBODY,
        text=text,
        entities=entities,
        reply_to_message=reply_to,
    )


def answered(author: User, *, opens_topic: bool = False) -> Message:
    """A message that may be replied to."""
    opened = ForumTopicCreated("موضوع", 1) if opens_topic else None
    return Message(9, datetime.now(UTC), Chat(-1, Chat.SUPERGROUP), from_user=author, forum_topic_created=opened)


def mention(offset: int, length: int, kind: str = MessageEntity.MENTION, user: User | None = None) -> MessageEntity:
    """An entity."""
    return MessageEntity(kind, offset, length, user=user)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (message("كم؟"), False),
        (message("كم؟", kind=Chat.PRIVATE), True),
        (message("@sanad_BOT كم؟", mention(0, 10)), True),
        (message("@sanad_bot2 كم؟", mention(0, 11)), False),
        (message("سند كم؟", mention(0, 3, MessageEntity.TEXT_MENTION, BOT)), True),
        (message("هدى كم؟", mention(0, 3, MessageEntity.TEXT_MENTION, SOMEBODY)), False),
        (message("/ask@Sanad_bot كم؟", mention(0, 14, MessageEntity.BOT_COMMAND)), True),
        (message("/ask كم؟", mention(0, 4, MessageEntity.BOT_COMMAND)), True),
        (message("/ask@other_bot كم؟", mention(0, 14, MessageEntity.BOT_COMMAND)), False),
        (message("كم؟", reply_to=answered(BOT)), True),
        (message("كم؟", reply_to=answered(SOMEBODY)), False),
        (message("كم؟", reply_to=answered(BOT, opens_topic=True)), False),
    ],
)
def test_what_is_for_the_bot(said: Message, meant: bool) -> None:
    """Commands without another bot's name, mentions of the bot, replies to its messages; all in private."""
    assert addressed(said, BOT.id, "Sanad_bot") is meant


def test_the_bots_name_is_no_part_of_the_question() -> None:
    """Mentions of the bot are cut out, where emoji before them count twice; other names stay."""
    said = "😀 @Sanad_bot، كم قدمت اليابان؟ @other"
    cut = without_mentions(message(said, mention(3, 10), mention(len(said) + 1 - 6, 6)), BOT.id, "Sanad_bot")
    assert cut == "😀 ، كم قدمت اليابان؟ @other"
    assert without_mentions(message("@Sanad_bot، كم؟", mention(0, 10)), BOT.id, "Sanad_bot") == "كم؟"
