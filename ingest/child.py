"""Processes of our own: the same interpreter and the same places to import from, nothing else of the surroundings."""

import gc
import json
import sys

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from importlib import import_module; "
    "import_module(sys.argv.pop(1)).main()"
)


def collect_seldom() -> None:
    """For processes that read text after text: what they remember of words would be gone through again and again."""
    gc.set_threshold(100_000, 50, 50)


def command(module: str, *arguments: str) -> list[str]:
    """What runs `main()` of a module, isolated from environment variables and the current folder."""
    return [sys.executable, "-I", "-c", _START, json.dumps(sys.path), module, *arguments]
