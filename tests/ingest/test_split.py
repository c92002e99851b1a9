"""Releases to passages."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.split import split_release
from ledger.release import Release, Span

SENTENCE = "أعلنت المنظمة عن منحة قيمتها 3.5 مليون دولار من حكومة اليابان لدعم النازحين في مأرب وحضرموت."
_lines = st.lists(
    st.sampled_from(
        [
            SENTENCE,
            SENTENCE * 12,
            "وتشمل ثلاثة مكونات:",
            "المكون | المبلغ",
            "المياه | 3,500,000",
            "## الأهداف",
            "",
            "- بند؛",
            "نعم.",
            "٤٫٢",
        ]
    )
    | st.text(st.sampled_from("ابتث .،؛|\t5٣\u00a0"), max_size=60),
    max_size=25,
)


def _release(text: str, *cuts: int) -> Release:
    ends = sorted({0, *(cut % (len(text) + 1) for cut in cuts), len(text)})
    body = tuple(Span(a, b) for a, b in pairwise(ends) if text[a:b].strip())
    return Release("r.txt", text, "عنوان", body)


@given(_lines, st.integers(0, 5000), st.integers(0, 5000))
def test_every_character_of_the_body_is_in_one_passage(lines: list[str], first: int, second: int) -> None:
    """No text is lost or doubled, texts are slices, order is kept, and no passage crosses the end of a section."""
    release = _release("\n".join(lines), first, second)
    passages = split_release(release)
    covered = [i for p in passages for i in range(p.start, p.end) if not release.text[i].isspace()]
    wanted = [i for s in release.body for i in range(s.start, s.end) if not release.text[i].isspace()]
    assert covered == wanted
    assert all(p.text == release.text[p.start : p.end] and p.text == p.text.strip() for p in passages)
    assert all(any(s.start <= p.start and p.end <= s.end for s in release.body) for p in passages)
    assert len({p.id for p in passages}) == len(passages)


def test_passages_hold_whole_sentences_of_about_the_same_length() -> None:
    """Sentences are never divided, and passages keep within their bounds."""
    passages = split_release(_release(" ".join([SENTENCE] * 30)))
    assert all(p.text.endswith(".") and p.text.startswith("أعلنت") for p in passages)
    assert all(400 <= len(p.text) <= 800 for p in passages[:-1])


def test_a_table_stays_with_its_head_and_the_line_above() -> None:
    """Figures of a table are useless without their columns' names."""
    table = "وتتوزع المنحة كما يأتي:\n\nالمكون | المبلغ (دولار)\n" + "\n".join(
        f"مكوّن {i} | {i},500,000" for i in range(1, 9)
    )
    release = _release(f"{SENTENCE * 6}\n\n{table}\n\n{SENTENCE * 6}")
    assert any(table in p.text for p in split_release(release))


def test_ids_depend_on_the_release_and_not_on_the_place() -> None:
    """A paragraph that is put in front leaves the ids of the others as they were."""
    long = "\n\n".join(f"{SENTENCE} {i}{SENTENCE * 5}" for i in range(3))
    before = {p.id for p in split_release(_release(long))}
    after = {p.id for p in split_release(_release(f"{'ب' * 690}.\n\n{long}"))}
    assert before <= after


def test_an_empty_body_gives_no_passages() -> None:
    """Nothing to index is no error."""
    assert split_release(Release("a", "", "", ())) == []
