"""A completed meeting of two voices, with the words of its segments."""

import pytest
from django.utils import timezone

from meetings import services
from meetings.models import Meeting, Segment

LINES = (  # key, seconds, label, text
    ("t000000000", 0, 4, "Speaker 1", "we open the knew shop"),
    ("t000004000", 4, 10, "Speaker 2", "the knew shop is in the old town"),
    ("t000010000", 10, 12, "Speaker 1", "thanks for watching"),
)


def build_rows(meeting: Meeting) -> list[Segment]:
    """The segments as an engine hears them, not stored; words are evenly spread."""
    return [
        Segment(
            meeting=meeting,
            key=key,
            position=position,
            start_ms=start * 1000,
            end_ms=end * 1000,
            speaker_label=label,
            speaker=label,
            text=text,
            words=spread(text, start, end),
            engine="pocketsphinx",
            confidence=0.5,
        )
        for position, (key, start, end, label, text) in enumerate(LINES)
    ]


def spread(text: str, start: float, end: float) -> list[dict[str, object]]:
    pieces = text.split()
    step = (end - start) / len(pieces)
    return [
        {
            "text": piece,
            "start": round(start + n * step, 3),
            "end": round(start + (n + 1) * step, 3),
            "probability": 0.5,
        }
        for n, piece in enumerate(pieces)
    ]


@pytest.fixture
def meeting() -> Meeting:
    meeting = services.start_meeting()
    Segment.objects.bulk_create(build_rows(meeting))
    Meeting.objects.filter(pk=meeting.pk).update(
        status="completed",
        completed_at=timezone.now(),
        transcript=" ".join(text for *_, text in LINES),
    )
    return services.get_meeting(meeting.pk)
