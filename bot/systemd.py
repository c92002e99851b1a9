"""Telling systemd how the bot stands (sd_notify(3)), where systemd started it with Type=notify."""

import asyncio
import contextlib
import socket

from bot.health import is_alive
from bot.services import Services


class Systemd:
    """`address` is what systemd gave in NOTIFY_SOCKET; without it nothing is told."""

    def __init__(self, address: str | None) -> None:
        self._address = "\0" + address[1:] if address and address.startswith("@") else address

    def tell(self, *assignments: str) -> None:
        """Send assignments such as READY=1; what cannot be sent is nobody's fault."""
        if self._address:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
                to.connect(self._address)
                to.send("\n".join(assignments).encode())

    async def keep_alive(self, services: Services, watchdog_seconds: float) -> None:
        """Until cancelled, tell the watchdog that the bot is alive; a loop or a database's thread that hangs does not."""
        while True:
            if await is_alive(services):
                self.tell("WATCHDOG=1")
            await asyncio.sleep(watchdog_seconds / 3)
