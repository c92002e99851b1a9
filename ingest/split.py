"""Passages of whole sentences, the unit that is indexed, with their spans in the release."""

from collections import Counter

from arabic.sentences import split_sentences
from ledger.release import Release
from vectorstore.passage import Passage, passage_id

TARGET = 450
"""A passage is closed once it has so many characters; a longer sentence stands alone."""


def split_release(release: Release) -> list[Passage]:
    """The release's body in passages; every character of it that is not white space is in exactly one."""
    spans: list[tuple[int, int]] = []
    for part in release.body:
        open_span: tuple[int, int] | None = None
        for sentence in split_sentences(release.text[part.start : part.end]):
            start, end = part.start + sentence.start, part.start + sentence.end
            if open_span and end - open_span[0] <= TARGET * 1.5 and open_span[1] - open_span[0] < TARGET:
                open_span = (open_span[0], end)
            else:
                if open_span:
                    spans.append(open_span)
                open_span = (start, end)
        if open_span:
            spans.append(open_span)
    seen: Counter[str] = Counter()
    passages = []
    for start, end in spans:
        text = release.text[start:end]
        passages.append(Passage(passage_id(release.id, text, seen[text]), release.id, start, end, text, release.title))
        seen[text] += 1
    return passages
