"""A lock for each key, there only while it is held or waited for."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Counted:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted_by: int = 0


class KeyedLocks:
    """First come, first served, for each key."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, _Counted] = {}

    def __len__(self) -> int:
        """How many keys are held or waited for."""
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """Hold the key's lock within the block."""
        counted = self._locks.setdefault(key, _Counted())
        counted.wanted_by += 1
        try:
            async with counted.lock:
                yield
        finally:
            counted.wanted_by -= 1
            if not counted.wanted_by:
                del self._locks[key]
