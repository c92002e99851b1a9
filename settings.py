"""Every setting, from the environment (prefix SANAD_) or a .env file; nothing else reads the environment."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _pairs(value: object) -> object:
    """host:port pairs told apart by commas or blanks, as people write them in an environment."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


Hosts = Annotated[frozenset[str], NoDecode, BeforeValidator(_pairs)]


class Settings(BaseSettings):
    """Read once at the composition root and handed on as arguments."""

    model_config = SettingsConfigDict(env_prefix="SANAD_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="where the catalogue and the generations lie")
    embedding_model: str | None = Field(None, description="a sentence-transformers model; empty for the bundled one")
    reranker_model: str | None = Field(None, description="a CrossEncoder model; empty for none")
    device: Literal["cpu", "cuda", "mps"] = Field("cpu", description="where models run")

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


@cache
def settings() -> Settings:
    """The settings of this process. Raises pydantic.ValidationError naming the setting."""
    return Settings()  # type: ignore[call-arg]  # pydantic fills in the defaults
