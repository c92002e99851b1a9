"""Where runs are traced to: nowhere, unless our own setting says so.

LangChain sends every run to LangSmith when LANGCHAIN_TRACING_V2 or LANGSMITH_TRACING stands in the environment. Press
offices ask of things that are not public yet, so the environment of a machine does not decide that here.
"""

from typing import Any, Literal
from uuid import UUID

import langsmith
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import LLMResult

Tracing = Literal["off", "langsmith", "otel"]


def set_tracing(to: Tracing) -> None:
    """Decide for the whole process whether runs go to LangSmith, whatever the environment says."""
    langsmith.configure(enabled=to == "langsmith")


def otel_handler(endpoint: str | None) -> BaseCallbackHandler:
    """A callback handler that exports a span for each run over OTLP (gRPC), to the exporter's default endpoint if None."""
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "sanad"}))
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=endpoint is not None and endpoint.startswith("http://"))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return SpanHandler(provider)


class SpanHandler(BaseCallbackHandler):
    """Runs as OpenTelemetry spans under their parents, with tokens and errors; never with anybody's text."""

    run_inline = True

    def __init__(self, provider: Any) -> None:
        self.provider = provider
        self._tracer = provider.get_tracer("sanad")
        self._spans: dict[UUID, Any] = {}

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """A chain begins."""
        self._begin(run_id, parent_run_id, kwargs.get("name") or "chain")

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """A model call begins."""
        span = self._begin(run_id, parent_run_id, kwargs.get("name") or "chat model")
        model = (kwargs.get("metadata") or {}).get("ls_model_name")
        if model:
            span.set_attribute("gen_ai.request.model", model)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A chain ends."""
        self._end(run_id)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """A model call ends."""
        span = self._spans.get(run_id)
        message = getattr(response.generations[0][0], "message", None) if response.generations else None
        usage = getattr(message, "usage_metadata", None)
        if span is not None and usage:
            span.set_attribute("gen_ai.usage.input_tokens", usage["input_tokens"])
            span.set_attribute("gen_ai.usage.output_tokens", usage["output_tokens"])
        self._end(run_id)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A chain fails."""
        self._end(run_id, error)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A model call fails."""
        self._end(run_id, error)

    def _begin(self, run_id: UUID, parent: UUID | None, name: str) -> Any:
        from opentelemetry.trace import set_span_in_context

        above = self._spans.get(parent) if parent else None
        span = self._tracer.start_span(name, context=set_span_in_context(above) if above is not None else None)
        self._spans[run_id] = span
        return span

    def _end(self, run_id: UUID, error: BaseException | None = None) -> None:
        from opentelemetry.trace import Status, StatusCode

        span = self._spans.pop(run_id, None)
        if span is None:
            return
        if error is not None:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        span.end()
