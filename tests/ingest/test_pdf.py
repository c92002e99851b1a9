"""PDFs made by hand, glyph by glyph, the way that programs draw shaped Arabic."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.errors import EmptyDocument, ScannedDocument, UnreadableFile
from ingest.readers import read_file
from ingest.readers.pdf_order import mend_brackets

_WIDTH = 6.0
_SIZE = 12.0
_MARKS = "ًٌٍَُِّْ"
_MIRROR = str.maketrans("()[]«»", ")(][»«")


@dataclass(frozen=True)
class Glyph:
    """What is drawn at (x, y), and the text that the font's ToUnicode map gives it."""

    text: str
    x: float
    y: float
    size: float = _SIZE


def shaped(runs: Sequence[str], right: float, y: float, size: float = _SIZE) -> list[Glyph]:
    """Runs of one direction each, laid out from the right: ligatures of lam and alef, marks over their bases."""
    width = _WIDTH * size / _SIZE
    glyphs: list[Glyph] = []
    x = right
    for run in runs:
        units = _units(run)
        if any("\u0621" <= c <= "\u064a" for c in run) or not run.strip().strip("()«»،.:–"):
            for unit in units:
                if unit in _MARKS:
                    glyphs.append(Glyph(unit, x + width / 4, y, size))
                    continue
                x -= width
                glyphs.append(Glyph(unit.translate(_MIRROR), x, y, size))
        else:
            x -= width * len(run)
            glyphs.extend(Glyph(c, x + i * width, y, size) for i, c in enumerate(run))
    return glyphs


def _units(run: str) -> list[str]:
    units: list[str] = []
    for c in run:
        if units and units[-1] == "ل" and c in "اأإآ":
            units[-1] += c
        else:
            units.append(c)
    return units


def make_pdf(pages: Sequence[Sequence[Glyph]], path: Path, content: bytes = b"") -> Path:
    """A PDF whose one font is not embedded and maps each of its glyphs to the text that it stands for."""
    texts = sorted({glyph.text for page in pages for glyph in page})
    code = {text: i + 1 for i, text in enumerate(texts)}
    widths = [0 if text in _MARKS else 500 for text in texts]
    mapping = "\n".join(f"<{i:02x}> <{t.encode('utf-16-be').hex()}>" for t, i in code.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(code)} beginbfchar\n{mapping}\nendbfchar\n"
        "endcmap end end"
    ).encode()
    names = " ".join(f"/g{i}" for i in code.values())
    procedures = " ".join(f"/g{i} {4 if t not in _MARKS else 5} 0 R" for t, i in code.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        (
            f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 700] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1"
            f" /LastChar {len(code)} /Widths {str(widths).replace(',', '')} /CharProcs << {procedures} >>"
            f" /Encoding << /Type /Encoding /Differences [1 {names}] >> /Resources << >> /ToUnicode 6 0 R >>"
        ).encode(),
        _stream(b"500 0 0 0 500 700 d1 0 0 500 700 re f"),
        _stream(b"0 0 0 600 200 700 d1 0 600 200 100 re f"),
        _stream(cmap),
    ]
    kids = []
    for page in pages:
        drawn = "".join(
            f"BT /F {g.size} Tf 1 0 0 1 {g.x:.2f} {g.y:.2f} Tm <{code[g.text]:02x}> Tj ET\n" for g in page
        ).encode()
        stream = content + drawn
        objects.append(_stream(stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"
            b" /Contents %d 0 R >>" % len(objects)
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%b] /Count %d >>" % (b" ".join(b"%d 0 R" % k for k in kids), len(kids))
    out = b"%PDF-1.7\n"
    places = []
    for i, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (i, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%btrailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        table,
        len(objects) + 1,
        len(out),
    )
    path.write_bytes(out)
    return path


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)


def page_of(lines: Sequence[Sequence[str]], top: float = 760, step: float = 20) -> list[Glyph]:
    return [glyph for i, runs in enumerate(lines) for glyph in shaped(runs, 540, top - i * step)]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (["قدم الاتحاد للأغذية خلال ثلاثة أعوام"], "قدم الاتحاد للأغذية خلال ثلاثة أعوام"),
        (["منحة الإيواء للاجئين والآن"], "منحة الإيواء للاجئين والآن"),
        (["وستُنفَّذ الأنشطة أيضاً وغداً تبقى"], "وستُنفَّذ الأنشطة أيضاً وغداً تبقى"),
        (["بنك التنمية الألماني (", "KfW", ") اليوم"], "بنك التنمية الألماني (KfW) اليوم"),
        (["مشروع «الصمود» (الثاني) في عدن"], "مشروع «الصمود» (الثاني) في عدن"),
        (["قيمتها ", "12.5", " مليون يورو من ", "450,000"], "قيمتها 12.5 مليون يورو من 450,000"),
        (["للفترة ", "2021", "–", "2023", "، ثم"], "للفترة 2021–2023، ثم"),
        (["للفترة ", "٢٠٢٠", "–", "٢٠٢٤", "، ثم"], "للفترة ٢٠٢٠–٢٠٢٤، ثم"),
        (["بلغت ", "35%", " من النساء"], "بلغت 35% من النساء"),
        (
            ["في ", "31/12/2023", " عبر ", "Enterprise Development Fund – EDF", "، وهو"],
            "في 31/12/2023 عبر Enterprise Development Fund – EDF، وهو",
        ),
        (["البريد: ", "media.ye@iom-yemen.example.org"], "البريد: media.ye@iom-yemen.example.org"),
        (["جائحة ", "COVID-19", " في البلاد"], "جائحة COVID-19 في البلاد"),
    ],
)
def test_a_line_reads_as_it_was_written(tmp_path: Path, runs: list[str], expected: str) -> None:
    """Ligatures, marks, brackets, numbers and Latin come out in the order of writing."""
    text = read_file(make_pdf([page_of([runs])], tmp_path / "a.pdf")).text
    assert unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", expected)


