"""Speech to text over HTTP: parse, call one function, answer."""

from typing import ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intellibooks.errors import DomainError, TooLarge
from transcription.serializers import FileUpload, TranscriptionAnswer
from transcription.single_file import transcribe_file


class EmptyAudioFile(DomainError):
    code: ClassVar[str] = "empty_chunk"
    detail: ClassVar[str] = "Empty audio file"


class TranscribeView(APIView):
    """One file to text, without a meeting."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="transcribe_file",
        request={"multipart/form-data": FileUpload},
        responses=TranscriptionAnswer,
    )
    def post(self, request: Request) -> Response:
        """The text of a short recording, within 55 seconds.

        The status is 200 too where there is no text: then `success` is false and `error` says
        why. A file without speech has the error "No speech detected".
        """
        form = FileUpload(data=request.data)
        form.is_valid(raise_exception=True)
        upload, language = form.validated_data["file"], form.validated_data["language"]
        if not upload.size:
            raise EmptyAudioFile
        if upload.size > settings.MAX_CHUNK_BYTES:
            raise TooLarge(f"A file has at most {settings.MAX_CHUNK_BYTES} bytes.")
        begun_at = getattr(request, "scope", {}).get("begun_at")
        return Response(transcribe_file(upload, language, begun_at))
