"""What happens to a meeting: it starts, stops, falls silent, resumes, completes or fails.

Every change of status is a compare-and-set inside one transaction that holds the room's row,
so of two that race one wins, and the frame that tells of it is in the log or neither is.
"""

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from chat import events
from chat.models import Conversation, Membership
from intellibooks.doorbell import doorbell
from intellibooks.rows import read_joined, read_row
from meetings import dispatch, live, media
from meetings.errors import MeetingNotFailed, MeetingNotRecording, SessionNotFound
from meetings.models import Meeting, MeetingQuerySet, StageResult, Transition
from meetings.webhooks.messages import plan_deliveries

Status = Meeting.Status

# A new life of the row: whoever still holds a lease of the old one is fenced off.
FRESH: dict[str, Any] = {
    "lease_token": "",
    "lease_until": None,
    "retry_at": None,
    "attempts": 0,
    "failure_code": "",
    "failure_reason": "",
}


def start_meeting(
    *,
    title: str = "",
    language: str = "en",
    engine: str = "",
    tags: Sequence[str] = (),
    vocabulary: Sequence[str] = (),
    speakers_expected: int | None = None,
    owner: str = "",
) -> Meeting:
    """A new meeting that records from now on; ``vocabulary`` are words that engines expect.

    Without an ``owner`` it is nobody's in particular.
    """
    with events.turn_to_write(), transaction.atomic():
        conversation = open_room(title, owner)
        meeting = Meeting.objects.create(
            conversation=conversation,
            language=language,
            engine=engine,
            tags=list(tags),
            vocabulary=list(vocabulary),
            speakers_expected=speakers_expected,
        )
        Transition.objects.create(meeting=meeting, new=meeting.status, actor="client")
        plan_deliveries(get_meeting(meeting.pk), "", meeting.status)
        with events.record(meeting.pk) as log:
            log.append("meeting", state="started")
    meeting = get_meeting(meeting.pk)
    doorbell.ring(partial(live.refresh, meeting))
    return meeting


def open_room(title: str, owner: str) -> Conversation:
    room = Conversation.objects.create(pk=str(uuid.uuid4()), title=title, created_by=owner)
    if owner:
        room.memberships.create(user_id=owner, role=Membership.Role.OWNER)
    return room


def get_meeting(meeting_id: str) -> Meeting:
    """The meeting of that id. Raises SessionNotFound."""
    meeting = read_joined(Meeting, "conversation", conversation=meeting_id)
    if meeting is None:
        raise unknown_meeting(meeting_id)
    return meeting


def get_meeting_of(conversation: Conversation) -> Meeting:
    """The meeting of a room that was read, or is held, already. Raises SessionNotFound."""
    meeting = read_row(Meeting, conversation=conversation.pk)
    if meeting is None:
        raise unknown_meeting(conversation.pk)
    meeting.conversation = conversation
    return meeting


def unknown_meeting(meeting_id: str) -> SessionNotFound:
    return SessionNotFound(f"There is no meeting {meeting_id[:64]}.")


def move_meeting(
    meeting_id: str,
    old: str,
    new: str,
    *,
    actor: str,
    rows: MeetingQuerySet | None = None,
    **changes: Any,
) -> bool:
    """Whether we moved the meeting, if it is among ``rows``; call it inside events.record."""
    among = Meeting.objects.all() if rows is None else rows
    moved = among.filter(pk=meeting_id).move(old, new, **changes)
    if moved:
        Transition.objects.create(
            meeting_id=meeting_id,
            old=old,
            new=new,
            actor=actor,
            reason=changes.get("failure_reason", ""),
        )
        plan_deliveries(get_meeting(meeting_id), old, new)
    return moved


def end_recording(
    meeting_id: str,
    *,
    actor: str,
    after_idle_seconds: float | None = None,
    expected_chunks: int = 0,
) -> Meeting:
    """The recording ends and its processing begins. Raises MeetingNotRecording.

    With ``after_idle_seconds`` only if nothing came for so long: an abrupt end.
    ``expected_chunks`` is how many the client has sent or will still send.
    """
    abruptly = after_idle_seconds is not None
    rows = None if after_idle_seconds is None else Meeting.objects.idle(after_idle_seconds)
    changes = {"ended_at": Now()} if abruptly else {"stopped_at": Now(), "ended_at": Now()}
    with events.record(meeting_id) as log:
        if not move_meeting(
            meeting_id,
            Status.RECORDING,
            Status.PROCESSING,
            actor=actor,
            rows=rows,
            **{**FRESH, **changes},
            ended_abruptly=abruptly,
            expected_chunks=expected_chunks,
            generation=F("generation") + 1,
        ):
            raise MeetingNotRecording("The meeting is not recording any more.")
        meeting = get_meeting(meeting_id)
        log.append("meeting", state="abrupt_end" if abruptly else "stopped", progress=0.0)
        log.append(
            "system",
            event="meeting_stopped",
            content="Meeting recording stopped, processing in background",
            metadata={"status": meeting.status, "ended_abruptly": abruptly},
        )
        announce_work(meeting)
    return meeting


