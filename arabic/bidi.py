"""Right-to-left output for chats and terminals, and the removal of directional marks from what comes in."""

import re

RLM, FSI, PDI = "\u200f", "\u2068", "\u2069"

_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_ARABIC = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_KEPT_WHOLE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|`[^`]*`")
_LATIN_RUN = re.compile(r"[A-Za-z][A-Za-z0-9&'’./_+-]*(?:[ ,]+[A-Za-z0-9(][A-Za-z0-9&'’./_+()-]*)*(?<![ ,(.])")


def strip_controls(text: str) -> str:
    """The text without embeddings, overrides, isolates and directional marks."""
    return _CONTROLS.sub("", text)


def rtl_text(text: str) -> str:
    """The text with every Arabic line starting right-to-left and its Latin runs isolated.

    URLs, addresses and code between back-ticks stay free of marks. Idempotent; `strip_controls` undoes it.
    """
    return "\n".join(_line(line) for line in strip_controls(text).split("\n"))


def _line(line: str) -> str:
    if not _ARABIC.search(line):
        return line
    parts = []
    position = 0
    for kept in _KEPT_WHOLE.finditer(line):
        parts += [_isolate(line[position : kept.start()]), kept.group()]
        position = kept.end()
    parts.append(_isolate(line[position:]))
    return RLM + "".join(parts)


def _isolate(text: str) -> str:
    return _LATIN_RUN.sub(lambda m: FSI + m.group() + PDI, text)
