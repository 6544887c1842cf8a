"""Do the rows, the files and Redis tell the same story? What differs, and what mends it.

Checks only read. A repair is given where the story can be restored without loss; what is gone
for good has none, and its finding says what a person can do.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min

from chat import events
from chat.models import Conversation, Event
from meetings import ingest, media, orphans, services, spool
from meetings.encryption.errors import MediaKeyMissing, MediaTampered
from meetings.findings import Finding, Note, Result
from meetings.models import AudioChunk, ConflictingChunk, Meeting
from meetings.redis_checks import verify_redis

Status = Meeting.Status
Stored = AudioChunk | ConflictingChunk

SEGMENT_SLACK_MS = 1000  # engines round the end of the last word up
KEYS_PER_QUERY = 200
LOCKED = "is encrypted with the key"
ADD_KEY = "add that key; nothing is lost"


def verify(meetings: Iterable[Meeting], *, is_everything: bool) -> Iterator[Result]:
    """Every difference, meeting by meeting; with ``is_everything`` also what belongs to none.

    Raises DatabaseError, OSError where a store cannot be read.
    """
    ids: set[str] = set()
    for meeting in meetings:
        ids.add(meeting.pk)
        yield from verify_meeting(meeting)
    yield from verify_redis(None if is_everything else ids)
    if is_everything:
        yield from verify_storage()


def verify_meeting(meeting: Meeting) -> Iterator[Result]:
    broken = list(check_files(meeting))
    yield from broken
    # Looked at again, because the caller may have repaired what it was given.
    is_whole = not broken or not any(check_files(meeting))
    yield from check_recording(meeting, is_whole=is_whole)
    yield from check_counters(meeting)
    yield from check_events(meeting)
    yield from check_segments(meeting)
    yield from check_orphans([meeting.media_key])
    yield from describe_gaps(meeting)


def check_files(meeting: Meeting) -> Iterator[Finding]:
    """Files of chunks that are gone or not what was accepted."""
    rows: list[Stored] = [*meeting.chunks.exclude(name=""), *meeting.conflicts.exclude(name="")]
    for row in rows:
        fault = find_fault(row.name, row.sha256)
        if fault and type(row).objects.filter(pk=row.pk, name=row.name).exists():
            yield describe_fault(row, fault)


def find_fault(name: str, sha256: str) -> str:
    """Why the file is not the one of that hash; nothing if it is. Raises OSError."""
    try:
        stored = media.measure_stored(name)
    except FileNotFoundError:
        return "is missing"
    except MediaTampered:
        return "was changed"
    except MediaKeyMissing as error:
        return f"{LOCKED} {error.key_id}, which MEDIA_ENCRYPTION_KEYS does not hold"
    return "" if stored.sha256 == sha256 else "was changed"


def describe_fault(row: Stored, fault: str) -> Finding:
    aside = orphans.find_aside(row.name)
    if fault.startswith(LOCKED):
        return Finding(row.meeting_id, "key", f"the file of chunk {row.index} {fault}", ADD_KEY)
    can_restore = bool(aside) and not find_fault(aside, row.sha256)
    return Finding(
        row.meeting_id,
        "chunk_file",
        f"the file of chunk {row.index} {fault}",
        f"put {aside} back" if can_restore else f"none here: restore {row.name} from a backup",
        partial(media.move_file, aside, row.name) if can_restore else None,
    )


def check_recording(meeting: Meeting, *, is_whole: bool) -> Iterator[Finding]:
    """The recording of a completed meeting that kept its sound."""
    if meeting.status != Status.COMPLETED or not meeting.chunks.exclude(name="").exists():
        return
    name, sha256 = meeting.recording_name, meeting.recording_sha256
    fault = find_fault(name, sha256) if name else "is missing"
    as_read = Meeting.objects.filter(pk=meeting.pk, status=meeting.status, recording_name=name)
    if fault.startswith(LOCKED):
        yield Finding(meeting.pk, "key", f"the recording {fault}", ADD_KEY)
    elif fault and as_read.exists():
        yield Finding(
            meeting.pk,
            "recording_file",
            f"the recording {fault}",
            "join it again from its chunks" if is_whole else "none before its chunks are whole",
            partial(rejoin_recording, meeting) if is_whole else None,
        )


def rejoin_recording(meeting: Meeting) -> None:
    """Back to processing, which joins the chunks anew."""
    with events.record(meeting.pk) as log:
        current = services.get_meeting(meeting.pk)
        if current.status == Status.COMPLETED:
            services.reopen_processing(log, current, actor="verify")


def count_chunks(meeting_id: str) -> dict[str, int]:
    """The meeting's counters as its chunks say."""
    chunks = AudioChunk.objects.filter(meeting_id=meeting_id)
    highest = chunks.aggregate(highest=Max("index"))["highest"]
    return {
        "total_chunks": chunks.count(),
        "highest_index": -1 if highest is None else highest,
        "chunks_processed": chunks.exclude(state=AudioChunk.State.STORED).count(),
    }


