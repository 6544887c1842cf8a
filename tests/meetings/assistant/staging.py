"""The sample meeting as the assistant finds it: what was really said, by whom and when."""

from functools import cache
from typing import Any

from chat.models import Conversation, Membership
from meetings import services
from meetings.analysis.registry import ANALYSES
from meetings.assistant.types import Document, Passage
from meetings.models import AudioChunk, Meeting, Segment
from tests.factories import read_reference
from transcription.types import Segment as Spoken
from transcription.types import Transcript

CHUNK_SAMPLES = 160_000  # ten seconds


def read_passages() -> tuple[Passage, ...]:
    return tuple(
        Passage(f"t{number}", it["start"], it["end"], it["speaker"], it["text"])
        for number, it in enumerate(read_reference()["utterances"])
    )


def make_document(passages: tuple[Passage, ...] = (), **facts: Any) -> Document:
    passages = passages or read_passages()
    segments = tuple(Spoken(p.start, p.end, p.text, speaker=p.speaker) for p in passages)
    transcript = Transcript(segments, duration=max(p.end for p in passages))
    find = cache(lambda stage: ANALYSES[stage](transcript))
    return Document("demo", "Weekly team meeting", passages, find, **facts)


def make_meeting(
    passages: tuple[Passage, ...], *, title: str = "Weekly", owner: str = "", pk: str = ""
) -> Meeting:
    """A completed meeting with these words."""
    meeting = services.start_meeting(title=title)
    if owner:
        own(meeting.pk, owner)
    Segment.objects.bulk_create(
        Segment(
            meeting=meeting,
            key=it.key,
            position=position,
            start_ms=round(it.start * 1000),
            end_ms=round(it.end * 1000),
            speaker=it.speaker or "",
            text=it.text,
        )
        for position, it in enumerate(passages)
    )
    Meeting.objects.filter(pk=meeting.pk).update(status="completed", total_chunks=1)
    return services.get_meeting(meeting.pk)


def own(session_id: str, *user_ids: str) -> None:
    for user_id in user_ids:
        role = "editor" if Membership.objects.filter(conversation=session_id).exists() else "owner"
        Membership.objects.create(conversation_id=session_id, user_id=user_id, role=role)


def hear(meeting: Meeting, text: str, *, index: int = 0) -> None:
    """A chunk of a running meeting, heard a moment ago."""
    heard = {"start": 1.0, "end": 4.0, "text": text, "words": []}
    AudioChunk.objects.create(
        meeting=meeting,
        index=index,
        name="x",
        sha256=str(index),
        size=1,
        samples=CHUNK_SAMPLES,
        state=AudioChunk.State.TRANSCRIBED,
        text=text,
        heard=[heard],
        rev=1,
    )
    highest = max(index, meeting.highest_index)
    Meeting.objects.filter(pk=meeting.pk).update(highest_index=highest, total_chunks=index + 1)


def make_room(session_id: str, *members: str) -> Conversation:
    room = Conversation.objects.create(pk=session_id)
    own(session_id, *members)
    return room
