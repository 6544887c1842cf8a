"""Does Redis hold what the rows say is running and waiting? It can always be told again."""

import time
from collections.abc import Iterator
from functools import partial

from redis.exceptions import RedisError

from meetings import dispatch, live, sweeper
from meetings.findings import Finding, Note, Result
from meetings.models import Meeting

Status = Meeting.Status

SETTLE_SECONDS = 1.0  # between two looks at Redis, which is told a moment after the commit
QUEUE_GRACE_SECONDS = 30  # the sweeper needs 5 to ring what was lost


def verify_redis(ids: set[str] | None) -> Iterator[Result]:
    """The live index and the queues, for all meetings or for those named."""
    try:
        found = [*check_live(), *check_jobs()]
    except RedisError:
        yield Note("", "Redis does not answer: its live index and queues were not checked")
        return
    yield from (finding for finding in found if ids is None or finding.meeting_id in ids)


def check_live() -> Iterator[Finding]:
    """What differs at two looks a moment apart. Raises RedisError."""
    first = describe_live()
    if not first:
        return
    time.sleep(SETTLE_SECONDS)
    second = describe_live()
    for key in first.keys() & second.keys():
        yield second[key]


def describe_live() -> dict[tuple[str, str], Finding]:
    lost, over = sweeper.find_live_differences()
    found = [
        Finding(meeting.pk, "live", "runs, and Redis does not know it", "tell Redis", repair)
        for meeting, repair in ((row, partial(live.refresh, row)) for row in lost)
    ]
    found += [
        Finding(key, "live", "is over, and Redis holds it", "forget it", partial(live.forget, key))
        for key in sorted(over)
    ]
    for meeting in Meeting.objects.filter(status__in=(Status.RECORDING, Status.PROCESSING)):
        status = live.read_status(meeting.pk)
        if meeting not in lost and status != meeting.status:
            what = f"is {meeting.status}, and Redis says {status or 'nothing'}"
            found.append(
                Finding(meeting.pk, "live", what, "tell Redis", partial(live.refresh, meeting))
            )
    return {(finding.meeting_id, finding.what): finding for finding in found}


def check_jobs() -> Iterator[Finding]:
    """Work that no worker has and no queue holds, for longer than the sweeper needs."""
    for meeting_id, key, index in sweeper.find_unqueued_chunks(grace_seconds=QUEUE_GRACE_SECONDS):
        ring = partial(dispatch.enqueue_chunk, meeting_id, key, index)
        yield Finding(meeting_id, "job", f"chunk {index} waits in no queue", "queue it", ring)
    for meeting in sweeper.find_unqueued_meetings(grace_seconds=QUEUE_GRACE_SECONDS):
        ring = partial(dispatch.enqueue_processing, meeting)
        yield Finding(meeting.pk, "job", "its processing waits in no queue", "queue it", ring)
