"""The commands around a corpus, as people type them."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.in_process import Sanad

ROOT = Path(__file__).parents[1]
_RELEASE = (
    "كندا تدعم عدن\n\nعدن، 3 آذار 2021 – قدمت كندا لليونيسف في اليمن 2.5 مليون دولار كندي لإصلاح محطات المياه في عدن.\n"
)
_OTHER = "قطر تدعم الموصل\n\nالموصل، 4 أيار 2022 – قدمت قطر لليونسكو 3 ملايين يورو لترميم مكتبة جامعة الموصل.\n"


@pytest.fixture
def corpus(tmp_path: Path, sanad: Sanad) -> Path:
    """One release in generation 1, two in generation 2."""
    folder = tmp_path / "releases"
    folder.mkdir()
    for name, text in (("canada.txt", _RELEASE), ("qatar.txt", _OTHER)):
        (folder / name).write_text(text, "utf-8")
        assert sanad(tmp_path / "data", "ingest", str(folder)).returncode == 0
    return tmp_path


def test_generations_are_listed_checked_and_gone_back_to(corpus: Path, sanad: Sanad) -> None:
    """And the next ingest says why it publishes nothing."""
    data = corpus / "data"
    assert sanad(data, "generations", "list").stdout.splitlines()[1].startswith("*    2")
    assert sanad(data, "generations", "verify").returncode == 0
    assert "- qatar.txt" in sanad(data, "generations", "rollback").stdout
    assert "put back in place of 2" in sanad(data, "ingest", str(corpus / "releases")).stdout
    assert json.loads(sanad(data, "ask", "كم قدمت قطر لليونسكو؟", "--json").stdout)["refused"]
    done = sanad(data, "generations", "rollback")
    assert done.returncode == 2
    assert "لا يمكن الرجوع" in done.stderr
    (data / "generations" / "1" / "ledger.db").write_bytes(b"")
    assert sanad(data, "generations", "verify", "1").returncode == 1


def test_a_corpus_is_exported_and_imported(corpus: Path, sanad: Sanad) -> None:
    """The answers come along; what is there is not replaced unasked."""
    file = corpus / "all.sanad"
    assert json.loads(sanad(corpus / "data", "export", str(file), "--json").stdout)["releases"] == 2
    report = json.loads(sanad(corpus / "other", "import", str(file), "--json").stdout)
    assert (report["releases"], report["embedded"]) == (2, 0)
    assert "3 ملايين يورو" in sanad(corpus / "other", "ask", "كم قدمت قطر لليونسكو؟").stdout
    assert sanad(corpus / "other", "import", str(file)).returncode == 2


def test_the_doctor_ends_with_the_state(corpus: Path, sanad: Sanad) -> None:
    """0 where all is well, 1 where something is broken, with what to do."""
    assert sanad(corpus / "data", "doctor").returncode == 0
    (corpus / "data" / "generations" / "2" / "manifest.json").write_text("{")
    done = sanad(corpus / "data", "doctor", "--json")
    assert done.returncode == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert next(r["advice"] for r in rows if r["name"] == "generation") == "sanad ingest --rebuild"


def test_standing_sources_are_ingested_with_all(corpus: Path, sanad: Sanad) -> None:
    """A missing or broken file is told; nothing named at all is a mistake of use."""
    data, file = corpus / "new", corpus / "sources.yaml"
    file.write_text("sources: [releases]\n", "utf-8")
    report = json.loads(sanad(data, "ingest", "--all", "--json", SANAD_SOURCES=str(file)).stdout)
    assert report["added"] == ["canada.txt", "qatar.txt"]
    assert "sources.yaml" in sanad(data, "ingest", "--all", SANAD_SOURCES=str(corpus / "none" / "sources.yaml")).stderr
    assert sanad(data, "ingest").returncode == 2
    assert sanad(data, "ingest", "http://169.254.169.254/latest", "--json").returncode == 1


def test_watch_ingests_at_once_and_after_a_change_and_ends_when_told(corpus: Path) -> None:
    """A service: SIGTERM ends it with 0."""
    data, file = corpus / "watched", corpus / "sources.yaml"
    file.write_text("sources: [releases]\n", "utf-8")
    environment = {
        "PATH": "/usr/bin:/bin",
        "SANAD_DATA_DIR": str(data),
        "SANAD_SOURCES": str(file),
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "watch"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        _until(process, "generation 1 published")
        (corpus / "releases" / "qatar.txt").write_text(_OTHER.replace("3 ملايين", "5 ملايين"), "utf-8")
        _until(process, "generation 2 published")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def _until(process: "subprocess.Popen[str]", words: str) -> None:
    deadline = time.monotonic() + 60
    assert process.stdout is not None
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if words in line:
            return
        assert line, "the command ended"
    raise AssertionError(words)
