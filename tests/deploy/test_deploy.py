"""Dockerfile, compose.yaml, units, alerts, dashboard and runbook name only what there is, so that they cannot rot."""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import cli
from bot.metrics import ERRORS, Metrics
from commands.watch_health import WatchHealth
from settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
RUNBOOK = ROOT / "docs" / "operations.md"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

AWAITED = frozenset({"SANAD_CHROMA_URL", "SANAD_EMBEDDING_URL"})
"""Settings, extras and commands that are named already and come with another change."""


def settings() -> set[str]:
    return {f"SANAD_{name.upper()}" for name in Settings.model_fields} | AWAITED


@pytest.mark.parametrize(
    "path",
    [ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / ".env.example", RUNBOOK, *sorted(DEPLOY.rglob("*.*"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_settings_exist(path: Path) -> None:
    """Every SANAD_… that is named is a setting."""
    named = set(re.findall(r"\bSANAD_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))
    assert named <= settings()


def commands() -> Iterator[tuple[str, list[str]]]:
    """(where, arguments) of each `sanad …` that is written down."""
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    for words in re.findall(r"(?:CMD|ENTRYPOINT) (\[.*\])", dockerfile):
        given = json.loads(words)
        yield "Dockerfile", given[1:] if given[0] == "sanad" else given
    for name, service in COMPOSE["services"].items():
        if service.get("image") == "sanad" and "command" in service:
            yield f"compose {name}", service["command"]
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=\S*/sanad (.*)$", unit.read_text("utf-8"), re.MULTILINE):
            yield unit.name, shlex.split(line)
    for block in re.findall(r"^```sh\n(.*?)^```", RUNBOOK.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for found in re.finditer(r"(?:^|[\s(|;&])(?:sanad|run --rm ingest|exec bot sanad) ([^|;&)#>]*)", line):
                yield "runbook", shlex.split(found[1])


@pytest.mark.parametrize(("where", "arguments"), list(commands()))
def test_commands_exist(where: str, arguments: list[str]) -> None:
    """With each of their options; `[]` is the command itself."""
    command: Any = typer.main.get_command(cli.app)
    rest = list(arguments)
    while rest and hasattr(command, "commands"):
        name = rest.pop(0)
        if f"sanad {name}" in AWAITED:
            return
        assert name in command.commands, where
        command = command.commands[name]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in rest:
        if word.startswith("-"):
            assert word.partition("=")[0] in {*options, "--help"}, where


def test_the_runbook_is_looked_through() -> None:
    """The commands of its blocks are found."""
    assert sum(where == "runbook" for where, _ in commands()) > 20


def test_extras_exist() -> None:
    """Those that compose.yaml asks for unless told otherwise."""
    default = re.search(r"EXTRAS:-([a-z0-9,]*)", (ROOT / "compose.yaml").read_text("utf-8"))
    assert default is not None
    assert set(default[1].split(",")) <= set(PROJECT["project"]["optional-dependencies"]) | AWAITED


def test_the_image_gets_every_package_and_nothing_secret() -> None:
    """.dockerignore lets through what pyproject.toml packs, and nothing by default."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    through = {line[1:].rstrip("/") for line in lines if line.startswith("!")}
    packed = {name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    modules = {f"{name}.py" for name in PROJECT["tool"]["setuptools"]["py-modules"]}
    assert lines[1] == "*"
    assert through == packed | modules | {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"}


def test_containers_are_hardened() -> None:
    """Each of them: a read-only root, no capabilities, no new privileges, a limit of memory, ports on loopback only."""
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "mem_limit" in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert "healthcheck" in service or service["image"] == "sanad", name


def test_secrets_are_settings_or_postgresql_s() -> None:
    """A secret of the bot is mounted under the name of its setting."""
    given = [secret["target"] for secret in COMPOSE["services"]["bot"]["secrets"]]
    assert set(given) <= settings()
    credentials = re.findall(
        r"^LoadCredential=([^:]*):", (DEPLOY / "systemd/sanad-bot.service").read_text("utf-8"), re.M
    )
    assert set(credentials) <= settings()


def test_a_stop_has_the_time_that_it_needs() -> None:
    """Docker and systemd wait longer than the bot may take."""
    seconds = Settings.model_fields["shutdown_seconds"].default
    unit = (DEPLOY / "systemd/sanad-bot.service").read_text("utf-8")
    found = re.search(r"TimeoutStopSec=(\d+)", unit)
    assert found is not None
    assert int(found[1]) > seconds + 10
    assert int(COMPOSE["services"]["bot"]["stop_grace_period"].rstrip("s")) > seconds + 10


def metrics() -> set[str]:
    """All names under which Prometheus may see them."""
    names = {"up"}
    for registry in (Metrics().registry, WatchHealth(60).registry):
        for metric in registry.collect():
            ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(metric.type, ("",))
            names |= {metric.name + end for end in ends}
    return names


def expressions() -> Iterator[str]:
    """Of the alerts and the dashboard."""
    for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    dashboard = json.loads((DEPLOY / "grafana/sanad.json").read_text("utf-8"))
    yield from (target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    yield from (annotation["expr"] for annotation in dashboard["annotations"]["list"])


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_metrics_exist(expression: str) -> None:
    """Those of the bot, of the watch and of their processes."""
    named = set(re.findall(r"\b(?:sanad|process)_[a-z_]+\b|\bup\b", re.sub(r'"[^"]*"', "", expression)))
    assert named
    assert named <= metrics()


def test_every_metric_is_on_the_dashboard_or_in_an_alert() -> None:
    """What nobody looks at need not be counted."""
    shown = " ".join(expressions())
    assert {
        m for m in metrics() if m.startswith("sanad_") and not m.endswith(("_sum", "_count")) and m not in shown
    } == set()


def test_alerts_lead_to_the_runbook() -> None:
    """Each names a heading of it, and the runbook says what each kind of error means."""
    text = RUNBOOK.read_text("utf-8")
    headings = set(re.findall(r"^##+ (.*)$", text, re.MULTILINE))
    for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["runbook"] in headings, rule["alert"]
            assert rule["labels"]["severity"] in {"page", "ticket"}
    assert {kind for kind in ERRORS if f"`{kind}`" not in text} == set()


def test_log_lines_of_the_runbook_exist() -> None:
    """Each `event` of its table is written somewhere."""
    table = RUNBOOK.read_text("utf-8").partition("| log line |")[2].partition("\n\n")[0]
    events = re.findall(r"^\| `([a-z_]+)`", table, re.MULTILINE)
    source = "".join(path.read_text("utf-8") for path in (ROOT / "bot").glob("**/*.py"))
    assert len(events) > 10
    assert {event for event in events if f'"{event}"' not in source} == set()


@pytest.mark.promtool
def test_promtool_accepts_the_alerts() -> None:
    """Its own checks, and the tests that say when each alert fires (deploy/prometheus/alerts.test.yml)."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    for words in (["check", "config", "prometheus.yml"], ["test", "rules", "alerts.test.yml"]):
        done = subprocess.run(
            ["promtool", *words], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.systemd
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """Without a word, and holds them for well confined."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    copies = []
    for unit in UNITS:
        copies.append(tmp_path / unit.name)
        copies[-1].write_text(unit.read_text("utf-8").replace("/opt/sanad/bin/sanad", "/bin/true"), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", *copies], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for copy in copies:
        if copy.suffix == ".service":
            judge = ["systemd-analyze", "security", "--offline=true", "--threshold=20", copy]  # of 100: 2.0
            done = subprocess.run(judge, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout[-500:]
