"""What tokens cost."""

from pathlib import Path

import pytest

from evaluation.cost import BadPrices, Price, load_prices
from evaluation.report import Usage

_USED = Usage(1, 0, 2_000_000, 500_000)


def test_the_longest_name_that_fits_counts(tmp_path: Path) -> None:
    """A family has a price, one of its members another; prices of one's own come first."""
    own = tmp_path / "prices.yaml"
    own.write_text('models: {"openai:*": {input: 1, output: 2}, "openai:big": {input: 3, output: 4}}', "utf-8")
    prices = load_prices(own)
    assert (prices.of("openai:small"), prices.of("openai:big")) == (Price(1, 2), Price(3, 4))
    assert prices.cost("openai:small", _USED) == 3.0


def test_what_runs_on_your_own_machine_costs_nothing() -> None:
    """Even where it counts no tokens."""
    assert load_prices().cost("ollama:qwen3:8b", Usage(calls=2)) == 0.0


def test_what_is_not_known_is_not_guessed() -> None:
    """Neither a price nor a count of tokens."""
    prices = load_prices()
    assert prices.cost("openai:some-new-model", _USED) is None
    assert prices.cost("openai:gpt-4.1", Usage(calls=1)) is None
    assert prices.cost("extractive", Usage()) == 0.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "not YAML"),
        ("[]", "expected «as_of» and «models»"),
        ("models: {x: 3}", "x: expected"),
        (None, "No such file"),
    ],
)
def test_a_broken_price_file_is_named(tmp_path: Path, text: str | None, told: str) -> None:
    """With what was expected."""
    path = tmp_path / "prices.yaml"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(BadPrices, match=told):
        load_prices(path)
