"""A small corpus for the chain's tests, and what a model would write about it."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import SecretStr

from answering.answer import Answer, Ask
from answering.chain import Writer
from answering.chat import ChatConfig, load_chat
from answering.corpus import Corpus
from answering.drafting import Prompts
from answering.extractive import answer_from, turns
from answering.usage import Limits
from ingest.pipeline import ingest
from tests.openai_server import ScriptedServer
from vectorstore.embeddings import load_embeddings

SWEDEN = (
    "عدن، 4 أيار 2022 – قدمت حكومة السويد لمنظمة الصحة العالمية 6.5 مليون دولار أمريكي لتشغيل مراكز صحية في محافظة تعز."
)
BEFORE = "وبهذه المنحة يصل مجموع ما قدمته السويد للمنظمة في اليمن منذ 2016 إلى 40 مليون دولار."
PEOPLE = "واستفاد من المرحلة السابقة 12,300 شخص."
PERIOD = "ويمتد المشروع من حزيران 2022 إلى أيار 2024."
KUWAIT = "عمان، 9 حزيران 2021 – خصصت دولة الكويت للمفوضية السامية لشؤون اللاجئين مليوني دولار لمساعدة اللاجئين السوريين في الأردن."

RELEASES = {
    "sweden.md": f"---\nurl: https://example.org/sweden\n---\n# السويد تموّل مراكز صحية في تعز\n\n{SWEDEN} {PERIOD}\n\n{BEFORE} {PEOPLE}\n",
    "kuwait-2021.txt": f"الكويت تدعم اللاجئين في الأردن\n\n{KUWAIT}\n",
    "kuwait-2022.txt": "منحة كويتية جديدة للاجئين في الأردن\n\nعمان، 3 تموز 2022 – خصصت دولة الكويت للمفوضية السامية لشؤون اللاجئين 3.5 مليون دولار لإيجارات اللاجئين السوريين في الأردن.\n",
    "kuwait-2023.txt": "الكويت تواصل دعم اللاجئين في الأردن\n\nعمان، 12 آب 2023 – خصصت دولة الكويت للمفوضية السامية لشؤون اللاجئين 1.5 مليون دولار لتعليم أطفال اللاجئين في الأردن.\n",
}

QUESTION = "كم قدمت السويد لمنظمة الصحة العالمية في تعز؟"
ANSWER = "قدمت السويد 6.5 مليون دولار لمنظمة الصحة العالمية لتشغيل مراكز صحية في تعز."


def build(folder: Path, releases: dict[str, str] = RELEASES) -> Corpus:
    """Ingest the releases and open the corpus."""
    sources = folder / "releases"
    sources.mkdir()
    for name, text in releases.items():
        (sources / name).write_text(text, "utf-8")
    embeddings = load_embeddings()
    ingest([sources], data_dir=folder / "data", embeddings=embeddings)
    return Corpus(folder / "data", embeddings)


def ask(corpus: Corpus, question: str, *history: str) -> Answer:
    """The answer without a model to a question after others."""
    return answer_from(corpus, Ask(question, turns(history)))


def draft(*sentences: tuple[str, str | Sequence[str]], missing: Iterable[str] = (), id: str | None = None) -> str:  # noqa: A002
    """What a model replies: sentences with their quotes; the passage of a quote is looked up unless an id is given."""
    rows = []
    for text, quotes in sentences:
        several = [quotes] if isinstance(quotes, str) else list(quotes)
        rows.append({"citations": [{"id": id or "?", "quote": q} for q in several if q], "text": text})
    return json.dumps({"sentences": rows, "missing": list(missing)}, ensure_ascii=False)


def with_ids(reply: str, prompt: str) -> str:
    """The reply with the id of the passage of the prompt that holds each quote."""
    data = json.loads(reply)
    for row in data["sentences"]:
        for citation in row["citations"]:
            if citation["id"] == "?":
                before = prompt[: prompt.index(citation["quote"])]
                citation["id"] = before[before.rindex("<p") + 1 :].split()[0]
    return json.dumps(data, ensure_ascii=False)


def writer(corpus: Corpus, server: ScriptedServer, **options) -> Writer:
    """The chain over the corpus through the real client."""
    prompts = options.pop("prompts", None) or Prompts()
    options.setdefault("limits", Limits(seconds=8))
    config = ChatConfig("openai:test-model", server.url, SecretStr("k"))
    model = load_chat(config, prompts.answer.settings, seconds=options["limits"].seconds)
    return Writer(corpus, model, name=config.model, prompts=prompts, **options)
