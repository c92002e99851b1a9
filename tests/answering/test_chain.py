"""The chain with a scripted model behind the real client: what is written, repaired, dropped, replaced, refused."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from answering.answer import Ask, Turn
from answering.answer_cache import AnswerCache
from answering.drafting import Prompts
from answering.usage import Limits, Usage
from prompts.loader import load_prompt
from tests.answering.house import (
    ANSWER,
    BEFORE,
    KUWAIT,
    PEOPLE,
    PERIOD,
    QUESTION,
    RELEASES,
    SWEDEN,
    draft,
    with_ids,
    writer,
)
from tests.openai_server import Fault, Reply

WRONG = ANSWER.replace("6.5", "7.5")


def says(*sentences, **options):
    """A step that replies with a draft, its passages looked up in the prompt."""
    fields = {k: options.pop(k) for k in ("missing", "id") if k in options}
    return lambda request: Reply(with_ids(draft(*sentences, **fields), request.text), **options)


async def _parts(chain, ask):
    return [each async for each in chain.astream(ask)]


def test_an_answer_is_written_and_carries_its_quote_and_its_trace(corpus, server) -> None:
    """The sentence, the release's own words at their span, the link of the metadata, tokens and steps."""
    server.script(says((ANSWER, SWEDEN)))
    found = writer(corpus, server).invoke(Ask(QUESTION))
    assert found.text == ANSWER.removesuffix(".") + " [1]."
    (citation,) = found.citations
    assert RELEASES["sweden.md"][citation.start : citation.end] == citation.quote == SWEDEN
    assert citation.url == "https://example.org/sweden"
    assert (found.model, found.prompt, found.refused, found.notes) == ("openai:test-model", "answer/v1", False, ())
    assert (found.trace.outcome, found.trace.calls, found.trace.input_tokens, found.trace.output_tokens) == (
        "written",
        1,
        100,
        20,
    )
    assert {"extract", "retrieve", "model", "verify"} <= {name for name, _ in found.trace.steps}
    assert found.to_dict()["trace"]["outcome"] == "written"


def test_the_model_is_asked_for_the_form_and_told_the_language(corpus, server) -> None:
    """By a JSON schema, at the temperature of the prompt, with our key."""
    server.script(says((ANSWER, SWEDEN)))
    writer(corpus, server).invoke(Ask(QUESTION))
    (request,) = server.requests
    assert request.body["response_format"]["type"] == "json_schema"
    assert (request.body["temperature"], request.authorization) == (0.0, "Bearer k")
    assert "العربية" in request.text.splitlines()[-1]


def test_material_stands_between_boundaries_that_change_with_every_request(corpus, server) -> None:
    """No document can foresee them, and neither question nor passages reach a system message."""
    server.script(says((ANSWER, SWEDEN)))
    chain = writer(corpus, server)
    for _ in range(2):
        chain.invoke(Ask(QUESTION))
    marks = [re.search(r"<سؤال (\w{16})>", r.text)[1] for r in server.requests]
    assert marks[0] != marks[1]
    system, user = server.requests[0].body["messages"]
    assert QUESTION not in system["content"]
    assert SWEDEN not in system["content"]
    assert f"<سؤال {marks[0]}>\n{QUESTION}\n</سؤال {marks[0]}>" in user["content"]


def test_streamed_parts_hold_verified_sentences_only(corpus, server) -> None:
    """The wrong sentence is in no part; the last part is final."""
    steps = says(
        (ANSWER, SWEDEN), ("استفاد من المرحلة السابقة 99,300 شخص.", PEOPLE), ("يمتد المشروع من حزيران 2022 إلى أيار 2024.", PERIOD), piece=25,
    )  # fmt: skip
    server.script(steps)
    parts = asyncio.run(_parts(writer(corpus, server), Ask(QUESTION)))
    assert len(parts) > 2
    assert parts[0].text == ANSWER.removesuffix(".") + " [1]."
    assert not any("99,300" in p.text for p in parts)
    assert [p.trace is not None for p in parts] == [False] * (len(parts) - 1) + [True]
    final = parts[-1]
    assert final.trace.outcome == "trimmed"
    assert "حزيران 2022" in final.text
    assert final.notes


