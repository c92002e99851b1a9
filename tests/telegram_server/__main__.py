"""`python -m tests.telegram_server --port 8081`: the server by itself, until it is interrupted."""

import argparse
import signal
import sys
import threading

from .server import TOKEN, USERNAME, TelegramServer


def main() -> None:
    """Serve, say where, and stay."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options.add_argument("--token", default=TOKEN)
    options.add_argument("--username", default=USERNAME)
    chosen = options.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with TelegramServer(port=chosen.port, token=chosen.token, username=chosen.username) as server:
        sys.stdout.write(f"{server.root} token {server.token}\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
