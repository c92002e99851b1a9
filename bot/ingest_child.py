"""The ingest process: told by one line of JSON what to do, it answers with lines of JSON; it has limits of its own.

A document that makes a reader run wild, or a model that takes all memory, ends this process and not the bot. It ends by
itself when its standard input closes, that is when the bot is gone: the bot does the work again when it is back.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ingest.reading import Readers
    from ingest.standing import Source
    from ingest.update_web import Online
    from ledger.release import Release
    from vectorstore.chroma_server import ChromaServer

_LOCK_SECONDS = 60.0
"""How long another ingest is waited for."""
_SHOWN = 60
"""Facts of a preview at most."""


def main() -> None:
    """Read the request, do it, write the result or the error as the last line."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_bot, daemon=True).start()
    _limit(request["memory_mb"], request["cpu_seconds"])
    from ingest.errors import IngestError
    from vectorstore.errors import VectorStoreError

    try:
        _say(result=_patiently(_ACTIONS[request["action"]], request))
    except (IngestError, VectorStoreError) as error:
        _say(error={"kind": type(error).__name__, "ar": error.message_ar, "en": error.message_en})
    except MemoryError:
        _say(error={"kind": "MemoryError"})
    except Exception as error:  # told by its kind only: a message could hold text of a document
        _say(error={"kind": type(error).__name__})


def _end_with_the_bot() -> None:
    sys.stdin.read()
    os._exit(1)


def _limit(memory_mb: int, cpu_seconds: int) -> None:
    """Limits of memory and of processor time, where the system has them (not on Windows)."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    with suppress(OSError):
        os.nice(5)  # answers go first


def _say(**message: object) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def _patiently(action: Any, request: Mapping[str, Any]) -> Any:
    from ingest.errors import Locked

    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            return action(request)
        except Locked:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def _embeddings(request: Mapping[str, Any]) -> "Embeddings":
    from vectorstore.embeddings import load_embeddings

    endpoint = None
    if request["embedding_endpoint"] is not None:
        from vectorstore.endpoint import Endpoint

        endpoint = Endpoint(**request["embedding_endpoint"])
    return load_embeddings(request["embedding_model"], device=request["device"], endpoint=endpoint)


def _server(request: Mapping[str, Any]) -> "ChromaServer | None":
    from vectorstore.chroma_server import ChromaServer

    return ChromaServer(**request["chroma"]) if request.get("chroma") else None


def _data(request: Mapping[str, Any]) -> Path:
    return Path(request["data_dir"])


def preview(request: Mapping[str, Any]) -> dict[str, Any]:
    """What would be read from a document or page and added to the ledger; nothing is written but a temporary copy.

    `same_name` is the release that it would replace, `twin` one with the very same bytes, `odd` are codes of remarks.
    """
    from ingest.pipeline import list_releases
    from ingest.preview import preview as look

    known = list_releases(_data(request))
    source = request.get("url") or str((_data(request) / "uploads" / request["name"]).resolve())
    same = next((e for e in known if e.source == source), None)
    with _readers(request) as readers:
        found = look(request.get("url") or Path(request["path"]), readers=readers, online=_online(request))
    release = found.release
    digest = hashlib.sha256(Path(request["path"]).read_bytes()).hexdigest() if "path" in request else ""
    twin = next((e for e in known if e.hash == digest), None)
    return {
        "title": release.title,
        "date": release.date.isoformat() if release.date else None,
        "publisher": release.publisher,
        "passages": len(found.passages),
        "lead": " ".join(release.text[release.body[0].start : release.body[0].end].split())[:300]
        if release.body
        else "",
        "odd": [remark.code for remark in found.warnings],
        "twin": {"id": twin.id, "title": twin.title} if twin else None,
        "same_name": {"id": same.id, "title": same.title} if same else None,
        **_facts(release, _data(request), request["language"], same.id if same else None),
    }


def _readers(request: Mapping[str, Any]) -> "Readers":
    from ingest.readers import ocr
    from ingest.reading import Limits, Readers

    return Readers(1, Limits(request["read_seconds"], request["read_megabytes"]), ocr=ocr.available)


def _online(request: Mapping[str, Any]) -> "Online":
    from ingest.update_web import Online
    from ingest.web.fetch import Fetcher, Policy

    allowed = frozenset(request["fetch_allowed"])
    policy = Policy(allowed, interval=request["fetch_interval"], user_agent=request["user_agent"])
    return Online(Fetcher(policy), request["reliefweb_appname"])


def _facts(release: "Release", data_dir: Path, language: str, replaced: str | None) -> dict[str, Any]:
    """The facts that the ledger would take up, and the release that this one repeats, by the ledger's own code."""
    from dataclasses import replace

    from ledger import store
    from ledger.export import lines
    from ledger.rows import Filter
    from vectorstore.generations import Generations

    live = Generations(data_dir / "generations").current()
    name = replaced or f"{release.id}\x1fpreview"  # no other release's id
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "ledger.db"
        if live is not None and (live / "ledger.db").exists():
            shutil.copyfile(live / "ledger.db", copy)
        store.write(copy, [(replace(release, id=name), "preview")])
        ledger = store.Ledger(copy)
        try:
            rows = ledger.rows(Filter(releases=(name,)))
            original = ledger.original(name)
            title = ledger.release(original).title if original else None
            wanted = [r for r in rows if r.kind in {"funding", "outcome", "share"}]
            shown = [asdict(line) for line in lines(ledger, wanted[:_SHOWN], "en" if language == "en" else "ar")]
        finally:
            ledger.close()
    facts = [{k: str(line[k] or "") for k in ("role", "kind", "printed", "donor", "recipient")} for line in shown]
    return {"facts": facts, "fact_count": len(rows), "repost_of": title, "grants": sum(r.role == "grant" for r in rows)}


