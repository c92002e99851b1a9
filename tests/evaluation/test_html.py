"""The HTML report, as text."""

import re
from dataclasses import replace

import pytest

from evaluation.cases import Expect
from evaluation.html import report_texts, segments, to_html
from evaluation.report import Passage, Report
from tests.evaluation.prompt_samples import answer, cell, citation, report

_ATTACK = '</p><script>alert(1)</script><img src=x onerror="alert(2)">"\'><a href="javascript:alert(3)">x</a> [1]'


def _attacked() -> Report:
    """Markup wherever text of others can stand."""
    quoted = replace(citation(quote=_ATTACK), title=_ATTACK, url="javascript:alert(4)", release=_ATTACK)
    made = cell(_ATTACK, False, text=_ATTACK)
    one = replace(
        made.tries[0], answer=answer(_ATTACK, quoted, notes=(_ATTACK,)), passages=(Passage(1, _ATTACK, _ATTACK),)
    )
    row = replace(
        report((_ATTACK, [replace(made, tries=(one,))])).rows[0],
        turns=(_ATTACK,), note=_ATTACK, remark=_ATTACK, reported=_ATTACK, tags=(_ATTACK,), file=_ATTACK,
        expect=Expect(has=((_ATTACK,),), lacks=(_ATTACK,), sources=((_ATTACK,),)),
    )  # fmt: skip
    return replace(report((_ATTACK, [made])), rows=(row,), notes=(_ATTACK,))


def test_markup_of_others_is_text() -> None:
    """No element, attribute or link comes from an answer, a release, a case or a model's name."""
    page = to_html(_attacked())
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert not re.search(r'<[^>]*\sonerror="', page)
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("language", ["ar", "en", "ckb"])
def test_a_page_needs_nothing_else(language: str) -> None:
    """No style, script, picture or font from elsewhere, and a policy that would not let any in."""
    page = to_html(report(("a", [cell("c", True)])), language)
    assert not re.findall(r'(?:src|srcset|@import|url\()\s*=?\s*["\']?(?:https?:)?//', page)
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert f'dir="{"ltr" if language == "en" else "rtl"}"' in page
    assert report_texts()[language]["title"] in page


def test_every_language_has_every_text() -> None:
    """A page never falls back to another language."""
    texts = report_texts()
    assert set(texts) == {"ar", "en", "ckb"}
    assert all(set(words) == set(texts["ar"]) for words in texts.values())
    assert all(all(words.values()) for words in texts.values())


def test_an_answer_is_cut_at_its_marks() -> None:
    """And put together again it is the answer."""
    text = "قدمت كندا [1] والسويد [12]، لا [x]"
    pieces = segments(text)
    assert "".join(p.text for p in pieces) == text
    assert [p.mark for p in pieces if p.mark] == [1, 12]
