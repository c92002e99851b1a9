"""What a chat model writes: sentences with their citations and the names of what is lacking, as JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from answering.verify_types import Cited, Sentence

FIELDS: Final = (
    "amount", "donor", "recipient", "period", "start", "end", "place", "goal", "outcome", "count", "date", "reason",
    "other",
)  # fmt: skip
"""What a draft may call lacking: names of ours, so that no text of a model's own reaches the user unverified."""
_SENTENCES = 12
_CITATIONS = 12

SCHEMA: Final[dict[str, Any]] = {
    "title": "answer",
    "description": "The answer's sentences, each with the quotes that prove it, and what the passages do not state.",
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "citations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"id": {"type": "string"}, "quote": {"type": "string"}},
                            "required": ["id", "quote"],
                            "additionalProperties": False,
                        },
                    },
                    "text": {"type": "string"},
                },
                "required": ["citations", "text"],
                "additionalProperties": False,
            },
        },
        "missing": {"type": "array", "items": {"type": "string", "enum": list(FIELDS)}},
    },
    "required": ["sentences", "missing"],
    "additionalProperties": False,
}
"""The JSON schema of a draft, in the subset that every provider's structured output takes."""

_OPEN = re.compile(r'"sentences"\s*:\s*\[')
_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_DECODER = json.JSONDecoder()


class Malformed(ValueError):
    """The text is no draft."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole draft; `missing` holds names of FIELDS."""

    sentences: tuple[Sentence, ...]
    missing: tuple[str, ...] = ()


def parse_draft(text: str) -> Draft:
    """The draft in a model's text; a code fence, a preface or thoughts around it do not matter. Raises Malformed."""
    data = parse_object(text, "sentences")
    sentences, missing = data["sentences"], data.get("missing") or []
    if not isinstance(sentences, list) or not isinstance(missing, list):
        raise Malformed("sentences and missing are lists")
    return Draft(
        tuple(map(_sentence, sentences[:_SENTENCES])),
        tuple(dict.fromkeys(m if m in FIELDS else "other" for m in missing if isinstance(m, str))),
    )


def parse_object(text: str, key: str) -> Mapping[str, Any]:
    """The first JSON object of a text that has `key`. Raises Malformed where there is none."""
    text = _THOUGHT.sub("", text)
    at = text.find("{")
    while at >= 0:
        try:
            found, _ = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and key in found:
            return found
        at = text.find("{", at + 1)
    raise Malformed(f"no JSON object with {key}: {text[:60]!r}")


def ready(text: str) -> tuple[Sentence, ...]:
    """The sentences that are already whole in the beginning of a draft."""
    opened = _OPEN.search(_THOUGHT.sub("", text))
    found: list[Sentence] = []
    if opened is None or "<think" in text[: opened.start()]:
        return ()
    text = _THOUGHT.sub("", text)
    at = opened.end()
    while len(found) < _SENTENCES:
        while at < len(text) and (text[at].isspace() or text[at] == ","):
            at += 1
        try:
            row, at = _DECODER.raw_decode(text, at)
            found.append(_sentence(row))
        except (ValueError, RecursionError):
            break
    return tuple(found)


def _sentence(row: object) -> Sentence:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise Malformed("a sentence has a text")
    citations = row.get("citations") or []
    if not isinstance(citations, list):
        raise Malformed("citations are a list")
    cited = []
    for citation in citations[:_CITATIONS]:
        if not isinstance(citation, dict):
            raise Malformed("a citation has an id and a quote")
        cited.append(Cited(str(citation.get("id", "")).strip().strip("[]()"), str(citation.get("quote", ""))))
    return Sentence(row["text"], tuple(cited))
