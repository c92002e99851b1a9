"""What Prometheus reads: counts and times, never who or what."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from answering.answer import Answer

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 120)

ERRORS = ("handler", "too_slow", "given_up", "network", "in_doubt", "unparsable", "gone", "updates_not_stored")
"""The kinds of `sanad_errors_total`; docs/operations.md says what each means."""


class Metrics:
    """The bot's metrics in a registry of their own, so that a process may hold several bots (tests do)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.questions = Counter(
            "sanad_questions", "Questions answered or refused", ["chat", "language"], registry=self.registry
        )
        self.refusals = Counter("sanad_refusals", "Answers that refuse", ["language"], registry=self.registry)
        self.latency = Histogram(
            "sanad_answer_seconds",
            "From the arrival of a question to its delivered answer",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.errors = Counter("sanad_errors", "What went wrong, by kind", ["kind"], registry=self.registry)
        for kind in ERRORS:  # there from the start, so that Prometheus sees the first one as an increase
            self.errors.labels(kind)
        self.updates = Counter("sanad_updates", "Updates taken in", registry=self.registry)
        self.calls = Counter(
            "sanad_telegram_calls", "Calls of the Bot API, by outcome", ["method", "outcome"], registry=self.registry
        )
        self.limited = Counter("sanad_limited", "Questions put off, by limit", ["limit"], registry=self.registry)
        self.queue = Gauge("sanad_queue_depth", "Updates taken in and not done", registry=self.registry)
        self.without_vectors = Counter(
            "sanad_searches_without_vectors",
            "Searches that words alone had to answer, the Chroma server being away",
            registry=self.registry,
        )
        self.generation = Gauge("sanad_generation", "The generation that answers", registry=self.registry)
        self.pulls = Counter(
            "sanad_snapshot_pulls", "Generations taken from the snapshot storage, by outcome", ["outcome"],
            registry=self.registry,
        )  # fmt: skip
        self.pull_seconds = Histogram(
            "sanad_snapshot_pull_seconds", "Fetching, checking and swapping in a generation", buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.generation_made = Gauge(
            "sanad_generation_created_timestamp_seconds", "When that generation was built", registry=self.registry
        )
        self.ready = Gauge("sanad_ready", "Whether a check of /readyz passes", ["check"], registry=self.registry)
        self.heard = Gauge(
            "sanad_telegram_heard_timestamp_seconds",
            "When Telegram last told which updates there are",
            registry=self.registry,
        )
        self.disk_free = Gauge("sanad_disk_free_bytes", "Free on the data folder's disk", registry=self.registry)
        self.disk_size = Gauge("sanad_disk_size_bytes", "Size of the data folder's disk", registry=self.registry)
        self.chat_answers = Counter(
            "sanad_chat_answers",
            "What became of chat models' drafts, and why the extractive answer took over",
            ["outcome", "reason"],
            registry=self.registry,
        )
        self.chat_calls = Counter("sanad_chat_calls", "Calls of chat models", registry=self.registry)
        self.chat_tokens = Counter("sanad_chat_tokens", "Tokens of chat models", ["direction"], registry=self.registry)
        ProcessCollector(registry=self.registry)  # memory, processor time, open files

    def answered(self, answer: Answer, chat: Literal["private", "group", "inline"]) -> None:
        """Count an answer, and what the chat model had to do with it."""
        self.questions.labels(chat, answer.language).inc()
        if answer.refused:
            self.refusals.labels(answer.language).inc()
        if answer.trace is not None:
            self.chat_answers.labels(answer.trace.outcome, answer.trace.reason or "").inc()
            self.chat_calls.inc(answer.trace.calls)
            self.chat_tokens.labels("in").inc(answer.trace.input_tokens)
            self.chat_tokens.labels("out").inc(answer.trace.output_tokens)
