"""`sanad ledger` and what `sanad ingest` tells of changed facts, as people type them."""

import csv
import io
import json
import re
import struct
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from tests.in_process import Done, Sanad

_RELEASES = {
    "norway.html": """<html lang="ar"><head><title>النرويج تدعم مخيمات إدلب</title>
<meta property="og:url" content="https://press.example.org/ar/idlib-2021">
<meta property="article:published_time" content="2021-04-12T10:00:00+03:00"></head><body><article>
<h1>النرويج تدعم مخيمات إدلب</h1>
<p>إدلب، 12 نيسان 2021 – قدمت النرويج للمفوضية في سوريا 12.5 مليون كرونة نرويجية لخيام المخيمات في إدلب. ويستمر المشروع من أيار 2021 حتى نيسان 2023، ويستفيد منه 7,500 نازح.</p>
</article></body></html>
""",
    "italy.txt": """إيطاليا تدعم مخابز درنة

درنة، 20 تشرين الأول 2023 – قدمت إيطاليا لبرنامج الأغذية العالمي في ليبيا 1.75 مليون يورو لإصلاح مخابز درنة. وتصل جملة ما قدمته إيطاليا للبرنامج منذ 2012 إلى 64 مليون يورو.
""",
    "italy-2022.txt": """إيطاليا تدعم موانئ سوسة

سوسة، 3 آذار 2022 – قدمت إيطاليا لمنظمة الأغذية والزراعة في تونس 999.5 ألف يورو لتجهيز موانئ الصيد في سوسة.
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases, ingested."""
    from ingest.pipeline import ingest
    from vectorstore.embeddings import load_embeddings

    folder = tmp_path_factory.mktemp("ledger")
    (folder / "releases").mkdir()
    for name, text in _RELEASES.items():
        (folder / "releases" / name).write_text(text, "utf-8")
    ingest([folder / "releases"], data_dir=folder / "data", embeddings=load_embeddings())
    return folder / "data"


def _plain(text: str) -> str:
    return re.sub("[\u2066-\u2069\u200e\u200f]", "", text)


def _json(done: Done) -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [("norway.html", "12500000.0"), ("italy-2022.txt", "999500.0"), ("italy.txt", "1750000.00"), ("italy.txt", "64000000")]),
        (["--donor", "Italy", "--role", "grant"], [("italy-2022.txt", "999500.0"), ("italy.txt", "1750000.00")]),
        (["--donor", "ايطاليا", "--year", "2022"], [("italy-2022.txt", "999500.0")]),
        (["--year", "٢٠٢١-٢٠٢٢"], [("norway.html", "12500000.0"), ("italy-2022.txt", "999500.0")]),
        (["--year", "2022–2021"], [("norway.html", "12500000.0"), ("italy-2022.txt", "999500.0")]),
        (["--recipient", "UNHCR"], [("norway.html", "12500000.0")]),
        (["--place", "تونس"], [("italy-2022.txt", "999500.0")]),
        (["--kind", "outcome"], [("norway.html", "7500")]),
        (["--role", "cumulative"], [("italy.txt", "64000000")]),
    ],
)  # fmt: skip
def test_filters_take_names_and_years_as_people_write_them(
    sanad: Sanad, data: Path, options: list[str], found: list[tuple[str, str]]
) -> None:
    """Other languages and spellings, Arabic digits, years in either order; oldest release first."""
    rows = _json(sanad(data, "ledger", "--json", *options))
    assert [(r["release"], float(r["value"])) for r in rows] == [(name, float(value)) for name, value in found]


def test_a_fact_is_printed_with_its_quote_and_a_link_to_it(sanad: Sanad, data: Path) -> None:
    """The sentence to the letter, and the web page opened at it."""
    (row,) = _json(sanad(data, "ledger", "--json", "--donor", "النرويج"))
    assert row["printed"] == "12.5 مليون كرونة نرويجية"
    assert row["quote"].startswith("إدلب، 12 نيسان 2021 – قدمت النرويج")
    assert row["link"].startswith("https://press.example.org/ar/idlib-2021#:~:text=")
    assert (row["donor"], row["recipient"], row["unit"], row["role"]) == ("النرويج", "المفوضية السامية للأمم المتحدة لشؤون اللاجئين", "NOK", "منحة")  # fmt: skip


