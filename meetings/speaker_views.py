"""The speakers of a meeting over REST: read, name, merge, reassign."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from meetings import speakers
from meetings.models import Meeting
from meetings.permissions import find_meeting
from meetings.speaker_roster import read_roster

MOST_SEGMENTS = 1000
LATEST_MS = 2**53
LONGEST_TEXT = 200  # what is longer than a name is refused with the name's own words
ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="session id of the meeting")
LABEL = OpenApiParameter("label", str, OpenApiParameter.PATH, description="such as Speaker 1")


class RenameRequest(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, trim_whitespace=False)


class MergeRequest(serializers.Serializer[Any]):
    into = serializers.CharField(max_length=LONGEST_TEXT)

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of the language, so it cannot be an attribute.
        return {"from": serializers.CharField(max_length=LONGEST_TEXT), **super().get_fields()}


class AssignRequest(serializers.Serializer[Any]):
    """Either ``segments`` or both ``start_ms`` and ``end_ms``."""

    speaker = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False)
    segments = serializers.ListField(
        child=serializers.CharField(max_length=32),
        required=False,
        min_length=1,
        max_length=MOST_SEGMENTS,
    )
    start_ms = serializers.IntegerField(required=False, min_value=0, max_value=LATEST_MS)
    end_ms = serializers.IntegerField(required=False, min_value=0, max_value=LATEST_MS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        has_range = "start_ms" in attrs and "end_ms" in attrs
        if ("segments" in attrs) == has_range or len(attrs) != (3 if has_range else 2):
            raise serializers.ValidationError("Send either segments, or start_ms and end_ms.")
        if has_range and attrs["start_ms"] > attrs["end_ms"]:
            raise serializers.ValidationError("start_ms must not be after end_ms.")
        return attrs


class VoiceAnswer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment] # DRF takes it off the class
    name = serializers.CharField()
    is_named = serializers.BooleanField()
    merged = serializers.ListField(child=serializers.CharField())
    talk_ms = serializers.IntegerField()
    share = serializers.FloatField()
    segments = serializers.IntegerField()
    words = serializers.IntegerField()
    first_ms = serializers.IntegerField()


class SpeakersAnswer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    engine = serializers.CharField()
    reason = serializers.CharField()
    unassigned_ms = serializers.IntegerField()
    speakers = VoiceAnswer(many=True)


class SpeakerActions:
    """What MeetingViewSet answers about the speakers; every answer is the whole list."""

    @extend_schema(parameters=[ID], responses=SpeakersAnswer)
    @action(detail=True, methods=["get"], url_path="speakers")
    def speakers(self, request: Request, pk: str) -> Response:
        """Who speaks, for how long, and who told them apart."""
        return answer_speakers(find_meeting(request, pk, "view"))

    @extend_schema(parameters=[ID], request=MergeRequest, responses=SpeakersAnswer)
    @action(detail=True, methods=["post"], url_path="speakers/merge")
    def merge_speakers(self, request: Request, pk: str) -> Response:
        """Two voices are one person."""
        meeting = find_meeting(request, pk, "edit")
        wishes = validate(MergeRequest(data=request.data))
        speakers.merge_speakers(meeting, wishes["from"], wishes["into"])
        return answer_speakers(meeting)

    @extend_schema(parameters=[ID], request=AssignRequest, responses=SpeakersAnswer)
    @action(detail=True, methods=["post"], url_path="speakers/assign")
    def assign_speaker(self, request: Request, pk: str) -> Response:
        """Somebody else speaks in these segments, or in this stretch of time."""
        meeting = find_meeting(request, pk, "edit")
        wishes = validate(AssignRequest(data=request.data))
        if "segments" in wishes:
            speakers.assign_segments(meeting, wishes["segments"], wishes["speaker"])
        else:
            speakers.assign_range(meeting, wishes["start_ms"], wishes["end_ms"], wishes["speaker"])
        return answer_speakers(meeting)

    @extend_schema(parameters=[ID, LABEL], request=RenameRequest, responses=SpeakersAnswer)
    @action(detail=True, methods=["patch"], url_path=r"speakers/(?P<label>[^/]{1,100})")
    def rename_speaker(self, request: Request, pk: str, label: str) -> Response:
        """Give a voice its name; an empty name takes it away."""
        meeting = find_meeting(request, pk, "edit")
        wishes = validate(RenameRequest(data=request.data))
        speakers.rename_speaker(meeting, label, wishes["name"])
        return answer_speakers(meeting)


def validate(form: serializers.Serializer[Any]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    wishes: dict[str, Any] = form.validated_data
    return wishes


def answer_speakers(meeting: Meeting) -> Response:
    return Response({"session_id": meeting.pk, **asdict(read_roster(meeting))})
