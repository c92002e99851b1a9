"""The restore drill of docs/operations.md: a corpus and the bot's database, lost and brought back."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from bot_process import ROOT, BotProcess
from corpus import write

from benchmarks.synthetic import write as write_many
from tests.in_process import Sanad
from tests.telegram_server import TelegramServer

NORWAY = "كم قدمت النرويج لإزالة الألغام في الموصل؟"
ITALY = "كم خصصت إيطاليا لصيادي غزة؟"


def answer(sanad: Sanad, data: Path, question: str) -> dict[str, object]:
    told = json.loads(sanad(data, "ask", "--json", question).stdout)
    return {name: told[name] for name in ("answer", "citations", "refused", "notes")}


def test_a_corpus_exported_during_an_ingest_comes_back_whole(sanad: Sanad, tmp_path: Path) -> None:
    """The export says that an ingest is running, or waits for it; from its file alone the same answers come back and
    nothing is embedded again."""
    data, backup = tmp_path / "data", tmp_path / "corpus.sanad"
    write(tmp_path / "releases")
    assert sanad(data, "ingest", str(tmp_path / "releases")).returncode == 0
    write_many(tmp_path / "more", 200)
    command = [sys.executable, str(ROOT / "cli.py"), "ingest", str(tmp_path / "more"), "--json"]
    environment = {**os.environ, "SANAD_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE) as running:
        deadline = time.monotonic() + 60
        while not begun(data / "catalogue.db"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert "another ingest is running" in sanad(data, "export", str(backup)).stderr
        done = sanad(data, "export", str(backup), "--wait", "2", "--json")
        assert json.loads(done.stdout)["releases"] == 204
        assert running.wait() == 0
    before = [answer(sanad, data, question) for question in (NORWAY, ITALY)]

    shutil.rmtree(data)
    report = json.loads(sanad(data, "import", str(backup), "--json").stdout)
    assert (report["releases"], report["embedded"], report["published"]) == (204, 0, True)
    assert [answer(sanad, data, question) for question in (NORWAY, ITALY)] == before
    assert sanad(data, "generations", "verify").returncode == 0


def test_the_bot_s_database_is_copied_while_it_runs(
    sanad: Sanad, telegram: TelegramServer, data_dir: Path, tmp_path: Path
) -> None:
    """A copy made with VACUUM INTO holds what is still in the write-ahead log alone; restored beside an imported corpus,
    it has the question in hand answered, once, and the conversation goes on."""
    corpus, database = tmp_path / "corpus.sanad", tmp_path / "bot.db"
    assert sanad(data_dir, "export", str(corpus)).returncode == 0
    with BotProcess(telegram, data_dir, slow=True) as bot:
        telegram.user_says(1, None, NORWAY)
        telegram.wait_answers(1, 1)
        telegram.user_says(1, None, f"بطيء 30 {ITALY}")
        telegram.wait_for(lambda: not telegram.pending())
        with closing(sqlite3.connect(data_dir / "bot.db")) as live:
            live.execute("VACUUM INTO ?", (str(database),))
        shutil.copy(data_dir / "bot.db", tmp_path / "careless.db")
        bot.kill()
    assert pending(database) == 1
    assert pending(tmp_path / "careless.db") is None

    shutil.rmtree(data_dir)
    assert sanad(data_dir, "import", str(corpus)).returncode == 0
    shutil.copy(database, data_dir / "bot.db")
    with BotProcess(telegram, data_dir):
        telegram.wait_answers(1, 2, 40)
        telegram.user_says(1, None, "ومتى ينتهي مشروع الموصل؟")
        telegram.wait_answers(1, 3)
        telegram.quiet()
        assert len(telegram.answers(1)) == 3


def begun(catalogue: Path) -> bool:
    """Whether an ingest is running."""
    with closing(sqlite3.connect(catalogue)) as connection:
        return bool(connection.execute("SELECT 1 FROM runs WHERE finished IS NULL").fetchone())


def pending(database: Path) -> int | None:
    """Updates that wait in a copy of the bot's database; None where it has no tables, or no such update yet."""
    with closing(sqlite3.connect(database)) as copy:
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'updates'").fetchone():
            return None
        found = copy.execute("SELECT count(*) FROM updates WHERE state = 'pending'").fetchone()[0]
    return int(found) or None
