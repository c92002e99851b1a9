"""A small corpus of our own for tests of the bot; all names of places and agencies are real, all figures made up."""

from pathlib import Path

RELEASES = {
    "norway-undp.md": """---
title: النرويج تموّل إزالة الألغام في الموصل
date: 2023-03-05
publisher: برنامج الأمم المتحدة الإنمائي – العراق
url: https://undp.example.org/iraq/norway?a=1&b=2
---

أوسلو، 5 آذار/مارس 2023 – قدّمت النرويج 7.5 مليون دولار أمريكي إلى برنامج الأمم المتحدة الإنمائي (UNDP) لإزالة الألغام من الموصل.

وسيستفيد من المشروع 12 ألف أسرة. ويستمر المشروع من نيسان 2023 إلى آذار 2025.
""",
    "norway-unicef.txt": """النرويج تدعم مدارس حلب

أوسلو، 10 كانون الثاني/يناير 2022 – منحت النرويج اليونيسف 3 ملايين دولار أمريكي لترميم 40 مدرسة في حلب بسوريا.

وبلغ مجموع ما قدمته النرويج لليونيسف منذ عام 2015 أكثر من 60 مليون دولار أمريكي.
""",
    "italy-fao.txt": """إيطاليا تساند صيادي غزة

روما، 2 شباط/فبراير 2021 – خصصت إيطاليا 1.2 مليون يورو لمنظمة الأغذية والزراعة (الفاو) لدعم صيادي غزة.

وتشمل المنحة <قوارب> و"شباكاً" & محركات.
""",
    "italy-fao-repost.txt": """منحة إيطالية لصيادي غزة

غزة، 3 شباط/فبراير 2021 – خصصت إيطاليا 1.2 مليون يورو لمنظمة الأغذية والزراعة (الفاو) لدعم صيادي غزة.

وتشمل المنحة قوارب وشباكاً ومحركات، حسب ما نقلت وكالة محلية.
""",
}
UNDATED = """منحة لقرى الأهوار

خصصت كندا 900 ألف دولار أمريكي لبرنامج الأغذية العالمي لدعم قرى الأهوار في جنوب العراق، حيث انحسرت المياه وجفت القنوات.
"""


def write(folder: Path) -> Path:
    """The releases as files."""
    folder.mkdir(parents=True)
    for name, text in RELEASES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def build(data_dir: Path) -> Path:
    """A data folder with the releases ingested."""
    from ingest.pipeline import ingest
    from vectorstore.embeddings import load_embeddings

    ingest([write(data_dir / "releases")], data_dir=data_dir, embeddings=load_embeddings(None))
    return data_dir
