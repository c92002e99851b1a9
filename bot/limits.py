"""How much a user, and all users together, may ask: token buckets over the time at which messages were written.

By the time of writing, so that what was sent while the bot was down is no burst when it comes back. Replicas count a user's
questions in their database, and divide what all users may ask (bot/shared_limits.py).
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

_REMEMBERED = 10_000
"""Buckets kept; a user whose bucket was dropped starts with a full one."""


@dataclass(slots=True)
class Bucket:
    """Holds up to `size` tokens and gains as many a minute."""

    size: int
    tokens: float
    at: float
    told_until: float = 0.0
    """Until when a user who was told to wait is not told again."""

    def take(self, now: float) -> float:
        """Take a token; 0, or the seconds after which there will be one. A time before the last one counts as it."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.size / 60)
        self.at = max(self.at, now)
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return (1 - self.tokens) * 60 / self.size


class Limits:
    """Buckets of users and one of all; used by the event loop alone."""

    def __init__(self, user_per_minute: int, all_per_minute: int) -> None:
        self._user_per_minute = user_per_minute
        self._users: OrderedDict[int, Bucket] = OrderedDict()
        self._all = Bucket(all_per_minute, all_per_minute, 0)

    async def wait(self, user_id: int, now: float) -> int:
        """Take one question of this user; 0, or the whole seconds to wait."""
        bucket = self._users.pop(user_id, None) or Bucket(self._user_per_minute, self._user_per_minute, now)
        self._users[user_id] = bucket
        if len(self._users) > _REMEMBERED:
            self._users.popitem(last=False)
        return math.ceil(bucket.take(now) or self._all.take(now))

    async def tell(self, user_id: int, now: float, seconds: int) -> bool:
        """Whether to tell a user to wait: once for each wait, not once for each message of a flood."""
        bucket = self._users.get(user_id)
        if bucket is None or now < bucket.told_until:
            return False
        bucket.told_until = now + seconds
        return True
