"""`sanad prompts` as people type it, with a scripted server in the place of a provider."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from cli import app
from commands.prompt_choice import chat_for
from prompts.loader import list_prompts
from settings import Settings, settings
from tests.openai_server import Fault, Reply, ScriptedServer
from tests.openai_server.server import Request

ROOT = Path(__file__).parents[1]
_QUOTE = "عدن، 3 آذار 2021 – قدمت كندا لليونيسف في اليمن 2.5 مليون دولار كندي لإصلاح محطات المياه في عدن."
_CASES = """
corpus: releases
cases:
  - id: funding-canada
    question: كم قدمت كندا لليونيسف في اليمن؟
    expect: {has: ["2.5"], lacks: ["3.5"], sources: [canada.txt]}
    tags: [funding]
  - id: refusal-france
    question: كم قدمت فرنسا لليونيسف في اليمن؟
    expect: {refuse: true}
    tags: [refusal]
"""

Sanad = Callable[..., Result]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A provider that answers rightly."""
    running = ScriptedServer([_right])
    yield running
    running.close()


def _right(request: Request) -> Reply:
    """Canada's figure with its quote; nothing about France."""
    asked = request.text.rsplit("<سؤال", 1)[-1]
    if "فرنسا" in asked:
        return Reply(json.dumps({"sentences": [], "missing": ["amount"]}))
    passage = request.text[: request.text.index(_QUOTE)].rsplit("<p", 1)[1].split()[0]
    sentence = {
        "citations": [{"id": f"p{passage}", "quote": _QUOTE}],
        "text": "قدمت كندا لليونيسف 2.5 مليون دولار كندي في اليمن.",
    }
    return Reply(json.dumps({"sentences": [sentence], "missing": []}, ensure_ascii=False), usage=(1000, 100))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with releases, cases and prompts of one's own."""
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "canada.txt").write_text(f"كندا تدعم عدن\n\n{_QUOTE}\n", "utf-8")
    (tmp_path / "cases.yaml").write_text(_CASES, "utf-8")
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path


