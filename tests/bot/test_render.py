"""Answers as messages."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardMarkup

from answering.answer import Answer, Citation
from arabic.bidi import strip_controls
from bot.citing import COPIED, locate, passage, press_quote, shortened, source_view
from bot.keyboards import copied_keyboard, release_key, source_keyboard
from bot.render import answer_parts, draft_html, from_html, inline_part, one_style, text_part
from bot.richtext import LIMIT, Run, bare, html, parts, plain, units
from bot.texts import LANGUAGES, Texts
from ledger.release import Release, Span
from tests.bot.test_richtext import TEXTS as WORDS
from tests.bot.test_richtext import Parsed

TEXTS = Texts.load()
AR = TEXTS["ar"]
QUOTE = "أربيل – قدّمت السويد 45 مليون كرونة سويدية (ما يعادل 4.5 مليون دولار) إلى UNFPA لرعاية الحوامل."
TEXT = f"عنوان البيان\n\nجملة تسبق. {QUOTE} جملة تلي.\n\nجملة بعيدة.\n\nللتواصل: a@b.example"
RELEASE = Release(
    "sweden.txt", TEXT, "السويد <و> UNFPA", (Span(14, TEXT.index("\n\nللتواصل")),), date=date(2022, 5, 17),
    publisher="صندوق الأمم المتحدة للسكان", url="https://unfpa.example.org/a_b?x=1&y=2",
)  # fmt: skip


def cited(n: int = 1, quote: str = QUOTE, url: str | None = RELEASE.url, release: str = RELEASE.id) -> Citation:
    start = max(0, TEXT.find(quote))
    return Citation(n, release, RELEASE.title, "2022-05-17", url, quote, start, start + len(quote))


def answered(text: str, *citations: Citation, **more: object) -> Answer:
    return replace(Answer("كم؟", text, False, "fact", "ar", citations), **more)  # type: ignore[arg-type]


def data_of(keyboard: InlineKeyboardMarkup | None) -> list[str]:
    assert keyboard is not None
    return [str(b.callback_data) for row in keyboard.inline_keyboard for b in row if b.callback_data]


def test_an_answer_shows_its_fact_its_links_and_its_sources() -> None:
    """The amount is bold, [1] opens the quoted words, «المصادر» names title and date, the buttons show and copy."""
    (part,) = answer_parts(answered("قدّمت السويد 45 مليون كرونة سويدية [1]", cited()), 7, TEXTS)
    parsed = Parsed(part.html)
    assert "<b>45 مليون كرونة سويدية</b>" in part.html
    assert parsed.links[0].startswith("https://unfpa.example.org/a_b?x=1&y=2#:~:text=")
    lines = strip_controls(parsed.text).split("\n")
    assert lines[0] == "قدّمت السويد 45 مليون كرونة سويدية [1]"
    assert lines[2:] == ["المصادر", "[1] السويد <و> UNFPA — 17 أيار/مايو 2022"]
    assert data_of(part.keyboard) == ["s:7:1", "f:7:up", "f:7:down"]
    assert strip_controls(part.plain).startswith(lines[0])


def test_a_mark_without_an_address_is_bold() -> None:
    """A source that is not on the web has a bold mark instead of a link; a mark without a source stays text."""
    (part,) = answer_parts(answered("نص [1] و[9]", cited(url=None)), 7, TEXTS)
    assert "<b>[1]</b>" in part.html
    assert "و[9]" in part.html
    assert "<a " not in part.html


def test_a_source_cited_twice_is_listed_once() -> None:
    """Two quotes of a release share a line of the list; many releases are folded."""
    two = answered("أ [1]\nب [2]", cited(1), cited(2, "جملة تلي."))
    assert strip_controls(Parsed(answer_parts(two, 7, TEXTS)[0].html).text).count("السويد <و>") == 1
    five = answered("أ [1]", *(cited(n, release=f"{n}.txt") for n in range(1, 6)))
    assert "<blockquote expandable><b>المصادر</b>" in answer_parts(five, 7, TEXTS)[0].html


def test_one_digit_style() -> None:
    """Arabic-Indic digits and separators of a release become Western ones beside those of another."""
    assert one_style("٩٫٢ مليون و٨٬٥٠٠ و12.5 و۳") == "9.2 مليون و8,500 و12.5 و3"


@given(WORDS, st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=2), st.sampled_from(LANGUAGES))
@settings(max_examples=80, deadline=None)
def test_any_answer_makes_valid_messages(text: str, quotes: list[str], notes: list[str], language: str) -> None:
    """Whatever documents hold: messages within the limits, valid HTML, callbacks of 64 bytes at most, no marks copied."""
    citations = tuple(cited(n, quote or "س", release=quote) for n, quote in enumerate(quotes, 1))
    answer = answered(text + "[1]", *citations, notes=tuple(notes), language=language)
    shown = answer_parts(answer, 2**62, TEXTS)
    for part in (*shown, inline_part(answer, TEXTS)):
        assert 0 < units(Parsed(part.html).text) <= LIMIT
        assert 0 < units(part.plain) <= LIMIT
    assert units(Parsed(draft_html(answer)).text) <= LIMIT
    keyboards = [shown[-1].keyboard]
    for citation in citations:
        view = parts(source_view(RELEASE, citation, AR))
        assert all(units(Parsed(html(p)).text) <= LIMIT for p in view)
        keyboards += [source_keyboard(citation, 2**62, True, AR), copied_keyboard(citation, AR)]
    for keyboard in keyboards:
        assert keyboard is not None
        for button in (b for row in keyboard.inline_keyboard for b in row):
            assert len((button.callback_data or "").encode()) <= 64
            if button.copy_text:
                assert 0 < units(button.copy_text.text) <= COPIED
                assert button.copy_text.text == strip_controls(button.copy_text.text)


def test_a_long_answer_is_cut_and_keeps_its_buttons_last() -> None:
    """An answer beyond a message comes in parts; only the last has buttons."""
    long = answered("\n".join(f"• {n}: قدّمت السويد {n} مليون كرونة سويدية [1]" for n in range(300)), cited())
    shown = answer_parts(long, 7, TEXTS)
    assert len(shown) > 2
    assert [bool(p.keyboard) for p in shown] == [False] * (len(shown) - 1) + [True]


def test_a_refusal_offers_the_nearest_releases() -> None:
    """A refusal has a button for each of the nearest releases and no copy."""
    refusal = answered("لا تذكر البيانات ذلك.", refused=True, nearest=("a.txt", "b.txt"))
    assert data_of(answer_parts(refusal, 7, TEXTS)[0].keyboard) == ["s:7:r1", "s:7:r2", "f:7:up", "f:7:down"]


def test_the_passage_stands_among_its_neighbours() -> None:
    """The verbatim quote is bold between the sentence before and the one behind; contact lines are no neighbours."""
    shown = passage(RELEASE, locate(RELEASE, cited()))
    assert bare(shown) == f"جملة تسبق. {QUOTE} جملة تلي."
    assert [r.text for r in shown if r.bold] == [QUOTE]
    last = passage(RELEASE, locate(RELEASE, cited(quote="جملة بعيدة.")))
    assert "للتواصل" not in bare(last)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (TEXT, "same"),
        ("مقدمة جديدة.\n\n" + TEXT, "same"),
        (TEXT.replace("قدّمت السويد", "قدّمت\nالسويد"), "same"),
        (TEXT.replace("45 مليون", "46 مليون"), "changed"),
        ("نص آخر تماماً لا صلة له بما سبق.", "missing"),
    ],
)
def test_a_quote_is_found_again(text: str, state: str) -> None:
    """After a re-ingest a quote that moved is found, one that was reworded is told, with what was cited."""
    release = replace(RELEASE, text=text, body=(Span(0, len(text)),))
    assert locate(release, cited()).state == state
    shown = bare(source_view(release, cited(), AR))
    assert QUOTE in " ".join(shown.split())
    assert ("46 مليون" in shown) == (state == "changed")


def test_a_vanished_release_says_so() -> None:
    """A citation of a release that was removed shows its words and that the release is gone."""
    shown = bare(source_view(None, cited(), AR))
    assert QUOTE in shown
    assert AR("source_gone") in shown


def test_what_is_copied_is_ready_for_the_press() -> None:
    """Sentence, title, date and the plain link, without a mark of direction."""
    assert press_quote(cited(), AR) == f"«{QUOTE}»\nالسويد <و> UNFPA، 17 أيار/مايو 2022\n{RELEASE.url}"


@given(st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_a_shortened_quote_never_halves_a_figure(room: int) -> None:
    """A quote is shortened at a word with …; a number never loses its magnitude or what it counts."""
    text = "قدّمت اليابان 3.64 مليون دولار أمريكي إلى 1,200 أسرة في الأنبار خلال 18 شهراً، ثم مليونين ونصف مليون دولار لنينوى."
    short = shortened(text, room)
    assert units(short) <= max(room, 1)
    if short != text:
        kept = short.removesuffix("…")
        assert text.startswith(kept)
        assert not re.search(r"\d$|مليون$|دولار$|مليونين( ونصف)?$", kept)


def test_the_shortened_copy_keeps_its_credit() -> None:
    """A long sentence loses its end, not the title, the date or the link."""
    quote = press_quote(cited(quote="كلمة " * 80 + "خاتمة."), AR, COPIED)
    assert units(quote) <= COPIED
    assert quote.splitlines()[0].endswith("…»")
    assert quote.endswith(f"السويد <و> UNFPA، 17 أيار/مايو 2022\n{RELEASE.url}")


def test_keys_of_releases_are_short_and_stable() -> None:
    """A release's key is 12 characters whatever its name."""
    assert release_key("بيان " * 50) == release_key("بيان " * 50)
    assert re.fullmatch("[0-9a-f]{12}", release_key("بيان"))


