"""A backup becomes the service's rows and files again."""

import tempfile
from contextlib import suppress
from pathlib import Path

from django.core.files.base import File
from django.db import DatabaseError
from redis.exceptions import RedisError

from chat.models import Conversation
from intellibooks.errors import Conflict
from meetings import live, media, sweeper
from meetings.backup.loading import check_fits, load_rows
from meetings.backup.sources import (
    DATABASE,
    MEDIA,
    Manifest,
    Source,
    check_whole,
    list_files,
    name_original,
    open_source,
    read_manifest,
)


def restore_backup(path: Path, *, is_forced: bool = False) -> Manifest:
    """Rows and files as they were; everything is checked before anything is changed.

    Files come first, so that a restore that is killed can simply be run again. Files that the
    backup does not name stay; upkeep moves them aside as it does with every orphan. Nothing else
    may work on the stores. Raises BackupUnusable, Conflict where meetings are here and it is not
    forced, OSError, DatabaseError, sqlite3.Error.
    """
    with open_source(path) as source:
        manifest = read_manifest(source)
        check_fits(manifest)
        if not is_forced and has_rooms():
            raise Conflict("This service holds meetings. They would be replaced: say --yes.")
        check_whole(source, manifest)
        names = [name for name, _ in list_files(source, manifest)]
        for name in names:
            if name.startswith(MEDIA):
                put_back(source, name)
        rows = [name for name in names if name.startswith(DATABASE)]
        with tempfile.TemporaryDirectory(prefix="restore-", dir=media.scratch_folder()) as scratch:
            load_rows(source, manifest, rows, Path(scratch))
    with suppress(RedisError):  # otherwise the watchdog does it
        forget_live_states()
    return manifest


def has_rooms() -> bool:
    try:
        return Conversation.objects.exists()
    except DatabaseError:
        return False  # there are no tables yet


def put_back(source: Source, name: str) -> None:
    with source.open(name) as file:
        media.put_stored(name_original(name), File(file))


def forget_live_states() -> None:
    """What Redis remembers of meetings that are here no more, or are in another state."""
    for meeting_id in live.list_live():
        live.forget(meeting_id)
    sweeper.restore_live_states()
