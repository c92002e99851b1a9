"""Answers that a model wrote, kept for the same question over the same generation, prompts and model.

In memory and bounded: a bot answers all its chats from one process, questions repeat within hours of a release, and
nothing that a user typed is left on a disk. A new generation, prompt or model has keys of its own.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable

from answering.answer import Answer


class AnswerCache:
    """The `size` answers that were used last. Safe to share between threads."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Answer | None:
        """The answer kept under a key."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; the one that was not used for longest goes."""
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)

    def __len__(self) -> int:
        return len(self._answers)


def cache_key(parts: Iterable[object]) -> str:
    """One key for everything that an answer depends on."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