@pytest.mark.parametrize("columns", [50, 80, 200])
def test_the_table_fits_its_terminal_and_cuts_nothing(sanad: Sanad, data: Path, columns: int) -> None:
    """No line is wider, no figure is shortened, every stretch of Arabic is closed off within its line."""
    from rich.cells import cell_len

    done = sanad(data, "ledger", COLUMNS=str(columns))
    assert done.returncode == 0
    assert "…" not in done.stdout
    for line in done.stdout.splitlines():
        assert cell_len(line) <= columns
        assert line.count("\u2068") == line.count("\u2069")
    words = _plain(done.stdout)
    for said in ("12,500,000", "999,500", "1,750,000", "64,000,000", "2023-10-20", "عدد الحقائق: 4"):
        assert said in words
    english = sanad(data, "ledger", "--language", "en", COLUMNS=str(columns)).stdout
    assert "4 facts" in english
    assert ("Date" in english) == (columns > 50)


def test_csv_opens_in_a_spreadsheet(sanad: Sanad, data: Path, tmp_path: Path) -> None:
    """A byte order mark for Excel, commas, a heading for each column, line breaks and quotes kept."""
    target = tmp_path / "out.csv"
    done = sanad(data, "ledger", "--csv", str(target))
    assert done.returncode == 0
    assert "4 facts" in done.stdout
    raw = target.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 5
    assert b"\r\r" not in raw
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [r["البيان"] for r in rows] == ["norway.html", "italy-2022.txt", "italy.txt", "italy.txt"]
    assert [float(r["القيمة"]) for r in rows] == [12_500_000, 999_500, 1_750_000, 64_000_000]
    assert rows[2]["الاقتباس"].endswith("لإصلاح مخابز درنة.")


def test_a_text_is_never_a_formula() -> None:
    """What a release begins with «=» stays text in a spreadsheet."""
    from ledger.export import Line, to_csv

    line = Line("a", "=1+1", "", "", "", None, None, "", "", "+9", "", "", "", "", '=HYPERLINK("x")', "", "")
    (row,) = csv.DictReader(io.StringIO(to_csv([line], "en").removeprefix("\ufeff")))
    assert (row["Title"], row["As printed"], row["Quote"]) == ("'=1+1", "'+9", '\'=HYPERLINK("x")')


_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def test_the_sheet_runs_right_to_left_with_numbers_quotes_and_links(sanad: Sanad, data: Path, tmp_path: Path) -> None:
    """Arabic headings, sums as numbers that Excel adds, a link where the release has an address."""
    target = tmp_path / "out.xlsx"
    assert sanad(data, "ledger", "--xlsx", str(target)).returncode == 0
    with zipfile.ZipFile(target) as archive:
        sheet = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        strings = ["".join(t.itertext()) for t in etree.fromstring(archive.read("xl/sharedStrings.xml"))]
        styles = archive.read("xl/styles.xml").decode()
        links = archive.read("xl/worksheets/_rels/sheet1.xml.rels").decode()
    assert sheet.find(f".//{_SHEET}sheetView").get("rightToLeft") == "1"
    rows = [
        [strings[int(c.findtext(f"{_SHEET}v"))] if c.get("t") == "s" else float(c.findtext(f"{_SHEET}v")) for c in row]
        for row in sheet.iter(f"{_SHEET}row")
    ]
    assert rows[0][:6] == ["البيان", "العنوان", "التاريخ", "النوع", "الدور", "القيمة"]
    assert len(rows) == 5
    assert [v for row in rows[1:] for v in row if isinstance(v, float)] == [12_500_000, 999_500, 1_750_000, 64_000_000]
    assert any(str(v).startswith("إدلب، 12 نيسان 2021") for v in rows[1])
    assert "https://press.example.org/ar/idlib-2021" in links
    assert 'formatCode="#,##0.##"' not in styles, "Excel shows whole sums with a bare point: «12,500,000.»"
    assert sheet.find(f"{_SHEET}autoFilter") is not None


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_chart_is_a_picture_of_the_grants(sanad: Sanad, data: Path, tmp_path: Path, language: str) -> None:
    """A PNG with a panel for each of two currencies; without the running total."""
    target = tmp_path / "out.png"
    done = sanad(data, "ledger", "--chart", str(target), "--language", language)
    assert (done.returncode, done.stdout.strip()) == (0, f"{target}: 3 grants")
    raw = target.read_bytes()
    assert raw.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", raw[16:24])
    assert width > 1000
    assert height > 1000
    assert len(raw) > 20_000


