"""Faults that a test injects, and the log of all calls."""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Action = Literal["reject", "drop", "accept_then_drop", "garble", "none"]


@dataclass
class Fault:
    """What goes wrong with calls of one method ("*" for all but getUpdates).

    reject            answered with `status` (and `retry_after`), without effect
    drop              the connection is closed, without effect
    accept_then_drop  the call takes effect, its answer never arrives
    garble            answered with 200 and half a JSON text, without effect
    none              only the delay

    `delay` seconds pass before the call is looked at; a client that goes away meanwhile leaves no effect. With `late`
    the call takes effect at once and its answer waits.
    """

    method: str
    action: Action = "reject"
    status: int = 500
    description: str | None = None
    retry_after: int | None = None
    delay: float = 0.0
    late: bool = False
    call: int = 1  # the first call that is hit, counted from the injection
    times: int | None = 1  # how many are hit; None for all from then on
    where: dict[str, Any] = field(default_factory=dict)  # parameters that must be equal, such as {"chat_id": 7}
    seen: int = 0
    hit: int = 0

    def matches(self, method: str, parameters: dict[str, Any]) -> bool:
        """Whether this call is hit; counts it."""
        if self.method == "*":
            if method.lower() == "getupdates":
                return False
        elif self.method.lower() != method.lower():
            return False
        if any(str(parameters.get(name)) != str(value) for name, value in self.where.items()):
            return False
        self.seen += 1
        if self.seen < self.call or (self.times is not None and self.hit >= self.times):
            return False
        self.hit += 1
        return True

    def answer(self) -> dict[str, Any]:
        """The body of a rejection."""
        if self.retry_after is not None:
            why = self.description or f"Too Many Requests: retry after {self.retry_after}"
            return {
                "ok": False,
                "error_code": 429,
                "description": why,
                "parameters": {"retry_after": self.retry_after},
            }
        names = {400: "Bad Request", 403: "Forbidden", 500: "Internal Server Error", 502: "Bad Gateway"}
        why = self.description or names.get(self.status, f"Error {self.status}")
        return {"ok": False, "error_code": self.status, "description": why}


@dataclass
class Call:
    """One request of the bot: when it came (monotonic seconds), with what, and how it ended."""

    number: int
    method: str
    parameters: dict[str, Any]
    at: float
    outcome: str = "under way"  # "ok", an error's description, "dropped", "garbled", "accepted, answer dropped"
    status: int | None = None
    result: Any = None
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """For the control API."""
        return asdict(self)


class Calls:
    """All calls so far, in the order in which they came."""

    def __init__(self) -> None:
        self.rows: list[Call] = []

    def begin(self, method: str, parameters: dict[str, Any]) -> Call:
        """Note a call."""
        call = Call(len(self.rows) + 1, method, parameters, time.monotonic())
        self.rows.append(call)
        return call

    def end(self, call: Call, outcome: str, status: int | None = None, result: Any = None) -> None:
        """Note how it ended."""
        call.outcome, call.status, call.result = outcome, status, result
        call.seconds = time.monotonic() - call.at

    def of(self, methods: Iterable[str]) -> list[Call]:
        """The calls of these methods; of all but getUpdates if none is named."""
        names = {name.lower() for name in methods}
        return [c for c in self.rows if (c.method.lower() in names if names else c.method.lower() != "getupdates")]
