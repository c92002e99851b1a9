"""Model responses on disk: a file a response, by what was sent; kept, replayed, and readable in a review.

A store is a LangChain cache of the model, so that what a provider's client sends is what is looked up, and the chain and
the verifier run as ever on what comes from disk: a response recorded once tests every later rule.
"""

import hashlib
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from langchain_core.caches import RETURN_VAL_TYPE, BaseCache
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

Mode = Literal["keep", "refresh", "replay", "off"]
"""keep: read, and write what is new; refresh: write only; replay: read only; off: neither."""


class NoRecording(Exception):
    """A response that is to be replayed was never recorded."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, to the letter; `file` holds it with all that was sent, if responses are kept."""

    text: str
    file: str | None = None


@dataclass(slots=True)
class Calls:
    """What an answer asked of its model, counted while it is written.

    `seen` counts the replies to equal requests: another request is a retry after a reply that was of no use, and gets a
    reply of its own.
    """

    cached: int = 0
    missing: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)


calls: ContextVar[Calls | None] = ContextVar("calls", default=None)
"""The counter of the answer that this task writes; tasks and threads that the chain starts inherit it."""


class ResponseStore(BaseCache):
    """The responses of one model under one prompt in a folder; `attempt` keeps repeated answers apart.

    `setting` holds whatever else shapes a response (temperature, greatest length): another setting, another response.
    """

    def __init__(self, folder: Path, *, model: str, setting: str = "", attempt: int = 0, mode: Mode = "keep") -> None:
        self._folder = folder / (re.sub(r"[^\w.-]+", "-", model).strip("-") or "model")
        self._about = {"model": model, "setting": setting, "attempt": attempt}
        self._mode = mode

    def lookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:  # noqa: ARG002  it differs without a provider
        """The response to these messages; None where the model has to be asked. Raises NoRecording in a replay."""
        key = self._key(_messages(prompt))
        counter = calls.get()
        if self._mode in {"refresh", "off"}:
            return None
        path = self._path(key)
        try:
            message = AIMessage(**json.loads(path.read_text("utf-8"))["response"])
        except (OSError, ValueError, KeyError, TypeError):  # absent; cut off or broken by hand is as good as absent
            if self._mode != "replay":
                return None
            if counter is not None:
                counter.missing.append(path.name)
            raise NoRecording(f"no response of {self._about['model']} was recorded ({path.name})") from None
        if counter is not None:
            counter.cached += 1
            counter.seen[key] += 1
            counter.written.append(Written(_words(message), f"{path.parent.name}/{path.name}"))
        return [ChatGeneration(message=message)]

    def update(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:  # noqa: ARG002
        """Keep a response; whole or not at all, whatever happens meanwhile."""
        message = getattr(return_val[0], "message", None) if return_val else None
        if self._mode == "replay" or not isinstance(message, AIMessage):
            return
        messages = _messages(prompt)
        key = self._key(messages)
        path = self._path(key)
        kept = self._mode != "off"
        if (counter := calls.get()) is not None:
            counter.seen[key] += 1
            counter.written.append(Written(_words(message), f"{path.parent.name}/{path.name}" if kept else None))
        if not kept:
            return
        record = {**self._about, "messages": messages, "response": _plain(message)}
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(record, file, ensure_ascii=False, indent=1)
        os.replace(name, path)

    async def alookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        """As `lookup`, in the task that asks, whose counter it is."""
        return self.lookup(prompt, llm_string)

    async def aupdate(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        """As `update`."""
        self.update(prompt, llm_string, return_val)

    def clear(self, **_: Any) -> None:
        """Forget the responses of this model."""
        for path in self._folder.glob("*.json"):
            path.unlink(missing_ok=True)

    def _key(self, messages: Sequence[dict[str, str]]) -> str:
        text = json.dumps([self._about, messages], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def _path(self, key: str) -> Path:
        counter = calls.get()
        again = counter.seen[key] if counter else 0
        return self._folder / (f"{key}-{again}.json" if again > 0 else f"{key}.json")


def _messages(prompt: str) -> list[dict[str, str]]:
    """Roles and texts of what LangChain serialised; identifiers and metadata change from call to call."""
    try:
        rows = json.loads(prompt)
        return [_message(row.get("kwargs", row)) for row in rows]
    except (ValueError, AttributeError, TypeError):
        return [{"role": "user", "text": prompt}]


def _message(row: dict[str, Any]) -> dict[str, str]:
    content = row.get("content", "")
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, sort_keys=True)
    return {"role": str(row.get("type", "")), "text": text}


def _plain(message: AIMessage) -> dict[str, Any]:
    """The parts of a response that the chain reads."""
    kept: dict[str, Any] = {"content": message.content}
    if message.tool_calls:
        kept["tool_calls"] = [dict(call) for call in message.tool_calls]
    if message.usage_metadata:
        kept["usage_metadata"] = dict(message.usage_metadata)
    told = {k: v for k, v in message.response_metadata.items() if k in {"model_name", "finish_reason", "stop_reason"}}
    return kept | ({"response_metadata": told} if told else {})


def _words(message: AIMessage) -> str:
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    return message.text


class ReplayModel(BaseChatModel):
    """Stands for a model whose responses were recorded, where neither its client nor a key is at hand."""

    name: str | None = None

    @property
    def _llm_type(self) -> str:
        return "replay"

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any) -> ChatResult:  # noqa: ARG002
        raise NoRecording(f"no response of {self.name} was recorded")
