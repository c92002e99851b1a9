"""Text with styles: limits, markup, directions."""

import re
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from arabic.bidi import FSI, PDI, RLM, strip_controls
from bot.richtext import LIMIT, Run, bare, cleaned, html, parts, plain, rich, units

CHARACTERS = st.one_of(
    st.sampled_from(
        [*"ابتثقكلمن ةى.،؟!\n\n  12٣٤<>&\"'_*[]()«»", "UNDP", "🌍", "é", " https://a.example/x?a=1&b=2 ", "َ"]
    ),
    st.characters(codec="utf-8"),
)
TEXTS = st.lists(CHARACTERS, max_size=120).map("".join)
RUNS = st.lists(
    st.builds(
        Run,
        TEXTS,
        bold=st.booleans(),
        italic=st.booleans(),
        code=st.booleans(),
        href=st.sampled_from(["", 'https://a.example/?q="1"&r=<2>#:~:text=%D8%A7']),
        block=st.sampled_from(["", "quote", "folded"]),
    ),
    max_size=6,
)


class Parsed(HTMLParser):
    """What Telegram's parser accepts: known tags, properly nested; collects the text and the links."""

    KNOWN = frozenset({"b", "i", "code", "pre", "a", "blockquote"})

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text, self.links, self.code, self._open = "", list[str](), list[str](), list[str]()
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.KNOWN
        assert not {"code", "pre"} & set(self._open)
        self.code += [""] if tag in {"code", "pre"} else []
        self.links += [value or "" for name, value in attrs if name == "href"]
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert "<" not in data
        assert "&" not in data
        self._take(data)

    def handle_entityref(self, name: str) -> None:
        self._take({"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name])

    def _take(self, text: str) -> None:
        self.text += text
        if {"code", "pre"} & set(self._open):
            self.code[-1] += text


def _black(text: str) -> str:
    return re.sub(r"\s+", "", strip_controls(text))


@given(RUNS, st.integers(40, 300))
@example([Run("ا" * 5000)], LIMIT)
@example([Run("UNDP " * 3000 + "وهو"), Run("🌍" * 3000, bold=True)], LIMIT)
@settings(max_examples=150, deadline=None)
def test_parts_keep_the_limit_the_markup_and_the_text(runs: list[Run], limit: int) -> None:
    """Every part is within the limit, valid HTML and not blank; joined they hold every character in order."""
    cut = parts(runs, limit)
    for part in cut:
        parsed = Parsed(html(part))
        assert 0 < units(parsed.text) <= limit
        assert parsed.text == bare(part)
        assert parsed.text.strip()
        assert not re.search("[\ud800-\udfff]", parsed.text)
    assert _black("".join(map(bare, cut))) == _black(bare(cleaned(runs)))


@given(RUNS)
@settings(max_examples=150, deadline=None)
def test_isolates_are_closed_on_their_line(runs: list[Run]) -> None:
    """In every line of a part isolates open and close in turn, and a line that holds Arabic starts right-to-left."""
    for part in parts(runs, 200):
        for line in bare(part).split("\n"):
            depth = 0
            for character in line:
                depth += (character == FSI) - (character == PDI)
                assert depth in {0, 1}
            assert depth == 0


@given(RUNS)
@settings(max_examples=100, deadline=None)
def test_no_marks_in_code(runs: list[Run]) -> None:
    """What is copied from code holds no mark of direction."""
    for part in parts(runs, 300):
        for code in Parsed(html(part)).code:
            assert code == strip_controls(code)


def test_marks_stay_out_of_addresses() -> None:
    """Links, addresses and commands of an Arabic line hold no mark; the Latin name beside them is isolated."""
    (part,) = parts(rich("UNDP تنشر في https://a.example/x_y?b=1&c=2 واكتب /ask ثم ", Run("KfW 2020", code=True)))
    text = bare(part)
    assert text.startswith(RLM + FSI + "UNDP" + PDI)
    assert "https://a.example/x_y?b=1&c=2 " in text
    assert " /ask " in text
    assert f"{FSI}KfW 2020{PDI}" in text
    assert "<code>KfW 2020</code>" in html(part)


def test_cut_at_the_end_of_a_sentence() -> None:
    """A long paragraph is cut behind a full stop, never within a decimal."""
    text = "قدّمت اليابان 3.64 مليون دولار أمريكي للمشروع في السنة الأولى. " * 200
    cut = parts(rich(text))
    assert len(cut) > 2
    assert all(bare(part).endswith(".") for part in cut)


def test_plain_twin_keeps_links() -> None:
    """Without entities the address of a link stands behind the text, once."""
    text = rich("النص ", Run("[1]", href="https://a.example/"), Run("[2]", href="https://a.example/"))
    assert plain(text) == "النص [1][2]\nhttps://a.example/"
