"""Fills the service's database with meetings: `python -m bench.library_fill MEETINGS SEGMENTS`."""

import sys

import django

django.setup()  # before the imports below: models cannot be imported without

from django.db import transaction  # noqa: E402

from bench.library_words import SEGMENT_MS, SPEAKERS, say_lines  # noqa: E402
from chat.models import Conversation  # noqa: E402
from meetings.models import Meeting, Segment  # noqa: E402


def fill(meetings: int, segments: int) -> None:
    for number in range(meetings):
        with transaction.atomic():
            room = Conversation.objects.create(pk=f"bench-{number}", title=f"Week {number}")
            meeting = Meeting.objects.create(
                conversation=room, status="completed", duration_ms=segments * SEGMENT_MS
            )
            Segment.objects.bulk_create(
                build_segment(meeting, place, line)
                for place, line in enumerate(say_lines(number, segments))
            )


def build_segment(meeting: Meeting, place: int, line: str) -> Segment:
    speaker = SPEAKERS[place % len(SPEAKERS)]
    return Segment(
        meeting=meeting,
        key=f"t{place:06d}",
        position=place,
        start_ms=place * SEGMENT_MS,
        end_ms=(place + 1) * SEGMENT_MS,
        speaker=speaker,
        speaker_label=speaker,
        text=line,
    )


if __name__ == "__main__":
    fill(int(sys.argv[1]), int(sys.argv[2]))
