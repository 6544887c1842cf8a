"""Following meetings while workers process them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from redis.exceptions import RedisError
from rq import Worker

from intellibooks.redis_connection import get_queue
from meetings import services
from meetings.models import Meeting
from meetings.stages import list_stages, measure_progress, name_current

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 30.0  # a worker says every 10 s that it lives; `serve` starts a dead one anew


class NoWorker(Exception):
    """Nobody is there to do the work; it waits until somebody is."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a meeting is: ``share`` 0..1 of its stages, and the one that runs."""

    meeting: Meeting
    stage: str
    share: float


def follow_meeting(meeting_id: str) -> Iterator[Progress]:
    """Its progress every POLL_SECONDS; the last one when it is processed.

    Raises NoWorker at once if there is none, or PATIENCE_SECONDS after the last one went;
    SessionNotFound if the meeting is erased meanwhile.
    """
    seen_at = float("-inf")
    while True:
        progress = read_progress(meeting_id)
        yield progress
        if progress.meeting.status != Meeting.Status.PROCESSING:
            return
        if has_worker():
            seen_at = time.monotonic()
        elif time.monotonic() - seen_at >= PATIENCE_SECONDS:
            raise NoWorker("No worker listens to the pipeline; start: manage.py work pipeline")
        time.sleep(POLL_SECONDS)


def read_progress(meeting_id: str) -> Progress:
    meeting = services.get_meeting(meeting_id)
    stages = list_stages(meeting)
    return Progress(meeting, name_current(stages) or "", measure_progress(stages))


def has_worker() -> bool:
    """Whether a worker listens to the pipeline; a Redis that is away hides it, so False."""
    try:
        return Worker.count(queue=get_queue("pipeline")) > 0
    except RedisError:
        return False
