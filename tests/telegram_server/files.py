"""Files that users and the bot sent, and the limits on them."""

import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from typing import Any

from .errors import bad_request
from .parameters import Parameters, Sent

MOST_DOWNLOADED = 20 * 2**20
MOST_UPLOADED = 50 * 2**20
MOST_PHOTO = 10 * 2**20


@dataclass(frozen=True)
class StoredFile:
    """A file by its id; `size` may exceed the bytes that are kept, for tests of the limits."""

    file_id: str
    name: str
    mime: str
    data: bytes
    size: int
    path: str

    def to_json(self) -> dict[str, Any]:
        """The fields that all kinds of files share."""
        unique = hashlib.sha256(self.data).hexdigest()[:15]
        return {"file_id": self.file_id, "file_unique_id": f"AgAD{unique}", "file_size": self.size}


class Files:
    """All files, by id and by path."""

    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}

    def keep(
        self, data: bytes, name: str, mime: str | None = None, *, folder: str, size: int | None = None
    ) -> StoredFile:
        """Store bytes under a fresh id."""
        number = len(self.by_id) + 1
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        suffix = "." + name.rpartition(".")[2] if "." in name else ""
        file_id = f"BQACAgQAAxkBAAI{number:08d}{hashlib.sha256(data).hexdigest()[:24]}"
        stored = StoredFile(
            file_id, name, mime, data, len(data) if size is None else size, f"{folder}/file_{number}{suffix}"
        )
        self.by_id[file_id] = self.by_path[stored.path] = stored
        return stored

    def describe(self, file_id: str | None) -> dict[str, Any]:
        """getFile. Raises ApiError for unknown files and for those over 20 MB."""
        stored = self.by_id.get(file_id or "")
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if stored.size > MOST_DOWNLOADED:
            raise bad_request("file is too big")
        return {**stored.to_json(), "file_path": stored.path}

    def sent(self, given: Parameters, name: str) -> StoredFile | Sent:
        """What a sending method names: an upload, attach://, or the id of a file that is here."""
        value = given.text(name)
        if name in given.files:
            return given.files[name]
        if value and value.startswith("attach://"):
            if (upload := given.files.get(value.removeprefix("attach://"))) is not None:
                return upload
            raise bad_request("wrong remote file identifier specified: can't find file to attach")
        if not value:
            raise bad_request(f"there is no {name} in the request")
        if value.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")  # this server reaches nothing
        if value not in self.by_id:
            raise bad_request("wrong remote file identifier specified: Wrong string length")
        return self.by_id[value]

    def document(self, given: Parameters) -> dict[str, Any]:
        """The media of sendDocument."""
        return {"document": self.document_of(self._stored(self.sent(given, "document"), "documents", MOST_UPLOADED))}

    def document_of(self, stored: StoredFile) -> dict[str, Any]:
        """Telegram's Document."""
        return {**stored.to_json(), "file_name": stored.name, "mime_type": stored.mime}

    def photo(self, given: Parameters) -> dict[str, Any]:
        """The media of sendPhoto."""
        return self.photo_of(self._stored(self.sent(given, "photo"), "photos", MOST_PHOTO))

    def photo_of(self, stored: StoredFile) -> dict[str, Any]:
        """Telegram's list of PhotoSize. Raises ApiError for what is no PNG or JPEG."""
        width, height = image_size(stored.data)
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return {"photo": [{**stored.to_json(), "width": width, "height": height}]}

    def _stored(self, sent: StoredFile | Sent, folder: str, most: int) -> StoredFile:
        if isinstance(sent, StoredFile):
            return sent
        if not sent.data:
            raise bad_request("file must be non-empty")
        if len(sent.data) > most:
            raise bad_request(f"file of size {len(sent.data)} bytes is too big; the maximum size is {most} bytes")
        return self.keep(sent.data, sent.name, sent.content_type, folder=folder)


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG, in pixels. Raises ApiError for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    at = 2
    while data.startswith(b"\xff\xd8") and at + 9 < len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise bad_request("IMAGE_PROCESS_FAILED")
