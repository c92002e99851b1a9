"""Processes of our own: the same interpreter and the same places to import from, nothing else of the surroundings."""

import json
import sys

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from importlib import import_module; "
    "import_module(sys.argv.pop(1)).main()"
)


def command(module: str, *arguments: str) -> list[str]:
    """What runs `main()` of a module, isolated from environment variables and the current folder."""
    return [sys.executable, "-I", "-c", _START, json.dumps(sys.path), module, *arguments]
