"""What both of our storages do with a file before it is written and after it is read."""

from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils import timezone

from meetings.encryption.sealing import (
    MAGIC,
    RawFile,
    bind_name,
    looks_sealed,
    measure_content,
    open_sealed,
    read_header,
    seal,
)


class SealedStorage(Storage):
    """Writes files encrypted where MEDIA_ENCRYPTION_KEYS says so, and reads both kinds.

    Whoever saves, opens or measures a file sees what it holds, never how it is stored.
    """

    def open_raw(self, name: str) -> RawFile:
        raise NotImplementedError

    def write_raw(self, name: str, file: File) -> None:  # type: ignore[type-arg]
        """The bytes of the file as they are."""
        raise NotImplementedError

    def write_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        raise NotImplementedError

    def move_raw(self, old: str, new: str, *, min_age_seconds: float = 0) -> bool:
        raise NotImplementedError

    def buffer(self, file: BinaryIO) -> BinaryIO:
        """A raw file for whoever reads it as it is."""
        return file

    def open_stored(self, name: str) -> RawFile:
        """The file as it lies there, encrypted or not, to be copied."""
        raw = self.open_raw(name)
        return replace(raw, file=self.buffer(raw.file))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        keys = settings.MEDIA_ENCRYPTION_KEYS
        if keys.writing or begins_like_ours(content):
            self.write_pieces(name, seal(content.chunks(), name, keys))
        else:
            self.write_raw(name, content)
        return name

    def _open(self, name: str, mode: str = "rb") -> File:  # type: ignore[type-arg]
        raw = self.open_raw(name)
        try:
            opened = open_sealed(raw, name, settings.MEDIA_ENCRYPTION_KEYS)
        except OSError:
            raw.file.close()
            raise
        return File(opened or self.buffer(raw.file), name)

    def size(self, name: str) -> int:
        raw = self.open_raw(name)
        raw.file.close()
        return measure_content(raw, name)

    def find_key(self, name: str) -> str:
        """The id of the key that the file is encrypted with, or nothing. Raises MediaTampered."""
        raw = self.open_raw(name)
        raw.file.close()
        return read_header(name, raw.start).key_id

    def move(self, old: str, new: str, *, min_age_seconds: float = 0) -> bool:
        """Whether the file is now under ``new``; one that was just rewritten stays.

        An encrypted file is bound to its name and written anew, unless it is only put aside.
        """
        if bind_name(old) == bind_name(new) or not self.is_bound(old):
            return self.move_raw(old, new, min_age_seconds=min_age_seconds)
        with self.open(old) as file:
            self.save(new, file)
        age = timezone.now() - self.get_modified_time(old)
        is_moved = age.total_seconds() >= min_age_seconds
        self.delete(old if is_moved else new)
        return is_moved

    def is_bound(self, name: str) -> bool:
        raw = self.open_raw(name)
        raw.file.close()
        return looks_sealed(raw.start)


def begins_like_ours(content: File) -> bool:  # type: ignore[type-arg]
    content.seek(0)
    start = content.read(len(MAGIC))
    content.seek(0)
    return looks_sealed(start)
