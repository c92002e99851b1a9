"""Known vulnerabilities of everything that constraints.txt pins: `make audit`.

pip-audit itself ends well when it could look up nothing at all. Here whatever is skipped fails, and so does whatever is
found, unless security/excused.yaml gives a reason for it that has not expired.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

_ROOT = Path(__file__).parents[1]
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a finding is accepted, until the end of a day."""

    package: str
    reason: str
    until: date
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A vulnerability (`id` and its aliases), or a package that was not looked up (`id` is None)."""

    package: str
    version: str
    id: str | None
    aliases: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}: {self.id or 'not audited'}: {self.what}"


def findings(report: dict[str, Any], pinned: Iterable[str]) -> list[Finding]:
    """What pip-audit's JSON says is wrong; a pinned package that it does not even mention was not audited either."""
    found: list[Finding] = []
    seen = set()
    for entry in report["dependencies"]:
        name, version = entry["name"], entry.get("version", "?")
        seen.add(_same(name))
        if "skip_reason" in entry:
            found.append(Finding(name, version, None, (), entry["skip_reason"]))
        for vulnerability in entry.get("vulns", []):
            fixed = ", ".join(vulnerability.get("fix_versions") or ()) or "no version yet"
            aliases = tuple(vulnerability.get("aliases") or ())
            found.append(Finding(name, version, vulnerability["id"], aliases, f"fixed in {fixed}"))
    missing = sorted(name for name in pinned if _same(name) not in seen)
    return found + [Finding(name, "?", None, (), "missing from pip-audit's report") for name in missing]


def unexcused(found: Sequence[Finding], excuses: Sequence[Excuse], today: date) -> list[Finding]:
    """The findings that no excuse covers today."""
    return [f for f in found if not any(_covers(e, f) and e.until >= today for e in excuses)]


def read_excuses(path: Path) -> list[Excuse]:
    """The excuses of a file. Raises ValueError naming an entry without package, reason or day."""
    excuses = []
    for entry in yaml.safe_load(path.read_text("utf-8")) or []:
        if not {"package", "reason", "until"} <= set(entry) or not isinstance(entry["until"], date):
            raise ValueError(f"{path.name}: {entry} needs package, reason and until (a day)")
        excuses.append(Excuse(entry["package"], entry["reason"], entry["until"], entry.get("id")))
    return excuses


def pinned_in(path: Path) -> list[str]:
    """The names of a constraints file."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [line.partition("==")[0] for line in lines if "==" in line]


def main() -> int:
    """Audit the lock; the number of what is wrong, at most 1, as the exit status."""
    lock = _ROOT / "constraints.txt"
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--no-deps", "--disable-pip", "-f", "json"]
    done = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)  # noqa: S603
    try:
        report = json.loads(done.stdout)
    except ValueError:
        sys.stderr.write(f"pip-audit gave no report:\n{done.stderr}\n")
        return 1
    found = findings(report, pinned_in(lock))
    left = unexcused(found, read_excuses(_ROOT / "security" / "excused.yaml"), datetime.now(UTC).date())
    for finding in left[:_SHOWN]:
        sys.stdout.write(f"{finding}\n")
    if len(left) > _SHOWN:
        sys.stdout.write(f"… and {len(left) - _SHOWN} more\n")
    skipped = sum(f.id is None for f in left)
    sys.stdout.write(
        f"{len(report['dependencies'])} packages: {len(left) - skipped} vulnerabilities and {skipped} packages that were "
        f"not audited; {len(found) - len(left)} excused\n"
    )
    return int(bool(left))


def _covers(excuse: Excuse, finding: Finding) -> bool:
    if _same(excuse.package) != _same(finding.package):
        return False
    return finding.id is None if excuse.id is None else excuse.id in (finding.id, *finding.aliases)


def _same(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    raise SystemExit(main())
