"""Prompt files: what is refused, what is rendered, and that published versions never change."""

import hashlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from prompts.loader import BadPrompt, list_prompts, load_prompt, parse_prompt, prompt_path

_GOOD = {
    "changelog": "first",
    "variables": ["boundary", "language", "passages", "question"],
    "settings": {"temperature": 0, "max_tokens": 100},
    "messages": [
        {"role": "system", "text": "اكتب بلغة {{language}}، الرمز {{boundary}}."},
        {"role": "user", "text": '{"form": {"a": 1}}\n{{ passages }}\n{{question}}'},
    ],
}
_VALUES = {"boundary": "b", "language": "العربية", "passages": "نص", "question": "سؤال"}

_PUBLISHED = {
    "answer/v1": "49ded25a1b629ee3",
    "condense/v1": "8bfd553f2497aaa1",
    "facts/v1": "8daa4112e402957e",
    "grade/v1": "f24df8a5a60545cb",
    "repair/v1": "e827bcd7b6cbddb2",
}
"""What each published version renders, values being the names of the variables in angle brackets."""


def _file(**changes: object) -> str:
    return yaml.safe_dump({**_GOOD, **changes}, allow_unicode=True)


_PARSED = parse_prompt("answer", "v1", _file())


def test_a_prompt_is_rendered_by_putting_its_values_in() -> None:
    """Braces of JSON are no variables, and spaces within a variable do not matter."""
    prompt = parse_prompt("answer", "v1", _file())
    system, user = prompt.render(_VALUES)
    assert (system.role, system.text) == ("system", "اكتب بلغة العربية، الرمز b.")
    assert user.text == '{"form": {"a": 1}}\nنص\nسؤال'
    assert prompt.name == "answer/v1"
    assert (prompt.settings.temperature, prompt.settings.max_tokens) == (0.0, 100)


@given(st.text(), st.text())
def test_a_value_is_never_read_as_a_template(passages: str, question: str) -> None:
    """Whatever stands in it, variables of ours among it."""
    prompt = _PARSED
    for extra in ("{{question}}", "{{boundary}}", "{0.__class__}", "\\1\\g<0>"):
        values = {**_VALUES, "passages": passages + extra, "question": question}
        assert prompt.render(values)[1].text == '{"form": {"a": 1}}\n' + passages + extra + "\n" + question


def test_instructions_are_the_text_without_values() -> None:
    """It is what no answer may repeat."""
    assert "{{" not in load_prompt("answer/v1").instructions
    assert "محرر دقيق" in load_prompt("answer/v1").instructions


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_file(surprise=1), "unknown key surprise"),
        (yaml.safe_dump({k: v for k, v in _GOOD.items() if k != "changelog"}), "missing key changelog"),
        (_file(changelog=" "), "changelog"),
        (_file(settings={"temperature": 0, "max_tokens": 10, "top_p": 1}), "unknown key top_p"),
        (_file(settings={"temperature": 3, "max_tokens": 100}), "temperature"),
        (_file(settings={"temperature": True, "max_tokens": 100}), "temperature"),
        (_file(settings={"temperature": None, "max_tokens": "many"}), "max_tokens"),
        (_file(variables=["boundary", "language", "passages", "question", "history"]), "declared and not used: history"),
        (_file(variables=["boundary", "language", "passages"]), "used and not declared: question"),
        (_file(variables=["boundary", "boundary"]), "each once"),
        (_file(variables="boundary"), "list of names"),
        (_file(messages=[]), "expected a list"),
        (_file(messages=[{"role": "robot", "text": "x"}]), "a role of"),
        (_file(messages=[{"role": "user", "text": " "}]), "a text"),
        (_file(messages=[{"role": "user", "text": "x", "name": "y"}]), "unknown key name"),
        (_file(messages=[{"role": "user", "text": "{{ two words }}"}]), "without a variable's name"),
        (
            _file(variables=["boundary", "nonsense"], messages=[{"role": "user", "text": "{{boundary}}{{nonsense}}"}]),
            "not given: nonsense",
        ),
        (_file(variables=["boundary"], messages=[{"role": "user", "text": "{{boundary}}"}]), "needs: language"),
        ("changelog: [", "not valid YAML"),
        ("- a", "expected keys and values"),
        ("", "expected keys and values"),
    ],
)  # fmt: skip
def test_a_bad_prompt_is_refused_and_says_why(text: str, said: str) -> None:
    """In both languages, naming the prompt."""
    with pytest.raises(BadPrompt) as caught:
        parse_prompt("answer", "v7", text)
    assert said in caught.value.message_en
    assert "answer/v7" in caught.value.message_ar


@pytest.mark.parametrize("name", ["answer", "answer/1", "../answer/v1", "answer/v0", "answer/v1.yaml", "Answer/v1", ""])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """No path of one's own can be smuggled in."""
    with pytest.raises(BadPrompt, match="looks like"):
        load_prompt(name)


def test_a_missing_version_names_those_that_exist(tmp_path: Path) -> None:
    """Of its kind, in the order of their numbers."""
    (tmp_path / "answer").mkdir()
    for version in ("v1", "v2", "v10"):
        (tmp_path / "answer" / f"{version}.yaml").write_text(_file(), "utf-8")
    assert list_prompts(tmp_path) == ["answer/v1", "answer/v2", "answer/v10"]
    with pytest.raises(BadPrompt, match=r"answer/v1, answer/v2, answer/v10"):
        load_prompt("answer/v3", tmp_path)
    with pytest.raises(BadPrompt, match="unknown kind"):
        parse_prompt("poem", "v1", _file())


def test_published_versions_never_change() -> None:
    """A change of wording is a new version: answers and reports name versions, and have to mean the same for ever."""
    rendered = {}
    for name in list_prompts():
        prompt = load_prompt(name)
        messages = prompt.render({v: f"<{v}>" for v in prompt.variables})
        told = "\x1e".join((*(f"{m.role}\x1f{m.text}" for m in messages), repr(prompt.settings)))
        rendered[name] = hashlib.sha256(told.encode()).hexdigest()[:16]
    assert rendered == _PUBLISHED


def test_every_shipped_prompt_is_packaged_where_it_is_loaded_from() -> None:
    """Beside the loader."""
    assert all(prompt_path(name).is_file() for name in list_prompts())
