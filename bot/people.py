"""The users in reach of the event loop: what the store knows of them, read once and kept for a while."""

import time
from collections import OrderedDict
from dataclasses import dataclass

from bot.store import users
from bot.store.database import Store
from bot.store.users import User

_REMEMBERED = 10_000
_FRESH_SECONDS = 600
"""So often at most `last_seen` is written for a user, and so long a replica could miss that the language was changed."""


@dataclass(frozen=True, slots=True)
class _Known:
    user: User
    at: float


class People:
    """Users by id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._fresh_seconds = 0 if store.shared else _FRESH_SECONDS
        self._known: OrderedDict[int, _Known] = OrderedDict()

    async def see(self, user_id: int) -> User:
        """The user, noted as active now."""
        known = self._known.get(user_id)
        if known and time.monotonic() - known.at < self._fresh_seconds:
            return known.user
        return self._keep(await self._store.run(lambda connection: users.see(connection, user_id)))

    async def choose_language(self, user_id: int, language: str | None) -> User:
        """Keep the language that the user chose; None: as Telegram says."""
        await self._store.run(lambda connection: users.choose_language(connection, user_id, language))
        return self._keep(User(user_id, language, True))

    def forget(self, user_id: int) -> None:
        """Read the user anew when seen next."""
        self._known.pop(user_id, None)

    def _keep(self, user: User) -> User:
        self._known[user.id] = _Known(user, time.monotonic())
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return user
