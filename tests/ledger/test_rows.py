"""The ledger's rows: spans to the letter, exact totals, filters."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.rows import KINDS, Filter
from ledger.store import Ledger, state, write
from tests.ledger.releases import release

_RELEASES = {
    "giz": release(
        "giz",
        "ألمانيا تشغّل آبار لحج\n\n"
        "عدن، 5 نيسان 2020 – قدمت الوكالة الألمانية للتعاون الدولي لليونيسف في اليمن 1.10 مليون يورو لتشغيل آبار لحج.\n\n"
        "ويهدف المشروع إلى إيصال الماء إلى 8,000 أسرة، ويستمر من أيار 2020 حتى نيسان 2022.",
        date(2020, 4, 5),
    ),
    "berlin": release(
        "berlin",
        "ألمانيا تطعم نازحي الحديدة\n\n"
        "الحديدة، 9 آب 2021 – قدمت ألمانيا لبرنامج الأغذية العالمي في اليمن 2.20 مليون يورو لوجبات النازحين في الحديدة.\n\n"
        "وكانت ألمانيا قد منحت البرنامج في عام 2017 مبلغ 900 ألف يورو، وبذلك يبلغ مجموع دعمها منذ 2015 إلى اليوم 41 مليون يورو.",
        date(2021, 8, 9),
    ),
    "seoul": release(
        "seoul",
        "كوريا تدعم طرابلس\n\n"
        "طرابلس، 1 حزيران 2021 – منحت جمهورية كوريا لليونيسف في ليبيا 3 ملايين دولار أمريكي لمدارس طرابلس.",
        date(2021, 6, 1),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    write(path, [(r, "1") for r in _RELEASES.values()])
    opened = Ledger(path)
    yield opened
    opened.close()


def _found(ledger: Ledger, **wanted: object) -> list[tuple[str, int]]:
    rows = ledger.rows(Filter(kinds=("funding",), **wanted))  # type: ignore[arg-type]
    return [(r.release, int(r.value or 0)) for r in rows]


def test_every_row_keeps_the_words_and_the_sentence_to_the_letter(ledger: Ledger) -> None:
    """The span is the figure as printed, the quote the sentence around it; every kind of fact has both."""
    rows = ledger.rows(Filter())
    assert {r.kind for r in rows} == set(KINDS) - {"share"}
    for row in rows:
        text = _RELEASES[row.release].text
        assert row.quote_start <= row.start < row.end <= row.quote_end
        assert text[row.quote_start : row.quote_end].strip() == text[row.quote_start : row.quote_end]
    printed = {_RELEASES[r.release].text[r.start : r.end] for r in rows if r.kind == "funding" and r.main}
    assert printed == {"1.10 مليون يورو", "2.20 مليون يورو", "3 ملايين دولار أمريكي"}
    outcome = next(r for r in rows if r.kind == "outcome")
    assert (outcome.value, outcome.unit, outcome.role) == (Decimal(8000), "households", "target")


def test_a_period_keeps_its_ends(ledger: Ledger) -> None:
    """As ISO dates as far as the release states them."""
    (period,) = ledger.rows(Filter(kinds=("period",), releases=("giz",), roles=("range",)))
    assert (period.first, period.last) == ("2020-05", "2022-04")
    assert (period.first_year, period.last_year) == (2020, 2022)
    within = Filter(kinds=("period",), roles=("range",), first_year=2021, last_year=2021)
    assert ledger.rows(within) == [period]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"donors": ("DE",), "main": True}, [("berlin", 2_200_000), ("giz", 1_100_000)]),
        ({"donors": ("giz",)}, [("giz", 1_100_000)]),
        ({"recipients": ("unicef",)}, [("giz", 1_100_000), ("seoul", 3_000_000)]),
        ({"recipients": ("UN",), "main": True}, [("berlin", 2_200_000), ("giz", 1_100_000), ("seoul", 3_000_000)]),
        ({"places": ("LY",)}, [("seoul", 3_000_000)]),
        ({"places": ("YE", "LY")}, []),
        ({"roles": ("cumulative",)}, [("berlin", 41_000_000)]),
        ({"units": ("USD",)}, [("seoul", 3_000_000)]),
        ({"releases": ("seoul", "giz")}, [("giz", 1_100_000), ("seoul", 3_000_000)]),
        ({"first_year": 2021, "main": True}, [("berlin", 2_200_000), ("seoul", 3_000_000)]),
        ({"last_year": 2017}, [("berlin", 900_000)]),
        ({"first_year": 2017, "last_year": 2017}, [("berlin", 900_000)]),
        ({"first_year": 2018, "last_year": 2019}, []),
        ({"donors": ("NO",)}, []),
    ],
)
def test_a_filter_lets_pass_what_it_names(
    ledger: Ledger, wanted: dict[str, object], found: list[tuple[str, int]]
) -> None:
    """A donor with what belongs to it, a sum's own year before that of its release, all conditions at once."""
    assert _found(ledger, **wanted) == found


