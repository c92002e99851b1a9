"""The chat model of the settings: any provider that `init_chat_model` knows, or any OpenAI-compatible server."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final, Literal

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from answering.errors import ChatSetup
from prompts.loader import PromptSettings

Output = Literal["auto", "json_schema", "function_calling", "json_mode", "text"]
"""How the model is held to a draft's form; auto tries the provider's own way first, then asks in words alone."""


@dataclass(frozen=True, slots=True)
class _Provider:
    package: str
    extra: str
    tokens: str
    """Its name for the most tokens that a reply may have."""
    timeout: str = "timeout"


PROVIDERS: Final = {
    "openai": _Provider("langchain_openai", "openai", "max_tokens"),
    "anthropic": _Provider("langchain_anthropic", "anthropic", "max_tokens"),
    "ollama": _Provider("langchain_ollama", "ollama", "num_predict", timeout=""),
    "google_genai": _Provider("langchain_google_genai", "google", "max_output_tokens"),
}
"""The providers with their packages, which are extras of the project: `pip install 'sanad[openai]'`."""


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """`model` is provider:name. `url` is an OpenAI-compatible server's (with provider openai) or Ollama's own."""

    model: str
    url: str | None = None
    key: SecretStr | None = None
    output: Output = "auto"


class _Hidden(dict[str, str]):
    """Headers that are not shown where a model is: Ollama's client knows no secrets."""

    def __repr__(self) -> str:
        return "{…}"


def load_chat(config: ChatConfig, settings: PromptSettings, *, seconds: float = 30) -> BaseChatModel:
    """The model, asking as a prompt's settings say; no network yet. Its calls end after `seconds` and never retry:
    the chain does, within its own limits. Raises ChatSetup.
    """
    provider, _, name = config.model.partition(":")
    known = PROVIDERS.get(provider)
    if known is None or not name:
        wanted = "، ".join(f"{p}:…" for p in PROVIDERS)
        raise ChatSetup(
            f"نموذج محادثة غير معروف «{config.model}»؛ المتوقع {wanted}",
            f"unknown chat model {config.model!r}; expected {', '.join(f'{p}:…' for p in PROVIDERS)}",
        )
    if find_spec(known.package) is None:
        command = f"pip install 'sanad[{known.extra}]'"
        raise ChatSetup(
            f"يحتاج {provider} إلى حزمة غير مثبتة: {command}", f"{provider} needs a package that is not here: {command}"
        )
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {known.tokens: settings.max_tokens}
    if settings.temperature is not None:
        options["temperature"] = settings.temperature
    if known.timeout:
        options[known.timeout] = seconds
        options["max_retries"] = 1 if provider == "google_genai" else 0  # there 1 is the only try, 0 means the default
    else:
        options["client_kwargs"] = {"timeout": seconds}
    if config.url:
        options["base_url"] = config.url
    if config.key:
        options["google_api_key" if provider == "google_genai" else "api_key"] = config.key
    if provider == "ollama":
        options.pop("api_key", None)
        if config.key:
            options["client_kwargs"]["headers"] = _Hidden(Authorization=f"Bearer {config.key.get_secret_value()}")
    if provider == "openai":
        options["stream_usage"] = True  # the default only without a URL of one's own
        if config.url:
            options.setdefault("api_key", SecretStr("none"))  # a server of one's own asks for none
            options["use_responses_api"] = False
    try:
        model = init_chat_model(name, model_provider=provider, **options)
    except Exception as error:  # each provider has errors of its own for a missing key or a bad URL
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ChatSetup(
            f"تعذّر إعداد النموذج {config.model}، تحقق من SANAD_CHAT_KEY وSANAD_CHAT_URL: {line}",
            f"cannot set up {config.model}, look at SANAD_CHAT_KEY and SANAD_CHAT_URL: {line}",
        ) from error
    assert isinstance(model, BaseChatModel)
    return model
