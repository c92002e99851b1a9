"""What a generation says of itself, and what is noted beside the pointer when an older one is made live again."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 4


@dataclass(frozen=True, slots=True)
class Manifest:
    """`embedding`, `analyzer` and `facts` are versions: a generation of other ones is rebuilt, never mixed.

    `revision` is the catalogue's state that it was built from.
    """

    number: int
    passages: int
    vectors: int
    releases: int
    embedding: str
    analyzer: str
    facts: str
    revision: str
    created: str
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Save as manifest.json."""
        (folder / "manifest.json").write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Load from a generation. Raises OSError or ValueError if it is missing or damaged."""
        return cls(**json.loads((folder / "manifest.json").read_text("utf-8")))


_ROLLBACK = "rollback.json"


@dataclass(frozen=True, slots=True)
class Rollback:
    """Generation `to` was made live in place of `left`; `revision` is the catalogue's state at that time.

    It lies beside CURRENT, for generations themselves never change, and counts only while `to` is live.
    """

    left: int
    to: int
    revision: str
    at: str

    def write(self, root: Path) -> None:
        """Save as rollback.json, whole or not at all."""
        temporary = root / f"{_ROLLBACK}.new"
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, root / _ROLLBACK)

    @classmethod
    def read(cls, root: Path) -> "Rollback | None":
        """The last rollback, None where there was none or its note cannot be read."""
        try:
            return cls(**json.loads((root / _ROLLBACK).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
