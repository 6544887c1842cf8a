"""The meeting that a request names, if whoever asks may do this with it."""

from typing import Any

from chat import access
from intellibooks.identity import identify
from meetings import services
from meetings.errors import SessionNotFound
from meetings.models import Meeting, MeetingQuerySet


def find_meeting(request: Any, meeting_id: str, act: access.Act) -> Meeting:
    """Raises SessionNotFound, Forbidden."""
    meeting = services.get_meeting(meeting_id)
    access.require(identify(request), meeting.conversation, act, unseen=SessionNotFound)
    return meeting


def list_visible(request: Any) -> MeetingQuerySet:
    """The meetings that whoever asks may see."""
    rooms = access.visible_rooms(identify(request))
    return Meeting.objects.select_related("conversation").filter(conversation__in=rooms)
