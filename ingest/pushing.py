"""The last step of a run: what is live here goes to the storage from which replicas pull."""

from pathlib import Path
from typing import TYPE_CHECKING

from ingest.catalogue import Catalogue
from ingest.report import Failure
from vectorstore.errors import VectorStoreError
from vectorstore.generations import Generations

if TYPE_CHECKING:
    from vectorstore.replication.push import Pushed
    from vectorstore.replication.storage import Storage


def push(catalogue: Catalogue, data_dir: Path, storage: "Storage", *, force: bool = False) -> "Pushed":
    """Push the live generation; nothing is sent where it is there already. Raises what replication.push raises."""
    from vectorstore.replication.push import push as send

    lineage, base = catalogue.lineage()
    done = send(Generations(data_dir / "generations"), storage, lineage=lineage, base=base, force=force)
    if done.manifest != base:
        catalogue.keep_pushed(done.manifest)
    return done


def unpushed(catalogue: Catalogue, data_dir: Path, url: str | None) -> Failure | None:
    """Why the live generation could not be pushed; None where it was, or where there is nothing to push or no URL.

    What was published here stays published: the next run pushes it, with anything changed or not.
    """
    if url is None or Generations(data_dir / "generations").current() is None:
        return None
    from vectorstore.replication.storage import Storage

    try:
        push(catalogue, data_dir, Storage(url))
    except VectorStoreError as error:
        return Failure("snapshots", error.message_ar, error.message_en)
    return None
