"""Who may write: a data folder with a catalogue is a writer's, one whose generations come from elsewhere a replica's."""

from pathlib import Path
from typing import Literal

from vectorstore.generations import Generations

Role = Literal["writer", "replica"]


def role(data_dir: Path, snapshot_url: str | None) -> Role:
    """What a data folder is now; a new folder becomes a writer's with its first ingest, a replica's until then."""
    if (data_dir / "catalogue.db").exists():
        return "writer"
    return "replica" if snapshot_url or has_pulled(data_dir) else "writer"


def has_pulled(data_dir: Path) -> bool:
    """Whether the live generation of a folder without a catalogue was made elsewhere."""
    live = Generations(data_dir / "generations").current()
    return live is not None and not live.name.isdigit() and not (data_dir / "catalogue.db").exists()
