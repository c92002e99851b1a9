"""Releases made from templates, as many as wanted, the same ones for the same seed."""

import random
from collections.abc import Iterator
from pathlib import Path

_DONORS = (
    "اليابان",
    "ألمانيا",
    "كندا",
    "السويد",
    "النرويج",
    "هولندا",
    "الكويت",
    "قطر",
    "إيطاليا",
    "فرنسا",
    "سويسرا",
    "الدنمارك",
)
_AGENCIES = (
    "المنظمة الدولية للهجرة", "برنامج الأغذية العالمي", "اليونيسف", "منظمة الصحة العالمية",
    "برنامج الأمم المتحدة الإنمائي", "منظمة الأغذية والزراعة", "صندوق الأمم المتحدة للسكان", "موئل الأمم المتحدة",
)  # fmt: skip
_PLACES = ("نينوى", "الأنبار", "البصرة", "تعز", "عدن", "حلب", "درعا", "عكار", "الزرقاء", "كسلا", "سرت", "غزة")
_THINGS = (
    ("ترميم المدارس", "مدرسة", "تلميذ"), ("حفر الآبار", "بئراً", "نازح"), ("تجهيز المراكز الصحية", "مركزاً صحياً", "مريض"),
    ("تدريب الشباب", "دورة", "شاب"), ("إصلاح شبكات المياه", "محطة", "شخص"), ("توزيع البذور", "قرية", "مزارع"),
    ("بناء المساكن", "مسكناً", "أسرة"), ("دعم المشاريع الصغيرة", "مشروعاً", "عامل"),
)  # fmt: skip
_MONTHS = (
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
)
_REMARKS = (
    "وقال ممثل المنظمة إن الحاجات ما زالت كبيرة، وإن العمل مع السلطات المحلية سيستمر في الأشهر المقبلة.",
    "ورحب محافظ المنطقة بالدعم، وأشار إلى أن السكان ينتظرون عودة الخدمات منذ سنوات طويلة.",
    "وتتابع لجنة مشتركة من الطرفين تنفيذ الأنشطة كل ثلاثة أشهر، وتنشر تقاريرها على موقع المنظمة.",
    "ويأتي المشروع استكمالاً لجهود سابقة شارك فيها شركاء محليون ومنظمات مجتمع مدني في القرى المجاورة.",
    "وأوضح مدير المشروع أن الأولوية ستكون للأسر التي تعيلها نساء وللأشخاص ذوي الإعاقة في المناطق النائية.",
)


def text(number: int, seed: int = 0, steps: int = 10, projects: int = 1) -> str:
    """Release `number`: headline, dateline, and for each of its projects grant, parts, plan, result and remarks; about
    three passages a project.

    Grants are of 1 to 40 million in so many `steps` a million: in a big corpus few steps let thousands announce one sum.
    """
    pick = random.Random(f"{seed}:{number}")  # noqa: S311  no secret
    return "\n".join(_project(pick, number, steps, first=i == 0) for i in range(projects))


def _project(pick: random.Random, number: int, steps: int, *, first: bool) -> str:
    donor, agency, place = pick.choice(_DONORS), pick.choice(_AGENCIES), pick.choice(_PLACES)
    goal, unit, people = pick.choice(_THINGS)
    year, month = pick.randint(2012, 2025), pick.choice(_MONTHS)
    amount, tenths = pick.randint(steps, 40 * steps) / steps, pick.randint(1, 9)
    remarks = pick.sample(_REMARKS, 4)
    day = pick.randint(1, 28)
    top = f"{donor} تموّل {goal} في {place} ({number})\n\n{place}، {day} {month} {year} – " if first else ""
    return f"""{top}قدمت حكومة {donor} إلى {agency} منحة قدرها {amount} مليون دولار أمريكي من أجل {goal} في محافظة {place}، ضمن المشروع رقم {number}. ويستمر المشروع {pick.choice((12, 18, 24, 36))} شهراً تنتهي في {pick.choice(_MONTHS)} {year + 2}.

{remarks[0]} ويهدف المشروع إلى الوصول إلى {pick.randint(1000, 90000):,} {people} و{pick.randint(5, 300)} {unit} قبل نهاية عام {year + 2}.

{remarks[1]} ومن هذا المبلغ يذهب {tenths / 10} مليون دولار إلى {pick.choice(_THINGS)[0]}، والباقي إلى {goal}. {pick.choice(_REMARKS)}

وكانت المرحلة السابقة قد ساعدت {pick.randint(1000, 50000):,} {people} في {pick.choice(_PLACES)} بين عامي {year - 3} و{year - 1}، ورممت {pick.randint(3, 90)} {unit}. {remarks[2]}

وبهذه المنحة يصل مجموع ما قدمته {donor} للمنظمة منذ عام {year - 8} إلى {pick.randint(50, 900)} مليون دولار. {remarks[3]} {pick.choice(_REMARKS)}

وقال سفير {donor}: "نقف مع سكان {place} في كل مرحلة من مراحل التعافي، ونأمل أن يرى الناس ثمرة هذا العمل قريباً". {pick.choice(_REMARKS)}
"""


def write(folder: Path, count: int, seed: int = 0, projects: int = 1) -> None:
    """Files 000000.txt … in folders of a thousand."""
    for number in range(count):
        path = folder / f"{number // 1000:03}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(number, seed, projects=projects), "utf-8")


def questions(count: int, corpus: int, seed: int = 1) -> Iterator[str]:
    """Questions about some of the first `corpus` releases, several kinds in turn."""
    pick = random.Random(seed)  # noqa: S311  no secret
    kinds = (
        "كم قدمت {donor} إلى {agency} من أجل {goal} في {place}؟",
        "متى ينتهي مشروع {goal} في {place}؟",
        "كم شخصاً استفاد من مشروع {goal} في {place}؟",
        "ما مجموع ما قدمته {donor} للمنظمة منذ 2012؟",
        "How much did Japan give to WFP in 2019?",
    )
    for i in range(count):
        maker = random.Random(f"0:{pick.randrange(corpus)}")  # noqa: S311
        donor, agency, place = maker.choice(_DONORS), maker.choice(_AGENCIES), maker.choice(_PLACES)
        yield kinds[i % len(kinds)].format(donor=donor, agency=agency, place=place, goal=maker.choice(_THINGS)[0])
