"""A passage: whole sentences of one release, the unit that is indexed and retrieved."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` is the release's text from `start` to `end`; `title` is the release's title, indexed with it."""

    id: str
    release: str
    start: int
    end: int
    text: str
    title: str


def passage_id(release: str, text: str, occurrence: int) -> str:
    """32 hex digits: the same text at the same place among its equals in a release keeps its id when re-ingested."""
    return hashlib.sha256(f"{release}\x1f{occurrence}\x1f{text}".encode()).hexdigest()[:32]