def test_a_first_sentence_is_shown_before_the_rest_is_written(corpus, server) -> None:
    """The first part comes while the model still writes."""
    server.script(says((ANSWER, SWEDEN), ("يمتد المشروع من حزيران 2022 إلى أيار 2024.", PERIOD), piece=10))

    async def first():
        return await anext(writer(corpus, server).astream(Ask(QUESTION)))

    assert asyncio.run(first()).trace is None


def test_what_fails_is_repaired_once(corpus, server) -> None:
    """The model is told which sentence, which kind of fault, which words."""
    server.script(says((WRONG, SWEDEN)), says((ANSWER, SWEDEN)))
    found = writer(corpus, server).invoke(Ask(QUESTION))
    assert found.text == ANSWER.removesuffix(".") + " [1]."
    assert (found.trace.outcome, found.trace.calls) == ("repaired", 2)
    told = server.requests[1].body["messages"][-1]["content"]
    assert "amount: 7.5 مليون دولار" in told
    assert any(f.startswith("amount") for f in found.trace.faults)


def test_what_cannot_be_repaired_gives_way_to_the_extractive_answer(corpus, server) -> None:
    """With a note; the wrong figure reaches nobody."""
    server.script(says((WRONG, SWEDEN)))
    found = writer(corpus, server).invoke(Ask(QUESTION))
    assert (found.trace.outcome, found.trace.reason, found.trace.calls) == ("fallback", "unverified", 2)
    assert "7.5" not in found.text
    assert "6.5 مليون دولار" in found.text
    assert found.model == "extractive"
    assert "لم تسندها" in found.notes[-1]


def test_a_sentence_that_stays_wrong_is_dropped(corpus, server) -> None:
    """The right one is kept, and the user is told that something was removed."""
    server.script(says((ANSWER, SWEDEN), ("مدته خمس سنوات.", PERIOD)))
    found = writer(corpus, server).invoke(Ask(QUESTION))
    assert found.text == ANSWER.removesuffix(".") + " [1]."
    assert found.trace.outcome == "trimmed"


def test_a_model_that_finds_nothing_refuses(corpus, server) -> None:
    """What is lacking is named in the question's language, from our own words."""
    server.script(Reply('{"sentences": [], "missing": ["end", "<b>evil</b>"]}'))
    found = writer(corpus, server).invoke(Ask("متى تنتهي منحة كندا لليونيسف في المغرب؟"))
    assert found.refused
    assert found.missing == ("تاريخ الانتهاء", "بعض ما سألت عنه")
    assert found.trace.outcome == "refused"
    assert found.citations == ()


def test_what_is_lacking_is_named_beside_what_is_stated(corpus, server) -> None:
    """A part of an answer is an answer."""
    server.script(says((ANSWER, SWEDEN), missing=["goal"]))
    found = writer(corpus, server).invoke(Ask(QUESTION))
    assert not found.refused
    assert found.missing == ("الهدف",)
    assert found.text.endswith("ولا تذكر البيانات المتاحة: الهدف.")


@pytest.mark.parametrize(
    ("question", "sentence", "lacking"),
    [
        ("How much did Sweden give WHO in Taiz?", "Sweden gave WHO $6.5 million to run health centres in Taiz.", "the goal"),
        ("سوید چەند پارەی بە ڕێکخراوی تەندروستی جیهانی دا لە تەعز؟", "سوید 6.5 ملیۆن دۆلاری بە ڕێکخراوی تەندروستی جیهانی دا.", "ئامانج"),
    ],
)  # fmt: skip
def test_the_answer_is_in_the_language_of_the_question(corpus, server, question, sentence, lacking) -> None:
    """Quotes stay Arabic; an Arabic sentence to an English question is a fault."""
    server.script(says((sentence, SWEDEN), missing=["goal"]))
    found = writer(corpus, server).invoke(Ask(question))
    assert found.trace.outcome == "written", found.trace
    assert found.missing == (lacking,)
    assert found.citations[0].quote == SWEDEN
    server.script(says((ANSWER, SWEDEN)))
    assert writer(corpus, server).invoke(Ask(question)).trace.outcome == "fallback"


