"""The day on which a release came out, as the release itself prints it."""

from answering.answer import Answer, Ask, Citation
from answering.evidence import Evidence, Source, dated
from answering.question import Question
from arabic.dates import find_dates


def release_day(ask: Ask, question: Question, evidence: Evidence) -> Answer | None:
    """The printed date of the release that the question is about; None if it prints none, or if no release fits."""
    known = [s for s in evidence.sources if set(question.names) <= s.names]
    known.sort(key=lambda s: (-_fit(question, s), -s.score))
    for source in known[:1]:
        release = source.release
        if release.date is None:
            return None
        for statement in source.facts.statements[:2]:
            text = release.text[statement.start : statement.end]
            for date in find_dates(text):
                if (date.year, date.month, date.day) == (release.date.year, release.date.month, release.date.day):
                    day = release.date.isoformat()
                    quote = Citation(
                        1, release.id, release.title, day, release.url, text, statement.start, statement.end
                    )
                    shown = f"{date.text} ({day}) [1]"
                    return Answer(ask.question, shown, False, "fact", question.language, (quote,))
    return None


def _fit(question: Question, source: Source) -> float:
    """How well a release fits by the sums and the times that the question mentions."""
    figures = {f.value for s in source.facts.statements for f in s.figures if f.main}
    given = any(f == g or f == g * 10**6 for f in figures for g in question.given)
    times = max((dated(source, w) for w in question.times), default=0.0)
    return 2.0 * given + times
