"""What a model may quote: retrieved passages and the leads of the releases that name what the question names."""

from collections.abc import Sequence

from langchain_core.documents import Document

from answering.evidence import names_of
from answering.question import Question
from answering.verify_types import Source, Total
from ledger.facts import Facts
from ledger.gazetteer import related
from ledger.release import Release
from ledger.store import Ledger

LEAD = 3
"""Statements of a release that stand for it where it was named but no passage of it was retrieved."""
_NAMED = 6
_PARTS = 6


def source_of(id: str, release: Release, facts: Facts, start: int, end: int) -> Source:  # noqa: A002
    """The passage [start, end) of a release as the verifier wants it."""
    return Source(
        id=id,
        release=release.id,
        start=start,
        text=release.text[start:end],
        title=release.title,
        day=release.date,
        url=release.url,
        names=names_of(facts),
        figures=tuple(f for s in facts.statements for f in s.figures if start <= f.start and f.end <= end),
        country=facts.country,
    )


def collect(
    question: Question, ledger: Ledger, documents: Sequence[Document], focus: Sequence[str], budget: int
) -> list[Source]:
    """The sources of a question, numbered p1, p2, …, best first, at most `budget` characters of text in all.

    Documents carry `release`, `start` and `end` in their metadata. The releases of the conversation (`focus`) and those
    that name everything that the question names come after them with their leads.
    """
    spans: dict[tuple[str, int, int], None] = {}
    for document in documents:
        meta = document.metadata
        spans[str(meta["release"]), int(meta["start"]), int(meta["end"])] = None
    have = {release for release, _, _ in spans}
    for name in [*focus, *ledger.naming(question.names, _NAMED)]:
        if name not in have:
            have.add(name)
            lead = ledger.facts(name).statements[:LEAD]
            if lead:
                spans[name, lead[0].start, lead[-1].end] = None
    sources: list[Source] = []
    spent = 0
    for release, start, end in spans:
        if sources and spent + end - start > budget:
            continue
        spent += end - start
        sources.append(source_of(f"p{len(sources) + 1}", ledger.release(release), ledger.facts(release), start, end))
    return sources


def totals_of(question: Question, sources: Sequence[Source], ledger: Ledger) -> list[Total]:
    """Sums of the announced grants of the sources' releases, by donor and recipient and currency.

    Only grants that the question's names fit are added, and only where each stands in a source, so that it can be
    quoted.
    """
    groups: dict[tuple[str | None, str | None, str], list[tuple[str, int, int]]] = {}
    values: dict[tuple[str, int, int], object] = {}
    for release in dict.fromkeys(s.release for s in sources):
        for statement in ledger.facts(release).statements:
            for figure in statement.figures:
                inside = any(
                    s.release == release and s.start <= figure.start and figure.end <= s.start + len(s.text)
                    for s in sources
                )
                if not figure.main or figure.upper is not None or not inside:
                    continue
                if not _wanted(question.givers, figure.donor) or not _wanted(question.receivers, figure.recipient):
                    continue
                part = (release, figure.start, figure.end)
                values[part] = figure.value
                for key in {(figure.donor, figure.recipient, figure.unit), (figure.donor, None, figure.unit)}:
                    groups.setdefault(key, []).append(part)
    found: dict[tuple[tuple[str, int, int], ...], Total] = {}
    for (_, _, unit), parts in groups.items():
        if 2 <= len(parts) <= _PARTS:
            value = sum(values[p] for p in parts)  # type: ignore[misc]
            found.setdefault(tuple(parts), Total(value, unit, tuple(parts)))  # type: ignore[arg-type]
    return list(found.values())


def _wanted(names: Sequence[str], name: str | None) -> bool:
    return not names or (name is not None and any(related(n, name) for n in names))
