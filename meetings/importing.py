"""Recordings made elsewhere become meetings: decoded, cut, and handed over as a recorder does.

A chunk's index is its position, and a sound is always cut at the same places, so whatever was
interrupted goes on where it stopped. An uploaded file waits in the media storage under
``imports/`` until a worker has handed over its sound.

Limits: the sound is decoded as a whole. Three hours take 345 MB of memory for some seconds; more
is refused.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from chat import events
from intellibooks.errors import DomainError, TooLarge
from meetings import ingest, playback, services
from meetings.errors import MeetingNotRecording
from meetings.import_cuts import LONGEST_SAMPLES, count_chunks, cut_chunks
from meetings.models import AudioChunk, Meeting, MeetingQuerySet
from transcription.audio import SAMPLE_BYTES, Audio, decode, encode_wav

MAX_SECONDS = 3 * 3600.0
MAX_BYTES = 512 * 1024 * 1024
WAV_HEADER_BYTES = 44
# The queue is shared with meetings that are being recorded: only so many chunks of ours are in it.
MOST_WAITING = 4
POLL_SECONDS = 0.25
PATIENCE_SECONDS = 5.0  # nothing transcribed for so long: no worker, nobody whom we could delay
OLDEST_DATE = datetime(1995, 1, 1, tzinfo=UTC)
LONGEST_TITLE = 200

Report = Callable[[int, int], None]


class EmptyFile(DomainError):
    code = "bad_audio"
    detail = "Empty audio file"


@dataclass(frozen=True, slots=True)
class Imported:
    """``is_known``: the same file had been imported before, and nothing was done."""

    meeting: Meeting
    is_known: bool


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be imported; ``sha256`` is of the file as it came."""

    sha256: str
    title: str = ""
    language: str = "en"
    recorded_at: datetime | None = None
    owner: str = ""


def import_file(
    path: Path, *, title: str = "", language: str = "en", report: Report = lambda *_: None
) -> Imported:
    """The file as a meeting, handed over to the workers; ``report`` hears of done and total.

    Raises AudioError, EmptyFile, TooLarge, MeetingNotRecording, StorageUnavailable, OSError.
    """
    check_size(path.stat().st_size)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    meeting = find_import(sha256)
    if meeting is not None and is_whole(meeting):
        return Imported(meeting, is_known=True)
    audio = decode(path.read_bytes(), max_seconds())
    if meeting is None:
        recorded_at = read_date(path)
        meeting = start_import(Source(sha256, title or path.stem, language, recorded_at))
    feed(meeting, audio, report)
    return Imported(services.get_meeting(meeting.pk), is_known=False)


def max_bytes() -> int:
    return int(getattr(settings, "MAX_IMPORT_BYTES", MAX_BYTES))


def max_seconds() -> float:
    return float(getattr(settings, "MAX_IMPORT_SECONDS", MAX_SECONDS))


def check_size(size: int) -> None:
    """Raises EmptyFile, TooLarge."""
    if not size:
        raise EmptyFile("The file is empty.")
    if size > max_bytes():
        limit = max_bytes() // 1024**2
        raise TooLarge(
            f"The file has {size / 1024**2:.0f} MiB; at most {limit} are imported. "
            "Save it compressed (Opus, MP3, M4A), or cut it."
        )


def find_import(sha256: str, among: MeetingQuerySet | None = None) -> Meeting | None:
    """The meeting that was made of that file, unless it was cancelled or never got a sound.

    ``among`` are the meetings that whoever imports may see: the others do not exist for them.
    """
    rows = Meeting.objects.all() if among is None else among
    rows = rows.filter(source_sha256=sha256)
    rows = rows.exclude(status=Meeting.Status.CANCELLED)
    rows = rows.exclude(Q(status=Meeting.Status.FAILED) & Q(total_chunks=0))
    found: Meeting | None = rows.select_related("conversation").first()
    return found


def is_whole(meeting: Meeting) -> bool:
    """Whether all of its sound was handed over: only then we stop it."""
    return meeting.stopped_at is not None


def read_date(path: PurePath) -> datetime | None:
    """When the file was last written, if that can be the date of a recording."""
    moment = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    return moment if OLDEST_DATE < moment <= datetime.now(UTC) else None


def start_import(source: Source) -> Meeting:
    """A meeting for that file, dated as it is."""
    title = playback.clean_title(source.title)[:LONGEST_TITLE]
    facts: dict[str, Any] = {"source_sha256": source.sha256}
    if source.recorded_at is not None:
        facts["created_at"] = source.recorded_at
    with events.turn_to_write(), transaction.atomic():
        meeting = services.start_meeting(title=title, language=source.language, owner=source.owner)
        Meeting.objects.filter(pk=meeting.pk).update(**facts)
    return meeting


def feed(meeting: Meeting, audio: Audio, report: Report = lambda *_: None) -> None:
    """All chunks that did not come yet, then the stop. Raises MeetingNotRecording.

    Waits where too many of them wait, so that meetings which are being recorded get their turn.
    """
    longest = min(LONGEST_SAMPLES, (settings.MAX_CHUNK_BYTES - WAV_HEADER_BYTES) // SAMPLE_BYTES)
    total = count_chunks(audio, longest)
    known = set(meeting.chunks.values_list("index", flat=True))
    has_worker = True
    for index, part in enumerate(cut_chunks(audio, longest)):
        report(index, total)
        if index in known:
            continue
        has_worker = has_worker and wait_for_room(meeting)
        upload = ContentFile(encode_wav(part), "chunk.wav")
        ingest.ingest_chunk(meeting, index=index, upload=upload)
    finish(meeting, total)
    report(total, total)


def wait_for_room(meeting: Meeting) -> bool:
    """Whether a worker takes our chunks; returns when few of them wait."""
    waiting = meeting.chunks.filter(state=AudioChunk.State.STORED)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting.count() >= MOST_WAITING:
        if is_worker_busy():
            deadline = time.monotonic() + PATIENCE_SECONDS
        elif time.monotonic() > deadline:
            return False
        keep_alive(meeting)
        time.sleep(POLL_SECONDS)
    return True


def is_worker_busy() -> bool:
    """Whether any chunk is being transcribed now, ours or another meeting's."""
    waiting = AudioChunk.objects.filter(state=AudioChunk.State.STORED)
    return waiting.filter(lease_until__gt=Now()).exists()


def keep_alive(meeting: Meeting) -> None:
    """The watchdog ends recordings of which nothing is heard; we are only waiting."""
    rows = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.RECORDING)
    rows.update(last_activity_at=Now())


def finish(meeting: Meeting, chunks: int) -> None:
    """The recording ends, also where the watchdog was first. Raises MeetingNotRecording."""
    try:
        services.end_recording(meeting.pk, actor="import", expected_chunks=chunks)
    except MeetingNotRecording:
        # Everything came and is being processed; from now on the meeting is known to be whole.
        ended = Meeting.objects.filter(pk=meeting.pk, ended_abruptly=True, stopped_at=None)
        whole = {"stopped_at": Now(), "ended_abruptly": False, "expected_chunks": chunks}
        if not ended.exclude(status=Meeting.Status.CANCELLED).update(**whole):
            raise