@pytest.fixture
def sanad(work: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sanad]:
    """Run the command in this process, in the folder."""
    for name in [n for n in os.environ if n.startswith("SANAD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(work)
    base = {
        "SANAD_DATA_DIR": "data",
        "SANAD_PROMPTS_DIR": "prompts",
        "SANAD_CHAT_URL": server.url,
        "SANAD_CHAT_KEY": "k",
    }

    def run(*arguments: str, **environment: str | None) -> Result:
        settings.cache_clear()
        return CliRunner().invoke(app, ["prompts", *arguments], env={**base, **environment}, catch_exceptions=False)

    yield run
    settings.cache_clear()


def _test(sanad: Sanad, *arguments: str, **environment: str | None) -> Result:
    return sanad("test", "--cases", "cases.yaml", *arguments, **environment)


def test_prompts_are_listed_shown_begun_and_compared(sanad: Sanad, work: Path) -> None:
    """A new version is a copy with its own line of what is new; no version is ever written over."""
    listed = sanad("list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list_prompts()
    assert json.loads(sanad("list", "--json").stdout.splitlines()[0])["variables"]
    assert sanad("show", "answer/v1").stdout == (work / "prompts" / "answer" / "v1.yaml").read_text("utf-8")
    assert "answer/v2" in sanad("new", "answer", "-m", 'أقصر: "جملة" واحدة').stdout
    assert 'أقصر: "جملة" واحدة' in sanad("list").stdout
    assert "answer/v3" in sanad("new", "answer/v1").stdout
    diff = sanad("diff", "answer/v1", "answer/v2").stdout
    assert "--- answer/v1" in diff
    assert '+changelog: "أقصر' in diff
    assert sum(line.startswith("+ ") for line in diff.splitlines()) == 0


def test_what_a_model_would_be_sent_is_shown(sanad: Sanad) -> None:
    """The rules, the passages and the question, as they would go out; nothing goes out."""
    done = sanad("show", "answer/v1", "-q", "كم قدمت كندا لليونيسف؟", "--corpus", "releases", SANAD_CHAT_KEY=None)
    assert done.exit_code == 0, done.output
    assert done.stdout.index("── system") < done.stdout.index("── user") < done.stdout.index(_QUOTE)
    assert "{{" not in done.stdout
    assert sanad("show", "repair/v1", "-q", "كم؟").exit_code == 2


def test_a_folder_of_ones_own_begins_with_the_shipped_prompts(sanad: Sanad, work: Path) -> None:
    """A version of one's own needs the other kinds beside it; what cannot be written is told."""
    assert sanad("new", "answer", SANAD_PROMPTS_DIR="mine").exit_code == 0
    assert sorted(p.relative_to(work / "mine").as_posix() for p in (work / "mine").rglob("*.yaml")) == sorted(
        f"{name}.yaml" for name in [*list_prompts(), "answer/v2"]
    )
    (work / "file").write_text("", "utf-8")
    assert "cannot write" in sanad("new", "answer", SANAD_PROMPTS_DIR="file/below").stderr


def test_a_broken_prompt_does_not_hide_the_others(sanad: Sanad, work: Path) -> None:
    """It is told beside them, and the status says so."""
    (work / "prompts" / "answer" / "v2.yaml").write_text("changelog: x\n", "utf-8")
    done = sanad("list")
    assert done.exit_code == 1
    assert "prompt answer/v2" in done.stderr
    assert "repair/v1" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "answer/v9"), "available: answer/v1"),
        (("show", "answer"), "a name looks like answer/v1"),
        (("new", "nonsense"), "no prompt of the kind nonsense; kinds: answer"),
        (("diff", "answer/v1", "answer/v7"), "prompt answer/v7: there is none"),
        (("test", "--cases", "missing.yaml"), "missing.yaml: No such file"),
        (("test", "--cases", "cases.yaml", "--tag", "fnding"), "no case has the tag «fnding»; tags: funding, refusal"),
        (("test", "--cases", "cases.yaml", "--case", "x*"), "no case is left to ask"),
        (("test", "--cases", "cases.yaml", "--model", "nobody:x"), "unknown chat model 'nobody:x'"),
        (("test", "--cases", "cases.yaml", "--prompt", "answer/v1"), "prompts need a model"),
        (("test", "--cases", "cases.yaml", "--prompt", "answer/v9", "--model", "openai:m"), "there is none"),
        (
            ("test", "--cases", "cases.yaml", "--prompt", "facts/v1", "--model", "openai:m"),
            "takes no part in answering",
        ),
        (
            ("test", "--cases", "cases.yaml", "--model", "openai:m", "--grader", "openai:m", "--prompt", "grade/v7"),
            "there is none",
        ),
        (("test", "--cases", "cases.yaml", "--prices", "cases.yaml"), "not a usable price file"),
        (("test", "--cases", "cases.yaml", "--baseline", "cases.yaml"), "not a usable report"),
        (("report", "cases.yaml"), "not a usable report"),
    ],
)
def test_what_cannot_be_run_is_told_in_both_languages(sanad: Sanad, arguments: tuple[str, ...], told: str) -> None:
    """One line each and status 2, before anything is asked or ingested."""
    done = sanad(*arguments)
    assert done.exit_code == 2
    arabic, english = done.stderr.splitlines()
    assert told in english
    assert any("\u0600" <= c <= "\u06ff" for c in arabic)
    assert not Path("data").exists()


def test_without_a_model_the_extractive_answerer_is_tested(sanad: Sanad, server: ScriptedServer) -> None:
    """No key, no call; an exit status for CI."""
    done = _test(sanad, SANAD_CHAT_KEY=None, SANAD_CHAT_URL=None)
    assert done.exit_code == 0, done.output
    assert "extractive" in done.stdout
    assert "2/2" in done.stdout
    assert server.requests == []


