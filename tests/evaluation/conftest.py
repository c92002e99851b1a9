"""A generation of two releases for the tests of prompt tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from answering.corpus import Corpus, View
from ingest.pipeline import ingest
from vectorstore.embeddings import load_embeddings

CANADA = "عدن، 3 آذار 2021 – قدمت كندا لليونيسف في اليمن 2.5 مليون دولار كندي لإصلاح محطات المياه في عدن."
SWEDEN = "عدن، 4 أيار 2022 – قدمت السويد لمنظمة الصحة العالمية 6.5 مليون دولار أمريكي لمراكز صحية في محافظة تعز."


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases."""
    folder = tmp_path_factory.mktemp("prompt-tests") / "releases"
    folder.mkdir()
    (folder / "canada.txt").write_text(f"كندا تدعم عدن\n\n{CANADA} ويمتد المشروع حتى أيلول 2022.\n", "utf-8")
    (folder / "sweden.txt").write_text(f"السويد تدعم تعز\n\n{SWEDEN} ويمتد المشروع حتى أيار 2024.\n", "utf-8")
    return folder


@pytest.fixture(scope="session")
def view(releases: Path) -> Iterator[View]:
    """The generation of the releases, open."""
    embeddings = load_embeddings()
    data = releases.parent / "data"
    ingest([releases], data_dir=data, embeddings=embeddings)
    corpus = Corpus(data, embeddings)
    with corpus.view() as opened:
        yield opened
    corpus.close()
