"""Django's two places for the files of a form, filled in larger pieces.

A chunk of ten seconds is 320 KB. In Django's pieces of 64 KB reading its form takes a fifth
longer.
"""

from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler

PIECE_BYTES = 512 * 1024


class KeepInMemory(MemoryFileUploadHandler):
    """A file of at most FILE_UPLOAD_MAX_MEMORY_SIZE bytes."""

    chunk_size = PIECE_BYTES


class KeepInFile(TemporaryFileUploadHandler):
    """Any other."""

    chunk_size = PIECE_BYTES
