"""What Prometheus reads: counts and times, never who or what."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 120)


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
        self.updates = Counter("sanad_updates", "Updates taken in", registry=self.registry)
        self.calls = Counter(
            "sanad_telegram_calls", "Calls of the Bot API, by outcome", ["method", "outcome"], registry=self.registry
        )
        self.limited = Counter("sanad_limited", "Questions put off, by limit", ["limit"], registry=self.registry)
        self.queue = Gauge("sanad_queue_depth", "Updates taken in and not done", registry=self.registry)
        self.generation = Gauge("sanad_generation", "The generation that answers", registry=self.registry)
        self.pulls = Counter(
            "sanad_snapshot_pulls", "Generations taken from the snapshot storage, by outcome", ["outcome"],
            registry=self.registry,
        )  # fmt: skip
        self.pull_seconds = Histogram(
            "sanad_snapshot_pull_seconds", "Fetching, checking and swapping in a generation", buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip

    def serve(self, host: str, port: int) -> None:
        """Serve them over HTTP from a thread. Raises OSError where the port is taken."""
        start_http_server(port, host, self.registry)
