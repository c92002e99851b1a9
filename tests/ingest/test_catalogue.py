"""The catalogue's layouts, old and new."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest.catalogue import _SCHEMA, SCHEMA_VERSION, Catalogue, CatalogueError


def test_a_catalogue_of_the_first_layout_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its releases stay, pages can be remembered."""
    path = tmp_path / "catalogue.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SCHEMA + "PRAGMA user_version = 1;")
        row = ("a", "/a.txt", "h", 1, 1, "1", "t", None, None, None, "ar", "text", "[]", None, "now", "now")
        connection.execute(f"INSERT INTO releases VALUES ({', '.join('?' * 16)})", row)  # noqa: S608
    for _ in range(2):
        catalogue = Catalogue(path)
        assert set(catalogue.entries()) == {"/a.txt"}
        catalogue.keep_page("https://example.org/a", '"1"', None)
        assert catalogue.page("https://example.org/a") is not None
        catalogue.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_a_catalogue_of_a_newer_layout_is_refused(tmp_path: Path) -> None:
    """Rather than damaged."""
    path = tmp_path / "catalogue.db"
    Catalogue(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(CatalogueError, match="this version reads"):
        Catalogue(path)
