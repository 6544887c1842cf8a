"""Handing work to the queues: ids only, under an id of its own, so asking twice does no harm."""

from intellibooks import tracing
from intellibooks.redis_connection import get_queue
from meetings.models import Meeting

CHUNK_TIMEOUT_SECONDS = 15 * 60
PROCESSING_TIMEOUT_SECONDS = 12 * 3600


def name_chunk_job(media_key: str, index: int) -> str:
    return f"chunk-{media_key}-{index:06d}"


def name_processing_job(media_key: str) -> str:
    return f"process-{media_key}"


def enqueue_chunk(meeting_id: str, media_key: str, index: int) -> None:
    """Ring the live worker for one chunk. Raises RedisError."""
    queue = get_queue("live")
    with queue.connection.pipeline() as pipe:  # RQ by itself asks Redis twice
        queue.enqueue(
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
        pipe.execute()


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
