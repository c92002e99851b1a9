"""What the bot says, from data files: bot/data/texts/<language>/<subject>.yaml.

A text may hold {names} that are filled in and <b>, <i>, <code>; nothing else is markup, and what is filled in never is.
A text with forms (zero, one, two, few, many, other: CLDR's plural categories) takes the one of its number {n}.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any, Literal

import yaml
from babel import Locale

from bot.richtext import Rich, Run, bare, html, rich

Language = Literal["ar", "en", "ckb"]
LANGUAGES: tuple[Language, ...] = ("ar", "en", "ckb")

_TAG = re.compile(r"<(/?)(b|i|code)>")


def language_of(code: str | None) -> Language:
    """The language for a Telegram language_code (IETF: ar-IQ, en, ku); Arabic where it is none of ours."""
    first = (code or "").lower().split("-")[0]
    return "ckb" if first in {"ckb", "ku"} else "en" if first == "en" else "ar"


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one language."""

    language: Language
    table: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """The text without styles: for buttons, alerts, captions. Raises KeyError for an unknown key or a missing name."""
        return bare(self.rich(key, **values))

    def rich(self, key: str, **values: object) -> Rich:
        """The text with its styles; a value may be a string, a number (shown with separators) or a text with styles."""
        out: list[Run] = []
        style = Run("")
        for literal, name, _, _ in Formatter().parse(self._form(key, values)):
            for piece in _pieces(literal):
                if isinstance(piece, str):
                    out.append(_styled(style, piece))
                else:
                    style = _restyled(style, *piece)
            if name is not None:
                value = values[name]
                if isinstance(value, tuple):
                    out += value
                else:
                    out.append(_styled(style, f"{value:,}" if isinstance(value, int) else str(value)))
        return rich(out)

    def list(self, key: str) -> tuple[str, ...]:
        """A text that is a list of texts."""
        return tuple(self.table[key])

    def day(self, day: "str | date | None") -> str:
        """A date (ISO or date) as people of the language write it; the word for none where there is none."""
        if not day:
            return self("undated")
        found = day if isinstance(day, date) else date.fromisoformat(day)
        return self("day", day=str(found.day), month=self.list("months")[found.month - 1], year=str(found.year))

    def choice(self, key: str, name: str) -> str:
        """An entry of a table of texts, the name itself where the table has none."""
        return str(self.table[key].get(name, name))

    def _form(self, key: str, values: Mapping[str, object]) -> str:
        found = self.table[key]
        if isinstance(found, dict):
            n = values["n"]
            assert isinstance(n, int)
            found = found.get(Locale(self.language).plural_form(n), found["other"])
        return str(found)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of every language."""

    wordings: Mapping[Language, Wording]

    @classmethod
    def load(cls) -> "Texts":
        """All data files, read once a process."""
        return _load()

    def __getitem__(self, language: Language) -> Wording:
        """The texts of one language."""
        return self.wordings[language]

    def say(self, key: str, language: Language, **values: object) -> str:
        """The text as HTML, what is filled in escaped."""
        return html(self.wordings[language].rich(key, **values))

    def plain(self, key: str, language: Language, **values: object) -> str:
        """The text without styles."""
        return self.wordings[language](key, **values)


@cache
def _load() -> Texts:
    return Texts({language: Wording(language, _table(language)) for language in LANGUAGES})


def _table(language: Language) -> dict[str, Any]:
    table: dict[str, Any] = {}
    folder = resources.files("bot").joinpath("data", "texts", language)
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            found = yaml.safe_load(file.read_text("utf-8")) or {}
            if twice := table.keys() & found.keys():
                raise ValueError(f"texts/{language}/{file.name}: {min(twice)} stands in another file already")
            table |= found
    return table


def _pieces(literal: str) -> Iterator[str | tuple[str, bool]]:
    position = 0
    for tag in _TAG.finditer(literal):
        yield literal[position : tag.start()]
        yield tag.group(2), not tag.group(1)
        position = tag.end()
    yield literal[position:]


def _styled(style: Run, text: str) -> Run:
    return Run(text, bold=style.bold, italic=style.italic, code=style.code)


def _restyled(style: Run, tag: str, opened: bool) -> Run:
    return Run(
        "",
        bold=opened if tag == "b" else style.bold,
        italic=opened if tag == "i" else style.italic,
        code=opened if tag == "code" else style.code,
    )
