"""Whatever bytes and texts come in: no crash, no hang, and the laws of each step hold."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arabic.amounts import find_amounts, find_currencies
from arabic.analyzer import analyze
from arabic.bidi import rtl_text, strip_controls
from arabic.counts import find_counts
from arabic.dates import find_dates
from arabic.dialect import to_standard
from arabic.language import detect_language
from arabic.normalize import fold, normalize
from arabic.numbers import find_numbers
from arabic.periods import find_periods
from arabic.sentences import clauses, split_sentences
from ingest.encodings import decode
from ingest.errors import IngestError
from ingest.metadata import stated_date
from ingest.readers import READERS, read_bytes
from ingest.reading import Job, Readers
from ingest.sources import shown
from ingest.split import split_release
from ingest.web.feeds import links
from ledger.extract import extract_facts
from ledger.rows import rows_of

_SAMPLES = Path(__file__).parents[2] / "samples" / "releases"
_WORDS = (
    "منحة", "قدرها", "مليون", "مليار", "ألف", "دولار", "أمريكي", "يورو", "ين", "دينار", "من", "إلى", "بين", "عام", "عامي", "و", "ونصف",
    "ثلاثة", "مليونين", "مئة", "آذار", "كانون الثاني", "2021", "٢٠٢١", "3,63", "2ر3", "450،000", "1.2.3", "500.000", "٪", "15", "–", "-", "/",
    "حتى", "لمدة", "شهراً", "سنتين", "اليابان", "اليونيسف", "العراق", "عدن", ".", "؟", "،", ":", "«", "»", "\n", "\n\n", "|", "\u200f", "\u202e", "\u0640",
    "$", "USD", "million", "US$5m", "%", "(", ")", "1/2", "½", "1443هـ", "31/12/2020", "2020-02-30", "00", "0", "999999999999999999999",
)  # fmt: skip
_texts = st.one_of(
    st.lists(st.sampled_from(_WORDS), max_size=60).map(" ".join),
    st.lists(st.sampled_from(_WORDS), max_size=60).map("".join),
    st.text(max_size=300),
    st.text(alphabet="0123456789٠١٢٣٤٥٦٧٨٩.,،٫٬/-–%٪ ألفمليون$€", max_size=120),
)
_quick = settings(
    max_examples=120, deadline=timedelta(seconds=2), derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("find", [find_numbers, find_amounts, find_dates, find_periods, find_counts])
@_quick
@given(text=_texts)
def test_what_is_found_in_a_text_stands_in_it(find: Callable[[str], list[object]], text: str) -> None:
    """Numbers, amounts, dates, periods and counts lie within the text and are not empty."""
    for found in find(text):
        start, end = found.start, found.end  # type: ignore[attr-defined]
        assert 0 <= start < end <= len(text)


@_quick
@given(text=_texts)
def test_sentences_and_clauses_lie_within_the_text(text: str) -> None:
    """In order, and no letter between them is lost."""
    position = 0
    for sentence in split_sentences(text):
        assert position <= sentence.start < sentence.end <= len(text)
        assert not text[position : sentence.start].strip()
        position = sentence.end
    assert not text[position:].strip()
    for clause in clauses(text):
        assert 0 <= clause.start <= clause.end <= len(text)


@_quick
@given(text=_texts)
def test_pure_functions_take_any_text(text: str) -> None:
    """They end, and normalising twice is normalising once."""
    assert normalize(normalize(text)) == normalize(text)
    fold(text)
    analyze(text)
    to_standard(text)
    find_currencies(text)
    detect_language(text)
    stated_date(text)
    assert not set(strip_controls(text)) & set("\u202a\u202b\u202c\u202d\u202e")
    rtl_text(text)
    assert 0 < len(shown(text)) <= 150


@_quick
@given(text=_texts)
def test_a_release_of_any_text_is_split_without_loss(text: str) -> None:
    """Each character of the body that is no white space is in one passage; its facts stand in it."""
    try:
        release = read_bytes(text.encode(errors="replace"), "fuzz.txt")
    except IngestError:
        return
    passages = split_release(release)
    covered = [False] * len(release.text)
    for passage in passages:
        assert release.text[passage.start : passage.end] == passage.text
        for i in range(passage.start, passage.end):
            assert not covered[i]
            covered[i] = True
    for span in release.body:
        assert all(covered[i] or release.text[i].isspace() for i in range(span.start, span.end))
    for row in rows_of(release, extract_facts(release)):
        assert 0 <= row.start <= row.end <= len(release.text)


@_quick
@given(data=st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    """The decoder has no third way, and feeds none."""
    with contextlib.suppress(IngestError):
        assert "\x00" not in decode(data)
    links(b"<rss>" + data, "https://example.org/")
    links(b"<urlset>" + data, "https://example.org/")
    links(data, "https://example.org/")


_documents = {p.suffix: p.read_bytes() for p in sorted(_SAMPLES.iterdir())}


@pytest.mark.parametrize("suffix", sorted(READERS))
@settings(max_examples=25, deadline=timedelta(seconds=30), derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_broken_documents_are_read_or_refused(readers: Readers, suffix: str, data: st.DataObject) -> None:
    """Real documents with bytes changed, cut, doubled and moved, and mere noise: an answer each time, and the process
    that reads them is there for the next."""
    whole = _documents.get(suffix) or _documents[".html" if "htm" in suffix else ".md"]
    kind = data.draw(st.sampled_from(("noise", "cut", "flip", "double", "insert")))
    if kind == "noise":
        content = data.draw(st.binary(min_size=1, max_size=500))
    elif kind == "cut":
        content = whole[: data.draw(st.integers(1, len(whole)))]
    elif kind == "flip":
        changed = bytearray(whole)
        for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=30)):
            changed[place] = data.draw(st.integers(0, 255))
        content = bytes(changed)
    else:
        a, b = sorted(data.draw(st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole)))))
        middle = whole[a:b] * 3 if kind == "double" else data.draw(st.binary(max_size=200))
        content = whole[:a] + middle + whole[b:]
    with contextlib.suppress(IngestError):
        document = readers.read(Job("fuzz", f"fuzz{suffix}", data=content))
        for passage in document.passages:
            assert document.release.text[passage.start : passage.end] == passage.text
