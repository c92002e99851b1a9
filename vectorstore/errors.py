"""What can go wrong with the indexes.

VectorStoreError
├── NoGeneration         nothing has been ingested yet
├── DamagedGeneration    a generation that fails its checks
├── NoSuchGeneration     one that is not on disk, or is live already
├── StoreNotWritten      vectors that the disk did not take
├── ServerFault          a Chroma server that does not answer as it should
├── VectorsMissing       a generation's vectors that are not, or not all, where they should be
├── VectorsElsewhere     vectors in a Chroma server, and none is set up
├── StaleGeneration      built by another model or analyser than the one asked for
├── EmbeddingModelError  a model that cannot be loaded
<<<<<<< HEAD
├── RerankerModelError   a cross-encoder that cannot be loaded
└── SnapshotError        a generation that was not copied through object storage
    ├── StorageFault     the storage is out of reach, declines, or has no room
    ├── DamagedSnapshot  something in the storage is missing, or not what was pushed
    ├── UnfitSnapshot    built by a version or model that this machine does not have
    ├── OtherWriter      somebody else pushed there
    ├── NoReplica        a writer does not pull
    └── ReplicaFault     the replica's disk did not take it
=======
├── EndpointError        an embeddings endpoint that gave no vectors
│   ├── EndpointUnavailable  it did not answer in time, or not with vectors
│   ├── EndpointRefused      it refused, and would again
│   └── EndpointChanged      its vectors are no longer those of the model that it had
└── RerankerModelError   a cross-encoder that cannot be loaded
>>>>>>> c0a0919 (Embeddings from an OpenAI-compatible endpoint (SANAD_EMBEDDING_URL): bounded batches that are retried, halved and checked, each kept at once; a question whose vector does not come in time is answered by its words)
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


class ServerFault(VectorStoreError):
    """The Chroma server cannot be reached, or does not answer as it should."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"تعذّر الوصول إلى خادم المتجهات {url} ({reason})؛ افحصه وافحص SANAD_CHROMA_URL، والإجابات مستمرة بالكلمات وحدها",
            f"the Chroma server {url} does not answer as it should ({reason}); check it and SANAD_CHROMA_URL; "
            "meanwhile words alone answer",
        )


class VectorsMissing(VectorStoreError):
    """A Chroma server does not hold the vectors of a generation, or not as they were published."""

    def __init__(self, url: str, collection: str, what: str) -> None:
        super().__init__(
            f"متجهات الفهرس ({collection}) ليست سليمة على الخادم {url} ({what})؛ افحص SANAD_CHROMA_URL، أو أعد بناءها بالأمر: sanad ingest --rebuild",
            f"the vectors {collection} are not as published on {url} ({what}); check SANAD_CHROMA_URL, or rebuild them "
            "from the cache with: sanad ingest --rebuild",
        )


class VectorsElsewhere(VectorStoreError):
    """The vectors of a generation lie in a Chroma server, and no server is set up."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(
            f"متجهات الفهرس {name} على خادم Chroma ({url})؛ اضبط SANAD_CHROMA_URL، أو أعد بناءها هنا بالأمر: sanad ingest --rebuild",
            f"the vectors of generation {name} lie on the Chroma server {url}; set SANAD_CHROMA_URL, or rebuild them "
            "here with: sanad ingest --rebuild",
        )


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


class EndpointError(VectorStoreError):
    """An embeddings endpoint (SANAD_EMBEDDING_URL) that gave no vectors; `reason` holds nothing of what was sent."""

    def __init__(self, message_ar: str, message_en: str, reason: str) -> None:
        super().__init__(message_ar, message_en)
        self.reason = reason


class EndpointUnavailable(EndpointError):
    """It did not answer in time, or not with vectors."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"خادم التضمين {place} لا يعطي متجهات ({reason})؛ الفهرس السابق ما زال يعمل وما أُنجز محفوظ، "
            "أصلح الخادم ثم أعد الأمر نفسه",
            f"the embedding endpoint {place} gives no vectors ({reason}); what was published before serves on and what "
            "was embedded is kept, mend the endpoint and run the same again",
            reason,
        )


