"""Releases for the ledger's tests, without an ingest."""

from datetime import date

from ledger.release import Release, Span


def release(name: str, text: str, day: date | None = None, url: str | None = None) -> Release:
    """A release whose first line is its title and whose body is the rest."""
    title, _, rest = text.partition("\n\n")
    start = len(text) - len(rest)
    return Release(name, text, title, (Span(start, len(text)),), headline=Span(0, len(title)), date=day, url=url)
