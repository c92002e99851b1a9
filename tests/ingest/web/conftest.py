"""A site for each test."""

from collections.abc import Iterator

import pytest

from tests.ingest.web.site import Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    """An empty site on loopback."""
    with serve() as running:
        yield running
