"""Bytes to text."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingest.encodings import clean, decode, decode_html
from ingest.errors import UnreadableFile

ARABIC = (
    "صنعاء، 5 مارس 2021 - أعلنت المنظمة الدولية للهجرة في اليمن أنها تلقت من حكومة اليابان 3,5 مليون دولار "
    "على مدى عامين.\n"
    "وقال مدير المشروع إن هذا الدعم سيصل إلى النازحين في مأرب، وهم من أشد الناس حاجة.\n"
)
ENGLISH = "Sana'a, 5 March 2021 - Japan gave 3.5 million dollars to the people of Marib.\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1256", "iso-8859-6", "mac_arabic"],
)
def test_arabic_survives_every_encoding_in_use(encoding: str) -> None:
    """Marked or not, the encodings in which Arabic documents are met give the same text."""
    assert decode(ARABIC.encode(encoding)) == ARABIC


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf16_marks_name_their_byte_order(mark: bytes) -> None:
    """Both byte orders are read by their mark."""
    data = ARABIC.encode("utf-16-le" if mark == b"\xff\xfe" else "utf-16-be")
    assert decode(mark + data) == ARABIC


def test_short_windows_1256_texts_are_told_apart() -> None:
    """A headline alone is enough to know the code page."""
    line = "بيان صحفي: مساهمة جديدة من الحكومة اليابانية في برنامج الأغذية"
    assert decode(line.encode("windows-1256")) == line


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    """UTF-8 that was cut within a letter stays UTF-8."""
    data = ARABIC.encode()
    assert decode(data[:-1].rstrip(b"\n") + "ع".encode()[:1]).startswith(ARABIC[:100])


def test_plain_english_is_read() -> None:
    """ASCII needs no guess."""
    assert decode(ENGLISH.encode()) == ENGLISH


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        b"PK\x03\x04" + b"\x00" * 50,
        b"\x7fELF\x02\x01\x01" + b"\x00" * 9,
        bytes(range(256)) * 20,
        b"\x00" * 100,
        b"\x01\x02\x03\x04\x05" * 30,
    ],
)
def test_binary_data_is_no_text(data: bytes) -> None:
    """Pictures, archives and programs with a text's name are refused in one line of each language."""
    with pytest.raises(UnreadableFile, match=r"photo\.txt") as caught:
        decode(data, "photo.txt")
    assert "\n" not in caught.value.message_ar + caught.value.message_en


def test_overrides_go_and_everything_else_stays() -> None:
    """Directional overrides and isolates are stripped; diacritics, tatweel and marks of direction are not touched."""
    assert decode("\u202eمُـ\u2067ح\u200fمّد\u2069\u202c".encode()) == "مُـح\u200fمّد"


def test_newlines_are_one_kind() -> None:
    """Windows, old Mac and Unicode line ends all become one."""
    assert clean("أ\r\nب\rج\u2028د\x0cه") == "أ\nب\nج\nد\nه"


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("windows-1256", "windows-1256"),
        ("windows-1256", "utf-8"),
        ("utf-8", "windows-1256"),
        ("iso-8859-6", "iso-8859-6"),
    ],
)
def test_a_pages_charset_is_believed_when_it_fits(declared: str, actual: str) -> None:
    """A wrong declaration does not spoil the page."""
    page = f'<html><head><meta charset="{declared}"><title>ع</title></head><body>{ARABIC}</body></html>'
    assert ARABIC in decode_html(page.encode(actual))


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs")), max_size=200))
def test_utf8_is_kept_to_the_letter(text: str) -> None:
    """What is valid UTF-8 comes out as it went in, line ends and letters in their shapes aside."""
    assume(not re.search("[\ufb50-\ufdc7\ufe70-\ufefc]", text))
    expected = text.replace("\u2028", "\n").replace("\u2029", "\n")
    data = text.encode()
    if not data.startswith((b"PK\x03\x04", b"GIF8", b"%PDF-")):
        assert decode(data) == expected


def test_letters_in_their_shapes_become_letters() -> None:
    """What an old typesetting program wrote can be searched and copied; words in one sign stay."""
    assert decode("ﺃﻟﻤﺎﻧﻴﺎ ﺗﻤﻮّﻝ ﻻﺟﺌﻲ ﺩﻫﻮﻙ ﷺ".encode()) == "ألمانيا تموّل لاجئي دهوك ﷺ"
