"""Keeping the stores tidy without losing sound, and erasing what has to go."""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from redis.exceptions import RedisError

from chat import notifications
from chat.models import Conversation
from intellibooks.errors import DomainError
from meetings import import_jobs, live, media, orphans, spool
from meetings.media import ORPHAN_SECONDS
from meetings.models import AudioChunk, Meeting, MeetingQuerySet

logger = logging.getLogger(__name__)

Status = Meeting.Status
FINISHED = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)

INTERVAL_SECONDS = 600
FOLDERS_PER_PASS = 500  # so that a pass stays short however many meetings there are
SCRATCH_SECONDS = 24 * 3600  # twice the longest job


class MeetingInUse(DomainError):
    """It records or is being processed."""

    status = 409
    code = "conflict"
    detail = "Meeting is in use"


@dataclass(slots=True)
class Cleaning:
    """What one pass did; ``cursor`` is the last folder it looked at, empty after the last."""

    moved: int = 0
    removed: int = 0
    cursor: str = ""


class Upkeep:
    """The slow part of the watchdog: a bounded pass every INTERVAL_SECONDS."""

    def __init__(self) -> None:
        self.due_at = 0.0
        self.cursor = ""

    def run_if_due(self) -> int:
        """How many files were moved or removed by a pass, if it was time for one."""
        if time.monotonic() < self.due_at:
            return 0
        self.due_at = time.monotonic() + INTERVAL_SECONDS
        try:
            done = clean_up(self.cursor)
        except OSError as error:
            logger.warning("the media storage could not be tidied: %s", error)
            return 0
        self.cursor = done.cursor
        return done.moved + done.removed


def clean_up(cursor: str = "") -> Cleaning:
    """Half-written files, orphans in the folders after ``cursor``, and what is long aside."""
    done = Cleaning(removed=remove_leavings() + orphans.remove_expired_orphans())
    keys = [key for key in orphans.list_keys() if key > cursor][:FOLDERS_PER_PASS]
    for orphan in orphans.find_orphans(keys):
        done.moved += orphans.put_aside(orphan)
    done.removed += sum(orphans.remove_parts(key) for key in keys)
    done.cursor = keys[-1] if len(keys) == FOLDERS_PER_PASS else ""
    return done


def remove_leavings() -> int:
    """What killed processes left half done in the scratch folder and in the spool."""
    found = [
        *remove_old(media.scratch_folder(), "*", SCRATCH_SECONDS),
        *remove_old(spool.spool_folder(), ".*.part", ORPHAN_SECONDS),
        *remove_old(spool.spool_folder() / spool.REJECTED, ".*.part", ORPHAN_SECONDS),
    ]
    return len(found)


def remove_old(folder: Path, pattern: str, seconds: float) -> Iterator[Path]:
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > seconds:
                shutil.rmtree(path, ignore_errors=True)
                yield path


def list_meeting_folders(meeting: Meeting) -> list[str]:
    aside = [f"{orphans.ORPHANS}/{day}/{meeting.media_key}" for day in orphans.list_days()]
    return [meeting.media_key, *aside]


def measure_meeting_media(meeting: Meeting) -> int:
    """Bytes that the meeting's files take."""
    names = [
        name for folder in list_meeting_folders(meeting) for name in orphans.list_names(folder)
    ]
    return sum(media.get_storage().size(name) for name in names)


def delete_meeting_media(meeting: Meeting) -> int:
    """The meeting without its sound; text and results stay. Bytes that were freed.

    The rows say so first (when, and a chunk without a name was purged), then the files go:
    whatever a kill leaves between the two is an orphan. Raises MeetingInUse.
    """
    with transaction.atomic():
        lock_finished(meeting)
        meeting.chunks.update(name="")
        meeting.conflicts.update(name="")
        Meeting.objects.filter(pk=meeting.pk).update(
            recording_name="", recording_sha256="", audio_purged_at=Now()
        )
    return delete_files_of(meeting)


def erase_meeting(meeting: Meeting, *, is_forced: bool = False) -> int:
    """The meeting with all its rows, messages, events, files and Redis keys; bytes freed.

    Raises MeetingInUse if it records or is being processed, unless forced: then whoever works
    on it finds no row to write to.
    """
    with transaction.atomic():
        if not is_forced:
            lock_finished(meeting)
        room = notifications.link_to(meeting.conversation)
        notifications.withdraw(room)
        notifications.withdraw_all(meeting.conversation)
        Conversation.objects.filter(pk=meeting.pk).delete()
    freed = delete_files_of(meeting)
    with suppress(RedisError):  # the keys end by themselves; the sweeper clears the index
        live.forget(meeting.pk)
    return freed


def lock_finished(meeting: Meeting) -> None:
    """Holds the room's row until the transaction ends. Raises MeetingInUse."""
    Conversation.objects.select_for_update().filter(pk=meeting.pk).first()
    if not Meeting.objects.filter(pk=meeting.pk, status__in=FINISHED).exists():
        raise MeetingInUse(f"Meeting {meeting.pk} records or is being processed. Stop it first.")


def delete_files_of(meeting: Meeting) -> int:
    spool.discard(meeting.pk)
    media.delete_files(list(import_jobs.list_sources_of(meeting)))
    return sum(orphans.remove_folder(folder)[1] for folder in list_meeting_folders(meeting))


def with_audio(meetings: MeetingQuerySet) -> MeetingQuerySet:
    """Those whose sound was not deleted, or not all of it."""
    chunks = AudioChunk.objects.filter(meeting=OuterRef("pk")).exclude(name="")
    return meetings.filter(Exists(chunks) | ~Q(recording_name=""))
