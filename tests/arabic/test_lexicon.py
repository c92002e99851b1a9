"""Dialect, synonyms and translations."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arabic.analyzer import content_stems
from arabic.lexicon import expand, is_translated, related_stems, to_standard, translate
from arabic.normalize import normalize


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        ("شكد انطت السويد للسودان بـ2020؟", "كم أعطت السويد للسودان بـ2020؟"),
        ("شنو الهدف من المشروع اللي سوته كندا ويه الفاو؟", "ما الهدف من المشروع الذي نفذته كندا مع الفاو؟"),
        ("بيش راح لموضوع التعليم من المنحة مال 2021؟", "كم خصص لموضوع التعليم من المنحة عام 2021؟"),
        ("وين راح يشتغل المشروع وشوكت يخلص؟", "أين سيعمل المشروع ومتى ينتهي؟"),
        ("وعلى يا محافظات يركز؟", "وعلى أي محافظات يركز؟"),
        ("ياهو اكثر، فلوس قطر لو فلوس الكويت؟", "أيهما اكثر، أموال قطر أم أموال الكويت؟"),
        ("جم واحد استفاد لحد هسه؟", "كم شخصا استفاد حتى الآن؟"),
        ("إمتى هيخلص المشروع؟", "متى سينتهي المشروع؟"),
        ("المشروع هيوفر كام فرصة عمل؟", "المشروع سيوفر كم فرصة عمل؟"),
        ("قديش عطت فرنسا مصاري؟", "كم أعطت فرنسا أموال؟"),
        ("إيش الغرض وفين؟", "ما الغرض وأين؟"),
        ("شحال عطات إسبانيا؟", "كم أعطت إسبانيا؟"),
        ("متا تنتهي منحة المنضمة؟", "متى تنتهي منحة المنظمة؟"),
        ("كاااام عيلة هيوزعوا عليها السلات؟", "كم عائلة سيوزعون عليها السلات؟"),
        ("المنحة دي هتخلص امتى؟", "المنحة هذه متى ستنتهي؟"),
        ("شوكت انوزعت الخيم ومنو وزعها؟", "متى وزعت الخيم ومن وزعها؟"),
        ("كام بير اتحفر ف مطروح من 2015 ل 2020؟", "كم بئرا حفر في مطروح من 2015 إلى 2020؟"),
        ("مين عم ينفذ مشروع المي؟", "من ينفذ مشروع الماء؟"),
        ("الفلوس عطوها للناس ولا ودوها وين؟", "الأموال أعطوها للناس ولا أرسلوها أين؟"),
        ("وين حيبنوا المدارس هالسنة؟", "أين سيبنون المدارس هذا السنة؟"),
        ("شيوفر المشروع وشسوت كندا؟", "ماذا يوفر المشروع وماذا فعلت كندا؟"),
        ("كم ولد رجع عالمدرسة؟", "كم ولد رجع على المدرسة؟"),
        ("من چم بير لچم بير صعدت؟", "من كم بئرا إلى كم بئر ارتفعت؟"),
        ("جم محطة انباگت وبجم وحدة منهن تعوضت؟", "كم محطة سرقت وفي كم منهن عوضت؟"),
        ("المشروع منو ينفذه ومنو موله وشكد مخصصين لهالشي؟", "المشروع من الذي ينفذه ومن موله وكم خصصوا لذلك؟"),
        ("بيش صار المي وبيش جان؟", "كم بلغ ثمن الماء وكم كان ثمنه؟"),
        ("الدنمارك شكد انطت والسويد شكد زادت ووكالة سيدا شكد؟", "الدنمارك كم أعطت وكم زادت السويد ووكالة سيدا كم؟"),
        ("شكد نسبة العوايل بذي قار؟", "كم نسبة العوائل بذي قار؟"),
        ("صباح الخير، الصليب الأحمر دفع كام من المصاريف؟", "الصليب الأحمر كم دفع من التكاليف؟"),
        ("شو بقي من المنحة؟", "ماذا بقي من المنحة؟"),
        ("كل طالب بياخد كام؟", "كل طالب كم يأخذ؟"),
        ("قديش حقها السلة وعددو كام", "كم ثمن السلة وكم عدده"),
        ("كم كلف المستشفى حق الهلال الأحمر؟", "كم كلف المستشفى التابع الهلال الأحمر؟"),
    ],
)
def test_dialect_becomes_standard(text: str, standard: str) -> None:
    """Question words, verbs with their pronouns and nouns with their clitics are replaced; the rest stays."""
    assert to_standard(text) == standard


@pytest.mark.parametrize(
    "text",
    [
        "كم قدمت اليابان إلى العراق بـ2020؟",
        "أية جهة نفذت المشروع، وما رأس مال الصندوق؟",
        "لو زادت المنحة، فما حق العائدين؟",
        "بكم ساهمت كندا؟",
        "كَمْ بَلَغَتْ مُسَاهَمَةُ النُّرُوجِ؟",
        "كم تدفع ألمانيا ومن تدعم وفيم ستصرف؟",
        "ما الذي تحقق تجاه من ولدوا في بيدوا، وكم نسمة في العالم؟",
        "تسلمت المنظمة 1000 طن وتوفي عاملان",
        "شكرا لكم، كم قدمت كندا لحملة حق التعليم وكم بقي منها؟",
        "كل طالب كم يأخذ، وهل رآه شهود عيان عقب الفيضان؟",
        "صباح الخير",
        "",
    ],
)
def test_standard_text_stays_to_the_letter(text: str) -> None:
    """Vowel signs, hamza and look-alikes of dialect words are left alone."""
    assert to_standard(text) == text


@given(st.text(max_size=60))
def test_standardising_never_fails(text: str) -> None:
    """Any text goes through, and digits are never lost."""
    assert [c for c in to_standard(text) if c.isdigit()] == [c for c in text if c.isdigit()]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [(["منحة"], "تمويل"), (["المنازل"], "بيوت"), (["ترميم"], "رمم"), (["فرص", "عمل"], "وظيفة"), (["فلوس"], "أموال")],
)
def test_expansion_finds_related_words(words: Sequence[str], wanted: str) -> None:
    """Synonyms are found by stems, for single words, phrases and dialect words."""
    assert wanted in expand(words)


@given(st.lists(st.sampled_from(["منحة", "تمويل", "بيت", "فلوس", "xyz", "نازح"]), max_size=5))
def test_expansion_adds_only_what_is_new(words: list[str]) -> None:
    """No given word comes back and none comes twice."""
    added = expand(words)
    assert not set(added) & set(words)
    assert len(added) == len(set(added))


def test_related_stems_hold_the_stem_itself_and_know_nothing_of_strangers() -> None:
    """A stem of a group is in it; an unknown stem has no relatives."""
    assert {"بيت", "منازل"} <= related_stems("بيت")
    assert related_stems("zzz") == frozenset()


def test_a_plural_verb_has_relatives() -> None:
    """«وجدوا» loses its last alef as a word of a question and is found all the same."""
    assert related_stems(content_stems("وجدوا")[0]) & related_stems(content_stems("تجد")[0])


@pytest.mark.parametrize(
    ("text", "language", "wanted", "unwanted"),
    [
        ("How many jobs did the project create?", "en", {"وظيفة", "مشروع"}, set()),
        ("houses rehabilitated by community-based groups", "en", {"بيوت", "تأهيل", "مجتمع"}, set()),
        ("mental health centres", "en", {"نفسية"}, set()),
        ("Which grant did WHO sign in May?", "en", {"منحة", "وقع"}, {"من"}),
        ("پڕۆژەکانی ئاو لە پارێزگاکاندا", "ckb", {"مشروع", "مياه", "محافظة"}, set()),
        ("لە کانوونی دووەم چەند کەس سوودمەند بوون؟", "ckb", {"كانون", "الثاني", "مستفيد"}, set()),
        ("ملیۆن دۆلاری", "ckb", {"مليون", "دولار"}, set()),
        ("منحة", "ar", set(), {"منحة"}),
    ],
)
def test_known_words_are_translated(text: str, language: str, wanted: set[str], unwanted: set[str]) -> None:
    """The longest phrase wins, inflected forms are understood, names are left out."""
    found = set(translate(text, language))
    assert wanted <= found
    assert not unwanted & found


@pytest.mark.parametrize("word", ["finish", "finished", "tranches", "قوتابخانەکان"])
def test_an_inflected_word_of_the_tables_is_known(word: str) -> None:
    """Plurals, past tenses and Sorani suffixes hide no word."""
    assert is_translated(normalize(word))


@given(st.text(max_size=60), st.sampled_from(["en", "ckb", "ar"]))
def test_translating_never_fails(text: str, language: str) -> None:
    """Any text gives a list without repetitions."""
    found = translate(text, language)
    assert len(found) == len(set(found))
