"""Model responses on disk."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from evaluation.responses import Calls, Mode, NoRecording, ReplayModel, ResponseStore, calls

_ASKED = [SystemMessage("أجب من المقاطع"), HumanMessage("كم؟")]


class Counting(BaseChatModel):
    """Says how often it was asked; fails as often as `faults` says before it answers."""

    asked: int = 0
    faults: int = 0

    @property
    def _llm_type(self) -> str:
        return "counting"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        if self.faults:
            self.faults -= 1
            raise ConnectionError("no route")
        self.asked += 1
        usage = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
        message = AIMessage(
            f"جواب {self.asked}", usage_metadata=usage, response_metadata={"model_name": "counting", "secret": "s"}
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def _store(folder: Path, mode: Mode = "keep", **more: Any) -> ResponseStore:
    return ResponseStore(folder, **{"model": "openai:m"} | more, mode=mode)


def _ask(model: BaseChatModel, messages: list[BaseMessage] = _ASKED) -> str:
    calls.set(Calls())
    return asyncio.run(model.ainvoke(messages)).text


def test_a_response_is_asked_for_once(tmp_path: Path) -> None:
    """Then it comes from disk, with its tokens; other messages are another request."""
    model = Counting(cache=_store(tmp_path))
    assert [_ask(model), _ask(model), _ask(model, [HumanMessage("متى؟")])] == ["جواب 1", "جواب 1", "جواب 2"]
    again = asyncio.run(model.ainvoke(_ASKED))
    assert again.usage_metadata is not None
    assert again.usage_metadata["input_tokens"] == 10


@pytest.mark.parametrize("other", [{"model": "openai:n"}, {"setting": "temperature 1"}, {"attempt": 1}])
def test_another_model_setting_or_attempt_is_another_request(tmp_path: Path, other: dict[str, Any]) -> None:
    """Nothing is taken for what it is not."""
    model = Counting(cache=_store(tmp_path))
    _ask(model)
    model.cache = _store(tmp_path, **other)
    assert _ask(model) == "جواب 2"


def test_a_replay_needs_no_model_and_tells_what_is_missing(tmp_path: Path) -> None:
    """The messages alone find the response, whoever's client sent them."""
    _ask(Counting(cache=_store(tmp_path)))
    replay = ReplayModel(name="openai:m", cache=_store(tmp_path, "replay"))
    assert _ask(replay) == "جواب 1"

    async def missing() -> list[str]:
        counter = Calls()
        calls.set(counter)
        with pytest.raises(NoRecording, match="openai:m"):
            await replay.ainvoke([HumanMessage("أين؟")])
        return counter.missing

    assert len(asyncio.run(missing())) == 1


def test_refreshing_asks_anew_and_keeps_what_is_new(tmp_path: Path) -> None:
    """For a provider that has changed its model under the same name."""
    model = Counting(cache=_store(tmp_path))
    _ask(model)
    model.cache = _store(tmp_path, "refresh")
    assert _ask(model) == "جواب 2"
    model.cache = _store(tmp_path)
    assert _ask(model) == "جواب 2"


def test_without_a_store_nothing_is_read_or_written(tmp_path: Path) -> None:
    """--no-cache leaves no trace."""
    model = Counting(cache=_store(tmp_path, "off"))
    assert [_ask(model), _ask(model)] == ["جواب 1", "جواب 2"]
    assert not list(tmp_path.iterdir())


def test_a_retry_within_an_answer_gets_a_reply_of_its_own(tmp_path: Path) -> None:
    """A reply that was of no use is not given again; a replay gives both in their order, and a fault takes no place."""

    async def twice(model: BaseChatModel) -> list[str]:
        calls.set(Calls())
        return [(await model.ainvoke(_ASKED)).text for _ in range(2)]

    model = Counting(cache=_store(tmp_path), faults=1)
    with pytest.raises(ConnectionError):
        _ask(model)
    assert asyncio.run(twice(model)) == ["جواب 1", "جواب 2"]
    assert asyncio.run(twice(ReplayModel(name="m", cache=_store(tmp_path, "replay")))) == ["جواب 1", "جواب 2"]


def test_what_a_model_wrote_is_noted_to_the_letter(tmp_path: Path) -> None:
    """From the model and from disk alike, for the report."""

    async def written(model: BaseChatModel) -> list[str]:
        counter = Calls()
        calls.set(counter)
        await model.ainvoke(_ASKED)
        return [w.text for w in counter.written]

    model = Counting(cache=_store(tmp_path))
    assert asyncio.run(written(model)) == asyncio.run(written(model)) == ["جواب 1"]


def test_a_recording_is_readable_and_holds_no_secret(tmp_path: Path) -> None:
    """Letters as they are, messages and response, and of the provider's metadata only the model and why it ended."""
    _ask(Counting(cache=_store(tmp_path, setting="temperature 0")))
    text = next(tmp_path.rglob("*.json")).read_text("utf-8")
    record = json.loads(text)
    assert "أجب من المقاطع" in text
    assert record["messages"] == [{"role": "system", "text": "أجب من المقاطع"}, {"role": "human", "text": "كم؟"}]
    assert record["response"]["response_metadata"] == {"model_name": "counting"}
    assert (record["model"], record["setting"]) == ("openai:m", "temperature 0")


@pytest.mark.parametrize("text", ["", "{", '{"response": {"role": 1}}', "[]"])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    """It is asked for and written again; a replay says that it is missing."""
    model = Counting(cache=_store(tmp_path))
    _ask(model)
    path = next(tmp_path.rglob("*.json"))
    path.write_text(text, "utf-8")
    with pytest.raises(NoRecording):
        _ask(ReplayModel(name="m", cache=_store(tmp_path, "replay")))
    assert [_ask(model), _ask(model)] == ["جواب 2", "جواب 2"]


def test_calls_of_tools_are_kept(tmp_path: Path) -> None:
    """Structured output by function calling has its text there."""
    call = {"name": "draft", "args": {"sentences": []}, "id": "1", "type": "tool_call"}
    store = _store(tmp_path)
    calls.set(None)
    store.update("[]", "", [ChatGeneration(message=AIMessage("", tool_calls=[call]))])
    found = store.lookup("[]", "another client")
    assert found is not None
    assert found[0].message.tool_calls == [call]
    store.clear()
    assert store.lookup("[]", "") is None


@pytest.mark.parametrize("name", ["../../etc/x", "ollama:qwen3:8b", "مودل", "a/b"])
def test_no_name_of_a_model_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Names come from the command line."""
    _ask(Counting(cache=_store(tmp_path / "store", model=name)))
    assert [p.parent.parent for p in tmp_path.rglob("*.json")] == [tmp_path / "store"]