class EndpointRefused(EndpointError):
    """It refused, and would again; `said` are the server's own words."""

    def __init__(self, place: str, reason: str, said: str = "") -> None:
        told = f"{reason}: {said}" if said else reason
        super().__init__(
            f"خادم التضمين {place} يرفض الطلب ({told})؛ راجع SANAD_EMBEDDING_URL وSANAD_EMBEDDING_MODEL "
            "وSANAD_EMBEDDING_KEY",
            f"the embedding endpoint {place} refuses ({told}); check SANAD_EMBEDDING_URL, SANAD_EMBEDDING_MODEL and "
            "SANAD_EMBEDDING_KEY",
            reason,
        )


class EndpointChanged(EndpointError):
    """Its vectors are no longer those of the model that it had by the same name."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"خادم التضمين {place} يعطي متجهات نموذج آخر ({reason})؛ أعد النموذج السابق، أو سمِّ الجديد باسم آخر في "
            "SANAD_EMBEDDING_MODEL ثم: sanad ingest --rebuild",
            f"the embedding endpoint {place} gives another model's vectors ({reason}); put the former model back, or give "
            "the new one another name in SANAD_EMBEDDING_MODEL and then: sanad ingest --rebuild",
            reason,
        )


class RerankerModelError(VectorStoreError):
    """A cross-encoder that cannot be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"تعذّر تحميل نموذج إعادة الترتيب «{name}» ({reason})؛ المتوقع اسم نموذج CrossEncoder أو مجلد يحويه",
            f"cannot load reranker {name!r} ({reason}); expected the name or the folder of a CrossEncoder model",
        )


class SnapshotError(VectorStoreError):
    """A generation that was not copied; what served before serves on."""


class StorageFault(SnapshotError):
    """The storage is out of reach, declines, or has no room."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"تعذّر الوصول إلى مخزن النسخ {url} ({reason})؛ تحقّق من SANAD_SNAPSHOT_URL ومن بيانات الدخول: sanad doctor",
            f"the snapshot storage {url} failed ({reason}); check SANAD_SNAPSHOT_URL and the credentials: sanad doctor",
        )
        self.reason = reason


class DamagedSnapshot(SnapshotError):
    """Something in the storage is missing or is not what was pushed; it is never taken up."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(
            f"النسخة في المخزن ناقصة أو تالفة ({key}: {what})؛ أعد إرسالها من الجهاز الكاتب: sanad snapshots push --force",
            f"the snapshot is incomplete or damaged ({key}: {what}); "
            "send it again from the writer: sanad snapshots push --force",
        )


class UnfitSnapshot(SnapshotError):
    """Built by a version or a model that this machine does not have."""

    def __init__(self, number: int, have: str, want: str) -> None:
        super().__init__(
            f"الفهرس {number} في المخزن بُني بـ {have}، وهذا الجهاز يقرأ {want}؛ شغّل الإصدار والنموذج نفسيهما على كل الأجهزة",
            f"snapshot {number} was built with {have}, this machine reads {want}; "
            "run the same version and model on all machines",
        )


class OtherWriter(SnapshotError):
    """Somebody else pushed there: another catalogue, or a copy of this one that has moved on."""

    def __init__(self, number: int, pushed: str, *, same_lineage: bool) -> None:
        arabic = "نسخة أخرى من هذا الفهرس الأم" if same_lineage else "فهرس أم آخر"
        english = "another copy of this catalogue" if same_lineage else "another catalogue"
        super().__init__(
            f"في المخزن الفهرس {number} الذي أرسله {arabic} في {pushed}؛ لم يُستبدل. "
            "إذا كان هذا الجهاز هو الكاتب الآن: sanad snapshots push --force",
            f"the storage holds generation {number}, pushed by {english} at {pushed}; it was not replaced. "
            "If this machine is the writer now: sanad snapshots push --force",
        )


class NoReplica(SnapshotError):
    """A data folder with a catalogue makes its own generations."""

    def __init__(self) -> None:
        super().__init__(
            "في مجلد البيانات فهرس أم (catalogue.db)، فهو الكاتب ولا يسحب النسخ؛ استعمل للنسخة مجلداً فارغاً: SANAD_DATA_DIR",
            "the data folder has a catalogue (catalogue.db): it is the writer and does not pull; "
            "give a replica an empty folder, SANAD_DATA_DIR",
        )


class ReplicaFault(SnapshotError):
    """The replica's disk is full, failing or may not be written."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"تعذّرت كتابة الفهرس الجديد على القرص ({reason})؛ السابق ما زال يعمل، أفسح مكاناً",
            f"the new generation cannot be written to the disk ({reason}); the one before serves on, make room",
        )
