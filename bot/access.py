"""Who may ask, and who may change the corpus; by numeric id, for names can be taken over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """No listed users: everybody may ask. Administrators always may."""

    users: frozenset[int]
    admins: frozenset[int]

    def may_ask(self, user_id: int | None) -> bool:
        """Whether the bot answers this user; a message without a sender (a channel's) counts as nobody's."""
        return not self.users or (user_id is not None and user_id in self.users | self.admins)

    def may_change(self, user_id: int | None) -> bool:
        """Whether the user is an administrator."""
        return user_id in self.admins
