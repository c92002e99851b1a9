"""What tokens cost: prices come from a data file, and what is not listed has no price rather than a guessed one."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from arabic.cues import load_yaml
from evaluation.report import Usage

_MILLION = 1_000_000


class BadPrices(Exception):
    """A price file that cannot be read; the message names it and what was expected."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by model name or pattern («ollama:*»); `as_of` says when they were looked up."""

    as_of: str
    models: Mapping[str, Price]

    def of(self, model: str) -> Price | None:
        """The price of the longest pattern that fits."""
        fitting = [name for name in self.models if fnmatchcase(model, name)]
        return self.models[max(fitting, key=len)] if fitting else None

    def cost(self, model: str, usage: Usage) -> float | None:
        """What these tokens cost; nothing where no model was asked, None where the price or the count is unknown."""
        if not usage.calls:
            return 0.0
        price = self.of(model)
        if price is None:
            return None
        if price.input == price.output == 0:
            return 0.0
        if not usage.input_tokens:
            return None
        return (usage.input_tokens * price.input + usage.output_tokens * price.output) / _MILLION


def load_prices(own: Path | None = None) -> Prices:
    """The bundled prices, with those of a file of one's own before them. Raises BadPrices."""
    bundled = _prices(load_yaml("evaluation", "prices.yaml"), "prices.yaml")
    if own is None:
        return bundled
    try:
        mine = _prices(yaml.safe_load(own.read_text("utf-8")), str(own))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadPrices(f"{own}: {getattr(error, 'strerror', None) or 'not YAML'}") from error
    return Prices(mine.as_of or bundled.as_of, {**bundled.models, **mine.models})


def _prices(content: Any, where: str) -> Prices:
    if not isinstance(content, dict) or not isinstance(content.get("models"), dict):
        raise BadPrices(f"{where}: expected «as_of» and «models»")
    models = {}
    for name, row in content["models"].items():
        try:
            models[str(name)] = Price(float(row["input"]), float(row["output"]))
        except (TypeError, KeyError, ValueError) as error:
            raise BadPrices(
                f"{where}: {name}: expected {{input: dollars, output: dollars}} a million tokens"
            ) from error
    return Prices(str(content.get("as_of") or ""), models)
