"""`sanad ingest --with-model`: a model proposes, the release decides, nobody is asked twice."""

import json
from decimal import Decimal

import pytest
from pydantic import SecretStr

from answering.chat import ChatConfig, load_chat
from answering.propose import Proposer, parse_facts
from answering.usage import Limits, Usage
from ingest.pipeline import ingest
from ledger.rows import Filter
from ledger.store import Ledger
from prompts.loader import load_prompt
from tests.openai_server import Fault, Reply, ScriptedServer
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import Generations

_TEXT = (
    "قافلة تصل إلى تعز\n\nعدن، 4 أيار 2022 – قدمت حكومة السويد لمنظمة الصحة العالمية 6.5 مليون دولار أمريكي لتشغيل مراكز صحية.\n\n"
    "ووصلت إلى الميناء 24 قاطرة من السويد.\n"
)
_TRUE = {"quote": "ووصلت إلى الميناء 24 قاطرة من السويد.", "words": "24 قاطرة", "kind": "count", "value": 24, "unit": "",
         "donor": "السويد", "recipient": ""}  # fmt: skip
_FALSE = {**_TRUE, "value": 240}
_INVENTED = {**_TRUE, "quote": "قدمت قطر 9 ملايين دولار.", "words": "9 ملايين دولار", "kind": "amount", "value": 9_000_000,
             "unit": "USD", "donor": "قطر"}  # fmt: skip


@pytest.fixture
def house(tmp_path):
    """A folder with one release, a scripted model, and what runs an ingest and reads the rows."""
    server = ScriptedServer()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(_TEXT, "utf-8")
    embeddings = load_embeddings()
    prompt = load_prompt("facts/v1")
    model = load_chat(ChatConfig("openai:test", server.url, SecretStr("k")), prompt.settings, seconds=5)
    usage = Usage(tmp_path / "usage.db")

    class House:
        def __init__(self) -> None:
            self.server, self.file, self.usage = server, tmp_path / "in" / "a.txt", usage

        def ingest(self, *, ask: bool = True, **options):
            propose = Proposer(model, prompt, limits=Limits(seconds=5), usage=usage) if ask else None
            options = {"data_dir": tmp_path / "data", "embeddings": embeddings, "propose": propose, **options}
            return ingest([tmp_path / "in"], **options)

        def rows(self):
            folder = Generations(tmp_path / "data" / "generations").current()
            ledger = Ledger(folder / "ledger.db")
            try:
                return [(r.kind, r.value, r.unit, r.donor) for r in ledger.rows(Filter(kinds=("funding", "outcome")))]
            finally:
                ledger.close()

    yield House()
    server.close()


def _says(*facts) -> Reply:
    return Reply(json.dumps({"facts": list(facts)}, ensure_ascii=False))


_GRANT = ("funding", Decimal(6_500_000), "USD", "SE")


def test_what_stands_in_the_release_enters_and_nothing_else(house) -> None:
    """The true party enters; another value and another sentence do not."""
    house.ingest(ask=False)
    assert house.rows() == [_GRANT, ("outcome", Decimal(24), "other", None)]
    house.server.script(_says(_FALSE, _INVENTED, _TRUE))
    report = house.ingest()
    assert report.published
    assert house.rows() == [_GRANT, ("outcome", Decimal(24), "other", "SE")]
    assert house.usage.spent().calls == 1
    asked = house.server.requests[0].text
    assert "6.5 مليون دولار أمريكي" in asked
    assert "(بلا مانح)" in asked.split("<معروف")[1]


def test_nobody_is_asked_twice_and_nothing_is_lost(house) -> None:
    """Neither a next run nor a rebuild without the model asks or forgets; a changed text is asked about again."""
    house.server.script(_says(_TRUE))
    house.ingest()
    assert not house.ingest().published
    house.ingest(ask=False, rebuild=True)
    assert house.rows()[1][3] == "SE"
    assert len(house.server.requests) == 1
    house.file.write_text(_TEXT.replace("24", "25"), "utf-8")
    house.server.script(_says(_TRUE))
    house.ingest()
    assert house.rows()[1] == ("outcome", Decimal(25), "other", None)
    assert len(house.server.requests) == 1


@pytest.mark.parametrize("fault", [Fault("status", 401), Fault("close"), Reply("لا أعرف"), Reply('{"facts": 5}')])
def test_a_model_that_fails_costs_no_release(house, fault) -> None:
    """The release is ingested by the rules, the report says so, and the next run asks again."""
    house.server.script(fault)
    report = house.ingest()
    assert report.unanswered == ("a.txt",)
    assert "a.txt" in report.added
    assert report.exit_code == 0
    assert "asked again" in report.render()
    assert house.rows()[0] == _GRANT
    house.server.script(_says(_TRUE))
    assert house.ingest().unanswered == ()
    assert house.rows()[1][3] == "SE"


def test_rows_of_another_form_are_left_out() -> None:
    """The rest is kept."""
    rows = [
        _TRUE,
        5,
        {**_TRUE, "kind": "poem"},
        {**_TRUE, "value": "many"},
        {**_TRUE, "quote": None},
        {**_TRUE, "value": 1e999},
    ]
    assert len(parse_facts(json.dumps({"facts": rows}))) == 1