def test_a_total_of_the_ledger_may_be_stated(corpus, server) -> None:
    """The model repeats the sum, the ledger quotes its parts; another sum falls."""
    question = "كم مجموع منح الكويت للمفوضية السامية لشؤون اللاجئين؟"
    server.script(says(("بلغ مجموع منح الكويت للمفوضية السامية لشؤون اللاجئين 7 ملايين دولار.", KUWAIT)))
    found = writer(corpus, server).invoke(Ask(question))
    assert found.trace.outcome == "written", found.trace
    assert {c.release for c in found.citations} == {"kuwait-2021.txt", "kuwait-2022.txt", "kuwait-2023.txt"}
    assert "7 ملايين دولار" in server.requests[0].text.split("<سجل")[1]
    server.script(says(("بلغ مجموع منح الكويت للمفوضية السامية لشؤون اللاجئين 8 ملايين دولار.", KUWAIT)))
    found = writer(corpus, server).invoke(Ask(question))
    assert (found.trace.outcome, found.plan) == ("fallback", "aggregate")
    assert "7 ملايين" in found.text


def test_a_follow_up_is_completed_by_the_question_before_it(corpus, server) -> None:
    """By rules, without a call of the model."""
    server.script(says(("يمتد المشروع من حزيران 2022 إلى أيار 2024.", PERIOD)))
    found = writer(corpus, server).invoke(Ask("ومتى ينتهي؟", (Turn(QUESTION, ("sweden.md", "gone.txt")),)))
    assert found.trace.outcome == "written", found.trace
    assert len(server.requests) == 1
    assert QUESTION in server.requests[0].text.split("<محادثة")[1]


def test_a_follow_up_may_be_completed_by_the_model(corpus, server) -> None:
    """With its own prompt; what it adds to the conversation is not used."""
    prompts = Prompts(condense=load_prompt("condense/v1"))
    ask = Ask("ومتى ينتهي؟", (Turn(QUESTION, ("sweden.md",)),))
    told = says(("يمتد المشروع من حزيران 2022 إلى أيار 2024.", PERIOD))
    server.script(Reply("متى ينتهي مشروع السويد ومنظمة الصحة العالمية في تعز؟"), told)
    found = writer(corpus, server, prompts=prompts).invoke(ask)
    assert (found.trace.outcome, found.trace.calls) == ("written", 2)
    assert "condense" in {name for name, _ in found.trace.steps}
    server.script(Reply("متى تدفع النرويج 900 مليون دولار؟"), told)
    found = writer(corpus, server, prompts=prompts).invoke(ask)
    assert "النرويج" not in server.requests[-1].text


def test_a_server_without_structured_output_is_asked_in_words(corpus, server) -> None:
    """And is not asked for the form again."""
    server.takes_schema = False
    server.script(lambda r: Reply("```json\n" + with_ids(draft((ANSWER, SWEDEN)), r.text) + "\n```"))
    chain = writer(corpus, server)
    assert chain.invoke(Ask(QUESTION)).trace.outcome == "written"
    assert [r.structured for r in server.requests] == [True, False]
    assert chain.invoke(Ask(QUESTION)).trace.outcome == "written"
    assert [r.structured for r in server.requests] == [True, False, False]


FAULTS = [
    (Fault("status", 429, (("Retry-After", "0"),)), "rate"),
    (Fault("status", 503, (("Retry-After", "0"),)), "unreachable"),
    (Fault("status", 401), "error"),
    (Fault("close"), "unreachable"),
    (Fault("event"), "unreachable"),
    (Reply("عذراً، لا أستطيع."), "malformed"),
    (Reply('{"sentences": [{"text": 5}]}'), "malformed"),
    (Reply(draft((ANSWER, SWEDEN), id="p1"), cut_after=2), "unreachable"),
    (Reply('{"sentences": [', finish="length"), "malformed"),
    (Fault("garbage"), "malformed"),
]


