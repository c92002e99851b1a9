"""Telegram's limits on how much a bot may write: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits.

Thirty messages a second in all, twenty a minute in a group, one a second in a chat with short bursts allowed (read here as
thirty in thirty seconds). What is declined does not count.
"""

import math
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

UNCOUNTED = {"sendchataction", "sendmessagedraft"}


@dataclass
class Window:
    """At most `most` events in any `seconds`."""

    most: int
    seconds: float
    events: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until there is room; 0 where there is."""
        while self.events and now - self.events[0] >= self.seconds:
            self.events.popleft()
        return self.seconds - (now - self.events[0]) if len(self.events) >= self.most else 0.0


class Limits:
    """Counts the messages of one bot."""

    def __init__(self) -> None:
        self._all = Window(30, 1.0)
        self._groups: dict[str, Window] = defaultdict(lambda: Window(20, 60.0))
        self._chats: dict[str, Window] = defaultdict(lambda: Window(30, 30.0))

    def retry_after(self, method: str, chat: str | None) -> int:
        """Whole seconds to wait before this call; 0 if it may be made, and then it is counted."""
        name = method.lower()
        if not name.startswith(("send", "edit", "copy", "forward")) or name in UNCOUNTED or not chat:
            return 0
        now = time.monotonic()
        windows = [self._all, (self._groups if chat.startswith("-") else self._chats)[chat]]
        if wait := max(window.wait(now) for window in windows):
            return math.ceil(wait)
        for window in windows:
            window.events.append(now)
        return 0