def test_a_run_is_recorded_and_replayed_without_a_key(sanad: Sanad, server: ScriptedServer, work: Path) -> None:
    """Models and prompts side by side; the replay asks nobody and comes to the same."""
    sanad("new", "answer")
    options = ("--prompt", "answer/v1", "--prompt", "answer/v2", "--model", "extractive", "--model", "openai:m")
    done = _test(
        sanad, *options, "--record", "rec", "--json", "out/a.json", "--html", "out/a.html", "--junit", "out/a.xml"
    )
    assert done.exit_code == 0, done.output
    found = json.loads((work / "out/a.json").read_text("utf-8"))
    assert [c["name"] for c in found["columns"]] == ["extractive", "answer/v1 · openai:m", "answer/v2 · openai:m"]
    assert "2.5 مليون" in (work / "out/a.html").read_text("utf-8")
    assert ElementTree.parse(work / "out/a.xml").getroot().get("tests") == "6"
    assert len(list((work / "rec").rglob("*.json"))) == 2  # both versions send the same words
    server.script(Fault("status", 500))
    again = _test(sanad, *options, "--replay", "rec", "--json", "out/b.json", SANAD_CHAT_KEY=None, SANAD_CHAT_URL=None)
    assert again.exit_code == 0, again.output
    assert server.requests == []
    same = json.loads((work / "out/b.json").read_text("utf-8"))
    texts = [[c["tries"][0]["answer"]["text"] for r in report["rows"] for c in r["cells"]] for report in (found, same)]
    assert texts[0] == texts[1]


def test_responses_are_kept_unless_told_otherwise(sanad: Sanad, server: ScriptedServer) -> None:
    """A second run asks nothing; --no-cache asks again; another prompt text asks again."""
    for options, asked in (((), 2), ((), 2), (("--no-cache",), 4), (("--repeat", "2"), 6)):
        done = _test(sanad, "--model", "openai:m", *options)
        assert done.exit_code == 0, done.output
        assert len(server.requests) == asked, options
    assert "from disk" in done.stdout


def test_what_was_not_recorded_is_an_error_of_its_case(sanad: Sanad) -> None:
    """Not an extractive answer in a model's name."""
    done = _test(sanad, "--model", "openai:m", "--replay", "nothing")
    assert done.exit_code == 1
    assert "no recorded response" in done.stdout


def test_a_model_that_is_out_of_reach_fails_its_column(sanad: Sanad, server: ScriptedServer) -> None:
    """The extractive answer that users would get is shown, and no success is claimed."""
    server.script(Fault("status", 401))
    done = _test(sanad, "--model", "openai:m", "--tag", "funding")
    assert done.exit_code == 1
    assert "the extractive answer was shown" in " ".join(done.stdout.split())


def test_only_what_became_worse_fails_against_a_baseline(sanad: Sanad, server: ScriptedServer, work: Path) -> None:
    """The status follows the comparison; mended cases and cases that failed before do not fail."""
    server.script(lambda r: Reply(_right(r).text.replace('"text": "قدمت كندا', '"text": "قدمت فرنسا')))
    first = _test(sanad, "--model", "openai:m", "--no-cache", "--json", "base.json")
    assert first.exit_code == 1
    assert _test(sanad, "--model", "openai:m", "--no-cache", "--baseline", "base.json").exit_code == 0
    server.script(_right)
    better = _test(sanad, "--model", "openai:m", "--no-cache", "--baseline", "base.json", "--json", "good.json")
    assert "0 worse, 1 better" in better.stdout
    server.script(Reply("لا أعرف"))
    worse = _test(sanad, "--model", "openai:m", "--no-cache", "--baseline", "good.json", "--junit", "w.xml")
    assert worse.exit_code == 1
    assert ElementTree.parse(work / "w.xml").getroot().get("failures") in {"1", "2"}
    assert "worse" in worse.stdout
    shown = sanad("report", "good.json", "--baseline", "base.json", "--html", "r.html")
    assert shown.exit_code == 0
    assert "▲" in (work / "r.html").read_text("utf-8")


