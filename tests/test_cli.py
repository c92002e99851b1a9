"""The command as people type it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_RELEASE = (
    "كندا تدعم عدن\n\nعدن، 3 آذار 2021 – قدمت كندا لليونيسف في اليمن 2.5 مليون دولار كندي لإصلاح محطات المياه في عدن.\n"
)


def sanad(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    environment = (
        {k: v for k, v in os.environ.items() if not k.startswith("SANAD_")} | {"SANAD_DATA_DIR": str(data)} | settings
    )
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    folder = tmp_path / "releases"
    folder.mkdir()
    (folder / "canada.txt").write_text(_RELEASE, "utf-8")
    return folder


def test_ingest_then_ask(releases: Path, tmp_path: Path) -> None:
    """Two commands: releases in, a cited answer out, as JSON and for people."""
    data = tmp_path / "data"
    report = json.loads(sanad(data, "ingest", str(releases), "--json").stdout)
    assert report["added"] == ["canada.txt"]
    answer = json.loads(sanad(data, "ask", "كم قدمت كندا لليونيسف؟", "--json").stdout)
    assert answer["citations"][0]["quote"] in _RELEASE
    assert {"id", "question", "answer", "refused", "missing", "notes", "citations", "plan", "model", "seconds"} <= set(
        answer
    )
    shown = sanad(data, "ask", "كم قدمت كندا لليونيسف؟").stdout
    assert "2.5 مليون دولار كندي" in shown
    assert "[1] كندا تدعم عدن — \u20682021-03-03\u2069" in shown


def test_a_batch_has_an_answer_a_line(releases: Path, tmp_path: Path) -> None:
    """The last turn is asked, those before it are history."""
    data, out = tmp_path / "data", tmp_path / "answers.jsonl"
    sanad(data, "ingest", str(releases))
    questions = tmp_path / "questions.jsonl"
    turns = [["كم قدمت كندا لليونيسف؟"], ["كم قدمت كندا لليونيسف؟", "وفي أي مدينة؟"]]
    questions.write_text("\n".join(json.dumps({"id": str(i), "turns": t}) for i, t in enumerate(turns)), "utf-8")
    assert sanad(data, "ask", "--batch", str(questions), "--out", str(out)).returncode == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [r["id"] for r in rows] == ["0", "1"]
    assert "عدن" in rows[1]["answer"]


def test_asking_before_anything_is_ingested_says_what_to_do(tmp_path: Path) -> None:
    """One line in Arabic, one in English, no traceback."""
    done = sanad(tmp_path, "ask", "كم؟")
    assert done.returncode == 2
    assert "sanad ingest" in done.stderr.splitlines()[0]
    assert "no releases have been ingested" in done.stderr.splitlines()[1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "arabic", "english"),
    [
        ("table.xlsx", b"PK", "غير معروف", "unknown file type"),
        ("empty.txt", b"", "لا يحتوي على نص", "holds no text"),
        ("broken.docx", b"PK\x03\x04 nothing", "broken.docx", "broken.docx"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(
    releases: Path, tmp_path: Path, name: str, content: bytes, arabic: str, english: str
) -> None:
    """In both languages, and the other files are read."""
    (releases / name).write_bytes(content)
    done = sanad(tmp_path / "data", "ingest", str(releases / name), str(releases / "canada.txt"), "--json")
    report = json.loads(done.stdout)
    assert report["added"] == ["canada.txt"]
    failure = report["failed"][0]
    assert arabic in json.dumps(failure, ensure_ascii=False)
    assert english in json.dumps(failure, ensure_ascii=False)


def test_a_wrong_setting_is_named_with_what_was_expected(tmp_path: Path) -> None:
    """Name, value and expectation, in Arabic and in English."""
    done = sanad(tmp_path, "ask", "كم؟", SANAD_DEVICE="gpu")
    arabic, english = done.stderr.splitlines()[:2]
    for line in (arabic, english):
        assert "SANAD_DEVICE" in line
        assert "gpu" in line
        assert "cuda" in line
    assert done.returncode == 2


def test_the_default_path_imports_no_torch(releases: Path, tmp_path: Path) -> None:
    """A chat bot on a small machine must not pay for it."""
    data = tmp_path / "data"
    code = "import sys, runpy; sys.argv = ['sanad', *{args}]\ntry: runpy.run_module('cli', run_name='__main__')\nfinally: sys.stderr.write(str('torch' in sys.modules))"
    for arguments in (["ingest", str(releases)], ["ask", "كم قدمت كندا؟"]):
        done = subprocess.run(
            [sys.executable, "-c", code.format(args=arguments)],
            cwd=ROOT, env={**os.environ, "SANAD_DATA_DIR": str(data)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stderr.endswith("False"), done.stderr