def test_texts_of_the_bot_keep_their_markup() -> None:
    """HTML of the bot's own texts is shown as such, right-to-left, with its plain twin; too long a text ends with …."""
    part = text_part("UNDP <b>تقول</b> &lt;كلمة&gt; <code>/ask</code>", "ar")
    assert "<b>تقول</b>" in part.html
    assert "&lt;كلمة&gt;" in part.html
    assert part.html.startswith("\u200f")
    assert "<b>" not in part.plain
    assert text_part("كلمة " * 3000, "ar").plain.endswith("…")
    assert plain(from_html("أ <a href='https://a.example/?x=1&amp;y=2'>ب</a>")) == "أ ب\nhttps://a.example/?x=1&y=2"
    assert html([Run("x", href='https://a.example/"')]) == '<a href="https://a.example/&quot;">x</a>'


def test_english_texts_stay_left_to_right() -> None:
    """An English line keeps its direction and isolates Arabic names; an Arabic title of its own line is right-to-left."""
    refusal = answered(
        "The releases do not state this (Norway، WFP). Nearest: منحة «سويدية» (2021-06-02)", language="en", refused=True
    )
    text = answer_parts(refusal, 7, TEXTS)[0].plain
    assert text == "The releases do not state this (Norway, WFP). Nearest: \u2068منحة «سويدية»\u2069 (2 June 2021)"
    listed = text_part("Found:\n1. UNDP تدعم\n2. منحة إلى UNDP", "en").plain.split("\n")
    assert listed == ["Found:", "1. UNDP \u2068تدعم\u2069", "2. منحة إلى \u2068UNDP\u2069"]


