"""Figures of the whole service for a scrape, read from rows and Redis: the same on any process."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Sum
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from redis.exceptions import RedisError
from rq.job import Job

from intellibooks.checkup.stores import count_alive
from intellibooks.metrics import shared
from intellibooks.redis_connection import get_queue
from meetings.models import AudioChunk, Meeting, WebhookDelivery

QUEUES = ("live", "pipeline")
RUNNING = (Meeting.Status.RECORDING, Meeting.Status.PROCESSING)
COUNTERS = {
    "studio_engine_seconds": "Work of speech engines.",
    "studio_audio_seconds": "Sound that engines heard; work divided by it is the RTF.",
    "studio_chunks": "Chunks heard, by what came of them.",
    "studio_stage_seconds": "Work of the stages after a meeting.",
    "studio_stage_runs": "Stages that ended, by how.",
}
Rows = list[tuple[dict[str, str], float]]


def collect_figures() -> Iterator[Metric]:
    """Every figure; what needs a Redis that is away is left out."""
    yield from collect_meetings()
    yield from collect_chunks()
    yield from collect_storage()
    with suppress(RedisError):
        yield from collect_queues()
    with suppress(RedisError):
        yield from collect_counters()


def gauge(name: str, help_text: str, rows: Rows) -> Metric:
    labels = sorted({label for known, _ in rows for label in known})
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for known, value in rows:
        family.add_metric([known.get(label, "") for label in labels], value)
    return family


def collect_meetings() -> Iterator[Metric]:
    counts = dict(Meeting.objects.order_by().values_list("status").annotate(Count("pk")))
    rows: Rows = [({"status": str(name)}, counts.get(name, 0)) for name in Meeting.Status.values]
    yield gauge("studio_meetings", "Meetings by status.", rows)
    running = Meeting.objects.filter(status__in=RUNNING)
    holes = running.aggregate(all=Sum(F("highest_index") + 1 - F("total_chunks")))["all"] or 0
    yield gauge("studio_missing_chunks", "Holes in meetings that run now.", [({}, holes)])
    waiting = dict(WebhookDelivery.objects.order_by().values_list("status").annotate(Count("pk")))
    rows = [({"status": str(k)}, waiting.get(k, 0)) for k in ("pending", "failed")]
    yield gauge("studio_webhook_deliveries", "Webhooks that wait or were given up.", rows)


def collect_chunks() -> Iterator[Metric]:
    stored = AudioChunk.objects.filter(state=AudioChunk.State.STORED)
    facts: dict[str, Any] = stored.aggregate(count=Count("pk"), first=Min("received_at"))
    lag = (timezone.now() - facts["first"]).total_seconds() if facts["first"] else 0.0
    yield gauge("studio_chunks_waiting", "Accepted and not yet heard.", [({}, facts["count"])])
    yield gauge("studio_chunk_lag_seconds", "Age of the oldest of them.", [({}, max(0.0, lag))])


def collect_storage() -> Iterator[Metric]:
    with suppress(OSError):
        free = shutil.disk_usage(settings.DATA_DIR).free
        yield gauge("studio_disk_free_bytes", "Where DATA_DIR lies.", [({}, free)])


def collect_queues() -> Iterator[Metric]:
    queues = {name: get_queue(name) for name in QUEUES}
    sizes: Rows = [({"queue": name}, queue.count) for name, queue in queues.items()]
    yield gauge("studio_queue_jobs", "Jobs that wait.", sizes)
    ages: Rows = [({"queue": name}, age_of_first(queue)) for name, queue in queues.items()]
    yield gauge("studio_queue_age_seconds", "Age of the oldest job that waits.", ages)
    workers: Rows = [({"queue": name}, count_alive(queue)) for name, queue in queues.items()]
    yield gauge("studio_workers", "Workers that listen.", workers)


def age_of_first(queue: Any) -> float:
    ids = queue.get_job_ids(0, 1)
    where = {"connection": queue.connection, "serializer": queue.serializer}
    job = Job.fetch_many(ids, **where) if ids else []
    if not job or job[0] is None or job[0].enqueued_at is None:
        return 0.0
    enqueued: datetime = job[0].enqueued_at
    aware = enqueued if timezone.is_aware(enqueued) else enqueued.replace(tzinfo=UTC)
    return max(0.0, (datetime.now(UTC) - aware).total_seconds())


def collect_counters() -> Iterator[Metric]:
    found = shared.read()
    for name, help_text in COUNTERS.items():
        rows = found.get(name, [])
        labels = sorted({label for known, _ in rows for label in known})
        family = CounterMetricFamily(name, help_text, labels=labels)
        for known, value in rows:
            family.add_metric([known.get(label, "") for label in labels], value)
        yield family
