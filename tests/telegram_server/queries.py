"""Questions that wait for an answer of the bot: presses of buttons, inline queries, guest messages."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import bad_request
from .state import Chat, Message, User

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
MOST_RESULTS = 50


@dataclass
class Query:
    """A query with its answer (the parameters of the answering call, `results` read) once it came."""

    id: str
    kind: Literal["callback", "inline", "guest"]
    user: User
    created: float
    message: Message | None = None
    chat: Chat | None = None
    answer: dict[str, Any] | None = None
    answered: float | None = None
    expired: bool = False
    messages: list[Message] = field(default_factory=list)  # what was posted from its results

    def to_json(self) -> dict[str, Any]:
        """For the control API."""
        return {
            "id": self.id,
            "kind": self.kind,
            "user": self.user.id,
            "answer": self.answer,
            "answered": self.answered,
            "seconds": None if self.answered is None else self.answered - self.created,
        }


class Queries:
    """All queries by id; those older than `seconds` are too old to be answered."""

    def __init__(self) -> None:
        self.rows: dict[str, Query] = {}
        self.seconds = {"callback": 30.0, "inline": 15.0, "guest": 60.0}

    def new(self, kind: Literal["callback", "inline", "guest"], user: User, **more: Any) -> Query:
        """A query that has just been asked."""
        query_id = str(4_000_000_000_000_000_000 + 7919 * (len(self.rows) + 1))
        query = Query(query_id, kind, user, time.monotonic(), **more)
        self.rows[query_id] = query
        return query

    def answerable(self, query_id: str | None, kind: str) -> Query:
        """The query to answer. Raises ApiError «query is too old»."""
        query = self.rows.get(query_id or "")
        if query is None or query.kind != kind or query.expired:
            raise bad_request(TOO_OLD)
        if time.monotonic() - query.created > self.seconds[kind]:
            raise bad_request(TOO_OLD)
        return query

    def close(self, query: Query, answer: dict[str, Any]) -> None:
        """Keep its answer."""
        query.answer, query.answered = answer, time.monotonic()
