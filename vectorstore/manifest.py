"""What a generation says of itself."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 3


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