def test_failed_cases_can_be_asked_again_alone(sanad: Sanad, server: ScriptedServer) -> None:
    """While a prompt is being mended."""
    server.script(Reply("لا أعرف"))
    _test(sanad, "--model", "openai:m", "--case", "funding-*", "--no-cache", "--json", "r.json")
    server.script(_right)
    done = _test(
        sanad, "--model", "openai:m", "--case", "funding-*", "--failed", "r.json", "--no-cache", "--json", "r.json"
    )
    assert done.exit_code == 0, done.output
    assert sanad("test", "--cases", "cases.yaml", "--case", "funding-*", "--failed", "r.json").exit_code == 2


def test_a_grader_is_a_model_that_was_named(sanad: Sanad, server: ScriptedServer) -> None:
    """Its verdict is a check like the others; its key goes to its own provider only."""

    def reply(request: Request) -> Reply:
        return Reply('{"why": "لا يذكر الجواب السنة", "pass": false}') if "معيار" in request.text else _right(request)

    server.script(reply)
    done = _test(sanad, "--model", "openai:m", "--grader", "openai:judge", "--tag", "funding")
    assert done.exit_code == 1
    assert "لا يذكر الجواب السنة" in done.stdout
    assert {r.body["model"] for r in server.requests} == {"m", "judge"}


@pytest.mark.parametrize(
    ("configured", "model", "named", "given"),
    [
        ("openai:a", "openai:b", ["openai:b"], True),
        ("openai:a", "anthropic:b", ["anthropic:b"], False),
        ("openai:a", "anthropic:b", ["openai:a", "anthropic:b"], False),
        (None, "openai:b", ["extractive", "openai:a", "openai:b", None], True),
        (None, "anthropic:b", ["openai:a", "anthropic:b"], False),
        (None, "openai:a", ["openai:a", "anthropic:b"], False),
    ],
)
def test_a_key_is_shown_to_its_own_provider_only(
    configured: str | None, model: str, named: list[str | None], given: bool
) -> None:
    """Nor does another provider's model ask the server of the settings."""
    config = Settings(chat_model=configured, chat_key=SecretStr("k"), chat_url="http://127.0.0.1:1")
    chat = chat_for(config, model, named)
    assert (chat.key is not None, chat.url is not None) == (given, given)


def test_a_feedback_file_of_the_bot_is_a_file_of_cases(sanad: Sanad, work: Path) -> None:
    """Asked over the releases that are named, whatever generation it was reported on."""
    row = {
        "id": "fb-1", "question": "كم قدمت كندا لليونيسف في اليمن؟", "turns": [], "corpus": 3,
        "expect": {"has": [], "lacks": ["9"], "refuse": None}, "tags": ["feedback"], "note": "", "answer": "9 ملايين",
    }  # fmt: skip
    (work / "feedback.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    done = sanad("test", "--cases", "feedback.jsonl", "--corpus", "releases", "--html", "r.html")
    assert done.exit_code == 0, done.output
    assert "9 ملايين" in (work / "r.html").read_text("utf-8")


def test_an_interrupted_run_still_writes_its_reports(work: Path, server: ScriptedServer) -> None:
    """What was paid for is not lost; the status is that of an interrupted command."""
    server.script(_right, Fault("hang", seconds=30))
    # a suite in a shell's background ignores it, and children inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "cli", "prompts", "test", "--cases", str(work / "cases.yaml"), "--model", "openai:m",
               "--concurrency", "1", "--json", str(work / "r.json")]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SANAD_")} | {
        "SANAD_DATA_DIR": str(work / "data"), "SANAD_CHAT_URL": server.url, "SANAD_CHAT_KEY": "k",
    }  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        deadline = time.monotonic() + 120
        while len(server.requests) < 2 and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        told = running.communicate(timeout=60)
    assert running.returncode == 130, told
    report = json.loads((work / "r.json").read_text("utf-8"))
    assert [row["id"] for row in report["rows"]] == ["funding-canada"]
    assert "interrupted" in report["notes"][0]
