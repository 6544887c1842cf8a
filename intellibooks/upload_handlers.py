"""Django's two places for the files of a form, filled in larger pieces and copied less.

A chunk of ten seconds is 320 KB. In Django's pieces of 64 KB reading its form takes a fifth
longer, and its buffer is copied again for each who reads it.
"""

from io import BytesIO
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler

PIECE_BYTES = 512 * 1024


class KeepInMemory(MemoryFileUploadHandler):
    """A file of at most FILE_UPLOAD_MAX_MEMORY_SIZE bytes."""

    chunk_size = PIECE_BYTES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.pieces: list[bytes] = []
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if not self.activated:
            return raw_data
        self.pieces.append(raw_data)
        return None

    def file_complete(self, file_size: int) -> Any:
        """Read as a whole, a BytesIO that was made of bytes gives these very bytes."""
        if self.activated:
            self.file = BytesIO(b"".join(self.pieces))
        return super().file_complete(file_size)


class KeepInFile(TemporaryFileUploadHandler):
    """Any other."""

    chunk_size = PIECE_BYTES
