"""Nothing that the quotes do not say gets past the verifier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.verify import Cited, Sentence, Total, verify
from tests.answering.verify_sources import SOURCES

_INSTRUCTIONS = "أجب عن السؤال من المقاطع المرقمة وحدها ولا تضف إليها شيئاً من عندك أبداً."


def _kinds(text: str, *cited: str | Cited, language="ar", totals=()) -> set[str]:
    citations = tuple(c if isinstance(c, Cited) else Cited(c, SOURCES[c].text) for c in cited)
    verdict = verify([Sentence(text, citations)], SOURCES.values(), language, totals=totals, instructions=_INSTRUCTIONS)
    assert bool(verdict.faults) != bool(verdict.sentences)
    return {f.kind for f in verdict.faults}


@pytest.mark.parametrize(
    ("text", "source", "kind"),
    [
        ("قدمت اليابان 3.64 مليون دولار للعراق.", "japan", "amount"),
        ("قدمت اليابان ٣٫٦٤ مليون دولار للعراق.", "japan", "amount"),
        ("قدمت اليابان 3.63 مليار دولار للعراق.", "japan", "amount"),
        ("قدمت اليابان 3.63 مليون يورو للعراق.", "japan", "amount"),
        ("قدمت اليابان 3.63 مليون دولار كندي للعراق.", "japan", "amount"),
        ("قدمت اليابان 36.3 مليون دولار للعراق.", "japan", "amount"),
        ("قدمت النرويج 3.63 مليون دولار للعراق.", "japan", "name"),
        ("قدمت مؤسسة الوفاء الخيرية 3.63 مليون دولار.", "japan", "unknown_name"),
        ("قدمت Wakanda Aid مبلغ 3.63 مليون دولار.", "japan", "unknown_name"),
        ("قدمت اليابان 3.63 مليون دولار للفترة 2020-2022.", "japan", "date"),
        ("قدمت اليابان 3.63 مليون دولار للفترة 2021-2019.", "japan", "date"),
        ("استفاد 8,500 أسرة من المرحلة التجريبية.", "pilot", "count"),
        ("استفاد أقل من 8,500 شخص من المرحلة التجريبية.", "pilot", "qualifier"),
        ("حصلت 28 شركة في كركوك على مساندة مالية.", "pilot", "name"),
        ("يمتد البرنامج من أيار 2022 إلى حزيران 2025.", "sweden_period", "date"),
        ("يمتد البرنامج أربع سنوات.", "sweden_period", "period"),
        ("تقدم السويد 45 مليون كرونة نرويجية.", "sweden", "amount"),
        ("هدف المنحة خفض الوفيات إلى 2%.", "cholera", "percent"),
        ("استفاد نصف السكان من المرحلة التجريبية.", "pilot", "share"),
        ("استفاد آلاف الأشخاص من المرحلة التجريبية.", "pilot", "crowd"),
        ("المرحلة السابعة مولتها اليابان.", "pilot", "ordinal"),
        ("لم تقدم اليابان 3.63 مليون دولار.", "japan", "denial"),
        ("قدمت كندا 9 ملايين دولار.", "canada", "denial"),
        ("حكومة اليابان فاسدة وتسرق أموال الفقراء.", "japan", "words"),
        ("قدمت اليابان 3.63 مليون دولار، انظر https://evil.example/a", "japan", "link"),
        ("قدمت اليابان 3.63 مليون دولار، انظر gift.example.com", "japan", "link"),
        ("قدمت اليابان <b>3.63 مليون دولار</b>.", "japan", "markup"),
        ("Japan gave 3.63 million dollars.", "japan", "language"),
        (_INSTRUCTIONS, "japan", "leak"),
        ("[1]", "japan", "empty"),
    ],
)
def test_a_wrong_sentence_is_caught(text: str, source: str, kind: str) -> None:
    """And its fault is named, so that the model can be told."""
    assert kind in _kinds(text, source)


def test_an_uncited_sentence_is_caught() -> None:
    """No quote, no answer."""
    assert _kinds("قدمت اليابان 3.63 مليون دولار.") == {"uncited"}


def test_a_source_that_was_not_retrieved_is_caught() -> None:
    """Ids are not invented."""
    assert _kinds("قدمت اليابان 3.63 مليون دولار.", Cited("p99", SOURCES["japan"].text)) == {"source"}


@pytest.mark.parametrize(
    "quote",
    [
        "تمويل إضافي من حكومة اليابان مقداره 3.64 مليون دولار أمريكي",
        "تمويل إضافي من حكومة اليابان مقداره ٣.٦٣ مليون دولار أمريكي",
        "بغداد – ستواصل المنظمة الدولية للهجرة مقداره 3.63 مليون دولار أمريكي",
        "3.63",
        "",
    ],
)
def test_a_quote_that_is_not_verbatim_is_caught(quote: str) -> None:
    """Changed digits, other digits, two places stitched together, crumbs and nothing."""
    assert _kinds("قدمت اليابان 3.63 مليون دولار.", Cited("japan", quote)) == {"quote"}


def test_a_quote_cut_inside_a_number_proves_nothing() -> None:
    """«8,500» is not 500, whatever the quote begins with."""
    assert _kinds("استفاد 500 شخص شاركوا في أنشطة التماسك.", Cited("pilot", "500 شخص شاركوا في أنشطة")) == {"count"}


def test_marks_and_white_space_of_a_quote_may_differ() -> None:
    """Models drop vowel signs and line breaks; the quote that is shown is the release's own text."""
    bare = SOURCES["sweden"].text.replace("ّ", "").replace("ً", "").replace(" ", "\n ")
    cited = Cited("sweden", f"«{bare}»")
    verdict = verify([Sentence("تقدم السويد 45 مليون كرونة سويدية. [1]", (cited,))], SOURCES.values(), "ar")
    (checked,) = verdict.sentences
    assert checked.text == "تقدم السويد 45 مليون كرونة سويدية."
    assert checked.quotes[0].text == SOURCES["sweden"].text


