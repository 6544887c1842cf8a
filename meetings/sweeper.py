"""The watchdog: one pass a tick that heals what was lost, from rows and files.

Chunks spooled while the database was away, jobs lost with Redis, workers that died with their
lease, recorders that fell silent. Every act is a compare-and-set or an idempotent ring, so two
sweepers do no harm. Each ``find`` tells what its act would do, for whoever only wants to look.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from redis.exceptions import RedisError

from intellibooks.errors import NotFound
from meetings import dispatch, import_jobs, live, services, spool
from meetings.errors import MeetingNotRecording
from meetings.leases import seconds_from_now
from meetings.models import AudioChunk, Meeting
from meetings.retention import Retention
from meetings.upkeep import Upkeep

logger = logging.getLogger(__name__)

Status = Meeting.Status
GRACE_SECONDS = 3  # a chunk this young is still on its way to the queue
MOST_PER_TICK = 500

upkeep = Upkeep()
retention = Retention()


@dataclass(slots=True)
class Sweep:
    """What one pass did."""

    handed_over: int = 0
    ended: int = 0
    rung_chunks: int = 0
    rung_meetings: int = 0
    restored: int = 0
    tended_imports: int = 0
    tidied: int = 0
    is_redis_away: bool = False

    @property
    def has_news(self) -> bool:
        acts = (self.handed_over, self.ended, self.rung_chunks, self.rung_meetings)
        return any((*acts, self.restored, self.tended_imports, self.tidied))


def sweep() -> Sweep:
    """One pass over everything."""
    done = Sweep()
    done.handed_over = spool.hand_over()  # first: a recorder heard of there is not idle
    with suppress(RedisError):  # an upload that waits for its worker is not idle either
        done.tended_imports = import_jobs.tend_imports()
    done.ended = sum(end_if_idle(meeting_id) for meeting_id in find_idle_recordings())
    try:
        done.rung_chunks = ring_waiting_chunks()
        done.rung_meetings = ring_waiting_meetings()
        done.restored = restore_live_states()
    except RedisError as error:
        done.is_redis_away = True
        logger.debug("Redis is away: %s", error)
    done.tidied = upkeep.run_if_due() + retention.run_if_due()
    return done


def find_idle_recordings() -> list[str]:
    """Recordings whose client fell silent."""
    idle = Meeting.objects.idle(settings.ABRUPT_END_SECONDS)
    return list(idle.values_list("pk", flat=True)[:MOST_PER_TICK])


def end_if_idle(meeting_id: str) -> bool:
    """Whether we ended the recording, abruptly; a chunk may still resume it."""
    try:
        services.end_recording(
            meeting_id, actor="watchdog", after_idle_seconds=settings.ABRUPT_END_SECONDS
        )
    except (MeetingNotRecording, NotFound):
        return False  # a chunk, a stop or a deletion was first
    return True


def ring_waiting_chunks() -> int:
    """Chunks that no worker has and no queue holds. Raises RedisError."""
    absent = find_unqueued_chunks()
    for meeting_id, media_key, index in absent:
        dispatch.enqueue_chunk(meeting_id, media_key, index)
    return len(absent)


def find_unqueued_chunks(*, grace_seconds: float = GRACE_SECONDS) -> list[tuple[str, str, int]]:
    """Meeting id, media key and index of those older than the grace. Raises RedisError."""
    waiting = list(
        AudioChunk.objects.free()
        .filter(state=AudioChunk.State.STORED, received_at__lt=seconds_from_now(-grace_seconds))
        .exclude(meeting__status=Status.CANCELLED)
        .order_by("received_at")
        .values_list("meeting_id", "meeting__media_key", "index")[:MOST_PER_TICK]
    )
    queued = dispatch.list_waiting_jobs("live") if waiting else set()
    return [row for row in waiting if dispatch.name_chunk_job(row[1], row[2]) not in queued]


def ring_waiting_meetings() -> int:
    """Stopped meetings that no worker has and no queue holds. Raises RedisError."""
    absent = find_unqueued_meetings()
    for meeting in absent:
        dispatch.enqueue_processing(meeting)
    return len(absent)


def find_unqueued_meetings(*, grace_seconds: float = GRACE_SECONDS) -> list[Meeting]:
    """Those that ended longer ago than the grace. Raises RedisError."""
    waiting = list(
        Meeting.objects.free()
        .filter(status=Status.PROCESSING, ended_at__lt=seconds_from_now(-grace_seconds))
        .order_by("ended_at")[:MOST_PER_TICK]
    )
    queued = dispatch.list_waiting_jobs("pipeline") if waiting else set()
    return [row for row in waiting if dispatch.name_processing_job(row.media_key) not in queued]


def restore_live_states() -> int:
    """The live index agrees with the rows again, after Redis lost it. Raises RedisError."""
    lost, over = find_live_differences()
    for meeting in lost:
        live.refresh(meeting)
    for meeting_id in over:
        live.forget(meeting_id)
    return len(lost)


def find_live_differences() -> tuple[list[Meeting], set[str]]:
    """Running meetings that Redis does not know, and ids it should forget. Raises RedisError."""
    known = live.list_live()
    running = list(Meeting.objects.filter(status__in=(Status.RECORDING, Status.PROCESSING)))
    lost = [meeting for meeting in running if meeting.pk not in known]
    return lost, known.keys() - {meeting.pk for meeting in running}
