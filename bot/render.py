"""From an answer to the messages that show it: the fact first, the sources one tap away."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

from telegram import InlineKeyboardMarkup

from answering.answer import Answer, Citation
from answering.question import understand
from arabic.amounts import Amount, find_amounts
from arabic.counts import Count, find_counts
from arabic.cues import load_cues
from arabic.dates import find_dates
from arabic.normalize import normalize
from arabic.periods import find_periods
from bot.citing import link
from bot.keyboards import answer_keyboard, circled
from bot.part import Part
from bot.richtext import LIMIT, Rich, Run, bare, blocked, bold, html, lines, parts, plain, rich, units
from bot.texts import Language, Texts, Wording

_MARK = re.compile(r"\[(\d{1,3})\]")
_ISO_DATE = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_LATIN_COMMA = re.compile(r"(?<=[A-Za-z)])، ")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_LONG = 90
"""An answer of so many characters takes more than two lines of a phone."""
_FOLDED = 3
"""More sources than this are folded: the answer stays on one screen."""


def answer_parts(answer: Answer, answer_id: int, texts: Texts, group: bool = False) -> tuple[Part, ...]:
    """The messages of an answer, the buttons under the last; in groups any list of sources is folded."""
    t = texts[answer.language]
    text = answer_text(answer, t, folded=0 if group else _FOLDED)
    return rich_parts(text, t.language, answer_keyboard(answer, answer_id, t))


def draft_html(answer: Answer) -> str:
    """What is known of a growing answer, as one message without sources and buttons."""
    shown = parts(_body(answer), english=answer.language == "en")
    return html(shown[0]) if shown else ""


def inline_part(answer: Answer, texts: Texts) -> Part:
    """An answer with its sources as one message for any chat, without buttons that call back."""
    t = texts[answer.language]
    sources = _sources(answer, t, _FOLDED)
    room = LIMIT - 2 * units(bare(sources)) - 8
    if room < LIMIT // 4:
        sources, room = (), LIMIT - 8
    body = parts(_body(answer), room)
    text = rich(body[0] if body else "", "…" if len(body) > 1 else "", *(("\n\n", sources) if sources else ()))
    return rich_parts(text, t.language)[0]


def text_part(text: str | Iterable[Run], language: Language, keyboard: InlineKeyboardMarkup | None = None) -> Part:
    """A text of the bot's own (HTML, or text with styles) as one message; what is beyond a message is cut with …."""
    shown = parts(from_html(text) if isinstance(text, str) else text, LIMIT - 2, english=language == "en")
    first = shown[0] if shown else rich("…")
    return _part(rich(first, "…") if len(shown) > 1 else first, keyboard)


def rich_parts(
    text: Iterable[Run], language: Language, keyboard: InlineKeyboardMarkup | None = None
) -> tuple[Part, ...]:
    """The messages of a text, the keyboard under the last."""
    shown = parts(text, english=language == "en")
    return tuple(_part(part, keyboard if i == len(shown) else None) for i, part in enumerate(shown, 1))


def _part(text: Rich, keyboard: InlineKeyboardMarkup | None) -> Part:
    return Part(html(text), plain(text), keyboard)


def answer_text(answer: Answer, t: Wording, folded: int = _FOLDED) -> Rich:
    """The answer, its notes, its sources (folded where there are more than that many); a refusal's dates in words."""
    if answer.refused:
        answer = replace(answer, text=_refusal(answer, t))
    notes = [rich("\n\n", Run(one_style(note), italic=True)) for note in answer.notes]
    sources = _sources(answer, t, folded)
    return rich(_body(answer), *notes, *(("\n\n", sources) if sources else ()))


def _refusal(answer: Answer, t: Wording) -> str:
    """A refusal with its dates in words and the nearest releases one a line, numbered as their buttons are."""
    text = _ISO_DATE.sub(lambda day: _in_words(day.group(), t), answer.text)
    titles = text.split("؛ ")
    head, colon, first = titles[0].partition(": ")
    if colon and answer.nearest and len(titles) == len(answer.nearest):
        rows = [f"{circled(n)} {title}" for n, title in enumerate((first, *titles[1:]), 1)]
        text = "\n".join((f"{head}:", *rows))
    return _LATIN_COMMA.sub(", ", text) if t.language == "en" else text


def _in_words(day: str, t: Wording) -> str:
    try:
        return t.day(day)
    except ValueError:
        return day


