"""Two replicas behind nginx, one PostgreSQL and one ingest, while everything is killed: is every question answered once?

    python -m benchmarks.replicas [--seconds 300] [--kills 10] [--pauses 2] [--generations 5] [--rate 4] [--chats 40] [--faults]

The samples, a Bot API server on loopback that posts to nginx, and each chat asks its next question when it feels like it,
answered or not; some chats are a group in which several people ask. At random instants replicas are killed (kill -9) and
started again, or stopped for ten seconds (SIGSTOP); PostgreSQL is crashed and started again once; generations are
published and pushed by `sanad ingest`, from a data folder of its own, to a folder from which the replicas pull. With `--faults` one in ten sendMessage calls also is dropped, takes effect without being
acknowledged, or is acknowledged two seconds late. At the end every chat's messages are compared, in order, with the answers of what it asked.
Needs PostgreSQL and nginx (Debian: postgresql, nginx-light).
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ingest.pipeline import ingest
from tests.nginx_server import NginxServer, free_port
from tests.postgres_server import PostgresServer
from tests.telegram_server import TelegramServer
from vectorstore.embeddings import load_embeddings

ROOT = Path(__file__).parent.parent
QUESTIONS = (
    "كم بلغ التمويل الياباني للمنظمة الدولية للهجرة في العراق؟",
    "شكد شركة حصلت على دعم مالي في تلعفر والنجف؟",
    "How much did Sweden give to WFP in Iraq?",
)
RELEASE = """بيان رقم {n} عن حديقة الحي

افتتح سكان الحي حديقة صغيرة وزرعوا فيها {n} شجرة ليمون، وشكروا كل من ساعدهم.
"""
FAULTS: tuple[dict[str, Any], ...] = (
    {"action": "drop"}, {"action": "accept_then_drop"}, {"action": "none", "delay": 2.0, "late": True},
)  # fmt: skip
FIRST_CHAT, LEARNING_CHAT, GROUP = 20_000, 900, -1_000_000_000_777
PEOPLE = 4
PATIENCE = 150.0


@dataclass
class Outcome:
    """What came of a run."""

    asked: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    other: int = 0
    sends: int = 0
    probes: int = 0
    newest_after: list[float] = field(default_factory=list)
    """For each generation, the seconds until every replica that ran had it."""
    drained: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether every question was answered exactly once and in order, and each generation taken up in 30 seconds."""
        return not (self.lost or self.doubled or self.disordered or self.other) and all(
            s <= 30 for s in self.newest_after
        )


