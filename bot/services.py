"""What handlers work with, put together once by bot/app.py."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from answering.answer import Answer, Ask
from answering.corpus import Corpus
from bot.access import Access
from bot.cluster import Replica
from bot.limits import Limits
from bot.metrics import Metrics
from bot.people import People
from bot.shared_limits import SharedLimits
from bot.standing import Standing
from bot.store.database import Store
from bot.texts import Texts
from settings import Settings

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by all handlers; everything in it may be used by several at the same time."""

    settings: Settings
    store: Store
    corpus: Corpus
    answerer: "Runnable[Ask, Answer]"
    texts: Texts
    people: People
    access: Access
    limits: Limits | SharedLimits
    metrics: Metrics
    workers: Executor
    """Threads for what handlers do beside answering; answers have the event loop's default executor."""
    replica: Replica | None = None
    """This process among others on the same database; None where it is alone (SQLite)."""
    standing: Standing = field(default_factory=Standing)

    async def in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """The result of blocking work, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.workers, function, *arguments)
