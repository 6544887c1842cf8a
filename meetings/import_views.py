"""The upload of a recording that was made elsewhere."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from meetings import import_jobs
from meetings.permissions import list_visible, name_owner
from meetings.serializers import StartRequest


class ImportRequest(StartRequest):
    """Any sound that FFmpeg reads; the title is the name of the file if none is given."""

    file = serializers.FileField(allow_empty_file=True)
    engine = None  # type: ignore[assignment]  # DRF's way to leave out what the parent has
    tags = None  # type: ignore[assignment]


class ImportAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    status = serializers.CharField()
    title = serializers.CharField()
    duplicate = serializers.BooleanField()
    bytes = serializers.IntegerField()


class ImportActions:
    """The import action of the meeting's view set."""

    @extend_schema(
        request={"multipart/form-data": ImportRequest},
        responses=ImportAnswer,
    )
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser])
    def import_audio(self, request: Request) -> Response:
        """A recording becomes a meeting; the answer comes before it is decoded."""
        form = ImportRequest(data=request.data)
        form.is_valid(raise_exception=True)
        fields: dict[str, Any] = form.validated_data
        upload = fields.pop("file")
        title = fields.pop("title", "") or upload.name.rpartition(".")[0] or upload.name
        imported = import_jobs.accept_upload(
            upload,
            title=title,
            owner=name_owner(request),
            among=list_visible(request),
            **fields,
        )
        body = {
            "session_id": imported.meeting.pk,
            "status": imported.meeting.status,
            "title": imported.meeting.conversation.title,
            "duplicate": imported.is_known,
            "bytes": upload.size,
        }
        return Response(body)
