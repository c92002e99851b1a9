"""Every setting, from the environment (prefix SANAD_) or a .env file; nothing else reads the environment."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at the composition root and handed on as arguments."""

    model_config = SettingsConfigDict(env_prefix="SANAD_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="where the catalogue and the generations lie")
    embedding_model: str | None = Field(None, description="a sentence-transformers model; empty for the bundled one")
    reranker_model: str | None = Field(None, description="a CrossEncoder model; empty for none")
    device: Literal["cpu", "cuda", "mps"] = Field("cpu", description="where models run")


@cache
def settings() -> Settings:
    """The settings of this process. Raises pydantic.ValidationError naming the setting."""
    return Settings()  # type: ignore[call-arg]  # pydantic fills in the defaults
