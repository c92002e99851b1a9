"""How many people the bot answers: the bot as its own process, the samples, and a Bot API server on loopback.

    python -m benchmarks.telegram_load [--seconds 60] [--chats 200] [--rate 5] [--kills N] [--data DIR]

1. Latency: questions arrive at `--rate` a second, spread over the chats, whether answered or not.
2. Throughput: every chat asks its next question as soon as it has been answered, for `--seconds`.

Before that each question is asked once, alone, which tells what belongs to its answer. Afterwards the messages of every
chat are compared with the questions that it asked: an answer that is missing is lost, one that is there more often than
asked is doubled, anything else differs. The server keeps Telegram's limits (30 messages a second). Memory is the bot's
resident set, from /proc.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.pipeline import ingest
from tests.telegram_server import TelegramServer
from vectorstore.embeddings import load_embeddings

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
FIRST_CHAT = 10_000
PATIENCE = 120.0
TICK = 0.002


@dataclass
class Chat:
    """One person: what was asked, and what the bot has sent since."""

    id: int
    asked: list[str] = field(default_factory=list)
    got: list[str] = field(default_factory=list)
    waiting: deque[tuple[float, int]] = field(default_factory=deque)  # (when asked, messages that make it answered)


@dataclass
class Load:
    """The server with its chats; `seconds` holds (when answered, time from update to the whole answer)."""

    server: TelegramServer
    expected: dict[str, tuple[str, ...]] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    _read: int = 0

    def ask(self, chat: Chat, question: str) -> None:
        """A person writes."""
        chat.asked.append(question)
        total = sum(len(self.expected[q]) for q in chat.asked)
        chat.waiting.append((time.monotonic(), total))
        self.server.user_says(chat.id, None, question)

    def listen(self) -> list[Chat]:
        """Take in what the bot has sent; the chats whose oldest question has now been answered."""
        rows, answered = self.server.api.calls.rows, []
        while self._read < len(rows):
            call = rows[self._read]
            if call.method == "sendMessage" and call.seconds is None:
                break  # under way
            self._read += 1
            chat = self.chats.get(int(call.parameters.get("chat_id", 0)))
            if call.method != "sendMessage" or call.status != 200 or chat is None:
                continue
            chat.got.append(call.result["text"])
            ended = call.at + (call.seconds or 0)
            while chat.waiting and len(chat.got) >= chat.waiting[0][1]:
                asked_at, _ = chat.waiting.popleft()
                self.seconds.append((ended, ended - asked_at))
                answered.append(chat)
        return answered


class Bot:
    """`sanad bot` as a process, which can be killed and started again."""

    def __init__(self, server: TelegramServer, data: Path, profile: str | None) -> None:
        self._server = server
        self._environment = {
            **os.environ,
            "SANAD_TELEGRAM_API_URL": server.root,
            "SANAD_TELEGRAM_TOKEN": server.token,
            "SANAD_DATA_DIR": str(data),
            "SANAD_LOG_LEVEL": "error",
            "SANAD_CONTEXT_MINUTES": "0.00001",  # questions stand alone, so that their answers can be compared
        }
        self._code = ["-m", "cProfile", "-o", profile, "cli.py"] if profile else ["cli.py"]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen([sys.executable, *self._code, "bot"], cwd=ROOT, env=self._environment)

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        self._server.wait_for(lambda: self._server.calls("getUpdates"), 60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


def learn(load: Load, questions: list[str]) -> None:
    """Ask each question alone, in a chat of its own, and note the messages of its answer."""
    for number, question in enumerate(questions):
        chat = 1_000_000 + number
        load.server.user_says(chat, None, question)
        load.server.wait_answers(chat, 1, PATIENCE)
        load.server.quiet(0.25)
        load.expected[question] = tuple(m.text for m in load.server.answers(chat))


def latency(load: Load, questions: list[str], rate: float, seconds: float) -> None:
    """Questions at a steady rate."""
    began, sent = time.monotonic(), 0
    chats = list(load.chats.values())
    while time.monotonic() < began + seconds:
        if time.monotonic() - began >= sent / rate:
            load.ask(chats[sent % len(chats)], questions[sent % len(questions)])
            sent += 1
        load.listen()
        time.sleep(TICK)
    drain(load)


def throughput(
    load: Load, questions: list[str], seconds: float, bot: Bot, kills: int
) -> Iterator[tuple[float, int, float, float]]:
    """Every chat has one question open. Yields (second, answers, memory in MiB, processor seconds) every five seconds."""
    deaths = deque(seconds * (n + 1) / (kills + 1) for n in range(kills))
    began, asked, before = time.monotonic(), 0, len(load.seconds)
    step, told = 5.0, 0
    for chat in load.chats.values():
        load.ask(chat, questions[asked % len(questions)])
        asked += 1
    while (now := time.monotonic()) < began + seconds:
        for chat in load.listen():
            load.ask(chat, questions[asked % len(questions)])
            asked += 1
        if deaths and now - began >= deaths[0]:
            deaths.popleft()
            bot.kill()
            bot.start()
        if now - began >= (told + 1) * step:
            told += 1
            yield told * step, len(load.seconds) - before, *usage(bot.pid)
            before = len(load.seconds)
        time.sleep(TICK)
    drain(load)


def drain(load: Load) -> None:
    """Wait for what is still open, then a while for what should not come."""
    deadline = time.monotonic() + PATIENCE
    while any(c.waiting for c in load.chats.values()) and time.monotonic() < deadline:
        load.listen()
        time.sleep(TICK)
    load.server.quiet(1.0, within=PATIENCE)
    load.listen()
    for chat in load.chats.values():
        chat.waiting.clear()


def judge(load: Load) -> tuple[int, int, int]:
    """Messages that are lost, doubled, different, over all chats."""
    lost = doubled = different = 0
    for chat in load.chats.values():
        wanted = Counter(text for q in chat.asked for text in load.expected[q])
        got = Counter(chat.got)
        missing = sum((wanted - got).values())
        extra = got - wanted
        again = sum(n for text, n in extra.items() if text in wanted)
        strange = sum(extra.values()) - again
        different += min(missing, strange)
        lost += max(missing - strange, 0)
        doubled += again + max(strange - missing, 0)
    return lost, doubled, different


def usage(pid: int) -> tuple[float, float]:
    """Resident memory in MiB and processor seconds of a process; zeros where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0, 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, (int(fields[11]) + int(fields[12])) / ticks


