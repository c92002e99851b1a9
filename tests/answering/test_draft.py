"""Reading what a model writes: whole, growing, wrapped, broken."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.draft import FIELDS, Malformed, parse_draft, ready
from answering.verify_types import Cited, Sentence

_CITED = st.builds(Cited, st.sampled_from(["p1", "p2"]), st.text(max_size=20))
_SENTENCES = st.lists(st.builds(Sentence, st.text(max_size=30), st.lists(_CITED, max_size=3).map(tuple)), max_size=5)


def _json(sentences, missing=()) -> str:
    rows = [{"citations": [{"id": c.id, "quote": c.quote} for c in s.citations], "text": s.text} for s in sentences]
    return json.dumps({"sentences": rows, "missing": list(missing)}, ensure_ascii=False)


@given(_SENTENCES, st.lists(st.sampled_from(FIELDS), unique=True))
def test_what_is_written_is_read(sentences, missing) -> None:
    """Whatever signs stand in it."""
    draft = parse_draft(_json(sentences, missing))
    assert (list(draft.sentences), list(draft.missing)) == (sentences, missing)


@given(_SENTENCES, st.data())
def test_a_growing_draft_shows_whole_sentences_only(sentences, data) -> None:
    """Those that are complete, in order, each to the letter."""
    text = _json(sentences)
    cut = data.draw(st.integers(0, len(text)))
    assert list(ready(text[:cut])) == sentences[: len(ready(text[:cut]))]
    assert list(ready(text)) == sentences


@pytest.mark.parametrize(
    "wrapped",
    ["```json\n{}\n```", "بالتأكيد:\n{}\nأي خدمة؟", '<think>{{"sentences": [1]}}</think>{}', 'قبل {{"a": 1}} ثم {}'],
)
def test_wrapping_does_not_matter(wrapped: str) -> None:
    """Code fences, prefaces, thoughts, other objects before it."""
    sentence = Sentence("جملة", (Cited("p1", "اقتباس"),))
    assert parse_draft(wrapped.format(_json([sentence])).replace("{{", "{").replace("}}", "}", 0)).sentences == (
        sentence,
    )


@pytest.mark.parametrize(
    "text",
    ["", "لا أعرف", "{}", '{"sentences": 5, "missing": []}', '{"sentences": ["x"]}', '{"sentences": [{"text": 5}]}',
     '{"sentences": [{"text": "x", "citations": ["p1"]}]}', '{"sentences": [{"text": "x", "citations"', "[" * 5000],
)  # fmt: skip
def test_what_is_no_draft_is_malformed(text: str) -> None:
    """And nothing else is raised."""
    with pytest.raises(Malformed):
        parse_draft(text)


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    """Whatever a model says."""
    ready('{"sentences": [' + text)
    with contextlib.suppress(Malformed):
        parse_draft(text)


def test_only_our_names_can_be_missing() -> None:
    """What else a model puts there is «other»."""
    assert parse_draft('{"sentences": [], "missing": ["end", "زوروا evil.example", 5]}').missing == ("end", "other")
