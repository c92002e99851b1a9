"""What can go wrong when a document is read.

IngestError
├── UnknownFileType    the suffix names no kind of document that is read here
├── UnreadableFile     missing, broken, encrypted, or not text at all
├── EmptyDocument      nothing to read in it
├── ScannedDocument    pages of pictures without a layer of text
├── TooLarge           beyond the size limit
├── TooLong            more text than a press release has
├── TooCostly          takes more memory or time to read than a document may
├── BadSources         a sources.yaml that is not understood
├── Locked, Replica, EmptySource, TooMuchRemoved, DiskFault   a run that is refused or given up whole
├── RayMissing         --ray without Ray
├── ClusterFault       a Ray cluster that cannot be reached or does not do its work
├── BadCorpusFile, CorpusExists           an import that is refused
├── BadArchive         a zip archive that is broken, nested or a bomb
└── FetchError         a page that was not fetched
    ├── FetchRefused   not public, not permitted, not http
    └── FetchFailed    the site did not answer, or not with a page

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


class TooLong(IngestError):
    def __init__(self, name: str, length: int, limit: int) -> None:
        super().__init__(
            f"نص الملف «{name}» {length:,} حرفاً؛ الحد الأقصى {limit:,}",
            f"{name}: {length:,} characters of text; the limit is {limit:,}",
        )


class TooCostly(IngestError):
    def __init__(self, name: str, reason_ar: str, reason_en: str) -> None:
        super().__init__(
            f"الملف «{name}» لم يُقرأ: {reason_ar}؛ المتوقع وثيقة عادية الحجم والتركيب",
            f"{name}: not read: {reason_en}; expected a document of usual size and structure",
        )


class BadArchive(IngestError):
    def __init__(self, name: str, reason_ar: str, reason_en: str) -> None:
        super().__init__(f"الأرشيف «{name}»: {reason_ar}", f"archive {name}: {reason_en}")


class FetchError(IngestError):
    """A page that was not fetched; `url` as it was asked for."""

    def __init__(self, url: str, reason_ar: str, reason_en: str) -> None:
        super().__init__(f"لم تُقرأ الصفحة {url}: {reason_ar}", f"{url}: not fetched: {reason_en}")
        self.url = url


class FetchRefused(FetchError):
    """Not public, not permitted, or no page at all: asking again will not help."""


class FetchFailed(FetchError):
    """The site did not answer, or answered with something else; `status` is its HTTP status if it had one."""

    def __init__(self, url: str, reason_ar: str, reason_en: str, status: int | None = None) -> None:
        super().__init__(url, reason_ar, reason_en)
        self.status = status


class BadSources(IngestError):
    def __init__(self, name: str, reason_ar: str, reason_en: str) -> None:
        super().__init__(f"ملف المصادر «{name}»: {reason_ar}", f"{name}: {reason_en}")


class Locked(IngestError):
    """Another ingest is writing."""

    def __init__(self) -> None:
        super().__init__(
            "هناك عملية تحميل أخرى تعمل الآن؛ انتظر انتهاءها ثم أعد المحاولة",
            "another ingest is running; wait for it to end and try again",
        )


class Replica(IngestError):
    """The data folder's generations come from elsewhere."""

    def __init__(self) -> None:
        super().__init__(
            "هذا المجلد نسخة تسحب فهارسها من SANAD_SNAPSHOT_URL، فلا يُحمَّل فيها شيء؛ حمّل البيانات على الجهاز الكاتب",
            "this data folder is a replica that pulls its generations from SANAD_SNAPSHOT_URL; ingest at the writer",
        )


class EmptySource(IngestError):
    """Nothing readable where releases were expected."""

    def __init__(self, paths: str, known: str) -> None:
        super().__init__(
            f"لا توجد وثائق مقروءة في: {paths}؛ المتوقع ملفات {known}",
            f"no readable documents in: {paths}; expected files of {known}",
        )


class TooMuchRemoved(IngestError):
    """A run that would shrink the corpus by more than a fifth."""

    def __init__(self, removed: int, total: int) -> None:
        super().__init__(
            f"سيُحذف {removed} من {total} بياناً، وهو أكثر من 20٪؛ إذا كان هذا مقصوداً فاستخدم --force",
            f"{removed} of {total} releases would be removed, more than 20 %; use --force if that is meant",
        )


class DiskFault(IngestError):
    """The disk is full, failing or may not be written; what was published before serves on."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"تعذّرت الكتابة على القرص ({where}: {reason})؛ الفهرس السابق ما زال يعمل، أفسح مكاناً ثم أعد المحاولة",
            f"cannot write to the disk ({where}: {reason}); what was published before serves on, "
            "make room or mend it and run again",
        )


class RayMissing(IngestError):
    def __init__(self) -> None:
        super().__init__(
            "يحتاج --ray إلى المكتبة Ray: pip install 'sanad[ray]'", "--ray needs Ray: pip install 'sanad[ray]'"
        )


class ClusterFault(IngestError):
    """A Ray cluster that cannot be reached or does not do its work."""

    def __init__(self, reason_ar: str, reason_en: str) -> None:
        super().__init__(
            f"عنقود Ray: {reason_ar}؛ ما أُنجز محفوظ والفهرس السابق ما زال يعمل، أصلحه ثم أعد الأمر نفسه، أو شغّله بلا --ray",
            f"Ray cluster: {reason_en}; what was done is kept and what was published before serves on, mend it and run the "
            "same again, or run without --ray",
        )


class BadCorpusFile(IngestError):
    def __init__(self, name: str, reason_ar: str, reason_en: str) -> None:
        super().__init__(f"ملف المدونة «{name}»: {reason_ar}", f"corpus file {name}: {reason_en}")


class CorpusExists(IngestError):
    def __init__(self, releases: int) -> None:
        super().__init__(
            f"في المجلد {releases} بياناً؛ الاستيراد يحلّ محلها كلها: أضف --force إذا كان هذا مقصوداً",
            f"there are {releases} releases already, which an import replaces; use --force if that is meant",
        )
