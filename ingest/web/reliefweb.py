"""ReliefWeb's API, version 2: Arabic reports as pages, so that the reader of web pages reads them like any other.

The API asks every user for an approved name (https://apidoc.reliefweb.int/parameters#appname): it is used only where
SANAD_RELIEFWEB_APPNAME is set.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

from ingest.errors import FetchFailed
from ingest.standing import ReliefWeb
from ingest.web.fetch import Fetcher

API = "https://api.reliefweb.int/v2"
_PAGE = 100
"""Reports a request; the API gives at most 1,000, and 1,000 requests a day."""
_FIELDS = (
    "title", "body-html", "date.original", "date.changed", "date.created", "source.name", "url", "url_alias", "language.code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its `url` on ReliefWeb, when it last changed, and its text as a page."""

    url: str
    updated: str | None
    page: bytes


def reports(wanted: ReliefWeb, fetcher: Fetcher, appname: str, api: str = API) -> Iterator[Report]:
    """The newest reports that match, newest first. Raises a FetchError; an unapproved name is told as such."""
    left, offset = wanted.limit, 0
    while left > 0:
        body = json.dumps(query(wanted, min(left, _PAGE), offset)).encode()
        try:
            answer = fetcher.post(f"{api}/reports?{urlencode({'appname': appname})}", body, "application/json")
        except FetchFailed as error:
            if error.status != 403:
                raise
            raise FetchFailed(
                f"{api}/reports",
                "الاسم في SANAD_RELIEFWEB_APPNAME غير معتمد لدى ReliefWeb",
                "the name in SANAD_RELIEFWEB_APPNAME is not approved; ask for one at apidoc.reliefweb.int",
                status=403,
            ) from error
        rows = _rows(answer.content, api)
        for row in rows:
            if (report := _report(row)) is not None:
                yield report
        if len(rows) < _PAGE:
            return
        left, offset = left - len(rows), offset + len(rows)


def query(wanted: ReliefWeb, limit: int, offset: int) -> dict[str, Any]:
    """The body of a request."""
    conditions: list[dict[str, Any]] = [{"field": "language.code", "value": "ar"}]
    if wanted.country:
        conditions.append(
            _any(("country.iso3" if re.fullmatch("[A-Z]{3}", c) else "country.name", c) for c in wanted.country)
        )
    if wanted.organisation:
        conditions.append(_any((f, o) for o in wanted.organisation for f in ("source.name", "source.shortname")))
    span = {
        key: f"{day.isoformat()}T{clock}+00:00"
        for key, day, clock in (("from", wanted.since, "00:00:00"), ("to", wanted.until, "23:59:59"))
        if day
    }
    if span:
        conditions.append({"field": "date.original", "value": span})
    return {
        "limit": limit,
        "offset": offset,
        "fields": {"include": list(_FIELDS)},
        "filter": {"operator": "AND", "conditions": conditions},
        "sort": ["date.original:desc", "id:desc"],
    }


def _any(pairs: Iterator[tuple[str, str]]) -> dict[str, Any]:
    return {"operator": "OR", "conditions": [{"field": field, "value": value} for field, value in pairs]}


def _rows(content: bytes, api: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(content)["data"]
        return [dict(row["fields"]) for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FetchFailed(f"{api}/reports", "ردّ غير مفهوم", "an answer that is not understood") from error


def _report(fields: dict[str, Any]) -> Report | None:
    """None for a report without a text of its own, such as a map or an attached file alone."""
    url = str(fields.get("url_alias") or fields.get("url") or "")
    title, body = str(fields.get("title") or "").strip(), str(fields.get("body-html") or "").strip()
    if not re.match(r"https?://", url) or not title or not body:
        return None
    days = fields.get("date") if isinstance(fields.get("date"), dict) else {}
    sources = fields.get("source") if isinstance(fields.get("source"), list) else []
    names = [str(s["name"]) for s in sources or [] if isinstance(s, dict) and s.get("name")]
    metas = {"article:published_time": (days or {}).get("original"), "og:site_name": names[0] if names else None}
    head = "".join(f'<meta property="{k}" content="{escape(str(v))}">' for k, v in metas.items() if v)
    page = (
        f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<link rel="canonical" href="{escape(url)}">{head}</head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    updated = (days or {}).get("changed") or (days or {}).get("created")
    return Report(url, str(updated) if updated else None, page.encode())
