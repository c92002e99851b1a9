"""Texts are read as Telegram reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telegram_server.entities import Formatted, detected, formatted, utf16
from tests.telegram_server.errors import ApiError


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("a <b>c", 'Can\'t find end tag corresponding to start tag "b"'),
        ("س < ص", 'Unsupported start tag "" at byte offset 3'),
        ("<x>y</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("منحة <3", "Unclosed start tag at byte offset 9"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a =>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
        ('<span class="red">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken(source: str, why: str) -> None:
    """Broken markup is refused in Telegram's words, with the byte offset of the place."""
    with pytest.raises(ApiError) as refused:
        formatted(source, "HTML")
    assert refused.value.description == f"Bad Request: can't parse entities: {why}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>أ</b> &lt;ب&gt; &amp;", "أ <ب> &", [("bold", 0, 1)]),
        ("😀<i>ab</i>", "😀ab", [("italic", 2, 2)]),
        ("  <b>نص</b>  ", "نص", [("bold", 0, 2)]),
        ("<b>أ <i>ب</i></b>", "أ ب", [("bold", 0, 3), ("italic", 2, 1)]),
        ("<blockquote expandable>قول</blockquote>", "قول", [("expandable_blockquote", 0, 3)]),
        ("<code><b>x</b></code>", "x", [("code", 0, 1)]),
        ("<a href='nowhere'>x</a>", "x", []),
        ("&nbsp;", "&nbsp;", []),
        ("a\u202bb\u2067c\u200f", "ab\u2067c\u200f", []),
    ],
)
def test_read(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    """Markup becomes entities counted in UTF-16 units, blanks at the ends go, as do marks U+202A to U+202E."""
    read = formatted(source, "HTML")
    assert read.text == text
    assert [(e["type"], e["offset"], e["length"]) for e in read.entities] == entities


def test_link() -> None:
    """A link keeps its text fragment."""
    url = "https://example.org/بيان?x=1&y=2#:~:text=%D9%82"
    read = formatted(f'<a href="{url.replace("&", "&amp;")}">[1]</a>', "HTML")
    assert read.entities[0]["url"] == url


def test_detected() -> None:
    """Commands, mentions, links and hashtags are found without markup."""
    found = detected("/ask@sanad_bot يا @editor انظر https://example.org/x. #منح")
    assert [e["type"] for e in found] == ["bot_command", "mention", "url", "hashtag"]
    assert found[0]["length"] == 14


@given(st.text())
def test_plain(text: str) -> None:
    """A text without markup is never refused, and its entities lie within it."""
    read = formatted(text.encode(errors="ignore").decode())
    assert isinstance(read, Formatted)
    assert all(e["offset"] + e["length"] <= utf16(read.text) for e in read.entities)
