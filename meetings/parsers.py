"""A request body that is the audio itself, without a form around it."""

import tempfile
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
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
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the upload's
        size = 0
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > settings.MAX_CHUNK_BYTES:
                raise TooLarge(f"A chunk has at most {settings.MAX_CHUNK_BYTES} bytes.")
            file.write(piece)
        file.seek(0)
        return UploadedFile(file, name="chunk", content_type=media_type or "", size=size)