@pytest.mark.parametrize(
    ("fault", "reason"), FAULTS, ids=[f"{getattr(f, 'kind', 'reply')}-{r}-{i}" for i, (f, r) in enumerate(FAULTS)]
)
@pytest.mark.parametrize("streaming", [False, True])
def test_a_fault_of_the_model_becomes_the_extractive_answer(corpus, server, fault, reason, streaming) -> None:
    """With a note in the user's language, after bounded retries, and never an exception."""
    server.script(fault)
    chain = writer(corpus, server, limits=Limits(seconds=6, calls=2))
    found = asyncio.run(_parts(chain, Ask(QUESTION)))[-1] if streaming else chain.invoke(Ask(QUESTION))
    if not streaming and (getattr(fault, "kind", "") == "event" or getattr(fault, "cut_after", None)):
        return  # faults of a stream
    assert found.trace.outcome == "fallback", found.trace
    assert found.trace.reason in {reason, "error"} if reason == "malformed" else found.trace.reason == reason
    assert len(server.requests) <= 2
    assert "6.5 مليون دولار" in found.text
    assert found.notes


def test_a_fault_that_passes_is_not_noticed(corpus, server) -> None:
    """The second attempt answers."""
    server.script(Fault("status", 500), says((ANSWER, SWEDEN)))
    found = writer(corpus, server).invoke(Ask(QUESTION))
    assert (found.trace.outcome, found.trace.calls, found.notes) == ("written", 2, ())


def test_a_cut_in_mid_stream_shows_nothing_unverified_and_is_tried_again(corpus, server) -> None:
    """What was shown before the cut was verified; the second attempt replaces it."""
    whole = ((ANSWER, SWEDEN), ("استفاد من المرحلة السابقة 12,300 شخص.", PEOPLE))
    server.script(says(*whole, piece=20, cut_after=13), says(*whole))
    parts = asyncio.run(_parts(writer(corpus, server), Ask(QUESTION)))
    assert parts[-1].trace.outcome == "written"
    assert parts[-1].trace.calls == 2
    assert "12,300" in parts[-1].text


def test_a_hanging_server_costs_no_more_than_the_time_for_an_answer(corpus, server) -> None:
    """The extractive answer comes when the time is up."""
    server.script(Fault("hang", seconds=30))
    found = writer(corpus, server, limits=Limits(seconds=1.2)).invoke(Ask(QUESTION))
    assert (found.trace.outcome, found.trace.reason) == ("fallback", "timeout")
    assert found.seconds < 6


def test_a_server_that_asks_to_wait_longer_than_there_is_time_is_not_waited_for(corpus, server) -> None:
    """Retry-After beyond the deadline ends the attempts."""
    server.script(Fault("status", 429, (("Retry-After", "60"),)))
    found = writer(corpus, server).invoke(Ask(QUESTION))
    assert (found.trace.reason, len(server.requests)) == ("rate", 1)


def test_an_unreachable_server_is_an_answer_with_a_note(corpus, server) -> None:
    """Nobody listens there any more."""
    chain = writer(corpus, server, limits=Limits(seconds=4))
    server.close()
    found = chain.invoke(Ask("How much did Sweden give WHO in Taiz?"))
    assert (found.trace.outcome, found.trace.reason) == ("fallback", "unreachable")
    assert "unavailable" in found.notes[-1]


@pytest.mark.parametrize(("limits", "day"), [(Limits(tokens=1000), None), (Limits(), 1500), (Limits(calls=0), None)])
def test_budgets_are_kept(corpus, server, tmp_path, limits, day) -> None:
    """Of an answer and of the day: no call is made that could go beyond them."""
    server.script(says((ANSWER, SWEDEN)))
    usage = Usage(tmp_path / "usage.db", tokens=day)
    found = writer(corpus, server, limits=limits, usage=usage).invoke(Ask(QUESTION))
    assert (found.trace.outcome, found.trace.reason, server.requests) == ("fallback", "budget", [])
    assert usage.spent().tokens == 0


def test_what_was_spent_and_what_became_of_answers_is_counted(corpus, server, tmp_path) -> None:
    """By what the server told; the booking is corrected."""
    usage = Usage(tmp_path / "usage.db")
    server.script(says((ANSWER, SWEDEN)), says((WRONG, SWEDEN)))
    chain = writer(corpus, server, usage=usage)
    chain.invoke(Ask(QUESTION))
    chain.invoke(Ask(QUESTION))
    assert (usage.spent().calls, usage.spent().tokens) == (3, 360)
    assert usage.outcomes() == {("written", ""): 1, ("fallback", "unverified"): 1}


