"""At once what the watchdog does over time, told act by act, and failed meetings tried again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db.models.functions import Now
from redis.exceptions import RedisError

from meetings import dispatch, live, services, spool, sweeper
from meetings.models import Meeting

Status = Meeting.Status
ACTOR = "recover"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do, or, where ``run`` is missing, the reason why nothing can be done.

    ``is_hopeless`` where somebody asked for this meeting by its id.
    """

    meeting_id: str
    what: str
    run: Callable[[], object] | None = None
    is_hopeless: bool = False


def plan_recovery(named: list[Meeting]) -> Iterator[Act]:
    """What is to be done, for those named or for everything; run each act before the next.

    Raises DatabaseError.
    """
    ids = {meeting.pk for meeting in named}
    yield from plan_spool()
    for act in plan_healing():
        if not named or act.meeting_id in ids:
            yield act
    for meeting in named:
        yield from plan_retry(meeting)


def plan_spool() -> Iterator[Act]:
    """The spool as a whole: while the database is away nobody can tell whose an entry is."""
    if count := len(spool.list_entries()):
        yield Act("", f"{count} spooled chunks are handed over", spool.hand_over)


def plan_healing() -> Iterator[Act]:
    for meeting_id in sweeper.find_idle_recordings():
        end = partial(sweeper.end_if_idle, meeting_id)
        yield Act(meeting_id, "its client is gone: the recording ends", end)
    try:
        yield from plan_rings()
    except RedisError as error:
        yield Act("", f"Redis does not answer, nothing was queued: {error}", is_hopeless=True)


def plan_rings() -> Iterator[Act]:
    """Raises RedisError."""
    for meeting_id, key, index in sweeper.find_unqueued_chunks(grace_seconds=0):
        ring = partial(dispatch.enqueue_chunk, meeting_id, key, index)
        yield Act(meeting_id, f"chunk {index} is queued again", ring)
    for meeting in sweeper.find_unqueued_meetings(grace_seconds=0):
        ring = partial(dispatch.enqueue_processing, meeting)
        yield Act(meeting.pk, "its processing is queued again", ring)
    lost, over = sweeper.find_live_differences()
    for meeting in lost:
        yield Act(meeting.pk, "Redis is told of it", partial(live.refresh, meeting))
    for meeting_id in sorted(over):
        yield Act(meeting_id, "Redis forgets it", partial(live.forget, meeting_id))


def plan_retry(meeting: Meeting) -> Iterator[Act]:
    """What only a person asks for: another try of what failed, and now."""
    current = services.get_meeting(meeting.pk)
    if current.status == Status.FAILED:
        retry = partial(services.retry_processing, current, actor=ACTOR)
        yield Act(meeting.pk, "it had failed: its processing is tried again", retry)
    elif current.status == Status.CANCELLED:
        yield Act(meeting.pk, "it was cancelled: there is nothing to recover", is_hopeless=True)
    elif current.status == Status.PROCESSING and waits(current):
        yield Act(meeting.pk, "it waits for its next try: that is now", partial(hurry, current))


def waits(meeting: Meeting) -> bool:
    """Whether a try failed and the pause before the next is not over."""
    return Meeting.objects.filter(pk=meeting.pk, lease_until=None, retry_at__gt=Now()).exists()


def hurry(meeting: Meeting) -> None:
    """Ends the pause. Raises RedisError."""
    Meeting.objects.filter(pk=meeting.pk, lease_until=None).update(retry_at=None)
    meeting.chunks.filter(lease_until=None).update(retry_at=None)
    dispatch.enqueue_processing(meeting)
