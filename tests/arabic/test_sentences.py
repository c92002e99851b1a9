"""Sentences and clauses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic.sentences import clauses, split_sentences

PIECES = [
    "قال د. أحمد", "أ.د. سعاد", "3.5 مليون", "٣٫٥", "1.600 شخص", "450،000", "...", "…", ".", "!", "؟", "؛", "،", " ",
    "\n", "\n\n", "- بند", "1. بند", "# عنوان", "خلية | خلية", "a\tb", "«نص.»", "\"نص.\"", "(ص. 5)", "https://a.org/x.y",
    "a@b.org", "U.S. aid", "Inc.", "وقال الوزير",
    "منحة جديدة من حكومة اليابان بقيمة كبيرة لدعم العائدين والنازحين", "[1]", "«", ")", ":",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=15).map("".join)


def _texts(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


@given(texts)
def test_sentences_cover_the_text(text: str) -> None:
    """Spans are ordered and disjoint, equal their text, are trimmed, and leave out white space alone."""
    position = 0
    for sentence in split_sentences(text):
        assert text[position : sentence.start].strip() == ""
        assert sentence.start < sentence.end
        assert sentence.text == text[sentence.start : sentence.end] == sentence.text.strip()
        position = sentence.end
    assert text[position:].strip() == ""


@given(texts)
def test_a_sentence_on_one_line_is_one_sentence(text: str) -> None:
    """Splitting is idempotent."""
    for sentence in _texts(text):
        if len(sentence.splitlines()) == 1:
            assert _texts(sentence) == [sentence]


@given(texts)
def test_clauses_cover_the_sentence(text: str) -> None:
    """Clauses are ordered and disjoint, equal their text, and leave out white space alone."""
    position = 0
    for clause in clauses(text):
        assert text[position : clause.start].strip() == ""
        assert clause.text == text[clause.start : clause.end] == clause.text.strip() != ""
        position = clause.end
    assert text[position:].strip() == ""


@pytest.mark.parametrize(
    "text",
    [
        "بلغت المنحة 3.5 مليون دولار",
        "قال د. أحمد و أ.د. سعاد إن ص. 15 تذكر ذلك",
        "بلغ العدد 1.600 شخص",
        "with U.S. aid and KfW Inc. funds",
        "راسلوا a.b@example.org أو https://example.org/x.y/z",
        "كتب م. علي التقرير",
        "approx. 500 people etc. were reached",
    ],
)
def test_stops_that_end_nothing(text: str) -> None:
    """Numbers, abbreviations, initials and addresses hold stops that are no ends."""
    assert _texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("قال: «دعمنا الناس. وسندعمهم.» ثم غادر.", ["قال: «دعمنا الناس.", "وسندعمهم.»", "ثم غادر."]),
        ('وقال: "نحن سعداء." ثم غادر', ['وقال: "نحن سعداء."', "ثم غادر"]),
        ("هل انتهى؟ نعم! انتهى؛ ثم… بدأ", ["هل انتهى؟", "نعم!", "انتهى؛", "ثم…", "بدأ"]),
        ("انتهى عام 2024 م. وقال", ["انتهى عام 2024 م.", "وقال"]),
        ("دعم النازحين.[1] وقد عاد.وقال الوزير", ["دعم النازحين.[1]", "وقد عاد.", "وقال الوزير"]),
        ("- بند أول\n- بند ثان\n1. ثالث", ["- بند أول", "- بند ثان", "1. ثالث"]),
        ("# عنوان\nنص", ["# عنوان", "نص"]),
        ("المانح | المبلغ\nاليابان | 5.0", ["المانح | المبلغ", "اليابان | 5.0"]),
        ("فقرة\nفقرة", ["فقرة", "فقرة"]),
        ("سطر طويل\n\nسطر آخر", ["سطر طويل", "سطر آخر"]),
    ],
)
def test_units_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    """Stops take the quotes that close with them; lines, items, headings and rows are units."""
    assert _texts(text) == expected


def test_hard_wrapped_lines_are_read_on() -> None:
    """A line end inside a wrapped paragraph is no end; a title, a stop and a list item are."""
    text = (
        "عنوان البيان\n"
        "أعلنت المنظمة الدولية للهجرة اليوم عن منحة جديدة من حكومة اليابان بقيمة 3.5\n"
        "مليون دولار لدعم العائدين والنازحين في محافظات نينوى والأنبار وصلاح الدين\n"
        "وكركوك. وقال السفير إن هذه المنحة تأتي ضمن التزام بلاده بدعم الاستقرار.\n"
        "وأضاف أن بلاده ستواصل الدعم\n"
        "- بند من القائمة"
    )
    found = _texts(text)
    assert found[0] == "عنوان البيان"
    assert found[1].endswith("وكركوك.")
    assert "3.5\nمليون" in found[1]
    assert found[2].startswith("وقال السفير")
    assert found[3:] == ["وأضاف أن بلاده ستواصل الدعم", "- بند من القائمة"]


def test_clauses_cut_at_marks_but_not_inside_numbers_brackets_and_addresses() -> None:
    """450،000 and (أ، ب) stay whole; a bracket without partner protects nothing."""
    text = "أعلنت اليابان، التي قدمت 450،000 دولار (نحو 3، 4)، أنها: ستدعم؛ في 10:30 - عبر https://a.b/c,d و(ناقص، هنا"
    assert [c.text for c in clauses(text)] == [
        "أعلنت اليابان،",
        "التي قدمت 450،000 دولار (نحو 3، 4)،",
        "أنها:",
        "ستدعم؛",
        "في 10:30 -",
        "عبر https://a.b/c,d و(ناقص،",
        "هنا",
    ]
