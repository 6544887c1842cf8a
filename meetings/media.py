"""Every audio file of a meeting: its chunks as they came, and the joined recording."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils import timezone

from intellibooks.errors import StorageUnavailable
from meetings.encryption.errors import MediaTampered
from meetings.encryption.sealing import HEADER_BYTES, RawFile, looks_sealed
from meetings.encryption.storage import SealedStorage
from meetings.models import AudioChunk, Meeting
from transcription.audio import Audio
from transcription.flac import FlacWriter
from transcription.opus import OpusWriter
from transcription.writer import RecordingWriter

WRITERS: dict[str, tuple[str, type[RecordingWriter]]] = {
    "flac": (".flac", FlacWriter),
    "opus": (".ogg", OpusWriter),
}
# A file without a row may be moved aside once it is this old, and not before.
ORPHAN_SECONDS = 3600
CHANGED = "The file of this chunk was changed after it was accepted."


class AudioMissing(Exception):
    """The file of an accepted chunk is gone, or no longer what was accepted."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    name: str
    sha256: str
    size: int


def get_storage() -> Storage:
    return storages["media"]


def store_chunk(meeting: Meeting, index: int, upload: File) -> StoredFile:  # type: ignore[type-arg]
    """The bytes safely on disk under a name made of our own key. Raises StorageUnavailable."""
    sha256, size = measure_file(upload)
    name = f"{meeting.media_key}/chunks/{index:06d}-{sha256[:16]}"
    try:
        # An old file may be an orphan that upkeep is about to move: it is written anew.
        if not is_younger(name, ORPHAN_SECONDS / 2):
            upload.seek(0)
            get_storage().save(name, upload)
    except OSError as error:
        raise StorageUnavailable(
            "The recording could not be written to disk. Free space in DATA_DIR; "
            "the chunk was not accepted, so please send it again."
        ) from error
    return StoredFile(name, sha256, size)


def is_younger(name: str, seconds: float) -> bool:
    """Whether the file is there and was written within the last ``seconds``."""
    try:
        age = timezone.now() - get_storage().get_modified_time(name)
    except FileNotFoundError:
        return False
    return age.total_seconds() < seconds


def move_file(old: str, new: str, *, min_age_seconds: float = 0) -> bool:
    """Whether the file is now under ``new``; one rewritten within ``min_age_seconds`` stays.

    Raises OSError, FileNotFoundError where another process moved it first.
    """
    storage = get_storage()
    if hasattr(storage, "move"):  # both of ours can
        return bool(storage.move(old, new, min_age_seconds=min_age_seconds))
    with storage.open(old) as file:
        storage.save(new, file)
    if is_younger(old, min_age_seconds):
        storage.delete(new)
        return False
    storage.delete(old)
    return True


def measure_file(file: File) -> tuple[str, int]:  # type: ignore[type-arg]
    """sha256 and size in bytes."""
    digest, size = hashlib.sha256(), 0
    for piece in file.chunks():
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def measure_stored(name: str) -> StoredFile:
    """What the storage really holds under that name. Raises OSError."""
    with get_storage().open(name) as file:
        return StoredFile(name, *measure_file(file))


@contextmanager
def opening_stored(name: str) -> Iterator[RawFile]:
    """The file as it lies in the storage, encrypted or not. Raises OSError."""
    storage = get_storage()
    if isinstance(storage, SealedStorage):
        raw = storage.open_stored(name)
    else:
        raw = RawFile(storage.open(name), b"", storage.size(name))  # type: ignore[arg-type]
    with raw.file:
        yield raw


def put_stored(name: str, file: File) -> None:  # type: ignore[type-arg]
    """A file of a backup under its name again; one that was not encrypted is now, if it should be.

    Raises OSError.
    """
    storage = get_storage()
    is_sealed = looks_sealed(file.read(HEADER_BYTES))
    file.seek(0)
    if is_sealed and isinstance(storage, SealedStorage):
        storage.write_raw(name, file)
    else:
        storage.save(name, file)


def delete_files(names: Iterable[str]) -> int:
    """Bytes that are free now; a file that is gone already counts nothing. Raises OSError."""
    storage, freed = get_storage(), 0
    for name in filter(None, names):
        try:
            freed += storage.size(name)
        except FileNotFoundError:
            continue
        storage.delete(name)
    return freed


def read_chunk(chunk: AudioChunk) -> bytes:
    """The bytes that were accepted, checked. Raises AudioMissing."""
    if not chunk.name:  # an empty name is the folder itself
        raise AudioMissing("The audio of this chunk was deleted.")
    try:
        with get_storage().open(chunk.name) as file:
            data: bytes = file.read()
    except FileNotFoundError as error:  # any other OSError may pass: it is raised and retried
        raise AudioMissing("The file of this chunk is gone from the media storage.") from error
    except MediaTampered as error:
        raise AudioMissing(CHANGED) from error
    if hashlib.sha256(data).hexdigest() != chunk.sha256:
        raise AudioMissing(CHANGED)
    return data


def scratch_folder() -> Path:
    """Where work in progress lies; upkeep empties it of what a killed worker left."""
    folder: Path = settings.DATA_DIR / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def store_recording(meeting: Meeting, parts: Iterable[Audio]) -> StoredFile:
    """The parts joined to one file of RECORDING_FORMAT; holds one part in memory at a time.

    It is made in a file without a name: whatever kills the worker, no sound is left lying there.
    """
    suffix, open_writer = WRITERS[settings.RECORDING_FORMAT]
    with tempfile.TemporaryFile(dir=scratch_folder()) as file:
        with open_writer(file) as writer:
            for part in parts:
                writer.write(part)
        content = File(file)
        sha256, size = measure_file(content)
        name = f"{meeting.media_key}/recording-{sha256[:16]}{suffix}"
        content.seek(0)
        get_storage().save(name, content)
    return StoredFile(name, sha256, size)
