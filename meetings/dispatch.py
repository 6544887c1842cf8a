"""Handing work to the queues: ids only, under an id of its own, so asking twice does no harm."""

from functools import partial

from django.conf import settings
from django.db import transaction
from redis.client import Pipeline

from chat import events
from intellibooks import tracing
from intellibooks.doorbell import doorbell
from intellibooks.redis_connection import get_queue
from meetings import live
from meetings.models import Meeting

CHUNK_TIMEOUT_SECONDS = 15 * 60
PROCESSING_TIMEOUT_SECONDS = 12 * 3600


def name_chunk_job(media_key: str, index: int) -> str:
    return f"chunk-{media_key}-{index:06d}"


def name_processing_job(media_key: str) -> str:
    return f"process-{media_key}"


def enqueue_chunk(meeting_id: str, media_key: str, index: int) -> None:
    """Ring the live worker for one chunk. Raises RedisError."""
    with get_queue("live").connection.pipeline() as pipe:  # RQ by itself asks Redis twice
        add_chunk(pipe, meeting_id, media_key, index)
        pipe.execute()


def ring_accepted(log: events.EventLog, meeting: Meeting, index: int) -> None:
    """After the commit: ring for a new chunk, and show it to watchers."""
    if settings.REDIS_CLUSTER_NODES:  # room, queue and meeting lie on different servers
        ring = partial(enqueue_accepted, meeting, index)
        transaction.on_commit(partial(doorbell.ring, ring))
    else:
        log.send_along(partial(add_accepted, meeting, index))


def enqueue_accepted(meeting: Meeting, index: int) -> None:
    """The same in trips of their own. Raises RedisError."""
    enqueue_chunk(meeting.pk, meeting.media_key, index)
    live.refresh(meeting)


def add_accepted(meeting: Meeting, index: int, pipe: Pipeline) -> None:
    """The same among the commands of a pipeline."""
    add_chunk(pipe, meeting.pk, meeting.media_key, index)
    live.add_refresh(pipe, meeting)


def add_chunk(pipe: Pipeline, meeting_id: str, media_key: str, index: int) -> None:
    get_queue("live").enqueue(
        "meetings.jobs.transcribe_chunk",
        meeting_id,
        index,
        job_id=name_chunk_job(media_key, index),
        job_timeout=CHUNK_TIMEOUT_SECONDS,
        result_ttl=0,
        failure_ttl=3600,
        meta=tracing.carry(),
        pipeline=pipe,
    )


def enqueue_processing(meeting: Meeting) -> None:
    """Ring the pipeline worker for one meeting. Raises RedisError."""
    get_queue("pipeline").enqueue(
        "meetings.jobs.process_meeting",
        meeting.pk,
        job_id=name_processing_job(meeting.media_key),
        job_timeout=PROCESSING_TIMEOUT_SECONDS,
        result_ttl=0,
        failure_ttl=3600,
        meta=tracing.carry(),
    )


def list_waiting_jobs(queue_name: str) -> set[str]:
    """Ids that a worker will still pop. Raises RedisError."""
    return set(get_queue(queue_name).get_job_ids())