def test_text_drawn_backwards_is_read_forwards(tmp_path: Path) -> None:
    """Programs that know no Arabic draw it from the left; its letters and numbers still come out in order."""
    text = "أعلنت المنظمة في عدن عن منحة من 450 ألف دولار على مدى عامين من أجل النازحين إلى مأرب"
    glyphs = [Glyph(c, 30 + i * _WIDTH, 700) for i, c in enumerate(text)]
    assert read_file(make_pdf([glyphs], tmp_path / "a.pdf")).text == text


def test_wrapped_lines_are_one_paragraph_and_short_ones_end_it(tmp_path: Path) -> None:
    """A line that had no room for the next word goes on; one that ends early with a full stop does not."""
    full = "وستشمل الأنشطة التي تنفذها المنظمة في البلاد تأهيل المدارس والمراكز الصحية"
    lines = [[full], ["وتوزيع البذور."], [full], ["وتدريب الشباب."]]
    text = read_file(make_pdf([page_of(lines)], tmp_path / "a.pdf")).text
    assert text == f"{full} وتوزيع البذور.\n\n{full} وتدريب الشباب."


def test_running_heads_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    """What repeats at the edges of pages, and page numbers, is no part of the text."""
    pages = [
        shaped(["برنامج الأغذية العالمي"], 540, 815)
        + page_of([[f"وتضم المرحلة {word} من المشروع مكونات عدة في المحافظات كلها."]])
        + shaped(["صفحة ", str(number), " من ", "2"], 300, 30)
        for number, word in ((1, "الأولى"), (2, "الثانية"))
    ]
    text = read_file(make_pdf(pages, tmp_path / "a.pdf")).text
    assert "الأغذية" not in text
    assert "صفحة" not in text
    assert "الأولى" in text
    assert "الثانية" in text


def test_rows_of_a_table_are_lines_of_cells(tmp_path: Path) -> None:
    """Wide gaps divide cells, and the rows of a table follow each other line by line."""
    rows = [("المكون", "المبلغ"), ("المياه", "3,500,000"), ("سبل العيش", "850,000")]
    glyphs = [
        glyph
        for i, (name, amount) in enumerate(rows)
        for glyph in (*shaped([name], 540, 700 - 20 * i), *shaped([amount], 400, 700 - 20 * i))
    ]
    text = read_file(make_pdf([glyphs], tmp_path / "a.pdf")).text
    assert text == "المكون | المبلغ\nالمياه | 3,500,000\nسبل العيش | 850,000"


def test_larger_lines_are_headings(tmp_path: Path) -> None:
    """The title is the large line, and headings are kept out of the body."""
    glyphs = [
        *shaped(["دعم ياباني لليمن"], 540, 780, 18),
        *shaped(["صنعاء، ", "5", " آذار ", "2022", " – وقعت المنظمة اتفاقاً جديداً مع اليابان أمس."], 540, 740),
    ]
    release = read_file(make_pdf([glyphs], tmp_path / "a.pdf"))
    assert release.title == "دعم ياباني لليمن"
    assert str(release.date) == "2022-03-05"
    assert "دعم ياباني" not in "".join(release.text[s.start : s.end] for s in release.body)


def test_pages_of_pictures_are_refused_with_advice(tmp_path: Path) -> None:
    """A scanned document is told apart from an empty one, and the message says what to do."""
    with pytest.raises(ScannedDocument, match="OCR") as caught:
        read_file(make_pdf([[]], tmp_path / "scan.pdf", b"0 0 595 842 re f\n"))
    assert "scan.pdf" in caught.value.message_ar
    with pytest.raises(EmptyDocument):
        read_file(make_pdf([[]], tmp_path / "blank.pdf"))


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_pdf_cut_short_is_unreadable(tmp_path: Path, share: float) -> None:
    """A truncated file ends in an error of ours."""
    path = make_pdf([page_of([["بيان صحفي عن اليمن"]])], tmp_path / "cut.pdf")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises((UnreadableFile, EmptyDocument)):
        read_file(path)


@pytest.mark.parametrize(
    ("printed", "mended"),
    [
        (")KfW)، ثم", "(KfW)، ثم"),
        ("لمنظمة )اليونيسف( في", "لمنظمة (اليونيسف) في"),
        ("مشروع »الصمود« هنا", "مشروع «الصمود» هنا"),
        ("(صحيح) [أصلاً]", "(صحيح) [أصلاً]"),
        ("1) أولاً", "1) أولاً"),
        ("( نحو 5 )", "(نحو 5)"),
    ],
)
def test_brackets_turn_to_their_content(printed: str, mended: str) -> None:
    """Mirrored brackets are turned, right ones stay."""
    assert mend_brackets(printed) == mended
