"""Every audio file of a meeting: its chunks as they came, and the joined recording."""

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from intellibooks.errors import StorageUnavailable
from meetings.models import AudioChunk, Meeting
from transcription.audio import Audio
from transcription.flac import FlacWriter


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
        if not get_storage().exists(name):
            upload.seek(0)
            get_storage().save(name, upload)
    except OSError as error:
        raise StorageUnavailable(
            "The recording could not be written to disk. Free space in DATA_DIR; "
            "the chunk was not accepted, so please send it again."
        ) from error
    return StoredFile(name, sha256, size)


def measure_file(file: File) -> tuple[str, int]:  # type: ignore[type-arg]
    """sha256 and size in bytes."""
    digest, size = hashlib.sha256(), 0
    for piece in file.chunks():
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def read_chunk(chunk: AudioChunk) -> bytes:
    """The bytes that were accepted, checked. Raises AudioMissing."""
    try:
        with get_storage().open(chunk.name) as file:
            data: bytes = file.read()
    except OSError as error:
        raise AudioMissing(f"The file of this chunk cannot be read: {error.strerror}.") from error
    if hashlib.sha256(data).hexdigest() != chunk.sha256:
        raise AudioMissing("The file of this chunk was changed after it was accepted.")
    return data


def store_recording(meeting: Meeting, parts: Iterable[Audio]) -> StoredFile:
    """The parts joined to one FLAC file; holds one part in memory at a time."""
    with tempfile.TemporaryDirectory(prefix="recording-") as folder:
        path = Path(folder) / "recording.flac"
        with FlacWriter(path) as writer:
            for part in parts:
                writer.write(part)
        with path.open("rb") as file:
            content = File(file)
            sha256, size = measure_file(content)
            name = f"{meeting.media_key}/recording-{sha256[:16]}.flac"
            content.seek(0)
            get_storage().save(name, content)
    return StoredFile(name, sha256, size)
