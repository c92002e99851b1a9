"""Retrieval sets: reading, measuring, writing a run."""

import json
from pathlib import Path

import pytest

from arabic.analyzer import words
from arabic.stem import light10
from arabic.stopwords import is_stopword
from evaluation.retrieval import BadSet, load_set, measure, write_run
from vectorstore.embeddings import load_embeddings

_PARAPHRASES = Path(__file__).parents[2] / "benchmarks" / "data" / "paraphrase"
_TEXTS = {"a": "منحة يابانية للعراق", "b": "مدارس جديدة في الموصل", "c": "مياه الشرب في البصرة"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Three passages; two questions, one of which no word answers."""
    folder = tmp_path / "small"
    (folder / "qrels").mkdir(parents=True)
    rows = [json.dumps({"_id": k, "title": "", "text": t}, ensure_ascii=False) for k, t in _TEXTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    asked = {"q1": "المدارس في الموصل", "q2": "Mosul"}
    rows = [json.dumps({"_id": k, "text": t}, ensure_ascii=False) for k, t in asked.items()]
    (folder / "queries.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tb\t1\nq2\tb\t1\n", "utf-8")
    return folder


def test_a_set_is_measured_in_every_mode(small: Path) -> None:
    """Words answer one question of two; the figures are means over both."""
    results = measure(load_set(small), load_embeddings())
    lexical, rankings = results["lexical"]
    assert (lexical.ndcg_at_10, lexical.recall_at_1, lexical.recall_at_5, lexical.mrr_at_10) == (0.5, 0.5, 0.5, 0.5)
    assert next(name for name, _ in rankings["q1"]) == "b"
    assert rankings["q2"] == []
    assert results["whitespace"][0].recall_at_1 == 0.5
    assert results["fused"][0].recall_at_1 >= 0.5
    assert len(results["dense"][1]["q1"]) == 3


def test_a_run_is_what_trec_eval_reads(small: Path, tmp_path: Path) -> None:
    """Question, Q0, passage, place from 1, falling score, tag."""
    (_, rankings) = measure(load_set(small), load_embeddings(), ["fused"])["fused"]
    write_run(tmp_path / "run.txt", rankings, "sanad")
    lines = [line.split() for line in (tmp_path / "run.txt").read_text("utf-8").splitlines()]
    assert lines[0][:4] == ["q1", "Q0", "b", "1"]
    assert {line[5] for line in lines} == {"sanad"}
    scores = [float(line[4]) for line in lines if line[0] == "q1"]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("file", "content"),
    [("corpus.jsonl", '{"_id": "a"}\n'), ("queries.jsonl", "nonsense\n"), ("qrels/test.tsv", "h\nq1\tb\n"),
     ("qrels/test.tsv", "h\tc\ts\nq9\tb\t1\n")],
)  # fmt: skip
def test_a_broken_set_is_told(small: Path, file: str, content: str) -> None:
    """Whichever file is broken, the folder is named."""
    (small / file).write_text(content, "utf-8")
    with pytest.raises(BadSet, match="small"):
        load_set(small)


def test_paraphrases_share_no_word_of_content() -> None:
    """Between each question of the bundled probe and its passage."""
    data = load_set(_PARAPHRASES)
    assert len(data.queries) >= 40
    assert len(data.corpus) >= 200
    for name, question in data.queries.items():
        for passage in data.relevant[name]:
            assert not _content(question) & _content(data.corpus[passage][1])


def _content(text: str) -> set[str]:
    return {light10(word) for word in words(text) if not is_stopword(word)}
