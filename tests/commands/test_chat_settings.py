"""`sanad ask` by the settings: with a chat model, and with settings that cannot work."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from settings import settings as read
from tests.answering.house import ANSWER, QUESTION, RELEASES, SWEDEN, build, draft, with_ids
from tests.openai_server import Reply, ScriptedServer

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder."""
    path = tmp_path_factory.mktemp("asked")
    build(path, {"sweden.md": RELEASES["sweden.md"]}).close()
    return path


def _ask(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("SANAD_", "OPENAI_", "LANG"))}
    environment = keep | {"SANAD_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(_ROOT)} | settings
    return subprocess.run(
        [sys.executable, str(_ROOT / "cli.py"), "ask", *arguments],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_ask_answers_by_the_model_that_is_set(folder) -> None:
    """A prompt of one's own is chosen by its version and named by the answer; usage is counted beside the data."""
    prompts = folder / "prompts"
    for kind in ("answer", "repair"):
        (prompts / kind).mkdir(parents=True, exist_ok=True)
    text = (_ROOT / "prompts" / "answer" / "v1.yaml").read_text("utf-8")
    (prompts / "answer" / "v2.yaml").write_text(text.replace("محرر دقيق", "محرر متأنٍّ"), "utf-8")
    (prompts / "repair" / "v1.yaml").write_text((_ROOT / "prompts" / "repair" / "v1.yaml").read_text("utf-8"), "utf-8")
    server = ScriptedServer([lambda r: Reply(with_ids(draft((ANSWER, SWEDEN)), r.text))])
    try:
        done = _ask(
            folder, "--json", QUESTION, SANAD_CHAT_MODEL="openai:local", SANAD_CHAT_URL=server.url, SANAD_CHAT_KEY="s3cret",
            SANAD_PROMPT_ANSWER="v2", SANAD_PROMPTS_DIR=str(prompts),
        )  # fmt: skip
    finally:
        server.close()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["model"], found["prompt"], found["trace"]["outcome"]) == ("openai:local", "answer/v2", "written")
    assert "محرر متأنٍّ" in server.requests[0].text
    assert server.requests[0].authorization == "Bearer s3cret"
    assert "s3cret" not in done.stdout + done.stderr
    assert (folder / "data" / "usage.db").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SANAD_CHAT_MODEL": "gpt-5"}, "unknown chat model 'gpt-5'"),
        ({"SANAD_CHAT_MODEL": "openai:gpt-5"}, "SANAD_CHAT_KEY"),
        ({"SANAD_CHAT_MODEL": "openai:x", "SANAD_CHAT_KEY": "k", "SANAD_PROMPT_ANSWER": "v99"}, "prompt answer/v99"),
        ({"SANAD_CHAT_MODEL": "openai:x", "SANAD_PROMPT_ANSWER": "latest"}, "SANAD_PROMPT_ANSWER='latest'"),
        ({"SANAD_TRACING": "everything"}, "SANAD_TRACING='everything'"),
    ],
)
def test_settings_that_cannot_work_are_two_lines(
    folder, monkeypatch, capsys, settings: dict[str, str], said: str
) -> None:
    """One in Arabic, one in English, no traceback."""
    for name in [k for k in os.environ if k.startswith(("SANAD_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    for name, value in (settings | {"SANAD_DATA_DIR": str(folder / "data")}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["sanad", "ask", QUESTION])
    read.cache_clear()
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        read.cache_clear()
    lines = capsys.readouterr().err.strip().splitlines()
    assert ended.value.code == 2
    assert said in lines[-1]
    assert len(lines) == 2, lines
