"""Right-to-left output for chats and terminals, and the removal of directional marks from what comes in."""

import re
import unicodedata
from collections.abc import Iterator

RLM, FSI, PDI = "\u200f", "\u2068", "\u2069"

_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
# Copied, tapped or run by the reader: not one mark may fall inside.
_FENCED = re.compile(r"```.*?(?:```|\Z)|<(pre|code)\b[^>]*>.*?</\1>", re.DOTALL)
_WHOLE = re.compile(
    r"`[^`\n]*`"
    r"|</?[A-Za-z][^<>\n]*>|&(?:#\d+|[a-z]+);"  # markup
    r"|(?<![A-Za-z0-9._+-])(?:"
    r"[A-Za-z][A-Za-z0-9+.-]{0,20}://\S+|(?:www\.|mailto:|tel:)\S+"
    r"|[A-Za-z0-9._+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
    r"|(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?:/\S*)?(?![\w-])"  # example.org/page, report.pdf
    r")"
    r"|(?<![\w/])/[A-Za-z]\S*"  # /help, /srv/data
    r"|(?<![\w-])--?[A-Za-z][\w-]*(?:=\S+)?|(?<!\w)[@#]\w+"
)
_LETTER = "A-Za-z\u00c0-\u024f"
_TOKEN = rf"[{_LETTER}0-9](?:[{_LETTER}0-9&'’./_+%:-]*[{_LETTER}0-9+%])?"
_LATIN_TOKEN = rf"(?=[0-9&'’./_+%:-]*[{_LETTER}]){_TOKEN}"
_NUMBER = r"[0-9](?:[0-9.,/%+-]*[0-9%+])?"
_GAP = r"[ ,]{1,3}(?:& )?"
_MORE = rf"(?:{_NUMBER}{_GAP})*{_LATIN_TOKEN}"
_RUN = re.compile(rf"(?<![{_LETTER}0-9.]){_LATIN_TOKEN}(?:{_GAP}{_MORE}|[ ]?\({_MORE}(?:{_GAP}{_MORE})*\))*")


def strip_controls(text: str) -> str:
    """The text without embeddings, overrides, isolates and directional marks."""
    return _CONTROLS.sub("", text)


def rtl_text(text: str) -> str:
    """The text with every line that holds Arabic starting right-to-left and its Latin runs isolated.

    A run is Latin words with what stands between them («UNDP (KfW)»); a number behind it belongs to the Arabic that
    follows. URLs, addresses, commands, mark-up and code stay free of marks. Idempotent, and `strip_controls` undoes it.
    """
    text = strip_controls(text)
    pieces, position = [], 0
    for fenced in _FENCED.finditer(text):
        pieces += [_lines(text[position : fenced.start()]), fenced.group()]
        position = fenced.end()
    return "".join((*pieces, _lines(text[position:])))


def _lines(text: str) -> str:
    return "".join(map(_line, text.splitlines(keepends=True)))


def _line(line: str) -> str:
    directions = [unicodedata.bidirectional(character) for character in line]
    if not any(direction in ("R", "AL") for direction in directions):
        return line
    first = next(direction for direction in directions if direction in ("L", "R", "AL"))
    return (RLM if first == "L" else "") + "".join(_parts(line))


def _parts(line: str) -> Iterator[str]:
    position = 0
    for whole in _WHOLE.finditer(line):
        yield _RUN.sub(_isolated, line[position : whole.start()])
        yield whole.group()
        position = whole.end()
    yield _RUN.sub(_isolated, line[position:])


def _isolated(match: re.Match[str]) -> str:
    return FSI + match.group() + PDI
