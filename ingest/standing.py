"""Where releases come from: what a command names, and `sources.yaml`, the sources that are asked again and again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from ingest.errors import BadSources

_REPORTS = ("country", "organisation", "since", "until", "limit")


@dataclass(frozen=True, slots=True)
class Web:
    """A page, a feed or a sitemap: which of these is seen when it is fetched. Of a feed's or sitemap's pages those are
    taken whose URL matches the regular expression `match`, the newest `limit` of them."""

    url: str
    match: str | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class ReliefWeb:
    """Arabic reports of ReliefWeb: about any of the countries (names or ISO3 codes), by any of the organisations (names
    or short names), published in a span of days. All of them where these are empty."""

    country: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    limit: int = 200


Source = Path | Web | ReliefWeb


def named(argument: str) -> Source:
    """The source that an argument of `sanad ingest` names: a URL, or a path."""
    return Web(argument) if re.match(r"https?://", argument) else Path(argument)


def read_sources(path: Path) -> list[Source]:
    """The standing sources of a file; relative paths count from its folder. Raises BadSources naming what is wrong."""
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise BadSources(path.name, "غير موجود أو لا يُسمح بقراءته", error.strerror or "missing") from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else "no YAML"
        raise BadSources(path.name, f"ليس YAML صالحاً ({place})", f"not valid YAML ({place})") from error
    entries = loaded.get("sources") if isinstance(loaded, dict) else loaded
    if not isinstance(entries, list) or not entries:
        raise BadSources(path.name, "المتوقع قائمة باسم sources", "expected a list named `sources`")
    return [_source(path, number, entry) for number, entry in enumerate(entries, 1)]


def _source(path: Path, number: int, entry: object) -> Source:
    if isinstance(entry, str):
        return _rooted(path, named(entry))
    if isinstance(entry, dict):
        keys = set(entry)
        if keys == {"path"} and isinstance(entry["path"], str):
            return _rooted(path, Path(entry["path"]))
        if "url" in keys and keys <= {"url", "match", "limit"} and re.match(r"https?://", str(entry["url"])):
            match = entry.get("match")
            if match is not None:
                _compiled(path, number, str(match))
            return Web(str(entry["url"]), None if match is None else str(match), _limit(path, number, entry))
        if keys == {"reliefweb"}:
            return _reliefweb(path, number, entry["reliefweb"] or {})
    raise BadSources(
        path.name,
        f"المصدر رقم {number} غير مفهوم: {entry!r}؛ المتوقع path أو url أو reliefweb",
        f"source {number} is not understood: {entry!r}; expected path, url (match, limit) or reliefweb",
    )


def _reliefweb(path: Path, number: int, entry: object) -> ReliefWeb:
    if not isinstance(entry, dict) or not set(entry) <= set(_REPORTS):
        raise BadSources(
            path.name,
            f"المصدر رقم {number}: المتوقع {'، '.join(_REPORTS)}",
            f"source {number}: expected {', '.join(_REPORTS)}",
        )
    return ReliefWeb(
        _words(entry.get("country")),
        _words(entry.get("organisation")),
        _day(path, number, entry.get("since")),
        _day(path, number, entry.get("until")),
        _limit(path, number, entry),
    )


def _rooted(path: Path, source: Source) -> Source:
    return path.parent / source.expanduser() if isinstance(source, Path) else source


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else () if value is None else (str(value),)


def _day(path: Path, number: int, value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise BadSources(
        path.name, f"المصدر رقم {number}: {value!r} ليس تاريخاً", f"source {number}: {value!r} is no date (2024-01-31)"
    )


def _limit(path: Path, number: int, entry: Mapping[str, Any]) -> int:
    limit = entry.get("limit", 200)
    if isinstance(limit, int) and 0 < limit <= 100_000:
        return limit
    raise BadSources(
        path.name, f"المصدر رقم {number}: limit عدد موجب", f"source {number}: limit must be a positive number"
    )


def _compiled(path: Path, number: int, match: str) -> None:
    try:
        re.compile(match)
    except re.error as error:
        raise BadSources(
            path.name, f"المصدر رقم {number}: التعبير match غير صالح", f"source {number}: match is no pattern ({error})"
        ) from error
