"""Scanned PDFs: refused with the reason, or read by OCR and marked so."""

import io
from pathlib import Path

import pytest

from ingest.errors import EmptyDocument, ScannedDocument
from ingest.pipeline import ingest
from ingest.preview import preview
from ingest.readers import ocr, read_bytes
from ingest.reading import Job, Readers
from vectorstore.embeddings import load_embeddings

needs_tesseract = pytest.mark.skipif(not ocr.available(), reason="tesseract-ocr-ara is not installed")
_LINES = (
    "كندا تدعم مياه عدن",
    "",
    "عدن، 3 آذار 2021 – قدمت كندا إلى منظمة اليونيسف في اليمن",
    "مبلغ 25 مليون دولار كندي من أجل إصلاح محطات المياه في المدينة.",
)


def scanned() -> bytes:
    """A PDF that holds a picture of a release and no text."""
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont, features

    if not features.check("raqm"):
        pytest.skip("this Pillow does not shape Arabic")
    font = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), 56)
    page = Image.new("L", (2480, 1200), 255)
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(_LINES):
        draw.text((2300, 150 + 110 * number), line, font=font, fill=0, anchor="ra", direction="rtl", language="ar")
    out = io.BytesIO()
    page.save(out, "PDF", resolution=300)
    return out.getvalue()


def test_a_scan_is_refused_with_what_to_do() -> None:
    """Where OCR is not asked for."""
    with Readers(1) as readers, pytest.raises(ScannedDocument, match="OCR"):
        readers.read(Job("scan.pdf", "scan.pdf", data=scanned()))


def test_what_was_read_from_pictures_is_marked_in_every_citation(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the title, which stands beside each quote: a reader can tell that the figures were read by a machine."""
    pytesseract = pytest.importorskip("pytesseract")
    said = "\n\n".join(_LINES[i] for i in (0, 2))
    monkeypatch.setattr(pytesseract, "image_to_string", lambda *_, **__: said)
    release = read_bytes(scanned(), "scan.pdf", ocr=True)
    assert release.title == f"كندا تدعم مياه عدن {ocr.MARK}"
    assert release.text == said
    monkeypatch.setattr(pytesseract, "image_to_string", lambda *_, **__: " \n\x0c")
    with pytest.raises(EmptyDocument):
        read_bytes(scanned(), "scan.pdf", ocr=True)


@needs_tesseract
def test_a_scan_is_read_by_tesseract(tmp_path: Path) -> None:
    """Through the whole pipeline; its preview says that the figures want a second look."""
    (tmp_path / "scan.pdf").write_bytes(scanned())
    with Readers(1, ocr=ocr.available) as readers:
        found = preview(tmp_path / "scan.pdf", readers=readers)
        assert "ocr" in {warning.code for warning in found.warnings}
        assert "كندا" in found.release.text
        assert "اليونيسف" in found.release.text
        assert "25 مليون" in found.release.text
        report = ingest(
            [tmp_path / "scan.pdf"], data_dir=tmp_path / "data", embeddings=load_embeddings(), readers=readers
        )
    assert report.added == ("scan.pdf",)
