"""A request body that is the audio itself, without a form around it."""

import tempfile
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from rest_framework.parsers import BaseParser

from intellibooks.errors import TooLarge

PIECE = 64 * 1024
IN_MEMORY = 2 * 1024 * 1024  # above it the body waits in a temporary file


class RawAudioParser(BaseParser):
    """``request.data`` is an UploadedFile of whatever content type came."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        piece, size, kind = stream.read(IN_MEMORY), 0, media_type or ""
        if len(piece) < IN_MEMORY:  # that was all of it
            return InMemoryUploadedFile(BytesIO(piece), None, "chunk", kind, len(piece), None)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the upload's
        while piece:
            size += len(piece)
            if size > settings.MAX_CHUNK_BYTES:
                raise TooLarge(f"A chunk has at most {settings.MAX_CHUNK_BYTES} bytes.")
            file.write(piece)
            piece = stream.read(PIECE)
        file.seek(0)
        return UploadedFile(file, name="chunk", content_type=kind, size=size)