def check_counters(meeting: Meeting) -> Iterator[Finding]:
    """Cancelled meetings have no chunks any more; their counters tell what there was."""
    with transaction.atomic():
        lock_room(meeting.pk)
        row = Meeting.objects.filter(pk=meeting.pk).exclude(status=Status.CANCELLED).first()
        right = count_chunks(meeting.pk)
    for name, value in right.items() if row else ():
        if getattr(row, name) != value:
            yield Finding(
                meeting.pk,
                "counter",
                f"{name} is {getattr(row, name)} where the chunks say {value}",
                "count again",
                partial(recount, meeting.pk),
            )


def recount(meeting_id: str) -> None:
    with transaction.atomic():
        lock_room(meeting_id)
        Meeting.objects.filter(pk=meeting_id).update(**count_chunks(meeting_id))


def lock_room(meeting_id: str) -> Conversation | None:
    """Nothing changes the room until the transaction ends."""
    return Conversation.objects.select_for_update().filter(pk=meeting_id).first()


def check_events(meeting: Meeting) -> Iterator[Finding]:
    """The log counts from 1 to the room's last number without a hole."""
    with transaction.atomic():
        room = lock_room(meeting.pk)
        rows = Event.objects.filter(conversation_id=meeting.pk)
        seen = rows.aggregate(count=Count("pk"), first=Min("seq"), last=Max("seq"))
    if room is None:
        return
    last = seen["last"] or 0
    if last > room.last_seq:
        what = f"the event log goes to {last}, the room counts to {room.last_seq}"
        yield Finding(
            meeting.pk, "events", what, "count from there", partial(raise_last_seq, room.pk)
        )
    elif lost := count_lost(room.last_seq, seen):
        what = f"{lost} of {room.last_seq} events are not in the log"
        yield Finding(meeting.pk, "events", what, "none: viewers that reconnect load the state")


def count_lost(last_seq: int, seen: dict[str, int | None]) -> int:
    """Events that should be in the log; its beginning may have been let go by retention."""
    first = seen["first"] or last_seq + 1
    let_go = first - 1 if settings.EVENT_RETENTION_DAYS else 0
    return last_seq - let_go - (seen["count"] or 0)


def raise_last_seq(room_id: str) -> None:
    with transaction.atomic():
        lock_room(room_id)
        last = Event.objects.filter(conversation_id=room_id).aggregate(last=Max("seq"))["last"]
        Conversation.objects.filter(pk=room_id, last_seq__lt=last).update(last_seq=last)


def check_segments(meeting: Meeting) -> Iterator[Finding]:
    if meeting.status != Status.COMPLETED:
        return
    limit = meeting.duration_ms + SEGMENT_SLACK_MS
    for segment in meeting.segments.filter(end_ms__gt=limit):
        end = segment.end_ms / 1000
        yield Finding(
            meeting.pk,
            "segment",
            f"segment {segment.key} ends at {end:.1f} s, after the recording's end",
            "none here: process the meeting again",
        )


def check_orphans(keys: Sequence[str]) -> Iterator[Finding]:
    for orphan in orphans.find_orphans(keys):
        yield Finding(
            orphan.meeting_id,
            "orphan",
            f"no row names the file {orphan.name}",
            f"move it to {orphans.ORPHANS}/, kept there for {orphans.KEEP_DAYS} days",
            partial(orphans.put_aside, orphan),
        )


def describe_gaps(meeting: Meeting) -> Iterator[Note]:
    missing = ingest.list_missing(meeting) if meeting.status != Status.CANCELLED else []
    if missing:
        yield Note(meeting.pk, f"chunks that never came: {format_indexes(missing)}")
    if meeting.audio_purged_at:
        day = f"{meeting.audio_purged_at:%Y-%m-%d}"
        yield Note(meeting.pk, f"its audio was purged on {day}; text and results are kept")
    elif meeting.chunks.filter(name="").exists():
        yield Note(meeting.pk, "its audio was purged; text and results are kept")


def format_indexes(indexes: Sequence[int]) -> str:
    """``2-4, 9``: neighbours as one range."""
    starts = [index for index in indexes if index - 1 not in set(indexes)]
    ends = [index for index in indexes if index + 1 not in set(indexes)]
    pairs = zip(starts, ends, strict=True)
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in pairs)


def verify_storage() -> Iterator[Finding]:
    """Files of meetings that have no row, and spooled chunks that nobody could take."""
    keys = orphans.list_keys()
    for start in range(0, len(keys), KEYS_PER_QUERY):
        batch = keys[start : start + KEYS_PER_QUERY]
        known = Meeting.objects.filter(media_key__in=batch).values_list("media_key", flat=True)
        yield from check_orphans(sorted(set(batch) - set(known)))
    for entry in spool.list_rejected():
        what = f"a spooled chunk was rejected: {entry}"
        yield Finding("", "spool", what, "see the log for its reason, then remove it by hand")
