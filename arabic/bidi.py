"""Right-to-left output for chats and terminals, and the removal of directional marks from what comes in."""

import re
import unicodedata
from collections.abc import Callable, Iterator

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
# 2021-06-02: behind an Arabic letter its hyphens would part the numbers, and they would stand in reverse.
_HYPHENED = r"(?<![\w.-])[0-9]+(?:-[0-9]+){2,}(?![\w-])"
# 17 May 2022: the numbers belong to the month between them.
_DATE = (
    r"(?<![\w.-])[0-9]{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r" [0-9]{4}(?!\w)"
)
_RUN = re.compile(
    rf"{_DATE}|(?<![{_LETTER}0-9.]){_LATIN_TOKEN}(?:{_GAP}{_MORE}|[ ]?\({_MORE}(?:{_GAP}{_MORE})*\))*|{_HYPHENED}"
)
_PAIRS = {")": "(", "]": "[", "»": "«", "”": "“"}
_ARABIC_LETTER = "[\u0620-\u064a\u066e-\u06d3\u06d5\u06ee-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"
_ARABIC_RUN = re.compile(rf"{_ARABIC_LETTER}(?:[^{_LETTER}\n]*{_ARABIC_LETTER})?")


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


def ltr_text(text: str) -> str:
    """For texts in English: lines that begin with a Latin letter stay left-to-right and have their Arabic runs isolated.

    Other lines, the Arabic titles and quotes of such a text, are as `rtl_text` makes them.
    """
    return "".join(map(_english_line, strip_controls(text).splitlines(keepends=True)))


def _lines(text: str) -> str:
    return "".join(map(_line, text.splitlines(keepends=True)))


def _line(line: str) -> str:
    first = _first_strong(line)
    if first is None:
        return line
    return (RLM if first == "L" else "") + "".join(_parts(line, _isolated_latin))


def _english_line(line: str) -> str:
    first = _first_strong(line)
    if first == "L":
        return "".join(_parts(line, _isolated_arabic))
    return line if first is None else "".join(_parts(line, _isolated_latin))


def _first_strong(line: str) -> str | None:
    """The direction of the first letter (L, R, AL) of a line that holds Arabic; None for others."""
    directions = [unicodedata.bidirectional(character) for character in line]
    if not any(direction in ("R", "AL") for direction in directions):
        return None
    return next(direction for direction in directions if direction in ("L", "R", "AL"))


def _parts(line: str, isolated: Callable[[str], str]) -> Iterator[str]:
    position = 0
    for whole in _WHOLE.finditer(line):
        yield isolated(line[position : whole.start()])
        yield whole.group()
        position = whole.end()
    yield isolated(line[position:])


def _isolated_latin(text: str) -> str:
    return _RUN.sub(lambda match: FSI + match.group() + PDI, text)


def _isolated_arabic(text: str) -> str:
    """Runs of Arabic, each with the brackets and quotes that close behind it and opened within it."""
    out, position = [], 0
    for run in _ARABIC_RUN.finditer(text):
        end = run.end()
        while end < len(text) and _opened(run.group(), text[run.end() : end + 1]):
            end += 1
        out += [text[position : run.start()], FSI, text[run.start() : end], PDI]
        position = end
    return "".join((*out, text[position:]))


def _opened(run: str, closers: str) -> bool:
    return all(
        closer in _PAIRS and run.count(_PAIRS[closer]) - run.count(closer) >= closers.count(closer)
        for closer in closers
    )
