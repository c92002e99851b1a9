"""What is the announcement and what stands around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate import body_spans, is_kicker, is_related, label_blocks
from ingest.readers.text import line_blocks

LEAD = "أعلنت المنظمة اليوم أنها تلقت منحة جديدة لتوفير المأوى والمياه لنحو 45,000 نازح في مأرب وحضرموت وعدن."
LAST = "وكانت اليابان قد قدمت في عام 2020 منحة بقيمة مليوني دولار انتفع بها 18,300 شخص في الساحل الغربي."


def body(text: str) -> str:
    blocks = line_blocks(text)
    return "\n".join(text[s.start : s.end] for s in body_spans(text, blocks, label_blocks(text, blocks)))


@pytest.mark.parametrize(
    "around",
    [
        "لمزيد من المعلومات:\nالمنظمة الدولية للهجرة، قسم الإعلام\npress@iom.example.org / +967 1 000 231",
        "للاتصال: media@iom.example.org",
        "*للتواصل:* وحدة الإعلام في المنظمة الدولية للهجرة – اليمن، media@iom.example.org",
        "للاستفسارات الإعلامية:\nأحمد محمد، مسؤول الاتصال\nهاتف: ٠٠٩٦٧١٠٠٠٠٠٠",
        "لمزيد من المعلومات، يرجى الاتصال بـ: فلان الفلاني، +962 6 000 0117، a@b.example",
        "وحدة الإعلام، المنظمة الدولية للهجرة – اليمن\nالبريد: media@iom.example.org",
        "برنامج الأغذية العالمي – مكتب اليمن، الإعلام: yemen@wfp.example.org",
        "For more information: press@wfp.example.org",
        "انتهى / م.ع",
        "- انتهى -",
        "###",
        "***",
        "نبذة عن المنظمة الدولية للهجرة\nتأسست المنظمة في عام 1951، وهي تضم 174 دولة عضواً وتعمل في أكثر من 100 بلد حول العالم.",
        "عن برنامج الأغذية العالمي: أكبر منظمة إنسانية في العالم، تنقذ الأرواح في أكثر من 120 بلداً.",
        "© 2021 برنامج الأغذية العالمي. جميع الحقوق محفوظة.",
        "كلمات دلالية: اليابان، المأوى، 99 مليون",
        "الوسوم: اليابان",
        "شارك: فيسبوك · تويتر",
        "اقرأ أيضاً\nالسويد تقدم 99 مليون كرونة لنزع الألغام\nقرض بقيمة 99 مليون دولار للكهرباء",
        "المشاهدات: 318",
    ],
)
def test_what_stands_after_the_announcement_is_left_out(around: str) -> None:
    """Contacts, end marks, the agency's own story, labels and other news are not quoted."""
    assert body(f"{LEAD}\n\n{LAST}\n\n{around}\n") == f"{LEAD}\n\n{LAST}"


@pytest.mark.parametrize(
    "line",
    [
        "ويمكن لمن لديه سؤال أو شكوى الاتصال مجاناً بمركز المعلومات على الرقم 6999.",
        "للإبلاغ عن الانتهاكات، خصصت المنظمة الخط الساخن 1234 للناجيات في كل المحافظات.",
        "الخط الساخن: 800 5555",
        "للاتصال بالعالم الخارجي، وفرت المنظمة الإنترنت في 12 مخيماً.",
        "عن طريق هذه المنحة ستُرمم 120 مدرسة.",
        "حول العالم، تدعم اليابان 40 بلداً بالغذاء والدواء.",
        "وقال المتحدث باسم الحكومة إن المنحة ستُصرف قبل نهاية العام.",
        "عن صندوق تطوير المشاريع: آلية أُطلقت في 2018 لتمويل المشاريع الصغيرة.",
        "وتُرسل الطلبات حتى 30 حزيران إلى العنوان grants@iom.example.org، ويحصل كل مشروع على 5,000 دولار.",
        "يستمر المشروع من 2020-2021 ويكلف 1,750,000 دولار.",
        "- 3,500,000 دولار للمياه",
        "انتهى العمل في 12 مدرسة، وبدأ في 8 أخرى.",
        "الإعلام شريك أساسي في حملة التوعية التي وصلت إلى 300 ألف شخص.",
    ],
)
def test_content_that_looks_like_boilerplate_stays(line: str) -> None:
    """Services to the people who are helped, programmes explained, and sentences with the same words are content."""
    assert body(f"{LEAD}\n\n{line}\n\n{LAST}\n") == f"{LEAD}\n\n{line}\n\n{LAST}"


def test_an_announcement_goes_on_after_a_contact_block_above_it() -> None:
    """Contacts at the head of a release do not swallow its paragraphs."""
    assert body(f"للاتصال:\nفلان الفلاني\n+967 1 000 000\n\n{LEAD}\n\n{LAST}") == f"{LEAD}\n\n{LAST}"


def test_notes_to_editors_are_content() -> None:
    """What follows the end mark in full sentences is quoted."""
    assert LAST in body(f"{LEAD}\n\nانتهى\n\nملاحظات للمحررين:\n\n{LAST}\n")


@pytest.mark.parametrize(
    "line", ["بيان صحفي", "بيان صحفي – للنشر الفوري", "PRESS RELEASE", "بيان صحفي رقم 12", "للنشر | عدن"]
)
def test_kickers_are_known(line: str) -> None:
    """Lines that only say what kind of text follows."""
    assert is_kicker(line)


@pytest.mark.parametrize("line", ["بيان المنظمة بشأن اليمن يدعو إلى السلام", "خاص بالنازحين في عدن ومأرب", LEAD])
def test_headlines_are_no_kickers(line: str) -> None:
    """A headline may begin with the same word."""
    assert not is_kicker(line)


def test_headings_of_other_news_are_known_whole() -> None:
    """«آخر الأخبار» heads a list; a sentence with these words does not."""
    assert is_related("آخر الأخبار:")
    assert not is_related("آخر الأخبار من مأرب تشير إلى نزوح جديد")


@given(
    st.lists(
        st.sampled_from([LEAD, "للاتصال:", "a@b.example", "", "انتهى", "اقرأ أيضاً", "## س", "من نحن"])
        | st.text(max_size=40)
    )
)
def test_spans_are_ordered_and_apart(lines: list[str]) -> None:
    """Whatever the text, the body's spans lie within it, in order, without overlapping."""
    text = "\n".join(lines).replace("\r", " ")
    blocks = line_blocks(text)
    spans = body_spans(text, blocks, label_blocks(text, blocks))
    ends = [0, *(place for span in spans for place in (span.start, span.end)), len(text)]
    assert ends == sorted(ends)
    assert all(span.start < span.end for span in spans)


@pytest.mark.parametrize("lead", ["اقرأ أيضاً:", "شاهد أيضا :", "اقرأ المزيد:", "Read also:"])
def test_a_line_that_points_to_another_text_is_left_out(lead: str) -> None:
    """In the midst of a text, with a sum that is not this release's."""
    text = f"قدمت كندا مليوني دولار لعدن.\n{lead} فرنسا تخصص 700 ألف يورو لمدارس سبها\nويستمر المشروع سنتين في ثلاث مديريات."
    blocks = line_blocks(text)
    roles = label_blocks(text, blocks)
    assert [role.name for role in roles] == ["BODY", "RELATED", "BODY"]
