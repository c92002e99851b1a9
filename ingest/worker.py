"""The process that opens what strangers wrote: it reads one document after another under limits, and may die of one.

It talks JSON over its standard streams (see ingest/reading.py); nothing that it sends is ever unpickled.
"""

import gc
import hashlib
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from ingest.archives import members, read_member
from ingest.child import collect_seldom
from ingest.errors import IngestError, TooCostly, UnreadableFile
from ingest.readers import MAX_BYTES, READERS, file_bytes, read_bytes, reader_of
from ingest.split import split_release

_OPEN_FILES = 64


def main() -> None:
    """Answer requests until the input ends. The first line holds the limits."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.dont_write_bytecode = True  # it may write no file
    sys.stdout = sys.stderr  # a library that prints must not disturb the answers
    limits = json.loads(source.readline())
    read_bytes("عنوان البيان\n\nبغداد، 1 آذار 2020 – نص البيان هنا.".encode(), "warm.txt")
    gc.freeze()
    collect_seldom()
    _limit_process(limits["megabytes"], limits["writes"])
    _send(sink, {"ready": True})
    while line := source.readline():
        asked = json.loads(line)
        payload = None if asked["bytes"] is None else source.read(asked["bytes"])
        for request in asked["requests"]:
            _load(request["name"], limits["seconds"])
            _limit_seconds(limits["seconds"])
            _send(sink, _answer(request, payload))


_LIBRARIES = {
    ".docx": ("docx",),
    ".htm": ("lxml_html_clean", "trafilatura"),
    ".html": ("lxml_html_clean", "trafilatura"),
    ".pdf": ("pypdfium2",),
    ".xhtml": ("lxml_html_clean", "trafilatura"),
}


def _load(name: str, seconds: int) -> None:
    """Import what the first document of a kind needs, with a clock of its own."""
    missing = [lib for lib in _LIBRARIES.get(Path(name).suffix.lower(), ()) if lib not in sys.modules]
    if missing:
        _limit_seconds(seconds)
    for library in missing:
        import_module(library)


def _answer(request: dict[str, Any], payload: bytes | None) -> dict[str, Any]:
    try:
        return _read(request, payload)
    except IngestError as error:
        return {"error": type(error).__name__, "ar": error.message_ar, "en": error.message_en}
    except RecursionError:
        fault: IngestError = TooCostly(request["name"], "متداخل بعمق شديد", "nested too deeply")
    except MemoryError:
        fault = TooCostly(request["name"], "يحتاج إلى ذاكرة كبيرة", "needs too much memory")
    except Exception as error:  # whatever a library raises on a broken document is that document's fault
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        fault = UnreadableFile(request["name"], "ملف تالف", f"broken ({reason})")
    return {"error": type(fault).__name__, "ar": fault.message_ar, "en": fault.message_en, "last": True}


def _read(request: dict[str, Any], payload: bytes | None) -> dict[str, Any]:
    name = request["name"]
    if request["op"] == "members":
        return {"members": [[m.name, m.size, m.checksum] for m in members(Path(request["path"]), tuple(READERS))]}
    if request["op"] == "links":
        from ingest.web.feeds import links

        found = links(payload or b"", request["url"])
        return {"kind": found.kind, "links": [[link.url, link.updated] for link in found.links]}
    reader_of(name)  # an unknown kind is refused before anything is opened
    if payload is None:
        path = Path(request["path"])
        member = request.get("member")
        payload = file_bytes(path, MAX_BYTES) if member is None else read_member(path, member, MAX_BYTES)
    release = read_bytes(payload, name, id=request["id"], ocr=bool(request.get("ocr")))
    return {
        "release": {
            "id": release.id,
            "text": release.text,
            "title": release.title,
            "body": [[s.start, s.end] for s in release.body],
            "headline": [release.headline.start, release.headline.end] if release.headline else None,
            "date": release.date.isoformat() if release.date else None,
            "publisher": release.publisher,
            "url": release.url,
            "language": release.language,
        },
        "passages": [[p.id, p.start, p.end] for p in split_release(release)],
        "digest": hashlib.sha256(payload).hexdigest(),
        "size": len(payload),
    }


def _send(sink: BinaryIO, answer: dict[str, Any]) -> None:
    sink.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    sink.flush()
    if answer.get("last"):
        sys.exit(0)


def _limit_process(megabytes: int, writes: bool) -> None:
    try:
        import resource
    except ImportError:  # no such limits on this system: the parent's clock remains
        return
    size = megabytes * 1024 * 1024
    for what, value in (
        (resource.RLIMIT_AS, size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        *(() if writes else ((resource.RLIMIT_FSIZE, 0),)),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (value if hard == resource.RLIM_INFINITY else min(value, hard),) * 2)


def _limit_seconds(seconds: int) -> None:
    """Processor time for the next document; beyond it the system ends the process."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))


if __name__ == "__main__":
    main()
