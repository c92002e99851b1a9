"""Methods that answer queries, and the messages that their results become."""

from typing import Any

from .entities import formatted, utf16
from .errors import bad_request
from .keyboards import inline_keyboard
from .methods import MOST_CAPTION, MOST_TEXT, Rooms, method
from .parameters import Parameters
from .queries import MOST_RESULTS, Query
from .state import Chat, Message

RESULT_TYPES = {"article", "photo", "document", "gif", "mpeg4_gif", "video", "audio", "voice", "location", "contact"}


@method("answerCallbackQuery")
def answer_callback_query(rooms: Rooms, given: Parameters) -> bool:
    """End the waiting of a pressed button, with a note of up to 200 characters."""
    query = rooms.queries.answerable(given.text("callback_query_id"), "callback")
    if utf16(given.text("text") or "") > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    rooms.queries.close(query, given.plain())
    rooms.world.changed()
    return True


def checked_result(result: Any) -> dict[str, Any]:
    """An InlineQueryResult with its text read, under "_shown". Raises ApiError."""
    if not isinstance(result, dict) or result.get("type") not in RESULT_TYPES:
        raise bad_request("can't parse inline query result: Unallowed result type")
    if not 1 <= len(str(result.get("id", "")).encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    content = result.get("input_message_content") or {}
    if result["type"] == "article":
        if not result.get("title"):
            raise bad_request('can\'t parse inline query result: Field "title" must be of type String and non-empty')
        if not content.get("message_text"):
            raise bad_request("can't parse inline query result: Message content is not specified")
    source = content.get("message_text") or result.get("caption") or ""
    mode = content.get("parse_mode") if content else result.get("parse_mode")
    shown = formatted(source, mode, content.get("entities"))
    if utf16(shown.text) > (MOST_TEXT if content else MOST_CAPTION):
        raise bad_request("MESSAGE_TOO_LONG")
    return result | {"_shown": shown, "_source": source, "reply_markup": inline_keyboard(result.get("reply_markup"))}


@method("answerInlineQuery")
def answer_inline_query(rooms: Rooms, given: Parameters) -> bool:
    """Results to choose from."""
    query = rooms.queries.answerable(given.text("inline_query_id"), "inline")
    results = given.json("results", "inline query results") or []
    if len(results) > MOST_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    checked = [checked_result(result) for result in results]
    if len({r["id"] for r in checked}) < len(checked):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len((given.text("next_offset") or "").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    rooms.queries.close(query, given.plain() | {"results": checked})
    rooms.world.changed()
    return True


@method("answerGuestQuery")
def answer_guest_query(rooms: Rooms, given: Parameters) -> Any:
    """One message into a chat in which the bot is only a guest."""
    query = rooms.queries.answerable(given.text("guest_query_id"), "guest")
    if query.answer is not None:
        raise bad_request("QUERY_ID_INVALID")
    result = checked_result(given.json("result", "inline query result"))
    rooms.queries.close(query, given.plain() | {"results": [result]})
    assert query.chat is not None
    message = post_result(rooms, query, result, query.chat, as_bot=True)
    message.reply_to = query.message
    return {"inline_message_id": message.inline_id}


def post_result(rooms: Rooms, query: Query, result: dict[str, Any], chat: Chat, *, as_bot: bool = False) -> Message:
    """The message that an inline result becomes; the bot can edit it by its inline_message_id."""
    world = rooms.world
    inline_id = f"AAMC{len(world.inline_messages) + 1:016d}"
    message = world.post(
        chat,
        world.bot if as_bot else query.user,
        result["_shown"],
        source=result["_source"],
        markup=result["reply_markup"],
        via_bot=None if as_bot else world.bot,
        inline_id=inline_id,
        preview=(result.get("input_message_content") or {}).get("link_preview_options"),
    )
    world.inline_messages[inline_id] = message
    query.messages.append(message)
    return message
