"""The library over REST: list, change, erase, share; the transcript in pages, the timeline."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as drf
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chat import services as rooms
from chat import sharing
from intellibooks.identity import identify
from meetings import serializers
from meetings.library import changing, forms
from meetings.library.details import describe_meeting
from meetings.library.listing import list_meetings
from meetings.library.timeline import TimelineAnswer, read_timeline
from meetings.library.transcript import SegmentsAnswer, SegmentsQuery, read_segments
from meetings.models import Meeting
from meetings.permissions import find_meeting, list_visible
from meetings.playback import ID, RecordingActions


class LibraryActions:
    """What MeetingViewSet answers about meetings as a whole."""

    @extend_schema(parameters=[forms.ListQuery], responses=forms.ListAnswer)
    def list(self, request: Request) -> Response:
        """The meetings that one may see, newest first, with filters and pages."""
        asked = validate(forms.ListQuery(data=request.query_params))
        found = list_meetings(
            list_visible(request),
            forms.read_filters(asked),
            statuses=asked.get("status", ()),
            order=asked["sort"],
            page=asked["page"],
            limit=asked["limit"],
        )
        return Response(found)

    @extend_schema(parameters=[ID], responses=forms.DetailAnswer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The meeting, its transcript so far, its stages, and what one may do with it."""
        return answer_meeting(request, find_meeting(request, pk, "view"))

    @extend_schema(parameters=[ID], request=forms.ChangeRequest, responses=forms.DetailAnswer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Another title, other tags; another language, from the next processing on."""
        meeting = find_meeting(request, pk, "edit")
        wishes = validate(forms.ChangeRequest(data=request.data))
        return answer_meeting(request, changing.change_meeting(meeting, **wishes))

    @extend_schema(parameters=[ID, forms.EraseQuery], responses=forms.ErasedAnswer)
    def destroy(self, request: Request, pk: str) -> Response:
        """Erase the meeting with its audio, transcript, results and messages, for good."""
        meeting = find_meeting(request, pk, "manage")
        asked = validate(forms.EraseQuery(data=request.query_params))
        freed = changing.erase(identify(request), meeting, is_forced=asked["force"])
        rooms.tell_deleted(pk)
        return Response({"success": True, "session_id": pk, "freed_bytes": freed})

    # The address of the recording itself, which RecordingActions answers to GET.
    @extend_schema(parameters=[ID], responses=forms.ErasedAnswer)
    @RecordingActions.audio.mapping.delete
    def purge_audio(self, request: Request, pk: str) -> Response:
        """Delete the audio; transcript, results and messages stay."""
        meeting = find_meeting(request, pk, "manage")
        freed = changing.purge_audio(identify(request), meeting)
        return Response({"success": True, "session_id": pk, "freed_bytes": freed})

    @extend_schema(parameters=[ID, SegmentsQuery], responses=SegmentsAnswer)
    @action(detail=True, methods=["get"])
    def segments(self, request: Request, pk: str) -> Response:
        """The transcript in pages; while the meeting records, its draft."""
        meeting = find_meeting(request, pk, "view")
        asked = validate(SegmentsQuery(data=request.query_params))
        return Response(read_segments(meeting, **asked))

    @extend_schema(parameters=[ID], responses=TimelineAnswer)
    @action(detail=True, methods=["get"])
    def timeline(self, request: Request, pk: str) -> Response:
        """Who speaks when, mood, agenda, silence, missing audio, and what was agreed."""
        return Response(read_timeline(find_meeting(request, pk, "view")))

    @extend_schema(parameters=[ID], request=None, responses=forms.ShareAnswer)
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: str) -> Response:
        """A public link to the meeting, to read; the same one until it is withdrawn."""
        meeting = find_meeting(request, pk, "manage")
        token = sharing.publish(meeting.conversation, identify(request))
        return answer_share(meeting, token)

    @extend_schema(parameters=[ID], responses=forms.ShareAnswer)
    @share.mapping.delete
    def unshare(self, request: Request, pk: str) -> Response:
        """The public link leads nowhere any more."""
        meeting = find_meeting(request, pk, "manage")
        sharing.unpublish(meeting.conversation, identify(request))
        return answer_share(meeting, "")


def validate(form: drf.Serializer[Any]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    wishes: dict[str, Any] = form.validated_data
    return wishes


def answer_meeting(request: Request, meeting: Meeting) -> Response:
    session = serializers.encode_meeting(meeting)
    return Response({**session, **describe_meeting(identify(request), meeting)})


def answer_share(meeting: Meeting, token: str) -> Response:
    url = f"/console/m/{meeting.pk}?share={token}" if token else None
    return Response({"session_id": meeting.pk, "share_token": token or None, "share_url": url})
