"""Accepting a chunk: the file first, then one short transaction, then the answer, then the bell."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db.models.functions import Now
from django.utils import timezone

from chat import events
from intellibooks import failpoints
from intellibooks.errors import TooLarge
from intellibooks.rows import insert_row, read_row, update_row
from meetings import dispatch, media, services
from meetings.errors import ChecksumMismatch, EmptyChunk, MeetingNotRecording
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


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides whether a chunk may still come after the recording has ended.

    ``begun_at`` is when the request's header came (seconds since the epoch); ``is_promised``
    says that its bytes were answered with a 200 before.
    """

    index: int
    begun_at: float | None = None
    is_promised: bool = False


def ingest_chunk(
    meeting: Meeting,
    *,
    index: int,
    upload: File,  # type: ignore[type-arg]
    started_at_ms: int | None = None,
    sha256: str = "",
    begun_at: float | None = None,
    accepted_earlier: bool = False,
) -> Receipt:
    """Keeps the bytes for good, in any order and as often as they come.

    ``begun_at`` is when the upload began, ``accepted_earlier`` that it was answered before.
    Raises MeetingNotRecording, EmptyChunk, TooLarge, ChecksumMismatch, StorageUnavailable.
    """
    came = Circumstances(index, begun_at, accepted_earlier)
    refuse_hopeless(meeting, came)
    check_size(upload)
    stored = media.store_chunk(meeting, index, upload)
    if sha256 and sha256.lower() != stored.sha256:
        raise ChecksumMismatch("The bytes changed on their way here. Send the chunk again.")
    failpoints.reach("chunk.after_file")
    facts = {
        "content_type": (getattr(upload, "content_type", "") or "")[:100],
        "started_at_ms": started_at_ms,
    }
    with events.record(meeting.pk) as log:
        current = services.get_meeting_of(log.conversation)
        chunk = find_chunk(current, index)
        if chunk is not None:
            return recognise(current, chunk, stored, came)
        is_late = not current.is_recording
        resumed = admit(log, current, came)
        if is_late:  # which has moved it
            current = services.get_meeting_of(log.conversation)
        facts["is_late"] = is_late
        receipt = accept(log, current, index, stored, facts, is_resumed=resumed)
    failpoints.reach("chunk.after_commit")
    return receipt


def find_chunk(meeting: Meeting, index: int) -> AudioChunk | None:
    """The chunk that has the index, while the room is held; nobody is asked about a next one."""
    if index > meeting.highest_index:
        return None
    return read_row(AudioChunk, meeting=meeting.pk, index=index)


def check_size(upload: File) -> None:  # type: ignore[type-arg]
    if not upload.size:
        raise EmptyChunk("The chunk holds no bytes. Check the microphone and send the next one.")
    if upload.size > settings.MAX_CHUNK_BYTES:
        raise TooLarge(f"A chunk has at most {settings.MAX_CHUNK_BYTES} bytes; send shorter ones.")


def refuse_hopeless(meeting: Meeting, came: Circumstances) -> None:
    """Raises MeetingNotRecording before a byte is written, where no rule could admit it."""
    if meeting.is_recording or meeting.can_resume or may_come_late(meeting, came):
        return
    if not meeting.chunks.filter(index=came.index).exists():
        refuse(meeting)


def refuse(meeting: Meeting) -> None:
    raise MeetingNotRecording(
        f"This meeting is {meeting.status}: it takes no more audio. Start a new one."
    )


def may_come_late(meeting: Meeting, came: Circumstances) -> bool:
    """After a stop: what fills a hole, what was on its way, and what was answered before."""
    if meeting.status == Meeting.Status.CANCELLED or meeting.audio_purged_at:
        return False
    was_on_its_way = (
        came.begun_at is not None
        and meeting.stopped_at is not None
        and came.begun_at <= meeting.stopped_at.timestamp()
    )
    return came.is_promised or was_on_its_way or came.index < meeting.chunk_count


def admit(log: events.EventLog, meeting: Meeting, came: Circumstances) -> bool:
    """Whether the recording resumed to take this new chunk. Raises MeetingNotRecording."""
    if meeting.is_recording:
        return False
    if meeting.can_resume:
        return services.resume_recording(log, meeting)
    if not may_come_late(meeting, came):
        refuse(meeting)
    services.reopen_processing(log, meeting, actor="late chunk")
    return False


def accept(
    log: events.EventLog,
    meeting: Meeting,
    index: int,
    stored: media.StoredFile,
    facts: dict[str, Any],
    *,
    is_resumed: bool,
) -> Receipt:
    """A new row in the ledger; the worker is rung after the commit."""
    chunk = AudioChunk(
        meeting=meeting,
        index=index,
        name=stored.name,
        sha256=stored.sha256,
        size=stored.size,
        **facts,
    )
    insert_row(chunk)
    count_chunk(meeting, index)
    log.append(
        "chunk",
        state="received",
        chunk_index=index,
        chunks_processed=meeting.chunks_processed,
        total_chunks=meeting.total_chunks,
    )
    dispatch.ring_accepted(log, meeting, index)
    return Receipt(meeting, chunk, list_missing(meeting), is_resumed=is_resumed)


def recognise(
    meeting: Meeting, chunk: AudioChunk, stored: media.StoredFile, came: Circumstances
) -> Receipt:
    """The index is taken: the same bytes change nothing, other bytes are kept aside."""
    is_conflict = stored.sha256 != chunk.sha256
    if is_conflict and not (meeting.is_recording or meeting.can_resume or came.is_promised):
        refuse(meeting)
    if is_conflict:
        ConflictingChunk.objects.get_or_create(
            meeting=meeting,
            index=chunk.index,
            sha256=stored.sha256,
            defaults={"name": stored.name, "size": stored.size},
        )
    touched = touch_meeting(meeting.pk)
    return Receipt(
        touched,
        chunk,
        list_missing(touched),
        is_duplicate=not is_conflict,
        is_conflict=is_conflict,
    )


def count_chunk(meeting: Meeting, index: int) -> None:
    """One chunk more, in the row and in the object that was read while the room was held."""
    meeting.total_chunks += 1
    meeting.highest_index = max(meeting.highest_index, index)
    update_row(meeting, ("total_chunks", "highest_index"), clocks=("last_activity_at",))
    # By this machine's clock, which is what watchers get to see; the row has the database's.
    meeting.last_activity_at = timezone.now()


def touch_meeting(meeting_id: str) -> Meeting:
    """The meeting after its client was heard of."""
    Meeting.objects.filter(pk=meeting_id).update(last_activity_at=Now())
    return services.get_meeting(meeting_id)


def list_missing(meeting: Meeting) -> list[int]:
    """Indexes that should be there and never came; no query while there is no hole."""
    if meeting.total_chunks == meeting.chunk_count:
        return []
    present = set(meeting.chunks.values_list("index", flat=True))
    absent = (index for index in range(meeting.chunk_count) if index not in present)
    return [index for index, _ in zip(absent, range(LONGEST_LISTING), strict=False)]
