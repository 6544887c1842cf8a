"""Files in the media storage that no row names: found, put aside, found again, at last gone.

Such a file was never acknowledged to anybody. Still it is not deleted: it is moved to
``orphans/<day>/<its name>`` in the same storage and goes from there KEEP_DAYS later, so that a
database restored from an older backup does not cost the audio that came after it.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from chat.models import Conversation
from meetings import media
from meetings.media import ORPHAN_SECONDS
from meetings.models import AudioChunk, ConflictingChunk, Meeting

logger = logging.getLogger(__name__)

ORPHANS = "orphans"
KEEP_DAYS = 7
MEDIA_KEY = re.compile(r"[0-9a-f]{32}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# What this service writes into a meeting's folder; a file of any other name is not ours to move.
OUR_NAME = re.compile(r"[0-9a-f]{32}/(chunks/\d+-[0-9a-f]{16}|recording-[0-9a-f]{16}\.\w+)")


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file in the media storage that no row names; ``meeting_id`` is empty if unknown."""

    name: str
    meeting_id: str


def list_keys() -> list[str]:
    """The meetings' folders in the media storage."""
    try:
        folders, _ = media.get_storage().listdir("")
    except FileNotFoundError:
        return []
    return sorted(filter(MEDIA_KEY.fullmatch, folders))


def list_names(folder: str) -> Iterator[str]:
    """Every file below a folder of the media storage."""
    try:
        folders, files = media.get_storage().listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for inner in folders:
        yield from list_names(f"{folder}/{inner}")


def find_orphans(keys: Sequence[str]) -> Iterator[Orphan]:
    """Files below these folders that are old enough to have a row, and have none."""
    # Listed before the rows are read: a chunk accepted in between has its row by then.
    names = [name for key in keys for name in list_names(key) if OUR_NAME.fullmatch(name)]
    rows = Meeting.objects.filter(media_key__in=keys).values_list("media_key", "pk")
    owners: dict[str, str] = dict(rows)
    named = list_named(keys)
    for name in names:
        if name not in named and is_old(name):
            yield Orphan(name, owners.get(name.partition("/")[0], ""))


def list_named(keys: Sequence[str]) -> set[str]:
    """Every file that a row of these meetings names."""
    chunks = AudioChunk.objects.filter(meeting__media_key__in=keys).values_list("name", flat=True)
    aside = ConflictingChunk.objects.filter(meeting__media_key__in=keys)
    recordings = Meeting.objects.filter(media_key__in=keys)
    return {
        *chunks,
        *aside.values_list("name", flat=True),
        *recordings.values_list("recording_name", flat=True),
    }


def is_old(name: str) -> bool:
    storage = media.get_storage()
    return storage.exists(name) and not media.is_younger(name, ORPHAN_SECONDS)


def put_aside(orphan: Orphan) -> bool:
    """Whether the file is out of the way now; a superseded recording goes for good.

    The room's row is held, file operations or not: a chunk is accepted under the same lock, so
    a row that is written after our look finds its file.
    """
    key = orphan.name.partition("/")[0]
    try:
        with transaction.atomic():
            Conversation.objects.select_for_update().filter(pk=orphan.meeting_id).first()
            is_moved = orphan.name not in list_named([key]) and move_aside(orphan)
    except FileNotFoundError:
        return False  # another sweeper was first
    if not orphan.meeting_id:
        remove_empty(key)
    return is_moved


def move_aside(orphan: Orphan) -> bool:
    if not is_old(orphan.name):
        return False
    if is_superseded(orphan):
        media.get_storage().delete(orphan.name)
        return True
    aside = name_aside(orphan.name)
    if not media.move_file(orphan.name, aside, min_age_seconds=ORPHAN_SECONDS):
        return False
    logger.warning("%s belongs to no row and was moved to %s", orphan.name, aside)
    return True


def name_aside(name: str) -> str:
    return f"{ORPHANS}/{datetime.now(UTC).date()}/{name}"


def is_superseded(orphan: Orphan) -> bool:
    """Whether it is an older recording of a meeting whose present recording is there."""
    meeting = Meeting.objects.filter(pk=orphan.meeting_id).exclude(recording_name="").first()
    is_recording = "/recording-" in orphan.name
    return bool(meeting and is_recording and media.get_storage().exists(meeting.recording_name))


def remove_parts(folder: str) -> int:
    """Files that were being written when their process was killed."""
    old = [name for name in list_names(folder) if name.endswith(".part") and is_old(name)]
    media.delete_files(old)
    return len(old)


def remove_expired_orphans() -> int:
    first_kept = datetime.now(UTC).date() - timedelta(days=KEEP_DAYS)
    expired = [day for day in list_days() if day < first_kept.isoformat()]
    return sum(remove_folder(f"{ORPHANS}/{day}")[0] for day in expired)


def list_days() -> list[str]:
    """The days on which files were moved aside, the newest first."""
    try:
        folders, _ = media.get_storage().listdir(ORPHANS)
    except FileNotFoundError:
        return []
    return sorted(filter(DAY.fullmatch, folders), reverse=True)


def find_aside(name: str) -> str:
    """Where the file of that name was moved to last, or nothing."""
    return next(list_aside(name), "")


def list_aside(name: str) -> Iterator[str]:
    """Every file that was moved aside from that name, the newest first."""
    places = (f"{ORPHANS}/{day}/{name}" for day in list_days())
    return (place for place in places if media.get_storage().exists(place))


def remove_folder(folder: str) -> tuple[int, int]:
    """Everything below it; how many files went, and their bytes."""
    names = list(list_names(folder))
    freed = media.delete_files(names)
    remove_empty(folder)
    return len(names), freed


def remove_empty(folder: str) -> None:
    storage = media.get_storage()
    with suppress(OSError):  # not empty, or gone already: something else is at work there
        for inner in storage.listdir(folder)[0]:
            remove_empty(f"{folder}/{inner}")
        storage.delete(folder)
