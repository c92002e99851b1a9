"""A dozen and a half of grants for questions to all releases at once: their texts, and the corpus that holds them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from answering.answer import Answer, Ask, Turn
from answering.extractive import answer
from ingest.pipeline import ingest
from ledger.store import Ledger
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import Generation, open_generation
from vectorstore.search import search

RELEASES = {
    "sweden-2019.txt": """السويد تدعم صيادي الحديدة

الحديدة، 3 آذار 2019 – قدمت السويد لمنظمة الأغذية والزراعة في اليمن 1.5 مليون يورو لإصلاح قوارب الصيادين في الحديدة. ويستمر المشروع من نيسان 2019 حتى نيسان 2020. وجرى إصلاح 120 قارباً وشراء 340 شبكة.
""",
    "sweden-2020.txt": """السويد تزيد دعمها لصيادي الحديدة

الحديدة، 9 حزيران 2020 – قدمت السويد لمنظمة الأغذية والزراعة في اليمن 2.25 مليون يورو لإصلاح قوارب الصيادين في الحديدة. ويستمر المشروع من تموز 2020 حتى كانون الأول 2022. وتصل جملة ما قدمته السويد للمنظمة منذ 2011 إلى 19 مليون يورو.
""",
    "sweden-2020-repost.html": """<html lang="ar"><head><title>السويد تزيد دعمها لصيادي الحديدة - صحيفة المرسى</title>
<meta property="article:published_time" content="2020-06-11T09:00:00+03:00"></head><body><article>
<h1>السويد تزيد دعمها لصيادي الحديدة</h1>
<p>المرسى – أفادت منظمة الأغذية والزراعة بأن السويد قدمت للمنظمة في اليمن 2.25 مليون يورو لإصلاح قوارب الصيادين في الحديدة. ويستمر المشروع من تموز 2020 حتى كانون الأول 2022.</p>
</article></body></html>
""",
    "sweden-2021.txt": """قوارب جديدة لصيادي الحديدة

الحديدة، 20 أيلول 2021 – قدمت السويد لمنظمة الأغذية والزراعة في اليمن 1.75 مليون يورو لشراء قوارب للصيادين في الحديدة. ويستمر المشروع من تشرين الأول 2021 حتى آذار 2023. وجرى إصلاح 60 قارباً قديماً. واشتُري 25 قارباً من مصنع محلي.
""",
    "qatar-2021.txt": """قطر تدعم مستشفى مقديشو

مقديشو، 2 شباط 2021 – قدمت قطر لمنظمة الصحة العالمية في الصومال 12 مليون دولار أمريكي لبناء مستشفى في مقديشو. ويستمر المشروع من آذار 2021 حتى آذار 2024. ويهدف المشروع إلى علاج 40 ألف مريض في السنة.
""",
    "finland-2021.txt": """فنلندا تدعم مدارس مأرب

مأرب، 5 أيار 2021 – قدمت فنلندا لليونيسف في اليمن 800 ألف يورو لترميم مدارس مأرب. ورُمّمت حتى الآن 14 مدرسة.
""",
    "spain-2022.txt": """إسبانيا تساند مخيمات تندوف

تندوف، 14 تشرين الثاني 2022 – قدمت إسبانيا لبرنامج الأغذية العالمي في الجزائر 3.4 مليون يورو لسلال الغذاء. ويستمر المشروع حتى كانون الأول 2023. وتعد المنحة جزءاً من حزمة مساعدات قيمتها 50 مليون يورو.
""",
    "kuwait-2023.txt": """الكويت تدعم مدارس الخرطوم

الخرطوم، 8 كانون الثاني 2023 – قدمت الكويت لليونسكو في السودان 5 ملايين دولار أمريكي لطباعة كتب مدرسية.
""",
}  # fmt: skip


@dataclass(frozen=True)
class House:
    """An ingested corpus, open, and what answers over it."""

    texts: dict[str, str]
    ledger: Ledger
    generation: Generation

    def find(self, query: str, limit: int) -> list[tuple[str, float]]:
        """The releases with the best passages."""
        best: dict[str, float] = {}
        for hit in search(self.generation, query, 4 * limit):
            best.setdefault(hit.passage.release, hit.score)
        return list(best.items())[:limit]

    def ask(self, question: str, *earlier: str) -> Answer:
        """The answer to the last question of a conversation."""
        history: list[Turn] = []
        for turn in earlier:
            told = answer(Ask(turn, tuple(history)), self.ledger, self.find)
            history.append(Turn(turn, tuple(dict.fromkeys(c.release for c in told.citations))))
        return answer(Ask(question, tuple(history)), self.ledger, self.find)

    def close(self) -> None:
        """Let go of all files."""
        self.ledger.close()
        self.generation.close()


Asks = Callable[..., Answer]


def build(folder: Path, releases: dict[str, str]) -> House:
    """Ingest texts into a folder."""
    source = folder / "releases"
    source.mkdir()
    for name, text in releases.items():
        (source / name).write_text(text, "utf-8")
    embeddings = load_embeddings()
    ingest([source], data_dir=folder / "data", embeddings=embeddings)
    generation = open_generation(folder / "data" / "generations", embeddings)
    ledger = Ledger(generation.ledger_path)
    return House({name: ledger.release(name).text for name in ledger.ids()}, ledger, generation)
