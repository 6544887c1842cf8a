"""Chunks that came while the database was down, kept on disk until they can be handed over.

    DATA_DIR/spool/<size>-<digest>/audio        the bytes as they came
    DATA_DIR/spool/<size>-<digest>/entry.json   which chunk of which meeting they are
    DATA_DIR/spool/rejected/                    entries that nobody can take, for a person to see

An entry is written in a hidden folder, synced and renamed, so it is whole or not there. Its name
is a digest of what it holds: no letter of a client's id becomes a path, and the same chunk sent
twice is one entry. The name's size lets one listing tell how full the spool is.
"""

import fcntl
import json
import logging
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, InterfaceError, OperationalError
from redis.exceptions import RedisError

from chat.frames import format_utc
from intellibooks.errors import DomainError, Forbidden, StorageUnavailable
from intellibooks.identity import STRANGER, Identity, is_open
from meetings import ingest, live, media, permissions, services
from meetings.encryption.errors import MediaKeyMissing
from meetings.errors import ChecksumMismatch
from meetings.models import Meeting
from meetings.spool_entry import (
    AUDIO,
    SIDECAR,
    SpoolCorrupt,
    SpooledChunk,
    name_entry,
    open_audio,
    read_entry,
    write_files,
)
from meetings.storage import make_folder, sync_folder

logger = logging.getLogger(__name__)

OUTAGES = (OperationalError, InterfaceError)  # the database is away, not wrong
REJECTED, LOCK = "rejected", ".lock"
ENTRY_OVERHEAD_BYTES = 8192  # two inodes' blocks beside the audio itself
REFUSAL = "The database is away and the chunk could not be kept meanwhile: {}. Send it again."


def spool_folder() -> Path:
    return Path(settings.DATA_DIR) / "spool"


def spool_chunk(
    meeting_id: str,
    index: int,
    upload: File,  # type: ignore[type-arg]
    started_at_ms: int | None = None,
    *,
    sha256: str = "",
    sender: Identity = STRANGER,
) -> SpooledChunk:
    """The chunk durably on disk, to be handed over when the database is back.

    Raises EmptyChunk, TooLarge, ChecksumMismatch; Forbidden for a token that only reads;
    StorageUnavailable where Redis does not say that the meeting records, or the spool is full
    or cannot be written. What else the sender may is asked when it is handed over.
    """
    if not sender.has_scope("write"):
        raise Forbidden
    refuse_unknown(meeting_id)
    ingest.check_size(upload)
    measured, size = media.measure_file(upload)
    if sha256 and sha256.lower() != measured:
        raise ChecksumMismatch("The bytes changed on their way here. Send the chunk again.")
    chunk = SpooledChunk(
        meeting_id=meeting_id,
        index=index,
        content_type=(getattr(upload, "content_type", "") or "")[:100],
        started_at_ms=started_at_ms,
        sha256=measured,
        size=size,
        received_at=format_utc(datetime.now(UTC)),
        user_id=sender.user_id,
        is_staff=sender.is_staff,
        is_reviewer=sender.is_reviewer,
    )
    try:
        write_entry(chunk, upload)
    except OSError as error:
        raise StorageUnavailable(REFUSAL.format(error.strerror or error)) from error
    return chunk


def refuse_unknown(meeting_id: str) -> None:
    """Raises StorageUnavailable unless the live state says that the meeting records."""
    try:
        status = live.read_status(meeting_id)
    except RedisError as error:
        raise StorageUnavailable(REFUSAL.format("Redis does not answer either")) from error
    if status != Meeting.Status.RECORDING:
        raise StorageUnavailable(REFUSAL.format("this meeting is not known to be recording"))


def write_entry(chunk: SpooledChunk, upload: File) -> None:  # type: ignore[type-arg]
    """Raises OSError, StorageUnavailable."""
    folder = spool_folder()
    entry = folder / name_entry(chunk)
    if entry.is_dir():
        return
    if measure_spool() + chunk.size + ENTRY_OVERHEAD_BYTES > settings.SPOOL_MAX_BYTES:
        raise StorageUnavailable(REFUSAL.format("the spool is full (SPOOL_MAX_BYTES)"))
    part = folder / f".{entry.name}-{uuid.uuid4().hex}.part"
    make_folder(part)
    try:
        write_files(part, chunk, upload)
        part.rename(entry)
    except OSError:
        if not entry.is_dir():  # the same chunk may have come twice at once
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    sync_folder(folder)


