"""A file storage whose files are either whole and on disk, or not there."""

import os
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from meetings.encryption.sealing import HEADER_BYTES, RawFile
from meetings.encryption.storage import SealedStorage


class DurableFileSystemStorage(SealedStorage, FileSystemStorage):
    """Writes beside the name, syncs, then renames: no crash leaves half a file under a name.

    Names are made by us and hold a hash of the content or are written once, so an existing
    file of that name is replaced, never given a second name.
    """

    def open_raw(self, name: str) -> RawFile:
        return open_raw(Path(self.path(name)))

    def write_raw(self, name: str, file: File) -> None:  # type: ignore[type-arg]
        self.write_pieces(name, file.chunks())

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        write_whole(self.path(name), pieces)

    def move_raw(self, old: str, new: str, *, min_age_seconds: float = 0) -> bool:
        source, target = Path(self.path(old)), Path(self.path(new))
        make_folder(target.parent)
        source.replace(target)
        # Looked at after the move: whoever rewrites the name from now on makes a new file.
        if time.time() - target.stat().st_mtime < min_age_seconds:
            target.replace(source)
            return False
        sync_folder(target.parent)
        sync_folder(source.parent)
        return True


def open_raw(path: Path) -> RawFile:
    """The file at its beginning; what replaces it meanwhile is another file."""
    file = path.open("rb")
    start = file.read(HEADER_BYTES)
    file.seek(0)
    return RawFile(file, start, os.fstat(file.fileno()).st_size)


def write_whole(target: str | Path, pieces: Iterable[bytes]) -> None:
    """The file with all its bytes on disk under its name, or not there. Raises OSError."""
    folder = os.path.dirname(target) or "."  # not with a Path: it takes longer than the file
    make_folder(folder)
    part = f"{folder}/.{uuid.uuid4().hex}.part"
    try:
        with open(part, "xb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    sync_folder(folder)


def make_folder(folder: str | Path) -> None:
    """The folder and those above it; a power cut does not take a new one's name away."""
    if os.path.isdir(folder):
        return
    path = Path(folder)
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: str | Path) -> None:
    """Makes the names in the folder survive a power cut, as fsync does for a file's bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
