"""Embedding many passages elsewhere: all that the cache lacks, with as much under way as the other side bears."""

from collections.abc import Callable, Collection, Iterable, Iterator
from heapq import nsmallest
from itertools import chain, islice
from typing import Protocol, runtime_checkable

import numpy as np

from ingest.catalogue import Catalogue
from vectorstore.embeddings import Vectors
from vectorstore.errors import EndpointChanged
from vectorstore.passage import Passage

_AT_ONCE = 1000
"""Passages whose vectors are looked up in one go."""
_SAME = 0.95
"""The cosine below which two vectors of one text are not of one model: other hardware and half precision give 0.99."""


@runtime_checkable
class Streams(Protocol):
    """Embeddings that are computed elsewhere, many batches at a time (an endpoint, a Ray cluster)."""

    def stream(self, texts: Iterable[str]) -> Iterator[tuple[list[str], Vectors]]:
        """Batches with their vectors as they are done; texts are taken as there is room for them."""
        ...


def fill_cache(
    catalogue: Catalogue, embeddings: Streams, model: str, passages: Collection[Passage], count: Callable[[int], None]
) -> int:
    """Embed the passages that the cache lacks and keep each batch as it comes; how many texts that were.

    A run that ends half-way has kept what was done. `count` gets the number of passages that were looked at. Raises
    EndpointError; EndpointChanged where a text that the cache has gets another vector now.
    """
    asked: set[str] = set()

    def missing() -> Iterator[str]:
        waiting, looked = iter(passages), 0
        while part := [p.text for p in islice(waiting, _AT_ONCE)]:
            cached = catalogue.vectors(model, part)
            lacking = [text for text in dict.fromkeys(part) if text not in cached and text not in asked]
            asked.update(lacking)
            yield from lacking
            looked += len(part)
            count(looked)

    wanted, embedded = missing(), 0
    first = next(wanted, None)
    if first is None:
        return 0  # and nobody is asked for anything
    _compare(catalogue, embeddings, model)
    for texts, vectors in embeddings.stream(chain([first], wanted)):
        catalogue.keep_vectors(model, texts, vectors)
        asked.difference_update(texts)
        embedded += len(texts)
    return embedded


def _compare(catalogue: Catalogue, embeddings: Streams, model: str) -> None:
    """Embed again a text that the cache has, if there is one, before vectors of two models meet under one name."""
    texts = [p.text for p in catalogue.passages(nsmallest(_AT_ONCE, catalogue.passage_ids()))]
    text, before = next(iter(catalogue.vectors(model, texts).items()), (None, None))
    if text is None or before is None:
        return
    for _, vectors in embeddings.stream([text]):
        now = vectors[0]
        if now.shape != before.shape:
            raise EndpointChanged(model, f"{len(now)} dimensions instead of {len(before)}")
        if np.any(before) and float(before @ now) < _SAME:
            raise EndpointChanged(model, "a text of the index has another vector now")
