"""Bytes to text: the encodings in which Arabic documents are met, told apart by what they say when decoded."""

import re
import unicodedata

from arabic.normalize import normalize
from arabic.stopwords import is_stopword
from ingest.errors import UnreadableFile

# UTF-32 stands first, for its little-endian mark begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Documents and programs of other kinds that come with a wrong name.
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
_ARABIC_PAGES = ("windows-1256", "iso-8859-6", "cp720", "mac_arabic")
_ARABIC_LETTER = re.compile("[\u0621-\u063a\u0641-\u064a]")
_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]+")
# What a right decoding of a release hardly holds: C1 controls, accented Latin, box drawing, private use, replacements.
_ODD = re.compile("[\x80-\x9f\u00a4-\u00a8\u00af-\u00b6\u00b8-\u00ba\u00bc-\u024f\u2500-\u259f\ue000-\uf8ff\ufffd]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_NEWLINES = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
# Embeddings, overrides and isolates turn the reading order of what follows; they are never part of what was written.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\x00]")

_SHAPED = re.compile("[\ufb50-\ufdc7\ufe70-\ufefc]")
# Letters in the shapes that they take in a word, as old typesetting programs write them: nobody could search or copy
# them. Words in one sign (ﷲ, ﷺ) and ornate brackets stay.
_LETTERS = {
    code: unicodedata.normalize("NFKC", chr(code)).replace(" ", "")
    for code in (*range(0xFB50, 0xFBB2), *range(0xFBD3, 0xFD3E), *range(0xFD50, 0xFDC8), *range(0xFE70, 0xFEFD))
    if unicodedata.normalize("NFKC", chr(code)) != chr(code)
}


def decode(data: bytes, name: str = "text") -> str:
    """The text of `data` as `clean` leaves it, otherwise to the letter.

    `name` is for the message of UnreadableFile, which is raised for bytes that are no text.
    """
    return clean(_decoded(data, name))


def decode_html(data: bytes, name: str = "page") -> str:
    """As `decode`, with the page's own <meta charset> believed where its text bears it out."""
    if any(data.startswith(mark) for mark, _ in _MARKS) or _is_utf8(data):
        return decode(data, name)
    declared = _META_CHARSET.search(data[:4096])
    if declared:
        try:
            text = data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            text = ""
        if text and _odd_share(text) < 0.02:
            return clean(text)
    return decode(data, name)


def clean(text: str) -> str:
    """Newlines as \\n and letters as letters; no directional overrides, byte order marks or NULs."""
    text = _OVERRIDES.sub("", _NEWLINES.sub("\n", text))
    return text.translate(_LETTERS) if _SHAPED.search(text) else text


def _decoded(data: bytes, name: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if data.startswith(_BINARY):
        raise _no_text(name)
    if b"\x00" in data:
        return _utf16(data, name)
    text = data.decode() if _is_utf8(data) else _best_page(data) or _last_resort(data, name)
    if len(_CONTROL.findall(text)) > len(text) * 0.01:
        raise _no_text(name)
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _utf16(data: bytes, name: str) -> str:
    """UTF-16 without its mark: the byte order under which nearly all is Arabic, ASCII or usual punctuation."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = data[: len(data) & ~1].decode(encoding, errors="replace")
        usual = sum(1 for c in text if c in "\t\n\r" or " " <= c <= "~" or "\u0600" <= c <= "\u06ff" or c in "«»–—“”…")
        if text and usual > 0.9 * len(text):
            return text
    raise _no_text(name)


def _best_page(data: bytes) -> str | None:
    damaged = data.decode("utf-8", errors="replace")  # UTF-8 cut in mid-letter, or with a few lost bytes
    candidates = [damaged] if damaged.count("\ufffd") <= max(2, len(damaged) // 200) else []
    for page in _ARABIC_PAGES:
        try:
            candidates.append(data.decode(page))
        except UnicodeDecodeError:  # a byte that the page lacks rules the page out
            continue
    best = max(candidates, key=_score, default=None)
    return best if best is not None and _score(best) > 0 and _odd_share(best) < 0.05 else None


def _score(text: str) -> float:
    words = _WORD.findall(text)[:5000]
    hits = sum(1 for word in words if len(word) > 1 and is_stopword(normalize(word)))
    letters = len(_ARABIC_LETTER.findall(text))
    return (letters / max(1, len(text))) * 0.5 + 5 * hits / max(1, len(words)) - 5 * _odd_share(text) if hits else 0.0


def _odd_share(text: str) -> float:
    return len(_ODD.findall(text)) / max(1, len(text))


def _last_resort(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise _no_text(name)
    return str(best)


def _no_text(name: str) -> UnreadableFile:
    return UnreadableFile(
        name,
        "ليس نصاً بل بيانات ثنائية؛ المتوقع نص بترميز UTF-8 أو Windows-1256",
        "binary data, not text; expected text in UTF-8, UTF-16 or Windows-1256",
    )
