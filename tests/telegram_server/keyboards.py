"""Keyboards under messages, judged as Telegram judges them."""

import json
from typing import Any

from .entities import checked_link
from .errors import bad_request

KINDS = (
    "url",
    "callback_data",
    "copy_text",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "pay",
)
MOST_BUTTONS = 100


def inline_keyboard(markup: Any) -> dict[str, Any] | None:
    """A checked inline keyboard; None for an empty one and for the other kinds, which a message does not keep.

    Raises ApiError, among them BUTTON_DATA_INVALID for callback data over 64 bytes.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "inline_keyboard" must be of type Array')
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    checked = [[_button(button) for button in row] for row in rows if row]
    return {"inline_keyboard": checked} if checked else None


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String and non-empty')
    kinds = [kind for kind in KINDS if button.get(kind) is not None]
    if not kinds:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    value = button[kinds[0]]
    match kinds[0]:
        case "callback_data" if not 1 <= len(str(value).encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
        case "copy_text" if not isinstance(value, dict) or not 1 <= len(str(value.get("text", ""))) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        case "url" if checked_link(str(value)) is None:
            raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    return dict(button)


def buttons(markup: dict[str, Any] | None) -> list[dict[str, Any]]:
    """All buttons of an inline keyboard, row by row."""
    return [button for row in (markup or {}).get("inline_keyboard", []) for button in row]


def same(first: Any, second: Any) -> bool:
    """Whether two JSON values are equal, the order of keys aside."""
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
