"""Highlights and markers over REST: of each person alone."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chat.frames import format_utc
from intellibooks.identity import identify
from meetings import highlights
from meetings.models import LONGEST_NOTE, Highlight
from meetings.permissions import find_meeting_inside
from meetings.playback import ID

LAST_MS = 2**31 - 1  # 24 days; no meeting is longer
HIGHLIGHT = OpenApiParameter("highlight_id", int, OpenApiParameter.PATH)


class HighlightRequest(serializers.Serializer[Any]):
    """Without ``end_ms`` it is a marker."""

    start_ms = serializers.IntegerField(min_value=0, max_value=LAST_MS)
    end_ms = serializers.IntegerField(required=False, min_value=0, max_value=LAST_MS)
    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("end_ms", attrs["start_ms"]) < attrs["start_ms"]:
            raise serializers.ValidationError(
                {"end_ms": "Send an end that is not before start_ms."}
            )
        return attrs


class NoteRequest(serializers.Serializer[Any]):
    note = serializers.CharField(allow_blank=True, max_length=LONGEST_NOTE)


class HighlightAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    note = serializers.CharField()
    created_at = serializers.CharField()


class HighlightsAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    highlights = HighlightAnswer(many=True)


class RemovedAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    session_id = serializers.CharField()


class HighlightActions:
    """What MeetingViewSet answers about what a person marked for themselves."""

    @extend_schema(parameters=[ID], responses=HighlightsAnswer)
    @action(detail=True, methods=["get"], url_path="highlights")
    def list_highlights(self, request: Request, pk: str) -> Response:
        """One's own, in the order of the meeting; not for a public link."""
        meeting = find_meeting_inside(request, pk)
        own = highlights.list_highlights(meeting, identify(request))
        return Response(
            {"session_id": meeting.pk, "highlights": [encode_highlight(one) for one in own]}
        )

    @extend_schema(parameters=[ID], request=HighlightRequest, responses=HighlightAnswer)
    @list_highlights.mapping.post
    def add_highlight(self, request: Request, pk: str) -> Response:
        """Mark a stretch or a moment; where it was marked already, what is there."""
        meeting = find_meeting_inside(request, pk)
        form = HighlightRequest(data=request.data)
        form.is_valid(raise_exception=True)
        made = highlights.add_highlight(meeting, identify(request), **form.validated_data)
        return Response(encode_highlight(made))

    @extend_schema(parameters=[ID, HIGHLIGHT], request=NoteRequest, responses=HighlightAnswer)
    @action(detail=True, methods=["patch"], url_path=r"highlights/(?P<highlight_id>[0-9]{1,18})")
    def change_highlight(self, request: Request, pk: str, highlight_id: str) -> Response:
        """Another note on one's own."""
        meeting = find_meeting_inside(request, pk)
        form = NoteRequest(data=request.data)
        form.is_valid(raise_exception=True)
        changed = highlights.change_note(
            meeting, identify(request), int(highlight_id), **form.validated_data
        )
        return Response(encode_highlight(changed))

    @extend_schema(parameters=[ID, HIGHLIGHT], responses=RemovedAnswer)
    @change_highlight.mapping.delete
    def remove_highlight(self, request: Request, pk: str, highlight_id: str) -> Response:
        """Take one's own away."""
        meeting = find_meeting_inside(request, pk)
        highlights.remove_highlight(meeting, identify(request), int(highlight_id))
        return Response({"success": True, "session_id": meeting.pk})


def encode_highlight(highlight: Highlight) -> dict[str, Any]:
    return {
        "id": highlight.pk,
        "start_ms": highlight.start_ms,
        "end_ms": highlight.end_ms,
        "note": highlight.note,
        "created_at": format_utc(highlight.created_at),
    }
