"""`sanad doctor`: is everything in place, and what to do where it is not."""

import json
import shutil
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from commands.compose import Json, endpoint_of, open_embeddings, open_readers, open_server
from settings import Settings, settings

if TYPE_CHECKING:
    from vectorstore.endpoint import Endpoint

State = Literal["ok", "warning", "fault"]

_ROOM = 500_000_000
"""Bytes that should be free for the next generation, beside three times the size of the live one."""
_RELEASE = "بيان للفحص\n\nعدن، 3 آذار 2021 – قدمت كندا لليونيسف 2.5 مليون دولار كندي لإصلاح محطات المياه في عدن.\n"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `advice` is what to do about it, empty where nothing is to be done."""

    name: str
    state: State
    found: str
    advice: str = ""


def doctor(as_json: Json = False) -> None:
    """Check model, store, generation, permissions, disk, reader, sources and token; status 1 if something is broken."""
    checks = list(run_checks(settings()))
    for check in checks:
        if as_json:
            typer.echo(json.dumps(asdict(check), ensure_ascii=False))
        else:
            sign = {"ok": "✓", "warning": "!", "fault": "✗"}[check.state]
            typer.echo(f"{sign} {check.name}: {check.found}" + (f"\n    → {check.advice}" if check.advice else ""))
    raise typer.Exit(int(any(check.state == "fault" for check in checks)))


def run_checks(config: Settings) -> Iterator[Check]:
    """All checks in order; one that fails in an unforeseen way is a fault of its own and stops no other."""
    for name, look in CHECKS.items():
        try:
            yield look(config)
        except Exception as error:
            said = getattr(error, "message_en", None) or f"{type(error).__name__}: {error}"
            yield Check(name, "fault", said.splitlines()[0])


def _python(_: Settings) -> Check:
    versions = f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    return Check("python", "ok", versions)


def _data(config: Settings) -> Check:
    folder = config.data_dir
    if not folder.exists():
        return Check("data", "warning", f"{folder} does not exist yet", "sanad ingest PATH creates it")
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check("data", "ok", f"{folder} can be written")
    except OSError as error:
        reason = error.strerror or str(error)
        return Check("data", "fault", f"{folder}: {reason}", "give the user who runs Sanad the right to write there")


def _disk(config: Settings) -> Check:
    place = next(p for p in (config.data_dir.absolute(), *config.data_dir.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    live = _live(config)
    size = sum(f.stat().st_size for f in live.rglob("*") if f.is_file()) if live else 0
    found = f"{free / 1e9:.1f} GB free, the live generation takes {size / 1e6:.0f} MB"
    if free < 2 * size + _ROOM // 10:
        return Check("disk", "fault", found, "make room: the next generation is built beside the live one")
    if free < 3 * size + _ROOM:
        return Check("disk", "warning", found, "make room before the corpus grows")
    return Check("disk", "ok", found)


def _model(config: Settings) -> Check:
    from vectorstore.embeddings import embed, fingerprint

    endpoint = endpoint_of(config)
    if endpoint is not None:
        return _endpoint(endpoint)
    embeddings = open_embeddings(config)
    vector = embed(embeddings, ["منحة"])[0]
    name = config.embedding_model or "bundled static model"
    return Check("model", "ok", f"{name}, {len(vector)} dimensions, {fingerprint(embeddings)}")


def _endpoint(endpoint: "Endpoint") -> Check:
    """Whether the endpoint gives vectors: a passage's within ten seconds, a question's within its own time."""
    from vectorstore.embeddings import embed
    from vectorstore.errors import EndpointError
    from vectorstore.remote import RemoteEmbeddings

    name = f"{endpoint.model} at {endpoint.place}"
    embeddings = RemoteEmbeddings(replace(endpoint, seconds=min(10.0, endpoint.seconds)))
    try:
        vector = embed(embeddings, ["منحة"])[0]
        began = time.monotonic()
        try:
            embeddings.embed_query("منحة")
        except EndpointError as error:
            advice = (
                "questions are answered by their words alone: make it faster, or raise SANAD_EMBEDDING_QUERY_SECONDS"
            )
            return Check("model", "warning", f"{name}: {error.reason}", advice)
        taken = time.monotonic() - began
    except EndpointError as error:
        return Check("model", "fault", error.message_en, "start it, or mend SANAD_EMBEDDING_URL, _MODEL or _KEY")
    finally:
        embeddings.close()
    found = f"{name}, {len(vector)} dimensions, {taken * 1000:.0f} ms a question, {embeddings.fingerprint}"
    return Check("model", "ok", found)


def _catalogue(config: Settings) -> Check:
    from ingest.catalogue import Catalogue
    from vectorstore.replication.role import role

    path = config.data_dir / "catalogue.db"
    if not path.exists() and role(config.data_dir, config.snapshot_url) == "replica":
        return Check("catalogue", "ok", "none: this is a replica, its writer has it")
    if not path.exists():
        return Check("catalogue", "warning", "nothing has been ingested yet", "sanad ingest PATH")
    catalogue = Catalogue(path)
    try:
        sound, count = catalogue.check(), len(catalogue.state())
    finally:
        catalogue.close()
    if sound != "ok":
        return Check("catalogue", "fault", sound, "restore it from a backup or with sanad import FILE --force")
    return Check("catalogue", "ok", f"{count} releases")


def _generation(config: Settings) -> Check:
    from ingest.verify import list_generations, verify
    from vectorstore.embeddings import fingerprint

    listed = [g for g in list_generations(config.data_dir) if g.live]
    if not listed:
        if (config.data_dir / "generations" / "CURRENT").exists():
            return Check("generation", "fault", "the live generation's folder is missing", "sanad ingest --rebuild")
        return Check("generation", "warning", "nothing is published yet", "sanad ingest PATH")
    live = listed[0]
    server = open_server(config)
    if server is not None:
        server.version()  # a server that is away is no damage: nothing is to be rebuilt for it
    verdict = verify(config.data_dir, live.number, server)
    if verdict.fault is not None or live.manifest is None:
        return Check("generation", "fault", verdict.fault or "no manifest", "sanad ingest --rebuild")
    found = f"{live.number}, {verdict.releases} releases, {verdict.passages} passages"
    if live.manifest.embedding != fingerprint(open_embeddings(config)):
        return Check("generation", "fault", f"{found}, built with another model", "sanad ingest --rebuild")
    if live.rolled_back_from is not None:
        return Check(
            "generation",
            "warning",
            f"{found}, put back in place of {live.rolled_back_from}",
            "mend or remove the bad release, then sanad ingest (or sanad generations rollback --to "
            f"{live.rolled_back_from})",
        )
    if not verdict.in_step:
        return Check("generation", "warning", f"{found}, the catalogue is ahead", "run sanad ingest again")
    return Check("generation", "ok", found)


def _chroma(config: Settings) -> Check:
    server = open_server(config)
    if server is None:
        return Check("vectors", "ok", "in the data folder")
    found = f"Chroma {server.version()} at {server.url}"
    if config.chroma_url and config.chroma_url.startswith("http://") and not config.chroma_key:
        return Check("vectors", "ok", f"{found}, without a key: it must be reachable from a private network only")
    return Check("vectors", "ok", found)


def _writer(config: Settings) -> Check:
    from filelock import FileLock, Timeout

    from ingest.catalogue import Catalogue

    path, catalogue_path = config.data_dir / "ingest.lock", config.data_dir / "catalogue.db"
    if not path.exists() or not catalogue_path.exists():
        return Check("writer", "ok", "no ingest is running")
    try:
        with FileLock(path, timeout=0):
            catalogue = Catalogue(catalogue_path)
            try:
                last = catalogue.last_run()
            finally:
                catalogue.close()
    except Timeout:
        return Check("writer", "warning", "an ingest is running now")
    if last is not None and last[1] is None:
        found = f"the run that began at {last[0]} was refused or killed"
        return Check("writer", "warning", found, "run sanad ingest again and read what it says")
    return Check("writer", "ok", f"no ingest is running; the last one ended at {last[1]}" if last else "no run yet")


def _reader(config: Settings) -> Check:
    from ingest.readers import ocr
    from ingest.reading import Job

    with open_readers(config) as readers:
        readers.read(Job("doctor.txt", "doctor.txt", data=_RELEASE.encode()))
    limits = f"{config.read_seconds} s and {config.read_megabytes} MB a document"
    scans = "scanned PDFs by Tesseract" if ocr.available() else "no OCR (pip install 'sanad[ocr]', tesseract-ocr-ara)"
    return Check("reader", "ok", f"{limits}; {scans}")


def _sources(config: Settings) -> Check:
    from ingest.standing import ReliefWeb, read_sources

    if not config.sources.exists():
        return Check("sources", "ok", f"no {config.sources}: nothing stands to be ingested again")
    found = read_sources(config.sources)
    missing = [str(s) for s in found if isinstance(s, Path) and not s.exists()]
    if missing:
        return Check("sources", "warning", f"missing: {', '.join(missing)}", f"mend {config.sources}")
    if any(isinstance(s, ReliefWeb) for s in found) and not config.reliefweb_appname:
        return Check("sources", "warning", "ReliefWeb is a source without a name", "set SANAD_RELIEFWEB_APPNAME")
    return Check("sources", "ok", f"{len(found)} in {config.sources}")


def _token(config: Settings) -> Check:
    """The form of the token alone; only Telegram knows whether it is right."""
    token: Any = getattr(config, "telegram_token", None)
    if token is None:
        return Check("token", "ok", "no Telegram token: the bot is not set up, everything else works without")
    number, _, secret = token.get_secret_value().partition(":")
    if not number.isdigit() or len(secret) < 30:
        return Check("token", "fault", "not a Telegram token", "copy SANAD_TELEGRAM_TOKEN from @BotFather again")
    return Check("token", "ok", f"of bot {number}")


def _snapshots(config: Settings) -> Check:
    """The storage of the replicas: in reach, written by this writer or read by this replica, and how old."""
    from vectorstore.replication.index import digest, read_pointer
    from vectorstore.replication.role import role
    from vectorstore.replication.storage import Storage

    if config.snapshot_url is None:
        return Check("snapshots", "ok", "no SANAD_SNAPSHOT_URL: there are no replicas")
    storage, live = Storage(config.snapshot_url), _live(config)
    writer = role(config.data_dir, config.snapshot_url) == "writer"
    if writer:
        probe = f"probes/{uuid.uuid4().hex}"
        storage.write(probe, b"sanad doctor")
        storage.delete([probe])
    pointer = read_pointer(storage)
    if pointer is None:
        advice = "sanad snapshots push" if writer else "sanad ingest at the writer"
        return Check("snapshots", "warning", f"{storage.name} in reach, nothing is pushed yet", advice)
    found = f"{storage.name}: generation {pointer.number}, pushed {_ago(pointer.age())} ago"
    if not writer and (live is None or live.name != pointer.folder):
        return Check("snapshots", "warning", f"{found}, not pulled yet", "sanad snapshots pull, or start the bot")
    if writer and (live is None or digest(live / "manifest.json") != pointer.manifest):
        return Check("snapshots", "warning", f"{found}, not what is live here", "sanad snapshots push")
    return Check("snapshots", "ok", f"{found}, live here ({'writer' if writer else 'replica'})")


def _ago(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _live(config: Settings) -> Path | None:
    from vectorstore.generations import Generations

    return Generations(config.data_dir / "generations").current()


CHECKS: dict[str, Callable[[Settings], Check]] = {
    "python": _python,
    "data": _data,
    "disk": _disk,
    "model": _model,
    "catalogue": _catalogue,
    "vectors": _chroma,
    "generation": _generation,
    "writer": _writer,
    "reader": _reader,
    "sources": _sources,
    "token": _token,
    "snapshots": _snapshots,
}