def test_dates_with_hyphens_stay_in_order() -> None:
    """An ISO date behind Arabic words is isolated, or it would be drawn backwards."""
    assert text_part("صدر في 2021-06-02 عن", "ar").plain == "صدر في \u20682021-06-02\u2069 عن"


@pytest.mark.parametrize(
    ("question", "text", "first"),
    [
        (
            "كم قدمت السويد؟",
            f"أربيل – قدّمت السويد 45 مليون كرونة سويدية {'لرعاية الحوامل ' * 6}[1]",
            "45 مليون كرونة سويدية",
        ),
        ("كم أسرة تستفيد؟", f"وسيستفيد من المشروع 12 ألف أسرة {'في أحياء المدينة ' * 6}[1]", "12 ألف أسرة"),
        ("متى قدمت السويد؟", f"أربيل – قدّمت السويد 45 مليون كرونة سويدية {'لرعاية الحوامل ' * 6}[1]", ""),
        ("كم قدمت السويد؟", f"قدّمت السويد أكثر من 45 مليون كرونة سويدية {'لرعاية الحوامل ' * 6}[1]", ""),
        ("كم قدمت السويد؟", f"قدّمت 45 مليون كرونة سويدية و3 ملايين يورو {'لرعاية الحوامل ' * 6}[1]", ""),
        ("كم قدمت السويد؟", f"ويتجاوز ما قدّمته السويد مبلغ 45 مليون كرونة سويدية {'لرعاية الحوامل ' * 6}[1]", ""),
        ("كم قدمت السويد؟", "قدّمت السويد 45 مليون كرونة سويدية [1]", ""),
    ],
)
def test_the_figure_stands_first(question: str, text: str, first: str) -> None:
    """Above a long sentence stands the one figure that was asked for; never one of several, or without its «more than»."""
    shown = strip_controls(answer_parts(answered(text, cited(), question=question), 7, TEXTS)[0].plain).split("\n")
    assert shown[0] == (first or text)
    assert text in shown


def test_the_nearest_releases_stand_one_a_line() -> None:
    """A refusal numbers the nearest releases as their buttons are numbered, and says their dates in words."""
    text = "لا تذكر البيانات ما سألت عنه (المبلغ). أقرب البيانات: مقاعد: منحة (2021-10-05)؛ مدارس لبنان (2021-10-06)"
    (part,) = answer_parts(answered(text, refused=True, plan="refuse", nearest=("a", "b")), 7, TEXTS)
    assert strip_controls(part.plain).split("\n") == [
        "لا تذكر البيانات ما سألت عنه (المبلغ). أقرب البيانات:",
        "① مقاعد: منحة (5 تشرين الأول/أكتوبر 2021)",
        "② مدارس لبنان (6 تشرين الأول/أكتوبر 2021)",
    ]
    assert part.keyboard is not None
    assert [b.text for b in part.keyboard.inline_keyboard[0]] == ["📄 ①", "📄 ②"]
