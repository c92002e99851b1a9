"""How the bot stands: noted where it happens, told by bot/health.py."""

import time
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Standing:
    """Times are seconds since 1970; `heard` is of the monotonic clock, for it says how long ago something was."""

    started: float = field(default_factory=time.time)
    stage: Literal["starting", "running", "stopping"] = "starting"
    token_accepted: bool | None = None
    """None until Telegram has been reached."""
    heard: float | None = None
    """When Telegram last told which updates there are (getUpdates), or that its webhook gets them through."""
    trouble: str = "not asked yet"
    """Why it has not been heard since; empty while all is well."""
    generation: int = 0
    """The generation that answers, 0 where nothing has been ingested yet."""
    generation_made: float = 0.0
    generation_trouble: str = "not opened yet"
    """Why there is none; empty while there is."""

    def hear(self) -> None:
        """Updates arrive, so the token is accepted."""
        self.token_accepted, self.heard, self.trouble = True, time.monotonic(), ""

    def miss(self, trouble: str, *, token_accepted: bool | None = None) -> None:
        """They do not, for that reason; None says nothing about the token."""
        self.trouble = trouble
        if token_accepted is not None:
            self.token_accepted = token_accepted
