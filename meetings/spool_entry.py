"""One entry of the spool: the audio, encrypted as it is in the media storage, and its facts."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File

from meetings import media
from meetings.encryption.errors import MediaTampered
from meetings.encryption.sealing import open_sealed, seal
from meetings.storage import open_raw, write_whole

AUDIO, SIDECAR = "audio", "entry.json"


class SpoolCorrupt(Exception):
    """An entry is not what was spooled."""


@dataclass(frozen=True, slots=True)
class SpooledChunk:
    """A chunk that is on disk and waits for the database; times are RFC 3339.

    Who sent it is kept, since nobody could be asked whether they may; ``user_id`` is None in
    entries of a time when it was not.
    """

    meeting_id: str
    index: int
    content_type: str
    started_at_ms: int | None
    sha256: str
    size: int
    received_at: str
    user_id: str | None = None
    is_staff: bool = False
    is_reviewer: bool = False


def name_entry(chunk: SpooledChunk) -> str:
    # With the sender: somebody else's copy, which is rejected later, does not take its place.
    identity = f"{chunk.sha256} {chunk.index} {chunk.meeting_id} {chunk.user_id or ''}"
    return f"{chunk.size}-{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def bind_audio(chunk: SpooledChunk) -> str:
    """The name that the audio is bound to, wherever its entry is moved."""
    return f"spool/{name_entry(chunk)}"


def write_files(folder: Path, chunk: SpooledChunk, upload: File) -> None:  # type: ignore[type-arg]
    keys = settings.MEDIA_ENCRYPTION_KEYS
    write_whole(folder / AUDIO, seal(upload.chunks(), bind_audio(chunk), keys))
    write_whole(folder / SIDECAR, [json.dumps(asdict(chunk)).encode()])


def open_audio(entry: Path, chunk: SpooledChunk) -> BinaryIO:
    """The bytes as they came. Raises MediaKeyMissing, MediaTampered, OSError."""
    raw = open_raw(entry / AUDIO)
    try:
        opened = open_sealed(raw, bind_audio(chunk), settings.MEDIA_ENCRYPTION_KEYS)
    except OSError:
        raw.file.close()
        raise
    return opened or raw.file


def read_entry(entry: Path) -> SpooledChunk:
    """What was spooled, checked against its bytes.

    Raises SpoolCorrupt, MediaKeyMissing, OSError.
    """
    try:
        chunk = SpooledChunk(**json.loads((entry / SIDECAR).read_bytes()))
    except (ValueError, TypeError) as error:
        raise SpoolCorrupt(f"its sidecar cannot be read ({error})") from error
    try:
        with open_audio(entry, chunk) as file:
            is_whole = media.measure_file(File(file)) == (chunk.sha256, chunk.size)
    except MediaTampered:
        is_whole = False
    if not is_whole:
        raise SpoolCorrupt("its bytes are not those that came")
    return chunk


def rewrite_audio(entry: Path, chunk: SpooledChunk) -> None:
    """Encrypted as MEDIA_ENCRYPTION_KEYS says now."""
    keys = settings.MEDIA_ENCRYPTION_KEYS
    with open_audio(entry, chunk) as file:
        pieces = File(file).chunks()
        write_whole(entry / AUDIO, seal(pieces, bind_audio(chunk), keys))
