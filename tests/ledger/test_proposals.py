"""Facts that a model proposes: what enters stands in the release to the letter and is read so by our rules."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.extract import extract_facts
from ledger.facts import Figure
from ledger.proposals import with_proposals
from ledger.release import Proposal, Release, Span

_LEAD = "عدن، 4 أيار 2022 – قدمت حكومة السويد لمنظمة الصحة العالمية 6.5 مليون دولار أمريكي لتشغيل مراكز صحية في تعز."
_MORE = "وأتاحت النرويج لليونيسف 3 ملايين كرونة نرويجية، و11 مليوناً للمنح."
_TABLE = "وتضم القافلة 24 قاطرة، وتعذر وصول 7٪ منها في عام 2021."
_TEXT = f"عنوان\n\n{_LEAD}\n\n{_MORE} {_TABLE}\n\nللاتصال: 5 موظفين"
_BODY = Span(_TEXT.index(_LEAD), _TEXT.index("\n\nللاتصال"))
_RELEASE = Release("a.txt", _TEXT, "عنوان", (_BODY,))


def _added(*proposals: Proposal) -> list[Figure]:
    """The figures that the proposals add or change."""
    before = {f for s in extract_facts(_RELEASE).statements for f in s.figures}
    facts = extract_facts(replace(_RELEASE, proposals=proposals))
    return [f for s in facts.statements for f in s.figures if f not in before]


_TRUCKS = Proposal(_TABLE, "24 قاطرة", "count", Decimal(24))


def test_parties_that_the_rules_missed_are_completed() -> None:
    """Of a figure that is known, by names of its sentence; nothing else of it changes."""
    facts = extract_facts(_RELEASE)
    known = next(f for s in facts.statements for f in s.figures if f.value == 3_000_000)
    lacking = known._replace(donor=None, recipient=None)
    poorer = replace(
        facts,
        statements=tuple(
            replace(s, figures=tuple(lacking if f == known else f for f in s.figures)) for s in facts.statements
        ),
    )
    words = "3 ملايين كرونة نرويجية"
    proposal = Proposal(_MORE, words, "amount", Decimal(3_000_000), "NOK", "النرويج", "لليونيسف")
    assert with_proposals(replace(_RELEASE, proposals=(proposal,)), poorer) == facts


def test_a_proposal_that_is_known_adds_nothing() -> None:
    """Twice is once."""
    assert _added(Proposal(_LEAD, "6.5 مليون دولار أمريكي", "amount", Decimal(6_500_000), "USD")) == []


def test_a_figure_that_the_rules_dropped_enters_without_a_role() -> None:
    """It is in no total."""
    bare = replace(_RELEASE, proposals=())
    facts = extract_facts(bare)
    stripped = replace(facts, statements=tuple(replace(s, figures=()) for s in facts.statements))
    release = replace(bare, proposals=(_TRUCKS, Proposal(_TABLE, "7٪", "percent", Decimal(7)),
                                       Proposal(_MORE, "11 مليوناً", "amount", Decimal(11_000_000), "NOK")))  # fmt: skip
    figures = [f for s in with_proposals(release, stripped).statements for f in s.figures]
    assert {(f.kind, f.value, f.unit) for f in figures} == {
        ("count", 24, "other"), ("percent", 7, "percent"), ("amount", 11_000_000, "NOK"),
    }  # fmt: skip
    assert {f.role for f in figures} == {"background"}
    assert not any(f.main for f in figures)
    for figure in figures:
        assert _TEXT[figure.start : figure.end].strip()


_GRANT = Proposal(_LEAD, "6.5 مليون دولار أمريكي", "amount", Decimal(6_500_000), "USD", "السويد", None)


@pytest.mark.parametrize(
    "proposal",
    [
        replace(_TRUCKS, value=Decimal(25)),
        replace(_TRUCKS, quote=_TABLE.replace("24", "34"), words="34 قاطرة", value=Decimal(34)),
        replace(_TRUCKS, words="4 قاطرة", value=Decimal(4)),
        replace(_TRUCKS, words="قاطرة"),
        replace(_TRUCKS, quote="", words=""),
        replace(_TRUCKS, kind="amount", unit="USD"),
        replace(_TRUCKS, donor="قطر"),
        replace(_TRUCKS, donor="مؤسسة لا وجود لها"),
        Proposal(_TABLE, "2021", "count", Decimal(2021)),
        Proposal(_TABLE, "عام 2021", "count", Decimal(2021)),
        Proposal("للاتصال: 5 موظفين", "5 موظفين", "count", Decimal(5)),
        replace(_GRANT, value=Decimal(6_500)),
        replace(_GRANT, unit="EUR"),
        replace(_GRANT, words="6.5 مليون", unit="EUR"),
        replace(_GRANT, donor="النرويج"),
        replace(_GRANT, quote=f"{_LEAD} {_MORE}", donor="النرويج"),
        Proposal(_MORE, "11 مليوناً", "amount", Decimal(11_000_000), "USD"),
    ],
)
def test_what_does_not_stand_in_the_release_stays_out(proposal: Proposal) -> None:
    """Other values, words, currencies, names; quotes that are none; years, boilerplate, half numbers, two statements."""
    assert _added(proposal) == []


@given(st.data())
def test_no_proposal_enters_but_by_its_words(data: st.DataObject) -> None:
    """Whatever a model proposes: what enters is the value that our rules read in the words, at their place."""
    start = data.draw(st.integers(0, len(_TEXT) - 1))
    end = data.draw(st.integers(start + 1, len(_TEXT)))
    a = data.draw(st.integers(start, end - 1))
    b = data.draw(st.integers(a + 1, end))
    proposal = Proposal(
        _TEXT[start:end], _TEXT[a:b], data.draw(st.sampled_from(["amount", "count", "percent"])),
        data.draw(st.sampled_from([Decimal(n) for n in (24, 20, 7, 11, 11_000_000, 2021, 6_500_000)])),
        data.draw(st.sampled_from(["", "USD", "NOK", "EUR"])),
    )  # fmt: skip
    for figure in _added(proposal):
        assert figure.value == proposal.value
        assert _BODY.start <= figure.start < figure.end <= _BODY.end
