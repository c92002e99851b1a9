"""What holds for all tests."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from ingest.reading import Readers
from tests.in_process import sanad

__all__ = ["sanad"]

settings.register_profile("sanad", deadline=None)  # no test asserts a time, and machines are shared
settings.load_profile("sanad")


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    """A reading process for all tests: starting one takes a while."""
    with Readers(1) as pool:
        yield pool
