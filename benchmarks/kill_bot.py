"""kill -9, again and again, while people ask: is every question answered exactly once?

    python -m benchmarks.kill_bot [--kills 20] [--chats 40] [--seed 1] [--faults]

The bot as its own process over the samples, a Bot API server on loopback. Every chat asks its next question when it feels
like it, answered or not; the bot is killed at random instants, some while it is down or starting. With `--faults` one in
twenty sendMessage calls also takes effect without being acknowledged, or is dropped. At the end every chat is compared
with what it asked.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from ingest.pipeline import ingest
from tests.telegram_server import TelegramServer
from vectorstore.embeddings import load_embeddings

ROOT = Path(__file__).parent.parent
QUESTIONS = (
    "كم بلغ التمويل الياباني للمنظمة الدولية للهجرة في العراق؟",
    "شكد شركة حصلت على دعم مالي في تلعفر والنجف؟",
    "How much did Sweden give to WFP in Iraq?",
)
FIRST_CHAT = 20_000


def start(server: TelegramServer, data: Path) -> subprocess.Popen[bytes]:
    """The bot."""
    settings = {
        "SANAD_TELEGRAM_API_URL": server.root,
        "SANAD_TELEGRAM_TOKEN": server.token,
        "SANAD_DATA_DIR": str(data),
        "SANAD_USER_QUESTIONS_PER_MINUTE": "10000",
        "SANAD_LOG_LEVEL": "error",
    }
    return subprocess.Popen([sys.executable, "cli.py", "bot"], cwd=ROOT, env={**os.environ, **settings})


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--chats", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", action="store_true")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311  reproducible, not secret
    asked: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as folder, TelegramServer() as server:
        data = Path(folder) / "data"
        ingest([ROOT / "samples" / "releases"], data_dir=data, embeddings=load_embeddings(None))
        bot = start(server, data)
        for kill in range(arguments.kills):
            end = time.monotonic() + chance.uniform(1.0, 16.0)
            while time.monotonic() < end:
                chat = FIRST_CHAT + chance.randrange(arguments.chats)
                server.user_says(chat, None, chance.choice(QUESTIONS))
                asked[chat] += 1
                if arguments.faults and chance.random() < 0.05:
                    server.fault("sendMessage", chance.choice(("accept_then_drop", "drop")))
                time.sleep(chance.expovariate(6))
            bot.kill()
            bot.wait()
            print(f"kill {kill + 1}: {sum(asked.values())} asked, {answered(server, asked)} answered", flush=True)
            bot = start(server, data)
        deadline = time.monotonic() + 180
        while answered(server, asked) < sum(asked.values()) and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(8)  # a double would come now
        bot.terminate()
        bot.wait()
        got = {chat: len(server.answers(chat)) for chat in asked}
        lost = sum(max(0, asked[chat] - got[chat]) for chat in asked)
        doubled = sum(max(0, got[chat] - asked[chat]) for chat in asked)
        sends = server.calls("sendMessage")
        print(f"{sum(asked.values())} questions, {arguments.kills} kills: {lost} lost, {doubled} doubled; {len(sends)} sends, "
              f"{len(server.calls('editMessageText'))} edits to settle doubts")  # fmt: skip


def answered(server: TelegramServer, asked: Counter[int]) -> int:
    """How many messages the bot has in the chats."""
    return sum(len(server.answers(chat)) for chat in asked)


if __name__ == "__main__":
    main()
