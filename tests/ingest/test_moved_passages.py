"""Passages whose words stay while their place in the release changes."""

from pathlib import Path

from ingest.pipeline import ingest
from vectorstore.embeddings import load_embeddings
from vectorstore.generations import open_generation

_LINE = "قدمت حكومة السويد لمنظمة الصحة العالمية 6.5 مليون دولار لتشغيل مراكز صحية في تعز."
_LONG = "وتعمل هذه المراكز منذ سنوات على علاج الأطفال والنساء في القرى البعيدة. " * 6


def test_a_passage_that_moved_is_published_with_its_new_place(tmp_path: Path) -> None:
    """A paragraph set before it shifts it: its span is that of the new text, and nothing is embedded anew but that."""
    source, model = tmp_path / "releases", load_embeddings()
    source.mkdir()
    for text in (f"خبر\n\n{_LONG}\n\n{_LINE}\n", f"خبر\n\nأعلنت الأمم المتحدة أمس عن خطة جديدة. {_LONG}\n\n{_LINE}\n"):
        (source / "a.txt").write_text(text, "utf-8")
        report = ingest([source], data_dir=tmp_path / "data", embeddings=model)
        generation = open_generation(tmp_path / "data" / "generations", model)
        try:
            for passage in generation.passages(sorted(generation.dense.ids())):
                assert text[passage.start : passage.end] == passage.text
        finally:
            generation.close()
    assert report.embedded == 1
