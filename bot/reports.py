"""What administrators are told: previews of uploads, reports of runs, why something failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.ingest_process import IngestFailed
from bot.render import one_style
from bot.richtext import Rich, Run, blocked, bold, lines, rich
from bot.texts import Wording

_ODD = frozenset({"short", "language", "ocr"})
"""Remarks of ingest.preview that are passed on in the administrator's language; the others are seen better here."""
_SHOWN = 8
"""Facts of a preview, and names of a report, that are listed."""


def preview_text(found: Mapping[str, Any], t: Wording) -> Rich:
    """What was read from a document and what publishing it would add, with warnings first."""
    credit = " · ".join(filter(None, (t.day(found["date"]), found["publisher"])))
    rows: list[Rich] = [rich(bold(one_style(found["title"]))), rich(credit)]
    rows.append(
        t.rich(
            "preview_size",
            passages=t("count_passages", n=found["passages"]),
            facts=t("count_facts", n=found["fact_count"]),
        )
    )
    rows += [rich("⚠️ ", warning) for warning in warnings(found, t)]
    if found["facts"]:
        rows += [rich(""), rich(bold(t("preview_facts")))]
        rows += [rich("• ", *_fact(fact, t)) for fact in found["facts"][:_SHOWN]]
        if len(found["facts"]) > _SHOWN:
            rows.append(t.rich("and_more", n=len(found["facts"]) - _SHOWN))
    if found["lead"]:
        rows += [rich(""), blocked((Run(found["lead"]),), "quote")]
    return lines(*rows, "", t.rich("preview_replace" if found["same_name"] else "preview_ask"))


def _fact(fact: Mapping[str, str], t: Wording) -> Rich:
    parties = (
        t("gives_to", donor=fact["donor"] or "؟", recipient=fact["recipient"]) if fact["recipient"] else fact["donor"]
    )
    return rich(
        fact["role"], ": ", bold(" ".join(one_style(fact["printed"]).split())), f" — {parties}" if parties else ""
    )


def warnings(found: Mapping[str, Any], t: Wording) -> list[Rich]:
    """What an administrator should look at before saying yes."""
    out = []
    if found["same_name"]:
        out.append(t.rich("warn_same_name", title=found["same_name"]["title"]))
    if found["repost_of"]:
        out.append(t.rich("warn_repost", title=found["repost_of"]))
    if not found["date"]:
        out.append(t.rich("warn_no_date"))
    if not found["grants"]:
        out.append(t.rich("warn_no_grant"))
    return out + [t.rich(f"warn_{code}") for code in found["odd"] if code in _ODD]


def report_text(kind: str, result: Mapping[str, Any], t: Wording) -> Rich:
    """What a job did."""
    if kind == "rollback":
        rows = [
            t.rich("rolled_back", left=result["left"], to=result["to"], count=t("count_releases", n=result["releases"]))
        ]
        rows += [
            t.rich(f"rollback_{key}", names=_names(result[key], t)) for key in ("gone", "back", "other") if result[key]
        ]
        return lines(*rows, *_unpushed(result, t))
    if kind == "remove" and result.get("unknown"):
        return t.rich("release_gone")
    rows = [t.rich("report_done" if result["published"] else "report_same")]
    for key in ("added", "changed", "removed", "renamed", "duplicates"):
        if result[key]:
            rows.append(rich(t(f"report_{key}"), " ", _names(result[key], t)))
    for failure in result["failed"]:
        rows.append(rich("⚠️ ", failure["reason_ar" if t.language != "en" else "reason_en"]))
    for change in result["facts"]:
        rows.append(t.rich("report_facts", release=change["release"]))
    if result["held"] is not None:
        rows.append(t.rich("report_held", held=result["held"]))
    if result["resumed"]:
        rows.append(rich(t("report_resumed"), " ", _names(result["resumed"], t)))
    if result["generation"] is not None:
        rows.append(
            t.rich("report_state", generation=result["generation"], count=t("count_releases", n=result["releases"]))
        )
    return lines(*rows, *_unpushed(result, t))


def _unpushed(result: Mapping[str, Any], t: Wording) -> list[Rich]:
    failure = result.get("unpushed")
    return (
        [rich("⚠️ ", t("report_unpushed"), " ", failure["reason_en" if t.language == "en" else "reason_ar"])]
        if failure
        else []
    )


def _names(names: Sequence[str], t: Wording) -> str:
    more = t("and_more", n=len(names) - _SHOWN) if len(names) > _SHOWN else ""
    return t("comma").join(names[:_SHOWN]) + (f" {more}" if more else "")


def failed_text(failure: IngestFailed, t: Wording) -> Rich:
    """Why nothing was changed, in the administrator's language; Arabic stands in for Kurdish in what ingest says."""
    if failure.reason == "told":
        return rich("❌ ", failure.english if t.language == "en" else failure.arabic)
    return rich("❌ ", t.rich(f"failed_{failure.reason}"))
