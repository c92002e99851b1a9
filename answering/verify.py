"""The verifier: of what a model wrote, only sentences that stand on verbatim quotes are let through.

Pure: it reads no disk, asks no model and never raises for any draft. A sentence stands if every rule holds:

- it cites at least one passage that was retrieved, and each quote is that passage's text to the letter;
- every amount, count, share, ordinal, date and period that it states stands in its quotes, after normalising digits,
  separators, number words, magnitudes, currencies and month names, or is a total that the ledger computes and whose
  parts are quoted;
- every donor, agency, ministry and place that it names stands in its quotes or in the titles of the quoted releases,
  and each figure is said of the donor, recipient, place and year of which the quote says it, and to be what the quote
  says it is (a need, a total, a package, a plan);
- it denies nothing and states nothing that its quotes deny otherwise, and its own words are the quotes' words or theirs
  in other words;
- it is in the question's language, without links, mark-up or the instructions' text;
- none of its quotes stands in a paragraph that gives orders to a program.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from answering.verify_binding import moved_faults
from answering.verify_claims import Found, claim_faults
from answering.verify_quotes import Piece, locate, pieces
from answering.verify_roles import role_faults
from answering.verify_types import Checked, Cited, Fault, Quote, Sentence, Source, Total, Verdict
from answering.verify_words import form_faults, leak_faults, word_faults
from arabic.bidi import strip_controls
from arabic.language import Language
from arabic.orders import paragraph, speaks_to_a_model

__all__ = ["Checked", "Cited", "Fault", "Quote", "Sentence", "Source", "Total", "Verdict", "verify"]

_MARK = re.compile(r"\s*[\[(【]\s*(?:\d{1,2}|[pP]\d{1,2}|[٠-٩]{1,2})(?:\s*[,،]\s*(?:\d{1,2}|[pP]\d{1,2}))*\s*[\])】]")
_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def verify(
    sentences: Sequence[Sentence],
    sources: Iterable[Source],
    language: Language,
    *,
    totals: Sequence[Total] = (),
    instructions: str = "",
) -> Verdict:
    """Judge a model's sentences against the passages that it was given.

    `language` is the question's; `instructions` the prompt's own text, which no answer repeats. The sentences that
    stand come back with their quotes widened to whole sentences; every other one has at least one fault.
    """
    known = {source.id: source for source in sources}
    standing: list[Checked] = []
    faults: list[Fault] = []
    for number, sentence in enumerate(sentences):
        text = plain(sentence.text)
        found = list(_faults(number, text, sentence.citations, known, language, totals, instructions))
        faults.extend(found)
        if not found:
            quotes = [q for c in sentence.citations if (q := locate(c.quote, known[c.id])) is not None]
            standing.append(Checked(text, tuple(dict.fromkeys(quotes))))
    return Verdict(tuple(standing), tuple(faults))


def plain(text: str) -> str:
    """A sentence on one line, without directional marks, unseen characters and reference marks of its own."""
    return " ".join(_MARK.sub("", _UNSEEN.sub("", strip_controls(text))).split())


def _faults(
    number: int,
    text: str,
    citations: Sequence[Cited],
    known: Mapping[str, Source],
    language: Language,
    totals: Sequence[Total],
    instructions: str,
) -> Iterable[Fault]:
    quotes: list[Quote] = []
    broken = False
    for kind, detail in form_faults(text, language):
        broken = True
        yield Fault(kind, number, detail)
    if not citations:
        yield Fault("uncited", number, text[:60])
        return
    for citation in citations:
        source = known.get(citation.id)
        quote = locate(citation.quote, source) if source else None
        if quote is None:
            yield Fault("quote" if source else "source", number, citation.quote[:80] if source else citation.id)
        else:
            quotes.append(quote)
    if len(quotes) < len(citations) or broken:
        return
    quoted = list(pieces(quotes, dict(known)))
    checks = (
        claim_faults(text, quoted, totals),
        moved_faults(text, quoted),
        role_faults(text, quoted),
        word_faults(text, language, quoted),
        leak_faults(text, instructions, quoted),
        _injected(quoted),
    )
    for check in checks:
        for kind, detail in check:
            yield Fault(kind, number, detail)


def _injected(quoted: Sequence[Piece]) -> Iterator[Found]:
    """Quotes from paragraphs that give orders: what stands beside an order serves it."""
    for piece in quoted:
        if words := speaks_to_a_model(paragraph(piece.source.text, piece.start, piece.end)):
            yield "injected", words
            return
