"""What goes through ingest goes to the replicas too, or it is said why not; a replica does not ingest."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.synthetic import text, write
from commands.doctor import CHECKS
from ingest.errors import Replica
from ingest.pipeline import ingest, open_catalogue, remove_releases, rollback
from ingest.pushing import push
from ingest.reading import Readers
from ingest.report import Report
from ingest.transfer import export_corpus, import_corpus
from settings import Settings
from tests.in_process import Sanad
from vectorstore.embeddings import fingerprint, load_embeddings
from vectorstore.errors import OtherWriter
from vectorstore.generations import Generations
from vectorstore.replication.index import POINTER, Pointer, read_pointer
from vectorstore.replication.pull import pull
from vectorstore.replication.storage import Storage

_MODEL = load_embeddings()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"file://{tmp_path}/storage"


@pytest.fixture
def corpus(tmp_path: Path, readers: Readers, url: str) -> Path:
    """Four releases, ingested and pushed."""
    write(tmp_path / "source", 4)
    assert _again(tmp_path, readers, url).unpushed is None
    return tmp_path


def _again(root: Path, readers: Readers, url: str | None) -> Report:
    return ingest(
        [root / "source"], data_dir=root / "data", embeddings=_MODEL, readers=readers, snapshots=url, force=True
    )


def _pointer(url: str) -> Pointer:
    found = read_pointer(Storage(url))
    assert found is not None
    return found


def _pulled(corpus: Path, url: str) -> Path:
    pull(corpus / "replica", Storage(url), embedding=fingerprint(_MODEL))
    return corpus / "replica"


def test_every_way_to_publish_pushes(corpus: Path, readers: Readers, url: str) -> None:
    """Ingest, removal, rollback; nothing changed pushes nothing."""
    assert _pointer(url).number == 1
    (corpus / "source" / "000" / "more.txt").write_text(text(50), "utf-8")
    _again(corpus, readers, url)
    assert _pointer(url).number == 2
    before = _pointer(url)
    _again(corpus, readers, url)
    assert _pointer(url) == before
    remove_releases(["more.txt"], data_dir=corpus / "data", embeddings=_MODEL, snapshots=url)
    assert _pointer(url).number == 3
    assert rollback(corpus / "data", snapshots=url).unpushed is None
    assert _pointer(url).number == 2


def test_a_push_that_fails_undoes_nothing_and_is_tried_again(corpus: Path, readers: Readers, url: str) -> None:
    """The warning has two languages and status 1; the next run pushes with nothing changed."""
    (corpus / "source" / "000" / "more.txt").write_text(text(50), "utf-8")
    (corpus / "storage").rename(corpus / "away")
    (corpus / "storage").touch()  # a file where the folder was: nothing can be written below
    report = _again(corpus, readers, url)
    assert (report.published, report.generation, report.exit_code) == (True, 2, 1)
    assert report.unpushed is not None
    assert "sanad snapshots push" in report.render()
    assert "لم يصل إلى النسخ" in report.render()
    (corpus / "storage").unlink()
    (corpus / "away").rename(corpus / "storage")
    report = _again(corpus, readers, url)
    assert (report.published, report.unpushed, report.exit_code) == (False, None, 0)
    assert _pointer(url).number == 2


def test_a_replica_does_not_ingest(corpus: Path, readers: Readers, url: str) -> None:
    """Nothing that writes a catalogue begins there; it stays a replica."""
    replica = _pulled(corpus, url)
    for work in (
        lambda: ingest([corpus / "source"], data_dir=replica, embeddings=_MODEL, readers=readers),
        lambda: remove_releases(["000001.txt"], data_dir=replica, embeddings=_MODEL),
        lambda: rollback(replica),
        lambda: export_corpus(replica, corpus / "a.sanad"),
    ):
        with pytest.raises(Replica, match="ingest at the writer"):
            work()  # type: ignore[no-untyped-call]
    assert not (replica / "catalogue.db").exists()


def test_a_writer_that_moved_goes_on_and_the_old_one_is_refused(corpus: Path, readers: Readers, url: str) -> None:
    """The lineage travels with the catalogue; two copies of it do not push over each other."""
    export_corpus(corpus / "data", corpus / "all.sanad")
    moved = corpus / "moved"
    moved.mkdir()
    shutil.copytree(corpus / "source", moved / "source")
    report = import_corpus(corpus / "all.sanad", data_dir=moved / "data", embeddings=_MODEL, snapshots=url)
    assert report.unpushed is None
    (moved / "source" / "000" / "more.txt").write_text(text(50), "utf-8")
    assert _again(moved, readers, url).unpushed is None
    (corpus / "source" / "000" / "more.txt").write_text(text(60), "utf-8")
    refused = _again(corpus, readers, url)
    assert refused.unpushed is not None
    assert "another copy of this catalogue" in refused.unpushed.reason_en


def test_an_imported_corpus_does_not_make_another_writer(corpus: Path, readers: Readers, url: str) -> None:
    """Who has pushed stays who it is, whatever it takes in; a stranger is refused."""
    other = corpus / "other"
    other.mkdir()
    write(other / "source", 2)
    report = _again(other, readers, url)
    assert report.unpushed is not None
    assert "another catalogue" in report.unpushed.reason_en
    export_corpus(other / "data", other / "all.sanad")
    report = import_corpus(other / "all.sanad", data_dir=corpus / "data", embeddings=_MODEL, force=True, snapshots=url)
    assert (report.unpushed, report.releases) == (None, 2)
    with open_catalogue(other / "data") as catalogue:
        with pytest.raises(OtherWriter):
            push(catalogue, other / "data", Storage(url))
        push(catalogue, other / "data", Storage(url), force=True)


def test_the_commands_push_pull_list_and_verify(corpus: Path, url: str, sanad: Sanad, tmp_path: Path) -> None:
    """As an operator types them, with what comes out and the status."""
    data, replica = corpus / "data", corpus / "replica"
    at = {"SANAD_SNAPSHOT_URL": url}
    assert "sanad snapshots push" not in sanad(data, "snapshots", "push", **at).stderr
    assert sanad(data, "snapshots", "list").returncode == 2  # no URL is set
    assert "is live: " in sanad(replica, "snapshots", "pull", **at).stdout
    assert "live already" in sanad(replica, "snapshots", "pull", **at).stdout
    listed = [json.loads(line) for line in sanad(data, "snapshots", "list", "--json", **at).stdout.splitlines()]
    assert [(s["number"], s["live"], s["releases"]) for s in listed] == [(1, True, 4)]
    assert sanad(data, "snapshots", "verify", **at).returncode == 0
    refused = sanad(data, "snapshots", "pull", **at)
    assert (refused.returncode, "catalogue.db" in refused.stderr) == (2, True)
    refused = sanad(replica, "ingest", str(corpus / "source"), **at)
    assert (refused.returncode, "نسخة تسحب" in refused.stderr) == (2, True)
    assert sanad(replica, "snapshots", "push", **at).returncode == 2
    assert sanad(replica, "releases", "show", "000001.txt", **at).returncode == 2
    assert not (replica / "catalogue.db").exists()
    assert "*    1" in sanad(replica, "generations", "list", **at).stdout
    checked = sanad(replica, "generations", "verify", **at)
    assert (checked.returncode, "differs" in checked.stdout) == (0, False)
    for path in (tmp_path / "storage" / "objects").iterdir():
        path.write_bytes(b"")
    assert sanad(data, "snapshots", "verify", "--quick", **at).returncode == 1
    assert "sent" in sanad(data, "snapshots", "push", "--force", **at).stdout
    assert sanad(data, "snapshots", "verify", **at).returncode == 0


def test_the_doctor_looks_at_the_storage(corpus: Path, url: str) -> None:
    """In reach, up to date on both sides, behind, unreachable."""

    def found(data: str, at: str | None) -> tuple[str, str]:
        config = Settings(_env_file=None, data_dir=corpus / data, snapshot_url=at)  # type: ignore[call-arg]
        check = CHECKS["snapshots"](config)
        return check.state, check.found + check.advice

    assert found("data", None)[0] == "ok"
    assert found("data", url)[0] == "ok"
    assert "(writer)" in found("data", url)[1]
    assert not list((corpus / "storage" / "probes").iterdir())
    assert found("replica", url)[0] == "warning"
    _pulled(corpus, url)
    assert "(replica)" in found("replica", url)[1]
    config = Settings(_env_file=None, data_dir=corpus / "replica", snapshot_url=url)  # type: ignore[call-arg]
    assert [CHECKS[name](config).state for name in ("catalogue", "generation")] == ["ok", "ok"]
    Storage(url).delete([POINTER])
    assert found("data", url)[0] == "warning"
    assert Generations(corpus / "replica" / "generations").numbers() == [1]
