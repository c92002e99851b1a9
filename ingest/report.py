"""What an ingest run did."""

from dataclasses import asdict, dataclass, field
from typing import Any

from ledger.difference import Difference


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be ingested, and why, in Arabic and English."""

    path: str
    reason_ar: str
    reason_en: str


def unpushed_line(failure: Failure) -> str:
    """The warning that replicas stay behind, for people."""
    return (
        f"  ⚠ نُشر هنا ولم يصل إلى النسخ: {failure.reason_ar}\n    يُعاد الإرسال في التحميل القادم أو بالأمر sanad snapshots push\n"
        f"    published here but not pushed for the replicas: {failure.reason_en}\n"
        "    the next ingest tries again, or now: sanad snapshots push"
    )


@dataclass(frozen=True, slots=True)
class Report:
    """Ids of releases by what happened to them (`unanswered`: the chat model gave no proposals); `embedded` counts texts that the model had to encode;
    `facts` tells what changed in the ledger for changed releases. `held` is the generation that a rollback left, where
    that is why nothing was published; `resumed` are releases that a rollback had taken back and that this run
    published again (or removed again). `unpushed` tells why replicas have not got the live generation."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = field(default=())
    unanswered: tuple[str, ...] = ()
    facts: tuple[Difference, ...] = ()
    releases: int = 0
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0
    generation: int | None = None
    published: bool = False
    held: int | None = None
    resumed: tuple[str, ...] = ()
    unpushed: Failure | None = None

    @property
    def exit_code(self) -> int:
        """0 if every file was read and replicas can have it, 1 if not."""
        return 1 if self.failed or self.unpushed else 0

    def to_dict(self) -> dict[str, Any]:
        """The object that `sanad ingest --json` prints."""
        return asdict(self)

    def render(self) -> str:
        """A few lines for people."""
        lines = [
            f"أضيف {len(self.added)} · تغيّر {len(self.changed)} · بلا تغيير {len(self.unchanged)} · حُذف {len(self.removed)}"
            f" · نُقل {len(self.renamed)} · مكرر {len(self.duplicates)} · تعذّر {len(self.failed)}",
            f"added {len(self.added)} · changed {len(self.changed)} · unchanged {len(self.unchanged)} · "
            f"removed {len(self.removed)} · renamed {len(self.renamed)} · duplicates {len(self.duplicates)} · "
            f"failed {len(self.failed)}",
        ]
        lines += [f"  ✗ {f.reason_ar}\n    {f.reason_en}" for f in self.failed]
        lines += [f"  = {d}" for d in self.duplicates]
        if self.unanswered:
            lines.append(
                f"  ? لم يُجب النموذج عن {len(self.unanswered)} من البيانات؛ تُسأل مرة أخرى في التحميل القادم\n"
                f"    the model gave no answer for {len(self.unanswered)} releases; they are asked again in the next run"
            )
        for change in self.facts:
            lines.append(f"  Δ {change.release}")
            lines += [f"    ~ {old} ← {new}" for old, new in change.changed]
            lines += [f"    + {fact}" for fact in change.added]
            lines += [f"    - {fact}" for fact in change.removed]
        if self.held is not None:
            lines.append(
                f"  ⏸ الفهرس {self.generation} أعيد مكان {self.held}؛ لا نشر ما لم تتغير المصادر (أو بالخيار --rebuild)\n"
                f"    generation {self.generation} was put back in place of {self.held}; "
                "nothing is published until sources change (or with --rebuild)"
            )
        if self.resumed:
            lines.append(
                f"  ↻ عاد ما كان التراجع قد ألغاه: {'، '.join(self.resumed)}\n"
                f"    taken up again after the rollback: {', '.join(self.resumed)}"
            )
        if self.unpushed is not None:
            lines.append(unpushed_line(self.unpushed))
        state = "published" if self.published else "unchanged"
        lines.append(
            f"{self.releases} releases, {self.passages} passages, {self.embedded} embedded, "
            f"generation {self.generation} {state}, {self.seconds:.1f} s"
        )
        return "\n".join(lines)
