"""The bot's texts: complete in every language."""

import re
from importlib import resources
from string import Formatter
from typing import Any

import pytest
import yaml
from babel import Locale

from arabic.bidi import strip_controls
from bot.richtext import html
from bot.texts import LANGUAGES, Language, Texts, language_of
from tests.bot.test_richtext import Parsed

FOLDER = resources.files("bot").joinpath("data", "texts")
FILES = sorted(f.name for f in FOLDER.joinpath("ar").iterdir())
FORMS = {"zero", "one", "two", "few", "many", "other"}


def _table(language: str, name: str) -> dict[str, Any]:
    table = yaml.safe_load(FOLDER.joinpath(language, name).read_text("utf-8"))
    assert isinstance(table, dict)
    return table


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [s for v in value.values() for s in _strings(v)]
    return [s for v in value for s in _strings(v)] if isinstance(value, list) else [str(value)]


def _plural(value: Any) -> bool:
    return isinstance(value, dict) and "other" in value and value.keys() <= FORMS


def _names(value: Any) -> set[str]:
    return {name for s in _strings(value) for _, name, _, _ in Formatter().parse(s) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_file(language: Language) -> None:
    """No file of texts is missing in a language, and none is there that Arabic has not."""
    assert sorted(f.name for f in FOLDER.joinpath(language).iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_complete(language: Language, name: str) -> None:
    """Every text is there, is not empty, fills in the same names, and has the forms that its language needs."""
    arabic, own = _table("ar", name), _table(language, name)
    assert own.keys() == arabic.keys()
    for key, value in own.items():
        assert type(value) is type(arabic[key]) or _plural(value) or _plural(arabic[key]), key
        assert all(s.strip() for s in _strings(value)), key
        assert _names(value) - {"n"} == _names(arabic[key]) - {"n"}, key
        if isinstance(value, list):
            assert len(value) == len(arabic[key]), key
        if _plural(value):
            needed = {Locale(language).plural_form(n) for n in range(200)}
            assert needed <= value.keys() | ({"zero"} if "{n}" in value["other"] else set()), key
        elif isinstance(value, dict):
            assert value.keys() == arabic[key].keys(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_valid_markup(language: Language) -> None:
    """Filled in with anything, every text makes HTML that Telegram takes, and holds no mark of direction of its own."""
    t = Texts.load()[language]
    for key, value in t.table.items():
        assert all(s == strip_controls(s) for s in _strings(value)), key
        if isinstance(value, str) or _plural(value):
            filled = dict.fromkeys(_names(value), "<x>&") | {"n": 3}
            shown = Parsed(html(t.rich(key, **filled))).text
            assert not re.search(r"[{}]", shown.replace("<x>&", "")), key


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("ar", "ar"),
        ("ar-IQ", "ar"),
        ("en-GB", "en"),
        ("ku", "ckb"),
        ("ckb-IQ", "ckb"),
        ("fr", "ar"),
        ("", "ar"),
        (None, "ar"),
    ],
)
def test_the_language_of_a_telegram_code(code: str | None, language: str) -> None:
    """Kurdish codes mean Sorani; what is none of ours is answered in Arabic."""
    assert language_of(code) == language


def test_numbers_take_their_form() -> None:
    """Arabic says one, two, few and many things differently, with the number where it is said."""
    say = Texts.load()["ar"]
    assert [say("count_releases", n=n) for n in (0, 1, 2, 3, 11, 100, 1500)] == [
        "لا بيانات", "بيان واحد", "بيانان", "3 بيانات", "11 بياناً", "100 بيان", "1,500 بيان",
    ]  # fmt: skip