def test_a_chart_s_arabic_is_joined(sanad: Sanad, data: Path, tmp_path: Path) -> None:
    """The letters take the forms of their places: the drawn glyphs are not those of the single letters."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    whole = TextPath((0, 0), "المستشفى", prop=FontProperties(), size=20).get_extents().width
    single = sum(TextPath((0, 0), c, prop=FontProperties(), size=20).get_extents().width for c in "المستشفى")
    assert whole < 0.95 * single
    target = tmp_path / "out.svg"
    assert sanad(data, "ledger", "--chart", str(target)).returncode == 0
    assert target.read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("options", "arabic", "english"),
    [
        (["--donor", "قرفصاء"], "اسم غير معروف: قرفصاء", "unknown name: قرفصاء"),
        (["--kind", "money"], "نوع غير معروف: money", "unknown kind money"),
        (["--role", "gift"], "دور غير معروف: gift", "unknown role gift"),
        (["--year", "العام"], "سنة غير مفهومة: العام", "no year: العام"),
        (["--year", "2021-"], "سنة غير مفهومة: 2021-", "no year: 2021-"),
        (["--language", "fr"], "اللغة ar أو en، لا fr", "the language is ar or en, not fr"),
        (["--donor", "Japan", "--chart", "none.png"], "لا منح بهذه الشروط", "no grants match"),
        (["--csv", "/nowhere/out.csv"], "تعذّرت الكتابة", "cannot write"),
        (["--xlsx", "/nowhere/out.xlsx"], "تعذّرت الكتابة", "cannot write"),
        (["--chart", "/nowhere/out.png"], "تعذّرت الكتابة", "cannot write"),
        (["--chart", "/nowhere/out.sanad"], "تعذّرت الكتابة", "cannot write"),
    ],
)
def test_what_cannot_be_done_is_told_in_both_languages(
    sanad: Sanad, data: Path, options: list[str], arabic: str, english: str
) -> None:
    """With what was expected, status 2 and no traceback."""
    done = sanad(data, "ledger", *options)
    assert done.returncode == 2
    assert arabic in _plain(done.stderr)
    assert english in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_found_is_said(sanad: Sanad, data: Path) -> None:
    """Instead of an empty table."""
    assert sanad(data, "ledger", "--donor", "Japan").stdout.strip() == "لا حقائق بهذه الشروط"
    assert sanad(data, "ledger", "--donor", "Japan", "--language", "en").stdout.strip() == "no facts match"
    assert sanad(data, "ledger", "--donor", "Japan", "--json").stdout == ""


def test_before_the_first_ingest_the_way_is_shown(sanad: Sanad, tmp_path: Path) -> None:
    """No ledger is no fault of the command."""
    done = sanad(tmp_path / "data", "ledger")
    assert done.returncode == 2
    assert "sanad ingest" in _plain(done.stderr)


def test_an_ingest_tells_how_the_facts_changed(sanad: Sanad, tmp_path: Path) -> None:
    """A corrected sum as a change from old to new, a new sentence as an addition, a lost one as a removal."""
    folder = tmp_path / "releases"
    folder.mkdir()
    source = folder / "italy.txt"
    source.write_text(_RELEASES["italy.txt"], "utf-8")
    assert "Δ" not in sanad(tmp_path / "data", "ingest", str(folder)).stdout
    text = _RELEASES["italy.txt"].replace("1.75 مليون يورو", "2.75 مليون يورو")
    head, _, _ = text.partition(" وتصل جملة")
    source.write_text(f"{head} ورُمّم حتى الآن 31 مخبزاً.\n", "utf-8")
    told = _plain(sanad(tmp_path / "data", "ingest", str(folder)).stdout)
    assert "Δ italy.txt" in told
    assert "~ 1.75 مليون يورو ← 2.75 مليون يورو" in told
    assert "+ 31 مخبزاً" in told
    assert "- 64 مليون يورو" in told
    assert "Δ" not in sanad(tmp_path / "data", "ingest", str(folder)).stdout
