"""Spans of OpenTelemetry for whoever sets OTEL_EXPORTER_OTLP_ENDPOINT; nothing at all for others.

They are placed by hand where time goes: requests, jobs, calls of engines, stages. A trace goes
with a job through its queue. What people said is in none of them, not even as an error's text.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from functools import cache, partial
from typing import Any

from django.conf import settings

from intellibooks.log_json import current_meeting_id

NAME = "intellibooks"
CARRIER = "trace"  # in the meta of a job
NOTHING: AbstractContextManager[None] = nullcontext()


def span(name: str, **facts: str | float) -> AbstractContextManager[Any]:
    """Times the block; ``facts`` are shown as ``studio.<name>``, the meeting's id by itself."""
    return _record(name, None, "internal", facts) if settings.TRACING else NOTHING


def serving(headers: Mapping[str, str]) -> AbstractContextManager[Any]:
    """The same for a request, as a part of the trace that its sender may have begun."""
    return _record("request", headers, "server", {})


def working(
    name: str, meta: Mapping[str, Any], **facts: str | float
) -> AbstractContextManager[Any]:
    """The same for a job, as a part of the trace that enqueued it. Only where tracing is on."""
    return _record(name, meta.get(CARRIER, {}), "consumer", facts)


def carry() -> dict[str, Any] | None:
    """What a job's meta must hold, so that its spans belong to the trace of this moment."""
    if not settings.TRACING:
        return None
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - optional
        TraceContextTextMapPropagator,
    )

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return {CARRIER: carrier} if carrier else None


def bind(call: Callable[[], Any]) -> Callable[[], Any]:
    """The call, for another thread, as a part of the trace of this moment."""
    return partial(copy_context().run, call) if settings.TRACING else call


def flush() -> None:
    """Send what waits: a process that ends at once would take it along."""
    if settings.TRACING:
        get_provider().force_flush()


@cache
def get_provider() -> Any:
    """Of this process: made at its first span, so that a fork has its own thread that sends.

    The SDK reads all other OTEL_ variables itself.
    """
    # Optional packages: requirements-otel.txt.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create(
        {"service.name": settings.OTEL_SERVICE_NAME, "service.version": settings.VERSION}
    )
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


@contextmanager
def _record(
    name: str, carrier: Mapping[str, str] | None, kind: str, facts: Mapping[str, str | float]
) -> Iterator[Any]:
    """``carrier`` names another process's span to belong to, else it is the current one."""
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - optional
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    context = None if carrier is None else TraceContextTextMapPropagator().extract(carrier)
    shown = {f"studio.{fact}": value for fact, value in facts.items()}
    if meeting_id := current_meeting_id():
        shown["studio.meeting_id"] = meeting_id
    with (
        get_provider()
        .get_tracer(NAME)
        .start_as_current_span(
            name,
            context,
            SpanKind[kind.upper()],
            attributes=shown,
            record_exception=False,
            set_status_on_exception=False,
        ) as current
    ):
        try:
            yield current
        except BaseException as error:
            fail(current, type(error).__name__)
            raise


def fail(current: Any, reason: str) -> None:
    """The span shows that its work failed; ``reason`` is a short word of ours."""
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 - optional

    current.set_attribute("error.type", reason)
    current.set_status(StatusCode.ERROR)
