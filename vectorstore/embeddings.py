"""Embedding models as LangChain `Embeddings`: the bundled static one without torch, any other by name."""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from arabic.normalize import normalize
from vectorstore.errors import EmbeddingModelError

if TYPE_CHECKING:
    from vectorstore.endpoint import Endpoint

BUNDLED = Path(__file__).parent / "models" / "static-ar"

Vectors = npt.NDArray[np.float32]

# Prompts of families whose configuration names none; the model's own configuration goes first.
_PROMPTS = {"e5": ("query: ", "passage: ")}


class StaticEmbeddings(Embeddings):
    """The mean of token vectors from a folder in sentence-transformers' format; imports neither torch nor transformers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        options = folder / "sanad.json"
        self._normalize = options.is_file() and json.loads(options.read_text("utf-8")).get("normalize", False)
        if not (folder / "model.safetensors").is_file():
            raise EmbeddingModelError(str(folder), "model.safetensors is missing")
        self.fingerprint = _folder_hash(folder)

    @cached_property
    def _model(self) -> Any:
        """Loaded at the first use: a question that words alone answer need not wait for it."""
        from model2vec import StaticModel

        try:
            return StaticModel.from_pretrained(str(self._folder))
        except Exception as error:
            raise EmbeddingModelError(str(self._folder), str(error).splitlines()[0]) from error

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._model.dim)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of the texts."""
        return self.encode(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        return self.encode([text])[0].tolist()  # type: ignore[no-any-return]

    def encode(self, texts: list[str]) -> Vectors:
        """An array of shape (texts, dimension), rows of length one (zero for a text without known tokens)."""
        prepared = [normalize(t) for t in texts] if self._normalize else texts
        vectors = np.asarray(self._model.encode(prepared, use_multiprocessing=False), dtype=np.float32)
        return unit(vectors)


class TransformerEmbeddings(Embeddings):
    """Any sentence-transformers model, with the query and passage prompts of its own configuration."""

    def __init__(self, name: str, device: str = "cpu") -> None:
        try:
            from sentence_transformers import SentenceTransformer

            self._model: Any = SentenceTransformer(name, device=device, trust_remote_code=False)
        except Exception as error:
            raise EmbeddingModelError(name, str(error).splitlines()[0] if str(error) else repr(error)) from error
        prompts = dict(getattr(self._model, "prompts", None) or {})
        family = family_prompts(name)
        self._query = prompts.get("query") or family[0]
        self._passage = prompts.get("document") or prompts.get("passage") or family[1]
        dimension = (
            getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        )
        self.dimension = int(dimension() or 0)
        identity = _folder_hash(Path(name)) if Path(name).is_dir() else hashlib.sha256(name.encode()).hexdigest()[:16]
        self.fingerprint = f"{identity}:{hashlib.sha256((self._query + '|' + self._passage).encode()).hexdigest()[:8]}"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of passages."""
        return self._encode(texts, self._passage).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        return self._encode([text], self._query)[0].tolist()  # type: ignore[no-any-return]

    def _encode(self, texts: list[str], prompt: str) -> Vectors:
        vectors = self._model.encode(
            [prompt + t for t in texts], convert_to_numpy=True, show_progress_bar=False, prompt=""
        )
        return unit(np.asarray(vectors, dtype=np.float32))


def family_prompts(name: str) -> tuple[str, str]:
    """The prompts before questions and before passages that a model of that name wants."""
    return next((p for key, p in _PROMPTS.items() if key in Path(name).name.lower().split("-")), ("", ""))


def load_embeddings(name: str | None = None, *, device: str = "cpu", endpoint: "Endpoint | None" = None) -> Embeddings:
    """The bundled static model for None, else the sentence-transformers model of that name or folder; with an
    `endpoint` the model there.

    Raises EmbeddingModelError if it cannot be loaded; an endpoint is not asked.
    """
    if endpoint is not None:
        from vectorstore.remote import RemoteEmbeddings

        return RemoteEmbeddings(endpoint)
    return StaticEmbeddings(BUNDLED) if name is None else TransformerEmbeddings(name, device)


def fingerprint(embeddings: Embeddings) -> str:
    """The identity of a model: vectors of different fingerprints are never mixed."""
    identity = getattr(embeddings, "fingerprint", None)
    if not isinstance(identity, str):
        raise TypeError(f"{type(embeddings).__name__} has no fingerprint")
    return identity


def embed(embeddings: Embeddings, texts: list[str]) -> Vectors:
    """Vectors of documents as an array of shape (texts, dimension)."""
    if isinstance(embeddings, StaticEmbeddings):
        return embeddings.encode(texts)
    return np.asarray(embeddings.embed_documents(texts), dtype=np.float32)


def unit(vectors: Vectors) -> Vectors:
    """The rows at length one; rows of nothing stay so."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-9)  # type: ignore[no-any-return]


def _folder_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(
        p for p in folder.rglob("*") if p.is_file() and p.suffix in {".json", ".safetensors", ".txt", ".bin"}
    ):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
