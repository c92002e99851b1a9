"""Questions in dialect, English and Sorani, each beside the standard Arabic question that means the same."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from answering.question import Question, understand
from answering.wanted import wanted
from arabic.lexicon import related_stems
from arabic.stem import skeleton

PAIRS = [
    pytest.param(
        pair["say"],
        pair["twin"],
        id=f"{variety}-{number}",
        marks=[pytest.mark.xfail(reason=pair["gap"], strict=True)] if "gap" in pair else [],
    )
    for variety, pairs in yaml.safe_load((Path(__file__).parent / "twins.yaml").read_text("utf-8")).items()
    for number, pair in enumerate(pairs, 1)
]
ASKS = {"aggregate", "compare", "each", "list", "parts", "summary"}
OF_MONEY = {"component", "cumulative", "need", "price", "spent"}


@pytest.mark.parametrize(("say", "twin"), PAIRS)
def test_a_question_is_understood_like_its_standard_twin(say: str, twin: str) -> None:
    """The same is asked, of the same names and times, in words that mean the same."""
    said, meant = understand(say), understand(twin)
    assert _asked(said) == _asked(meant)
    assert _named(said) == _named(meant)
    assert _without_relative(meant, said) == []
    if said.language == "ar":  # a translation offers several words for one
        assert _without_relative(said, meant) == []


def _asked(question: Question) -> tuple[object, ...]:
    things = [(w.kind, w.sort, w.unit) for w in wanted(question)]
    return things, question.asks & (ASKS | OF_MONEY if things[0][0] == "amount" else ASKS)


def _named(question: Question) -> dict[str, object]:
    return {
        "names": (question.givers, question.receivers, question.places, question.countries, question.ministries),
        "times": question.times,
        "ordinals": question.ordinals,
        "given": question.given,
        "currencies": question.currencies,
    }


def _without_relative(question: Question, other: Question) -> list[str]:
    """The words of a question that no word of the other is related to, those aside that only say that somebody gave."""
    words = [w for w in question.words if w not in question.fillers]
    return [word for word in words if not _related(word, other.words)]


def _related(word: str, others: Iterable[str]) -> bool:
    forms = _forms(word)
    known = forms.union(*map(related_stems, forms))
    bones = {skeleton(form) for form in forms} - {None}
    return any(known & _forms(o) or bones & {skeleton(form) for form in _forms(o)} for o in others)


def _forms(stem: str) -> set[str]:
    """A stem and what is left of it without a glued preposition, the future's س and the endings of a verb."""
    bare = re.sub(r"^س(?=[يتن]\w{2})|^[لبف](?=\w{3})", "", stem)
    return {stem, bare, re.sub(r"^[يتن](?=\w{2})", "", bare), re.sub(r"[ون]$", "", bare)}
