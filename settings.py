"""Every setting, from the environment (prefix SANAD_) or a .env file; nothing else reads the environment."""

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _listed(value: object) -> object:
    """Numbers or host:port pairs told apart by commas or blanks, as people write them in an environment."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(_listed)]
Hosts = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """Read once at the composition root and handed on as arguments."""

    model_config = SettingsConfigDict(
        env_prefix="SANAD_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Field(Path("data"), description="where the catalogue and the generations lie")
    embedding_model: str | None = Field(
        None, description="a sentence-transformers model, or the endpoint's name for its own; empty for the bundled one"
    )
    embedding_url: str | None = Field(
        None, pattern="^https?://", description="an OpenAI-compatible endpoint that has the embedding model (…/v1)"
    )
    embedding_key: SecretStr | None = Field(None, description="the endpoint's key, if it wants one")
    embedding_dimensions: int | None = Field(None, ge=1, le=65536, description="where the model there has a choice")
    embedding_query_prompt: str | None = Field(None, description="before questions; empty for the model's family's")
    embedding_passage_prompt: str | None = Field(None, description="before passages; empty for the model's family's")
    embedding_batch: int = Field(64, ge=1, le=4096, description="texts in a request to the endpoint")
    embedding_requests: int = Field(8, ge=1, le=256, description="requests to the endpoint at a time")
    embedding_seconds: float = Field(120, gt=0, description="for a batch at the endpoint, with all its attempts")
    embedding_query_seconds: float = Field(2, gt=0, description="for a question there; then its words alone count")
    reranker_model: str | None = Field(None, description="a CrossEncoder model; empty for none")
    device: Literal["cpu", "cuda", "mps"] = Field("cpu", description="where models run")

    # Vectors in a Chroma server
    chroma_url: str | None = Field(
        None, pattern="^https?://[^/]+/?$", description="a Chroma server or Chroma Cloud; empty: in the data folder"
    )
    chroma_key: SecretStr | None = Field(None, description="sent along as X-Chroma-Token")
    chroma_tenant: str = Field("default_tenant", description="the tenant on the server")
    chroma_database: str = Field("default_database", description="the database on the server")
    chroma_prefix: str = Field(
        "sanad", pattern="^[a-zA-Z0-9][a-zA-Z0-9._-]{0,60}$", description="what the names of collections begin with"
    )

    # The Telegram bot
    telegram_token: SecretStr | None = Field(None, description="the bot's token, from @BotFather")
    telegram_api_url: str = Field(
        "https://api.telegram.org", pattern="^https?://", description="a Bot API server; your own lifts file limits"
    )
    webhook_secret: SecretStr | None = Field(None, description="what Telegram must send along; made up if empty")
    allowed_users: Ids = Field(frozenset(), description="ids of the users who may ask; empty: everybody")
    admins: Ids = Field(frozenset(), description="ids of the users who may ingest, remove and see the state")
    database_url: str | None = Field(
        None,
        description="the bot's database; empty: bot.db in the data folder; postgresql+psycopg://… is shared by replicas",
    )
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="where /metrics, /healthz and /readyz are served; empty: nowhere"
    )
    metrics_host: str = Field("127.0.0.1", description="the address that they are served at")
    ready_seconds: float = Field(60, ge=1, description="after so long without word from Telegram the bot is not ready")
    answer_seconds: float = Field(90, gt=0, description="after so long a question is given up")
    answer_workers: int = Field(4, ge=1, description="how many questions are worked on at the same time")
    question_characters: int = Field(1000, ge=1, description="longer questions are declined")
    user_questions_per_minute: int = Field(30, ge=1, description="of one user, by the time of writing")
    questions_per_minute: int = Field(3000, ge=1, description="of all users together")
    sends_per_second: float = Field(30, gt=0, description="messages and edits that Telegram is given a second")
    context_minutes: float = Field(30, gt=0, description="after so long a follow-up is a new question")
    shutdown_seconds: float = Field(25, gt=0, description="how long a stopping bot finishes what it has begun")
    upload_megabytes: int = Field(
        20, ge=1, description="larger files are declined; Telegram's own server gives out 20 MB"
    )
    ingest_memory_mb: int = Field(4096, ge=256, description="address space of the process that reads and publishes")
    ingest_cpu_seconds: int = Field(600, ge=1, description="processor time of that process")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what the bot logs")
    chat_model: str | None = Field(None, description="provider:name; empty for answers without a model")
    chat_url: str | None = Field(None, description="an OpenAI-compatible server (openai:…), or Ollama's (ollama:…)")
    chat_key: SecretStr | None = Field(None, description="the provider's key; empty for the provider's own variable")
    chat_output: Literal["auto", "json_schema", "function_calling", "json_mode", "text"] = Field(
        "auto", description="how the model is held to the form of an answer"
    )
    chat_condense: Literal["rules", "model"] = Field("rules", description="what completes follow-up questions")
    chat_seconds: float = Field(30, gt=1, le=600, description="for an answer in all")
    chat_calls: int = Field(4, ge=1, description="of the model for an answer, retries among them")
    chat_tokens: int = Field(24_000, ge=1_000, description="for an answer, in and out")
    chat_calls_per_day: int | None = Field(None, ge=0, description="of all processes on one data folder, by UTC days")
    chat_tokens_per_day: int | None = Field(None, ge=0, description="of all processes on one data folder, by UTC days")
    chat_cache: int = Field(512, ge=0, description="answers kept in memory for identical questions; 0 for none")
    prompts_dir: Path | None = Field(None, description="a folder of prompts of one's own, laid out as prompts/ is")
    prompt_answer: str = Field("v1", pattern=r"^v[1-9][0-9]*$", description="the version of prompts/answer")
    prompt_repair: str = Field("v1", pattern=r"^v[1-9][0-9]*$", description="the version of prompts/repair")
    prompt_condense: str = Field("v1", pattern=r"^v[1-9][0-9]*$", description="the version of prompts/condense")
    prompt_facts: str = Field("v1", pattern=r"^v[1-9][0-9]*$", description="the version of prompts/facts")
    tracing: Literal["off", "langsmith", "otel"] = Field("off", description="where runs are traced to")
    tracing_url: str | None = Field(None, description="an OTLP endpoint (gRPC) for otel")

    # Replicas: generations through object storage
    snapshot_url: str | None = Field(
        None,
        description="where generations are pushed to and pulled from (s3://bucket/prefix, gs://, az://, a shared folder); "
        "credentials come from the provider's own variables (AWS_*, GOOGLE_*, AZURE_*), never from here",
    )
    snapshot_seconds: float = Field(10, ge=1, description="between two looks of a replica's bot at what is pushed")

    # Where releases come from
    sources: Path = Field(Path("sources.yaml"), description="the standing sources of `sanad ingest --all` and `watch`")
    reliefweb_appname: str | None = Field(None, description="the approved name for ReliefWeb's API; empty: not asked")
    fetch_allowed: Hosts = Field(
        frozenset(), description="host:port pairs of your own that are fetched though internal"
    )
    fetch_interval: float = Field(1.0, ge=0, le=60, description="seconds between requests to one host")
    user_agent: str = Field("Sanad/0.1", description="what servers see; add an address where you can be reached")
    read_seconds: int = Field(4, ge=1, le=600, description="processor time that one document may take to read")
    read_megabytes: int = Field(1024, ge=256, description="memory that one document may take to read")

    # What systemd tells a service of Type=notify, under systemd's own names
    notify_socket: str | None = Field(None, validation_alias="NOTIFY_SOCKET", description="where it hears how we stand")
    watchdog_usec: int | None = Field(
        None, validation_alias="WATCHDOG_USEC", description="within which it wants to hear"
    )

    @field_validator("embedding_url")
    @classmethod
    def _names_a_model(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and not info.data.get("embedding_model"):
            raise PydanticCustomError("model_missing", "SANAD_EMBEDDING_MODEL beside it: the model's name there")
        return value

    def embedding_endpoint(self) -> dict[str, Any] | None:
        """The fields of vectorstore.endpoint.Endpoint, the key among them; None where models run here."""
        if self.embedding_url is None:
            return None
        return {
            "url": self.embedding_url,
            "model": self.embedding_model,
            "key": self.embedding_key.get_secret_value() if self.embedding_key else None,
            "dimensions": self.embedding_dimensions,
            "query_prompt": self.embedding_query_prompt,
            "passage_prompt": self.embedding_passage_prompt,
            "batch": self.embedding_batch,
            "requests": self.embedding_requests,
            "seconds": self.embedding_seconds,
            "query_seconds": self.embedding_query_seconds,
        }

    def chroma_server(self) -> dict[str, Any] | None:
        """The arguments of vectorstore.chroma_server.ChromaServer, the key among them; None where vectors lie here."""
        if self.chroma_url is None:
            return None
        return {
            "url": self.chroma_url,
            "key": self.chroma_key.get_secret_value() if self.chroma_key else None,
            "tenant": self.chroma_tenant,
            "database": self.chroma_database,
            "prefix": self.chroma_prefix,
        }


@cache
def settings() -> Settings:
    """The settings of this process. Raises pydantic.ValidationError naming the setting.

    What the environment and .env leave out may lie in files of the settings' names: the secrets of a container, or what
    systemd's LoadCredential= hands over.
    """
    folders = [Path("/run/secrets"), Path(os.environ.get("CREDENTIALS_DIRECTORY", ""))]
    return Settings(_secrets_dir=[f for f in folders if f.is_absolute() and f.is_dir()] or None)  # type: ignore[call-arg]
