"""What can go wrong with the indexes.

VectorStoreError
├── NoGeneration         nothing has been ingested yet
├── DamagedGeneration    a generation that fails its checks
├── NoSuchGeneration     one that is not on disk, or is live already
├── StoreNotWritten      vectors that the disk did not take
├── StaleGeneration      built by another model or analyser than the one asked for
├── EmbeddingModelError  a model that cannot be loaded
└── RerankerModelError   a cross-encoder that cannot be loaded
"""


class VectorStoreError(Exception):
    """A fault with a line for people in Arabic and in English."""

    def __init__(self, message_ar: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_ar = message_ar
        self.message_en = message_en


class NoGeneration(VectorStoreError):
    """Nothing has been ingested yet."""

    def __init__(self) -> None:
        super().__init__(
            "لم تُحمَّل أي بيانات صحفية بعد؛ ابدأ بالأمر: sanad ingest PATH",
            "no releases have been ingested yet; start with: sanad ingest PATH",
        )


class DamagedGeneration(VectorStoreError):
    """A generation that fails its checks; what is wrong is named."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(
            f"الفهرس {name} تالف ({what})؛ أعد بناءه بالأمر: sanad ingest --rebuild",
            f"generation {name} is damaged ({what}); rebuild it with: sanad ingest --rebuild",
        )


class NoSuchGeneration(VectorStoreError):
    """A generation to go back to that is not there; the others that are there are named."""

    def __init__(self, wanted: int | None, live: int, others: list[int]) -> None:
        listed = "، ".join(map(str, others)) or "لا يوجد"
        super().__init__(
            f"لا يمكن الرجوع إلى الفهرس {wanted if wanted is not None else 'السابق'}؛ الحالي {live}، وغيره على القرص: {listed}",
            f"cannot go back to {f'generation {wanted}' if wanted is not None else 'an older generation'}; "
            f"live is {live}, others on disk: {', '.join(map(str, others)) or 'none'}",
        )


class StoreNotWritten(VectorStoreError):
    """The vector store could not write: the disk is full or failing."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"تعذّرت كتابة المتجهات على القرص ({reason})؛ الفهرس السابق ما زال يعمل",
            f"the vectors cannot be written to the disk ({reason}); what was published before serves on",
        )
        self.reason = reason


class StaleGeneration(VectorStoreError):
    """A generation that was built with another embedding model."""

    def __init__(self, name: str, have: str, want: str) -> None:
        super().__init__(
            f"الفهرس {name} بُني بنموذج آخر ({have})، والمطلوب {want}؛ أعد بناءه بالأمر: sanad ingest --rebuild",
            f"generation {name} was built with model {have}, not {want}; rebuild it with: sanad ingest --rebuild",
        )


class EmbeddingModelError(VectorStoreError):
    """A model that cannot be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"تعذّر تحميل النموذج «{name}» ({reason})؛ المتوقع اسم نموذج sentence-transformers أو مجلد يحويه",
            f"cannot load model {name!r} ({reason}); expected the name or the folder of a sentence-transformers model",
        )


class RerankerModelError(VectorStoreError):
    """A cross-encoder that cannot be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"تعذّر تحميل نموذج إعادة الترتيب «{name}» ({reason})؛ المتوقع اسم نموذج CrossEncoder أو مجلد يحويه",
            f"cannot load reranker {name!r} ({reason}); expected the name or the folder of a CrossEncoder model",
        )
