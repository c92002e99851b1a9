"""Right-to-left output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic.bidi import FSI, PDI, RLM, ltr_text, rtl_text, strip_controls

PIECES = [
    "كم", "قدمت اليابان", "UNDP (KfW)", "COVID-19", "35", "https://a.org/x-y?q=ABC",
    "a@b.org", "`sanad ask x`", "```\ncode كم\n```",
    "/help", "<b>", "</b>", "<code>x</code>", " ", "\n", "\r\n", "(", ")", "\u200f", "\u2068", "\u2069", "\u202e",
    "،", "٣٫٥", "#tag", "--json",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join)
WHOLE = [
    "https://a.org/x-y?q=ABC",
    "a.b@example.org",
    "`sanad ask --json`",
    "/help",
    "www.example.org",
    "--json",
    "@some_bot",
]


@given(texts)
def test_rendering_twice_changes_nothing(text: str) -> None:
    """`rtl_text` is idempotent."""
    once = rtl_text(text)
    assert rtl_text(once) == once


@given(texts)
def test_stripping_undoes_rendering(text: str) -> None:
    """Rendering adds marks and nothing else."""
    assert strip_controls(rtl_text(text)) == strip_controls(text)


@given(texts)
def test_isolates_are_balanced_on_their_line(text: str) -> None:
    """Each isolate is closed before the line ends and none holds another."""
    for line in rtl_text(text).splitlines():
        depth = 0
        for character in line:
            depth += (character == FSI) - (character == PDI)
            assert depth in (0, 1)
        assert depth == 0


@pytest.mark.parametrize("whole", WHOLE)
@pytest.mark.parametrize("frame", ["انظر {} الآن", "{} كم", "UNDP {} كم ABC", "كم\n{}\nكم"])
def test_what_is_copied_or_tapped_holds_no_mark(whole: str, frame: str) -> None:
    """URLs, addresses, commands and code stay in one piece."""
    assert whole in rtl_text(frame.format(whole))


def test_a_fenced_block_holds_no_mark() -> None:
    """Code over several lines stays as it is, Arabic lines in it too."""
    block = "```\nsanad ask كم ABC\n```"
    assert block in rtl_text(f"كم\n{block}\nABC كم")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UNDP (KfW) قدمت 5", f"{RLM}{FSI}UNDP (KfW){PDI} قدمت 5"),
        ("قدمت UNICEF 35 مليون", f"قدمت {FSI}UNICEF{PDI} 35 مليون"),
        ("لقاح COVID-19.", f"لقاح {FSI}COVID-19{PDI}."),
        ("و3RF", f"و{FSI}3RF{PDI}"),
        ("- كم", "- كم"),
        ("plain UNDP", "plain UNDP"),
        ("plain\nكم ABC", f"plain\nكم {FSI}ABC{PDI}"),
        ("\u202eكم\u200f", "كم"),
    ],
)
def test_latin_runs_are_isolated_in_arabic_lines(text: str, expected: str) -> None:
    """A line that would start left-to-right gets a mark; numbers stay with the Arabic behind them."""
    assert rtl_text(text) == expected


def test_incoming_controls_go() -> None:
    """Nobody can turn our lines around."""
    assert strip_controls("a\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061cb") == "ab"


@given(texts)
def test_english_texts_gain_marks_and_nothing_else(text: str) -> None:
    """`ltr_text` is idempotent, adds only marks, and closes its isolates on their line."""
    once = ltr_text(text)
    assert ltr_text(once) == once
    assert strip_controls(once) == strip_controls(text)
    assert all(line.count(FSI) == line.count(PDI) for line in once.splitlines())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grant of منحة (ياباني) to x", f"Grant of {FSI}منحة (ياباني){PDI} to x"),
        ("See (منحة) now", f"See ({FSI}منحة{PDI}) now"),
        ("a منحة (x)؛ ثم b", f"a {FSI}منحة{PDI} (x)؛ {FSI}ثم{PDI} b"),
        ("منحة UNDP", f"منحة {FSI}UNDP{PDI}"),
        ("no Arabic 2021-06-02", "no Arabic 2021-06-02"),
    ],
)
def test_arabic_names_in_an_english_line_are_isolated(text: str, shown: str) -> None:
    """The line stays left-to-right; brackets that belong to the name stay with it."""
    assert ltr_text(text) == shown


def test_a_date_with_hyphens_is_isolated() -> None:
    """Behind an Arabic letter 2021-06-02 would else be drawn as 02-06-2021; a span of years is left to its language."""
    assert rtl_text("في 2021-06-02 أو 2019-2021") == f"في {FSI}2021-06-02{PDI} أو 2019-2021"


def test_an_english_date_keeps_its_order() -> None:
    """The day, the month and the year of an English date stand together in an Arabic line."""
    assert rtl_text("منحة (17 May 2022) في 3 May") == f"منحة ({FSI}17 May 2022{PDI}) في 3 {FSI}May{PDI}"
