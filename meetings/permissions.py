"""The meeting that a request names, if whoever asks may do this with it."""

from collections.abc import Iterable
from typing import Any

from chat import access
from intellibooks.identity import Identity, identify
from meetings import services
from meetings.models import Meeting, MeetingQuerySet


def find_meeting(request: Any, meeting_id: str, act: access.Act) -> Meeting:
    """Raises SessionNotFound, Forbidden."""
    meeting = services.get_meeting(meeting_id)
    require(identify(request), meeting, act)
    return meeting


def find_meeting_inside(request: Any, meeting_id: str) -> Meeting:
    """To view what a public link does not show. Raises SessionNotFound, Forbidden."""
    meeting = find_meeting(request, meeting_id, "view")
    access.require_more_than_link(identify(request), meeting.conversation)
    return meeting


def require(identity: Identity, meeting: Meeting, act: access.Act) -> None:
    """Raises Forbidden; of a meeting one may not see SessionNotFound, word for word as if it
    did not exist.
    """
    unseen = services.unknown_meeting(meeting.pk)
    access.require(identity, meeting.conversation, act, unseen=unseen)


def require_all(request: Any, meetings: Iterable[Meeting], act: access.Act) -> None:
    """The same for each of them."""
    for meeting in meetings:
        require(identify(request), meeting, act)


def name_owner(request: Any) -> str:
    """Who owns what is made now; nobody in particular where a name is only claimed."""
    identity = identify(request)
    return identity.user_id if identity.is_verified else ""


def list_visible(request: Any) -> MeetingQuerySet:
    """The meetings that whoever asks may see."""
    rooms = access.visible_rooms(identify(request))
    return Meeting.objects.select_related("conversation").filter(conversation__in=rooms)
