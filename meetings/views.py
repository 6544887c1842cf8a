"""The meeting API: parse, call one service function, answer."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chat.frames import format_utc
from intellibooks.identity import identify
from intellibooks.json_parser import StrictJSONParser
from meetings import ingest, metadata, serializers, services, spool
from meetings.editing.views import EditingActions
from meetings.export_views import ExportActions
from meetings.highlight_views import HighlightActions
from meetings.import_views import ImportActions
from meetings.library.views import LibraryActions
from meetings.models import Meeting
from meetings.parsers import RawAudioParser
from meetings.permissions import find_meeting, find_meeting_inside, name_owner
from meetings.playback import RecordingActions
from meetings.reprocessing.views import ReprocessActions
from meetings.sample_views import SampleActions
from meetings.speaker_views import SpeakerActions

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="session id of the meeting")
INDEX = OpenApiParameter("index", int, OpenApiParameter.PATH, description="from 0, without gaps")


class MeetingViewSet(
    LibraryActions,
    RecordingActions,
    SpeakerActions,
    EditingActions,
    HighlightActions,
    ExportActions,
    ImportActions,
    SampleActions,
    ReprocessActions,
    viewsets.ViewSet,
):
    """Record a meeting, read its transcript live, read what it was about afterwards."""

    parser_classes = (StrictJSONParser, MultiPartParser)
    lookup_value_regex = r"[A-Za-z0-9._-]{1,64}"

    @extend_schema(request=serializers.StartRequest, responses=serializers.StartAnswer)
    @action(detail=False, methods=["post"])
    def start(self, request: Request) -> Response:
        """Start a meeting; its chunks are accepted from now on."""
        wishes = serializers.StartRequest(data=request.data or {})
        wishes.is_valid(raise_exception=True)
        meeting = services.start_meeting(**wishes.validated_data, owner=name_owner(request))
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
        meeting = self.find_recording(pk)
        fields: dict[str, Any] = serializers.CHUNK_UPLOAD.run_validation(request.data)
        index, upload = fields.pop("chunk_index"), fields.pop("audio_chunk")
        return self.take_chunk(meeting, index=index, upload=upload, **fields)

    @extend_schema(parameters=[ID], responses=serializers.LedgerAnswer)
    @action(detail=True, methods=["get"])
    def chunks(self, request: Request, pk: str) -> Response:
        """The ledger: which chunks came, which are missing, what was kept aside."""
        return Response(serializers.encode_ledger(find_meeting_inside(request, pk)))

    @extend_schema(
        parameters=[ID, INDEX],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=serializers.ChunkAnswer,
    )
    @action(
        detail=True,
        methods=["put"],
        url_path=r"chunks/(?P<index>[^/]+)",
        parser_classes=[RawAudioParser],
    )
    def put_chunk(self, request: Request, pk: str, index: str) -> Response:
        """The same as ``chunk`` with the audio as the body, which costs less than a form."""
        meeting = self.find_recording(pk)
        number = serializers.ChunkIndexField().run_validation(index)
        # DRF calls no parser for an empty body.
        upload = request.data if isinstance(request.data, UploadedFile) else ContentFile(b"")
        return self.take_chunk(meeting, index=number, upload=upload)

    def find_recording(self, pk: str) -> Meeting | None:
        """None while the database is away; an unknown meeting is 404 whatever else is wrong."""
        with suppress(*spool.OUTAGES):
            return find_meeting(self.request, pk, "edit")
        return None

    def take_chunk(
        self, meeting: Meeting | None, *, index: int, upload: Any, **facts: Any
    ) -> Response:
        if meeting is not None:
            begun_at = getattr(self.request, "scope", {}).get("begun_at")
            with suppress(*spool.OUTAGES):
                receipt = ingest.ingest_chunk(
                    meeting, index=index, upload=upload, begun_at=begun_at, **facts
                )
                return Response(serializers.encode_receipt(receipt))
        sender = identify(self.request)
        spooled = spool.spool_chunk(self.kwargs["pk"], index, upload, sender=sender, **facts)
        return Response(serializers.encode_spooled(spooled))

    @extend_schema(parameters=[ID], responses=serializers.TranscriptAnswer)
    @action(detail=True, methods=["get"])
    def transcript(self, request: Request, pk: str) -> Response:
        """Everything understood so far."""
        return Response(serializers.encode_transcript(find_meeting(request, pk, "view")))

    @extend_schema(parameters=[ID], responses=serializers.StatusAnswer)
    @action(detail=True, methods=["get"])
    def status(self, request: Request, pk: str) -> Response:
        """Where the meeting is, and how far its processing."""
        return Response(serializers.encode_status(find_meeting(request, pk, "view")))

    @extend_schema(parameters=[ID], responses=metadata.MetadataAnswer)
    @action(detail=True, methods=["get"])
    def metadata(self, request: Request, pk: str) -> Response:
        """What the meeting was about: summary, keywords, mood, agenda, action items, metrics."""
        return Response(metadata.read_metadata(find_meeting(request, pk, "view")))

    @extend_schema(
        parameters=[ID], request=serializers.StopRequest, responses=serializers.StopAnswer
    )
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """End the recording; processing goes on in the background."""
        find_meeting(request, pk, "edit")
        wishes = serializers.StopRequest(data=request.data or {})
        wishes.is_valid(raise_exception=True)
        meeting = services.end_recording(pk, actor="client", **wishes.validated_data)
        return Response(
            {
                "success": True,
                "session_id": meeting.pk,
                "status": meeting.status,
                "message": "Meeting stopped, processing in background",
                "missing": ingest.list_missing(meeting),
            }
        )

    @extend_schema(parameters=[ID], request=None, responses=serializers.StatusAnswer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """End the recording and discard what was recorded."""
        meeting = services.cancel_meeting(find_meeting(request, pk, "manage"), actor="client")
        return Response(serializers.encode_status(meeting))

    @extend_schema(parameters=[ID], request=None, responses=serializers.StatusAnswer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Process a failed meeting again; what had succeeded is not done twice."""
        meeting = services.retry_processing(find_meeting(request, pk, "edit"), actor="client")
        return Response(serializers.encode_status(meeting))
