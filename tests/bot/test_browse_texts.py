"""What browsing shows: releases, donors, grants; pure of Telegram."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from answering.corpus import Corpus, View
from bot.grants import donors, donors_text, grants, grants_text, understood
from bot.keyboards import pager, release_key
from bot.releases import find, listed, page_of, release_page, search
from bot.richtext import bare, html
from bot.texts import LANGUAGES, Texts
from tests.bot import corpus
from tests.bot.test_richtext import Parsed
from vectorstore.embeddings import load_embeddings

AR, EN = Texts.load()["ar"], Texts.load()["en"]


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    data: Path = corpus.build(tmp_path_factory.mktemp("browse") / "data")
    opened = Corpus(data, load_embeddings(None))
    with opened.view() as seen:
        yield seen
    opened.close()


def test_donors_add_grants_only(view: View) -> None:
    """Cumulative totals and reposts are no grants; currencies stay apart; most grants first."""
    found = donors(view.ledger)
    assert [(d.id, d.grants, [(s.unit, s.value) for s in d.sums]) for d in found] == [
        ("NO", 2, [("USD", Decimal(10_500_000))]),
        ("IT", 1, [("EUR", Decimal(1_200_000))]),
    ]
    shown = bare(donors_text(found, AR))
    assert "• النرويج: منحتان، 10.5 مليون دولار أمريكي" in shown
    assert "60" not in shown


@pytest.mark.parametrize(
    ("words", "releases"),
    [
        ("", ["norway-undp.md", "norway-unicef.txt", "italy-fao.txt"]),
        ("النرويج", ["norway-undp.md", "norway-unicef.txt"]),
        ("النرويح 2022", ["norway-unicef.txt"]),
        ("Norway Iraq", ["norway-undp.md"]),
        ("نەرویج سووریا", ["norway-unicef.txt"]),
        ("سوريا", ["norway-unicef.txt"]),
        ("اليونيسف", ["norway-unicef.txt"]),
        ("٢٠٢١ - ٢٠٢٢", ["norway-unicef.txt", "italy-fao.txt"]),
        ("النرويج إيطاليا", ["norway-undp.md", "norway-unicef.txt", "italy-fao.txt"]),
        ("السويد", []),
    ],
)
def test_words_choose_grants(view: View, words: str, releases: list[str]) -> None:
    """Donors, recipients, places and years in any language, with a typing error, choose among the grants."""
    asked = understood(words, view.ledger, AR)
    assert asked.unknown == ()
    assert [r.release for r in grants(view.ledger, asked.wanted)] == releases


def test_words_that_are_not_understood_are_told(view: View) -> None:
    """What names nothing is said back."""
    asked = understood("النرويج بطاريق", view.ledger, AR)
    assert asked.unknown == ("بطاريق",)
    assert "لم أفهم: بطاريق" in bare(grants_text(view.ledger, asked, 0, AR))


def test_a_grant_shows_its_parties_and_links_its_source(view: View) -> None:
    """Amount in bold, who gives to whom, the year, the title that opens the release at the words."""
    text = grants_text(view.ledger, understood("العراق", view.ledger, AR), 0, AR)
    parsed = Parsed(html(text))
    assert "<b>7.5 مليون دولار أمريكي</b>\nالنرويج ← برنامج الأمم المتحدة الإنمائي · 2023" in html(text)
    assert parsed.links[0].startswith("https://undp.example.org/iraq/norway?a=1&b=2#:~:text=")
    every = bare(grants_text(view.ledger, understood("", view.ledger, EN), 0, EN))
    assert every.endswith("Totals by currency: 10.5 million US dollars + 1.2 million euros")


def test_the_page_of_a_release(view: View) -> None:
    """A release's page names donor, recipient, amount, period and places in its words, and tells a repost."""
    shown = bare(release_page(view.ledger, "norway-undp.md", AR))
    assert "5 آذار/مارس 2023 · برنامج الأمم المتحدة الإنمائي – العراق" in shown
    assert "الممول: النرويج\nالمتلقي: برنامج الأمم المتحدة الإنمائي\nالمبلغ: 7.5 مليون دولار أمريكي" in shown
    assert "المدة: من نيسان 2023 إلى آذار 2025" in shown or "المدة: نيسان 2023 إلى آذار 2025" in shown
    assert "إعادة نشر لخبر: إيطاليا تساند صيادي غزة" in bare(release_page(view.ledger, "italy-fao-repost.txt", AR))
    assert "60 مليون" not in bare(release_page(view.ledger, "norway-unicef.txt", AR)).split("\n\n")[1]


def test_search_finds_by_names_and_by_words(view: View) -> None:
    """Names find in any language, words find by relevance, chance finds nothing."""
    assert search(view, "Syria") == ["norway-unicef.txt"]
    assert search(view, "الألغام")[0] == "norway-undp.md"
    assert search(view, "qwerty") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_page_through_everything(view: View, language: str) -> None:
    """The pages of a list hold every release once; a page beyond the end is the last one."""
    ids = view.ledger.ids()
    pages = [page_of(ids, n, 3) for n in range(2)]
    assert [*pages[0].ids, *pages[1].ids] == ids
    assert page_of(ids, 9, 3) == pages[1]
    assert page_of([], 0).pages == 1
    shown = Parsed(html(listed(view.ledger, pages[0], "<x>", Texts.load()[language]))).text  # type: ignore[index]
    assert "<x>" in shown


def test_a_key_finds_its_release(view: View) -> None:
    """A key of 12 digits finds the release, one of a release that is gone none."""
    assert find(view.ledger, release_key("italy-fao.txt")) == "italy-fao.txt"
    assert find(view.ledger, release_key("gone.txt")) is None


def test_the_pager_goes_where_there_are_pages() -> None:
    """No buttons for a single page; no way before the first and behind the last."""
    assert pager("b:p:-", 0, 1) == []
    assert [b.callback_data for b in pager("b:p:-", 0, 3)] == ["b:p:-:0", "b:p:-:1"]
    assert [b.text for b in pager("b:p:-", 1, 3)] == ["‹", "2/3", "›"]
