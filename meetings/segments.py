"""The finished transcript: what was heard in each chunk at its place, holes named in between."""

from collections.abc import Iterator
from typing import Any

from chat import events
from meetings.drafts import Believed, believe_chunks, name_segment
from meetings.models import AudioChunk, Meeting, Segment
from meetings.recording import place_meeting
from meetings.stages import Result
from meetings.timeline import Hole, Placed, find_holes
from transcription.types import Word

FINAL_REV = 1_000  # above any that a draft of the same segment had


def store_segments(meeting: Meeting) -> Result:
    """Replaces the meeting's segments by those of its chunks as they are now."""
    rows = sorted(build_rows(meeting), key=lambda row: (row.start_ms, row.key))
    for position, row in enumerate(rows):
        row.position = position
    with events.record(meeting.pk) as log:
        meeting.segments.all().delete()
        Segment.objects.bulk_create(rows)
        for row in rows:
            append_final(log, row)
    spoken = [row for row in rows if row.kind == Segment.Kind.SPEECH]
    return {"segments": len(spoken), "words": sum(len(row.text.split()) for row in spoken)}


def build_rows(meeting: Meeting) -> Iterator[Segment]:
    chunks = {chunk.index: chunk for chunk in meeting.chunks.exclude(samples=None)}
    believed = believe_chunks(chunks.values())
    places = place_meeting(meeting)
    for place in places:
        if place.index in chunks:
            yield from build_spoken(chunks[place.index], place, believed[place.index])
    for hole in find_holes(places):
        yield build_missing(meeting, hole)


def build_spoken(chunk: AudioChunk, place: Placed, believed: Believed) -> Iterator[Segment]:
    for position, heard in believed:
        yield Segment(
            meeting_id=chunk.meeting_id,
            key=name_segment(chunk.index, position),
            start_ms=max(0, round((place.start_seconds + heard.start) * 1000)),
            end_ms=round((place.start_seconds + heard.end) * 1000),
            text=heard.text,
            speaker=heard.speaker or "",
            words=[shift_word(word, place.start_seconds) for word in heard.words],
            confidence=heard.confidence,
            engine=chunk.engine,
            model=chunk.model,
        )


def build_missing(meeting: Meeting, hole: Hole) -> Segment:
    return Segment(
        meeting=meeting,
        kind=Segment.Kind.MISSING,
        key=f"{hole.first_index:06d}-missing",
        start_ms=round(hole.start * 1000),
        end_ms=round(hole.end * 1000),
        text=hole.text,
    )


def shift_word(word: Word, seconds: float) -> dict[str, Any]:
    start, end = round(word.start + seconds, 3), round(word.end + seconds, 3)
    return {"text": word.text, "start": start, "end": end, "probability": word.probability}


def append_final(log: events.EventLog, row: Segment) -> None:
    log.append(
        "segment",
        state="final",
        id=row.key,
        rev=FINAL_REV,
        kind=row.kind,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        speaker=row.speaker or None,
        text=row.text,
        confidence=row.confidence,
    )
