"""The watchdog: one pass a tick that heals what was lost, from rows alone.

Jobs lost with Redis, workers that died with their lease, recorders that fell silent. Every
act is a compare-and-set or an idempotent ring, so two sweepers do no harm.
"""

import logging
from dataclasses import dataclass

from django.conf import settings
from redis.exceptions import RedisError

from meetings import dispatch, live, services
from meetings.errors import MeetingNotRecording
from meetings.leases import seconds_from_now
from meetings.models import AudioChunk, Meeting

logger = logging.getLogger(__name__)

Status = Meeting.Status
GRACE_SECONDS = 3  # a chunk this young is still on its way to the queue
MOST_PER_TICK = 500


@dataclass(slots=True)
class Sweep:
    """What one pass did."""

    ended: int = 0
    rung_chunks: int = 0
    rung_meetings: int = 0
    restored: int = 0
    is_redis_away: bool = False

    @property
    def has_news(self) -> bool:
        return bool(self.ended or self.rung_chunks or self.rung_meetings or self.restored)


def sweep() -> Sweep:
    """One pass over everything."""
    done = Sweep()
    done.ended = end_idle_recordings()
    try:
        done.rung_chunks = ring_waiting_chunks()
        done.rung_meetings = ring_waiting_meetings()
        done.restored = restore_live_states()
    except RedisError as error:
        done.is_redis_away = True
        logger.debug("Redis is away: %s", error)
    return done


def end_idle_recordings() -> int:
    """Recordings whose client fell silent end abruptly; a chunk may still resume them."""
    ended = 0
    idle = Meeting.objects.idle(settings.ABRUPT_END_SECONDS)
    for meeting_id in idle.values_list("pk", flat=True)[:MOST_PER_TICK]:
        try:
            services.end_recording(
                meeting_id, actor="watchdog", after_idle_seconds=settings.ABRUPT_END_SECONDS
            )
        except MeetingNotRecording:
            continue  # a chunk or a stop was first
        ended += 1
    return ended


def ring_waiting_chunks() -> int:
    """Chunks that no worker has and no queue holds. Raises RedisError."""
    waiting = (
        AudioChunk.objects.free()
        .filter(state=AudioChunk.State.STORED, received_at__lt=seconds_from_now(-GRACE_SECONDS))
        .exclude(meeting__status=Status.CANCELLED)
        .order_by("received_at")
        .values_list("meeting_id", "meeting__media_key", "index")[:MOST_PER_TICK]
    )
    return ring_absent("live", list(waiting))


def ring_absent(queue_name: str, waiting: list[tuple[str, str, int]]) -> int:
    queued = dispatch.list_waiting_jobs(queue_name) if waiting else set()
    absent = [row for row in waiting if dispatch.name_chunk_job(row[1], row[2]) not in queued]
    for meeting_id, media_key, index in absent:
        dispatch.enqueue_chunk(meeting_id, media_key, index)
    return len(absent)


def ring_waiting_meetings() -> int:
    """Stopped meetings that no worker has and no queue holds. Raises RedisError."""
    waiting = list(
        Meeting.objects.free()
        .filter(status=Status.PROCESSING, ended_at__lt=seconds_from_now(-GRACE_SECONDS))
        .order_by("ended_at")[:MOST_PER_TICK]
    )
    queued = dispatch.list_waiting_jobs("pipeline") if waiting else set()
    absent = [
        meeting
        for meeting in waiting
        if dispatch.name_processing_job(meeting.media_key) not in queued
    ]
    for meeting in absent:
        dispatch.enqueue_processing(meeting)
    return len(absent)


def restore_live_states() -> int:
    """The live index agrees with the rows again, after Redis lost it. Raises RedisError."""
    known = live.list_live()
    running = Meeting.objects.filter(status__in=(Status.RECORDING, Status.PROCESSING))
    lost = [meeting for meeting in running if meeting.pk not in known]
    for meeting in lost:
        live.refresh(meeting)
    ended = known.keys() - set(running.values_list("pk", flat=True))
    for meeting_id in ended:
        live.forget(meeting_id)
    return len(lost)