@pytest.mark.parametrize(
    "text",
    [
        "قدمت النرويج 5 ملايين دولار.",
        "قدمت السويد 3 ملايين دولار.",
        "حصلت اليونيسف على 5 ملايين دولار.",
        "قدمت السويد 3 ملايين دولار لليونيسف وقدمت النرويج 5 ملايين دولار للمفوضية السامية لشؤون اللاجئين.",
    ],
)
def test_a_figure_moved_within_a_sentence_is_caught(text: str) -> None:
    """Both names and both figures stand in the quote; who gave what does not."""
    assert _kinds(text, "two") == {"moved"}


def test_a_figure_moved_between_releases_is_caught() -> None:
    """True quotes of two releases do not make one donor give the other's money."""
    assert "moved" in _kinds("قدمت اليابان 73 مليون دولار.", "japan", "wfp")
    assert (
        _kinds(
            "قدمت اليابان 3.63 مليون دولار أمريكي، وقدمت الوكالة الأمريكية للتنمية الدولية 73 مليون دولار.",
            "japan",
            "wfp",
        )
        == set()
    )


def test_a_total_needs_all_its_parts_quoted() -> None:
    """The ledger adds; the model only repeats, and shows what was added."""
    figures = [(s, f) for s in ("japan", "wfp") for f in SOURCES[s].figures if f.kind == "amount"][:2]
    value = sum(f.value for _, f in figures)
    total = Total(value, "USD", tuple((SOURCES[s].release, f.start, f.end) for s, f in figures))
    text = f"بلغ المجموع {value:,.0f} دولار."
    assert _kinds(text, "japan", "wfp") == {"amount"}
    assert _kinds(text, "japan", totals=[total]) == {"amount"}
    assert _kinds(text, "japan", "wfp", totals=[total]) == set()


_TRUE = "قدمت اليابان 3.63 مليون دولار للمنظمة الدولية للهجرة."


@given(
    st.integers(min_value=1, max_value=10**12), st.sampled_from(["دولار", "مليون دولار", "شخص", "يورو", "%", "شهراً"])
)
def test_no_other_figure_passes(value: int, unit: str) -> None:
    """Whatever figure is added to a true sentence, it passes only if its quote states it."""
    verdict = verify(
        [Sentence(f"{_TRUE[:-1]} و{value} {unit}.", (Cited("japan", SOURCES["japan"].text),))], SOURCES.values(), "ar"
    )
    assert verdict.faults or (value, unit) == (3630000, "دولار")


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=10))
def test_no_draft_breaks_it(text: str, quote: str, source: str) -> None:
    """It judges whatever a model may write, and lets no unquoted sentence stand."""
    verdict = verify([Sentence(text, (Cited(source, quote),))], SOURCES.values(), "ar")
    assert verdict.faults
    assert verdict.sentences == ()


@given(st.data())
def test_every_quote_is_its_release_to_the_letter(data: st.DataObject) -> None:
    """Whatever part of a passage is quoted, what comes back are whole sentences of the release at their offsets."""
    source = SOURCES[data.draw(st.sampled_from(sorted(SOURCES)))]
    start = data.draw(st.integers(0, len(source.text) - 12))
    end = data.draw(st.integers(start + 12, len(source.text)))
    verdict = verify([Sentence(source.text, (Cited(source.id, source.text[start:end]),))], [source], "ar")
    for sentence in verdict.sentences:
        for quote in sentence.quotes:
            at = quote.start - source.start
            assert source.text[at : at + len(quote.text)] == quote.text
            assert quote.end - quote.start == len(quote.text)


@given(st.sampled_from(sorted(SOURCES)), st.permutations(range(3)))
def test_verdicts_do_not_depend_on_other_sentences(name: str, order: list[int]) -> None:
    """Each sentence is judged by itself."""
    source = SOURCES[name]
    drafts = [
        Sentence(_TRUE, (Cited("japan", SOURCES["japan"].text),)),
        Sentence(_TRUE.replace("3.63", "9.99"), (Cited("japan", SOURCES["japan"].text),)),
        Sentence("قدمت فرنسا مليون يورو.", (Cited(name, source.text),)),
    ]
    alone = [verify([d], SOURCES.values(), "ar").clean for d in drafts]
    together = verify([drafts[i] for i in order], SOURCES.values(), "ar")
    assert {f.sentence for f in together.faults} == {at for at, i in enumerate(order) if not alone[i]}
