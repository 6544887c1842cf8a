"""Fills a service's database for the bench of growth.

`python -m bench.growth_fill deepen SESSION CHUNKS` makes a running meeting that long;
`python -m bench.growth_fill store FIRST LAST` adds finished meetings of that number.
"""

import sys
from datetime import timedelta
from typing import Any

import django

django.setup()  # before the imports below: models cannot be imported without

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from chat.models import Conversation, Event, Message  # noqa: E402
from meetings.models import AudioChunk, Meeting, Segment  # noqa: E402

CHUNK_MS = 10_240
LINE = "we should plan the release of next week before the budget is decided by the others "
MESSAGES_EVERY = 4  # chunks
STEP = 200  # meetings in a transaction
SEGMENTS_STORED, CHUNKS_STORED = 3, 2


def deepen(session_id: str, chunks: int) -> None:
    """As if the meeting had run for so many chunks: ledger, text, events, messages."""
    with transaction.atomic():
        room = Conversation.objects.select_for_update().get(pk=session_id)
        meeting = Meeting.objects.get(pk=session_id)
        new = range(meeting.highest_index + 1, chunks)
        AudioChunk.objects.bulk_create(
            (AudioChunk(meeting=meeting, index=index, **describe_chunk(index)) for index in new),
            batch_size=500,
        )
        frames = [f'{{"type":"chunk","text":"{LINE}{index}"}}' for index in new for _ in range(3)]
        first = room.last_seq + 1
        Event.objects.bulk_create(
            (
                Event(conversation=room, seq=first + number, type="chunk", frame=frame)
                for number, frame in enumerate(frames)
            ),
            batch_size=500,
        )
        Message.objects.bulk_create(
            Message(conversation=room, role="user", content=f"{LINE}{index}", seq=first + index)
            for index in new[::MESSAGES_EVERY]
        )
        Conversation.objects.filter(pk=session_id).update(last_seq=room.last_seq + len(frames))
        Meeting.objects.filter(pk=session_id).update(
            total_chunks=chunks, chunks_processed=chunks, highest_index=chunks - 1
        )


def describe_chunk(index: int) -> dict[str, Any]:
    return {
        "name": f"bench/{index:06d}",
        "sha256": f"{index:064x}",
        "size": 300_000,
        "state": "transcribed",
        "samples": CHUNK_MS * 16,
        "text": f"{LINE}{LINE}{index}",
        "heard": [{"text": f"{LINE}{LINE}{index}", "start": 0.0, "end": 9.0, "words": []}],
    }


def store(first: int, last: int) -> None:
    """Finished meetings, small ones: what counts here is how many there are."""
    for start in range(first, last, STEP):
        with transaction.atomic():
            store_batch(range(start, min(start + STEP, last)))


def store_batch(numbers: range) -> None:
    ended = timezone.now() - timedelta(days=1)
    names = {number: f"stored-{number}" for number in numbers}
    Conversation.objects.bulk_create(
        Conversation(pk=name, title=f"Week {number}", last_seq=2) for number, name in names.items()
    )
    Meeting.objects.bulk_create(
        Meeting(pk=name, status="completed", completed_at=ended, transcript=LINE)
        for name in names.values()
    )
    Segment.objects.bulk_create(
        Segment(
            meeting_id=name,
            key=f"t{place:06d}",
            position=place,
            start_ms=place * CHUNK_MS,
            end_ms=(place + 1) * CHUNK_MS,
            text=f"{LINE}{name}",
        )
        for name in names.values()
        for place in range(SEGMENTS_STORED)
    )
    AudioChunk.objects.bulk_create(
        AudioChunk(meeting_id=name, index=index, **{**describe_chunk(index), "heard": []})
        for name in names.values()
        for index in range(CHUNKS_STORED)
    )
    Event.objects.bulk_create(
        Event(conversation_id=name, seq=seq, type="chunk", frame="{}")
        for name in names.values()
        for seq in (1, 2)
    )


if __name__ == "__main__":
    if sys.argv[1] == "deepen":
        deepen(sys.argv[2], int(sys.argv[3]))
    else:
        store(int(sys.argv[2]), int(sys.argv[3]))
