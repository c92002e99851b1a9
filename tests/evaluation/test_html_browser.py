"""The HTML report opened in a real headless Chromium, as on a phone and as on a desk."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluation.baseline import compare
from evaluation.html import to_html
from evaluation.report import Passage, Report, Try
from evaluation.responses import Written
from tests.evaluation.conftest import CANADA
from tests.evaluation.prompt_samples import answer, cell, citation, report, trace

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install --group dev")
_CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
_DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.skipif(
        not (_CHROMIUM and _DRIVER), reason="no Chromium with its driver: apt-get install chromium chromium-driver"
    ),
    pytest.mark.xdist_group("chromium"),
]

_PHONE, _DESK = (390, 844), (1280, 900)
_OLD, _NEW = "answer/v1 · openai:m", "answer/v2 · openai:m"
_ATTACK = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'><style>body{display:none}</style>"


def _try(text: str, *held: bool) -> Try:
    made = answer(text, replace(citation(), url="https://example.org/canada"), trace=trace())
    checks = cell("c", *held).tries[0].checks
    written = (Written('{"sentences": ["' + "طويل" * 200 + '"]}', "f.json"),)
    return Try(made, checks, seconds=1.2, passages=(Passage(1, "قبل ", " بعد"),), written=written)


def _report() -> Report:
    rows = []
    for name, tags, old, new, held in (
        ("funding-canada", ("funding",), "قدمت كندا ٢٫٥ مليون دولار كندي [1]", "قدمت كندا 2.5 مليون دولار [1]", True),
        ("period-canada", ("period", "refusal"), "حتى أيلول 2022 [1]", f"{_ATTACK} حتى 2022 [1]", False),
        ("long-" + "x" * 60, ("funding",), "أ" * 300 + " [1]", "ادارة 77 [1]", True),
    ):
        cells = (
            replace(cell(_OLD, True), tries=(_try(old, True),)),
            replace(cell(_NEW, held), tries=(_try(new, held),)),
        )
        rows.append(replace(report((name, cells)).rows[0], tags=tags))
    return replace(report(("x", [cell(_OLD, True), cell(_NEW, True)])), rows=tuple(rows))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report held against a baseline."""
    found, before = _report(), _report()
    worse = replace(
        before.rows[1], cells=tuple(replace(c, tries=(_try("جواب أقدم [1]", True),)) for c in before.rows[1].cells)
    )
    before = replace(before, rows=(before.rows[0], worse, before.rows[2]))
    path = tmp_path_factory.mktemp("html") / "report.html"
    path.write_text(to_html(found, baseline=before, comparison=compare(found, before)), "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all tests; it may reach nothing."""
    options = webdriver.ChromeOptions()
    options.binary_location = _CHROMIUM
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(_DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def phone(chromium: Any, page: str) -> Any:
    """The page as a phone shows it."""
    return _open(chromium, page, _PHONE)


def _open(chromium: Any, page: str, size: tuple[int, int]) -> Any:
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    chromium.get("about:blank")
    chromium.get(page)
    return chromium


def _shown(driver: Any) -> list[str]:
    cases = driver.find_elements("css selector", ".case")
    return [c.find_element("css selector", ".about bdi").text.split("-")[0] for c in cases if c.is_displayed()]


def _set(driver: Any, name: str, value: str) -> None:
    driver.execute_script(
        "const e = document.getElementById(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('input'))",
        name, value,
    )  # fmt: skip


@pytest.mark.parametrize("size", [_PHONE, _DESK, (320, 568)], ids=["phone", "desk", "small phone"])
def test_nothing_is_wider_than_the_screen(chromium: Any, page: str, size: tuple[int, int], tmp_path: Path) -> None:
    """Right to left, with every case open, without sideways scrolling, whatever an answer holds."""
    driver = _open(chromium, page, size)
    driver.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
    wide, inner = driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= inner
    cut = "return [...document.querySelectorAll('.text, pre, .ask, h2, h3, blockquote')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map((e) => e.className + e.tagName)"
    assert driver.execute_script(cut) == []
    assert driver.execute_script("return getComputedStyle(document.body).direction") == "rtl"
    assert driver.save_screenshot(str(tmp_path / "report.png"))


def test_markup_in_an_answer_neither_runs_nor_loads(phone: Any) -> None:
    """It is shown as it was written; nothing was fetched and the console is silent."""
    assert phone.execute_script("return window.hit") is None
    assert phone.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert not phone.find_elements("css selector", "img")
    assert "window.hit = 1" in phone.find_elements("css selector", ".case")[1].get_attribute("textContent")
    assert phone.get_log("browser") == []


def test_cases_are_filtered_by_result_tag_and_text(phone: Any) -> None:
    """Each alone and together; text is found in other digits and spellings too."""
    assert len(_shown(phone)) == 3
    _set(phone, "status", "fail")
    assert _shown(phone) == ["period"]
    _set(phone, "status", "worse")
    assert _shown(phone) == ["period"]
    _set(phone, "status", "")
    _set(phone, "tag", "funding")
    assert _shown(phone) == ["funding", "long"]
    _set(phone, "search", "كنْدا ٧٧ إُدارة")
    assert _shown(phone) == ["long"]
    assert phone.find_element("id", "shown").text == "1"
    _set(phone, "search", "لا شيء كهذا")
    assert phone.find_element("id", "none").is_displayed()


def test_only_where_columns_differ(phone: Any) -> None:
    """One tap leaves the cases that tell two versions apart."""
    phone.find_element("id", "different").click()
    assert _shown(phone) == ["period"]


def test_a_mark_leads_to_its_quote_in_the_passage(phone: Any) -> None:
    """The quote is marked between the words around it, and opened if it was folded."""
    case = phone.find_elements("css selector", ".case")[0]
    case.find_element("css selector", "summary").click()
    section = case.find_element("css selector", ".answer")
    section.find_element("css selector", "details summary").click()  # fold the quotes
    quote = section.find_element("css selector", "blockquote")
    assert not quote.is_displayed()
    section.find_element("css selector", ".text a").click()
    assert quote.is_displayed()
    assert quote.find_element("css selector", "p").text == f"قبل {CANADA} بعد"
    assert quote.find_element("css selector", "mark").text == CANADA
    link = quote.find_element("css selector", "a").get_attribute("href")
    assert link.startswith("https://example.org/canada#:~:text=")


def test_differences_between_two_versions_are_shown_word_by_word(phone: Any) -> None:
    """What the other version said is struck out, what this one says is marked, and the choice can be taken back."""
    phone.execute_script("document.querySelectorAll('.case').forEach((c) => { c.open = true; })")
    _set(phone, "compare", _OLD)
    old, new = phone.find_elements("css selector", ".case")[0].find_elements(
        "css selector", ".answer:not(.earlier-answer)"
    )
    assert [e.text for e in new.find_elements("css selector", ".difference del")] == ["٢٫٥", "كندي"]
    assert [e.text for e in new.find_elements("css selector", ".difference ins")] == ["2.5"]
    assert old.find_element("css selector", ".text").is_displayed()
    _set(phone, "compare", "")
    assert new.find_element("css selector", ".text").is_displayed()


def test_the_answer_of_the_baseline_can_be_compared(phone: Any) -> None:
    """It appears beside the others when it is chosen."""
    case = phone.find_elements("css selector", ".case")[1]
    case.find_element("css selector", "summary").click()
    earlier = case.find_elements("css selector", ".earlier-answer")
    assert not any(e.is_displayed() for e in earlier)
    _set(phone, "compare", f"baseline: {_NEW}")
    assert [e.is_displayed() for e in earlier] == [False, True]
    assert "جواب أقدم" in earlier[1].text
    assert case.find_elements("css selector", ".answer")[1].find_elements("css selector", ".difference del")