class Replica:
    """`sanad bot` behind nginx."""

    def __init__(self, data: Path, environment: dict[str, str], url: str, port: int) -> None:
        self.name = data.name
        data.mkdir()
        self._command = [sys.executable, "cli.py", "bot", "--webhook", url, "--port", str(port)]
        self._environment = environment | {"SANAD_DATA_DIR": str(data)}
        self._log = data.with_suffix(".log")
        self._begun = 0
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._begun = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def events(self, *, all_runs: bool = False) -> list[dict[str, object]]:
        """What it logged since it was started last."""
        text = self._log.read_bytes()[0 if all_runs else self._begun :].decode("utf-8", "replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]

    def generation(self) -> int:
        """The generation that it answers from; 0 before it says so."""
        found = [int(str(e["number"])) for e in self.events() if e.get("event") == "generation"]
        return found[-1] if found else 0


def run(
    folder: Path,
    seconds: float,
    *,
    kills: int,
    pauses: int,
    generations: int,
    rate: float,
    chats: int,
    seed: int = 1,
    restart: bool = True,
    faults: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Ask, kill and compare."""
    outcome = Outcome()
    chance = random.Random(seed)  # noqa: S311  reproducible, not secret
    data = folder / "data"
    snapshots = f"file://{folder / 'snapshots'}"
    ingest([ROOT / "samples" / "releases"], data_dir=data, embeddings=load_embeddings(None), snapshots=snapshots)
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgresServer())
        server = stack.enter_context(TelegramServer())
        ports = free_port(), free_port()
        nginx = stack.enter_context(NginxServer(ports))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANAD_")},
            "SANAD_TELEGRAM_API_URL": server.root,
            "SANAD_TELEGRAM_TOKEN": server.token,
            "SANAD_WEBHOOK_SECRET": "only-telegram",
            "SANAD_DATABASE_URL": postgres.create(),
            "SANAD_SNAPSHOT_URL": snapshots,
            "SANAD_USER_QUESTIONS_PER_MINUTE": "10000",
            "SANAD_CONTEXT_MINUTES": "0.00001",  # questions stand alone, so that their answers can be compared
        }
        replicas = [
            Replica(folder / f"replica-{number}", environment, nginx.url, port) for number, port in enumerate(ports, 1)
        ]
        for replica in replicas:
            replica.start()
            stack.callback(replica.kill)
        server.wait_for(lambda: all(replica.generation() for replica in replicas), 60)
        expected = _learned(server)
        server.add_group(GROUP, "مجموعة")
        asked: dict[int, list[str]] = {}
        grouped: dict[int, tuple[int, str]] = {}  # by message id, who asked what
        began = time.monotonic()
        events = _planned(chance, seconds, replicas, postgres if restart else None, kills, pauses, say)
        publisher = threading.Thread(
            target=_publish, args=(environment, folder, replicas, seconds, generations, outcome, say)
        )
        workers = [threading.Thread(target=_happen, args=(began, events)), publisher]
        for worker in workers:
            worker.start()
        while time.monotonic() < began + seconds:
            question = chance.choice(QUESTIONS)
            if chance.random() < 0.03:
                user = FIRST_CHAT + chance.randrange(PEOPLE)
                message = server.user_says(GROUP, user, f"/ask@{server.rooms.world.bot.username} {question}")
                grouped[message.id] = (user, question)
            else:
                chat = FIRST_CHAT + chance.randrange(chats)
                server.user_says(chat, None, question)
                asked.setdefault(chat, []).append(question)
            outcome.asked += 1
            if faults and chance.random() < 0.1:
                server.fault("sendMessage", **chance.choice(FAULTS))
            time.sleep(chance.expovariate(rate))
        for worker in workers:
            worker.join()
        ended = time.monotonic()
        while _answered(server, asked) < outcome.asked and time.monotonic() < ended + PATIENCE:
            time.sleep(0.5)
        outcome.drained = time.monotonic() - ended
        time.sleep(8)  # a double would come now
        _compare(server, asked, grouped, expected, outcome)
        outcome.sends = len(server.calls("sendMessage"))
        outcome.probes = len(server.calls("editMessageText"))
        for replica in replicas:
            told = [str(e["event"]) for e in replica.events(all_runs=True) if e.get("level") in {"error", "critical"}]
            outcome.notes += [f"{replica.name}: {told.count(name)} × {name}" for name in sorted(set(told))]
    return outcome


def _learned(server: TelegramServer) -> dict[str, str]:
    """Each question's answer, asked alone."""
    expected = {}
    for number, question in enumerate(QUESTIONS):
        chat = LEARNING_CHAT + number
        server.user_says(chat, None, question)
        server.wait_answers(chat, 1, 60)
        server.quiet(0.5)
        (answer,) = server.answers(chat)
        expected[question] = answer.text
    assert len(set(expected.values())) == len(QUESTIONS)
    return expected


def _planned(
    chance: random.Random,
    seconds: float,
    replicas: list[Replica],
    postgres: PostgresServer | None,
    kills: int,
    pauses: int,
    say: Callable[[str], None],
) -> list[tuple[float, Callable[[], None]]]:
    """(when, what happens then), in order."""

    def kill(replica: Replica) -> None:
        with replica.lock:
            say(f"{replica.name} killed")
            replica.kill()
            time.sleep(chance.uniform(0, 3))
            replica.start()

    def pause(replica: Replica) -> None:
        with replica.lock:
            say(f"{replica.name} stands still")
            replica.signal(signal.SIGSTOP)
            time.sleep(min(10.0, seconds / 3))
            replica.signal(signal.SIGCONT)

    def crash() -> None:
        assert postgres is not None
        say("PostgreSQL crashes")
        postgres.stop()
        time.sleep(min(8.0, seconds / 5))
        postgres.start()

    events: list[tuple[float, Callable[[], None]]] = []
    for number in range(kills + pauses):
        at = chance.uniform(0.05, 0.95) * seconds
        events.append((at, partial(kill if number < kills else pause, chance.choice(replicas))))
    if postgres is not None:
        events.append((seconds / 2, crash))
    return sorted(events, key=lambda event: event[0])


def _happen(began: float, events: list[tuple[float, Callable[[], None]]]) -> None:
    threads = []
    for at, deed in events:
        time.sleep(max(0.0, began + at - time.monotonic()))
        threads.append(threading.Thread(target=deed))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _publish(
    environment: dict[str, str],
    folder: Path,
    replicas: list[Replica],
    seconds: float,
    generations: int,
    outcome: Outcome,
    say: Callable[[str], None],
) -> None:
    """Publish generations, spread over the time; note how long it takes until every replica has them."""
    came = folder / "came"
    came.mkdir()
    for number in range(1, generations + 1):
        time.sleep(seconds / (generations + 1) / 2)
        (came / f"{number}.txt").write_text(RELEASE.format(n=number), "utf-8")
        done = subprocess.run(
            [sys.executable, "cli.py", "ingest", str(came / f"{number}.txt")],
            cwd=ROOT, env=environment | {"SANAD_DATA_DIR": str(folder / "data")}, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            outcome.notes.append(f"ingest {number}: {done.stderr.decode()[-300:]}")
        published = time.monotonic()
        newest = max(int(path.name) for path in (folder / "data" / "generations").iterdir() if path.name.isdigit())
        while not all(replica.generation() == newest for replica in replicas) and time.monotonic() < published + 60:
            time.sleep(0.25)
        outcome.newest_after.append(time.monotonic() - published)
        say(f"generation {newest}: everywhere after {outcome.newest_after[-1]:.1f} s")
        time.sleep(max(0.0, seconds / (generations + 1) / 2 - (time.monotonic() - published)))


def _answered(server: TelegramServer, asked: dict[int, list[str]]) -> int:
    return sum(len(server.answers(chat)) for chat in (*asked, GROUP))


def _compare(
    server: TelegramServer,
    asked: dict[int, list[str]],
    grouped: dict[int, tuple[int, str]],
    expected: dict[str, str],
    outcome: Outcome,
) -> None:
    """Every chat's messages with its questions: how many, which, in which order."""
    for chat, questions in asked.items():
        got = [message.text for message in server.answers(chat)]
        wanted = [expected[question] for question in questions]
        outcome.lost += max(0, len(wanted) - len(got))
        outcome.doubled += max(0, len(got) - len(wanted))
        if sorted(got) == sorted(wanted):
            outcome.disordered += sum(a != b for a, b in zip(got, wanted, strict=True))
        elif len(got) == len(wanted):
            outcome.other += 1
            strange = [text for text in got if text not in expected.values()]
            outcome.notes.append(f"chat {chat}: {strange[:2] or 'answers of other questions'}")
    replies = [m for m in server.answers(GROUP) if m.reply_to is not None]
    answered = [m.reply_to.id for m in replies if m.reply_to is not None]
    outcome.lost += len(set(grouped) - set(answered))
    outcome.doubled += len(answered) - len(set(answered)) + len(server.answers(GROUP)) - len(replies)
    for user in {user for user, _ in grouped.values()}:
        own = [id_ for id_ in answered if grouped[id_][0] == user]
        outcome.disordered += own != sorted(own)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--pauses", type=int, default=2)
    parser.add_argument("--generations", type=int, default=5)
    parser.add_argument("--rate", type=float, default=4)
    parser.add_argument("--chats", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--keep", type=Path, help="leave logs in this folder")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = run(
            folder, arguments.seconds, kills=arguments.kills, pauses=arguments.pauses,
            generations=arguments.generations, rate=arguments.rate, chats=arguments.chats, seed=arguments.seed, faults=arguments.faults,
            say=lambda line: print(f"{time.monotonic() - began:6.1f} s  {line}", flush=True),
        )  # fmt: skip
    print(f"{outcome.asked} questions, {arguments.kills} kills, {arguments.pauses} pauses, 1 crash of PostgreSQL: "
          f"{outcome.lost} lost, {outcome.doubled} doubled, {outcome.disordered} in wrong order, {outcome.other} other; "
          f"{outcome.sends} sends, {outcome.probes} probes; the last answered {outcome.drained:.0f} s after the end")  # fmt: skip
    print("newest generation everywhere after " + ", ".join(f"{s:.1f} s" for s in outcome.newest_after))
    for note in outcome.notes:
        print(note)
    sys.exit(0 if outcome.right else 1)


if __name__ == "__main__":
    main()
