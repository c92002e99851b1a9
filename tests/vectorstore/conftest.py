"""Tiny models, made on the spot and loaded through the real paths; a writer, a replica and the storage between them."""

import json
from pathlib import Path

import pytest

from tests.vectorstore.replicas import Writer
from vectorstore.replication.storage import Storage

_WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "منحة",
    "اليابان",
    "العراق",
    "ماء",
    "مدرسة",
    "كم",
    "قدمت",
    "query",
    "passage",
    ":",
]


def _bert(folder: Path, *, classes: int | None) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

    folder.mkdir()
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(_WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    shape = BertConfig(
        vocab_size=len(_WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64, num_labels=classes or 2,
    )  # fmt: skip
    model = BertForSequenceClassification(shape) if classes else BertModel(shape)
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny_transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of one layer with a query prompt of its own."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    base, folder = tmp_path_factory.mktemp("models") / "bert", tmp_path_factory.mktemp("models") / "tiny"
    _bert(base, classes=None)
    words = Transformer(str(base))
    model = SentenceTransformer(modules=[words, Pooling(16)], prompts={"query": "query: ", "document": "passage: "})
    model.save(str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny_cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CrossEncoder of one layer with one label."""
    folder = tmp_path_factory.mktemp("models") / "cross"
    _bert(folder, classes=1)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"num_labels": 1}), "utf-8")
    return folder


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"file://{tmp_path}/storage"


@pytest.fixture
def storage(url: str) -> Storage:
    return Storage(url)


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    """With its first generation."""
    made = Writer(tmp_path / "writer")
    made.publish()
    return made


@pytest.fixture
def replica(tmp_path: Path) -> Path:
    """An empty data folder."""
    return tmp_path / "replica"
