"""PDF."""

from ingest.draft import Draft
from ingest.readers.text import line_blocks


def read_pdf(data: bytes, name: str) -> Draft:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    text = "\n".join(page.get_textpage().get_text_bounded().replace("\r", "") for page in document)
    return Draft(text, line_blocks(text))
