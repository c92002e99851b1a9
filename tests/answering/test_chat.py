"""Which model: providers, keys, missing packages, foreign errors."""

import importlib.util

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from pydantic import SecretStr

from answering import asking, chat
from answering.asking import translated
from answering.chat import PROVIDERS, ChatConfig, load_chat
from answering.draft import SCHEMA, Malformed
from answering.errors import ChatSetup
from prompts.loader import PromptSettings

_SETTINGS = PromptSettings(0.0, 321)
_HERE = [p for p, known in PROVIDERS.items() if importlib.util.find_spec(known.package)]


@pytest.mark.parametrize("provider", _HERE)
@pytest.mark.filterwarnings("ignore")
def test_every_provider_is_set_up_without_network(provider: str) -> None:
    """With its own names for the same settings; the key is a secret in the model, too."""
    model = load_chat(ChatConfig(f"{provider}:some-model", key=SecretStr("top-secret")), _SETTINGS, seconds=7)
    assert "top-secret" not in repr(model)
    assert 321 in {getattr(model, n, None) for n in ("max_tokens", "num_predict", "max_output_tokens")}
    assert model.temperature == 0.0
    if provider == "openai":
        assert (model.max_retries, model.request_timeout, model.stream_usage) == (0, 7, True)


@pytest.mark.parametrize("name", ["gpt-4o", "nobody:gpt", "openai:", ":x", ""])
def test_an_unknown_model_is_one_line(name: str) -> None:
    """That says what is expected."""
    with pytest.raises(ChatSetup) as caught:
        load_chat(ChatConfig(name), _SETTINGS)
    assert "openai:…" in caught.value.message_en
    assert "\n" not in caught.value.message_ar


def test_a_missing_package_is_one_line(monkeypatch) -> None:
    """That names the extra to install."""
    monkeypatch.setattr(chat, "find_spec", lambda _: None)
    with pytest.raises(ChatSetup) as caught:
        load_chat(ChatConfig("anthropic:claude"), _SETTINGS)
    assert "pip install 'sanad[anthropic]'" in caught.value.message_en
    assert "pip install 'sanad[anthropic]'" in caught.value.message_ar


def test_a_missing_key_is_one_line(monkeypatch) -> None:
    """Whatever the provider's package says."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ChatSetup) as caught:
        load_chat(ChatConfig("openai:gpt"), _SETTINGS)
    assert "SANAD_CHAT_KEY" in caught.value.message_en
    assert "\n" not in caught.value.message_en


def test_a_server_of_ones_own_needs_no_key(monkeypatch) -> None:
    """And is spoken to in chat completions, which all such servers have."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = load_chat(ChatConfig("openai:llama", url="http://127.0.0.1:9/v1"), _SETTINGS)
    assert model.openai_api_base == "http://127.0.0.1:9/v1"
    assert model.use_responses_api is False


class _Status(Exception):
    def __init__(self, status: int, headers: dict[str, str] | None = None, code: str | None = None) -> None:
        super().__init__("secret body " * 100)
        self.status_code, self.code = status, code
        self.response = type("Response", (), {"status_code": status, "headers": headers or {}})()


class APIConnectionError(Exception):
    """As SDKs call it."""


class ReadTimeout(Exception):
    """As HTTP clients call it."""


@pytest.mark.parametrize(
    ("error", "reason", "again"),
    [
        (_Status(429), "rate", True),
        (_Status(429, code="insufficient_quota"), "rate", False),
        (_Status(500), "unreachable", True),
        (_Status(529), "unreachable", True),
        (_Status(408), "unreachable", True),
        (_Status(401), "error", False),
        (_Status(403), "error", False),
        (_Status(400), "rejected", False),
        (_Status(404), "rejected", False),
        (TimeoutError(), "timeout", True),
        (ReadTimeout(), "timeout", True),
        (APIConnectionError(), "unreachable", True),
        (ConnectionResetError(), "unreachable", True),
        (Malformed("x"), "malformed", True),
        (ZeroDivisionError(), "error", False),
    ],
)
def test_every_foreign_error_has_a_counterpart(error: Exception, reason: str, again: bool) -> None:
    """By its status, else by the names of its classes."""
    fault = translated(error)
    assert (fault.reason, fault.again) == (reason, again)
    assert len(str(fault)) < 300
    assert translated(fault) is fault


def test_the_time_that_a_server_asks_for_is_read() -> None:
    """In seconds or as a date; what is neither is nothing."""
    assert asking._after(_Status(429, {"retry-after": "3"})) == 3
    assert asking._after(_Status(429, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0
    assert asking._after(_Status(429, {"retry-after": "soon"})) is None
    assert asking._after(_Status(429)) is None


@pytest.mark.parametrize("provider", _HERE)
@pytest.mark.filterwarnings("ignore")
def test_every_provider_is_held_to_the_form_of_a_draft(provider: str) -> None:
    """By its own structured output, whose model part gives messages that can be streamed and counted."""
    model = load_chat(ChatConfig(f"{provider}:some-model", key=SecretStr("k")), _SETTINGS)
    held = asking._held(model, SCHEMA, "auto")
    assert held is not model
    assert held.bound.__class__ is model.__class__
    assert asking._held(model, SCHEMA, "text") is model


def test_the_arguments_of_a_tool_call_are_a_reply() -> None:
    """Whole, and as they grow: what Anthropic's structured output gives."""
    chunks = [
        AIMessageChunk("", tool_call_chunks=[{"name": "answer", "args": part, "id": "1", "index": 0}])
        for part in ('{"sentences": ', '[], "missing": []}')
    ]
    assert asking._text(chunks[0]) == '{"sentences": '
    assert asking._text(chunks[0] + chunks[1]) == '{"sentences": [], "missing": []}'
    whole = AIMessage("", tool_calls=[{"name": "answer", "args": {"sentences": [], "missing": []}, "id": "1"}])
    assert asking._text(whole) == '{"sentences": [], "missing": []}'
    assert asking._text(AIMessage([{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "{}"}])) == "{}"
