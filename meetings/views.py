"""The meeting API: parse, call one service function, answer."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chat.events import format_utc
from meetings import ingest, metadata, serializers, services

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="session id of the meeting")
EMPTY = None  # a body that may be left out


class MeetingViewSet(viewsets.ViewSet):
    """Record a meeting, read its transcript live, read what it was about afterwards."""

    parser_classes = (JSONParser, MultiPartParser)
    lookup_value_regex = r"[A-Za-z0-9._-]{1,64}"

    @extend_schema(parameters=[ID], responses=serializers.MeetingAnswer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The meeting and its transcript so far."""
        return Response(serializers.encode_meeting(services.get_meeting(pk)))

    @extend_schema(request=serializers.StartRequest, responses=serializers.StartAnswer)
    @action(detail=False, methods=["post"])
    def start(self, request: Request) -> Response:
        """Start a meeting; its chunks are accepted from now on."""
        wishes = serializers.StartRequest(data=request.data or {})
        wishes.is_valid(raise_exception=True)
        meeting = services.start_meeting(**wishes.validated_data)
        return Response(
            {
                "session_id": meeting.pk,
                "status": meeting.status,
                "created_at": format_utc(meeting.created_at),
                "title": meeting.conversation.title,
                "ws_path": f"/ws/chat/{meeting.pk}",
                "engine": meeting.engine,
                "recommended_chunk_seconds": serializers.RECOMMENDED_CHUNK_SECONDS,
                "max_chunk_bytes": settings.MAX_CHUNK_BYTES,
            }
        )

    @extend_schema(
        parameters=[ID],
        request={"multipart/form-data": serializers.ChunkUpload},
        responses=serializers.ChunkAnswer,
    )
    @action(detail=True, methods=["post"])
    def chunk(self, request: Request, pk: str) -> Response:
        """Hand over one piece of audio, in any order and as often as needed."""
        meeting = services.get_meeting(pk)
        upload = serializers.ChunkUpload(data=request.data)
        upload.is_valid(raise_exception=True)
        fields: dict[str, Any] = upload.validated_data
        receipt = ingest.ingest_chunk(
            meeting,
            index=fields["chunk_index"],
            upload=fields["audio_chunk"],
            started_at_ms=fields.get("started_at_ms"),
        )
        return Response(serializers.encode_receipt(receipt))

    @extend_schema(parameters=[ID], responses=serializers.TranscriptAnswer)
    @action(detail=True, methods=["get"])
    def transcript(self, request: Request, pk: str) -> Response:
        """Everything understood so far."""
        return Response(serializers.encode_transcript(services.get_meeting(pk)))

    @extend_schema(parameters=[ID], responses=serializers.StatusAnswer)
    @action(detail=True, methods=["get"])
    def status(self, request: Request, pk: str) -> Response:
        """Where the meeting is, and how far its processing."""
        return Response(serializers.encode_status(services.get_meeting(pk)))

    @extend_schema(parameters=[ID], responses=metadata.MetadataAnswer)
    @action(detail=True, methods=["get"])
    def metadata(self, request: Request, pk: str) -> Response:
        """What the meeting was about: summary, keywords, mood, agenda, action items, metrics."""
        return Response(metadata.read_metadata(services.get_meeting(pk)))

    @extend_schema(parameters=[ID], request=EMPTY, responses=serializers.StopAnswer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """End the recording; processing goes on in the background."""
        meeting = services.end_recording(services.get_meeting(pk).pk, actor="client")
        return Response(
            {
                "success": True,
                "session_id": meeting.pk,
                "status": meeting.status,
                "message": "Meeting stopped, processing in background",
                "missing": ingest.list_missing(meeting),
            }
        )
