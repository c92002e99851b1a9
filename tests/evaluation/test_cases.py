"""Reading prompt cases."""

import json
from pathlib import Path

import pytest

from evaluation.cases import BadCase, Expect, load_cases, read_file

_GOOD = """
corpus: releases
cases:
  - id: a
    question: كم؟
    expect:
      has: [[3.60, "3,6"], دولار]
      lacks: [41 مليون]
      sources: [x.txt, [y.txt, z.html]]
      max_length: 300
    tags: [funding]
    note: why
  - id: b
    turns: [كم قدمت السويد؟, ومتى تنتهي؟]
    expect: {refuse: true}
"""


def _file(folder: Path, text: str, name: str = "cases.yaml") -> Path:
    (folder / "releases").mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """Numbers keep their digits, a string is a group of one, the file's corpus is that of its cases."""
    a, b = read_file(_file(tmp_path, _GOOD))
    assert a.expect == Expect(
        has=(("3.60", "3,6"), ("دولار",)),
        lacks=("41 مليون",),
        sources=(("x.txt",), ("y.txt", "z.html")),
        max_length=300,
    )
    assert (a.question, a.tags, a.note, a.corpus) == ("كم؟", ("funding",), "why", (tmp_path / "releases").resolve())
    assert (b.turns, b.question) == (("كم قدمت السويد؟", "ومتى تنتهي؟"), "ومتى تنتهي؟")


@pytest.mark.parametrize(
    ("expect", "refusal"),
    [(Expect(), None), (Expect(has=(("1",),)), False), (Expect(refuse=True), True), (Expect(refuse=False), False)],
)
def test_whether_a_refusal_is_right_follows_from_what_is_expected(expect: Expect, refusal: bool | None) -> None:
    """Who expects a figure expects an answer; who expects nothing takes either."""
    assert expect.refusal is refusal


def test_a_report_of_the_bot_is_a_case(tmp_path: Path) -> None:
    """JSON lines with a generation for a corpus, nothing judged yet, and the answer that was reported."""
    report = {
        "id": "fb-17", "question": "ومتى ينتهي؟", "turns": ["كم قدمت السويد؟"], "corpus": 12,
        "expect": {"has": [], "lacks": [], "sources": [], "refuse": None}, "tags": ["feedback"], "note": "خطأ",
        "answer": "في 2021 [1]",
    }  # fmt: skip
    case = read_file(_file(tmp_path, json.dumps(report, ensure_ascii=False) + "\n\n", "feedback.jsonl"))[0]
    assert case.turns == ("كم قدمت السويد؟", "ومتى ينتهي؟")
    assert (case.corpus, case.generation, case.reported) == (None, 12, "في 2021 [1]")
    assert case.expect == Expect()


def test_turns_that_end_with_the_question_hold_it_once(tmp_path: Path) -> None:
    """Either way of writing a conversation is one conversation."""
    row = {"id": "x", "question": "ب؟", "turns": ["أ؟", "ب؟"]}
    assert read_file(_file(tmp_path, json.dumps(row), "c.jsonl"))[0].turns == ("أ؟", "ب؟")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cases.yaml: holds no case"),
        ("a: [", "cases.yaml:2: did not find"),
        ("- {id: a, question: ؟, id: b}", "cases.yaml:1: the key «id» stands twice"),
        ("just text", "expected a list of cases"),
        ("- 5", "case 1: expected a mapping"),
        ("- question: كم؟", "case 1: «id» is missing"),
        ("- {id: a}", "case 1 «a»: «question» (or «turns») is missing"),
        ("- {id: a, question: ؟, expects: {}}", "«a»: unknown key «expects»; did you mean «expect»?"),
        ("- {id: a, question: ؟, expect: {hass: [x]}}", "unknown key «expect.hass»; did you mean «expect.has»?"),
        ("- {id: a, question: ؟, colour: red}", "unknown key «colour»; known: id, question"),
        ("- {id: a, question: ؟, expect: {has: x}}", "«expect.has» is a list, not «x»"),
        ("- {id: a, question: ؟, expect: {has: [{x: y}]}}", "«expect.has» holds strings, not a mapping"),
        ("- {id: a, question: ؟, expect: {has: [['']]}}", "«expect.has» holds strings"),
        ("- {id: a, question: ؟, expect: {refuse: perhaps}}", "«expect.refuse» is true, false or null, not «perhaps»"),
        ("- {id: a, question: ؟, expect: {max_length: many}}", "«expect.max_length» is a number of characters"),
        ("- {id: a, question: ؟, expect: {max_length: 0}}", "«expect.max_length» is a number of characters"),
        ("- {id: a, question: ؟, expect: {refuse: true, has: [x]}}", "a refusal states and cites nothing"),
        ("- {id: a, question: ؟, corpus: nowhere}", "there is no folder nowhere beside cases.yaml"),
        ("- {id: a, question: [x]}", "«question» is text, not a list"),
        ("- {id: a, turns: x}", "«turns» is a list, not «x»"),
        ("- {id: a, question: ؟, tags: [[x]]}", "«tags» holds strings, not a list"),
    ],
)
def test_a_broken_case_is_told_by_file_case_and_key(tmp_path: Path, text: str, told: str) -> None:
    """So that it can be mended without reading the program."""
    with pytest.raises(BadCase) as error:
        read_file(_file(tmp_path, text))
    assert told in str(error.value)
    assert "cases.yaml" in str(error.value)


def test_a_broken_line_is_told_by_its_number(tmp_path: Path) -> None:
    """A file that the bot appends to may end in half a line."""
    path = _file(tmp_path, '{"id": "a", "question": "؟"}\n{"id": "b", "ques', "feedback.jsonl")
    with pytest.raises(BadCase, match=r"feedback\.jsonl:2: not JSON"):
        read_file(path)


def test_two_cases_with_one_id_are_refused(tmp_path: Path) -> None:
    """Their results could not be told apart; both files are named."""
    one, two = _file(tmp_path, "- {id: a, question: ؟}", "1.yaml"), _file(tmp_path, "- {id: a, question: ؟}", "2.yaml")
    with pytest.raises(BadCase, match=r"1\.yaml, .*2\.yaml: two cases have the id «a»"):
        load_cases([one, two])


@pytest.mark.parametrize("name", ["missing.yaml", "notes.txt"])
def test_a_path_that_is_no_case_file_is_named(tmp_path: Path, name: str) -> None:
    """Missing, or of another kind."""
    with pytest.raises(BadCase, match=name):
        load_cases([tmp_path / name])


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    """All of its case files and nothing else; an empty one is told."""
    with pytest.raises(BadCase, match=r"no \.yaml"):
        load_cases([tmp_path])
    _file(tmp_path, "- {id: b, question: ؟}", "2.yaml")
    _file(tmp_path, "- {id: a, question: ؟}", "1.yml")
    _file(tmp_path, "not a case", "README.md")
    assert [c.id for c in load_cases([tmp_path])] == ["a", "b"]


def test_the_digest_follows_what_is_asked_and_expected(tmp_path: Path) -> None:
    """A note or a tag does not make another case of it; an expectation does."""
    cases = read_file(
        _file(
            tmp_path,
            "- {id: a, question: ؟, note: x, tags: [t]}\n- {id: b, question: ؟}\n- {id: c, question: ؟, expect: {lacks: [x]}}",
        )
    )
    assert cases[0].digest == cases[1].digest != cases[2].digest