def percentiles(times: list[float]) -> str:
    """p50, p95 and the worst, in ms."""
    ordered = sorted(times)
    if not ordered:
        return "no answers"
    p50, p95 = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1))]
    return f"p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms, worst {1000 * ordered[-1]:.0f} ms"


def say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--data", type=Path, help="an ingested data folder; the samples if not given")
    parser.add_argument("--kills", type=int, default=0, help="kill -9 the bot so often meanwhile, and start it again")
    parser.add_argument("--profile", help="write a cProfile of the bot (slows it down)")
    args = parser.parse_args()
    rows = [json.loads(line) for line in (SAMPLES / "questions.jsonl").read_text("utf-8").splitlines()]
    questions = [row["turns"][0] for row in rows if len(row["turns"]) == 1][: args.questions]
    with tempfile.TemporaryDirectory() as folder, TelegramServer(limits=True) as server:
        data = args.data or Path(folder)
        if args.data is None:
            ingest([SAMPLES / "releases"], data_dir=data, embeddings=load_embeddings())
        with Bot(server, data, args.profile) as bot:
            load = Load(server)
            learn(load, questions)
            load.chats = {n: Chat(n) for n in range(FIRST_CHAT, FIRST_CHAT + args.chats)}
            latency(load, questions, args.rate, min(args.seconds, 30))
            steady = [s for _, s in load.seconds]
            say(f"{args.rate:g} questions a second, {len(steady)} answered: {percentiles(steady)}")
            load.seconds.clear()
            say(f"{'second':>8} {'answers/s':>10} {'memory':>9} {'processor':>10}")
            spent, began = usage(bot.pid)[1], time.monotonic()
            for second, answers, memory, processor in throughput(load, questions, args.seconds, bot, args.kills):
                say(
                    f"{second:8.0f} {answers / 5:10.1f} {memory:5.0f} MiB {max(0, 100 * (processor - spent) / 5):8.0f} %"
                )
                spent = processor
            within = [s for ended, s in load.seconds if ended <= began + args.seconds]
            say(f"{args.chats} chats at once: {len(within) / args.seconds:.1f} answers a second, {percentiles(within)}")
            lost, doubled, different = judge(load)
            asked = sum(len(c.asked) for c in load.chats.values())
            flooded = sum(c.status == 429 for c in server.calls())
            say(f"{flooded} calls declined for coming too fast")
            say(f"of {asked} questions: {lost} messages lost, {doubled} doubled, {different} different")


if __name__ == "__main__":
    main()
