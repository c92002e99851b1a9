"""From verified sentences to an Answer: marks, citations with their spans, what is lacking, links from metadata only."""

from collections.abc import Sequence

from answering.answer import Answer, Ask, Citation, Language, Plan
from answering.context import texts
from answering.verify import Checked
from ledger.store import Ledger


def written(
    ask: Ask, language: Language, plan: Plan, sentences: Sequence[Checked], missing: Sequence[str], ledger: Ledger
) -> Answer:
    """The answer that says the sentences; a list or comparison of several says each on a line of its own.

    `missing` are names of answering.draft.FIELDS.
    """
    citations: dict[tuple[str, int, int], Citation] = {}
    lines = []
    for sentence in sentences:
        marks = []
        for quote in sentence.quotes:
            key = (quote.release, quote.start, quote.end)
            if key not in citations:
                release = ledger.release(quote.release)
                day = release.date.isoformat() if release.date else None
                citations[key] = Citation(
                    len(citations) + 1, release.id, release.title, day, release.url,
                    release.text[quote.start : quote.end], quote.start, quote.end,
                )  # fmt: skip
            marks.append(f"[{citations[key].n}]")
        body = sentence.text.rstrip()
        stop = body[-1] if body and body[-1] in ".؟?!" else ""
        lines.append(f"{body.removesuffix(stop).rstrip()} {''.join(dict.fromkeys(marks))}{stop}")
    itemised = plan in {"list", "compare", "aggregate"} and len(lines) > 1
    text = "\n".join([lines[0], *(f"• {line}" for line in lines[1:])]) if itemised else " ".join(lines)
    lacking = labels(missing, language)
    if lacking:
        text += "\n" + texts(language)["missing"].format(
            what="، ".join(lacking) if language != "en" else ", ".join(lacking)
        )
    return Answer(
        question=ask.question,
        text=text,
        refused=False,
        plan="fact" if plan == "refuse" else plan,
        language=language,
        citations=tuple(citations.values()),
        missing=lacking,
    )


def labels(missing: Sequence[str], language: Language) -> tuple[str, ...]:
    """The names of what is lacking, in a language."""
    names = texts(language)["lacking"]
    return tuple(dict.fromkeys(str(names[m]) for m in missing))
