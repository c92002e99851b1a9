"""Documents made to exhaust whoever opens them."""

import io
import os
import resource
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from ingest.errors import BadArchive, IngestError, TooCostly, TooLarge, TooLong, UnreadableFile
from ingest.reading import Document, Job, Limits, Readers

_RELEASE = "كندا تدعم عدن\n\nعدن، 3 آذار 2021 – قدمت كندا لليونيسف في اليمن 2.5 مليون دولار كندي لإصلاح محطات المياه.\n"


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """One process, less processor time than usual, so that the tests are short."""
    with Readers(1, Limits(seconds=2, megabytes=768)) as pool:
        yield pool


def _zip(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def _docx(document: bytes) -> bytes:
    types = (
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    rels = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        b'Target="word/document.xml"/></Relationships>'
    )
    return _zip({"[Content_Types].xml": types, "_rels/.rels": rels, "word/document.xml": document})


def _word(body: bytes, prolog: bytes = b"") -> bytes:
    space = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return (
        b'<?xml version="1.0"?>'
        + prolog
        + b'<w:document xmlns:w="'
        + space
        + b'"><w:body>'
        + body
        + b"</w:body></w:document>"
    )


def _laughs() -> bytes:
    entities = b'<!ENTITY a0 "lol">' + b"".join(
        f'<!ENTITY a{i} "{"".join(f"&a{i - 1};" for _ in range(10))}">'.encode() for i in range(1, 10)
    )
    return _docx(_word(b"<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", b"<!DOCTYPE x [" + entities + b"]>"))


def _stolen() -> bytes:
    prolog = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    return _docx(_word(b"<w:p><w:r><w:t>text &f;</w:t></w:r></w:p>", prolog))


def _pdf(stream: bytes, filters: bytes) -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter%s>>\nstream\n%s\nendstream" % (len(stream), filters, stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


@cache
def _packed_twice() -> bytes:
    """600 MB of drawing commands in a few kilobytes."""
    packer = zlib.compressobj(1)
    block = b"BT /F 9 Tf (x) Tj ET\n" * 50_000
    inner = b"".join(packer.compress(block) for _ in range(600)) + packer.flush()
    return _pdf(zlib.compress(inner, 9), b"[/FlateDecode/FlateDecode]")


def _many_letters() -> bytes:
    return _pdf(zlib.compress(b"BT /F 9 Tf 10 10 Td " + b"(abcdefghij) Tj " * 3_000_000 + b" ET", 9), b"/FlateDecode")


def _long() -> bytes:
    return (_RELEASE * 60_000)[:6_000_000].encode()


_BOMBS: dict[str, Callable[[], bytes]] = {
    "laughs.docx": _laughs,
    "grows.docx": lambda: _docx(_word(b"<w:p><w:r><w:t>" + b"0" * 60_000_000 + b"</w:t></w:r></w:p>")),
    "deep.docx": lambda: _docx(_word(b"<w:sdt><w:sdtContent>" * 100_000)),
    "many-parts.docx": lambda: _zip({f"word/{i}.xml": b"" for i in range(3000)}),
    "deep.html": lambda: b"<html><body>" + b"<div>" * 300_000 + "نص".encode() + b"</div>" * 300_000,
    "deep-spans.html": lambda: b"<p>" + b"<b><i>" * 200_000 + "نص البيان".encode(),
    "wide.html": lambda: b"<ul>" + b"<li><a href=x>y</a>" * 1_500_000,
    "packed.pdf": _packed_twice,
    "letters.pdf": _many_letters,
    "long.txt": _long,
}


@pytest.mark.parametrize("name", _BOMBS)
def test_a_bomb_is_refused_and_the_next_document_is_read(readers: Readers, name: str) -> None:
    """Each with an error of our own that names the file; the reader goes on at once, in a new process if need be."""
    with pytest.raises(IngestError) as error:
        readers.read(Job(name, name, data=_BOMBS[name]()))
    assert name in error.value.message_en
    assert name in error.value.message_ar
    assert readers.read(Job("next.txt", "next.txt", data=_RELEASE.encode())).release.title == "كندا تدعم عدن"


def test_bombs_among_many_documents_are_named_alone(readers: Readers, tmp_path: Path) -> None:
    """Documents are asked for several at a time; what one of them does to its process costs no other anything."""
    made = {f"{i}.txt": _RELEASE.replace("2.5", str(i)).encode() for i in range(20)}
    bombs = ("many-parts.docx", "letters.pdf", "deep-spans.html")
    names = ["0.txt", *bombs, *sorted(made.keys() - {"0.txt"})]
    for name in names:
        (tmp_path / name).write_bytes(made.get(name) or _BOMBS[name]())
    found = list(readers.read_all(Job(name, name, tmp_path / name) for name in names))
    assert [job.name for job, _ in found] == names
    for job, outcome in found:
        if job.name in bombs:
            assert isinstance(outcome, IngestError)
            assert job.name in outcome.message_en
        else:
            assert isinstance(outcome, Document)
            assert outcome.release.text == made[job.name].decode()


def test_an_entity_never_reads_a_file(readers: Readers) -> None:
    """The document is read without it, or not at all."""
    try:
        text = readers.read(Job("stolen.docx", "stolen.docx", data=_stolen())).release.text
    except IngestError as error:
        text = error.message_en
    assert "root:" not in text


def test_a_gigabyte_of_text_is_refused_by_its_size(readers: Readers, tmp_path: Path) -> None:
    """Unread: here and in an archive."""
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(1_000_000_000)
    with pytest.raises(TooLarge):
        readers.read(Job("large.txt", "large.txt", large))
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out, out.open("zeros.txt", "w") as member:
        for _ in range(300):
            member.write(b"0" * 1_000_000)
    with pytest.raises(BadArchive, match="300 MB"):
        readers.members(archive)
    with pytest.raises(BadArchive):
        readers.read(Job("zeros.txt", "zeros.txt", archive, "zeros.txt"))


def test_fifty_megabytes_of_text_are_refused_with_the_reason(readers: Readers) -> None:
    """By the number of characters that a press release may have."""
    with pytest.raises((TooLong, TooCostly)):
        readers.read(Job("war.txt", "war.txt", data=("كلمة " * 5_500_000).encode()))


def test_an_archive_that_states_less_than_it_holds_is_broken(readers: Readers, tmp_path: Path) -> None:
    """A member's stated size is never exceeded."""
    data = bytearray(_zip({"lie.txt": b"0" * 50_000_000}))
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.index(signature) + place
        data[start : start + 4] = struct.pack("<I", 1000)
    archive = tmp_path / "lie.zip"
    archive.write_bytes(bytes(data))
    assert readers.members(archive)[0].size == 1000
    with pytest.raises(BadArchive):
        readers.read(Job("lie.txt", "lie.txt", archive, "lie.txt"))


def test_a_pipe_or_device_is_no_document(readers: Readers, tmp_path: Path) -> None:
    """Reading one would wait for ever."""
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    for name in ("pipe.txt", "zero.txt"):
        with pytest.raises(UnreadableFile, match="regular"):
            readers.read(Job(name, name, tmp_path / name))


def test_reading_a_bomb_costs_the_caller_no_memory(readers: Readers) -> None:
    """The reading process carries it all: the bot's own memory stays as it is."""
    bomb = _packed_twice()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(IngestError):
        readers.read(Job("packed.pdf", "packed.pdf", data=bomb))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_the_reading_process_can_write_no_file_and_knows_no_secret(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its limits and its environment are its own."""
    monkeypatch.setenv("SANAD_TELEGRAM_TOKEN", "not for readers")
    with Readers(1) as pool:
        pool.read(Job("a.txt", "a.txt", data=_RELEASE.encode()))
        process = pool._idle.get()
        assert process is not None
        pid = process._process.pid
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert "SANAD" not in Path(f"/proc/{pid}/environ").read_text()
        pool._idle.put(process)
    row = next(line for line in limits.splitlines() if line.startswith("Max file size"))
    assert row.split()[3:5] == ["0", "0"]
