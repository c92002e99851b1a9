"""What changed between the facts of a release as it was and as it is."""

from ledger.difference import Difference, Printed, difference
from ledger.extract import extract_facts
from ledger.rows import rows_of
from tests.ledger.releases import release

_OLD = (
    "هولندا تدعم زاخو\n\n"
    "قدمت هولندا لليونيسف في الأردن 4 ملايين يورو لمدارس إربد. ورُممت 12 مدرسة. ويستمر المشروع حتى آب 2023."
)


def _printed(text: str) -> list[Printed]:
    item = release("a", text)
    rows = rows_of(item, extract_facts(item))
    return [Printed(r, text[r.start : r.end]) for r in rows if r.kind in {"funding", "outcome", "period"}]


def _difference(new: str) -> Difference:
    return difference("a", _printed(_OLD), _printed(new))


def test_the_same_facts_elsewhere_are_no_change() -> None:
    """A sentence put in front moves every span and changes nothing."""
    moved = _OLD.replace("\n\nقدمت", "\n\nفي حفل حضره عدد من المعلمين والأهالي، قدمت")
    assert not _difference(moved)
    assert not _difference(_OLD)


def test_a_new_figure_in_an_old_one_s_place_is_a_change() -> None:
    """Told as from and to, not as one lost and one won."""
    found = _difference(_OLD.replace("4 ملايين", "6 ملايين").replace("12 مدرسة", "15 مدرسة"))
    assert found.changed == (("4 ملايين يورو", "6 ملايين يورو"), ("12 مدرسة", "15 مدرسة"))
    assert not found.added
    assert not found.removed


def test_a_new_fact_is_added_and_a_lost_one_removed() -> None:
    """Each as printed."""
    found = _difference(_OLD.replace(" ويستمر المشروع حتى آب 2023.", " وتدرب 40 معلماً."))
    assert (found.added, found.removed, found.changed) == (("40 معلماً",), ("آب 2023",), ())


def test_a_fact_told_once_more_is_added_once() -> None:
    """Counts matter: two of a fact, of which there was one."""
    assert _difference(_OLD + " ورُممت 12 مدرسة.").added == ("12 مدرسة",)