def measure_spool() -> int:
    """Bytes that the spool takes on disk, rejected and half-written entries too."""
    folder = spool_folder()
    paths = [path for place in (folder, folder / REJECTED) for path in list_folder(place)]
    sizes = [path.name.lstrip(".").partition("-")[0] for path in paths]
    return sum(int(size) + ENTRY_OVERHEAD_BYTES for size in sizes if size.isdecimal())


def list_folder(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def list_entries() -> list[Path]:
    """Whole entries, the oldest first."""
    found = [path for path in list_folder(spool_folder()) if path.name[0].isdecimal()]
    return sorted(found, key=read_change_time)


def read_change_time(path: Path) -> int:
    """Nanoseconds since the epoch; 0 where another process has just removed the path."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def list_rejected() -> list[Path]:
    """Entries that could not be handed over and need a person."""
    return list_folder(spool_folder() / REJECTED)


def hand_over() -> int:
    """How many entries are now in the ledger; what cannot be taken is moved aside.

    One process at a time does it; another returns 0 at once. An entry goes only after the
    commit. Raises OperationalError or InterfaceError while the database is away.
    """
    if not list_entries():
        return 0
    handed_over = 0
    with claiming() as is_ours:
        try:
            for entry in list_entries() if is_ours else []:
                handed_over += hand_over_entry(entry)
        except (StorageUnavailable, OSError) as error:
            logger.warning("the spool waits: %s", error)
    return handed_over


@contextmanager
def claiming() -> Iterator[bool]:
    """Whether we alone hand over now; the kernel gives the claim back if we die."""
    with (spool_folder() / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def hand_over_entry(entry: Path) -> bool:
    """Whether the entry is in the ledger now. Raises StorageUnavailable and what hand_over does."""
    try:
        chunk = read_entry(entry)
        ingest_entry(entry, chunk)
    except (StorageUnavailable, *OUTAGES):
        raise
    except MediaKeyMissing as error:
        logger.error("spooled chunk %s waits for its key: %s", entry.name, error)
        return False
    except (SpoolCorrupt, OSError, DomainError, DatabaseError) as error:
        reject(entry, error)
        return False
    remove(entry)
    return True


def ingest_entry(entry: Path, chunk: SpooledChunk) -> None:
    meeting = services.get_meeting(chunk.meeting_id)
    check_sender(meeting, chunk)
    if meeting.status == Meeting.Status.CANCELLED:
        logger.warning("chunk %s of %s goes: it was cancelled", chunk.index, chunk.meeting_id)
        return
    with open_audio(entry, chunk) as file:
        ingest.ingest_chunk(
            meeting,
            index=chunk.index,
            upload=UploadedFile(file, AUDIO, chunk.content_type, chunk.size),
            started_at_ms=chunk.started_at_ms,
            accepted_earlier=True,
        )


def check_sender(meeting: Meeting, chunk: SpooledChunk) -> None:
    """Raises Forbidden, SessionNotFound. An entry that does not say who is taken in open mode."""
    if chunk.user_id is None and is_open():
        return
    sender = Identity(
        user_id=chunk.user_id or "", is_staff=chunk.is_staff, is_reviewer=chunk.is_reviewer
    )
    permissions.require(sender, meeting, "edit")


def reject(entry: Path, reason: Exception) -> None:
    """Moves the entry where it blocks nobody and a person finds it."""
    folder = spool_folder() / REJECTED
    make_folder(folder)
    logger.error("spooled chunk %s was moved to %s: %s", entry.name, folder, reason)
    target = folder / entry.name
    if target.exists():  # rejected before and sent again
        target = folder / f"{entry.name}-{uuid.uuid4().hex[:8]}"
    entry.rename(target)
    sync_folder(folder)
    sync_folder(spool_folder())


def remove(entry: Path) -> None:
    """The whole entry in one step, so that a kill leaves no half of it under its name."""
    gone = entry.with_name(f".{entry.name}-{uuid.uuid4().hex}.part")
    entry.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def discard(meeting_id: str) -> None:
    """Removes what is spooled of a meeting that is being erased."""
    for entry in list_entries_of(meeting_id):
        with suppress(OSError):
            remove(entry)


def list_entries_of(meeting_id: str) -> Iterator[Path]:
    """What is spooled of a meeting, rejected entries too; a broken one belongs to none."""
    for entry in [*list_entries(), *list_rejected()]:
        with suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads((entry / SIDECAR).read_bytes())["meeting_id"] == meeting_id:
                yield entry