def test_identical_questions_are_answered_from_memory(corpus, server) -> None:
    """Another question, or a fallback, is not."""
    cache = AnswerCache(size=8)
    server.script(Fault("status", 401), says((ANSWER, SWEDEN)))
    chain = writer(corpus, server, cache=cache)
    assert chain.invoke(Ask(QUESTION)).trace.outcome == "fallback"
    first = chain.invoke(Ask(QUESTION))
    again = chain.invoke(Ask(QUESTION))
    assert (again.trace.outcome, again.trace.calls) == ("cached", 0)
    assert (again.text, again.citations) == (first.text, first.citations)
    assert len(server.requests) == 2
    chain.invoke(Ask(QUESTION + " وبأي تاريخ؟"))
    assert len(server.requests) == 3


def test_a_cache_is_bounded() -> None:
    """What was not used for longest goes."""
    cache = AnswerCache(size=2)
    for key in "abac":
        cache.put(key, None)
    assert (len(cache), cache.get("b")) == (2, None)


def test_links_and_markup_of_a_model_reach_nobody(corpus, server) -> None:
    """Whatever stands in its sentence."""
    for evil in ("انظر https://evil.example", "<a href='x'>هنا</a>", "[هنا](http://x.example)"):
        server.script(says((ANSWER.removesuffix(".") + f" {evil}.", SWEDEN)))
        found = writer(corpus, server).invoke(Ask(QUESTION))
        assert "evil" not in str(found.to_dict()["answer"])
        assert found.trace.outcome == "fallback"


def test_an_abandoned_stream_ends_the_call(corpus, server) -> None:
    """The generation is let go when a reader leaves in the middle."""
    server.script(
        says((ANSWER, SWEDEN), ("استفاد من المرحلة السابقة 12,300 شخص.", BEFORE + " " + PEOPLE), piece=10, pause=0.02)
    )

    async def leave() -> None:
        stream = writer(corpus, server).astream(Ask(QUESTION))
        async for _ in stream:
            break
        await stream.aclose()

    asyncio.run(leave())
    server.script(says((ANSWER, SWEDEN)))
    assert writer(corpus, server).invoke(Ask(QUESTION)).trace.outcome == "written"


def test_many_ask_at_once(corpus, server, tmp_path) -> None:
    """Thirty questions from three kinds of callers, each with its own answer; faults in between disturb nobody."""
    counter = iter(range(10_000))

    def step(request):
        if next(counter) % 7 == 3:
            return Fault("status", 503, (("Retry-After", "0"),))
        return Reply(with_ids(draft((ANSWER, SWEDEN)), request.text))

    server.script(step)
    usage = Usage(tmp_path / "usage.db")
    chain = writer(corpus, server, usage=usage, limits=Limits(seconds=30))

    async def ask() -> list:
        streams = [_parts(chain, Ask(f"{QUESTION} {i}")) for i in range(10)]
        wholes = [chain.ainvoke(Ask(f"{QUESTION} {i}")) for i in range(10)]
        return [*(p[-1] for p in await asyncio.gather(*streams)), *await asyncio.gather(*wholes)]

    with ThreadPoolExecutor(5) as pool:
        threads = [pool.submit(chain.invoke, Ask(f"{QUESTION} {i}")) for i in range(10)]
        found = [*asyncio.run(ask()), *(t.result() for t in threads)]
    assert {f.trace.outcome for f in found} == {"written"}
    assert sorted(f.question for f in found) == sorted(f"{QUESTION} {i}" for i in range(10) for _ in range(3))
    assert usage.spent().calls == len(server.requests)
    assert usage.spent().tokens == 120 * len(found)


def test_a_fault_of_our_own_costs_no_answer(corpus, server, monkeypatch, caplog) -> None:
    """It is logged with its traceback, and the extractive answer takes over."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("in the verifier")

    monkeypatch.setattr("answering.drafting.verify", broken)
    server.script(says((ANSWER, SWEDEN)))
    for found in (
        writer(corpus, server).invoke(Ask(QUESTION)),
        asyncio.run(_parts(writer(corpus, server), Ask(QUESTION)))[-1],
    ):
        assert (found.trace.outcome, found.trace.reason) == ("fallback", "error")
        assert "6.5" in found.text
    assert "in the verifier" in caplog.text