def _body(answer: Answer) -> Rich:
    cited = {c.n: c for c in answer.citations}
    text = one_style(answer.text)
    rows = [rich(bold(figure))] if (figure := _headline(answer, text)) else []
    for row in text.split("\n"):
        pieces: list[Run] = []
        position = 0
        for mark in _MARK.finditer(row):
            if citation := cited.get(int(mark.group(1))):
                pieces += _emphasised(row[position : mark.start()], answer)
                pieces.append(_number(citation))
                position = mark.end()
        rows.append(rich(pieces, _emphasised(row[position:], answer)))
    return lines(*rows)


@cache
def _hedges() -> re.Pattern[str]:
    return load_cues("bot", "hedges.yaml")["hedges"]


def _headline(answer: Answer, text: str) -> str:
    """The figure that a long sentence answers with, to stand above it; empty unless it is one, and plainly the one asked for.

    A figure with «more than», «about» or an upper end is left in its sentence.
    """
    if answer.plan != "fact" or "\n" in text or len(text) < _LONG or _hedges().search(normalize(text)):
        return ""
    asked = understand(answer.question).leads[:1]
    figures: Sequence[Amount | Count] = ()
    if asked == ("amount",):
        figures = find_amounts(text)
    elif asked == ("count",):
        figures = find_counts(text)
    plain = len(figures) == 1 and figures[0].qualifier is None and figures[0].upper is None
    return figures[0].text if plain else ""


def _number(citation: Citation) -> Run:
    """[n], which opens the release at the quoted words where it is on the web."""
    href = link(citation)
    return Run(f"[{citation.n}]", href=href, bold=not href)


def _emphasised(text: str, answer: Answer) -> Rich:
    """What is asked for in bold, so that it is seen at once: times for a question of time, sums or counts for others."""
    if answer.refused:
        return rich(text)
    asked = next(iter(understand(answer.question).leads), "")
    if answer.plan != "fact":
        asked = ""
    if asked in _TIMES:
        times = [(p.start, p.end) for p in find_periods(text)]
        figures = times or [(d.start, d.end) for d in find_dates(text)]
    elif asked in _WORDS:
        figures = []
    else:
        figures = [(a.start, a.end) for a in find_amounts(text)] or [(c.start, c.end) for c in find_counts(text)]
    out: list[Run] = []
    position = 0
    for start, end in sorted(figures):
        if start >= position:
            out += [Run(text[position:start]), bold(text[start:end])]
            position = end
    return rich(out, text[position:])


_TIMES = frozenset({"start", "end", "period", "date", "release_date"})
_WORDS = frozenset({"place", "actor", "goal", "text"})


def _sources(answer: Answer, t: Wording, folded: int) -> Rich:
    """«المصادر»: each release once, with all its numbers, its title and its date."""
    if not answer.citations:
        return ()
    releases: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        releases.setdefault(citation.release, []).append(citation)
    rows: list[Rich] = [rich(bold(t("sources")))]
    for group in releases.values():
        numbers = [piece for c in group for piece in (_number(c), Run(" "))]
        title = " ".join(one_style(group[0].title).split())
        rows.append(rich(numbers, title, f" — {t.day(group[0].date)}"))
    text = lines(*rows)
    return blocked(text, "folded") if len(releases) > folded else text


def one_style(text: str) -> str:
    """Western digits throughout, with their separators: an answer joins quotes that print them differently."""
    text = re.sub(r"(?<=[٠-٩۰-۹])٫(?=[٠-٩۰-۹])", ".", text)
    text = re.sub(r"(?<=[٠-٩۰-۹])٬(?=[٠-٩۰-۹])", ",", text)
    return text.translate(_DIGITS)


def from_html(source: str) -> Rich:
    """Text with styles from the HTML of the bot's own texts (b, i, code, a, blockquote)."""
    parser = _Html()
    parser.feed(source)
    parser.close()
    return tuple(parser.runs)


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[Run] = []
        self._styles = [Run("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        now, given = self._styles[-1], dict(attrs)
        if tag == "blockquote":
            now = replace(now, block="folded" if "expandable" in given else "quote")
        self._styles.append(
            replace(
                now,
                bold=now.bold or tag == "b",
                italic=now.italic or tag == "i",
                code=now.code or tag in {"code", "pre"},
                href=(given.get("href") or "") if tag == "a" else now.href,
            )
        )

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        if len(self._styles) > 1:
            self._styles.pop()

    def handle_data(self, data: str) -> None:
        self.runs.append(replace(self._styles[-1], text=data))
