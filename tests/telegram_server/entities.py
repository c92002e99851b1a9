"""Message text as Telegram reads it: HTML with its errors at byte offsets, entities counted in UTF-16 units."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from .errors import bad_request

# https://core.telegram.org/bots/api#html-style
TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
SPACE = b" \t\r\n\0\x0b"
MOST_ENTITIES = 100  # Telegram ignores the others
_ENTITY = re.compile(rb"&(?:#x([0-9a-f]+)|#([0-9]+)|(lt|gt|amp|quot));?", re.I)
# What Telegram removes from every text: line and paragraph separators, embedding marks, three combining lines.
_REMOVED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Formatted:
    """A text with its entities, as a client draws it."""

    text: str
    entities: tuple[dict[str, Any], ...] = ()


@dataclass
class _Open:
    tag: str
    argument: str
    start: int  # in UTF-16 units
    byte: int  # of the text before it, in the result


@dataclass
class _Reader:
    """Reads HTML byte by byte as tdlib's parser does, for its errors name byte offsets."""

    source: bytes
    out: bytearray = field(default_factory=bytearray)
    units: int = 0
    open: list[_Open] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)

    def at(self, i: int) -> int:
        return self.source[i] if i < len(self.source) else 0

    def skip_space(self, i: int) -> int:
        while i < len(self.source) and self.at(i) in SPACE:
            i += 1
        return i

    def read(self) -> Formatted:
        i = 0
        while i < len(self.source):
            byte = self.source[i]
            if byte == ord("&") and (match := _ENTITY.match(self.source, i)):
                self.write(unescape(match[0].decode().rstrip(";") + ";"))
                i = match.end()
            elif byte == ord("<"):
                i = self.close(i) if self.at(i + 1) == ord("/") else self.start(i)
            else:
                self.units += ((byte & 0xC0) != 0x80) + (byte >= 0xF0)
                self.out.append(byte)
                i += 1
        if self.open:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        ordered = sorted(self.found, key=lambda e: (e["offset"], -e["length"]))
        return Formatted(self.out.decode(), tuple(ordered))

    def write(self, text: str) -> None:
        self.out += text.encode()
        self.units += utf16(text)

    def start(self, begin: int) -> int:
        i = begin + 1
        while i < len(self.source) and self.at(i) not in SPACE and self.at(i) != ord(">"):
            i += 1
        if i >= len(self.source):
            raise _broken(f"Unclosed start tag at byte offset {begin}")
        tag = self.source[begin + 1 : i].decode(errors="replace").lower()
        if tag not in TYPES:
            raise _broken(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while self.at(i) != ord(">"):
            i = self.skip_space(i)
            if self.at(i) == ord(">"):
                break
            i, name, value = self.attribute(i, begin, tag)
            if tag == "a" and name == "href":
                argument = value
            elif tag == "code" and name == "class" and value.startswith("language-"):
                argument = value.removeprefix("language-")
            elif tag == "span" and name == "class" and value.startswith("tg-"):
                argument = value.removeprefix("tg-")
            elif tag == "tg-emoji" and name == "emoji-id":
                argument = value
            elif tag == "blockquote" and name == "expandable":
                argument = "1"
        if tag == "span" and argument != "spoiler":
            raise _broken(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(tag, argument, self.units, len(self.out)))
        return i + 1

    def attribute(self, i: int, begin: int, tag: str) -> tuple[int, str, str]:
        """The end, name and value of the attribute at i."""
        name_at = i
        while i < len(self.source) and self.at(i) not in SPACE and chr(self.at(i)) not in "=>/\"'":
            i += 1
        name = self.source[name_at:i].decode(errors="replace").lower()
        if not name:
            raise _broken(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        i = self.skip_space(i)
        if self.at(i) != ord("="):
            if i >= len(self.source):
                raise _broken(f'Unclosed start tag "{tag}" at byte offset {begin}')
            return i, name, ""
        i = self.skip_space(i + 1)
        if i >= len(self.source):
            raise _broken(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value_at = i
        if (quote := self.at(i)) in b"'\"":
            end = self.source.find(bytes([quote]), i + 1)
            if end < 0 or end + 1 >= len(self.source):
                raise _broken(f"Unclosed start tag at byte offset {begin}")
            raw = self.source[i + 1 : end]
            value = _ENTITY.sub(lambda m: unescape(m[0].decode().rstrip(";") + ";").encode(), raw).decode()
            return end + 1, name, value
        while chr(self.at(i)).isascii() and (chr(self.at(i)).isalnum() or chr(self.at(i)) in ".-"):
            i += 1
        if self.at(i) not in SPACE and self.at(i) != ord(">"):
            raise _broken(f"Unexpected end of name token at byte offset {value_at}")
        if i >= len(self.source):
            raise _broken(f"Unclosed start tag at byte offset {begin}")
        return i, name, self.source[value_at:i].decode().lower()

    def close(self, begin: int) -> int:
        if not self.open:
            raise _broken(f"Unexpected end tag at byte offset {begin}")
        i = begin + 2
        while i < len(self.source) and self.at(i) not in SPACE and self.at(i) != ord(">"):
            i += 1
        tag = self.source[begin + 2 : i].decode(errors="replace").lower()
        i = self.skip_space(i)
        if self.at(i) != ord(">"):
            raise _broken(f"Unclosed end tag at byte offset {begin}")
        top = self.open.pop()
        if tag and tag != top.tag:
            raise _broken(f'Unmatched end tag at byte offset {begin}, expected "</{top.tag}>", found "</{tag}>"')
        if self.units > top.start:
            self.add(top)
        return i + 1

    def add(self, ended: _Open) -> None:
        entity: dict[str, Any] = {
            "type": TYPES[ended.tag],
            "offset": ended.start,
            "length": self.units - ended.start,
        }
        if ended.tag == "a":
            url = ended.argument or self.out[ended.byte :].decode()
            if (user := re.match(r"tg://user\?id=(\d+)", url)) is not None:
                entity |= {"type": "text_mention", "user_id": int(user[1])}
            elif (checked := checked_link(url)) is None:
                return  # Telegram shows the words without a link
            else:
                entity["url"] = checked
        elif ended.tag == "tg-emoji":
            entity["custom_emoji_id"] = ended.argument
        elif ended.tag == "blockquote" and ended.argument:
            entity["type"] = "expandable_blockquote"
        elif ended.tag == "code" and ended.argument and self.open and self.open[-1].tag == "pre":
            self.open[-1].argument = ended.argument
            return
        elif ended.tag == "pre" and ended.argument:
            entity["language"] = ended.argument
        if ended.tag in {"pre", "code"}:  # nothing is nested in code
            end = ended.start + entity["length"]
            self.found = [e for e in self.found if not ended.start <= e["offset"] < end]
        self.found.append(entity)


def _broken(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")


def utf16(text: str) -> int:
    """Length in UTF-16 code units, Telegram's measure of texts and entities."""
    return len(text) + sum(c > "\uffff" for c in text)


def checked_link(url: str) -> str | None:
    """The URL as Telegram stores it, or None where it makes no link (no dot in the host, unknown scheme)."""
    url = url.strip()
    if re.match(r"(tg|ton|tonsite)://\S+$", url):
        return url
    match = re.match(r"(?:(https?)://)?([^/?#\s:]+)(:\d+)?([/?#]\S*)?$", url, re.I)
    if match is None or "." not in match[2].strip("."):
        return None
    scheme, host, port, rest = match.groups()
    return f"{(scheme or 'http').lower()}://{host.lower()}{port or ''}{rest or '/'}"


def cleaned(text: str) -> str:
    """Without what Telegram takes out of every text, such as U+202A to U+202E."""
    return _CONTROL.sub(" ", _REMOVED.sub("", text))


def formatted(
    text: str, parse_mode: str | None = None, entities: Sequence[dict[str, Any]] | None = None, *, links: bool = True
) -> Formatted:
    """A text as it is stored and shown: parsed, trimmed, its commands, mentions and links found.

    Raises ApiError «can't parse entities».
    """
    if parse_mode and parse_mode.lower() != "html":
        raise bad_request(f"unsupported parse_mode {parse_mode} (this server reads HTML only)")
    source = cleaned(text)
    read = _Reader(source.encode()).read() if parse_mode else Formatted(source, tuple(entities or ()))
    shown = _trimmed(read)
    if not links:
        return shown
    taken = [(e["offset"], e["offset"] + e["length"]) for e in shown.entities if e["type"] in _OPAQUE]
    extra = [
        e for e in detected(shown.text) if not any(a < e["offset"] + e["length"] and e["offset"] < b for a, b in taken)
    ]
    ordered = sorted([*shown.entities, *extra], key=lambda e: (e["offset"], -e["length"]))
    return Formatted(shown.text, tuple(ordered[:MOST_ENTITIES]))


_OPAQUE = {"text_link", "text_mention", "code", "pre", "mention", "bot_command", "url", "hashtag", "email"}


def _trimmed(read: Formatted) -> Formatted:
    text = read.text.rstrip()
    cut = len(text) - len(text.lstrip())
    text, end = text.lstrip(), utf16(text.strip())
    kept = []
    for entity in read.entities:
        start = max(entity["offset"] - cut, 0)
        stop = min(entity["offset"] + entity["length"] - cut, end)
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    return Formatted(text, tuple(kept))


_DETECTED = re.compile(
    r"(?P<url>https?://[^\s<>\"«»\u200e\u200f\u2066-\u2069]+)"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[\w.-]+)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z0-9_]{3,32})\b"
    r"|(?<!\w)(?P<hashtag>#\w+)"
)


def detected(text: str) -> list[dict[str, Any]]:
    """Entities that Telegram finds by itself: commands, mentions, links, hashtags, mail addresses."""
    found = []
    for match in _DETECTED.finditer(text):
        words = match[0].rstrip(".,;:!?)،؛؟") if match.lastgroup == "url" else match[0]
        found.append({"type": match.lastgroup, "offset": utf16(text[: match.start()]), "length": utf16(words)})
    return found
