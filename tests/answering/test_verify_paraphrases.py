"""What a careful writer would say of a release stands; the verifier is no obstacle to other words."""

import pytest

from answering.verify import Cited, Sentence, verify
from tests.answering.verify_sources import SOURCES

_RIGHT = [
    ("ar", "japan", "قدمت اليابان تمويلاً إضافياً قدره 3.63 مليون دولار للمنظمة الدولية للهجرة في العراق للفترة 2020-2021."),
    ("ar", "japan", "خصصت حكومة اليابان ٣٫٦٣ مليون دولار أمريكي لعمل المنظمة الدولية للهجرة خلال عامي 2020 و2021."),
    ("en", "japan", "Japan gave IOM an additional US$3.63 million for 2020-2021."),
    ("en", "japan", "The funding from the Government of Japan amounts to $3,630,000."),
    ("ar", "pilot", "استفاد من المرحلة التجريبية التي مولتها اليابان أكثر من 8500 شخص."),
    ("ar", "pilot", "حصلت 28 شركة صغيرة ومتوسطة في تلعفر والنجف على مساندة مالية."),
    ("ar", "pilot", "نالت ٢٨ شركة صغيرة ومتوسطة مساندة مالية، وحصل 134 شخصاً على دعم فردي لسبل عيشهم."),
    ("en", "pilot", "28 small and medium companies in Tal Afar and Najaf received financial support."),
    ("ar", "forums", "تأسست خمسة منتديات للشرطة المجتمعية، منها ثلاثة في نينوى واثنان في النجف."),
    ("ar", "sweden", "تقدم السويد 45 مليون كرونة سويدية، أي ما يعادل 4.5 مليون دولار، لصندوق الأمم المتحدة للسكان في العراق."),
    ("en", "sweden", "Sweden will provide 45 million Swedish kronor (US$4.5 million) to UNFPA in Iraq."),
    ("ar", "sweden", "يشمل الاتفاق محافظات نينوى ودهوك وكركوك."),
    ("ar", "sweden_period", "يمتد البرنامج من يونيو 2022 إلى مايو 2025، أي ثلاث سنوات."),
    ("ar", "sweden_period", "مدة البرنامج 36 شهراً تبدأ في حزيران 2022."),
    ("en", "sweden_period", "The programme runs for three years, from June 2022 to May 2025."),
    ("ar", "sweden_plan", "يعتزم الصندوق تدريب 320 قابلة وتشغيل 14 غرفة ولادة."),
    ("ar", "sweden_plan", "تستهدف الخدمات 110,000 امرأة وفتاة."),
    ("en", "sweden_plan", "The plan is to train 320 midwives."),
    ("ar", "sweden_before", "مولت السويد المرحلة السابقة بين 2019 و2021 بمبلغ 27 مليون كرونة."),
    ("ar", "sweden_before", "تدربت 185 قابلة وولد 9460 طفلاً في المرحلة السابقة."),
    ("ar", "cholera", "هدف المنحة خفض نسبة الوفيات إلى ما دون 1%."),
    ("ar", "cholera", "تستمر المنحة عشرة أشهر من آذار إلى كانون الأول 2019."),
    ("en", "cholera", "The grant runs over ten months, from March to December 2019."),
    ("ar", "gap", "لم يتسلم الصندوق من الخطة البالغة 31 مليون دولار سوى 12 مليون دولار."),
    ("ar", "gap", "تسلم الصندوق 12 مليون دولار فقط."),
    ("ar", "wfp", "قدمت الوكالة الأمريكية للتنمية الدولية 73 مليون دولار لبرنامج الأغذية العالمي في السودان، منها 22 مليون دولار نقداً."),
    ("en", "wfp", "USAID gave WFP $73 million, of which $22 million in cash for transport and distribution."),
    ("ckb", "sweden", "سوید ٤٥ ملیۆن کرۆنی سوێدی بە UNFPA دەبەخشێت لە عێراق."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "source", "text"), _RIGHT)
def test_a_right_sentence_in_other_words_stands(language, source, text) -> None:
    """Digits, month names, languages and word order may differ from the quote."""
    cited = Cited(source, SOURCES[source].text)
    assert verify([Sentence(text, (cited,))], SOURCES.values(), language).faults == ()
