"""Whether a text speaks to a program: orders within a release, on which no answer may stand."""

import re
from functools import cache, lru_cache

from arabic.bidi import strip_controls
from arabic.cues import load_yaml
from arabic.normalize import normalize

_LATIN = re.compile("[a-z]")


def paragraph(text: str, start: int, end: int) -> str:
    """The lines of a text that [start, end) touches."""
    after = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : after if after >= 0 else len(text)]


@lru_cache(maxsize=4096)
def speaks_to_a_model(text: str) -> str | None:
    """The words by which the text addresses a program or gives it orders; None where it does not."""
    plain = " ".join(normalize(strip_controls(text)).split())
    if not any(map(plain.__contains__, _signs(latin=_LATIN.search(plain) is not None))):
        return None
    found = _pattern().search(plain)
    return found.group() if found else None


@cache
def _signs(*, latin: bool) -> tuple[str, ...]:
    """The signs, those in Latin letters for a text that has some."""
    signs = map(normalize, _table()["signs"])
    return tuple(sign for sign in signs if latin or not _LATIN.search(sign))


@cache
def _table() -> dict[str, list[str]]:
    data = load_yaml("arabic", "orders.yaml")
    assert isinstance(data, dict)
    return data


@cache
def _pattern() -> re.Pattern[str]:
    commands = (normalize(c) if _arabic(c) else c for c in _table()["commands"])
    return re.compile(rf"(?<!\w)(?:[وف])?(?:{'|'.join(f'(?:{c})' for c in commands)})")


def _arabic(pattern: str) -> bool:
    return any("\u0620" <= c <= "\u06ff" for c in pattern)