def test_totals_are_exact_and_keep_currencies_apart(ledger: Ledger) -> None:
    """A tenth is no binary fraction, and yet nothing is rounded; each currency has its own sum."""
    totals = ledger.totals(Filter(kinds=("funding",), main=True))
    assert [(t.unit, t.value, t.rows) for t in totals] == [
        ("EUR", Decimal("3300000"), 2),
        ("USD", Decimal("3000000"), 1),
    ]


def test_cents_add_up(tmp_path: Path) -> None:
    """Ten times ten cents and a cent are one dollar and a cent, as they are printed."""
    path = tmp_path / "ledger.db"
    prices = [f"بلغت كلفة الوجبة {i} نحو 0.10 دولار أمريكي." for i in range(10)]
    text = "عنوان\n\n" + " ".join([*prices, "وبلغت كلفة الماء 0.01 دولار أمريكي."])
    write(path, [(release("a", text), "1")])
    ledger = Ledger(path)
    (total,) = ledger.totals(Filter(kinds=("funding",)))
    assert (total.value, total.rows) == (Decimal("1.01"), 11)
    ledger.close()


def test_a_figure_beyond_all_reason_harms_nothing(tmp_path: Path) -> None:
    """A number of 24 digits is kept as printed and added exactly: it neither stops the ingest nor spoils a total."""
    path = tmp_path / "ledger.db"
    huge = "99999999999999999999999"
    text = f"عنوان\n\nقدمت كندا لليونيسف في اليمن {huge} دولار أمريكي، ثم {huge} دولار أمريكي للمدارس وعددها 12345678901234567890123 مدرسة."
    write(path, [(release("a", text), "1"), *((r, "1") for r in _RELEASES.values())])
    ledger = Ledger(path)
    assert Decimal(huge) in [r.value for r in ledger.rows(Filter(kinds=("funding",), releases=("a",)))]
    by_unit = {t.unit: t.value for t in ledger.totals(Filter(kinds=("funding",)))}
    assert by_unit["USD"] == 2 * Decimal(huge) + 3_000_000
    ledger.close()


def test_large_sums_that_fit_alone_fit_together(tmp_path: Path) -> None:
    """Many sums near the limit of the database's integers are added without overflow."""
    path = tmp_path / "ledger.db"
    each = 90_000_000_000_000_000
    items = [release(f"r{i}", f"عنوان\n\nقدمت كندا لليونيسف {each} دولار أمريكي.") for i in range(3)]
    write(path, [(r, "1") for r in items])
    ledger = Ledger(path)
    (total,) = ledger.totals(Filter(kinds=("funding",), reposts=True))
    assert total.value == 3 * each
    ledger.close()


@pytest.mark.parametrize(("until", "main"), [("حزيران 2022", False), ("كانون الأول 2022", True)])
def test_what_was_done_until_a_month_before_the_release_is_no_end(tmp_path: Path, until: str, main: bool) -> None:
    """It sums up the work; no project is said to end then."""
    text = f"إيطاليا تدعم طرابلس\n\nقدمت إيطاليا لليونيسف 5 ملايين يورو. وأنهى المرفق حتى {until} ترميم 328 مدرسة."
    write(tmp_path / "ledger.db", [(release("it", text, date(2022, 7, 12)), "1")])
    ledger = Ledger(tmp_path / "ledger.db")
    (period,) = ledger.rows(Filter(kinds=("period",)))
    assert (period.role, period.main) == ("end", main)
    ledger.close()


def test_a_release_written_again_replaces_its_rows(tmp_path: Path) -> None:
    """Nothing of the old text is left, nothing is doubled; what is removed is gone with its names."""
    path = tmp_path / "ledger.db"
    write(path, [(_RELEASES["seoul"], "1"), (_RELEASES["giz"], "1")])
    changed = release("seoul", _RELEASES["seoul"].text.replace("3 ملايين", "4 ملايين"), date(2021, 6, 1))
    write(path, [(changed, "2")], removed=["giz"])
    assert state(path) == {"seoul": "2"}
    ledger = Ledger(path)
    assert _found(ledger) == [("seoul", 4_000_000)]
    assert ledger.naming(["DE"]) == []
    assert ledger.naming(["LY", "unicef"]) == ["seoul"]
    assert ledger.naming([]) == []
    assert ledger.naming(["LY"], 1) == ledger.naming(["LY"])[:1] != []
    assert ledger.names("seoul", ["LY", "unicef"])
    assert not ledger.names("seoul", ["LY", "DE"])
    ledger.close()
