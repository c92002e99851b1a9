"""What is checked of an answer."""

from dataclasses import replace

import pytest

from answering.answer import Answer
from answering.corpus import View
from evaluation.cases import Case
from evaluation.checks import check
from tests.evaluation.conftest import CANADA
from tests.evaluation.prompt_samples import answer, case, citation, refusal, trace

_CASE = case(has=(("2.5", "2,5"),), lacks=("6.5", "41 مليون"), sources=(("canada.txt", "other.txt"),), max_length=200)


def _faults(which: Case, given: Answer, view: View) -> dict[str, str]:
    return {c.name: c.detail for c in check(which, given, view.ledger) if not c.held}


def test_a_right_answer_has_no_fault(view: View) -> None:
    """All checks are made and all hold."""
    made = check(_CASE, answer(), view.ledger)
    assert all(c.held for c in made), made
    assert [c.name for c in made] == ["refusal", "lacks", "has", "sources", "quotes", "figures", "verifier", "length"]


@pytest.mark.parametrize(
    ("given", "name", "told"),
    [
        (answer("قدمت كندا دعماً لليونيسف [1]"), "has", "lacks 2.5"),
        (answer("قدمت كندا 2.5 مليون من حزمة 41 مليون دولار [1]"), "lacks", "says 41 مليون"),
        (answer("قدمت كندا 12.5 مليون دولار كندي [1]"), "has", "lacks 2.5"),
        (refusal(), "refusal", "refused"),
        (answer("2.5 " + "كندا " * 60 + "[1]"), "length", "characters of 200"),
        (answer("قدمت كندا 2.5 مليون دولار كندي"), "quotes", "[1] is cited by no sentence"),
        (answer("قدمت كندا 2.5 مليون دولار كندي [1][2]"), "quotes", "[2] points nowhere"),
        (answer("قدمت كندا 2.5 مليون دولار كندي [1]", citation(start=3)), "quotes", "[1] is not canada.txt to the letter"),
        (answer("2.5 [1]", citation(release="gone.txt")), "quotes", "[1] names no release of the corpus: gone.txt"),
        (answer("2.5 [1]", citation(release="gone.txt")), "sources", "cites gone.txt, not canada.txt"),
        (answer("قدمت كندا 2.5 مليون [1]", citation(quote=CANADA[:20])), "figures", "2.5 in no quote"),
        (answer("قدمت فرنسا 2.5 مليون دولار كندي [1]"), "verifier", "name «فرنسا»"),
        (answer("قدمت كندا 2.5 مليون دولار كندي و9 ملايين يورو [1]"), "verifier", "9"),
    ],
)  # fmt: skip
def test_each_fault_is_told(view: View, given: Answer, name: str, told: str) -> None:
    """By the check that finds it, in words."""
    assert told in _faults(_CASE, given, view)[name]


def test_a_wrong_refusal_is_one_fault(view: View) -> None:
    """What it does not say is not held against it too."""
    assert _faults(_CASE, refusal(), view) == {"refusal": "refused"}


def test_what_must_not_be_said_must_not_be_said_in_a_refusal(view: View) -> None:
    """A refusal that gives the figure away is no refusal."""
    wanted = case(refuse=True, lacks=("2.5",))
    assert _faults(wanted, refusal(), view) == {}
    assert _faults(wanted, replace(refusal(), text="لا يذكر البيان ذلك، بل 2.5"), view) == {"lacks": "says 2.5"}
    assert "refusal" in _faults(wanted, answer(), view)


def test_a_report_that_nobody_has_judged_checks_what_holds_for_all(view: View) -> None:
    """Quotes and verification; refusing is allowed."""
    assert [c.name for c in check(case(), answer(), view.ledger)] == ["quotes", "verifier"]
    assert check(case(), refusal(), view.ledger) == ()


@pytest.mark.parametrize("reason", ["unreachable", "timeout", "rate", "malformed", "budget", "unverified", "rejected"])
def test_a_fall_back_is_no_success_of_the_prompt(view: View, reason: str) -> None:
    """However right the extractive answer is that took over."""
    given = answer(trace=trace("fallback", reason=reason, faults=("amount: 3 ملايين",)))
    told = _faults(_CASE, given, view)["verifier"]
    assert "the extractive answer was shown" in told
    assert "amount: 3 ملايين" in told


def test_a_repaired_answer_holds_and_says_what_was_repaired(view: View) -> None:
    """The author sees what the verifier had to mend."""
    made = check(_CASE, answer(trace=trace("repaired", faults=("amount: 3",))), view.ledger)
    assert next(c for c in made if c.name == "verifier").detail == "repaired: amount: 3"
    assert all(c.held for c in made)


def test_the_head_of_a_computed_answer_is_the_computation(view: View) -> None:
    """Its parts are verified, the sum stands in no quote."""
    text = "المجموع: 9 ملايين دولار\n• كندا: 2.5 مليون دولار كندي [1]"
    assert _faults(case(has=(("9",),)), answer(text, plan="aggregate"), view) == {}
    wrong = text.replace("2.5", "2.6")
    assert "verifier" in _faults(case(has=(("9",),)), answer(wrong, plan="aggregate"), view)


def test_an_answer_in_another_language_is_told(view: View) -> None:
    """Quotes stay Arabic, the answer's own words follow the question."""
    assert "not in the question's language" in _faults(case(), answer(language="en"), view)["verifier"]


def test_an_answer_that_was_reported_before_is_told(view: View) -> None:
    """It is no fault by itself: the complaint may have been wrong."""
    made = check(replace(case(), reported="قدمت كندا ٢٫٥ مليون دولار كندي [1]"), answer(), view.ledger)
    assert (made[0].name, made[0].held, made[0].detail) == ("reported", True, "still the answer that was reported")
    assert check(replace(case(), reported="جواب آخر"), answer(), view.ledger)[0].name == "quotes"
