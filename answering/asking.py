"""Asking a chat model for something of a given form: bounded retries, a deadline, budgets, foreign errors translated."""

import asyncio
import json
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableSequence

from answering.answer import Reason
from answering.chat import Output
from answering.draft import Malformed
from answering.usage import Limits, Usage

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_ATTEMPTS = 3
_PAUSE = 0.5
"""Seconds before the second attempt; each further one waits twice as long."""
_LETTERS_A_TOKEN = 2
"""Arabic takes two to three letters a token; used for booking, and where a server does not tell."""
_TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_UNREACHABLE = frozenset(
    {"APIConnectionError", "TransportError", "NetworkError", "ConnectError", "RemoteProtocolError", "ReadError"}
)
_MALFORMED = frozenset(
    {"LengthFinishReasonError", "ContentFilterFinishReasonError", "OutputParserException", "JSONDecodeError",
     "ValidationError", "OpenAIRefusalError", "APIResponseValidationError"}
)  # fmt: skip


class ChatFault(Exception):
    """A model that gave nothing usable: why, and whether asking again may help, after how many seconds."""

    def __init__(self, reason: Reason, detail: str, *, again: bool = False, after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.again, self.after = reason, again, after


@dataclass(frozen=True, slots=True)
class Growing:
    """The text of a reply so far; a new attempt begins anew."""

    text: str


@dataclass(frozen=True, slots=True)
class Whole(Generic[T]):
    """What was parsed from a whole reply."""

    value: T
    text: str


@dataclass(slots=True)
class Bill:
    """What the calls of one answer have cost so far."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def tokens(self) -> int:
        """In and out."""
        return self.input_tokens + self.output_tokens


@dataclass(slots=True)
class Manner:
    """The way in which a model is held to the form; what a server rejects is not tried again."""

    output: Output = "auto"
    rejected: set[str] = field(default_factory=set)

    def ways(self) -> list[str]:
        """The ways that are left, the strictest first."""
        ways: list[str] = ["auto", "text"] if self.output == "auto" else [self.output]
        return [w for w in ways if w not in self.rejected] or ways[-1:]


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks one model on behalf of one answer. `deadline` is a time of time.monotonic()."""

    limits: Limits
    deadline: float
    bill: Bill
    usage: Usage | None = None

    async def ask(
        self,
        model: BaseChatModel,
        messages: Sequence[BaseMessage],
        parse: Callable[[str], T],
        *,
        schema: dict[str, Any] | None,
        manner: Manner,
        most: int,
        streaming: bool,
        config: RunnableConfig | None = None,
    ) -> AsyncGenerator[Growing | Whole[T], None]:
        """The reply as it grows (if `streaming`) and, last, what `parse` makes of it.

        `most` is how many tokens a reply may have. Raises ChatFault when the attempts, the deadline or a budget are
        used up.
        """
        attempt = 0
        while True:
            attempt += 1
            way = manner.ways()[0] if schema else "text"
            try:
                async with aclosing(self._once(model, messages, schema, way, most, streaming, config)) as texts:
                    text = ""
                    async for text in texts:
                        if streaming:
                            yield Growing(text)
                yield Whole(parse(text), text)
                return
            except Exception as error:
                fault = translated(error)
                _LOG.info("chat model, attempt %d (%s): %s", attempt, way, fault)
                if fault.reason == "rejected" and schema and len(manner.ways()) > 1:
                    manner.rejected.add(way)  # a server without structured output: ask in words, at once
                    attempt -= 1
                    continue
                if not fault.again or attempt >= _ATTEMPTS or self.bill.calls >= self.limits.calls:
                    raise fault from error
                spread = random.uniform(0.8, 1.2)  # noqa: S311  so that clients do not come back together
                pause = _PAUSE * 2 ** (attempt - 1) * spread if fault.after is None else fault.after
                if pause >= self._left():
                    raise fault from error
                await asyncio.sleep(pause)

    def _left(self) -> float:
        return self.deadline - time.monotonic()

    async def _once(
        self,
        model: BaseChatModel,
        messages: Sequence[BaseMessage],
        schema: dict[str, Any] | None,
        way: str,
        most: int,
        streaming: bool,
        config: RunnableConfig | None,
    ) -> AsyncGenerator[str, None]:
        """One call: the growing text of the reply."""
        runnable = _held(model, schema, way)
        sent = sum(len(m.text) for m in messages) // _LETTERS_A_TOKEN
        booked = sent + most
        await self._book(booked)
        self.bill.calls += 1
        message: AIMessage | None = None
        try:
            if not streaming:
                async with asyncio.timeout(max(0.0, self._left())):
                    message = await runnable.ainvoke(list(messages), config)
                yield _text(message)
                return
            async with aclosing(runnable.astream(list(messages), config)) as parts:  # type: ignore[type-var]
                while True:
                    async with asyncio.timeout(max(0.0, self._left())):
                        part = await anext(parts, None)
                    if part is None:
                        return
                    message = part if message is None else message + part
                    yield _text(message)
        except Exception as error:
            if _status(error) is not None:
                sent = 0  # a server that refuses charges nothing
            raise
        finally:
            await self._settle(message, sent, booked)

    async def _book(self, tokens: int) -> None:
        if self.bill.calls >= self.limits.calls or self.bill.tokens + tokens > self.limits.tokens:
            raise ChatFault("budget", "the answer's calls or tokens are used up")
        if self._left() <= 0:
            raise ChatFault("timeout", "no time left")
        if self.usage is not None and not await asyncio.to_thread(self.usage.book, tokens):
            raise ChatFault("budget", "the day's calls or tokens are used up")

    async def _settle(self, message: AIMessage | None, sent: int, booked: int) -> None:
        told = message.usage_metadata if message is not None else None
        received = len(_text(message)) // _LETTERS_A_TOKEN
        if told:
            sent, received = int(told["input_tokens"]), int(told["output_tokens"])
        self.bill.input_tokens += sent
        self.bill.output_tokens += received
        if self.usage is not None:
            await asyncio.to_thread(self.usage.correct, sent + received - booked)


def _held(model: BaseChatModel, schema: dict[str, Any] | None, way: str) -> Runnable[Any, Any]:
    """The model held to a form, giving its messages as they are: parsing is ours, and lenient.

    What `with_structured_output` returns is the bound model with a parser behind it; with `include_raw` the parser's
    fallback would wait for the whole reply, so that nothing could be shown while it grows.
    """
    if schema is None or way == "text":
        return model
    options: dict[str, Any] = {} if way == "auto" else {"method": way}
    try:
        held = model.with_structured_output(schema, **options)
    except (NotImplementedError, ValueError, TypeError) as error:
        raise ChatFault("rejected", f"no structured output: {error}") from error
    if not isinstance(held, RunnableSequence):
        raise ChatFault("rejected", f"structured output of an unknown make: {type(held).__name__}")
    return held.first


def _text(message: AIMessage | None) -> str:
    """The content of a reply, or the arguments of the call that structured output made of it."""
    if message is None:
        return ""
    if isinstance(message, AIMessageChunk) and message.tool_call_chunks:
        return str(message.tool_call_chunks[0].get("args") or "")
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    return message.text


def translated(error: Exception) -> ChatFault:
    """Any error of any provider as a ChatFault, by its HTTP status or, where it has none, by the names of its classes."""
    if isinstance(error, ChatFault):
        return error
    names = {c.__name__ for c in type(error).__mro__}
    detail = f"{type(error).__name__}: {str(error)[:200]}"
    if isinstance(error, Malformed) or names & _MALFORMED:
        return ChatFault("malformed", detail, again=True)
    status = _status(error)
    if status == 429:
        quota = getattr(error, "code", None) == "insufficient_quota"
        return ChatFault("rate", detail, again=not quota, after=_after(error))
    if status in _TRANSIENT:
        return ChatFault("unreachable", detail, again=True, after=_after(error))
    if status is not None and 400 <= status < 500:
        return ChatFault("error" if status in {401, 403} else "rejected", detail)
    if isinstance(error, TimeoutError) or any("Timeout" in n for n in names):
        return ChatFault("timeout", detail, again=True)
    if isinstance(error, OSError) or names & _UNREACHABLE or names & {"APIError"}:  # an error event within a stream
        return ChatFault("unreachable", detail, again=True)
    return ChatFault("error", detail)


def _status(error: Exception) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "code"):
            value = getattr(holder, name, None)
            if isinstance(value, int) and 100 <= value < 600:
                return value
    return None


def _after(error: Exception) -> float | None:
    """The seconds that a server asks to wait."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    value = headers.get("retry-after")
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
