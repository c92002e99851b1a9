"""Uploads: names, limits, and the ingest process."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ingest_process import IngestFailed, run
from bot.uploads import SUFFIXES, free_target, safe_name
from ingest.readers import READERS
from settings import Settings
from tests.bot import corpus
from vectorstore.generations import Generations


def test_uploads_take_what_ingest_reads() -> None:
    """The kinds of files that are accepted are those that there are readers for."""
    assert set(SUFFIXES) == set(READERS)


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("بيان صحفي.pdf", "بيان صحفي.pdf"),
        ("../../etc/passwd", "passwd.txt"),
        ("..\\..\\a.docx", "a.docx"),
        ("a\u202etxt.exe", "a txt.exe"),
        (None, "document.txt"),
        (".pdf", "document.pdf"),
        ("a:b?.txt", "a b.txt"),
    ],
)
def test_names_are_made_safe(given_name: str | None, name: str) -> None:
    """A name keeps its Arabic and its suffix, and loses folders, controls and signs of the file system."""
    assert safe_name(given_name) == name


@given(st.text(max_size=300))
def test_no_name_leaves_its_folder(name: str) -> None:
    """Whatever a file is called, its safe name is one part of a path, not hidden, and at most 132 bytes long."""
    safe = safe_name(name)
    assert Path(safe).name == safe
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 132
    assert safe_name(safe) == safe


def test_a_new_release_gets_a_free_name(tmp_path: Path) -> None:
    """A file that is not to replace another of its name gets a number."""
    (tmp_path / "a.txt").touch()
    (tmp_path / "a (2).txt").touch()
    assert free_target(tmp_path, "a.txt") == "a (3).txt"
    assert free_target(tmp_path, "b.txt") == "b.txt"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = corpus.build(tmp_path_factory.mktemp("uploads") / "data")
    return Settings(_env_file=None, data_dir=data)  # type: ignore[call-arg]


def pending(settings: Settings, name: str, text: str) -> dict[str, Any]:
    path = settings.data_dir / "uploads" / "pending" / name / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return {"path": str(path), "name": name, "language": "ar"}


def test_a_preview_tells_what_would_be_added(settings: Settings) -> None:
    """Title, facts and warnings of a document; nothing is published for it."""
    live = Generations(settings.data_dir / "generations").current()
    found = asyncio.run(run("preview", pending(settings, "canada.txt", corpus.UNDATED), settings))
    assert found["title"] == "منحة لقرى الأهوار"
    assert found["date"] is None
    assert found["passages"] == 1
    assert ("منحة", "900 ألف دولار أمريكي", "كندا") in [(f["role"], f["printed"], f["donor"]) for f in found["facts"]]
    assert (found["twin"], found["same_name"], found["repost_of"]) == (None, None, None)
    assert Generations(settings.data_dir / "generations").current() == live


def test_a_preview_knows_duplicates_and_reposts(settings: Settings) -> None:
    """The very same bytes are a duplicate, the same news in other words a repost of the one that is there."""
    twin = asyncio.run(run("preview", pending(settings, "x.txt", corpus.RELEASES["italy-fao.txt"]), settings))
    assert twin["twin"]["id"] == "italy-fao.txt"
    again = corpus.RELEASES["norway-undp.md"].replace("النرويج تموّل إزالة", "تمويل نرويجي لإزالة")
    repost = asyncio.run(run("preview", pending(settings, "y.md", again), settings))
    assert repost["repost_of"] == "النرويج تموّل إزالة الألغام في الموصل"


def test_a_bad_file_is_told_in_both_languages(settings: Settings) -> None:
    """What cannot be read is refused with a line for people, by the reader's own words."""
    with pytest.raises(IngestFailed) as caught:
        asyncio.run(run("preview", pending(settings, "empty.txt", "   "), settings))
    assert (caught.value.reason, caught.value.kind) == ("told", "EmptyDocument")
    assert "empty.txt" in caught.value.arabic
    assert "empty.txt" in caught.value.english


def test_work_beyond_its_time_is_ended(settings: Settings) -> None:
    """The process that reads has a limit of processor time and dies of it; the bot is told so."""
    short = settings.model_copy(update={"ingest_cpu_seconds": 1})
    long = "\n\n".join(f"قدّمت النرويج {n} مليون دولار أمريكي إلى اليونيسف في حلب عام 2021." for n in range(4_000))
    with pytest.raises(IngestFailed) as caught:
        asyncio.run(run("preview", pending(settings, "long.txt", long), short))
    assert caught.value.reason == "time"


def test_work_beyond_its_memory_is_ended(settings: Settings) -> None:
    """The process that reads has a limit of memory; the bot is told so."""
    small = settings.model_copy(update={"ingest_memory_mb": 256})
    long = "قدّمت النرويج مليون دولار أمريكي إلى اليونيسف في حلب عام 2021. " * 4_000
    with pytest.raises(IngestFailed) as caught:
        asyncio.run(run("preview", pending(settings, "wide.txt", long), small))
    assert caught.value.reason in {"memory", "broken"}


def test_the_process_goes_when_the_bot_goes(settings: Settings) -> None:
    """A cancelled run leaves no process behind."""

    async def cancelled() -> float:
        task = asyncio.create_task(run("preview", pending(settings, "z.txt", corpus.UNDATED), settings))
        await asyncio.sleep(0.2)
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(cancelled()) < 5