def publish(request: Mapping[str, Any]) -> dict[str, Any]:
    """Ingest a page, or an upload that is moved to its place first; the same again after a kill."""
    from ingest.standing import Web

    if "url" in request:
        return _ingest([Web(request["url"])], request)
    target = _data(request).resolve() / "uploads" / request["target"]
    pending = Path(request["path"])
    if pending.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(pending, target)
    return _ingest([target], request)


def reingest(request: Mapping[str, Any]) -> dict[str, Any]:
    """Read again what changed of all files that were ever ingested, and ask the standing sources, if there are any."""
    from ingest.archives import SEPARATOR
    from ingest.pipeline import list_releases
    from ingest.standing import read_sources

    files = [e.source.split(SEPARATOR)[0] for e in list_releases(_data(request)) if "://" not in e.source]
    standing = Path(request["sources"])
    sources: list[Source] = [Path(file) for file in dict.fromkeys(files)]
    return _ingest(sources + (read_sources(standing) if standing.exists() else []), request)


def _ingest(sources: "Sequence[Source]", request: Mapping[str, Any]) -> dict[str, Any]:
    from ingest.pipeline import Progress, ingest

    with _readers(request) as readers:
        report = ingest(
            sources,
            data_dir=_data(request),
            embeddings=_embeddings(request),
            server=_server(request),
            readers=readers,
            online=_online(request),
            progress=Progress(
                files=lambda done, of: _say(progress=[done, of]), passages=lambda done, of: _say(progress=[done, of])
            ),
            snapshots=request["snapshot_url"],
        )
    return report.to_dict()


def remove(request: Mapping[str, Any]) -> dict[str, Any]:
    """Forget a release; an uploaded file goes to uploads/.removed: hidden, so that no later run over the folder takes it up again."""
    from ingest.pipeline import list_releases, remove_releases

    uploads = _data(request).resolve() / "uploads"
    entry = next((e for e in list_releases(_data(request)) if e.id == request["release"]), None)
    if entry is None:
        _unpushed(request)
        return {"removed": [], "unknown": True}
    report = remove_releases(
        [entry.id],
        data_dir=_data(request),
        embeddings=_embeddings(request),
        server=_server(request),
        snapshots=request["snapshot_url"],
    )
    source = Path(entry.source)
    if uploads in source.parents and source.exists():
        (uploads / ".removed").mkdir(exist_ok=True)
        os.replace(source, uploads / ".removed" / source.name)
    return report.to_dict()


def rollback(request: Mapping[str, Any]) -> dict[str, Any]:
    """Make the generation `to` live; nothing if it is already."""
    from ingest.pipeline import rollback as roll
    from vectorstore.generations import Generations

    live = Generations(_data(request) / "generations").manifest()
    if live is not None and live.number == request["to"]:
        return {
            "left": request["left"],
            "to": live.number,
            "releases": live.releases,
            "gone": [],
            "back": [],
            "other": [],
            "unpushed": _unpushed(request),
        }
    return asdict(roll(_data(request), to=request["to"], server=_server(request), snapshots=request["snapshot_url"]))


def _unpushed(request: Mapping[str, Any]) -> dict[str, str] | None:
    """Push what an earlier process, killed behind its work, may not have pushed; why that failed."""
    from ingest.pipeline import open_catalogue
    from ingest.pushing import unpushed

    if request["snapshot_url"] is None or not (_data(request) / "catalogue.db").exists():
        return None
    with open_catalogue(_data(request)) as catalogue:
        failure = unpushed(catalogue, _data(request), request["snapshot_url"])
    return asdict(failure) if failure else None


def last_run(request: Mapping[str, Any]) -> dict[str, Any]:
    """When the last run began, and whether it ended; empty before the first."""
    from ingest.catalogue import Catalogue

    if not (_data(request) / "catalogue.db").exists():
        return {}
    catalogue = Catalogue(_data(request) / "catalogue.db")
    try:
        found = catalogue.last_run()
    finally:
        catalogue.close()
    return {"started": found[0], "finished": found[1]} if found else {}


_ACTIONS = {
    "preview": preview,
    "publish": publish,
    "reingest": reingest,
    "remove": remove,
    "rollback": rollback,
    "last_run": last_run,
}
