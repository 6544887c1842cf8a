"""Files from before are written anew, encrypted as MEDIA_ENCRYPTION_KEYS says now.

Each is read as it is, written beside itself and put in its place: whoever is killed in between has
lost nothing and goes on next time, because a file that is as it should be is left alone.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from meetings import import_jobs, media, orphans, spool, spool_entry
from meetings.encryption.errors import MediaTampered, SealError
from meetings.encryption.sealing import read_header
from meetings.encryption.storage import SealedStorage
from meetings.erasing.traces import list_files
from meetings.models import Meeting
from meetings.storage import open_raw

Mark = tuple[object, ...]


@dataclass(slots=True)
class Rewritten:
    """What was done, or would be, with the files of one meeting."""

    meeting_id: str
    changed: int = 0
    bytes: int = 0
    left: int = 0  # as they should be already
    problems: list[str] = field(default_factory=list)


def get_sealed_storage() -> SealedStorage:
    storage = media.get_storage()
    if not isinstance(storage, SealedStorage):
        raise OSError(f"{type(storage).__name__} cannot keep encrypted files")
    return storage


def rewrite_meeting(meeting: Meeting, *, is_dry: bool = False) -> Rewritten:
    """Raises OSError, DatabaseError."""
    done = Rewritten(meeting.pk)
    mark = mark_meeting(meeting.pk)
    for name in list_files(meeting) if mark else ():
        if is_part(name) or not rewrite(name, done, is_dry=is_dry):
            continue
        if mark_meeting(meeting.pk) != mark:  # its sound was removed meanwhile: not by us again
            media.delete_files([name])
            break
    return done


def mark_meeting(meeting_id: str) -> Mark | None:
    """Something else as soon as the meeting's sound has to go; nothing where it is gone."""
    rows = Meeting.objects.filter(pk=meeting_id)
    row = rows.values_list("audio_purged_at", "status").first()
    return row and (row[0], row[1] == Meeting.Status.CANCELLED)


def rewrite_rest(*, is_dry: bool = False) -> Rewritten:
    """Files of no meeting, and what is spooled. Raises OSError, DatabaseError."""
    done = Rewritten("")
    for name in list_rest():
        if not is_part(name):
            rewrite(name, done, is_dry=is_dry)
    rewrite_spool(done, is_dry=is_dry)
    return done


def list_rest() -> Iterator[str]:
    known = set(Meeting.objects.values_list("media_key", flat=True))
    for key in orphans.list_keys():
        if key not in known:
            yield from orphans.list_names(key)
    for name in orphans.list_names(import_jobs.FOLDER):
        if name.rpartition("/")[2] not in known:
            yield name
    for name in orphans.list_names(orphans.ORPHANS):
        if not known & set(name.split("/")):
            yield name


def is_part(name: str) -> bool:
    """A file that is being written."""
    return name.rpartition("/")[2].startswith(".")


def rewrite(name: str, done: Rewritten, *, is_dry: bool) -> bool:
    """Whether the file was written anew. Raises OSError."""
    storage = get_sealed_storage()
    try:
        if storage.find_key(name) == settings.MEDIA_ENCRYPTION_KEYS.writing:
            done.left += 1
            return False
        size = storage.size(name)
        with storage.open(name) as file:
            if is_dry:
                file.read(1)  # or nobody would hear of a damaged one before
            else:
                storage.save(name, file)
    except SealError as error:
        done.problems.append(str(error))
        return False
    except FileNotFoundError:
        return False  # removed since it was listed
    done.changed += 1
    done.bytes += size
    return not is_dry


def rewrite_spool(done: Rewritten, *, is_dry: bool) -> None:
    if not (spool.list_entries() or spool.list_rejected()):
        return
    with spool.claiming() as is_ours:  # nobody hands an entry over while we are at it
        if not is_ours:
            done.problems.append("the spool is being handed over now; run it again")
            return
        for entry in [*spool.list_entries(), *spool.list_rejected()]:
            rewrite_entry(entry, done, is_dry=is_dry)


def rewrite_entry(entry: Path, done: Rewritten, *, is_dry: bool) -> None:
    try:
        if find_entry_key(entry) == settings.MEDIA_ENCRYPTION_KEYS.writing:
            done.left += 1
            return
        chunk = spool_entry.read_entry(entry)
        if not is_dry:
            spool_entry.rewrite_audio(entry, chunk)
    except (SealError, spool_entry.SpoolCorrupt, json.JSONDecodeError) as error:
        done.problems.append(f"spooled chunk {entry.name}: {error}")
        return
    except FileNotFoundError:
        return
    done.changed += 1
    done.bytes += chunk.size


def find_entry_key(entry: Path) -> str:
    raw = open_raw(entry / spool_entry.AUDIO)
    raw.file.close()
    return read_header(entry.name, raw.start).key_id


@dataclass(frozen=True, slots=True)
class Census:
    """Of so many files: how many are under which key; ``""`` are not encrypted."""

    looked_at: int
    keys: dict[str, int]
    damaged: int


def take_census(names: Iterable[str]) -> Census:
    """Only the beginnings of the files are read. Raises OSError."""
    keys: dict[str, int] = {}
    damaged = 0
    for name in names:
        try:
            key_id = get_sealed_storage().find_key(name)
        except MediaTampered:
            damaged += 1
        except FileNotFoundError:
            continue  # verify tells of it
        else:
            keys[key_id] = keys.get(key_id, 0) + 1
    return Census(sum(keys.values()) + damaged, keys, damaged)
