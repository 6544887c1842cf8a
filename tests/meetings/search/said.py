"""Meetings in which something was said, and what a search finds of it."""

from typing import Any

from intellibooks.identity import SERVICE, Identity
from meetings import services
from meetings.models import Meeting, Segment
from meetings.search.searching import Wishes, search


def make_meeting(text: str = "", *, title: str = "", at: float = 0.0) -> Meeting:
    meeting = services.start_meeting(title=title)
    if text:
        say(meeting, text, at=at)
    Meeting.objects.filter(pk=meeting.pk).update(status="completed")
    return services.get_meeting(meeting.pk)


def say(meeting: Meeting, text: str, *, at: float = 0.0, speaker: str = "") -> Segment:
    number = meeting.segments.count()
    return Segment.objects.create(
        meeting=meeting,
        key=f"s{number}",
        position=number,
        start_ms=round(at * 1000),
        end_ms=round(at * 1000) + 2000,
        text=text,
        speaker=speaker,
        speaker_label=speaker,
    )


def find(text: str, identity: Identity = SERVICE, **wishes: Any) -> list[dict[str, Any]]:
    return [dict(result) for result in search(identity, Wishes(text, **wishes))["results"]]


def list_texts(text: str, **wishes: Any) -> list[str]:
    return [result["snippet"] for result in find(text, **wishes)]
