"""feedback.jsonl: what users found wrong, as prompt cases for `sanad prompts test`; no user is named in it."""

import json
import os
from pathlib import Path
from typing import Any

from filelock import FileLock

from bot.store.answers import StoredAnswer


def case_of(stored: StoredAnswer, reason: str) -> dict[str, Any]:
    """The case of a complaint; what a right answer holds is for the people who review it."""
    return {
        "id": case_id(stored.id, reason),
        "question": stored.question,
        "turns": [turn.question for turn in stored.history],
        "corpus": stored.generation,
        "expect": {"has": [], "lacks": [], "sources": [], "refuse": None},
        "tags": ["feedback", reason],
        "note": "",
        "answer": stored.answer.text,
    }


def case_id(answer_id: int, reason: str) -> str:
    """The same complaint of several users is one case."""
    return f"feedback-{answer_id}-{reason}"


def add(path: Path, case: dict[str, Any]) -> None:
    """Append a case, unless one of its id is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        if case["id"] in {_id(line) for line in _lines(path)}:
            return
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(case, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def withdraw(path: Path, name: str) -> None:
    """Take a case back: nobody complains of it any more. Lines that others wrote stay as they are."""
    if not path.exists():
        return
    with FileLock(f"{path}.lock"):
        kept = [line for line in _lines(path) if _id(line) != name]
        temporary = path.with_name(path.name + ".new")
        temporary.write_text("".join(f"{line}\n" for line in kept), "utf-8")
        os.replace(temporary, path)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").split("\n") if line.strip()] if path.exists() else []


def _id(line: str) -> str | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return str(found.get("id")) if isinstance(found, dict) else None
