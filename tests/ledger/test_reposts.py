"""Releases that repeat another."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.release import Release
from ledger.rows import Filter
from ledger.store import Ledger, write
from tests.ledger.releases import release

_BODY = (
    "قدمت لوكسمبورغ لمنظمة الصحة العالمية في جيبوتي 1.4 مليون يورو لتجهيز ستة مراكز صحية في تاجورة. "
    "ويخدم المشروع 21,000 مراجع في السنة، ويدرب 45 قابلة على رعاية الحوامل والمواليد في القرى البعيدة."
)
_ORIGINAL = release(
    "who.txt", f"لوكسمبورغ تجهز مراكز تاجورة\n\nجيبوتي، 3 آذار 2022 – {_BODY}\n", date(2022, 3, 3)
)  # fmt: skip
_REPOST = release(
    "paper.txt",
    "لوكسمبورغ تساعد جيبوتي\n\nجيبوتي، 6 آذار 2022 (الصحيفة) – أعلنت المنظمة أن لوكسمبورغ قدمت لمنظمة الصحة العالمية في جيبوتي "
    "1.4 مليون يورو لتجهيز ستة مراكز صحية في تاجورة. ويخدم المشروع 21,000 مراجع في السنة.\n",
    date(2022, 3, 6),
)


def _write(path: Path, *releases: Release, removed: tuple[str, ...] = ()) -> None:
    write(path, [(r, "1") for r in releases], removed)


def _originals(path: Path) -> dict[str, str | None]:
    ledger = Ledger(path)
    found = {name: ledger.original(name) for name in ledger.ids()}
    ledger.close()
    return found


def _total(path: Path) -> Decimal:
    ledger = Ledger(path)
    (total,) = ledger.totals(Filter(kinds=("funding",), roles=("grant",), main=True, reposts=False))
    ledger.close()
    return total.value


@pytest.mark.parametrize("order", [(_ORIGINAL, _REPOST), (_REPOST, _ORIGINAL)])
def test_a_repost_is_marked_and_counted_once(tmp_path: Path, order: tuple[Release, ...]) -> None:
    """Whichever is ingested first, the earlier by date is the original, and a total adds the sum once."""
    path = tmp_path / "ledger.db"
    for item in order:
        _write(path, item)
    assert _originals(path) == {"who.txt": None, "paper.txt": "who.txt"}
    assert _total(path) == 1_400_000
    ledger = Ledger(path)
    marked = {(r.release, r.repost) for r in ledger.rows(Filter())}
    assert marked == {("who.txt", False), ("paper.txt", True)}
    ledger.close()


def test_without_its_original_a_repost_stands_for_itself(tmp_path: Path) -> None:
    """Removal of the original, or its change to another sum, leaves the repost as the news."""
    path = tmp_path / "ledger.db"
    _write(path, _ORIGINAL, _REPOST)
    _write(path, removed=("who.txt",))
    assert _originals(path) == {"paper.txt": None}
    assert _total(path) == 1_400_000
    _write(path, _ORIGINAL)
    assert _originals(path)["paper.txt"] == "who.txt"
    other = release(
        "who.txt", "سويسرا تدعم لبنان\n\nقدمت سويسرا لليونيسف في لبنان 2 مليون فرنك سويسري لمدارس طرابلس.\n"
    )
    _write(path, other)
    assert _originals(path) == {"paper.txt": None, "who.txt": None}


@pytest.mark.parametrize("printed", ["14 مليون", "1.40 مليون", "1.4 مليار"])
def test_a_repost_that_misprints_the_sum_by_a_power_of_ten_is_a_repost(tmp_path: Path, printed: str) -> None:
    """A lost comma makes no second grant; nor does a zero more behind it."""
    path = tmp_path / "ledger.db"
    wrong = release("paper.txt", _REPOST.text.replace("1.4 مليون", printed), date(2022, 3, 6))
    _write(path, _ORIGINAL, wrong)
    assert _originals(path) == {"who.txt": None, "paper.txt": "who.txt"}
    assert _total(path) == 1_400_000


def test_ten_times_the_sum_for_other_people_is_another_grant(tmp_path: Path) -> None:
    """Its other figures are its own, though its words are much the same."""
    path = tmp_path / "ledger.db"
    text = _REPOST.text.replace("1.4 مليون", "14 مليون").replace("21,000", "90,000")
    _write(path, _ORIGINAL, release("b.txt", text, date(2022, 3, 20)))
    assert _originals(path) == {"who.txt": None, "b.txt": None}


def test_the_same_sum_in_another_year_is_another_grant(tmp_path: Path) -> None:
    """A yearly contribution in the same words is no repost."""
    path = tmp_path / "ledger.db"
    next_year = release("who-2023.txt", _ORIGINAL.text.replace("2022", "2023"), date(2023, 3, 2))
    _write(path, _ORIGINAL, next_year)
    assert _originals(path) == {"who.txt": None, "who-2023.txt": None}
    assert _total(path) == 2_800_000


def test_a_repost_is_found_among_many_releases_with_its_sum(tmp_path: Path) -> None:
    """A round sum that many announce at other times hides no repost; one without a date may be near to any."""
    path = tmp_path / "ledger.db"
    others = [
        release(f"other-{year}.txt", _ORIGINAL.text.replace("2022", str(year)), date(year, 3, 3))
        for year in range(2008, 2020)
    ]
    undated = release("undated.txt", _REPOST.text.replace("6 آذار 2022", "أمس"), None)
    _write(path, *others, _REPOST, undated, _ORIGINAL)
    found = _originals(path)
    assert found["paper.txt"] == "who.txt"
    assert found["undated.txt"] is not None
    assert all(found[r.id] is None for r in others)


def test_the_same_sum_from_another_donor_is_another_grant(tmp_path: Path) -> None:
    """Two donors give alike in the same week."""
    path = tmp_path / "ledger.db"
    other = release("b.txt", _ORIGINAL.text.replace("لوكسمبورغ", "فنلندا"), date(2022, 3, 8))
    _write(path, _ORIGINAL, other)
    assert _originals(path) == {"who.txt": None, "b.txt": None}


def test_the_same_sum_to_another_body_is_another_grant(tmp_path: Path) -> None:
    """A donor that gives two agencies the same sum on one day gave twice."""
    path = tmp_path / "ledger.db"
    one = release(
        "wfp.txt",
        "فنلندا تطعم تلاميذ تعز\n\nتعز، 4 أيار 2022 – قدمت فنلندا لبرنامج الأغذية العالمي في اليمن 2 مليون يورو لوجبات التلاميذ.\n",
        date(2022, 5, 4),
    )
    two = release(
        "unicef.txt",
        "فنلندا تصلح مدارس إب\n\nإب، 4 أيار 2022 – منحت فنلندا اليونيسف في اليمن 2 مليون يورو لإصلاح صفوف مدرسية تضررت.\n",
        date(2022, 5, 4),
    )
    _write(path, one, two)
    assert _originals(path) == {"wfp.txt": None, "unicef.txt": None}
    assert _total(path) == 4_000_000


def test_a_third_release_with_a_shared_sum_leaves_a_repost_a_repost(tmp_path: Path) -> None:
    """A release that shares another sum with a repost, and none with its original, does not make an original of it."""
    path = tmp_path / "ledger.db"
    more = release(
        "paper.txt", _REPOST.text + "وكانت لوكسمبورغ قد منحت المنظمة في 2019 مبلغ 5 ملايين يورو.\n", date(2022, 3, 6)
    )
    _write(path, _ORIGINAL, more)
    assert _originals(path)["paper.txt"] == "who.txt"
    third = release(
        "qatar.txt",
        "قطر تدعم الصومال\n\nمقديشو، 9 آذار 2022 – قدمت قطر لليونيسف في الصومال 5 ملايين يورو لحفر آبار في بيدوا.\n",
        date(2022, 3, 9),
    )
    _write(path, third)
    assert _originals(path) == {"who.txt": None, "paper.txt": "who.txt", "qatar.txt": None}
    _write(path, removed=("qatar.txt",))
    assert _originals(path) == {"who.txt": None, "paper.txt": "who.txt"}


def test_the_same_sum_in_another_country_is_another_grant(tmp_path: Path) -> None:
    """One donor, one agency, one day, two countries."""
    path = tmp_path / "ledger.db"
    there = release(
        "there.txt",
        _ORIGINAL.text.replace("جيبوتي", "موريتانيا").replace("تاجورة", "روصو"),
        date(2022, 3, 3),
    )
    _write(path, _ORIGINAL, there)
    assert _originals(path) == {"who.txt": None, "there.txt": None}


def test_a_repost_of_a_repost_stands_on_the_first_that_is_left(tmp_path: Path) -> None:
    """When the original goes, the next becomes it, and what repeats that one is marked anew, wherever it stands."""
    path = tmp_path / "ledger.db"
    first = release(
        "a.txt",
        "قطر تدعم الصومال\n\nمقديشو، 1 آذار 2022 – قدمت قطر لليونيسف في الصومال 5 ملايين دولار أمريكي للآبار.\n",
        date(2022, 3, 1),
    )
    second = release(
        "b.txt",
        "قطر تدعم الصومال\n\nمقديشو، 10 نيسان 2022 – قدمت قطر لليونيسف في الصومال 5 ملايين دولار أمريكي للآبار في بيدوا.\n",
        date(2022, 4, 10),
    )
    third = release(
        "c.txt",
        "قطر تدعم الصومال\n\nمقديشو، 20 أيار 2022 – قدمت قطر لليونيسف في الصومال 5 ملايين دولار أمريكي لآبار في بيدوا.\n",
        date(2022, 5, 20),
    )
    _write(path, third, first, second)
    assert _originals(path) == {"a.txt": None, "b.txt": "a.txt", "c.txt": None}
    _write(path, removed=("a.txt",))
    assert _originals(path) == {"b.txt": None, "c.txt": "b.txt"}


def test_what_a_flip_brings_about_is_followed(tmp_path: Path) -> None:
    """A release that shares no sum with the changed one, but with one that is a repost of it no longer."""
    path = tmp_path / "ledger.db"

    def _two(name: str, day: date, *sums: str) -> Release:
        told = " ".join(f"وقدمت قطر لليونيسف في الصومال {s} دولار أمريكي للآبار." for s in sums)
        return release(name, f"قطر تدعم الصومال\n\n{told}\n", day)

    first = _two("a.txt", date(2022, 3, 1), "5 ملايين")
    second = _two("b.txt", date(2022, 3, 2), "5 ملايين", "8 ملايين")
    third = _two("c.txt", date(2022, 3, 3), "8 ملايين", "9 ملايين")
    fourth = _two("d.txt", date(2022, 3, 4), "9 ملايين")
    _write(path, first, second, third, fourth)
    assert _originals(path) == {"a.txt": None, "b.txt": "a.txt", "c.txt": None, "d.txt": "c.txt"}
    _write(path, removed=("a.txt",))
    assert _originals(path) == {"b.txt": None, "c.txt": "b.txt", "d.txt": None}
