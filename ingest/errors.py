"""What can go wrong when a document is read.

IngestError
├── UnknownFileType    the suffix names no kind of document that is read here
├── UnreadableFile     missing, broken, encrypted, or not text at all
├── EmptyDocument      nothing to read in it
├── ScannedDocument    pages of pictures without a layer of text
└── TooLarge           beyond the size limit

Every error speaks Arabic and English, one line each, and names the file and what was expected.
"""


class IngestError(Exception):
    """A document that cannot become a release; `message_ar` and `message_en` are made for the people who sent it."""

    def __init__(self, message_ar: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_ar = message_ar
        self.message_en = message_en


class UnknownFileType(IngestError):
    def __init__(self, name: str, known: str) -> None:
        super().__init__(
            f"نوع الملف «{name}» غير معروف؛ الأنواع المقبولة: {known}",
            f"{name}: unknown file type; expected one of {known}",
        )


class UnreadableFile(IngestError):
    def __init__(self, name: str, reason_ar: str, reason_en: str) -> None:
        super().__init__(f"تعذّرت قراءة الملف «{name}»: {reason_ar}", f"{name}: cannot be read: {reason_en}")


class EmptyDocument(IngestError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"الملف «{name}» لا يحتوي على نص؛ المتوقع نص بيان صحفي",
            f"{name}: holds no text; expected the text of a press release",
        )


class ScannedDocument(IngestError):
    def __init__(self, name: str, pages: int) -> None:
        super().__init__(
            f"الملف «{name}» صور ممسوحة ضوئياً بلا نص ({pages} صفحة)؛ أرسل النسخة النصية أو Word، "
            "أو مرّره أولاً على برنامج للتعرف الضوئي على الحروف",
            f"{name}: {pages} scanned page(s) without text; send the text or Word version, or run OCR on it first",
        )


class TooLarge(IngestError):
    def __init__(self, name: str, size: int, limit: int) -> None:
        super().__init__(
            f"حجم الملف «{name}» {size / 1e6:.1f} ميغابايت؛ الحد الأقصى {limit / 1e6:.1f} ميغابايت",
            f"{name}: {size / 1e6:.1f} MB; the limit is {limit / 1e6:.1f} MB",
        )
