"""Spans as a collector gets them: a real HTTP server that reads OTLP."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from pytest_django import Settings

from intellibooks import tracing
from intellibooks.doorbell import Doorbell
from intellibooks.workers import drain_queue, run_worker
from meetings.models import Meeting
from tests.factories import cut_sample
from tests.intellibooks.serve_process import ROOT, build_env, run_manage

TRACER = "intellibooks.tracing_requests.TraceRequests"
pytestmark = pytest.mark.django_db(transaction=True)


class Collector:
    """What it was sent, from any process."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[ExportTraceServiceRequest] = []

    @property
    def spans(self) -> list[Span]:
        tracing.flush()
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def find(self, name: str) -> Span:
        """The one whose name has this in it."""
        (found,) = [span for span in self.spans if name in span.name]
        return found


@pytest.fixture
def collector(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Tracing is on, towards it."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.requests.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Nothing: the test looks at what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{collector.port}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    settings.TRACING = True
    settings.MIDDLEWARE = [TRACER, *settings.MIDDLEWARE]
    yield collector
    tracing.get_provider().shutdown()
    tracing.get_provider.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join()


def read_facts(span: Span) -> dict[str, Any]:
    return {
        one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes
    }


def start(client: Client) -> str:
    answer = client.post("/api/meetings/start", {}, content_type="application/json")
    return str(answer.json()["session_id"])


def upload(client: Client, meeting_id: str, **headers: str) -> None:
    sound = SimpleUploadedFile("chunk.wav", cut_sample(1)[0], content_type="audio/wav")
    form = {"audio_chunk": sound, "chunk_index": 0}
    answer = client.post(f"/api/meetings/{meeting_id}/chunk", form, headers=headers)
    assert answer.status_code == 200, answer.content


def test_a_chunk_is_one_trace_from_the_upload_to_the_engine(
    client: Client, collector: Collector
) -> None:
    meeting_id = start(client)
    upload(client, meeting_id, traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")
    drain_queue("live")
    request = collector.find("/chunk")
    job, engine = collector.find("job transcribe_chunk"), collector.find("engine pocketsphinx")
    assert request.trace_id == job.trace_id == engine.trace_id == bytes.fromhex("ab" * 16)
    assert request.parent_span_id == bytes.fromhex("cd" * 8)  # the recorder's own trace goes on
    assert (job.parent_span_id, engine.parent_span_id) == (request.span_id, job.span_id)
    assert (request.kind, job.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER)
    for span in (request, job, engine):
        assert read_facts(span)["studio.meeting_id"] == meeting_id
    assert read_facts(request)["http.response.status_code"] == 200
    assert read_facts(engine)["studio.audio_seconds"] == pytest.approx(10.24, abs=5)


def test_stages_are_spans_of_the_forked_job(client: Client, collector: Collector) -> None:
    """A fork ends at once: what it has not sent by then nobody sends."""
    meeting_id = start(client)
    client.post(f"/api/meetings/{meeting_id}/stop", {}, content_type="application/json")
    run_worker("pipeline", burst=True)
    assert Meeting.objects.get(pk=meeting_id).status == Meeting.Status.COMPLETED
    job = collector.find("job process_meeting")
    stages = {span.name for span in collector.spans if span.parent_span_id == job.span_id}
    assert stages >= {"stage gather", "stage recording", "stage summary"}


def test_an_error_is_told_by_its_kind_and_not_by_its_words(collector: Collector) -> None:
    with pytest.raises(ValueError, match="secret"), tracing.span("work"):
        raise ValueError("the secret words of a meeting")
    span = collector.find("work")
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert read_facts(span) == {"error.type": "ValueError"}
    assert b"secret" not in span.SerializeToString()


def test_what_rings_after_the_answer_belongs_to_the_request(collector: Collector) -> None:
    bell = Doorbell()
    bell.start()
    carried: list[Any] = []
    with tracing.span("request"):
        bell.ring(lambda: carried.append(tracing.carry()))
    bell.wait()
    request = collector.find("request")
    assert request.trace_id.hex() in carried[0][tracing.CARRIER]["traceparent"]


def test_probes_leave_no_trace(client: Client, collector: Collector) -> None:
    client.get("/api/health")
    client.get("/api/meetings")
    assert [span.name for span in collector.spans] == ["GET api/meetings/?$"]


def test_no_part_of_the_sdk_is_imported_where_it_is_off(tmp_path: Path) -> None:
    program = (
        "import sys, intellibooks.asgi, intellibooks.workers, meetings.jobs\n"
        "from intellibooks import tracing\n"
        "with tracing.span('work'): assert tracing.carry() is None\n"
        # redis-py looks for the API by itself where it is installed.
        "ours = ('opentelemetry.sdk.trace', 'opentelemetry.exporter')\n"
        "print([name for name in sys.modules if name.startswith(ours)])"
    )
    done = run_manage("shell", "-v", "0", "-c", program, data_dir=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


def test_an_endpoint_without_the_sdk_stops_the_start(tmp_path: Path) -> None:
    program = "import sys; sys.modules['opentelemetry'] = None; import intellibooks.settings"
    env = build_env(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318")
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert "pip install -r requirements-otel.txt" in done.stderr
