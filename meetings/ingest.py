"""Accepting a chunk: the file first, then one short transaction, then the answer, then the bell."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from chat import events
from intellibooks.doorbell import doorbell
from meetings import dispatch, live, media, services
from meetings.errors import EmptyChunk, MeetingNotRecording
from meetings.models import AudioChunk, ConflictingChunk, Meeting

LONGEST_LISTING = 1000  # missing indexes that one answer names


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an upload: ``chunk`` is the accepted one, of this upload or an earlier."""

    meeting: Meeting
    chunk: AudioChunk
    missing: list[int]
    is_duplicate: bool = False
    is_conflict: bool = False
    is_resumed: bool = False


def ingest_chunk(
    meeting: Meeting,
    *,
    index: int,
    upload: File,  # type: ignore[type-arg]
    started_at_ms: int | None = None,
) -> Receipt:
    """Keeps the bytes for good, in any order and as often as they come.

    Raises MeetingNotRecording, EmptyChunk, StorageUnavailable.
    """
    refuse_closed(meeting)
    if not upload.size:
        raise EmptyChunk("The chunk holds no bytes. Check the microphone and send the next one.")
    stored = media.store_chunk(meeting, index, upload)
    facts: dict[str, Any] = {
        "content_type": (getattr(upload, "content_type", "") or "")[:100],
        "started_at_ms": started_at_ms,
    }
    with events.record(meeting.pk) as log:
        current = services.get_meeting(meeting.pk)
        refuse_closed(current)
        resumed = not current.is_recording and services.resume_recording(log, current)
        chunk = AudioChunk.objects.filter(meeting=current, index=index).first()
        if chunk is None:
            return accept(log, index, stored, facts, is_resumed=resumed)
        return recognise(log, chunk, stored, is_resumed=resumed)


def refuse_closed(meeting: Meeting) -> None:
    if not meeting.is_recording and not meeting.can_resume:
        raise MeetingNotRecording(
            f"This meeting is {meeting.status}: it takes no more audio. Start a new one."
        )


def accept(
    log: events.EventLog,
    index: int,
    stored: media.StoredFile,
    facts: dict[str, Any],
    *,
    is_resumed: bool,
) -> Receipt:
    """A new row in the ledger; the worker is rung after the commit."""
    meeting_id = log.conversation.pk
    chunk = AudioChunk.objects.create(
        meeting_id=meeting_id,
        index=index,
        name=stored.name,
        sha256=stored.sha256,
        size=stored.size,
        **facts,
    )
    meeting = touch_meeting(meeting_id, new_index=index)
    log.append(
        "chunk",
        state="received",
        chunk_index=index,
        chunks_processed=meeting.chunks_processed,
        total_chunks=meeting.total_chunks,
    )
    ring(meeting, index)
    return Receipt(meeting, chunk, list_missing(meeting), is_resumed=is_resumed)


def recognise(
    log: events.EventLog, chunk: AudioChunk, stored: media.StoredFile, *, is_resumed: bool
) -> Receipt:
    """The index is taken: the same bytes change nothing, other bytes are kept aside."""
    meeting = touch_meeting(log.conversation.pk)
    is_conflict = stored.sha256 != chunk.sha256
    if is_conflict:
        ConflictingChunk.objects.get_or_create(
            meeting=meeting,
            index=chunk.index,
            sha256=stored.sha256,
            defaults={"name": stored.name, "size": stored.size},
        )
    return Receipt(
        meeting,
        chunk,
        list_missing(meeting),
        is_duplicate=not is_conflict,
        is_conflict=is_conflict,
        is_resumed=is_resumed,
    )


def touch_meeting(meeting_id: str, *, new_index: int | None = None) -> Meeting:
    """The meeting after its client was heard of, with the counters of a new chunk if any."""
    changes: dict[str, Any] = {"last_activity_at": Now()}
    if new_index is not None:
        changes["total_chunks"] = F("total_chunks") + 1
    Meeting.objects.filter(pk=meeting_id).update(**changes)
    if new_index is not None:
        rows = Meeting.objects.filter(pk=meeting_id, highest_index__lt=new_index)
        rows.update(highest_index=new_index)
    return Meeting.objects.get(pk=meeting_id)


def list_missing(meeting: Meeting) -> list[int]:
    """Indexes below the highest one that never came; no query while there is no hole."""
    if meeting.total_chunks == meeting.highest_index + 1:
        return []
    present = set(meeting.chunks.values_list("index", flat=True))
    absent = (index for index in range(meeting.highest_index) if index not in present)
    return [index for index, _ in zip(absent, range(LONGEST_LISTING), strict=False)]


def ring(meeting: Meeting, index: int) -> None:
    def tell() -> None:
        dispatch.enqueue_chunk(meeting.pk, meeting.media_key, index)
        live.refresh(meeting)

    transaction.on_commit(partial(doorbell.ring, tell))
