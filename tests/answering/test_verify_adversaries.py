"""What careless writers and hostile models make of a release, each caught by the verifier."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from answering.verify import Cited, Sentence, verify
from answering.verify_reading import read
from benchmarks.verifier_cases import hand_cases, read_folder
from tests.answering.verify_sources import SOURCES

_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_JAPAN = "قدمت اليابان 3.63 مليون دولار للمنظمة الدولية للهجرة للفترة 2020-2021."


def _kinds(text: str, *sources: str, language="ar", quotes: tuple[str, ...] = ()) -> set[str]:
    cited = [Cited(s, SOURCES[s].text) for s in sources] + [Cited("japan", q) for q in quotes]
    return {f.kind for f in verify([Sentence(text, tuple(cited))], SOURCES.values(), language).faults}


@pytest.mark.parametrize(
    ("text", "source", "kind"),
    [
        # an Arabic-Indic digit changed
        ("قدمت اليابان ٣٫٦٤ مليون دولار.", "japan", "amount"),
        ("انتفع بالمرحلة أكثر من ٨٬٦٠٠ شخص.", "pilot", "count"),
        # million and billion, thousand and million, ten times as much
        ("قدمت اليابان 3.63 مليار دولار.", "japan", "amount"),
        ("تستهدف الخدمات 110 ملايين امرأة وفتاة.", "sweden_plan", "count"),
        ("تقدم السويد 450 مليون كرونة سويدية.", "sweden", "amount"),
        ("Japan gave IOM US$3.63 billion.", "japan", "amount"),
        # years swapped, changed, printed wrongly
        ("يمتد البرنامج من حزيران 2025 إلى أيار 2022.", "sweden_period", "date"),
        ("مولت اليابان المرحلة التجريبية في 2020-2019.", "pilot", "period"),
        ("المشروع ممول للفترة ٢٠٢٠–٨٠٢١.", "japan", "number"),
        # dollar and euro, and the dollars of other countries
        ("قدمت اليابان 3.63 مليون يورو.", "japan", "amount"),
        ("قدمت اليابان 3.63 مليون دولار أسترالي.", "japan", "amount"),
        ("Sweden will provide 45 million euros.", "sweden", "amount"),
        # figures moved between donors, receivers and years
        ("قدمت النرويج 5 ملايين دولار.", "two", "moved"),
        ("حصلت اليونيسف على 5 ملايين دولار.", "two", "moved"),
        # donors, persons and bodies invented
        ("قدمت مؤسسة النور الخيرية 3.63 مليون دولار.", "japan", "unknown_name"),
        ("قال السفير جون ماكدونالد إن اليابان قدمت 3.63 مليون دولار.", "japan", "unknown_name"),
        ("قدمت كندا 3.63 مليون دولار.", "japan", "name"),
        # rounding is stating another figure
        ("قدمت اليابان نحو 3.6 مليون دولار.", "japan", "amount"),
        ("قدمت اليابان قرابة أربعة ملايين دولار.", "japan", "amount"),
        ("استفاد أكثر من 8,000 شخص من المرحلة.", "pilot", "count"),
        # more than, less than
        ("تقدم السويد أكثر من 45 مليون كرونة سويدية.", "sweden", "qualifier"),
        ("Japan gave IOM more than US$3.63 million.", "japan", "qualifier"),
        # giver and receiver exchanged
        ("قدمت المنظمة الدولية للهجرة 3.63 مليون دولار لحكومة اليابان.", "japan", "role"),
        ("IOM gave US$3.63 million to Japan.", "japan", "role"),
        ("A grant of US$3.63 million from IOM to Japan.", "japan", "role"),
        # a need told as money received, a plan told as done
        ("تسلم الصندوق 31 مليون دولار.", "gap", "role"),
        ("درّب الصندوق 320 قابلة.", "sweden_plan", "role"),
        ("320 midwives were trained.", "sweden_plan", "role"),
        # superlatives and statements of one's own
        ("هذا أكبر تمويل من حكومة اليابان، ومقداره 3.63 مليون دولار.", "japan", "words"),
        ("مقداره 3.63 مليون دولار، ما يثبت فساد الحكومة وفشلها.", "japan", "words"),
    ],
)
def test_each_corruption_is_caught_and_named(text: str, source: str, kind: str) -> None:
    """By the fault that the model is told."""
    assert kind in _kinds(text, source, language="en" if text.isascii() else "ar")


@pytest.mark.parametrize(
    "quote",
    [
        "تمويل إضافي من حكومة اليابان مقداره … للفترة 2020-2021",
        "ستواصل المنظمة الدولية للهجرة وقد انتفع بتلك المرحلة أكثر من 8,500 شخص",
        "تمويل إضافي من حكومة اليابان مقداره 36.3 مليون دولار أمريكي",
        "تمويل من حكومة اليابان مقداره 3.63 مليون دولار أمريكي",
    ],
)
def test_a_quote_stitched_changed_or_shortened_is_caught(quote: str) -> None:
    """From two places, with an ellipsis, with a figure changed, with a word left out."""
    assert _kinds("قدمت اليابان 3.63 مليون دولار.", quotes=(quote,)) == {"quote"}


def test_true_quotes_do_not_make_a_false_sum() -> None:
    """Figures of two quotes, each true, are not added by a model."""
    assert "amount" in _kinds("قدمت اليابان والولايات المتحدة معاً 76.63 مليون دولار.", "japan", "wfp")


@given(st.data())
def test_no_changed_digit_passes(data: st.DataObject) -> None:
    """Whichever digit of a right sentence is changed, in whichever script."""
    text = data.draw(st.sampled_from([_JAPAN, _JAPAN.translate(_EASTERN)]))
    at = data.draw(st.sampled_from([m.start() for m in re.finditer(r"\d", text)]))
    row = "٠١٢٣٤٥٦٧٨٩" if text[at] in "٠١٢٣٤٥٦٧٨٩" else "0123456789"
    changed = text[:at] + data.draw(st.sampled_from(sorted(set(row) - {text[at]}))) + text[at + 1 :]
    assert _kinds(text, "japan") == set()
    assert _kinds(changed, "japan"), changed


@given(st.integers(1, 9999), st.sampled_from(["مليون", "مليار", "ألف"]), st.sampled_from(["دولار", "يورو", "ين"]))
def test_a_sum_stands_where_its_value_stands(value: int, magnitude: str, money: str) -> None:
    """However it is written: a sentence with a sum passes if and only if the quote states that sum in that money."""
    words = f"قدمت اليابان {value} {magnitude} {money}."
    stated = {(q.value, q.unit) for q in read(SOURCES["japan"].text).quantities}
    mine = {(q.value, q.unit) for q in read(words).quantities if q.kind == "amount"}
    assume(mine)
    assert (_kinds(words, "japan") == set()) == (mine <= stated)


@given(st.text(alphabet="\u200b\u200e\u202e\u0640\u064b ", max_size=6), st.integers(0, 40))
def test_unseen_characters_change_no_verdict(noise: str, at: int) -> None:
    """Marks, tatweel and zero-width characters hide neither a right figure nor a wrong one."""
    wrong = "قدمت اليابان 9.63 مليون دولار."
    assert _kinds(wrong[:at] + noise + wrong[at:], "japan")


def test_sentences_written_by_hand_are_judged_rightly() -> None:
    """A hundred and forty paraphrases and mistakes over the samples and the second set; the figures are the benchmark's."""
    root = Path(__file__).parents[2] / "benchmarks" / "data"
    reads = read_folder(root.parents[1] / "samples" / "releases") + read_folder(root / "second-set" / "releases")
    for name, wanted, most in (("paraphrases", True, 2), ("mistakes", False, 1)):
        cases = hand_cases(reads, root / "verifier" / f"{name}.yaml")
        assert len(cases) > 40
        wrong = [
            c.sentence.text for c in cases if verify([c.sentence], c.sources, c.language).clean is not wanted
        ]  # fmt: skip
        assert len(wrong) <= most, wrong
