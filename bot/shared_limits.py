"""Limits of replicas: a user's questions are counted in the database, those of all users divided among the replicas."""

import math

from bot.limits import Bucket
from bot.store import buckets
from bot.store.database import Store


class SharedLimits:
    """As bot.limits.Limits."""

    def __init__(self, store: Store, user_per_minute: int, all_per_minute: int) -> None:
        self._store = store
        self._user_per_minute = user_per_minute
        self._all_per_minute = all_per_minute
        self._all = Bucket(all_per_minute, all_per_minute, 0)

    def divide(self, replicas: int) -> None:
        """So many replicas are alive, this one included."""
        self._all.size = max(1, self._all_per_minute // max(1, replicas))

    async def wait(self, user_id: int, now: float) -> int:
        """Take one question of this user; 0, or the whole seconds to wait."""
        size = self._user_per_minute
        seconds = await self._store.run(lambda connection: buckets.take(connection, user_id, size, now))
        return math.ceil(seconds or self._all.take(now))

    async def tell(self, user_id: int, now: float, seconds: int) -> bool:
        """Whether to tell a user to wait: once for each wait, not once for each message of a flood."""
        return await self._store.run(lambda connection: buckets.tell(connection, user_id, now, seconds))