def resume_recording(log: events.EventLog, meeting: Meeting) -> bool:
    """Back to recording after an abrupt end, because a chunk came after all."""
    resumed = move_meeting(
        meeting.pk,
        meeting.status,
        Status.RECORDING,
        actor="late chunk",
        **FRESH,
        ended_at=None,
        ended_abruptly=False,
        completed_at=None,
    )
    if resumed:
        log.append("meeting", state="resumed")
    return resumed


def reopen_processing(log: events.EventLog, meeting: Meeting, *, actor: str) -> None:
    """Processing from its start, because audio came that an earlier run did not see."""
    fresh = {**FRESH, "generation": F("generation") + 1}
    if meeting.status == Status.PROCESSING:
        Meeting.objects.filter(pk=meeting.pk).update(**fresh)
    else:
        move_meeting(
            meeting.pk, meeting.status, Status.PROCESSING, actor=actor, **fresh, completed_at=None
        )
    log.append("meeting", state="stage", stage="gather", stages=[], progress=0.0)
    announce_work(get_meeting(meeting.pk))


def retry_processing(meeting: Meeting, *, actor: str) -> Meeting:
    """Failed -> processing; stages that were done are not run again. Raises MeetingNotFailed."""
    with events.record(meeting.pk) as log:
        if not move_meeting(meeting.pk, Status.FAILED, Status.PROCESSING, actor=actor, **FRESH):
            raise MeetingNotFailed(f"The meeting is {meeting.status}: there is nothing to retry.")
        failed = meeting.stages.filter(status=StageResult.Status.FAILED)
        failed.update(status=StageResult.Status.PENDING)
        retried = get_meeting(meeting.pk)
        log.append("meeting", state="stage", stage="retry", stages=[], progress=0.0)
        announce_work(retried)
    return retried


def cancel_meeting(meeting: Meeting, *, actor: str) -> Meeting:
    """Recording -> cancelled: what was recorded is discarded. Raises MeetingNotRecording."""
    with events.record(meeting.pk) as log:
        if not move_meeting(
            meeting.pk, Status.RECORDING, Status.CANCELLED, actor=actor, ended_at=Now()
        ):
            raise MeetingNotRecording(f"This meeting is {meeting.status}: it cannot be cancelled.")
        rows = (meeting.chunks.all(), meeting.conflicts.all())
        names = [name for row in rows for name in row.values_list("name", flat=True)]
        for row in rows:
            row.delete()
        log.append("meeting", state="cancelled")
        transaction.on_commit(partial(doorbell.ring, partial(live.forget, meeting.pk)))
    media.delete_files(names)
    return get_meeting(meeting.pk)


def complete_meeting(meeting: Meeting, token: str, *, read_text: Callable[[Meeting], str]) -> bool:
    """Processing -> completed, unless the run that holds ``token`` was fenced off meanwhile.

    The text is read under the room's lock, so that no edit falls between the two.
    """
    with events.record(meeting.pk) as log:
        transcript = read_text(meeting)
        done = move_meeting(
            meeting.pk,
            Status.PROCESSING,
            Status.COMPLETED,
            actor="pipeline",
            rows=Meeting.objects.filter(lease_token=token),
            **FRESH,
            transcript=transcript,
            completed_at=Now(),
        )
        if done:
            announce_transcript(log, meeting, transcript)
            log.append("meeting", state="completed", progress=1.0)
            transaction.on_commit(partial(doorbell.ring, partial(live.forget, meeting.pk)))
    return done


def fail_meeting(meeting: Meeting, token: str, *, code: str, reason: str) -> bool:
    """Processing -> failed with its reason; audio and partial transcript stay."""
    with events.record(meeting.pk) as log:
        failed = move_meeting(
            meeting.pk,
            Status.PROCESSING,
            Status.FAILED,
            actor="pipeline",
            rows=Meeting.objects.filter(lease_token=token),
            **{**FRESH, "failure_code": code, "failure_reason": reason},
        )
        if failed:
            log.append("meeting", state="failed", error=reason)
            transaction.on_commit(partial(doorbell.ring, partial(live.forget, meeting.pk)))
    return failed


def announce_transcript(log: events.EventLog, meeting: Meeting, transcript: str) -> None:
    """The whole text so far, for clients that keep none themselves; never stored."""
    log.announce(
        "transcript_update",
        event="transcript_updated",
        content=transcript,
        metadata={
            "chunks_processed": meeting.chunks_processed,
            "total_chunks": meeting.total_chunks,
            "transcript_length": len(transcript),
        },
    )


def announce_work(meeting: Meeting) -> None:
    """After the commit: the live state, and a ring for the pipeline worker."""
    transaction.on_commit(partial(doorbell.ring, partial(live.refresh, meeting)))
    transaction.on_commit(partial(doorbell.ring, partial(dispatch.enqueue_processing, meeting)))
