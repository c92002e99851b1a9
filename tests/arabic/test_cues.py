"""Cue files: what their patterns find, and what is looked up word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic import cues
from arabic.cues import cue_pattern, groups_in, load_cues, load_yaml
from arabic.normalize import normalize

_FILES = (("ledger", "roles.yaml"), ("answering", "asks.yaml"), ("answering", "survey.yaml"))


def _pieces() -> list[str]:
    """The words of the cues, with proclitics, marks, digits and other words between them."""
    listed = [
        cue for package, name in _FILES for group in load_cues(package, name) for cue in _cues(package, name, group)
    ]
    words = {normalize(word).strip("=*") for cue in listed for word in cue.split()}
    return [*sorted(words - {""}), "و", "ال", "بال", "، ", ". ", " ", "\n", "12,500", "منحة", "يهدف ", "s"]


def _cues(package: str, name: str, group: str) -> list[str]:
    table = load_yaml(package, name)
    assert isinstance(table, dict)
    return [str(cue) for cue in table[group] or ()]


@given(st.lists(st.sampled_from(_pieces()), max_size=12), st.sampled_from(["", " "]))
def test_words_find_what_patterns_find(pieces: list[str], between: str) -> None:
    """`groups_in` names the groups whose pattern matches, no more and no fewer."""
    text = between.join(pieces)
    for package, name in _FILES:
        assert groups_in(package, name, text) == {g for g, p in load_cues(package, name).items() if p.search(text)}


def test_endings_bare_words_and_several_words() -> None:
    """«*» takes any ending, «=» no proclitic, a blank any white space."""
    pattern = cue_pattern(["التزم*", "=من", "كانت قد"])
    assert [bool(pattern.search(t)) for t in ("والتزمت", "من", "ومن", "كانت \n قد", "كانت تقد")] == [
        True, True, False, True, False,
    ]  # fmt: skip


def test_a_cue_that_begins_with_a_mark_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever extends a file is told which line cannot be looked up."""
    monkeypatch.setattr(cues, "_cues", lambda *_: {"give": ["(منح"]})
    with pytest.raises(ValueError, match="منح"):
        groups_in("ledger", "broken.yaml", "منح")
